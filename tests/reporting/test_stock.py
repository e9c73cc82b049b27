"""The section on stock against a recomputation shelf by shelf."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import duckdb
import pytest

from tests.reporting.pages import TEXTS, drawn_of, figures_of, readings_of, speaks, told_in
from tests.reporting.published_file import AS_OF
from tests.reporting.stocked_file import stocked_file
from tests.reporting.test_readings import inside, rows_of

pytestmark = pytest.mark.slow

SPEAKS = speaks("en")
Shelf = tuple[str, str]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return stocked_file(days=200)


def pairs_of(con: duckdb.DuckDBPyConnection) -> dict[Shelf, dict[Any, Any]]:
    frame = readings_of(con)["stock_pairs"]
    return {(row["product_id"], row["location_id"]): row for row in frame.to_dict("records")}


def part(con: duckdb.DuckDBPyConnection, name: str, following: str | None = None) -> str:
    """What is told under one heading of the section."""
    told = told_in(con, "stock")
    rest = told[told.index(TEXTS[f"stock.{name}"].en) :]
    return rest[: rest.index(TEXTS[f"stock.{following}"].en)] if following else rest


def test_demand_is_counted_over_the_time_in_which_there_was_something_to_sell(con: duckdb.DuckDBPyConnection) -> None:
    lines = [r for r in rows_of(con, "fct_order_lines") if 0 <= (AS_OF - r["ordered_date"]).days < 28]
    counts = rows_of(con, "fct_inventory_daily")
    found = pairs_of(con)
    for (product, location), row in found.items():
        here = [r for r in lines if (r["product_id"], r["location_id"]) == (product, location)]
        units = sum(r["quantity"] for r in here if r["line_type"] == "sale")
        mine = [r for r in counts if (r["product_id"], r["location_id"]) == (product, location)]
        seen = sum(1 - r["stockout_minutes"] / 1440 for r in mine if (AS_OF - r["snapshot_date"]).days < 28)
        newest = max(mine, key=lambda r: r["snapshot_date"])
        assert row["per_day"] == pytest.approx(units / max(seen, 1))
        assert row["units_available"] == newest["units_available"]
        assert row["value"] == pytest.approx(float(newest["stock_value_amount"]))
        if units:
            assert row["cover_days"] == pytest.approx(newest["units_available"] / row["per_day"])
        left = max(newest["units_on_hand"] - 91 * row["per_day"], 0)
        assert row["excess_value"] == pytest.approx(left * float(newest["unit_cost"])) or not newest["units_on_hand"]
    assert {row["is_forecast"] for row in found.values()} == {False}


def test_an_empty_shelf_of_a_discontinued_product_is_nobodys_concern(con: duckdb.DuckDBPyConnection) -> None:
    found = pairs_of(con)
    assert ("P5", "N") not in found
    assert {("P5", "S"), ("P8", "N"), ("P0", "N")} <= set(found)
    assert len(found) == 12 * 3 - 1
    assert not any(p == "Product 5 · North (main)" for p in labels(con))


def labels(con: duckdb.DuckDBPyConnection) -> list[str]:
    drawn = drawn_of(con, "stock")
    return [row["label"] for key in drawn.uses["stock-outs"] for row in drawn.datasets[key]]


def test_a_shelf_that_was_not_counted_lately_is_told_as_it_was_last_counted_for_a_week() -> None:
    con = stocked_file(60)
    con.execute("delete from fct_inventory_daily where product_id = 'P1' and location_id = 'S' and snapshot_date > ?",
                [AS_OF - dt.timedelta(days=6)])  # fmt: skip
    con.execute("delete from fct_inventory_daily where product_id = 'P1' and location_id = 'W' and snapshot_date > ?",
                [AS_OF - dt.timedelta(days=7)])  # fmt: skip
    found = pairs_of(con)
    assert ("P1", "S") in found
    assert ("P1", "W") not in found


def test_the_published_forecast_goes_before_sales() -> None:
    con = stocked_file(60, forecast=True)
    found = pairs_of(con)
    assert found["P1", "S"]["is_forecast"]
    (mean,) = (
        con.execute("select any_value(mean) from rpt_inventory_demand_forecast where series_id = 'P1@S'").fetchone()
        or ()
    )
    assert found["P1", "S"]["per_day"] == pytest.approx(mean)
    assert not found["P2", "S"]["is_forecast"]
    assert TEXTS["stock.basis.both"].en in told_in(con, "stock")
    con.execute(
        "delete from fct_inventory_daily where product_id in ('P2') or product_id = 'P11' and location_id = 'W'"
    )
    assert TEXTS["stock.basis.forecast"].en in told_in(con, "stock")


def test_value_and_rate_follow_the_period(con: duckdb.DuckDBPyConnection) -> None:
    figures = figures_of(con, "stock")
    days = rows_of(con, "rpt_inventory_stock_daily")
    for period in readings_of(con).periods:
        now, told = inside(days, period.span, "calendar_date"), figures[f"{period.name}|"]
        newest = [row for row in now if row["calendar_date"] == period.span.last]
        assert told["stock.value"][0] == SPEAKS.money(float(sum(row["stock_value_amount"] for row in newest)))
        minutes = sum(row["stockout_minutes"] for row in now)
        share = minutes / sum(1440 * row["n_products"] for row in now)
        assert told["stock.stockout_rate"][0] == SPEAKS.percent(share)
        if period.before:
            earlier = [row for row in days if row["calendar_date"] == period.before.last]
            value = SPEAKS.money(float(sum(row["stock_value_amount"] for row in earlier)))
            assert told["stock.value.before"][0] == TEXTS["tile.before"].en.format(value=value)


def test_what_is_out_runs_out_and_lies_too_long_is_listed_in_order(con: duckdb.DuckDBPyConnection) -> None:
    found = pairs_of(con)
    out = part(con, "out", "first")
    since = AS_OF - dt.timedelta(days=5)
    assert f"Product 0 North (main) {since} {found['P0', 'N']['per_day']:.1f}" in " ".join(out.split())
    first = [float(days) for days in re.findall(r" (\d+\.\d) ", part(con, "first", "long"))]
    covers = sorted(row["cover_days"] for row in found.values() if row["units_available"] > 0 and row["per_day"] > 0)
    assert first == [pytest.approx(days, abs=0.051) for days in covers if days <= 28][:8] != []
    excess = sorted((row["excess_value"] for row in found.values() if row["excess_value"] > 0), reverse=True)
    amounts = [int(text.replace(",", "")) for text in re.findall(r"€([\d,]+)", part(con, "long"))]
    assert amounts == [round(value) for value in excess[:8]]
    n_soon = sum(0 < days < 7 for days in covers)
    assert TEXTS["stock.lead"].en.format(n=len(found), out=1, soon=n_soon) in told_in(con, "stock")


def test_what_never_sells_has_no_days_of_cover() -> None:
    con = stocked_file(60)
    con.execute("update fct_inventory_daily set unit_cost = 9999, stock_value_amount = 9999 * units_on_hand "
                "where product_id = 'P11' and location_id = 'W'")  # fmt: skip
    assert "Product 11 West" in part(con, "long")
    assert TEXTS["stock.no_sales"].en in part(con, "long")


def test_the_longest_out_are_those_of_the_period(con: duckdb.DuckDBPyConnection) -> None:
    outs = readings_of(con)["stock_outs"]
    counts = rows_of(con, "fct_inventory_daily")
    for period in readings_of(con).periods:
        minutes: dict[Shelf, int] = {}
        for row in inside(counts, period.span, "snapshot_date"):
            shelf = (row["product_id"], row["location_id"])
            minutes[shelf] = minutes.get(shelf, 0) + row["stockout_minutes"]
        ranked = sorted(((-n, shelf) for shelf, n in minutes.items() if n))
        mine = outs[outs["period"] == period.name]
        assert list(zip(mine["product_id"], mine["location_id"], strict=True)) == [shelf for _, shelf in ranked]
        assert list(mine["days"]) == pytest.approx([-n / 1440 for n, _ in ranked])


def test_a_shop_that_is_never_out_is_told_so() -> None:
    con = stocked_file(60)
    con.execute("update fct_inventory_daily set stockout_minutes = 0, units_available = 1 + units_available")
    told = told_in(con, "stock")
    assert TEXTS["stock.never_out"].en in told
    assert TEXTS["stock.out.none"].en in told


def test_a_shop_in_which_nothing_sells_or_little_lies_is_told_so() -> None:
    con = stocked_file(60)
    con.execute("update fct_inventory_daily set units_on_hand = 1, stock_value_amount = unit_cost")
    con.execute("delete from fct_inventory_daily where product_id = 'P11'")
    assert TEXTS["stock.long.none"].en in told_in(con, "stock")
    con.execute("delete from fct_order_lines")
    assert TEXTS["stock.first.none"].en in told_in(con, "stock")


def test_names_are_those_of_the_language(con: duckdb.DuckDBPyConnection) -> None:
    for part in ("stock", "watch"):
        assert "商品P0" in told_in(con, part, "zh")
        assert "商品P0" not in told_in(con, part)
    other = stocked_file(60)
    other.execute("alter table dim_products drop name_local")
    assert "Product 0" in told_in(other, "stock", "zh")


@pytest.mark.parametrize(("more", "names"), [(3, 6), (4, 6)])
def test_more_locations_than_colours_go_together(more: int, names: int) -> None:
    con = stocked_file(60)
    for number in range(more):
        con.execute(
            "insert into rpt_inventory_stock_daily select * replace (? as location_id, 1 as stock_value_amount) "
            "from rpt_inventory_stock_daily where location_id = 'N'",
            [f"X{number}"],
        )
    days = readings_of(con)["stock_days"]
    shown = list(dict.fromkeys(days["location"]))
    assert len(shown) == names
    assert shown[-1] == ("X2" if more == 3 else "")
    per_day = days.groupby("date")["value"].sum()
    (expected,) = con.execute("select sum(stock_value_amount)::double from rpt_inventory_stock_daily "
                              "where calendar_date = ?", [AS_OF]).fetchone() or ()  # fmt: skip
    assert per_day.iloc[-1] == pytest.approx(expected)


def test_a_version_without_stock_has_no_such_section() -> None:
    con = stocked_file(60)
    con.execute("drop table fct_inventory_daily")
    assert told_in(con, "stock") == ""
    assert readings_of(con).absent == frozenset()
