"""Planted faults: each raises the class of checks that is for it and no other."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.house.histories import days_from, delivered, in_one_run
from tests.lean_runs import lean
from tests.shop_under_test import ShopUnderTest, as_csv, real_rows, shop_maker

pytestmark = pytest.mark.slow

# Five weeks to compare with, then the planted days.
DAYS = days_from(dt.date(2011, 1, 31), 46)
MARCH = {day: dt.date(2011, 3, day) for day in range(7, 18)}
DOUBLED, PENCE, RETYPED, LOST, MISSING, LATE, RENAMED, HALVED = (MARCH[day] for day in (7, 8, 9, 10, 11, 14, 15, 16))
PLANTED = {
    DOUBLED: ("volume", "fail", "repeated_lines_half"),
    PENCE: ("distribution", "fail", "median_price_other_unit"),
    HALVED: ("volume", "warn", "rows_to_usual"),
    LOST: ("schema", "fail", "files_refused:header"),
    MISSING: ("freshness", "fail", "file_present"),
    LATE: ("freshness", "warn", "files_late"),
    RENAMED: ("schema", "fail", "files_refused:header"),
    RETYPED: ("schema", "fail", "quarantined_too_many"),
}
# A day that is not read, or not by this class, is not taken for a day that passed.
UNREAD = {
    LOST: {"volume", "distribution", "lineage"},
    RENAMED: {"volume", "distribution", "lineage"},
    MISSING: {"volume", "schema", "distribution", "lineage"},
    RETYPED: set(),
}


def plant(shop: ShopUnderTest) -> None:
    pence = [[*row[:5], str(Decimal(row[5]) * 100), *row[6:]] for row in real_rows(PENCE)]
    shop.deliver(DOUBLED, [row for row in real_rows(DOUBLED) for _ in range(2)])
    shop.deliver(PENCE, pence)
    shop.deliver(HALVED, real_rows(HALVED)[::2])
    content = as_csv(real_rows(LOST)).decode().splitlines()
    shop.deliver(LOST, "\n".join(line.rpartition(",")[0] for line in content).encode())
    (shop.settings.home.drops / "online_retail" / "transactions" / f"{MISSING}" / "day.csv").unlink()
    shop.deliver(LATE, real_rows(LATE - dt.timedelta(days=5))[1:60:2], name="late.csv")
    shop.deliver(RENAMED, as_csv(real_rows(RENAMED)).replace(b"UnitPrice", b"Price", 1))
    shop.deliver(RETYPED, [[*row[:5], row[5].replace(".", ",") + "0 GBP", *row[6:]] for row in real_rows(RETYPED)])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ShopUnderTest:
    """The planted drops, loaded in one run."""
    made = delivered(shop_maker(tmp_path_factory.mktemp("scorecard")), DAYS)
    plant(made)
    with lean():
        assert in_one_run(made, DAYS).success
    return made


@pytest.mark.parametrize("day", PLANTED)
def test_a_planted_day_raises_its_class_alone(shop: ShopUnderTest, day: dt.date) -> None:
    rows = shop.query(
        f"select check_class, status, worst_rule from rpt_quality_scorecard where arrival_date = date '{day}'"
    )
    assert len(rows) == 5
    assert [row for row in rows if row[1] in ("warn", "fail")] == [PLANTED[day]]
    unread = {name for name, status, _ in rows if status == "not checked"}
    assert unread == UNREAD.get(day, set())


def test_no_other_day_raises_anything(shop: ShopUnderTest) -> None:
    found = shop.query("select arrival_date, finding from rpt_quality_scorecard where status in ('warn', 'fail')")
    # 2011-02-06 has the fewest rows of the year, 2011-03-17 nearly all of them before noon; both are real.
    assert {day for day, _ in found} - set(PLANTED) <= {dt.date(2011, 2, 6), dt.date(2011, 3, 17)}


def test_drift_is_named_where_a_person_looks(shop: ShopUnderTest) -> None:
    reasons = dict(shop.query("select arrival_date, verdict_reason from rpt_quality_rows_daily"))
    assert "missing UnitPrice; unknown Price; looks renamed: UnitPrice -> Price" in reasons[RENAMED]
    assert "drift: UnitPrice is no longer DECIMAL(18,4) in 100 % of rows, e.g. 9,999 aaa" in reasons[RETYPED]
    assert reasons[LOST].endswith("missing Country")


def test_reasons_count_the_rows_that_are_held_back(shop: ShopUnderTest) -> None:
    counted = shop.query(
        f"select rule, outcome, row_count from rpt_quality_reasons_daily where arrival_date = date '{RETYPED}'"
    )
    [(blocked,)] = shop.query(f"select blocked_rows from rpt_quality_rows_daily where arrival_date = date '{RETYPED}'")
    assert ("UnitPrice:type", "blocked", blocked) in counted
