"""Makes small published files for the tests of the report: DuckDB databases with the tables that a version holds.

Every number follows from a fixed seed. `add_model_tables` also works on a copy of a real published file that has none.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

AS_OF = dt.date(2024, 3, 31)
HOSTILE = "</script><script>window.hacked = 1</script> \u2028 <img src=x onerror=alert(1)> & \"quotes\" 'apostrophes'"

TABLES = {
    "dim_products": "product_id varchar, description varchar, is_current boolean",
    "fct_orders": """order_id varchar, customer_id varchar, order_type varchar, country varchar, ordered_date date,
        units_sold bigint, units_returned bigint, gross_sales_amount decimal(18,4), discount_amount decimal(18,4),
        returns_amount decimal(18,4), net_sales_amount decimal(18,4), shipping_amount decimal(18,4),
        other_amount decimal(18,4), net_revenue_amount decimal(18,4), fee_amount decimal(18,4),
        bad_debt_amount decimal(18,4), total_amount decimal(18,4), amount_currency varchar""",
    "fct_order_lines": """order_line_id varchar, order_id varchar, product_id varchar, line_type varchar,
        item_type varchar, quantity integer, line_amount decimal(18,4), ordered_date date""",
    "fct_orders_lifecycle": "order_id varchar, customer_id varchar, ordered_date date, is_first boolean",
    "rpt_sales_kpi_daily": """calendar_date date, day_state varchar, is_open boolean, n_orders bigint,
        net_revenue_amount decimal(18,4), amount_currency varchar""",
    "rpt_sales_revenue_bridge": """calendar_date date, part_no integer, part varchar, leads_to varchar,
        amount decimal(18,4), amount_currency varchar""",
    "rpt_customers_retention": """cohort_month date, age_months integer, cohort_size bigint, is_mature boolean,
        is_left_censored boolean, n_active bigint, n_orders bigint, retention_rate decimal(18,4)""",
    "rpt_quality_rows_daily": """source_system varchar, table_name varchar, arrival_date date, verdict varchar,
        verdict_reason varchar, n_files bigint, n_refused_files bigint, physical_rows bigint, accepted_rows bigint,
        quarantined_rows bigint, duplicate_rows bigint, blocked_rows bigint, superseded_rows bigint,
        current_rows bigint, accepted_amount decimal(18,4), quarantined_amount decimal(18,4),
        duplicate_amount decimal(18,4), blocked_amount decimal(18,4), superseded_amount decimal(18,4),
        current_amount decimal(18,4), amount_currency varchar, accounting_gap bigint""",
}

MODEL_TABLES = {
    "rpt_inventory_demand_forecast": """as_of_date date, series_kind varchar, series_id varchar, series_name varchar,
        target_date date, horizon_days integer, is_open boolean, mean double, q10 double, q50 double, q90 double,
        naive double, method varchar, amount_currency varchar, model_version varchar""",
    "rpt_inventory_forecast_accuracy": """target_date date, series_kind varchar, method varchar, horizon_days integer,
        n_forecasts bigint, actual_total double, forecast_total double, abs_error_total double, pinball_total double,
        n_below_q10 bigint, n_above_q90 bigint, is_published boolean""",
    "rpt_inventory_product_watch": """as_of_date date, product_id varchar, description varchar, units_last_28 bigint,
        units_previous_28 bigint, forecast_28 double, forecast_28_lower double, forecast_28_upper double,
        change_ratio double""",
    "rpt_customers_segments": """as_of_date date, segment varchar, n_customers bigint, customer_share double,
        sales_share double, recency_days double, frequency double, monetary_amount double, drivers varchar,
        stability double, net_sales_share double""",
    "rpt_customers_segment_memberships": """as_of_date date, customer_id varchar, segment varchar,
        recency_days integer, frequency bigint, monetary_amount double, distance double""",
    "rpt_customers_values": """as_of_date date, customer_id varchar, segment varchar, horizon_days integer,
        frequency bigint, recency_days double, age_days double, probability_alive double, expected_purchases double,
        expected_amount double, lower double, upper double, naive_amount double, amount_currency varchar""",
    "rpt_quality_model_scores": """as_of_date date, model varchar, subject varchar, method varchar, measure varchar,
        value double, is_published boolean""",
}


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
    for name, columns in {**TABLES, **MODEL_TABLES}.items():
        con.execute(f"create table {name} ({columns})")
    return con


def published_file(days: int = 120, *, hostile: bool = False, models: bool = True) -> duckdb.DuckDBPyConnection:
    """A shop of `days` days up to AS_OF: 12 products, 60 customers, three countries, closed on Saturdays, one blocked day.

    `hostile` puts markup into every free text.
    """
    con = empty_file()
    name = HOSTILE if hostile else "CREAM LAMP"
    first = AS_OF - dt.timedelta(days=days - 1)
    con.execute("create macro unit(n, salt) as (hash(n * 1000 + salt) % 10000) / 10000.0")
    con.execute(
        "insert into dim_products select 'P' || i, case i when 3 then ? else 'Product ' || i end, true from range(12) t(i)",
        [name],
    )
    _fill_orders(con, first, "Land <b>" if hostile else "France")
    _fill_days(con, first, HOSTILE if hostile else "row_count_low: 3, must be at least 10")
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
    parts = [("gross_sales", "net_sales"), ("discount", "net_sales"), ("returns", "net_sales"),
             ("shipping", "net_revenue"), ("other", "net_revenue"), ("fee", "booked"), ("bad_debt", "booked")]  # fmt: skip
    for number, (part, leads_to) in enumerate(parts, 1):
        con.execute(
            f"""insert into rpt_sales_revenue_bridge
            select ordered_date, {number}, '{part}', '{leads_to}', sum({part}_amount), 'EUR' from fct_orders group by 1"""
        )
    con.execute(
        "insert into rpt_sales_revenue_bridge values (?, 9, 'duplicate', 'delivered', 42.5, 'EUR')", [AS_OF]
    )
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


def add_model_tables(con: duckdb.DuckDBPyConnection, as_of: dt.date, *, days_scored: int = 20) -> None:
    """Plausible statements for what `con` holds; creates the tables where they are absent."""
    for name, columns in MODEL_TABLES.items():
        con.execute(f"create table if not exists {name} ({columns})")
    con.execute("create or replace temp macro noise(n, salt) as (hash(n * 1000 + salt) % 10000) / 10000.0")
    con.execute("set variable as_of = ?::date", [as_of])
    con.execute(
        """create or replace temp table weekday as
        select dayofweek(calendar_date) as w, avg(net_revenue_amount)::double as level
        from rpt_sales_kpi_daily where day_state = 'complete' and calendar_date > getvariable('as_of') - 91
            and calendar_date <= getvariable('as_of') group by 1"""
    )
    con.execute(
        """create or replace temp table product as
        select product_id, max(named.description) as description,
            coalesce(sum(quantity) filter (where ordered_date > getvariable('as_of') - 28), 0) as last_28,
            coalesce(sum(quantity) filter (where ordered_date between getvariable('as_of') - 55
                and getvariable('as_of') - 28), 0) as previous_28
        from fct_order_lines join (select product_id, description from dim_products where is_current) as named
            using (product_id)
        where line_type = 'sale' and item_type = 'product' and ordered_date <= getvariable('as_of')
            and ordered_date > getvariable('as_of') - 56
        group by 1 order by sum(quantity) desc, 1 limit 40"""
    )
    for statement in (_FORECAST, _ACCURACY, _WATCH, _VALUES, _MEMBERSHIPS, _SEGMENTS):
        con.execute(statement, [days_scored] if "?" in statement else None)
    con.executemany("insert into rpt_quality_model_scores values (?, ?, ?, ?, ?, ?, ?)", _scores(as_of))


_FORECAST = """
    insert into rpt_inventory_demand_forecast by name
    select getvariable('as_of') as as_of_date, 'revenue' as series_kind, 'revenue' as series_id,
        'revenue' as series_name, getvariable('as_of') + h::integer as target_date, h as horizon_days,
        level is not null as is_open, coalesce(level * (1 - h / 90), 0) as mean,
        mean * .7 as q10, mean * .97 as q50, mean * 1.35 as q90,
        coalesce(level * (.75 + .6 * noise((h - 1) % 7, 3)), 0) as naive, 'lightgbm' as method,
        (select max(amount_currency) from rpt_sales_kpi_daily) as amount_currency, '1' as model_version
    from range(1, 29) t(h) left join weekday on w = dayofweek(getvariable('as_of') + h::integer)
    union all
    select getvariable('as_of'), 'product', product_id, description, getvariable('as_of') + h::integer, h, true,
        last_28 / 28, 0, last_28 / 40, last_28 / 12, last_28 / 28, 'weekday_quantiles', null, '1'
    from product, range(1, 29) t(h)"""
_ACCURACY = """
    insert into rpt_inventory_forecast_accuracy by name
    select calendar_date as target_date, 'revenue' as series_kind, method, h as horizon_days, 1 as n_forecasts,
        net_revenue_amount::double as actual_total,
        actual_total * (1 + spread * (noise(epoch(calendar_date)::bigint // 86400 + h, m) - .45)) as forecast_total,
        abs(forecast_total - actual_total) as abs_error_total, abs_error_total * .3 as pinball_total,
        case when noise(epoch(calendar_date)::bigint // 86400 + h, m + 5) < .09 then 1 else 0 end as n_below_q10,
        case when noise(epoch(calendar_date)::bigint // 86400 + h, m + 9) < .11 then 1 else 0 end as n_above_q90,
        m = 0 as is_published
    from rpt_sales_kpi_daily, range(1, 8) t(h),
        (values ('lightgbm', .5, 0), ('seasonal_naive', .9, 1), ('weekday_quantiles', .7, 2), ('zero', -9.9, 3))
            as methods(method, spread, m)
    where day_state = 'complete' and calendar_date <= getvariable('as_of')
        and calendar_date > getvariable('as_of') - ?::integer"""
_WATCH = """
    insert into rpt_inventory_product_watch by name
    select getvariable('as_of') as as_of_date, product_id, description, last_28 as units_last_28,
        previous_28 as units_previous_28, last_28 * (.5 + 1.2 * noise(row_number() over (order by product_id), 4)) as forecast_28,
        forecast_28 * .62 as forecast_28_lower, forecast_28 * 1.5 as forecast_28_upper,
        forecast_28 / nullif(last_28, 0) - 1 as change_ratio
    from product"""
_VALUES = """
    insert into rpt_customers_values by name
    select getvariable('as_of') as as_of_date, customer_id,
        case when n >= 8 and recency < 60 then 'champions' when n >= 4 and recency < 90 then 'loyal'
            when n = 1 and recency < 45 then 'new' when recency < 90 then 'promising'
            when recency < 180 then 'at_risk' else 'hibernating' end as segment,
        180 as horizon_days, n - 1 as frequency, age - recency as recency_days, age as age_days,
        greatest(.03, least(.99, exp(-recency / (60.0 + 12 * n)) + .02)) as probability_alive,
        probability_alive * n * 180 / (age + 90) as expected_purchases,
        expected_purchases * greatest(amount / n, 0) as expected_amount,
        expected_amount * .25 as lower, expected_amount * 2.1 + 40 as upper,
        greatest(amount, 0) * 180 / greatest(age, 30) as naive_amount,
        (select max(amount_currency) from rpt_sales_kpi_daily) as amount_currency
    from (
        select customer_id, count(*) filter (where order_type = 'sale') as n, sum(net_sales_amount)::double as amount,
            (getvariable('as_of') - max(ordered_date))::double as recency,
            (getvariable('as_of') - min(ordered_date))::double as age
        from fct_orders where customer_id is not null group by 1
    ) where n > 0"""
_MEMBERSHIPS = """
    insert into rpt_customers_segment_memberships by name
    select as_of_date, customer_id, segment, age_days - recency_days as recency_days, frequency + 1 as frequency,
        naive_amount as monetary_amount, 1.0 as distance from rpt_customers_values"""
_SEGMENTS = """
    insert into rpt_customers_segments by name
    select as_of_date, segment, count(*) as n_customers, count(*) / sum(count(*)) over () as customer_share,
        sum(naive_amount) / sum(sum(naive_amount)) over () as sales_share,
        avg(age_days - recency_days) as recency_days, avg(frequency + 1) as frequency,
        avg(naive_amount) as monetary_amount, 'frequency high; recency_days low; monetary_amount high' as drivers,
        .93 as stability, sales_share as net_sales_share
    from rpt_customers_values group by all"""


def _scores(as_of: dt.date) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    demand = {"lightgbm": (3.1, 0.62, -0.04), "seasonal_naive": (4.4, 0.91, 0.02),
              "weekday_quantiles": (3.5, 0.7, -0.1), "zero": (4.9, 1.0, -1.0)}  # fmt: skip
    for subject, scale, best in (("product", 1.0, "weekday_quantiles"), ("revenue", 2500.0, "lightgbm")):
        for method, (pinball, wape, bias) in demand.items():
            values = {"pinball": pinball * scale, "wape": wape, "bias": bias, "share_below_q10": 0.08,
                      "share_above_q90": 0.11, "n_scored": 4200.0}  # fmt: skip
            rows += [(as_of, "demand_forecast", subject, method, m, v, method == best) for m, v in values.items()]
    for measure, value in (("bootstrap_ari", 0.91), ("weekly_flip_rate", 0.021), ("weekly_flip_rate_undamped", 0.064)):
        rows.append((as_of, "customer_segments", "all", "kmeans", measure, value, True))
    for method, mae, rmse, bias in (("bg_nbd", 312.0, 910.0, -0.06), ("historical_rate", 401.0, 1020.0, 0.35),
                                    ("zero", 455.0, 1400.0, -1.0)):  # fmt: skip
        for measure, value in (("mae", mae), ("rmse", rmse), ("bias", bias), ("interval_coverage", 0.79)):
            rows.append((as_of, "customer_value", "holdout", method, measure, value, method == "bg_nbd"))
    return rows
