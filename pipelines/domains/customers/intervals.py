"""Draws made into an interval, and its two levels set by what happened in an earlier period.

Belongs here: 80 % intervals of an amount. Does not belong here: the draws (outlooks.py), the periods (values.py).

The levels are split-conformal on the time axis, over the place of the actual in each customer's own distribution
(Chernozhukov, Wuethrich and Zhu, "Distributional conformal prediction", PNAS 2021): if actuals of the calibration
period lay above the 0.95 quantile of their draws in 10 % of cases, the upper end is the 0.95 quantile from then on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.domains.customers.outlooks import Outlook

Vector = npt.NDArray[np.float64]

COVERAGE = 0.8
N_DRAWS = 500
BLOCK = 4096
# Beyond these the 500 draws have no quantile to give.
OUTERMOST = 0.004


@dataclass(frozen=True)
class Levels:
    """The quantiles of the draws that are the ends of the interval."""

    low: float = (1 - COVERAGE) / 2
    high: float = (1 + COVERAGE) / 2


@dataclass(frozen=True)
class Intervals:
    """Per customer the ends of the interval, and `place`: where the actual lies in the draws, from 0 to 1."""

    lower: Vector
    upper: Vector
    place: Vector


def intervals(outlook: Outlook, levels: Levels, *, seed: int, actual: Vector | None = None) -> Intervals:
    """The interval of each customer at `levels`; the place of `actual` where it is given, else 0.

    Many draws are 0, and so are many actuals: among equal draws the place is drawn evenly, so that places of actuals
    from the right distribution are uniform.
    """
    # Two streams: a statement that is scored has the same ends as one that is not.
    rng, ties = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    n = len(outlook.amount)
    lower, upper, place = np.zeros(n), np.zeros(n), np.zeros(n)
    for start in range(0, n, BLOCK):
        rows = slice(start, min(start + BLOCK, n))
        draws = outlook.draw(rows, N_DRAWS, rng)
        ends = _positions(levels)
        draws.partition(ends, axis=1)
        lower[rows], upper[rows] = draws[:, ends[0]], draws[:, ends[1]]
        if actual is not None:
            below = (draws < actual[rows, None]).mean(axis=1)
            not_above = (draws <= actual[rows, None]).mean(axis=1)
            place[rows] = below + (not_above - below) * ties.random(len(below))
    return Intervals(lower, upper, place)


def calibrated(place: Vector) -> Levels:
    """The levels between which `place` lies in 80 % of cases, 10 % on each side, with the correction for few cases."""
    n = len(place)
    tail = max((n + 1) * (1 - COVERAGE) / 2 / n - 1 / n, 0)
    low, high = np.quantile(place, [tail, 1 - tail], method="inverted_cdf")
    # An interval that crosses the middle would leave out what the method holds most likely.
    return Levels(float(np.clip(low, OUTERMOST, 0.5)), float(np.clip(high, 0.5, 1 - OUTERMOST)))


def _positions(levels: Levels) -> tuple[int, int]:
    return int(np.floor(levels.low * (N_DRAWS - 1))), int(np.ceil(levels.high * (N_DRAWS - 1)))
