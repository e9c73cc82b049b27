"""Totals over the horizon with an interval: what a whole window will bring, per series.

Belongs here: the interval of a sum of days. Does not belong here: the days' own forecasts. The days' quantiles do not
add up to the total's (the days of a series rise and fall together, and not wholly), so the interval is calibrated on a
window that lies wholly in the past: split-conformal prediction (Papadopoulos et al. 2002) on log ratios, in groups of
like size (Mondrian: Vovk et al. 2005).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

LEVELS = (0.1, 0.9)
# A tenth of fewer series is no more than their extremes.
FEWEST_SERIES, GROUPS = 20, 3
COLUMNS = ["series_kind", "series_id", "method", "horizon_days", "mean", "lower", "upper"]


def total_intervals(coming: Floats, imitated: Floats, actual: Floats) -> tuple[Floats, Floats]:
    """(lower, upper): 80 % interval of each series' coming total, NaN when there are fewer than 20 series.

    coming    expected totals of the window to come, one per series
    imitated  what would have been expected of the window just past, by a forecast that had not seen it
    actual    what that window brought

    Like in size are series of the same third by `imitated`. One unit is added to both sides of a ratio, so that a
    series that sold nothing has one. Raises ValueError for arrays of different lengths.
    """
    if not len(coming) == len(imitated) == len(actual):
        raise ValueError(f"one total per series is needed, not {len(coming)}, {len(imitated)} and {len(actual)}")
    if len(coming) < FEWEST_SERIES:
        return np.full(len(coming), np.nan), np.full(len(coming), np.nan)
    ratios = np.log1p(np.maximum(actual, 0)) - np.log1p(np.maximum(imitated, 0))
    edges = np.quantile(imitated, np.arange(1, GROUPS) / GROUPS)
    past, ahead = np.searchsorted(edges, imitated), np.searchsorted(edges, coming)
    ends = []
    for level in LEVELS:
        shift = np.array([_conformal(ratios[past == group], ratios, level) for group in range(GROUPS)])
        ends.append(np.maximum(np.expm1(np.log1p(np.maximum(coming, 0)) + shift[ahead]), 0.0))
    return np.minimum(ends[0], coming), np.maximum(ends[1], coming)


def _conformal(group: Floats, everything: Floats, level: float) -> float:
    """The quantile of the group's ratios (of all, where the group is too small), with the finite-sample correction:
    one more series, whose ratio is unknown, counts at the far end."""
    sample = np.sort(group if len(group) >= FEWEST_SERIES else everything)
    rank = np.ceil(level * (len(sample) + 1)) if level > 0.5 else np.floor(level * (len(sample) + 1))
    return float(sample[int(np.clip(rank, 1, len(sample))) - 1])


def total_frame(
    forecast: pd.DataFrame, imitated: pd.DataFrame, *, kind: str, method: str, horizon: int
) -> pd.DataFrame:
    """One row per series of `forecast` (series_id, mean): COLUMNS.

    `imitated` has series_id, mean and actual of the days of the window just past.
    """
    coming = forecast.groupby("series_id", sort=True)["mean"].sum()
    past = imitated.groupby("series_id", sort=True)[["mean", "actual"]].sum().reindex(coming.index, fill_value=0.0)
    lower, upper = total_intervals(
        coming.to_numpy(np.float64), past["mean"].to_numpy(np.float64), past["actual"].to_numpy(np.float64)
    )
    return pd.DataFrame(
        {
            "series_kind": kind,
            "series_id": coming.index.astype(str),
            "method": method,
            "horizon_days": horizon,
            "mean": coming.to_numpy(np.float64),
            "lower": lower,
            "upper": upper,
        }
    )[COLUMNS]
