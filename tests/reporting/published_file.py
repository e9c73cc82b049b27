"""Makes small published files for the tests of the report: DuckDB databases with the tables that a version holds.

Belongs here: what a shop without models publishes. Does not belong here: the tables of models (model_tables.py).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

from tests.reporting.contract_tables import create_tables
from tests.reporting.model_tables import MODEL_TABLES, add_model_tables

AS_OF = dt.date(2024, 3, 31)
HOSTILE = "</script><script>window.hacked = 1</script> \u2028 <img src=x onerror=alert(1)> & \"quotes\" 'apostrophes'"

TABLES = (
    "dim_products",
    "fct_orders",
    "fct_order_lines",
    "fct_orders_lifecycle",
    "rpt_sales_kpi_daily",
    "rpt_sales_revenue_bridge",
    "rpt_customers_retention",
    "rpt_quality_rows_daily",
    "rpt_quality_scorecard",
)


def manifest(**changes: Any) -> dict[str, Any]:
    """The manifest of a synthetic version, published on the morning after its last day."""
    return {
        "version": "v0007",
        "created_at": "2024-04-01T05:10:00+00:00",
        "watermark": AS_OF.isoformat(),
        "quality_state": "complete",
        "digest": "0123456789abcdef",
        "facts": {"shop": "test_shop", "run_id": "run-1", "open_days": []},
        **changes,
    }


def empty_file() -> duckdb.DuckDBPyConnection:
    """All tables, no row."""
    con = duckdb.connect()
    create_tables(con, *TABLES, *MODEL_TABLES)
    return con


def published_file(days: int = 120, *, hostile: bool = False, models: bool = True) -> duckdb.DuckDBPyConnection:
    """A shop of `days` days up to AS_OF: 12 products, 60 customers, 3 countries, closed on Saturdays, a blocked day.

    `hostile` puts markup into every free text.
    """
    con = empty_file()
    name = HOSTILE if hostile else "CREAM LAMP"
    first = AS_OF - dt.timedelta(days=days - 1)
    con.execute("create macro unit(n, salt) as (hash(n * 1000 + salt) % 10000) / 10000.0")
    con.execute(
        "insert into dim_products by name select 'P' || i as product_id, if(i = 3, ?, 'Product ' || i) as description, "
        "true as is_current from range(12) t(i)",
        [name],
    )
    _fill_orders(con, first, "Land <b>" if hostile else "France")
    _fill_days(con, first, HOSTILE if hostile else "row_count_low: 3, must be at least 10")
    _fill_scorecard(con, HOSTILE if hostile else "shift:Quantity")
    _fill_cohorts(con)
    if models:
        add_model_tables(con, AS_OF)
    return con


def _fill_orders(con: duckdb.DuckDBPyConnection, first: dt.date, second_country: str) -> None:
    con.execute(
        """
        create temp table new_orders as
        select 'o' || d || '_' || n as order_id, ? + cast(d as integer) as ordered_date,
            case when unit(d * 40 + n, 1) < .1 then null else 'c' || (hash(d * 40 + n) % 60) end as customer_id,
            case when unit(d * 40 + n, 2) < .1 then 'cancellation' else 'sale' end as order_type,
            case when unit(d * 40 + n, 3) < .7 then 'Germany' when unit(d * 40 + n, 3) < .95 then ?
                else 'Spain' end as country,
            1 + cast(floor(unit(d * 40 + n, 4) * 20) as integer) as units,
            (5 + 20 * unit(d * 40 + n, 5))::decimal(18,4) as price, (hash(d * 40 + n) // 7) % 12 as product
        from range((? - ?) + 1) t(d), range(14) o(n)
        where dayofweek(? + cast(d as integer)) <> 6 and n < 6 + 8 * unit(d, 6)
        """,
        [first, second_country, AS_OF, first, first],
    )
    con.execute(
        """
        insert into fct_orders by name
        select order_id, customer_id, order_type, country, ordered_date,
            case when order_type = 'sale' then units else 0 end as units_sold,
            case when order_type = 'sale' then 0 else units end as units_returned,
            case when order_type = 'sale' then units * price else 0 end as gross_sales_amount,
            case when order_type = 'sale' then -1.25 else 0 end as discount_amount,
            case when order_type = 'sale' then 0 else -units * price end as returns_amount,
            gross_sales_amount + discount_amount + returns_amount as net_sales_amount,
            case when order_type = 'sale' then 3.5 else 0 end as shipping_amount, 0 as other_amount,
            net_sales_amount + shipping_amount + other_amount as net_revenue_amount, -0.1 as fee_amount,
            0 as bad_debt_amount, net_revenue_amount + fee_amount + bad_debt_amount as total_amount,
            'EUR' as amount_currency
        from new_orders
        """
    )
    con.execute(
        """
        insert into fct_order_lines by name
        select order_id || ':1' as order_line_id, order_id, 'P' || product as product_id, order_type as line_type,
            'product' as item_type, case when order_type = 'sale' then units else -units end as quantity,
            quantity * price as line_amount, ordered_date
        from new_orders
        """
    )
    con.execute(
        """
        insert into fct_orders_lifecycle by name
        select order_id, customer_id, ordered_date,
            row_number() over (partition by customer_id order by ordered_date, order_id) = 1 as is_first
        from fct_orders where order_type = 'sale' and customer_id is not null
        """
    )


def _fill_days(con: duckdb.DuckDBPyConnection, first: dt.date, reason: str) -> None:
    con.execute(
        """
        insert into rpt_sales_kpi_daily by name
        with calendar as (select unnest(range(?::date, ?::date + 1, interval 1 day))::date as calendar_date)
        select calendar_date, dayofweek(calendar_date) <> 6 as is_open,
            case when dayofweek(calendar_date) = 6 then 'closed' when calendar_date = ? then 'blocked'
                else 'complete' end as day_state,
            count(*) filter (where order_type = 'sale') as n_orders,
            coalesce(sum(net_revenue_amount), 0) as net_revenue_amount, 'EUR' as amount_currency
        from calendar left join fct_orders on calendar_date = ordered_date group by 1
        """,
        [first, AS_OF, AS_OF - dt.timedelta(days=10)],
    )
    parts = {"gross_sales": "net_sales", "discount": "net_sales", "returns": "net_sales", "shipping": "net_revenue",
             "other": "net_revenue", "fee": "booked", "bad_debt": "booked"}  # fmt: skip
    for number, (part, leads_to) in enumerate(parts.items(), 1):
        con.execute(
            f"""insert into rpt_sales_revenue_bridge by name
            select ordered_date as calendar_date, {number} as part_no, '{part}' as part, '{leads_to}' as leads_to,
                sum({part}_amount) as amount, 'EUR' as amount_currency
            from fct_orders group by 1"""
        )
    con.execute("insert into rpt_sales_revenue_bridge values (?, 9, 'duplicate', 'delivered', 42.5, 'EUR')", [AS_OF])
    con.execute(
        """
        insert into rpt_quality_rows_daily by name
        select 'till' as source_system, 'lines' as table_name, calendar_date as arrival_date,
            case when day_state = 'blocked' then 'blocked' else 'accepted' end as verdict,
            case when day_state = 'blocked' then ? end as verdict_reason, 1 as n_files, 0 as n_refused_files,
            n_orders * 10 + 5 as physical_rows,
            case when day_state = 'blocked' then 0 else n_orders * 10 + 2 end as accepted_rows,
            case when day_state = 'blocked' then 0 else 1 end as quarantined_rows,
            case when day_state = 'blocked' then 0 else 2 end as duplicate_rows,
            case when day_state = 'blocked' then physical_rows else 0 end as blocked_rows,
            0 as superseded_rows, accepted_rows as current_rows, 0 as accounting_gap, 'EUR' as amount_currency
        from rpt_sales_kpi_daily where is_open
        """,
        [reason],
    )


def _fill_scorecard(con: duckdb.DuckDBPyConnection, rule: str) -> None:
    """Twelve findings: the blocked day fails in volume, every tenth open day warns of its values."""
    con.execute(
        """
        insert into rpt_quality_scorecard by name
        select source_system, table_name, arrival_date, check_class,
            case when verdict = 'blocked' and check_class = 'volume' then 'fail'
                when verdict = 'blocked' and check_class = 'distribution' then 'not checked'
                when check_class = 'distribution' and dayofyear(arrival_date) % 10 = 0 then 'warn' else 'pass' end
                as status,
            if(status = 'not checked', 0, 3) as n_checks, if(status in ('warn', 'fail'), 1, 0) as n_failed,
            if(status = 'not checked', null, ?) as worst_rule, if(status = 'not checked', null, 0.3174) as measured,
            if(status in ('warn', 'fail'), 0.5, null) as lowest, if(status = 'warn', 2, null) as highest,
            if(n_failed > 0, worst_rule || ' 0.3174 [0.5, ]', null) as finding
        from rpt_quality_rows_daily,
            unnest(['freshness', 'volume', 'schema', 'distribution', 'lineage']) as classes(check_class)
        """,
        [rule],
    )


def _fill_cohorts(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        insert into rpt_customers_retention by name
        with firsts as (
            select customer_id, date_trunc('month', min(ordered_date))::date as cohort_month
            from fct_orders_lifecycle group by 1
        ), sizes as (select cohort_month, count(*) as cohort_size from firsts group by 1)
        select cohort_month, age::integer as age_months, cohort_size, age < 6 as is_mature,
            cohort_month = min(cohort_month) over () as is_left_censored,
            case when is_mature then cohort_size // (1 + age) end as n_active, n_active as n_orders,
            case when is_mature then (cohort_size // (1 + age)) / cohort_size end as retention_rate
        from sizes, range(8) t(age)
        where cohort_month + to_months(age::integer) <= (select max(ordered_date) from fct_orders)
        """
    )
