"""Plain forecasts that a model must beat (baselines): the seasonal naive, quantiles of the last weekdays, zero.

Belongs here: what anyone could compute without a model. Does not belong here: who wins (selection.py).
All give the columns of `forecast_demand`: series_id, date, mean, one column per quantile, naive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from pipelines.domains.inventory.forecast import QUANTILES, forecast_frame, quantile_levels
from pipelines.domains.inventory.panel import Floats, Panel, as_panel
from pipelines.domains.inventory.seasonal_naive import WEEKS_IN_A_YEAR, naive_values, wide_quantiles
from pipelines.modeling.inputs import AsOf

# The last 8 same weekdays; weekly the last 8 weeks.
LOOK_BACK = 8
FEWEST_DIFFERENCES = 8

Rival = Callable[[Panel, int, np.ndarray, tuple[float, ...]], tuple[Floats, Floats]]


def rival_forecast(
    history: pd.DataFrame,
    method: str,
    *,
    as_of: AsOf,
    horizon: int,
    frequency: str = "D",
    quantiles: Sequence[float] = QUANTILES,
    known: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The forecast of one of RIVALS; arguments, checks and columns are those of `forecast_demand`."""
    if method not in RIVALS:
        raise ValueError(f"rival {method!r} is unknown: give one of {', '.join(RIVALS)}")
    panel = as_panel(history, known, as_of=as_of, horizon=horizon, frequency=frequency)
    return rival_at(panel, method, panel.last, quantile_levels(quantiles))


def rival_at(panel: Panel, method: str, origin: int, quantiles: tuple[float, ...]) -> pd.DataFrame:
    """The rival's forecast of the `horizon` periods after the period at position `origin`."""
    targets = np.arange(origin + 1, min(origin + panel.horizon, len(panel.dates) - 1) + 1)
    mean, bands = RIVALS[method](panel, origin, targets, quantiles)
    return forecast_frame(panel, origin, targets, quantiles, mean, bands)


def _open_past(panel: Panel, origin: int) -> Floats:
    return np.where(panel.is_open[:, : origin + 1], panel.demand[:, : origin + 1], np.nan)


def _seasonal_naive(
    panel: Panel, origin: int, targets: np.ndarray, quantiles: tuple[float, ...]
) -> tuple[Floats, Floats]:
    """The naive value, plus quantiles of what it erred by on the periods it can be checked on (the last 8 weeks)."""
    naive = naive_values(panel, origin, targets)
    bands = wide_quantiles(panel, origin, naive, quantiles)
    past = _open_past(panel, origin)
    season, recent = (7, 7 * LOOK_BACK) if panel.frequency == "D" else (WEEKS_IN_A_YEAR, 26)
    if origin + 1 > season + FEWEST_DIFFERENCES:
        first = max(season, origin + 1 - recent)
        errors = past[:, first:] - past[:, first - season : origin + 1 - season]
        enough = (~np.isnan(errors)).sum(axis=1) >= FEWEST_DIFFERENCES
        if enough.any():
            moved = quantiles_of_rows(errors[enough], quantiles)
            bands[enough] = naive[enough][:, :, None] + moved[:, None, :]
    return naive, bands


def _weekday_quantiles(
    panel: Panel, origin: int, targets: np.ndarray, quantiles: tuple[float, ...]
) -> tuple[Floats, Floats]:
    """Mean and empirical quantiles of the last 8 open same weekdays (weekly: of the last 8 weeks), sold or not."""
    past = _open_past(panel, origin)
    naive = naive_values(panel, origin, targets)
    mean, bands = naive.copy(), np.repeat(naive[:, :, None], len(quantiles), axis=2)
    for column, target in enumerate(targets):
        latest = target - 7 * -(-(target - origin) // 7) if panel.frequency == "D" else origin
        back = np.arange(latest, -1, -7 if panel.frequency == "D" else -1)
        same = past[:, back[~np.isnan(past[:, back]).all(axis=0)][:LOOK_BACK]]
        some = (~np.isnan(same)).any(axis=1)
        if some.any():
            mean[some, column] = np.nanmean(same[some], axis=1)
            bands[some, column] = quantiles_of_rows(same[some], quantiles)
    return mean, bands


def quantiles_of_rows(values: Floats, levels: Sequence[float]) -> Floats:
    """Rows x levels: the quantiles of what is told in each row (NaN: nothing is), linear between its ordered values.

    To the last bit `np.nanquantile(values, levels, axis=1).T`, which goes row by row through Python and cost a whole
    first run 6.5 CPU s.
    """
    ordered = np.sort(values, axis=1)  # NaN comes last
    last = (~np.isnan(values)).sum(axis=1)[:, None] - 1
    place = last * np.asarray(levels, dtype=np.float64)[None, :]
    below = np.floor(place)
    share = place - below
    low = np.take_along_axis(ordered, np.clip(below, 0, np.maximum(last, 0)).astype(np.intp), axis=1)
    high = np.take_along_axis(ordered, np.clip(below + 1, 0, np.maximum(last, 0)).astype(np.intp), axis=1)
    # From the nearer end, as numpy does: the two forms differ in the last bit.
    return np.asarray(np.where(share < 0.5, low + (high - low) * share, high - (high - low) * (1 - share)))


def _zero(panel: Panel, origin: int, targets: np.ndarray, quantiles: tuple[float, ...]) -> tuple[Floats, Floats]:
    shape = (len(panel.series), len(targets))
    return np.zeros(shape), np.zeros((*shape, len(quantiles)))


RIVALS: Mapping[str, Rival] = {
    "seasonal_naive": _seasonal_naive,
    "weekday_quantiles": _weekday_quantiles,
    "zero": _zero,
}
