"""The same arrivals in any order, at any pace and by any history of the code publish the same."""

import datetime as dt
import itertools
from collections.abc import Callable

import pytest

from tests.conftest import ShopUnderTest, as_csv, real_rows

pytestmark = pytest.mark.slow

FIRST = dt.date(2011, 3, 6)  # a Sunday; Saturday 2011-03-12 is closed
DAYS = [FIRST + dt.timedelta(days=offset) for offset in range(6)]
BY_ARRIVAL = {"rpt_quality_rows_daily"}
MakeShop = Callable[..., ShopUnderTest]


def delivered(make_shop: MakeShop, days: list[dt.date] = DAYS, **overrides: object) -> ShopUnderTest:
    shop = make_shop(first_day=FIRST, **overrides)
    for day in days:
        shop.deliver(day)
    return shop


def without(digests: dict[str, str], names: set[str]) -> dict[str, str]:
    return {name: digest for name, digest in digests.items() if name not in names}


def test_one_run_equals_daily_runs_equals_a_rerun(make_shop: MakeShop) -> None:
    whole, daily = delivered(make_shop), delivered(make_shop)
    assert whole.run("backfill", DAYS[0], DAYS[-1]).success
    for day in DAYS:
        assert daily.run("refresh", day).success
    assert whole.digests == daily.digests
    assert whole.manifest["quality_state"] == "complete"
    version = whole.manifest["version"]
    again = whole.run("backfill", DAYS[0], DAYS[-1])
    assert again.success
    assert again.materialized["published/marts"]["changed"] is False
    assert whole.manifest["version"] == version


def test_days_in_any_order(make_shop: MakeShop) -> None:
    whole, shuffled = delivered(make_shop), delivered(make_shop)
    whole.run("backfill", DAYS[0], DAYS[-1])
    for day in (DAYS[4], DAYS[1], DAYS[5], DAYS[0], DAYS[3], DAYS[2]):
        shuffled.run("refresh", day)
    assert whole.digests == shuffled.digests


def test_a_blocked_day_is_left_out_whole_and_the_others_go_on(make_shop: MakeShop) -> None:
    whole, daily = delivered(make_shop), delivered(make_shop)
    for shop in (whole, daily):
        bad = [[*row[:3], "many", *row[4:]] for row in real_rows(DAYS[2])]
        shop.deliver(DAYS[2], bad)
    outcome = whole.run("backfill", DAYS[0], DAYS[-1])
    assert outcome.success
    assert any(DAYS[2].isoformat() in warning for warning in outcome.warnings)
    results = [daily.run("refresh", day) for day in DAYS]
    assert [r.success for r in results] == [True, True, False, True, True, True]
    assert results[2].errors[0][0] == "DagsterAssetCheckFailedError"
    assert whole.digests == daily.digests
    assert whole.manifest["quality_state"] == "incomplete"
    assert [entry["day"] for entry in whole.manifest["facts"]["open_days"]] == [DAYS[2].isoformat()]
    assert whole.query(f"select count(*) from fct_orders where ordered_date = '{DAYS[2]}'") == [(0,)]


def test_late_rows_land_on_their_own_day(make_shop: MakeShop) -> None:
    on_time = delivered(make_shop)
    on_time.run("backfill", DAYS[0], DAYS[-1])
    rows = real_rows(DAYS[1])
    seen = [row for row in rows if rows.count(row) == 1]
    late = seen[100:140]
    shops = []
    for _ in range(2):
        shop = delivered(make_shop)
        shop.deliver(DAYS[1], [row for row in rows if row not in late])
        shop.deliver(DAYS[4], as_csv(late), name="late.csv")
        shops.append(shop)
    daily, clean = shops
    for day in DAYS:
        assert daily.run("refresh", day).success
    clean.run("backfill", DAYS[0], DAYS[-1])
    assert daily.digests == clean.digests
    assert without(daily.digests, BY_ARRIVAL) == without(on_time.digests, BY_ARRIVAL)


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
    daily, clean = shops
    for day in DAYS[:3]:
        daily.run("refresh", day)
    where = f"select ordered_date, count(*) from fct_orders where order_id = '{invoice}' group by all"
    assert daily.query(where) == [(DAYS[2], 1)]
    for day in DAYS[3:]:
        daily.run("refresh", day)
    clean.run("backfill", DAYS[0], DAYS[-1])
    assert daily.query(where) == [(DAYS[1], 1)]
    assert daily.query(f"select distinct ordered_date from fct_order_lines where order_id = '{invoice}'") == [
        (DAYS[1],)
    ]
    assert daily.digests == clean.digests


def test_a_file_delivered_twice_changes_nothing(make_shop: MakeShop) -> None:
    once, twice = delivered(make_shop, DAYS[:3]), delivered(make_shop, DAYS[:3])
    twice.deliver(DAYS[2], real_rows(DAYS[0]), name="again.csv")
    for shop in (once, twice):
        shop.run("backfill", DAYS[0], DAYS[2])
    assert without(once.digests, BY_ARRIVAL) == without(twice.digests, BY_ARRIVAL)


def test_a_corrected_file_replaces_the_first(make_shop: MakeShop) -> None:
    corrected, right = delivered(make_shop, DAYS[:3]), delivered(make_shop, DAYS[:3])
    rows = real_rows(DAYS[1])
    corrected.deliver(DAYS[1], [[*row[:3], "7", *row[4:]] if row[0][0] != "C" else row for row in rows])
    corrected.run("backfill", DAYS[0], DAYS[2])
    corrected.deliver(DAYS[1], rows)
    corrected.run("backfill", DAYS[0], DAYS[2])
    right.run("backfill", DAYS[0], DAYS[2])
    assert without(corrected.digests, BY_ARRIVAL) == without(right.digests, BY_ARRIVAL)


def test_an_older_codes_home_equals_a_clean_build(make_shop: MakeShop) -> None:
    old = delivered(make_shop, own_code=True)
    models = old.settings.dbt_project_dir / "models" / "core"
    newest = (models / "fct_orders.sql").read_text()
    (models / "fct_orders.sql").write_text(newest.replace("'sale'", "'sold'"))
    assert newest != (models / "fct_orders.sql").read_text()
    old.run("backfill", DAYS[0], DAYS[3])
    before = old.digests
    (models / "fct_orders.sql").write_text(newest)
    clean = delivered(make_shop)
    clean.run("backfill", DAYS[0], DAYS[-1])
    for day in DAYS[4:]:
        assert old.run("refresh", day).success
    assert old.digests == clean.digests
    assert before.keys() == clean.digests.keys()


@pytest.mark.parametrize("hole", [1, 4])
def test_a_day_without_a_file_is_named(make_shop: MakeShop, hole: int) -> None:
    shop = delivered(make_shop, [day for day in DAYS if day != DAYS[hole]])
    assert shop.run("backfill", DAYS[0], DAYS[-1]).success
    assert shop.manifest["quality_state"] == "incomplete"
    assert [(e["day"], e["verdict"]) for e in shop.manifest["facts"]["open_days"]] == [(f"{DAYS[hole]}", "missing")]
    shop.deliver(DAYS[hole])
    assert shop.run("refresh", DAYS[hole]).success
    assert shop.manifest["quality_state"] == "complete"


def test_rows_are_accounted_for(make_shop: MakeShop) -> None:
    shop = delivered(make_shop)
    shop.run("backfill", DAYS[0], DAYS[-1])
    physical = sum(len(real_rows(day)) for day in DAYS)
    counted = dict(shop.ledger("select outcome, sum(row_count)::bigint from ledger.row_counts group by all"))
    distinct = sum(len({tuple(row) for row in real_rows(day)}) for day in DAYS)
    assert counted == {"accepted": distinct, "duplicate": physical - distinct}
    assert shop.ledger("select count(*) from raw.online_retail__transactions where _is_current") == [(distinct,)]
    assert list(itertools.chain.from_iterable(shop.ledger("select count(*) from quality.quarantined_rows"))) == [0]
