"""A bad week ends as a good one: late, wrong, twice or by older code, the same sales are published alike.

Belongs here: what must be so in the two homes of retail.py, which are only read. Whether a replay of the restless one
in another order gives the same too is asked by the runbook of the replay (tests/end_to_end/test_runbooks.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests import homes
from tests.house import retail
from tests.house.histories import DAY_LOCAL
from tests.house.retail import CLOSED, DAYS, LATE, Place

pytestmark = pytest.mark.slow

# What tells of deliveries rather than of sales: these differ when the same rows come in other files.
OF_DELIVERIES = {
    *("rpt_quality_rows_daily", "rpt_quality_reasons_daily", "rpt_quality_scorecard", "rpt_sales_revenue_bridge")
}


@pytest.fixture(scope="module")
def clean() -> Place:
    return Place(homes.made(retail.clean))


@pytest.fixture(scope="module")
def restless() -> Place:
    return Place(homes.made(retail.restless))


def of_sales(manifest: dict[str, Any]) -> dict[str, str]:
    """The digests of all tables that tell of sales, and of what was stated of them."""
    return {n: told["compared_digest"] for n, told in manifest["tables"].items() if n not in OF_DELIVERIES}


def test_the_restless_week_ends_as_the_clean_one(clean: Place, restless: Place) -> None:
    first, *_, last = restless.versions()
    assert of_sales(last) == of_sales(clean.shop.manifest)
    assert first["tables"]["fct_orders"]["compared_digest"] != last["tables"]["fct_orders"]["compared_digest"]
    assert [last["quality_state"], last["facts"]["open_days"]] == ["complete", []]
    assert last["facts"]["statements_are_stale"] is False


def test_a_blocked_day_is_left_out_whole_and_the_others_go_on(restless: Place) -> None:
    first, second, *_ = restless.versions()
    assert any(f"{DAYS[1]}" in warning for warning in restless.noted("warnings of the first run"))
    assert restless.noted("orders of the blocked day") == [[0]]
    assert first["quality_state"] == "incomplete"
    assert [(day["day"], day["verdict"]) for day in first["facts"]["open_days"]] == [(f"{DAYS[1]}", "blocked")]
    assert (second["quality_state"], second["facts"]["open_days"]) == ("complete", [])


def test_a_run_that_ends_before_the_newest_arrival_restates_state_and_states_nothing(restless: Place) -> None:
    first, second, *_ = restless.versions()
    _, out, _ = restless.noted("earlier days")
    assert f"no new statements: the run ends on {DAYS[1]}, before the newest arrival ({DAYS[3]})" in out
    assert restless.noted("forecasts of the second run") == restless.noted("forecasts of the first run")
    assert of_sales(second)["rpt_sales_kpi_daily"] != of_sales(first)["rpt_sales_kpi_daily"]
    assert second["facts"]["statements_are_stale"] is True


def test_each_newest_day_keeps_its_statements_and_scores_those_before(restless: Place) -> None:
    [first] = restless.noted("forecasts of the first run")
    kept, stated = restless.noted("forecasts of the last run")
    assert kept == first
    assert [first[0], stated[0]] == [f"{DAYS[3]}", f"{DAYS[4]}"]
    scored = restless.shop.query(
        "select target_date, horizon_days, actual_total from rpt_inventory_forecast_accuracy "
        "where series_kind = 'revenue' group by all"
    )
    revenue = restless.shop.query(
        f"select net_revenue_amount::double from rpt_sales_kpi_daily where calendar_date = '{DAYS[4]}'"
    )
    assert scored == [(DAYS[4], 1, *revenue[0])]


def test_late_rows_of_many_days_replace_these_days_alone(restless: Place) -> None:
    """Those of the late invoice, of the order that moves and of the day itself; the second day is left alone."""
    by_table: dict[str, set[str]] = {}
    for table, day, _, _ in restless.noted("replaced"):
        by_table.setdefault(table, set()).add(day)
    assert {table: by_table[table] for table in DAY_LOCAL} == {
        table: {f"{DAYS[number]}" for number in (0, 2, 3, 4)} for table in DAY_LOCAL
    }
    added = {day: new - old for table, day, old, new in restless.noted("replaced") if table == "fct_order_lines"}
    assert added[f"{DAYS[0]}"] == len({tuple(row) for row in LATE})


def test_an_order_that_changes_its_date_stands_once(restless: Place) -> None:
    assert restless.noted("the order before") == [[f"{DAYS[3]}", 1]]
    assert restless.noted("the order after") == [[f"{DAYS[2]}", 1]]


def test_a_closed_last_day_counts_and_stays(clean: Place, restless: Place) -> None:
    _, out, _ = restless.noted("closed day")
    assert f"{CLOSED} is a closed day of online_retail: no file is expected" in out
    assert restless.noted("calendar") == [[f"{CLOSED}"]]
    for place in (clean, restless):
        assert place.shop.query("select max(calendar_date) from dim_dates") == [(CLOSED,)]


def test_a_rerun_finds_that_nothing_changed(restless: Place) -> None:
    _, out, _ = restless.noted("once more")
    assert f"nothing changed; current is still {restless.shop.manifest['version']}" in out


def test_every_row_is_accounted_for(clean: Place, restless: Place) -> None:
    for place, held in ((clean, 0), (restless, 1)):
        drops = place.shop.settings.home.drops / "online_retail" / "transactions"
        files = [file.read_text().splitlines()[1:] for file in drops.rglob("*.csv")]
        outcomes = dict(place.shop.ledger("select outcome, sum(row_count)::bigint from ledger.row_counts group by all"))
        assert sum(outcomes.values()) == sum(map(len, files))
        assert outcomes.get("quarantined", 0) == held
        [(current,)] = place.shop.ledger("select count(*) from raw.online_retail__transactions where _is_current")
        assert current == len({line for lines in files for line in lines}) - held
