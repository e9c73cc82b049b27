"""The SQL of the page on sales; see pipelines.reporting.readings for the form.

Frames, one row per (key):
- kpis (period, span now|before, country; '' = all): net_revenue, net_sales, gross_sales, returns, orders, buyers,
  new_customers, units, aov, returns_share
- days (country, date): age (days before the newest day), state, revenue (null on closed days), average
- bridge (period, country, part_no): part, leads_to, amount
- forecast (date): age (negative), mean, q10, q50, q90, naive, is_open, horizon, as_of, method
- margin_totals (period, span): sums, rates, orders and payments without an exchange rate; margin_bridge (period,
  part_no): part, leads_to, amount; margin_days (date): age, cm2, rates of the last 7 days; of shops that know costs

Does not belong here: what is drawn of it. Rates are sums over sums, never means of daily rates; there is none where
net revenue is not positive: a loss over negative revenue would look like a profit.
"""

from __future__ import annotations

from pipelines.reporting.readings import Query

RECORD = Query(
    ("rpt_sales_kpi_daily",),
    "select min(calendar_date), max(amount_currency) from rpt_sales_kpi_daily where calendar_date <= $as_of",
)
# Twelve countries make 98 % of the demo shop's revenue and a list that is read at a glance.
COUNTRIES = Query(
    ("fct_orders",),
    """
    select country from fct_orders where country is not null and country <> '' and ordered_date <= $as_of
    group by country order by sum(net_revenue_amount) desc, country limit 12
    """,
)
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
_FORECAST = """
    select target_date as date, date_diff('day', target_date, $as_of::date) as age, mean, q10, q50, q90, naive,
        is_open, horizon_days as horizon, as_of_date as as_of, method
    from rpt_inventory_demand_forecast where series_kind = 'revenue' and target_date > $as_of order by target_date
"""
_MARGIN_TOTALS = """
    select period, span, sum(gmv_amount)::double as gmv, sum(unpaid_amount)::double as unpaid,
        sum(net_revenue_amount)::double as net_revenue, sum(cm1_amount)::double as cm1, sum(cm2_amount)::double as cm2,
        (sum(unpaid_amount) / nullif(sum(gmv_amount), 0))::double as unpaid_share,
        (sum(cm1_amount) / nullif(greatest(sum(net_revenue_amount), 0), 0))::double as cm1_rate,
        (sum(cm2_amount) / nullif(greatest(sum(net_revenue_amount), 0), 0))::double as cm2_rate,
        sum(n_orders_without_rate)::bigint as orders_without_rate,
        sum(n_payments_without_rate)::bigint as payments_without_rate
    from {spans} inner join rpt_sales_margin_daily on calendar_date between first_date and last_date
    group by all order by period, span
"""
_MARGIN_BRIDGE = """
    select period, '' as country, part_no, part, leads_to, sum(amount)::double as amount
    from {periods} inner join rpt_sales_margin_bridge on calendar_date between first_date and last_date
    group by all order by period, part_no
"""
# One day's rate jumps with a single large order; that of seven days holds every weekday once.
_MARGIN_DAYS = """
    select calendar_date as date, date_diff('day', calendar_date, $as_of::date) as age, cm2_amount::double as cm2,
        (sum(cm1_amount) over week / nullif(greatest(sum(net_revenue_amount) over week, 0), 0))::double as cm1_rate,
        (sum(cm2_amount) over week / nullif(greatest(sum(net_revenue_amount) over week, 0), 0))::double as cm2_rate
    from rpt_sales_margin_daily where calendar_date <= $as_of
    window week as (order by calendar_date range between interval 6 days preceding and current row)
    order by date
"""
QUERIES = {
    "kpis": Query(("fct_orders", "fct_orders_lifecycle"), _KPIS),
    "days": Query(("rpt_sales_kpi_daily", "fct_orders"), _DAYS),
    "bridge": Query(("rpt_sales_revenue_bridge", "fct_orders"), _BRIDGE),
    "forecast": Query(("rpt_inventory_demand_forecast",), _FORECAST),
    "margin_totals": Query(("rpt_sales_margin_daily",), _MARGIN_TOTALS, is_extra=True),
    "margin_bridge": Query(("rpt_sales_margin_bridge",), _MARGIN_BRIDGE, is_extra=True),
    "margin_days": Query(("rpt_sales_margin_daily",), _MARGIN_DAYS, is_extra=True),
}
