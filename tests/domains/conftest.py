"""A week of the real shop, loaded once for the oracles of several domains; they recompute its marts from the files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests import homes
from tests.lean_runs import lean
from tests.shop_under_test import HEADER, ShopUnderTest, real_rows, shop_maker

FIRST, LAST = dt.date(2010, 12, 1), dt.date(2010, 12, 9)
# The 4th is a Saturday, on which the shop is closed; no file comes on the 6th.
MISSING = dt.date(2010, 12, 6)
CLOSED = dt.date(2010, 12, 4)
# Of what the till can write these days have little: charges, a debt written off, an article thrown away and one given
# away, a discount without a credit note, which the contract holds back, a customer who comes back twice on one day. The
# last line is delivered twice.
PLANTED = [
    ["536900", "AMAZONFEE", "Amazon fee", "1", "2010-12-07 09:00:00", "13.50", "", "United Kingdom"],
    ["A536901", "B", "Adjust bad debt", "1", "2010-12-07 09:10:00", "-20.00", "", "United Kingdom"],
    ["536902", "22423", "thrown away", "-3", "2010-12-07 09:20:00", "0.00", "", "United Kingdom"],
    ["536903", "22423", "given away", "2", "2010-12-07 09:30:00", "0.00", "17850", "United Kingdom"],
    ["536904", "22423", "REGENCY CAKESTAND", "2", "2010-12-07 09:40:00", "10.95", "17850", "United Kingdom"],
    ["536904", "POST", "POSTAGE", "1", "2010-12-07 09:40:00", "18.00", "17850", "United Kingdom"],
    ["536904", "D", "Discount", "-1", "2010-12-07 09:40:00", "2.50", "17850", "United Kingdom"],
    ["536905", "M", "Manual", "1", "2010-12-07 09:50:00", "4.00", "17850", "United Kingdom"],
    ["536906", "22423", "REGENCY CAKESTAND", "1", "2010-12-07 09:55:00", "10.95", "17850", "United Kingdom"],
    ["536906", "22423", "REGENCY CAKESTAND", "1", "2010-12-07 09:55:00", "10.95", "17850", "United Kingdom"],
]


@dataclass(frozen=True)
class RealWeek:
    """The shop as it was published, and the rows that were delivered to it: HEADER and `day`, all as text but `day`."""

    shop: ShopUnderTest
    delivered: pd.DataFrame

    @property
    def held(self) -> pd.Series:
        """Which of the delivered rows the contract holds back: given back, but for money, and on no credit note."""
        rows = self.delivered
        back = (rows["Quantity"].astype(int) < 0) & (rows["UnitPrice"].astype(float) > 0)
        return back & (rows["InvoiceNo"].str[0] != "C")

    def table(self, name: str, order_by: str) -> pd.DataFrame:
        """A published table, ordered."""
        columns = [column for (column,) in self.shop.query(f"select column_name from (describe {name})")]
        return pd.DataFrame(self.shop.query(f"from {name} order by {order_by}"), columns=columns)


def delivered_rows() -> dict[dt.date, list[list[str]]]:
    """The rows of each day's file; skipped days have none."""
    days = [FIRST + dt.timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
    return {
        day: real_rows(day) + [planted for planted in PLANTED if planted[4].startswith(f"{day}")]
        for day in days
        if day not in (MISSING, CLOSED)
    }


def week(folder: Path) -> None:
    """The week's files, loaded in one run."""
    shop = shop_maker(folder)(first_day=FIRST)
    for day, rows in delivered_rows().items():
        shop.deliver(day, rows)
    with lean():
        outcome = shop.run("backfill", FIRST, LAST)
    assert outcome.success, outcome.errors


@pytest.fixture(scope="session")
def real_week() -> RealWeek:
    """The week, to be read."""
    rows = [[*row, day] for day, rows in delivered_rows().items() for row in rows]
    shop = shop_maker(homes.made(week))(first_day=FIRST)
    return RealWeek(shop, pd.DataFrame(rows, columns=[*HEADER, "day"]))
