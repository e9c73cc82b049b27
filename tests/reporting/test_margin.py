"""The section on margin against a recomputation day by day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest

from tests.reporting.pages import (
    SECTIONS,
    TEXTS,
    Reader,
    drawn_of,
    figures_of,
    made,
    readings_of,
    speaks,
    told_in,
)
from tests.reporting.published_file import AS_OF, published_file
from tests.reporting.stocked_file import stocked_file
from tests.reporting.test_readings import Rows, inside, rows_of, total

SPEAKS = speaks("en")


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return stocked_file(days=200)


def rate(rows: Rows, part: str) -> float:
    return total(rows, part) / total(rows, "net_revenue")


def test_tiles_are_sums_over_sums_of_the_days(con: duckdb.DuckDBPyConnection) -> None:
    days, figures = rows_of(con, "rpt_sales_margin_daily"), figures_of(con, "margin")
    compared = 0
    for period in readings_of(con).periods:
        told, now = figures[f"{period.name}|"], inside(days, period.span, "calendar_date")
        assert told["margin.cm2"][0] == SPEAKS.money(total(now, "cm2"))
        assert told["margin.cm2_rate"][0] == SPEAKS.percent(rate(now, "cm2"))
        assert told["margin.cm1_rate"][0] == SPEAKS.percent(rate(now, "cm1"))
        assert told["margin.unpaid_share"][0] == SPEAKS.percent(total(now, "unpaid") / total(now, "gmv"))
        if period.before:
            before = inside(days, period.before, "calendar_date")
            change = SPEAKS.points(rate(now, "cm2") - rate(before, "cm2"))
            assert told["margin.cm2_rate.change"][0].endswith(change)
            compared += 1
    assert compared == 2


def test_the_steps_lead_from_everything_ordered_to_the_contribution_margin(con: duckdb.DuckDBPyConnection) -> None:
    figures = figures_of(con, "margin")
    days = rows_of(con, "rpt_sales_margin_daily")
    for period in readings_of(con).periods:
        now, told = inside(days, period.span, "calendar_date"), figures[f"{period.name}|"]
        for part in ("gmv", "gross_sales", "net_sales", "net_revenue", "cm1", "cm2", "discount", "returns", "shipping"):
            assert told[f"margin.part.{part}"][0] == SPEAKS.exact_money(total(now, part)), part
        for part in ("unpaid", "cost", "shipping_cost", "payment_fee"):
            assert told[f"margin.part.{part}"][0] == SPEAKS.exact_money(-total(now, part)), part
        # Nothing was booked as other income: the step is left out.
        assert "margin.part.other" not in told


def test_rates_over_time_hold_seven_days(con: duckdb.DuckDBPyConnection) -> None:
    by_day = {row["calendar_date"]: row for row in rows_of(con, "rpt_sales_margin_daily")}
    found = readings_of(con)["margin_days"]
    assert len(found) == len(by_day) > 100
    for row in found.to_dict("records"):
        day = row["date"].date()
        week = [by_day[d] for n in range(7) if (d := day - dt.timedelta(days=n)) in by_day]
        revenue = sum((r["net_revenue_amount"] for r in week), Decimal())
        if revenue:
            assert row["cm2_rate"] == pytest.approx(float(sum(r["cm2_amount"] for r in week) / revenue))
        assert row["age"] == (AS_OF - day).days


def test_what_lacks_a_rate_of_exchange_is_said_and_else_nothing_is() -> None:
    con = stocked_file(60)
    said = TEXTS["margin.without_rate"].en
    assert said.format(orders=3, payments=2) in told_in(con, "margin")
    con.execute("update rpt_sales_margin_daily set n_orders_without_rate = 0, n_payments_without_rate = 0")
    assert said.partition("{")[0] not in told_in(con, "margin")


def test_a_period_without_orders_says_so() -> None:
    con = stocked_file(60)
    con.execute("delete from rpt_sales_margin_daily where calendar_date > ?", [AS_OF - dt.timedelta(days=28)])
    assert TEXTS["margin.no_orders"].en in told_in(con, "margin")


def test_charts_of_margin_and_stock_follow_the_period_and_no_country(con: duckdb.DuckDBPyConnection) -> None:
    follows = drawn_of(con, "margin").follows | drawn_of(con, "stock").follows
    assert follows["margin"] == follows["stock-outs"] == ["period"]
    assert follows["margin-rates"] == follows["stock-rates"] == follows["stock-values"] == ["days"]


def test_terms_are_defined_where_they_are_used(con: duckdb.DuckDBPyConnection) -> None:
    sales = SECTIONS["margin"]
    for file, is_told in ((con, True), (published_file(), False)):
        text = Reader(made(file, "en", pages=[replace(sales, sections={"margin": sales.sections["margin"]})])).text("")
        assert ("contribution margin" in text) == is_told
        assert "Net revenue" in text.replace("net", "Net")
