"""A published file of a shop that also knows its costs and its stock, reads fourteen tables and was graded.

Belongs here: what such a version holds beyond published_file.py. Every number follows from hashes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import duckdb

from simulator.grading import all_gradings
from simulator.grading.grades import Grade
from simulator.grading.told import as_json
from tests.reporting.contract_tables import create_tables
from tests.reporting.published_file import AS_OF, HOSTILE, published_file

STOCK_TABLES = (
    "rpt_sales_margin_daily",
    "rpt_sales_margin_bridge",
    "dim_locations",
    "fct_inventory_daily",
    "rpt_inventory_stock_daily",
)
SOURCES = {
    "storefront": ("customers", "products", "promotions", "prices", "fx_rates", "orders", "order_lines", "payments",
                   "refunds"),
    "warehouse": ("locations", "inventory_snapshots", "movements", "shipments", "stage_times"),
}  # fmt: skip
FATES = ("exact_duplicate", "near_duplicate", "late_file", "late_row", "restated_row", "wrong_type", "missing_key",
         "orphan", "orphan_of_late_parent", "negative_quantity", "wrong_currency", "future_clock", "mojibake",
         "extra_column", "renamed_column",
         "truncated_file", "odd_but_right")  # fmt: skip


def _grade(measure: str, value: float | None, bar: float, rule: float | None = None) -> dict[str, Any]:
    """The entry of a grade of a simulated shop, with its own words."""
    capability, asked = ASKED[measure]
    grade = Grade(capability, replace(asked, bar=bar), float("nan") if value is None else value, rule)
    return dict(json.loads(as_json([grade]))[0])


ASKED = {
    asked.measure: (grading.capability, asked)
    for grading in all_gradings(["storefront", "warehouse"])
    for asked in grading.asked()
}
GRADES = [
    *(_grade(f"fate right: {name}", 0.971 if name == "orphan" else 1.0, 0.99) for name in FATES),
    _grade("open days that nothing planted explains", 0.0, 0.0),
    _grade("right rows not let in, share", 0.00004, 0.001),
    *(_grade(f"{figure}: event days that differ from the truth", 0.0, 0.0)
      for figure in ("gmv", "unpaid", "gross_sales", "discounts", "returns", "net_sales", "shipping_income",
                     "net_revenue", "cogs", "cm1", "shipping_cost", "payment_fees", "cm2")),
    _grade("event days that could be compared, share", 0.925, 0.5),
    _grade("units on hand: SKU-location-days that differ", 0.0, 0.0),
    _grade("value of stock: SKU-location-days that differ", 0.0, 0.0),
    _grade("stock-outs: SKU-location-days missed or invented", 3.0, 0.0),
    _grade("snapshots that never were", 0.0, 0.0),
    _grade("units moved: SKU-location-days that differ", 0.0, 0.0),
    _grade("fulfilment stages that differ", 0.0, 0.0),
    _grade("error of the forecast over that of last week's sales", 0.7312, 1.0, rule=1.0),
    _grade("bias against true demand, size", 0.0421, 0.1),
    _grade("days inside the 80 % interval, off by", None, 0.1),
    _grade("segments and planted types, adjusted Rand index", 0.31, 0.25, rule=0.0),
]  # fmt: skip


def stocked_file(days: int = 120, *, hostile: bool = False, forecast: bool = False) -> duckdb.DuckDBPyConnection:
    """`published_file` with margin, stock at three locations and fourteen source tables; `forecast`: and a forecast
    for each product and location that sells."""
    con = published_file(days, hostile=hostile)
    create_tables(con, *STOCK_TABLES)
    con.execute("update fct_order_lines set location_id = ['N', 'S', 'W'][(1 + hash(order_id) % 3)::integer]")
    con.execute("update dim_products set name_local = '商品' || product_id, product_status = 'active'")
    con.execute("update dim_products set product_status = 'discontinued' where product_id in ('P5', 'P8')")
    name = HOSTILE if hostile else "North (main)"
    con.execute(
        """insert into dim_locations by name from (
            values ('N', ?, true), ('S', '南仓', true), ('W', 'West', true), ('W', 'Old name', false)
        ) as named(location_id, location_name, is_current)""",
        [name],
    )
    _fill_margin(con)
    _fill_stock(con)
    _fill_tables(con)
    if forecast:
        con.execute(_FORECAST)
    return con


def _fill_margin(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        insert into rpt_sales_margin_daily by name
        with days as (
            select ordered_date as calendar_date, sum(gross_sales_amount) as gross_sales_amount,
                sum(discount_amount) as discount_amount, sum(returns_amount) as returns_amount,
                sum(net_sales_amount) as net_sales_amount, sum(shipping_amount) as shipping_amount,
                sum(net_revenue_amount) as net_revenue_amount, epoch(ordered_date)::bigint // 86400 as d
            from fct_orders group by all
        ),
        costs as (
            select *, (gross_sales_amount * (.03 + .06 * unit(d, 11)))::decimal(18,4) as unpaid_amount,
                (gross_sales_amount * (.55 + .08 * unit(d, 12)))::decimal(18,4) as cost_amount,
                (gross_sales_amount * .09)::decimal(18,4) as shipping_cost_amount,
                (gross_sales_amount * .006)::decimal(18,4) as payment_fee_amount
            from days
        )
        select *, gross_sales_amount + unpaid_amount as gmv_amount, 0 as other_amount,
            net_revenue_amount - cost_amount as cm1_amount,
            net_revenue_amount - cost_amount - shipping_cost_amount - payment_fee_amount as cm2_amount,
            cm1_amount / nullif(net_revenue_amount, 0) as cm1_rate,
            cm2_amount / nullif(net_revenue_amount, 0) as cm2_rate,
            'complete' as day_state,
            if(calendar_date = $as_of, 3, 0) as n_orders_without_rate,
            if(calendar_date = $as_of, 2, 0) as n_payments_without_rate, 'EUR' as amount_currency
        from (select * exclude (d) from costs)
        """,
        {"as_of": AS_OF},
    )
    steps = {"gmv": ("", "gross_sales"), "unpaid": ("-", "gross_sales"), "discount": ("", "net_sales"),
             "returns": ("", "net_sales"), "shipping": ("", "net_revenue"), "other": ("", "net_revenue"),
             "cost": ("-", "cm1"), "shipping_cost": ("-", "cm2"), "payment_fee": ("-", "cm2")}  # fmt: skip
    for number, (part, (sign, leads_to)) in enumerate(steps.items(), 1):
        con.execute(
            f"""insert into rpt_sales_margin_bridge by name
            select calendar_date, {number} as part_no, '{part}' as part, '{leads_to}' as leads_to,
                {sign}{part}_amount as amount, 'EUR' as amount_currency
            from rpt_sales_margin_daily"""
        )


def _fill_stock(con: duckdb.DuckDBPyConnection) -> None:
    """P0 at N is out since six days, P5 and P8 are discontinued (P5 is sold off at N), P11 sells nothing at W."""
    con.execute("delete from fct_order_lines where product_id = 'P11' and location_id = 'W'")
    con.execute(
        """
        insert into fct_inventory_daily by name
        with pairs as (
            select calendar_date as snapshot_date, product_id, location_id, $as_of - calendar_date as age,
                epoch(calendar_date)::bigint // 86400 as d, hash(product_id || location_id) % 97 as h,
                (product_id = 'P0' and location_id = 'N' and age < 6
                    or product_id = 'P5' and location_id = 'N') as is_gone
            from rpt_sales_kpi_daily, dim_products, (select location_id from dim_locations where is_current)
            where calendar_date <= $as_of
        )
        select product_id, location_id, snapshot_date,
            if(is_gone, 0, 3 + (h * 7 + d * (1 + h % 5)) % (40 + h * 9))::integer as units_on_hand,
            if(is_gone, 0, least(2, units_on_hand))::integer as units_reserved,
            units_on_hand - units_reserved as units_available, (h % 3 * 40)::integer as units_on_order,
            0 as units_in_transit,
            case when is_gone then 1440 when unit(d, h + 20) < .04 then (1440 * unit(d, h + 21))::integer else 0 end
                as stockout_minutes,
            stockout_minutes > 0 as is_stocked_out, (3 + h / 10)::decimal(18,4) as unit_cost,
            units_on_hand * unit_cost as stock_value_amount, 'EUR' as amount_currency
        from pairs
        """,
        {"as_of": AS_OF},
    )
    con.execute(
        """
        insert into rpt_inventory_stock_daily by name
        select snapshot_date as calendar_date, location_id, count(*) as n_products,
            count(*) filter (where is_stocked_out) as n_products_stocked_out, sum(units_on_hand) as units_on_hand,
            sum(units_available) as units_available, sum(stockout_minutes) as stockout_minutes,
            sum(stockout_minutes) / (1440 * count(*)) as stockout_rate,
            sum(stock_value_amount) as stock_value_amount, 'EUR' as amount_currency
        from fct_inventory_daily group by all
        """
    )


def _fill_tables(con: duckdb.DuckDBPyConnection) -> None:
    """The one table of the till becomes fourteen with fewer rows and findings on days of their own."""
    named = [(source, table) for source, tables in SOURCES.items() for table in tables]
    con.execute("create temp table named (n integer, source varchar, table_ varchar)")
    con.executemany("insert into named values (?, ?, ?)", [(n, *pair) for n, pair in enumerate(named)])
    for table in ("rpt_quality_rows_daily", "rpt_quality_scorecard"):
        con.execute(f"create temp table one as from {table}")
        con.execute(f"delete from {table}")
        con.execute(
            f"insert into {table} select one.* replace (source as source_system, table_ as table_name) from one, named"
        )
        con.execute("drop table one")
    con.execute(
        """update rpt_quality_scorecard set status = 'pass', n_failed = 0, finding = null
        where status in ('warn', 'fail') and hash(source_system || table_name || arrival_date) % 4 > 0"""
    )


_FORECAST = """
    insert into rpt_inventory_demand_forecast by name
    select $as_of as as_of_date, 'sku_location' as series_kind, product_id || '@' || location_id as series_id,
        product_id as series_name, $as_of + h::integer as target_date, h as horizon_days, true as is_open,
        (1 + hash(product_id) % 5) * 1.5 as mean, 0 as q10, 1 as q50, 9 as q90, 2 as naive, 'lightgbm' as method,
        '1' as model_version
    from (select distinct product_id, location_id from fct_order_lines where product_id <> 'P2'), range(1, 29) t(h)
""".replace("$as_of", f"date '{AS_OF}'")
