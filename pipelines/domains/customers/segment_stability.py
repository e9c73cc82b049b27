"""How far segments can be trusted: under resampling of the customers, and from one week to the next.

Belongs here: bootstrap agreement, damping of flips, flip rates. Does not belong here: the segment models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.domains.customers.segment_models import SegmentModel
from pipelines.domains.customers.segment_names import SEGMENTS, Codes, Matrix

Flags = npt.NDArray[np.bool_]

UNKNOWN = -1
# Without clear changes a customer who orders after months stays at risk for a week more. With them, orders of the week
# among them, 7.2 % of customers flip per week and 10 % of the flips are taken back within four weeks; by the distance
# alone 7.1 % and 9 %; undamped 8.0 % and 14 % (six clusters, 30 weeks of the shop).
_CLEAR = 0.5


@dataclass(frozen=True)
class Bootstrap:
    """Agreement with the memberships at hand over the resamples, 1 = always the same."""

    ari: float  # mean adjusted Rand index
    lowest_ari: float
    jaccard: dict[str, float]  # per segment: mean overlap with the customers of the same name


def bootstrap(
    fit: Callable[[Matrix], SegmentModel | None], matrix: Matrix, codes: Codes, *, n_resamples: int, seed: int
) -> Bootstrap:
    """Fit anew on customers drawn with replacement, ask each fit about all customers, compare with `codes`.

    The adjusted Rand index (Hubert and Arabie 1985) knows no names; the Jaccard index per segment (Hennig 2007) is
    taken between customers of the same NAME, so a name that jumps counts as unstable too. A resample without a fit
    counts 0.
    """
    random = np.random.default_rng(seed)
    aris: list[float] = []
    overlaps: dict[int, list[float]] = {int(code): [] for code in np.unique(codes)}
    for _ in range(n_resamples):
        model = fit(matrix[random.integers(0, len(matrix), len(matrix))])
        found = np.full(len(codes), UNKNOWN, dtype=np.int64) if model is None else model.codes(matrix)
        aris.append(0.0 if model is None else adjusted_rand_index(codes, found))
        for code, values in overlaps.items():
            values.append(float(((codes == code) & (found == code)).sum() / ((codes == code) | (found == code)).sum()))
    jaccard = {SEGMENTS[code]: float(np.mean(values)) for code, values in overlaps.items()}
    return Bootstrap(float(np.mean(aris)), min(aris), jaccard)


def adjusted_rand_index(first: Codes, second: Codes) -> float:
    """Agreement of two partitions of the same things, corrected for chance; 1 when equal, near 0 when unrelated."""
    pairs = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(pairs, (first, second), 1)

    def n_pairs(counts: Matrix) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = n_pairs(pairs), n_pairs(pairs.sum(axis=1)), n_pairs(pairs.sum(axis=0))
    expected = rows * columns / max(n_pairs(np.array([float(len(first))])), 1.0)
    largest = (rows + columns) / 2
    return 1.0 if largest == expected else (both - expected) / (largest - expected)


def confirmed(weekly: Codes, distances: Matrix | None = None, ordered: Flags | None = None) -> Codes:
    """The damped segment of each customer in the last week of `weekly` (weeks x customers, oldest first).

    A customer changes segment when two weeks running say the same, or at once when the change is clear: the customer
    ordered in that week (`ordered`: weeks x customers), or the new centre is less than half as far as the old one
    (`distances`: weeks x customers x SEGMENTS). So a change that lasts shows at most one week late, one that is small
    and taken back the week after never does, and nobody who has just ordered bears the name of the silent. The first
    known week counts at once, and so does a change out of a segment that the week no longer has. UNKNOWN = not yet a
    customer, or no model for that week.
    """
    state: Codes = weekly[0].copy()
    customers = np.arange(len(state))
    for week in range(1, len(weekly)):
        before, now = weekly[week - 1], weekly[week]
        changes = (state == UNKNOWN) | (now == before) | ~np.isin(state, now)
        if distances is not None:
            changes |= distances[week, customers, now] < _CLEAR * distances[week, customers, state]
        if ordered is not None:
            changes |= ordered[week]
        state[changes & (now != UNKNOWN)] = now[changes & (now != UNKNOWN)]
    return state


def damped(weekly: Codes, n_weeks: int, distances: Matrix | None = None, ordered: Flags | None = None) -> Codes:
    """`confirmed` of each window of `n_weeks` weeks: what the statements of the later weeks say, each from its own."""
    windows = [slice(last - n_weeks, last) for last in range(n_weeks, len(weekly) + 1)]
    return np.stack(
        [
            confirmed(weekly[w], None if distances is None else distances[w], None if ordered is None else ordered[w])
            for w in windows
        ]
    )


def flip_rate(weekly: Codes) -> float:
    """Share of customers known in two weeks running whose segment differs, over all weeks; NaN without any."""
    known = (weekly[1:] != UNKNOWN) & (weekly[:-1] != UNKNOWN)
    flips = known & (weekly[1:] != weekly[:-1])
    return float(flips.sum() / known.sum()) if known.any() else float("nan")
