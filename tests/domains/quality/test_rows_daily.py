"""What became of every delivered row, recounted by pandas from the files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.domains.conftest import CLOSED, FIRST, LAST, MISSING, RealWeek

pytestmark = pytest.mark.slow


def test_every_row_of_a_file_has_one_outcome(real_week: RealWeek) -> None:
    published = real_week.table("rpt_quality_rows_daily", "arrival_date").set_index("arrival_date")
    rows = real_week.delivered
    held = real_week.held
    again = rows.duplicated() & ~held
    each = rows["Quantity"].astype(int) * rows["UnitPrice"].map(Decimal)
    for day in (FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)):
        if day in (CLOSED, MISSING):
            continue
        of, found = rows["day"] == day, published.loc[day]
        good = of & ~again & ~held
        wanted = {"physical_rows": of.sum(), "duplicate_rows": (of & again).sum(), "accepted_rows": good.sum()}
        wanted |= {
            "current_rows": good.sum(),
            "quarantined_rows": (of & held).sum(),
            "superseded_rows": 0,
            "n_files": 1,
        }
        assert {name: int(found[name]) for name in wanted} == {name: int(value) for name, value in wanted.items()}, day
        assert found["accepted_amount"] == each[good].sum(), day
        assert found["duplicate_amount"] == each[of & again].sum(), day
        assert (found["verdict"], found["accounting_gap"], found["version_gap"]) == ("accepted", 0, 0), day


def test_a_day_without_a_file_is_missing_and_a_closed_one_is_nothing(real_week: RealWeek) -> None:
    published = real_week.table("rpt_quality_rows_daily", "arrival_date").set_index("arrival_date")
    assert (published.loc[MISSING, "verdict"], published.loc[MISSING, "physical_rows"]) == ("missing", 0)
    assert CLOSED not in published.index
