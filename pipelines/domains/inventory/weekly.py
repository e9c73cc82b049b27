"""Features of weekly demand: last year's same weeks, smoothed over all series, times this year's growth.

Belongs here: what a weekly forecast looks at. With one or two years of history the season cannot be learnt by trees, so
it is built: the base of a forecast is structure, and the models learn what is left. Does not belong here: training.
"""

from __future__ import annotations

import numpy as np

from pipelines.domains.inventory.design import Block, Positions
from pipelines.domains.inventory.panel import Floats, Panel
from pipelines.domains.inventory.seasonal_naive import WEEKS_IN_A_YEAR
from pipelines.domains.inventory.yearly import growth, year_profile

WINDOWS = (4, 8, 13, 26)
# Below this many weeks there are too few targets that have a week a year before them.
FIRST_YEARLY_TARGETS = 8


class WeeklyFeatures:
    """See `Builder`. `is_yearly`: the history reaches far enough back for last year to be of use."""

    def __init__(self, panel: Panel, quantiles: tuple[float, ...]) -> None:
        self.panel = panel
        self.quantiles = quantiles
        n_past = panel.demand.shape[1]
        self.seen = ~np.isnan(panel.demand) & panel.is_open[:, :n_past]
        self.values = np.where(self.seen, panel.demand, 0.0)
        self.sums = np.concatenate([np.zeros((len(self.values), 1)), np.cumsum(self.values, axis=1)], axis=1)
        self.sizes = np.concatenate([np.zeros((len(self.values), 1)), np.cumsum(np.abs(self.values), axis=1)], axis=1)
        self.counts = np.concatenate([np.zeros((len(self.values), 1)), np.cumsum(self.seen, axis=1)], axis=1)
        self.is_yearly = n_past >= WEEKS_IN_A_YEAR + FIRST_YEARLY_TARGETS
        self.names = [
            *(f"level_{window}" for window in WINDOWS),
            *("log_size", "age", "spread", "growth_long", "growth_short", "growth_all"),
            *("horizon", "base", "own_last_year", "own_week_before", "own_week_after"),
            *(f"known_{name}" for name in panel.known),
        ]

    def block(self, origin: int, targets: Positions) -> Block:
        """All series x targets as seen from `origin`."""
        n, k = len(self.panel.series), len(targets)
        size = self._size(origin)
        level = self._mean(self.sums, origin, 13)
        base = np.repeat(level[:, None], k, axis=1)
        grown = np.full((n, 3), np.nan)
        yearly = np.full((n, k, 3), np.nan)
        if self.is_yearly and origin >= WEEKS_IN_A_YEAR - 1:
            profile = year_profile(self.values, self.panel.demand, self.panel.dates, origin, targets)
            grown, factor = growth(self.values, self.seen, origin, targets)
            base = np.where(np.isnan(profile), base, np.nan_to_num(profile) * factor)
            yearly = self._last_year(origin, targets) / size[:, None, None]
        scale = np.maximum(0.3 * size[:, None] + 0.7 * np.abs(base), 1e-6)
        static = np.concatenate([self._static(origin, size), grown], axis=1)
        at_target = np.stack(
            [
                np.broadcast_to((targets - origin).astype(np.float64), (n, k)),
                base / size[:, None],
                *np.moveaxis(yearly, 2, 0),
                *(values[:, targets] for values in self.panel.known.values()),
            ],
            axis=2,
        )
        return Block(
            features=np.concatenate([np.repeat(static[:, None, :], k, axis=1), at_target], axis=2).reshape(n * k, -1),
            base=base.ravel(),
            scale=scale.ravel(),
            own=np.repeat(base.reshape(n * k, 1), len(self.quantiles), axis=1),
            weight=(scale * self.panel.unit[:, None]).ravel(),
            series=np.repeat(np.arange(n), k),
            target=np.tile(targets, n),
            origin=np.full(n * k, origin),
        )

    def _mean(self, sums: Floats, origin: int, window: int) -> Floats:
        first = max(origin + 1 - window, 0)
        count = np.maximum(self.counts[:, origin + 1] - self.counts[:, first], 1.0)
        return np.asarray((sums[:, origin + 1] - sums[:, first]) / count)

    def _size(self, origin: int) -> Floats:
        recent, year = self._mean(self.sizes, origin, 13), self._mean(self.sizes, origin, WEEKS_IN_A_YEAR)
        return np.asarray(np.maximum(np.maximum(recent, 0.5 * year), 1e-6))

    def _static(self, origin: int, size: Floats) -> Floats:
        first = max(origin + 1 - WEEKS_IN_A_YEAR, 0)
        past = self.values[:, first : origin + 1]
        steps = np.abs(np.diff(past, axis=1)).mean(axis=1) if past.shape[1] > 1 else np.zeros(len(size))
        columns = [self._mean(self.sums, origin, window) / size for window in WINDOWS]
        columns += [np.log(size) + np.log(self.panel.unit), np.minimum(self.counts[:, origin + 1], 104.0), steps / size]
        return np.stack(columns, axis=1)

    def _last_year(self, origin: int, targets: Positions) -> Floats:
        """Series x targets x (same week, week before, week after) of the last year that `origin` has seen."""
        lag = targets - WEEKS_IN_A_YEAR * -(-(targets - origin) // WEEKS_IN_A_YEAR)
        columns = []
        for shift in (0, -1, 1):
            at = lag + shift
            inside = (at >= 0) & (at <= origin)
            columns.append(np.where(inside, self.panel.demand[:, np.clip(at, 0, origin)], np.nan))
        return np.stack(columns, axis=2)
