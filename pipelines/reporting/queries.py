"""The SQL of the report, one query per frame of `pipelines.reporting.readings.Readings`.

Belongs here: statements over published tables. Does not belong here: running them, what only some shops have
(margin_queries.py, stock_queries.py).
`{spans}` becomes a table of the periods and those before them, `{periods}` of the periods alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BOUNDS = """
    select min(calendar_date), max(amount_currency) from rpt_sales_kpi_daily where calendar_date <= $as_of
"""
# Twelve countries make 98 % of the demo shop's revenue and a list that is read at a glance.
COUNTRIES = """
    select country from fct_orders where country is not null and country <> '' and ordered_date <= $as_of
    group by country order by sum(net_revenue_amount) desc, country limit 12
"""


@dataclass(frozen=True)
class Query:
    """A statement and the published tables without which it cannot run.

    `{name}` of `optional` becomes the (table, column) when the version holds it, else null. What `is_extra` is of shops
    with more sources: a version that lacks it lacks nothing.
    """

    tables: tuple[str, ...]
    sql: str
    optional: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    is_extra: bool = False


_KPIS = """
    with sums as (
        select spans.period, spans.span, coalesce(orders.country, '') as country, grouping(orders.country) as is_all,
            sum(net_revenue_amount)::double as net_revenue, sum(net_sales_amount)::double as net_sales,
            sum(gross_sales_amount)::double as gross_sales, sum(returns_amount)::double as returns,
            count(*) filter (where order_type = 'sale') as orders,
            count(distinct orders.customer_id) filter (where order_type = 'sale') as buyers,
            count(*) filter (where lives.is_first) as new_customers, sum(units_sold)::double as units
        from {spans}
        inner join fct_orders as orders on orders.ordered_date between spans.first_date and spans.last_date
        left join fct_orders_lifecycle as lives on orders.order_id = lives.order_id
        group by grouping sets ((spans.period, spans.span), (spans.period, spans.span, orders.country))
    )
    select * exclude (is_all), net_sales / nullif(orders, 0) as aov, -returns / nullif(gross_sales, 0) as returns_share
    from sums where is_all = 1 or list_contains($countries, country)
    order by period, span, country
"""
_DAYS = """
    with all_days as (
        select '' as country, calendar_date as date, day_state as state,
            case when day_state = 'closed' and n_orders = 0 then null else net_revenue_amount::double end as revenue
        from rpt_sales_kpi_daily where calendar_date <= $as_of
        union all
        select country, ordered_date, 'complete', sum(net_revenue_amount)::double
        from fct_orders where ordered_date <= $as_of and list_contains($countries, country) group by all
    )
    select country, date, date_diff('day', date, $as_of::date) as age, state, revenue,
        case when country = '' then avg(revenue) over (
            partition by country order by date range between interval 6 days preceding and current row
        ) end as average
    from all_days order by country, date
"""
_BRIDGE = """
    with booked as (
        unpivot (
            select country, ordered_date as date, gross_sales_amount as gross_sales, discount_amount as discount,
                returns_amount as returns, shipping_amount as shipping, other_amount as other, fee_amount as fee,
                bad_debt_amount as bad_debt
            from fct_orders where list_contains($countries, country)
        ) on gross_sales, discount, returns, shipping, other, fee, bad_debt into name part value amount
    ),
    steps as (select distinct part, part_no, leads_to from rpt_sales_revenue_bridge),
    parts as (
        select '' as country, calendar_date as date, part_no, part, leads_to, amount from rpt_sales_revenue_bridge
        union all
        select country, date, part_no, part, leads_to, amount from booked inner join steps using (part)
    )
    select period, country, part_no, part, leads_to, sum(amount)::double as amount
    from {periods} inner join parts on date between first_date and last_date
    group by all order by period, country, part_no
"""
_COUNTS = ("physical", "accepted", "quarantined", "duplicate", "blocked")
_SUMS = ", ".join(f"sum({count}_rows)::bigint as {count}_rows" for count in _COUNTS)
_QUALITY = f"""
    select arrival_date as date, date_diff('day', arrival_date, $as_of::date) as age, {_SUMS}
    from rpt_quality_rows_daily where arrival_date <= $as_of group by all order by date
"""
# Every period reaches up to now: of the newest days, on which nothing was let in, no data are known, but what became of
# their files is.
_QUALITY_TOTALS = f"""
    select period, {_SUMS}, sum(accounting_gap)::bigint as accounting_gap
    from {{periods}} inner join rpt_quality_rows_daily on arrival_date >= first_date
    group by period order by period
"""
_QUALITY_TABLES = f"""
    select period, source_system || '.' || table_name as source_table, {_SUMS}
    from {{periods}} inner join rpt_quality_rows_daily on arrival_date >= first_date
    group by all order by period, source_table
"""
# What passed is the ground of the strips, so its days are enough; cells of their own are the others.
_SCORECARD_DAYS = """
    select distinct arrival_date as date, date_diff('day', arrival_date, $as_of::date) as age,
        source_system || '.' || table_name as source_table
    from rpt_quality_scorecard where arrival_date <= $as_of order by date, source_table
"""
_SCORECARD = """
    select arrival_date as date, date_diff('day', arrival_date, $as_of::date) as age,
        source_system || '.' || table_name as source_table, check_class, status, coalesce(finding, '') as finding,
        worst_rule, measured, lowest, highest
    from rpt_quality_scorecard where status <> 'pass'
    order by date, source_table, check_class
"""
_SCORECARD_TOTALS = """
    with days as (
        select arrival_date, sum(n_checks) as n_checks, bool_or(status = 'fail') as is_failed,
            bool_or(status = 'warn') as is_warned
        from rpt_quality_scorecard group by arrival_date
    )
    select period, count(*) as days, sum(n_checks)::bigint as checks, count(*) filter (where is_failed) as failed,
        count(*) filter (where is_warned and not is_failed) as warned
    from {periods} inner join days on arrival_date >= first_date
    group by period order by period
"""
_COHORTS = """
    select cohort_month, age_months, cohort_size, n_active, retention_rate::double as retention_rate, is_left_censored
    from rpt_customers_retention where is_mature and age_months > 0 order by cohort_month, age_months
"""
_FORECAST = """
    select target_date as date, date_diff('day', target_date, $as_of::date) as age, mean, q10, q50, q90, naive,
        is_open, horizon_days as horizon, as_of_date as as_of, method
    from rpt_inventory_demand_forecast where series_kind = 'revenue' and target_date > $as_of order by target_date
"""
_ACCURACY = """
    select series_kind as subject, method, sum(n_forecasts)::double as n,
        sum(abs_error_total) / nullif(sum(abs(actual_total)), 0) as wape,
        (sum(forecast_total) - sum(actual_total)) / nullif(sum(actual_total), 0) as bias,
        sum(pinball_total) / nullif(sum(n_forecasts), 0) as pinball,
        sum(n_below_q10) / nullif(sum(n_forecasts), 0) as share_below_q10,
        sum(n_above_q90) / nullif(sum(n_forecasts), 0) as share_above_q90,
        bool_or(is_published and target_date = newest) as is_published, count(distinct target_date) as days,
        min(target_date) as first, max(target_date) as last
    from (select *, max(target_date) over () as newest from rpt_inventory_forecast_accuracy)
    group by all order by subject desc, pinball, method
"""
_PROMISED = """
    select target_date as date, avg(forecast_total) as promised, avg(actual_total) as came
    from rpt_inventory_forecast_accuracy
    where series_kind = 'revenue' and is_published and horizon_days <= 7
    group by target_date order by target_date
"""
_WATCH = """
    with names as (select product_id, {name_local} as name_local from dim_products where is_current)
    select product_id, coalesce(description, product_id) as description, name_local, units_last_28::double as last,
        units_previous_28::double as previous, forecast_28::double as next, {lower}::double as lower,
        {upper}::double as upper, forecast_28 / nullif(units_last_28, 0)::double - 1 as change
    from rpt_inventory_product_watch left join names using (product_id) order by product_id
"""
_WEEKS = """
    select product_id, (12 - date_diff('day', ordered_date, $as_of::date) // 7)::integer as week,
        sum(quantity)::double as units
    from fct_order_lines inner join rpt_inventory_product_watch using (product_id)
    where line_type = 'sale' and item_type = 'product'
        and ordered_date between $as_of::date - 90 and $as_of::date
    group by all order by product_id, week
"""
_SEGMENTS = """
    select segment, n_customers, customer_share, sales_share, drivers, mean_recency_days as recency_days,
        mean_frequency as frequency, mean_monetary_amount::double as monetary_amount
    from rpt_customers_segments order by sales_share desc, segment
"""
_VALUES = """
    select v.customer_id, coalesce(m.segment, '') as segment, v.horizon_days, v.probability_alive,
        v.expected_purchases, v.expected_amount::double as expected_amount, v.lower::double as lower,
        v.upper::double as upper, v.naive_amount::double as naive_amount
    from rpt_customers_values as v
    left join rpt_customers_segment_memberships as m on v.customer_id = m.customer_id
    order by v.expected_amount desc, v.customer_id
"""
_SCORES = """
    select as_of_date, model, subject, method, measure, value, is_published
    from rpt_quality_model_scores order by model, subject, is_published desc, method, measure
"""
QUERIES = {
    "kpis": Query(("fct_orders", "fct_orders_lifecycle"), _KPIS),
    "days": Query(("rpt_sales_kpi_daily", "fct_orders"), _DAYS),
    "bridge": Query(("rpt_sales_revenue_bridge", "fct_orders"), _BRIDGE),
    "quality": Query(("rpt_quality_rows_daily",), _QUALITY),
    "quality_totals": Query(("rpt_quality_rows_daily",), _QUALITY_TOTALS),
    "quality_tables": Query(("rpt_quality_rows_daily",), _QUALITY_TABLES),
    "scorecard": Query(("rpt_quality_scorecard",), _SCORECARD),
    "scorecard_days": Query(("rpt_quality_scorecard",), _SCORECARD_DAYS),
    "scorecard_totals": Query(("rpt_quality_scorecard",), _SCORECARD_TOTALS),
    "cohorts": Query(("rpt_customers_retention",), _COHORTS),
    "forecast": Query(("rpt_inventory_demand_forecast",), _FORECAST),
    "accuracy": Query(("rpt_inventory_forecast_accuracy",), _ACCURACY),
    "promised": Query(("rpt_inventory_forecast_accuracy",), _PROMISED),
    "watch": Query(
        ("rpt_inventory_product_watch", "dim_products"),
        _WATCH,
        {
            "name_local": ("dim_products", "name_local"),
            "lower": ("rpt_inventory_product_watch", "forecast_28_lower"),
            "upper": ("rpt_inventory_product_watch", "forecast_28_upper"),
        },
    ),
    "weeks": Query(("rpt_inventory_product_watch", "fct_order_lines"), _WEEKS),
    "segments": Query(("rpt_customers_segments",), _SEGMENTS),
    "values": Query(("rpt_customers_values", "rpt_customers_segment_memberships"), _VALUES),
    "scores": Query(("rpt_quality_model_scores",), _SCORES),
}
