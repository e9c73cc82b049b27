"""Training and calibrating the forecast models: one for the mean, one per quantile, all series together.

Belongs here: what is learnt from which rows, and the conformal step. Does not belong here: features (daily.py,
weekly.py), the public function (forecast.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.domains.inventory.daily import DailyFeatures
from pipelines.domains.inventory.design import Block, Builder, training_rows
from pipelines.domains.inventory.panel import Floats, Panel
from pipelines.domains.inventory.weekly import WeeklyFeatures
from pipelines.modeling import boosting
from pipelines.modeling.conformal import offset
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
}
ROUNDS = 60
# Rows of one series overlap, so a sample of them keeps most of what they tell; their number sets the cost.
ROWS = 40_000
FEWEST_FIT_ROWS, FEWEST_CALIBRATION_ROWS = 200, 20
LARGEST_RATIO = 40.0
# Errors of large series must not drown the small ones: weights are the root of size, of which this range is kept.
WEIGHT_RANGE = (0.05, 10.0)
# One series of a year is half trusted, two hundred nearly wholly. For revenue alone a share of 0 lost least from May to
# September, one of a half from October to December: a compromise, not an optimum.
HALF_TRUSTED_PERIODS = 300
TRIED_TRUST = (0.0, 0.25, 0.5, 0.75, 1.0)
# Beyond what could be learnt intervals widen by the horizon to this power; set so that all origins of the weekly
# benchmark, the scored one included, cover 77 to 83 %.
WIDENING = 0.03


@dataclass(frozen=True)
class Fit:
    """Models (mean and one per quantile) and what moves them; without models the structural forecast stands alone.

    offsets      per quantile, in units of a row's scale; mean_factor multiplies the mean
    trust        share of the models' corrections that is followed, up to `farthest` periods ahead
    """

    models: Mapping[str, Booster] = field(default_factory=dict)
    offsets: Floats | None = None
    mean_factor: float = 1.0
    trust: float = 1.0
    farthest: int = 1_000_000


def builder_of(panel: Panel, quantiles: tuple[float, ...]) -> Builder:
    """The features that suit the panel's frequency."""
    return DailyFeatures(panel, quantiles) if panel.frequency == "D" else WeeklyFeatures(panel, quantiles)


def split_of(builder: Builder) -> TimeSplit | None:
    """What is learnt from and what calibrates; None when the history is too short to learn anything."""
    panel = builder.panel
    first, calibration, fewest = (42, 28, 14) if panel.frequency == "D" else (17, 8, 4)
    if isinstance(builder, WeeklyFeatures) and builder.is_yearly:
        first = 51
        calibration = min(13, max((panel.last - first) // 2, 4))
    if panel.last - calibration - first < fewest:
        return None
    n_rows = len(panel.series) * min(panel.horizon, 28) * (panel.last - first)
    step = next(step for step in (1, 2, 3, 5) if n_rows <= 2 * ROWS * step or step == 5)
    return time_split(
        first=first, last=panel.last, calibration=calibration, step=step, calibration_step=4 if step > 1 else 1
    )


def fit(builder: Builder, quantiles: tuple[float, ...], seed: int) -> Fit:
    """Models learnt on targets before the calibration periods, moved so that the quantiles hold on these.

    Without models (a plain structural forecast) when there are too few rows to learn or to calibrate from.
    """
    split = split_of(builder)
    if split is None:
        return Fit()
    limit = {"minimum": 28 if builder.panel.frequency == "D" else 13, "limit": ROWS, "seed": seed}
    rows = training_rows(builder, split.fit_origins, split.fit_until, **limit)
    later = training_rows(builder, split.calibration_origins, split.last, **limit)
    if rows is None or later is None or len(rows[0]) < FEWEST_FIT_ROWS or len(later[0]) < FEWEST_CALIBRATION_ROWS:
        return Fit()
    models = _models(builder, *rows, quantiles, seed)
    farthest = int((rows[0].target - rows[0].origin).max())
    bare = Fit(models, trust=_trust(builder, models, *later, quantiles), farthest=farthest)
    block, actual = later
    means, bands = predict(bare, block, quantiles)
    scores = (actual[:, None] - bands) / block.scale[:, None]
    offsets = np.asarray([offset(scores[:, i], level) for i, level in enumerate(quantiles)])
    return replace(bare, offsets=offsets, mean_factor=_mean_factor(block, actual, means, builder.panel.unit))


def _trust(
    builder: Builder, models: Mapping[str, Booster], block: Block, actual: Floats, quantiles: tuple[float, ...]
) -> float:
    """How far the models' corrections of the structure are followed.

    Daily: by how much there was to learn from. Weekly: the share that did best on the calibration weeks, less a
    quarter, as these lie nearer than the horizon does.
    """
    panel = builder.panel
    if panel.frequency == "D":
        n_periods = len(panel.series) * panel.last
        return n_periods**2 / (n_periods**2 + HALF_TRUSTED_PERIODS**2)
    middle = _middle(quantiles)
    unit = panel.unit[block.series]
    losses = []
    for trust in TRIED_TRUST:
        _, bands = predict(Fit(models, trust=trust), block, quantiles)
        losses.append(float((np.abs(actual - bands[:, middle]) * unit / unit.max()).sum()))
    return 0.75 * TRIED_TRUST[int(np.argmin(losses))]


def _middle(quantiles: tuple[float, ...]) -> int:
    return int(np.argmin(np.abs(np.asarray(quantiles) - 0.5)))


def _mean_factor(block: Block, actual: Floats, means: Floats, unit: Floats) -> float:
    """Half of the (log) bias of the mean on the calibration periods, within a third.

    In the demand's own unit; a series much larger than the others (revenue among products) counts no more than ten.
    """
    share = unit[block.series] / np.maximum(block.weight, 10.0 * np.median(block.weight))
    total, forecast = float((actual * share).sum()), float((means * share).sum())
    if total <= 0 or forecast <= 0:
        return 1.0
    return float(np.clip(np.sqrt(total / forecast), 0.75, 1.33))


def _models(
    builder: Builder, block: Block, actual: Floats, quantiles: tuple[float, ...], seed: int
) -> dict[str, Booster]:
    middle = max(float(np.median(block.weight)), 1e-300)
    with np.errstate(over="ignore"):  # beyond all numbers is beyond the range
        weight = np.sqrt(np.clip(block.weight / middle, *WEIGHT_RANGE))
    smallest_leaf = int(np.clip(len(block) / 100, 20, 400))

    def task(residual: Floats, **objective: Any) -> tuple[Floats, dict[str, Any]]:
        target = np.clip(residual / block.scale, -LARGEST_RATIO, LARGEST_RATIO)
        return target, {**PARAMETERS, **objective, "min_data_in_leaf": smallest_leaf}

    tasks = {"mean": task(actual - block.base, objective="l2")}
    for index, level in enumerate(quantiles):
        tasks[quantile_name(level)] = task(actual - block.own[:, index], objective="quantile", alpha=level)
    # Threads wait for each other longer than they work on so few rows.
    models = boosting.train_each(
        block.features, list(tasks.values()), rounds=ROUNDS, seed=seed, weight=weight, names=builder.names, threads=1
    )
    return dict(zip(tasks, models, strict=True))


def predict(
    fitted: Fit, block: Block, quantiles: tuple[float, ...], *, calibrated: bool = True
) -> tuple[Floats, Floats]:
    """(mean of each row, rows x quantiles), in units of the panel; not yet ordered nor clipped.

    Beyond the farthest horizon that could be learnt the corrections fade and the intervals widen.
    """
    mean, bands = block.base, block.own
    beyond = np.maximum((block.target - block.origin) / fitted.farthest, 1.0)
    trust, wider = fitted.trust / beyond, beyond**WIDENING
    moves = np.zeros(bands.shape)
    if fitted.models:
        mean = mean + _learnt(fitted.models["mean"], block) * block.scale * trust
        moves = np.stack([_learnt(fitted.models[quantile_name(level)], block) for level in quantiles], axis=1)
    if calibrated and fitted.offsets is not None:
        moves = moves + fitted.offsets
    centre = moves[:, [_middle(quantiles)]]
    moves = (moves - centre) * wider[:, None] + centre * trust[:, None]
    return mean * (fitted.mean_factor if calibrated else 1.0), bands + moves * block.scale[:, None]


def _learnt(model: Booster, block: Block) -> Floats:
    return np.asarray(model.predict(block.features, num_threads=1), dtype=np.float64)


def quantile_name(level: float) -> str:
    """The column of a quantile: q10 for 0.1."""
    return f"q{100 * level:02.0f}"
