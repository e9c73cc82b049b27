"""The figures of the report against a recomputation row by row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.reporting.periods import Span
from pipelines.reporting.readings import Readings
from tests.reporting.pages import readings_of
from tests.reporting.published_file import AS_OF, empty_file, manifest, published_file

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return published_file(days=200)


@pytest.fixture(scope="module")
def readings(con: duckdb.DuckDBPyConnection) -> Readings:
    return readings_of(con)


def rows_of(con: duckdb.DuckDBPyConnection, table: str) -> Rows:
    cursor = con.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def inside(rows: Rows, span: Span, day: str) -> Rows:
    return [row for row in rows if span.first <= row[day] <= span.last]


def total(rows: Rows, part: str) -> float:
    return float(sum((row[f"{part}_amount"] for row in rows), Decimal()))


def test_key_figures_are_those_of_the_orders(con: duckdb.DuckDBPyConnection, readings: Readings) -> None:
    orders = rows_of(con, "fct_orders")
    firsts = {row["order_id"] for row in rows_of(con, "fct_orders_lifecycle") if row["is_first"]}
    found = {(r["period"], r["span"], r["country"]): r for r in readings["kpis"].to_dict("records")}
    checked = 0
    for period in readings.periods:
        for span_name, span in (("now", period.span), ("before", period.before)):
            for country in ("", *readings.countries):
                if span is None:
                    assert (period.name, span_name, country) not in found
                    continue
                chosen = [r for r in inside(orders, span, "ordered_date") if country in ("", r["country"])]
                sales = [r for r in chosen if r["order_type"] == "sale"]
                row = found[period.name, span_name, country]
                assert row["net_revenue"] == pytest.approx(total(chosen, "net_revenue"))
                assert row["net_sales"] == pytest.approx(total(chosen, "net_sales"))
                assert row["orders"] == len(sales)
                assert row["buyers"] == len({r["customer_id"] for r in sales} - {None})
                assert row["units"] == sum(r["units_sold"] for r in chosen)
                assert row["new_customers"] == len([r for r in sales if r["order_id"] in firsts])
                assert row["aov"] == pytest.approx(total(chosen, "net_sales") / len(sales))
                assert row["returns_share"] == pytest.approx(-total(chosen, "returns") / total(chosen, "gross_sales"))
                checked += 1
    assert checked == 4 * 5  # three periods, two of which have one before


def test_the_bridge_adds_up_to_the_same_money(con: duckdb.DuckDBPyConnection, readings: Readings) -> None:
    bridge = readings["bridge"]
    for period in readings.periods:
        of_shop = inside(rows_of(con, "rpt_sales_revenue_bridge"), period.span, "calendar_date")
        for country in ("", *readings.countries):
            chosen = bridge[(bridge["period"] == period.name) & (bridge["country"] == country)]
            orders = inside(rows_of(con, "fct_orders"), period.span, "ordered_date")
            expected = sum(r["total_amount"] for r in orders if country in ("", r["country"]))
            booked = chosen[chosen["leads_to"] != "delivered"]
            assert booked["amount"].sum() == pytest.approx(float(expected))
            if not country:
                assert chosen["amount"].sum() == pytest.approx(float(sum(r["amount"] for r in of_shop)))


def test_days_know_their_age_and_their_average(con: duckdb.DuckDBPyConnection, readings: Readings) -> None:
    days = readings["days"]
    shop = days[days["country"] == ""].set_index("date")
    kpis = {row["calendar_date"]: row for row in rows_of(con, "rpt_sales_kpi_daily")}
    assert len(shop) == len(kpis) == 200
    for day, row in shop.iterrows():
        date = pd.Timestamp(str(day)).date()
        assert row["age"] == (AS_OF - date).days
        week = [kpis[date - dt.timedelta(days=back)] for back in range(7) if date - dt.timedelta(days=back) in kpis]
        open_days = [float(r["net_revenue_amount"]) for r in week if r["day_state"] != "closed"]
        assert row["average"] == pytest.approx(sum(open_days) / len(open_days))
        assert pd.isna(row["revenue"]) == (kpis[date]["day_state"] == "closed")


def test_rows_by_outcome_are_summed_per_period(con: duckdb.DuckDBPyConnection, readings: Readings) -> None:
    delivered = rows_of(con, "rpt_quality_rows_daily")
    totals = readings["quality_totals"].set_index("period")
    for period in readings.periods:
        chosen = inside(delivered, period.span, "arrival_date")
        for name in ("physical_rows", "accepted_rows", "quarantined_rows", "duplicate_rows", "blocked_rows"):
            assert totals.loc[period.name, name] == sum(row[name] for row in chosen)


def test_accuracy_is_that_of_all_scored_forecasts(con: duckdb.DuckDBPyConnection, readings: Readings) -> None:
    scored = rows_of(con, "rpt_inventory_forecast_accuracy")
    for row in readings["accuracy"].to_dict("records"):
        mine = [r for r in scored if (r["series_kind"], r["method"]) == (row["subject"], row["method"])]
        actual = sum(r["actual_total"] for r in mine)
        assert row["n"] == sum(r["n_forecasts"] for r in mine)
        assert row["wape"] == pytest.approx(sum(r["abs_error_total"] for r in mine) / actual)
        assert row["bias"] == pytest.approx(sum(r["forecast_total"] for r in mine) / actual - 1)
        assert row["share_above_q90"] == pytest.approx(sum(r["n_above_q90"] for r in mine) / row["n"])
        assert row["is_published"] == (row["method"] == "lightgbm")


def test_weeks_end_with_the_newest_day(con: duckdb.DuckDBPyConnection, readings: Readings) -> None:
    lines = [r for r in rows_of(con, "fct_order_lines") if (AS_OF - r["ordered_date"]).days < 91]
    lines = [r for r in lines if r["line_type"] == "sale"]
    units: dict[tuple[str, int], int] = {}
    for row in lines:
        key = (row["product_id"], 12 - (AS_OF - row["ordered_date"]).days // 7)
        units[key] = units.get(key, 0) + row["quantity"]
    found = {(r["product_id"], r["week"]): r["units"] for r in readings["weeks"].to_dict("records")}
    watched = set(readings["watch"]["product_id"])
    assert found == {key: value for key, value in units.items() if key[0] in watched}


def test_nothing_after_the_newest_day_is_read(con: duckdb.DuckDBPyConnection) -> None:
    early = AS_OF - dt.timedelta(days=30)
    readings = readings_of(con, manifest(watermark=early.isoformat()))
    assert readings["days"]["date"].max().date() == early
    assert readings["quality"]["date"].max().date() == early
    assert (readings["days"]["age"] >= 0).all()


def test_tables_that_a_version_lacks_are_named() -> None:
    con = published_file()
    con.execute("drop table rpt_customers_values")
    readings = readings_of(con)
    assert readings.absent == {"rpt_customers_values"}
    assert readings["values"].empty
    assert not readings["segments"].empty


def test_columns_that_are_not_published_are_unknown() -> None:
    con = published_file()
    con.execute("alter table rpt_inventory_product_watch drop forecast_28_lower")
    con.execute("alter table rpt_inventory_product_watch drop forecast_28_upper")
    watch = readings_of(con)["watch"]
    assert len(watch)
    assert watch[["lower", "upper"]].isna().all(axis=None)


def test_a_file_without_rows_gives_empty_frames() -> None:
    readings = readings_of(empty_file())
    assert all(frame.empty for frame in readings.frames.values())
    assert readings.currency == ""


def test_what_became_of_newer_files_is_counted_in_every_period() -> None:
    """Of days after the newest accepted one no data are known, but their blocked rows and failed checks are."""
    with published_file(days=60) as file:
        before = readings_of(file)
        file.execute(
            """insert into rpt_quality_rows_daily by name
            select 'till' as source_system, 'lines' as table_name, $day as arrival_date, 'blocked' as verdict,
                40 as physical_rows, 0 as accepted_rows, 0 as quarantined_rows, 0 as duplicate_rows, 40 as blocked_rows,
                0 as accounting_gap""",
            {"day": AS_OF + dt.timedelta(days=2)},
        )
        file.execute(
            """insert into rpt_quality_scorecard by name
            select 'till' as source_system, 'lines' as table_name, $day as arrival_date, 'schema' as check_class,
                'fail' as status, 3 as n_checks, 1 as n_failed, 'rows_set_aside_most' as worst_rule""",
            {"day": AS_OF + dt.timedelta(days=2)},
        )
        after = readings_of(file)
    for name, column, more in (("quality_totals", "blocked_rows", 40), ("scorecard_totals", "failed", 1)):
        old, new = (readings[name].set_index("period")[column] for readings in (before, after))
        assert (new - old == more).all() and len(new) == len(after.periods)
    assert after["scorecard"]["worst_rule"].iloc[-1] == "rows_set_aside_most"
