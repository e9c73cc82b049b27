"""The SQL of the margin, for shops that know costs and payments; see queries.py for the form.

Does not belong here: what is drawn of it (sections/margin.py). Rates are sums over sums, never means of daily rates;
there is none where net revenue is not positive: a loss over negative revenue would look like a profit.
"""

from __future__ import annotations

from pipelines.reporting.queries import Query

_TOTALS = """
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
_BRIDGE = """
    select period, '' as country, part_no, part, leads_to, sum(amount)::double as amount
    from {periods} inner join rpt_sales_margin_bridge on calendar_date between first_date and last_date
    group by all order by period, part_no
"""
# One day's rate jumps with a single large order; that of seven days holds every weekday once.
_DAYS = """
    select calendar_date as date, date_diff('day', calendar_date, $as_of::date) as age, cm2_amount::double as cm2,
        (sum(cm1_amount) over week / nullif(greatest(sum(net_revenue_amount) over week, 0), 0))::double as cm1_rate,
        (sum(cm2_amount) over week / nullif(greatest(sum(net_revenue_amount) over week, 0), 0))::double as cm2_rate
    from rpt_sales_margin_daily where calendar_date <= $as_of
    window week as (order by calendar_date range between interval 6 days preceding and current row)
    order by date
"""
MARGIN_QUERIES = {
    "margin_totals": Query(("rpt_sales_margin_daily",), _TOTALS, is_extra=True),
    "margin_bridge": Query(("rpt_sales_margin_bridge",), _BRIDGE, is_extra=True),
    "margin_days": Query(("rpt_sales_margin_daily",), _DAYS, is_extra=True),
}
