"""The same week a year ago: smoothed, moved with the feasts, and grown.

Belongs here: structure of a year that one or two years of weeks can give. Does not belong here: features, training.
The smoothing over all series by their leading components and the day's shift of Christmas follow what won the public
Walmart recruiting contest on weekly store sales; the growth is our own, shrunk towards that of all series.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from pipelines.domains.inventory.design import Positions
from pipelines.domains.inventory.panel import Bools, Floats
from pipelines.domains.inventory.seasonal_naive import WEEKS_IN_A_YEAR

# Chosen over eight origins of 2011 in the benchmark's weekly sales, between which neighbouring values change the error
# by one or two percent; two years of data leave no later weeks to check them on.
COMPONENTS = 20
OWN_SHARE = 0.6
GROWTH_WEEKS = 26
SHRINK_WEEKS = 8.0
SERIES_SHARE = 0.9
LARGEST_LOG_GROWTH = 0.5
SHORT_WEEKS, SHORT_SHARE, SHORT_HALF_LIFE = 4, 0.3, 4.0
FEWEST_SERIES = 10


def year_profile(values: Floats, demand: Floats, dates: pd.DatetimeIndex, origin: int, targets: Positions) -> Floats:
    """Series x targets: demand a year before each target, as seen from `origin`; NaN for series younger than a year."""
    first = origin - WEEKS_IN_A_YEAR + 1
    year = values[:, first : origin + 1]
    whole = np.asarray(~np.isnan(demand[:, first : origin + 1]).any(axis=1))
    smooth = _smoothed(year, whole)
    columns = [_at_last_year(smooth, dates, int(target), origin, first) for target in targets]
    profile = np.stack(columns, axis=1)
    profile[~whole] = np.nan
    return profile


def _smoothed(year: Floats, whole: Bools) -> Floats:
    """Own weeks mixed with their reconstruction from the leading components of all series' years."""
    n_whole = int(whole.sum())
    if n_whole < FEWEST_SERIES:
        return year
    size = np.maximum(np.abs(year[whole]).mean(axis=1, keepdims=True), 1e-12)
    relative = np.clip(year[whole] / size, -3, 12)
    centre = relative.mean(axis=0)
    left, strength, right = np.linalg.svd(relative - centre, full_matrices=False)
    k = max(1, min(COMPONENTS, n_whole // 4))
    rebuilt = ((left[:, :k] * strength[:k]) @ right[:k] + centre) * size
    smooth = year.copy()
    smooth[whole] = OWN_SHARE * year[whole] + (1 - OWN_SHARE) * rebuilt
    return smooth


def _at_last_year(smooth: Floats, dates: pd.DatetimeIndex, target: int, origin: int, first: int) -> Floats:
    """Last year's week for one target: around Christmas by the day of the year, around Easter by Easter."""
    lag = target - WEEKS_IN_A_YEAR * -(-(target - origin) // WEEKS_IN_A_YEAR)
    day, then = dates[target], dates[lag]
    last = smooth.shape[1] - 1
    if (day.month, day.day) >= (12, 18) or (day.month, day.day) <= (1, 3):
        # 52 weeks are a day or two short of a year: that part of the week lay one week earlier last year.
        part = _days_late(day, then) / 7
        earlier = max(lag - 1 - first, 0)
        return np.asarray((1 - part) * smooth[:, lag - first] + part * smooth[:, earlier])
    at = np.asarray([lag])
    if _near_easter(day):
        moved = target - (easter(day.year) - easter(then.year)).days // 7
        at = np.asarray([moved if first <= moved <= origin else lag])
    elif _near_easter(then):
        around = np.asarray([lag + shift for shift in (-3, -2, -1, 1, 2, 3) if first <= lag + shift <= origin])
        plain = [place for place in around if not _near_easter(dates[place])]
        at = np.asarray(plain or [lag])
    return np.asarray(smooth[:, np.clip(at - first, 0, last)].mean(axis=1))


def _days_late(day: pd.Timestamp, then: pd.Timestamp) -> int:
    """By how many days `then`, whole weeks before `day`, lies later in its year than `day` in its own."""
    return int(np.clip((then - (day - pd.DateOffset(years=round((day - then).days / 365)))).days, 0, 6))


def _near_easter(day: pd.Timestamp) -> bool:
    return -8 <= (day.date() - easter(day.year)).days <= 5


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def growth(values: Floats, seen: Bools, origin: int, targets: Positions) -> tuple[Floats, Floats]:
    """(series x [long, short, all series] log growth over a year, series x targets factor to multiply last year with).

    The last half year against the same weeks a year before, shrunk towards the growth of all series and, when few weeks
    can be compared, towards none; the last weeks' deviation from it fades within weeks.
    """
    weeks = min(GROWTH_WEEKS, origin + 1 - WEEKS_IN_A_YEAR)
    if weeks < 1:
        return np.full((len(values), 3), np.nan), np.ones((len(values), len(targets)))
    long, everywhere = _log_ratio(values, seen, origin, weeks)
    short, _ = _log_ratio(values, seen, origin, min(SHORT_WEEKS, weeks))
    trust = weeks / (weeks + SHRINK_WEEKS)
    steady = trust * (everywhere + SERIES_SHARE * (long - everywhere))
    fading = SHORT_SHARE * 0.5 ** ((targets - origin) / SHORT_HALF_LIFE)
    log_factor = steady[:, None] + (short - long)[:, None] * fading[None, :]
    return np.stack([long, short, np.full(len(values), everywhere)], axis=1), np.exp(log_factor)


def _log_ratio(values: Floats, seen: Bools, origin: int, weeks: int) -> tuple[Floats, float]:
    """Log of new over old sums per series (clipped; that of all where a series has none) and of the typical series."""
    new = values[:, origin + 1 - weeks : origin + 1]
    past = slice(origin + 1 - weeks - WEEKS_IN_A_YEAR, origin + 1 - WEEKS_IN_A_YEAR)
    old = values[:, past]
    valid = (new.sum(axis=1) > 0) & (old.sum(axis=1) > 0) & seen[:, past].all(axis=1)
    ratio = np.zeros(len(values))
    ratio[valid] = np.log(new[valid].sum(axis=1)) - np.log(old[valid].sum(axis=1))
    ratio = np.clip(ratio, -LARGEST_LOG_GROWTH, LARGEST_LOG_GROWTH)
    everywhere = float(np.median(ratio[valid])) if valid.any() else 0.0
    return np.where(valid, ratio, everywhere), everywhere
