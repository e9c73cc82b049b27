"""Plausible statements of models for the tests of the report, made from what a published file holds.

Every number follows from hashes. `add_model_tables` also works on a copy of a real published file that has none.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from tests.reporting.contract_tables import create_tables

MODEL_TABLES = (
    "rpt_inventory_demand_forecast",
    "rpt_inventory_forecast_accuracy",
    "rpt_inventory_product_watch",
    "rpt_customers_segments",
    "rpt_customers_segment_memberships",
    "rpt_customers_values",
    "rpt_quality_model_scores",
)


def add_model_tables(con: duckdb.DuckDBPyConnection, as_of: dt.date, *, days_scored: int = 20) -> None:
    """Plausible statements for what `con` holds; creates the tables where they are absent."""
    create_tables(con, *MODEL_TABLES)
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
    for statement in (_FORECAST, _ACCURACY, _WATCH, _VALUED, _VALUES, _MEMBERSHIPS, _SEGMENTS):
        con.execute(statement, [days_scored] if "?" in statement else None)
    con.executemany(_SCORES, _scores(as_of))


_SCORES = """
    insert into rpt_quality_model_scores (as_of_date, model, subject, method, measure, value, is_published)
    values (?, ?, ?, ?, ?, ?, ?)"""
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
        previous_28 as units_previous_28,
        last_28 * (.5 + 1.2 * noise(row_number() over (order by product_id), 4)) as forecast_28,
        forecast_28 * .62 as forecast_28_lower, forecast_28 * 1.5 as forecast_28_upper,
        forecast_28 / nullif(last_28, 0) - 1 as change_ratio
    from product"""
_VALUED = """
    create or replace temp table valued as
    select getvariable('as_of') as as_of_date, customer_id,
        case when n >= 8 and recency < 60 then 'champions' when n >= 4 and recency < 90 then 'loyal'
            when n = 1 and recency < 45 then 'new' when recency < 90 then 'slipping'
            when recency < 180 then 'at_risk' else 'hibernating' end as segment,
        180 as horizon_days, n - 1 as n_repeat_purchases, age - recency as first_to_last_purchase_days,
        age as tenure_days,
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
_VALUES = "insert into rpt_customers_values by name select * exclude (segment) from valued"
_MEMBERSHIPS = """
    insert into rpt_customers_segment_memberships by name
    select as_of_date, customer_id, segment, tenure_days - first_to_last_purchase_days as recency_days,
        n_repeat_purchases + 1 as frequency, naive_amount as monetary_amount, 1.0 as distance from valued"""
_SEGMENTS = """
    insert into rpt_customers_segments by name
    select as_of_date, segment, count(*) as n_customers, count(*) / sum(count(*)) over () as customer_share,
        sum(naive_amount) / sum(sum(naive_amount)) over () as sales_share,
        avg(tenure_days - first_to_last_purchase_days) as mean_recency_days,
        avg(n_repeat_purchases + 1) as mean_frequency,
        avg(naive_amount) as mean_monetary_amount, 'frequency:high,recency_days:low,gap_days:low' as drivers,
        .93 as stability, 'kmeans' as method
    from valued group by all"""


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
        rows.append((as_of, "customer_segments", "all", "rfm_grid", measure, 0.8 * value, False))
    for method, mae, rmse, bias in (("bg_nbd", 312.0, 910.0, -0.06), ("historical_rate", 401.0, 1020.0, 0.35),
                                    ("zero", 455.0, 1400.0, -1.0)):  # fmt: skip
        for measure, value in (("mae", mae), ("rmse", rmse), ("bias", bias), ("interval_coverage", 0.79)):
            rows.append((as_of, "customer_value", "holdout", method, measure, value, method == "bg_nbd"))
    return rows
