"""My model: what a day usually amounts to, and how well that is known.

Belongs here: the arithmetic, from a frame to a frame. Does not belong here: reading marts (statements/).
The level is a median, which one great day does not move; its interval is made of two of the days' own amounts and holds
whatever their distribution is.
"""

from __future__ import annotations

from math import comb

import pandas as pd

from pipelines.modeling.inputs import AsOf, as_day

COLUMNS = ["amount_currency", "n_days", "level", "lower", "upper"]
COVERAGE = 0.9


def typical_level(days: pd.DataFrame, *, as_of: AsOf, n_days: int) -> pd.DataFrame:
    """`amount_currency, n_days, level, lower, upper` of each currency with enough days among the `n_days` that end with
    `as_of`, by currency. Of fewer days than an interval can be made of (5) nothing is stated.

    days  date, amount_currency, amount: one row per day and currency; a day without a row counts as none. What lies
          after `as_of` is not read.
    """
    last = as_day(as_of)
    window = days[(days["date"] <= last) & (days["date"] > last - pd.Timedelta(days=n_days))]
    rows = []
    for currency, group in window.groupby("amount_currency", sort=True):
        amounts = sorted(float(amount) for amount in group["amount"])
        if place := outer_place(len(amounts)):
            level = float(pd.Series(amounts).median())
            rows.append([currency, len(amounts), level, amounts[place - 1], amounts[-place]])
    return pd.DataFrame(rows, columns=COLUMNS)


def outer_place(n: int) -> int:
    """Which of `n` ordered values, counted from either end, encloses the median of what they are drawn from with a
    probability of at least COVERAGE; 0 where even the outermost ones do not."""
    place, tail = 0, 0.0
    while 2 * (tail := tail + comb(n, place) / 2**n) <= 1 - COVERAGE:
        place += 1
    return place
