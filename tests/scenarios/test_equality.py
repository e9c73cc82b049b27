"""The same arrivals in any order, at any pace and by any history of the code publish the same."""

import datetime as dt

import pytest

from tests.scenarios import histories
from tests.scenarios.histories import late_days
from tests.shop_under_test import MakeShop, ShopUnderTest, as_csv, real_rows, shop_maker

pytestmark = pytest.mark.slow

FIRST = dt.date(2011, 3, 6)  # a Sunday; the shop is open on all four days
DAYS = [FIRST + dt.timedelta(days=offset) for offset in range(4)]
# What models say: stated at the newest day only.
OF_STATEMENTS = {
    *("rpt_customers_segments", "rpt_customers_segment_memberships", "rpt_customers_values"),
    *("rpt_inventory_demand_forecast", "rpt_inventory_product_watch", "rpt_quality_model_scores"),
}
# What tells of deliveries rather than of sales: these differ when the same rows come in other files.
OF_DELIVERIES = {
    *("rpt_quality_rows_daily", "rpt_quality_reasons_daily", "rpt_quality_scorecard", "rpt_sales_revenue_bridge")
}


# The tables that are replaced day by day and depend on nothing but the day's own rows.
DAY_LOCAL = ("customer_days", "demand_daily", "fct_order_lines", "fct_orders", "kpi_daily")


def delivered(make_shop: MakeShop, days: list[dt.date] = DAYS, **overrides: object) -> ShopUnderTest:
    shop = make_shop(first_day=FIRST, **overrides)
    for day in days:
        shop.deliver(day)
    return shop


def of_state(shop: ShopUnderTest) -> dict[str, str]:
    return {name: digest for name, digest in shop.digests.items() if name not in OF_STATEMENTS}


def of_sales(shop: ShopUnderTest) -> dict[str, str]:
    return {name: digest for name, digest in shop.digests.items() if name not in OF_DELIVERIES}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> ShopUnderTest:
    """The four days as delivered on time, built in one run from nothing. Only read by the tests."""
    shop = delivered(shop_maker(tmp_path_factory.mktemp("clean")))
    assert shop.run("backfill", DAYS[0], DAYS[-1]).success
    return shop


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [2, 0, 3, 1]], ids=["daily", "any order"])
def test_daily_runs_equal_one_run(make_shop: MakeShop, clean: ShopUnderTest, order: list[int]) -> None:
    daily = delivered(make_shop)
    for position in order:
        assert daily.run("refresh", DAYS[position]).success
    assert of_state(daily) == of_state(clean)
    assert daily.run("refresh", DAYS[-1]).success  # statements are made at the newest day only, from all that is known
    assert daily.digests == clean.digests
    assert daily.manifest["digest"] == clean.manifest["digest"]
    assert daily.manifest["quality_state"] == "complete"


def test_a_rerun_finds_that_nothing_changed(clean: ShopUnderTest) -> None:
    version = clean.manifest["version"]
    again = clean.run("backfill", DAYS[0], DAYS[-1])
    assert again.success
    assert again.materialized["published/marts"]["changed"] is False
    assert clean.manifest["version"] == version


def test_a_blocked_day_is_left_out_whole_and_the_others_go_on(make_shop: MakeShop) -> None:
    whole, daily = delivered(make_shop), delivered(make_shop)
    for shop in (whole, daily):
        bad = [[*row[:3], "many", *row[4:]] for row in real_rows(DAYS[2])]
        shop.deliver(DAYS[2], bad)
    outcome = whole.run("backfill", DAYS[0], DAYS[-1])
    assert outcome.success
    assert any(DAYS[2].isoformat() in warning for warning in outcome.warnings)
    results = [daily.run("refresh", day) for day in DAYS]
    assert [result.success for result in results] == [True, True, False, True]
    assert results[2].errors[0][0] == "DagsterAssetCheckFailedError"
    assert whole.digests == daily.digests
    assert whole.manifest["quality_state"] == "incomplete"
    assert [entry["day"] for entry in whole.manifest["facts"]["open_days"]] == [DAYS[2].isoformat()]
    assert whole.query(f"select count(*) from fct_orders where ordered_date = '{DAYS[2]}'") == [(0,)]


def test_late_rows_land_on_their_own_day(make_shop: MakeShop, clean: ShopUnderTest) -> None:
    rows = real_rows(DAYS[0])
    late = [row for row in rows if rows.count(row) == 1][100:140]
    shops = []
    for _ in range(2):
        shop = delivered(make_shop)
        shop.deliver(DAYS[0], [row for row in rows if row not in late])
        shop.deliver(DAYS[3], as_csv(late), name="late.csv")
        shops.append(shop)
    daily, at_once = shops
    for day in DAYS:
        assert daily.run("refresh", day).success
    at_once.run("backfill", DAYS[0], DAYS[-1])
    assert daily.digests == at_once.digests
    assert of_sales(daily) == of_sales(clean)


def test_late_rows_of_many_days_replace_these_days_alone(make_shop: MakeShop) -> None:
    history = late_days(make_shop, DAYS, DAYS[:2], DAYS[-1] + dt.timedelta(days=1), count=15)
    assert all(run.success for run in history.runs)
    assert history.standing.digests == history.clean.digests
    by_table: dict[str, set[dt.date]] = {}
    for table, day, deleted, inserted in (row for row in history.replaced if row[0] in DAY_LOCAL):
        by_table.setdefault(table, set()).add(day)
        assert inserted > 0, (table, day)
        assert deleted > 0, (table, day)
    assert by_table == {table: {*DAYS[:2]} for table in DAY_LOCAL}
    orders = [(day, added - gone) for table, day, gone, added in history.replaced if table == "fct_order_lines"]
    assert orders == [(day, 15) for day in DAYS[:2]]


def test_an_order_that_changes_its_date_stands_once(make_shop: MakeShop) -> None:
    """A line delivered late carries an earlier time of the same invoice: the whole order moves to that day."""
    rows = real_rows(DAYS[2])
    invoice = rows[-1][0]
    earlier = [*rows[-1][:4], f"{DAYS[1]} 09:00:00", *rows[-1][5:]]
    shops = []
    for _ in range(2):
        shop = delivered(make_shop)
        shop.deliver(DAYS[3], as_csv([earlier]), name="late.csv")
        shops.append(shop)
    daily, at_once = shops
    daily.run("backfill", DAYS[0], DAYS[2])
    where = f"select ordered_date, count(*) from fct_orders where order_id = '{invoice}' group by all"
    assert daily.query(where) == [(DAYS[2], 1)]
    daily.run("refresh", DAYS[3])
    at_once.run("backfill", DAYS[0], DAYS[-1])
    assert daily.query(where) == [(DAYS[1], 1)]
    lines = f"select distinct ordered_date from fct_order_lines where order_id = '{invoice}'"
    assert daily.query(lines) == [(DAYS[1],)]
    assert daily.digests == at_once.digests


def test_a_day_delivered_again_changes_no_sale(make_shop: MakeShop, clean: ShopUnderTest) -> None:
    twice = delivered(make_shop)
    twice.deliver(DAYS[2], real_rows(DAYS[0]), name="again.csv")
    twice.run("backfill", DAYS[0], DAYS[-1])
    assert of_sales(twice) == of_sales(clean)


def test_a_corrected_file_replaces_the_first(make_shop: MakeShop, clean: ShopUnderTest) -> None:
    corrected = delivered(make_shop)
    rows = real_rows(DAYS[1])
    corrected.deliver(DAYS[1], [[*row[:3], "7", *row[4:]] if row[0][0] != "C" else row for row in rows])
    corrected.run("backfill", DAYS[0], DAYS[-1])
    corrected.deliver(DAYS[1], rows)
    corrected.run("refresh", DAYS[1])
    corrected.run("refresh", DAYS[-1])
    assert of_sales(corrected) == of_sales(clean)


def test_an_older_codes_home_equals_a_clean_build(make_shop: MakeShop) -> None:
    seen = histories.an_older_codes_home(make_shop, DAYS, kept=3)
    assert all(run.success for run in seen.history.daily_runs)
    assert seen.history.equal
    assert seen.before["fct_orders"] != seen.history.whole.digests["fct_orders"]


@pytest.mark.parametrize("hole", [1, 3])
def test_a_day_without_a_file_is_named(make_shop: MakeShop, clean: ShopUnderTest, hole: int) -> None:
    shop = delivered(make_shop, [day for day in DAYS if day != DAYS[hole]])
    assert shop.run("backfill", DAYS[0], DAYS[-1]).success
    assert shop.manifest["quality_state"] == "incomplete"
    assert [(e["day"], e["verdict"]) for e in shop.manifest["facts"]["open_days"]] == [(f"{DAYS[hole]}", "missing")]
    shop.deliver(DAYS[hole])
    assert shop.run("refresh", DAYS[hole]).success
    assert shop.manifest["quality_state"] == "complete"
    assert of_state(shop) == of_state(clean)
    assert shop.run("refresh", DAYS[-1]).success
    assert shop.digests == clean.digests


def test_every_row_is_accounted_for(clean: ShopUnderTest) -> None:
    physical = sum(len(real_rows(day)) for day in DAYS)
    counted = dict(clean.ledger("select outcome, sum(row_count)::bigint from ledger.row_counts group by all"))
    distinct = sum(len({tuple(row) for row in real_rows(day)}) for day in DAYS)
    assert counted == {"accepted": distinct, "duplicate": physical - distinct}
    assert clean.ledger("select count(*) from raw.online_retail__transactions where _is_current") == [(distinct,)]
    assert clean.ledger("select count(*) from quality.quarantined_rows") == [(0,)]
