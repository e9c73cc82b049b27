"""Training and calibrating the forecast models: one for the mean, one per quantile, all series together.

Belongs here: what is learnt from which rows, and the conformal step. Does not belong here: features (daily.py,
weekly.py), the public function (forecast.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.inventory.daily import DailyFeatures
from pipelines.inventory.design import Block, Builder, training_rows
from pipelines.inventory.panel import Floats, Panel
from pipelines.inventory.weekly import WeeklyFeatures
from pipelines.modeling import boosting
from pipelines.modeling.conformal import offsets_by_group
from pipelines.modeling.splits import TimeSplit, time_split

if TYPE_CHECKING:
    from lightgbm import Booster

# Small trees: on earlier windows of the real shop, deeper and more trees changed the loss by less than half a percent.
PARAMETERS: Mapping[str, Any] = {
    "learning_rate": 0.08,
    "num_leaves": 6,
    "lambda_l2": 1.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
}
ROUNDS = 60
FIT_ROWS = 40_000
CALIBRATION_ROWS = 40_000
LARGEST_RATIO = 40.0
# Where errors of large series must not drown the small ones: weights are the root of size, within 10 of the median.
WEIGHT_RANGE = (0.05, 10.0)


@dataclass(frozen=True)
class Fit:
    """Models and what moves them: `offsets` (groups x levels, in units of a row's scale), `mean_factor`."""

    models: Mapping[str, Booster] = field(default_factory=dict)
    offsets: Floats | None = None
    mean_factor: float = 1.0
    split: TimeSplit | None = None


def builder_of(panel: Panel, quantiles: tuple[float, ...]) -> Builder:
    """The features that suit the panel's frequency."""
    return DailyFeatures(panel, quantiles) if panel.frequency == "D" else WeeklyFeatures(panel, quantiles)


def split_of(builder: Builder) -> TimeSplit | None:
    """What is learnt from and what calibrates; None when the history is too short to learn anything."""
    panel = builder.panel
    if panel.frequency == "D":
        first, calibration = 42, 28
    elif isinstance(builder, WeeklyFeatures) and builder.is_yearly:
        first, calibration = 51, min(13, max((panel.last - 51) // 2, 4))
    else:
        first, calibration = 17, 8
    n_rows = max(len(panel.series), 1) * min(panel.horizon, 28) * max(panel.last - first, 1)
    step = next(step for step in (1, 2, 3, 5) if n_rows / step <= 2 * FIT_ROWS or step == 5)
    if panel.last - calibration - first < (14 if panel.frequency == "D" else 4):
        return None
    return time_split(first=first, last=panel.last, calibration=calibration, step=step, calibration_step=4 if step > 1 else 1)


def fit(builder: Builder, quantiles: tuple[float, ...], seed: int) -> Fit:
    """Models learnt on targets before the calibration days, moved so that the quantiles hold on these."""
    split = split_of(builder)
    minimum = 28 if builder.panel.frequency == "D" else 13
    if split is None:
        return Fit()
    rows = training_rows(builder, split.fit_origins, split.fit_until, minimum=minimum, limit=FIT_ROWS, seed=seed)
    later = training_rows(
        builder, split.calibration_origins, split.last, minimum=minimum, limit=CALIBRATION_ROWS, seed=seed
    )
    if rows is None or later is None or len(rows[0]) < 200 or len(later[0]) < 20:
        return Fit()
    models = _models(builder, *rows, quantiles, seed)
    bare = Fit(models=models, split=split)
    block, actual = later
    means, bands = predict(bare, block, quantiles)
    scores = (actual[:, None] - bands) / block.scale[:, None]
    groups = size_groups(block, len(builder.panel.series))
    offsets = np.stack(
        [offsets_by_group(scores[:, i], groups, level, n_groups=1) for i, level in enumerate(quantiles)], axis=1
    )
    return Fit(models, offsets, _mean_factor(block, actual, means, builder.panel.unit), split)


def size_groups(block: Block, n_series: int) -> np.ndarray:
    """One group: finer ones did not hold better on earlier windows."""
    return np.zeros(len(block), dtype=np.int64)


def _mean_factor(block: Block, actual: Floats, means: Floats, unit: Floats) -> float:
    """Half of the (log) bias of the mean on the calibration days, in the demand's own unit, within a third."""
    size = unit[block.series]
    share = np.minimum(1.0, 10.0 * np.median(block.weight) / np.maximum(block.weight, 1e-300))
    total, forecast = float((actual * size * share).sum()), float((means * size * share).sum())
    if total <= 0 or forecast <= 0:
        return 1.0
    return float(np.clip(np.sqrt(total / forecast), 0.75, 1.33))


def _models(builder: Builder, block: Block, actual: Floats, quantiles: tuple[float, ...], seed: int) -> dict[str, Booster]:
    middle = max(float(np.median(block.weight)), 1e-300)
    weight = np.sqrt(np.clip(block.weight / middle, *WEIGHT_RANGE))
    leaf = {"min_data_in_leaf": int(np.clip(len(block) / 100, 20, 400))}

    def learn(objective: Mapping[str, Any], residual: Floats) -> Booster:
        target = np.clip(residual / block.scale, -LARGEST_RATIO, LARGEST_RATIO)
        parameters = {**PARAMETERS, **leaf, **objective}
        return boosting.train(
            block.features, target, parameters, rounds=ROUNDS, seed=seed, weight=weight, names=builder.names
        )

    models = {"mean": learn({"objective": "l2"}, actual - block.base)}
    for index, level in enumerate(quantiles):
        objective = {"objective": "quantile", "alpha": level}
        models[quantile_name(level)] = learn(objective, actual - block.own[:, index])
    return models


def predict(fitted: Fit, block: Block, quantiles: tuple[float, ...], *, calibrated: bool = True) -> tuple[Floats, Floats]:
    """(mean of each row, rows x quantiles), in units of the panel; not yet ordered nor clipped."""
    mean, bands = block.base, block.own
    if fitted.models:
        mean = mean + _learnt(fitted.models["mean"], block) * block.scale
        learnt = [_learnt(fitted.models[quantile_name(level)], block) for level in quantiles]
        bands = bands + np.stack(learnt, axis=1) * block.scale[:, None]
    if calibrated:
        mean = mean * fitted.mean_factor
    if calibrated and fitted.offsets is not None:
        bands = bands + fitted.offsets[0][None, :] * block.scale[:, None]
    return mean, bands


def _learnt(model: Booster, block: Block) -> Floats:
    return np.asarray(model.predict(block.features, num_threads=1), dtype=np.float64)


def quantile_name(level: float) -> str:
    """The column of a quantile: q10 for 0.1."""
    return f"q{100 * level:02.0f}"
