"""Features of daily demand: levels, sale days, weekdays, the whole shop's pace.

Belongs here: what a daily forecast looks at. Everything is relative to the series' own recent level, so that one model
serves all series. Does not belong here: training, calibration.
"""

from __future__ import annotations

import numpy as np

from pipelines.domains.inventory.design import Block, Positions
from pipelines.domains.inventory.panel import Floats, Panel

WINDOWS = (7, 14, 28, 56, 91)
# Half-lives in open days. Against 24, a level of 12 lost as little from June to September and less in the autumn.
LEVEL_HALF_LIFE = 12.0
SLOW_HALF_LIFE = 60.0
FAST_HALF_LIFE = 6.0
# Own quantiles come from the last 72 open days (12 weeks), the mean of two half-lives: new enough and not too few.
OWN_DAYS = 72
OWN_HALF_LIVES = (14.0, 36.0)
OWN_LEVELS = (0.25, 0.75)


class DailyFeatures:
    """See `Builder`. Running sums over the panel, so that a block costs little."""

    def __init__(self, panel: Panel, quantiles: tuple[float, ...]) -> None:
        self.panel = panel
        self.quantiles = quantiles
        n_past = panel.demand.shape[1]
        self.seen = ~np.isnan(panel.demand) & panel.is_open[:, :n_past]
        self.values = np.where(self.seen, panel.demand, 0.0)
        self.sums = _running(self.values)
        self.counts = _running(self.seen.astype(np.float64))
        self.sale_days = _running((self.values != 0).astype(np.float64))
        self.sizes = {life: _decayed(np.abs(self.values), self.seen, life) for life in _LIVES}
        self.levels = {life: _decayed(self.values, self.seen, life) for life in _LIVES}
        self.roots = _decayed(np.sqrt(np.abs(self.values)), self.seen, LEVEL_HALF_LIFE) ** 2
        self.shifts = _running(np.abs(self.values - self.levels[LEVEL_HALF_LIFE]) * self.seen)
        self.last_sale = np.maximum.accumulate(np.where(self.values != 0, np.arange(n_past), -1000), axis=1)
        self.pace = _pace(np.abs(self.values), self.seen, self.sizes[LEVEL_HALF_LIFE], self.sizes[SLOW_HALF_LIFE])
        self.names = self._names()

    def _names(self) -> list[str]:
        return [
            *(f"level_{window}" for window in WINDOWS),
            *("level_fast", "level_root", "sale_share_28", "sale_share_91", "spread_91", "days_since_sale"),
            *("log_size", "age", "largest_56", "pace_14", "pace_42"),
            *(f"own_{index}" for index in range(len(OWN_HALF_LIVES) * (len(self.quantiles) + len(OWN_LEVELS)))),
            *("horizon", "weekday", "weekday_factor", "weekday_own_8", "weekday_own_13", "last_year"),
            *(f"known_{name}" for name in self.panel.known),
        ]

    def block(self, origin: int, targets: Positions) -> Block:
        """All series x targets as seen from `origin`."""
        n, k = len(self.panel.series), len(targets)
        scale = self._scale(origin)
        factor = self._weekday_factors(origin)
        own = self._own_quantiles(origin, factor, scale)
        static = np.concatenate([self._static(origin, scale), own.reshape(n, -1)], axis=1)
        at_target = self._at_targets(origin, targets, scale, factor)
        features = np.concatenate([np.repeat(static[:, None, :], k, axis=1), at_target], axis=2)
        by_weekday = factor[targets % 7][None, :]
        own_mean = own[:, :, : len(self.quantiles)].mean(axis=1)
        size = scale[:, None] * by_weekday
        level = 0.8 * self.levels[LEVEL_HALF_LIFE][:, origin] + 0.2 * self.levels[SLOW_HALF_LIFE][:, origin]
        return Block(
            features=features.reshape(n * k, -1),
            base=(level[:, None] * by_weekday).ravel(),
            scale=size.ravel(),
            own=(own_mean[:, None, :] * size[:, :, None]).reshape(n * k, -1),
            weight=(size * self.panel.unit[:, None]).ravel(),
            series=np.repeat(np.arange(n), k),
            target=np.tile(targets, n),
            origin=np.full(n * k, origin),
        )

    def _scale(self, origin: int) -> Floats:
        size = 0.8 * self.sizes[LEVEL_HALF_LIFE][:, origin] + 0.2 * self.sizes[SLOW_HALF_LIFE][:, origin]
        ever = self.sums[:, origin + 1] / np.maximum(self.counts[:, origin + 1], 1.0)
        return np.asarray(np.maximum(size, np.maximum(0.05 * np.abs(ever), 1e-6)))

    def _mean(self, origin: int, window: int) -> Floats:
        first = max(origin + 1 - window, 0)
        count = self.counts[:, origin + 1] - self.counts[:, first]
        return np.asarray((self.sums[:, origin + 1] - self.sums[:, first]) / np.maximum(count, 1.0))

    def _share(self, sums: Floats, origin: int, window: int) -> Floats:
        first = max(origin + 1 - window, 0)
        count = self.counts[:, origin + 1] - self.counts[:, first]
        return np.asarray((sums[:, origin + 1] - sums[:, first]) / np.maximum(count, 1.0))

    def _static(self, origin: int, scale: Floats) -> Floats:
        largest = np.abs(self.values[:, max(origin - 55, 0) : origin + 1]).max(axis=1)
        columns = [
            *(self._mean(origin, window) / scale for window in WINDOWS),
            self.levels[FAST_HALF_LIFE][:, origin] / scale,
            self.roots[:, origin] / scale,
            self._share(self.sale_days, origin, 28),
            self._share(self.sale_days, origin, 91),
            self._share(self.shifts, origin, 91) / scale,
            np.minimum(origin - self.last_sale[:, origin], 200.0),
            np.log(scale) + np.log(self.panel.unit),
            np.minimum(self.counts[:, origin + 1], 120.0),
            largest / scale,
            np.full(len(scale), _mean_of_seen(self.pace[max(origin - 13, 0) : origin + 1])),
            np.full(len(scale), _mean_of_seen(self.pace[max(origin - 41, 0) : origin + 1])),
        ]
        return np.stack(columns, axis=1)

    def _weekday_factors(self, origin: int) -> Floats:
        """What each weekday (position modulo 7) sells relative to the average day, shrunk towards 1."""
        recent = np.arange(max(origin - 90, 0), origin + 1)
        recent = recent[~np.isnan(self.pace[recent])]
        if not len(recent) or not np.abs(self.pace[recent]).sum():
            return np.ones(7)
        pace, weekday = self.pace[recent] / self.pace[recent].mean(), recent % 7
        sums, counts = np.bincount(weekday, pace, minlength=7), np.bincount(weekday, minlength=7)
        return np.asarray(np.maximum((sums + 2.0) / (counts + 2.0), 0.05))

    def _own_quantiles(self, origin: int, factor: Floats, scale: Floats) -> Floats:
        """Series x half-lives x levels: quantiles of its last open days, weekdays evened out, newer days weigh more."""
        days = np.flatnonzero(self.seen[:, : origin + 1].any(axis=0))[-OWN_DAYS:]
        if not len(days):
            return np.zeros((len(scale), len(OWN_HALF_LIVES), len(self.quantiles) + len(OWN_LEVELS)))
        even = self.values[:, days] / factor[days % 7] / scale[:, None]
        weights = [
            np.where(self.seen[:, days], 0.5 ** (np.arange(len(days))[::-1] / life), 0.0) for life in OWN_HALF_LIVES
        ]
        levels = (*self.quantiles, *OWN_LEVELS)
        return np.stack([weighted_quantiles(even, weight, levels) for weight in weights], axis=1)

    def _at_targets(self, origin: int, targets: Positions, scale: Floats, factor: Floats) -> Floats:
        shape = (len(scale), len(targets))
        latest = targets - 7 * -(-(targets - origin) // 7)
        columns = [
            np.broadcast_to((targets - origin).astype(np.float64), shape),
            np.broadcast_to((targets % 7).astype(np.float64), shape),
            np.broadcast_to(factor[targets % 7], shape),
            self._same_weekday(latest, 8) / scale[:, None],
            self._same_weekday(latest, 13) / scale[:, None],
            self._last_year(origin, targets),
            *(values[:, targets] for values in self.panel.known.values()),
        ]
        return np.stack(columns, axis=2)

    def _same_weekday(self, latest: Positions, weeks: int) -> Floats:
        back = latest[:, None] - 7 * np.arange(weeks)[None, :]
        inside = back >= 0
        values = np.where(inside, self.values[:, np.maximum(back, 0)], 0.0).sum(axis=2)
        counts = np.where(inside, self.seen[:, np.maximum(back, 0)], False).sum(axis=2)
        return np.asarray(values / np.maximum(counts, 1))

    def _last_year(self, origin: int, targets: Positions) -> Floats:
        """The fortnight around the same day a year ago against the level of then; NaN in a first year."""
        shape = (len(self.panel.series), len(targets))
        if origin < 364 + 28:
            return np.full(shape, np.nan)
        then = np.minimum(targets - 364 + 7, origin)
        count = self.counts[:, then + 1] - self.counts[:, np.maximum(then - 13, 0)]
        mean = (self.sums[:, then + 1] - self.sums[:, np.maximum(then - 13, 0)]) / np.maximum(count, 1.0)
        level = self._mean(origin - 364, 28)[:, None]
        return np.where((count > 0) & (level > 0), np.clip(mean / np.maximum(level, 1e-9), -20, 20), np.nan)


_LIVES = (FAST_HALF_LIFE, LEVEL_HALF_LIFE, SLOW_HALF_LIFE)


def weighted_quantiles(values: Floats, weight: Floats, levels: tuple[float, ...]) -> Floats:
    """Row-wise quantiles under weights (rows x levels): the first value that passes a level with half of its weight."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered, mass = np.take_along_axis(values, order, axis=1), np.take_along_axis(weight, order, axis=1)
    total = np.maximum(mass.sum(axis=1, keepdims=True), 1e-300)
    reached = (np.cumsum(mass, axis=1) - mass / 2) / total
    rows = np.arange(len(values))
    found = [ordered[rows, np.minimum((reached < level).sum(axis=1), values.shape[1] - 1)] for level in levels]
    return np.stack(found, axis=1)


def _running(values: Floats) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _decayed(values: Floats, seen: np.ndarray, half_life: float) -> Floats:
    """Exponentially weighted mean over the days seen so far; 0 before the first."""
    keep = 0.5 ** (1.0 / half_life)
    total, mass = np.zeros(len(values)), np.zeros(len(values))
    means = np.zeros(values.shape)
    for day in range(values.shape[1]):
        now = seen[:, day]
        total = np.where(now, keep * total + values[:, day], total)
        mass = np.where(now, keep * mass + 1.0, mass)
        means[:, day] = total / np.maximum(mass, 1e-9)
    return means


def _pace(values: Floats, seen: np.ndarray, size: Floats, slow: Floats) -> Floats:
    """Each day's size over that of the days before, averaged over all series; NaN on a closed day."""
    before = (size + 0.1 * slow)[:, :-1]
    ratio = np.where(seen[:, 1:] & (before > 0), values[:, 1:] / np.maximum(before, 1e-12), 0.0)
    ratio = np.concatenate([np.zeros((len(values), 1)), np.clip(ratio, -20, 20)], axis=1)
    count = seen.sum(axis=0)
    return np.where(count > 0, ratio.sum(axis=0) / np.maximum(count, 1), np.nan)


def _mean_of_seen(values: Floats) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if len(seen) else 1.0
