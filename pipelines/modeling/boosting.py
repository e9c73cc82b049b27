"""Boosted trees, always trained the same way: deterministic, as text, checked before use.

Belongs here: how LightGBM is called. Does not belong here: features and what is predicted (the domains).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from lightgbm import Booster

Matrix = npt.NDArray[np.float64]

# Training twice must give the same bytes: histogram construction is forced (the automatic choice measures time), the
# number of threads is fixed (the order of float sums follows it), and all seeds derive from one.
DETERMINISTIC: Mapping[str, Any] = {
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbosity": -1,
    "feature_pre_filter": False,
}


def train(
    features: Matrix,
    target: Matrix,
    parameters: Mapping[str, Any],
    *,
    rounds: int,
    seed: int,
    weight: Matrix | None = None,
    names: list[str] | None = None,
    categorical: list[str] | None = None,
    threads: int | None = None,
) -> Booster:
    """A booster of `rounds` trees on rows x columns `features` (NaN = missing) and one `target` per row.

    `parameters` are LightGBM's own (objective, learning_rate ...); what makes training repeatable is added here.
    `threads` other than the fixed number: 1 pays on few thousand rows, where threads wait for each other (measured on
    a busy machine: 0.03 s on one, 0.1 to 3 s on two).
    """
    tasks = [(target, parameters)]
    return train_each(
        features,
        tasks,
        rounds=rounds,
        seed=seed,
        weight=weight,
        names=names,
        categorical=categorical,
        threads=threads,
    )[0]


def train_each(
    features: Matrix,
    tasks: Sequence[tuple[Matrix, Mapping[str, Any]]],
    *,
    rounds: int,
    seed: int,
    weight: Matrix | None = None,
    names: list[str] | None = None,
    categorical: list[str] | None = None,
    threads: int | None = None,
) -> list[Booster]:
    """A booster per (target, parameters), each the same to the last bit as `train` gives it: the features are put into
    bins once for all, which of 60 rounds on 40,000 rows is a sixth. The parameters must bin alike."""
    import lightgbm

    rows = lightgbm.Dataset(
        features,
        weight=weight,
        feature_name=_plain(names) if names else "auto",
        categorical_feature=categorical or "auto",
        params={"verbosity": -1, "feature_pre_filter": False},
    )
    repeatable = {**DETERMINISTIC, "num_threads": threads or DETERMINISTIC["num_threads"], "seed": seed}
    boosters = []
    for target, parameters in tasks:
        rows.set_label(target)
        boosters.append(lightgbm.train({**parameters, **repeatable}, rows, num_boost_round=rounds))
    return boosters


def _plain(names: Sequence[str]) -> list[str]:
    """The names in letters, digits and _, which is all that LightGBM admits; alike ones get their place behind."""
    plain = [re.sub(r"[^0-9A-Za-z_]", "_", name) for name in names]
    return [name if plain.count(name) == 1 else f"{name}__{place}" for place, name in enumerate(plain)]


def to_text(booster: Booster) -> tuple[str, str]:
    """(LightGBM's text form of the model, sha256 of that text)."""
    text = str(booster.model_to_string())
    return text, text_sha256(text)


def from_text(text: str, sha256: str) -> Booster:
    """The booster that `text` holds. Raises ValueError when the text is not the one that `sha256` was taken of."""
    found = text_sha256(text)
    if found != sha256:
        raise ValueError(f"the model's text has sha256 {found[:12]}, not {sha256[:12]}: train it anew")
    import lightgbm

    return lightgbm.Booster(model_str=text)


def text_sha256(text: str) -> str:
    """The sha256 of a text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def contributions(booster: Booster, features: Matrix) -> Matrix:
    """Rows x (columns + 1): what each feature adds to the raw prediction of each row, the base value last.

    These are TreeSHAP values (Lundberg et al. 2020), computed by LightGBM itself.
    """
    return np.asarray(booster.predict(features, pred_contrib=True), dtype=np.float64)
