"""Customer segments of Online Retail: agreement over resamples, flips from week to week, and what stating them costs.

`python -m benchmarks.segments` prints every figure with its bar; exit code 1 when one misses it.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from itertools import pairwise

import pandas as pd

from benchmarks.measured import Measured, at_most, printed
from benchmarks.online_retail import NEWEST, customer_days
from pipelines.domains.customers.segments import ARI_FLOOR, StatedSegments, state_segments

AS_OFS = (NEWEST, dt.date(2011, 9, 9), dt.date(2011, 6, 10))
# Weekly statements from the first full quarter with clusters on.
PATH_WEEKS = 30
BOUNCE_WEEKS = 4


def run() -> list[Measured]:
    """All figures of customer segments, printed as they come."""
    days = customer_days()
    rows: list[Measured] = []
    state_segments(days, as_of=NEWEST)  # imports apart
    for part in (_of_one_day, _of_a_path):
        rows += printed(part(days))
    return rows


def _of_one_day(days: pd.DataFrame) -> list[Measured]:
    rows = []
    for as_of in AS_OFS:
        before = time.process_time()
        stated = state_segments(days, as_of=as_of)
        seconds = time.process_time() - before
        for method, measure, value, is_published in stated.scores.drop(columns="subject").itertuples(index=False):
            has_bar = measure == "bootstrap_ari" and is_published
            bar = f">= {ARI_FLOOR:g}" if has_bar else None
            name = f"{as_of} {measure} {method}{' (published)' if is_published else ''}"
            rows.append(Measured(name, float(value), bar, value >= ARI_FLOOR if has_bar else True))
        rows.append(Measured(f"{as_of} least stability of a segment", float(stated.profiles["stability"].min())))
        rows.append(at_most(f"{as_of} CPU seconds for {len(stated.memberships)} customers", seconds, 3.0))
    return rows


def _of_a_path(days: pd.DataFrame) -> list[Measured]:
    """What a reader of every week's statement sees: each is made for itself, from the customer days alone."""
    weeks = [NEWEST - dt.timedelta(weeks=back) for back in reversed(range(PATH_WEEKS))]
    path = [state_segments(days, as_of=week) for week in weeks]
    kinds = {(tuple(stated.profiles["segment"]), stated.profiles["method"].iat[0]) for stated in path}
    rates = {column: _flips(path, column) for column in ("segment", "undamped_segment")}
    (damped, damped_back, worst), (undamped, undamped_back, undamped_worst) = rates.values()
    name = f"{PATH_WEEKS} weekly statements:"
    return [
        Measured(f"{name} different lists of names", float(len(kinds))),
        Measured(f"{name} flips per week undamped", undamped),
        at_most(f"{name} flips per week", damped, undamped),
        Measured(f"{name} flips in the worst week undamped", undamped_worst),
        Measured(f"{name} flips in the worst week", worst),
        Measured(f"{name} share of flips taken back undamped", undamped_back),
        at_most(f"{name} share of flips taken back within {BOUNCE_WEEKS} weeks", damped_back, undamped_back),
    ]


def _flips(path: list[StatedSegments], column: str) -> tuple[float, float, float]:
    """(share of customers that flip per week, share of flips taken back, share that flips in the worst week)."""
    table = pd.concat([stated.memberships.set_index("customer_id")[column] for stated in path], axis=1).to_numpy()
    n_flips = n_known = n_back = 0
    worst = 0.0
    for week, (before, now) in enumerate(pairwise(table.T), start=1):
        known = ~pd.isna(before) & ~pd.isna(now)
        flips = known & (before != now)
        later = table[:, week + 1 : week + 1 + BOUNCE_WEEKS]
        n_back += int((flips & (later == before[:, None]).any(axis=1)).sum())
        n_flips, n_known = n_flips + int(flips.sum()), n_known + int(known.sum())
        worst = max(worst, float(flips.sum() / known.sum()))
    return n_flips / n_known, n_back / n_flips, worst


if __name__ == "__main__":
    sys.exit(int(not all(row.passes for row in run())))
