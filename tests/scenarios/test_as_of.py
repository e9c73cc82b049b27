"""When a statement is made, when it stands, and that state and statements meet again in the end."""

from __future__ import annotations

import dataclasses
import datetime as dt

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from tests.scenarios.histories import day_by_day, days_from, delivered, in_one_run
from tests.shop_under_test import MakeShop, real_rows

pytestmark = pytest.mark.slow

DAYS = days_from(dt.date(2011, 3, 1), 3)
MADE = "select distinct as_of_date, made_at from ml.{table} order by all"
FORECASTS = MADE.format(table="ml_inventory__demand_forecasts")


def test_a_run_that_ends_before_the_newest_arrival_restates_state_and_states_nothing(make_shop: MakeShop) -> None:
    rows = real_rows(DAYS[1])
    shop, clean = (delivered(make_shop, DAYS) for _ in range(2))
    for each in (shop, clean):
        each.deliver(DAYS[1], rows[:-30])
    in_one_run(shop, DAYS)
    stated, kpis = shop.ledger(FORECASTS), shop.digests["rpt_sales_kpi_daily"]
    for each in (shop, clean):
        each.deliver(DAYS[1], rows[-30:], name="late.csv")

    earlier = shop.run("refresh", DAYS[1])
    assert shop.ledger(FORECASTS) == stated
    told = earlier.materialized["ml/ml_inventory__demand_forecasts"]
    assert told["stated"] == f"no: the run ends on {DAYS[1]}, before the newest arrival"
    assert shop.digests["rpt_sales_kpi_daily"] != kpis
    assert shop.manifest["facts"]["statements_are_stale"] is True

    shop.run("refresh", DAYS[2])
    assert shop.ledger(FORECASTS) != stated
    assert shop.manifest["facts"]["statements_are_stale"] is False
    in_one_run(clean, DAYS)
    assert shop.digests == clean.digests


def test_nothing_is_stated_twice_for_the_same_state(make_shop: MakeShop) -> None:
    shop = delivered(make_shop, DAYS)
    in_one_run(shop, DAYS)
    stated = shop.ledger(FORECASTS)
    again = shop.run("refresh", DAYS[2])
    assert shop.ledger(FORECASTS) == stated
    assert again.materialized["published/marts"]["changed"] is False


def test_each_day_keeps_its_statements_and_scores_those_before(make_shop: MakeShop) -> None:
    shop = delivered(make_shop, DAYS)
    day_by_day(shop, DAYS)
    assert [row[0] for row in shop.ledger(FORECASTS)] == DAYS
    scored = shop.query(
        "select target_date, horizon_days, count(*) from rpt_inventory_forecast_accuracy group by all order by all"
    )
    # After so few days there is no model and no product old enough: three rivals forecast revenue. The second day
    # scores the first's forecasts, the third both.
    assert scored == [(DAYS[1], 1, 3), (DAYS[2], 1, 3), (DAYS[2], 2, 3)]
    actual = "select distinct actual_total from rpt_inventory_forecast_accuracy where series_kind = 'revenue'"
    revenue = "select net_revenue_amount::double from rpt_sales_kpi_daily where calendar_date > ?"
    assert sorted(shop.query(actual)) == sorted(shop.query(revenue.replace("?", f"date '{DAYS[0]}'")))


def test_a_day_without_data_is_not_taken_for_a_day_without_demand(make_shop: MakeShop) -> None:
    days = days_from(dt.date(2011, 3, 6), 9)  # two Sundays; the shop is closed on Saturdays
    shop = delivered(make_shop, [day for day in days if day != days[1]])
    shop.settings = dataclasses.replace(
        shop.settings, shop=shop.settings.shop.model_copy(update={"first_day": days[0]})
    )
    assert in_one_run(shop, days).success
    where = f"series_kind = 'revenue' and target_date = date '{days[1] + dt.timedelta(days=14)}'"
    [(naive,)] = shop.query(f"select naive from rpt_inventory_demand_forecast where {where}")
    assert naive > 0


def test_statements_are_not_made_of_marts_that_lag_behind(make_shop: MakeShop) -> None:
    shop = delivered(make_shop, DAYS)
    shop.run("backfill", DAYS[0], DAYS[1])
    definitions = build_definitions(shop.settings)
    with dg.DagsterInstance.ephemeral() as instance:
        for prefix, succeeds in (("raw", True), ("ml", False)):
            chosen = [a for a in definitions.assets or [] if any(key.path[0] == prefix for key in a.keys)]
            result = dg.materialize(
                chosen,
                instance=instance,
                resources=definitions.resources,
                partition_key=DAYS[2].isoformat() if prefix == "raw" else None,
                raise_on_error=False,
            )
            assert result.success is succeeds
    shop.run("refresh", DAYS[2])
    clean = delivered(make_shop, DAYS)
    in_one_run(clean, DAYS)
    assert shop.digests == clean.digests
