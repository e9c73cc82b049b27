"""Two ways to segment customers by recency, frequency, money and tenure: clusters, and fifths by rule.

Belongs here: fitting both and reading memberships off them. Does not belong here: names (segment_names), how far to
trust them (segment_stability).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

import numpy as np
import pandas as pd

from pipelines.domains.customers.segment_names import SEGMENTS, Codes, Matrix, name_centres

# Where KMeans starts: the typical customer of each kind, standardised, as measured over the months of the shop
# (recency, frequency, money, tenure). A start that means something ends in the same optimum month after month:
# bootstrap ARI .87 to .94 with 6 clusters (random starts .78 to .95), inertia at most 0.4 % above the best of 10
# random starts. Seeded clustering: Basu, Banerjee and Mooney 2002. The first k make the start of k clusters.
_STARTS = np.array(
    [
        (-1.0, 1.9, 1.6, 0.8),
        (-0.7, 0.6, 0.5, 0.5),
        (-0.8, -0.8, -0.6, -2.0),
        (1.4, -0.8, -0.8, 0.4),
        (0.6, 0.2, 0.2, 0.5),
        (0.3, -0.8, -0.7, -0.8),
    ]
)
# The rule's table: rows recency score 5 (latest) to 1, columns value score 1 (lowest) to 5.
_GRID = np.array(
    [
        ["new", "new", "loyal", "champions", "champions"],
        ["new", "new", "loyal", "champions", "champions"],
        ["slipping", "slipping", "loyal", "loyal", "loyal"],
        ["slipping", "slipping", "at_risk", "at_risk", "at_risk"],
        ["hibernating", "hibernating", "at_risk", "at_risk", "at_risk"],
    ]
)
_GRID_CODES = np.array([[SEGMENTS.index(name) for name in row] for row in _GRID], dtype=np.int64)


class SegmentModel(Protocol):
    """What was learned from some customers and can be asked about any."""

    def codes(self, matrix: Matrix) -> Codes:
        """The segment of each row of `segment_matrix`, as its place in SEGMENTS."""
        ...


def segment_matrix(features: pd.DataFrame) -> Matrix:
    """Customers x (recency, frequency, money, tenure), logs of days / 30 + 1, orders and money.

    The month in the log of days keeps the difference between today and last week small, and so the weekly flips: with
    days alone 10 to 14 % of the customers changed per week, with this 5 to 7 %. Net sales below 1 count as 1.
    """
    return np.column_stack(
        [
            np.log1p(features["recency_days"].to_numpy(dtype=np.float64) / 30),
            np.log(features["frequency"].to_numpy(dtype=np.float64)),
            np.log(np.maximum(features["monetary_amount"].to_numpy(dtype=np.float64), 1.0)),
            np.log1p(features["tenure_days"].to_numpy(dtype=np.float64) / 30),
        ]
    )


@dataclass(frozen=True)
class Clusters:
    """Named KMeans clusters: a customer belongs to the nearest centre. `is_true`: the names hold (`name_centres`)."""

    mean: Matrix
    scale: Matrix
    centres: Matrix
    segment_codes: Codes
    is_true: bool

    def distances(self, matrix: Matrix) -> Matrix:
        """Customers x SEGMENTS: distance to each segment's centre in standard deviations; infinite for absent ones."""
        scaled = (matrix - self.mean) / self.scale
        distances = np.full((len(matrix), len(SEGMENTS)), np.inf)
        for centre, code in zip(self.centres, self.segment_codes, strict=True):
            distances[:, code] = np.sqrt(np.square(scaled - centre).sum(axis=1))
        return distances

    def codes(self, matrix: Matrix) -> Codes:
        """The segment of each row."""
        return np.asarray(self.distances(matrix).argmin(axis=1), dtype=np.int64)


def fit_clusters(matrix: Matrix, n_clusters: int) -> Clusters | None:
    """KMeans (Lloyd) of `n_clusters` from the typical customers; None with fewer different customers than clusters.

    On one thread: partial sums of several are added in the order in which threads end, and change the last bits.
    """
    from sklearn.cluster import KMeans

    if (~pd.DataFrame(matrix).duplicated()).sum() < n_clusters:
        return None
    mean, spread = matrix.mean(axis=0), matrix.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    scaled = np.ascontiguousarray((matrix - mean) / scale)
    with one_thread():
        found = KMeans(n_clusters, init=_STARTS[:n_clusters], n_init=1, random_state=0).fit(scaled)
    centres = np.asarray(found.cluster_centers_, dtype=np.float64)
    segment_codes, is_true = name_centres(centres)
    return Clusters(mean, scale, centres, segment_codes, is_true)


def one_thread() -> AbstractContextManager[object]:
    """Numerical libraries run on one thread inside this context."""
    return cast(AbstractContextManager[object], _controller().limit(limits=1))


@cache
def _controller() -> Any:
    # Looking the loaded libraries up costs 6 ms, as much as one fit; scikit-learn is loaded by then.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@dataclass(frozen=True)
class Grid:
    """The plain rule: scores by fifths of recency, and of frequency and money together, and a table of 5 x 5 names."""

    recency: Matrix
    frequency: Matrix
    money: Matrix

    def codes(self, matrix: Matrix) -> Codes:
        """The segment of each row."""
        if not len(matrix):
            return np.empty(0, dtype=np.int64)
        silence = _fifth(self.recency, matrix[:, 0])
        value = (_fifth(self.frequency, matrix[:, 1]) + _fifth(self.money, matrix[:, 2]) + 1) // 2
        codes: Codes = _GRID_CODES[silence, value]
        return codes


def fit_grid(matrix: Matrix) -> Grid:
    """The rule's fifths, of the customers given. Equal values get equal scores, as in the RFM snapshots."""
    return Grid(*(np.sort(matrix[:, column]) for column in range(3)))


def _fifth(known: Matrix, values: Matrix) -> Codes:
    """0 to 4: fifths of the share of `known` that lies below each value."""
    below = np.searchsorted(known, values, side="left")
    return np.asarray(np.minimum(5 * below // len(known), 4), dtype=np.int64)
