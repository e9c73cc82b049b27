"""The money of each day as it is true, in exact decimals, out of the clean tables alone.

Belongs here: the definitions of the figures, written down apart from whoever computes them from the drops. Does not
belong here: the rows themselves (storefront.py, warehouse.py). Base currency CNY; an amount in USD is converted line by
line at the rate of its own date, rounded to 4 decimals, half away from zero.
"""

from __future__ import annotations

from simulator.arguments import Arguments
from simulator.clock import ZONE_SECONDS

FIGURES = (
    "gmv", "unpaid", "gross_sales", "discounts", "returns", "net_sales", "shipping_income", "net_revenue", "cogs",
    "cm1", "shipping_cost", "payment_fees", "cm2",
)  # fmt: skip


def money_daily(arguments: Arguments) -> str:
    """SQL: event_date and FIGURES per simulated day, as known on the last."""
    last = arguments.last
    return f"""
        with rates as (select rate_date, rate from clean_fx_rates),
        known as (
            select order_id, max(paid_at) as paid_at, any_value(currency) as currency, any_value(shipping_fee) as fee,
                any_value(ordered_at)::date as event_date
            from clean_orders group by order_id
        ),
        lines as (
            select
                l.ordered_at::date as event_date, k.paid_at is not null as is_sale,
                {_base("(l.quantity * l.unit_list_price)", "l.currency")} as list_value,
                {_base("l.discount_amount", "l.currency")} as discount,
                    (l.quantity * l.unit_cost)::decimal(18, 4) as cost
            from clean_order_lines as l join known as k using (order_id)
            join rates as r on r.rate_date = l.ordered_at::date
        ),
        by_line as (
            select event_date, sum(list_value) as gmv, sum(list_value) filter (where not is_sale) as unpaid,
                sum(discount) filter (where is_sale) as discounts, sum(cost) filter (where is_sale) as cost
            from lines group by event_date
        ),
        by_order as (
            select k.event_date, sum({_base("k.fee", "k.currency")}) as shipping_income
            from known as k join rates as r on r.rate_date = k.event_date
            where k.paid_at is not null group by k.event_date
        ),
        by_refund as (
            select f.refunded_at::date as event_date, sum({_base("f.amount", "f.currency")}) as returns,
                sum((f.quantity * f.unit_cost)::decimal(18, 4)) filter (where f.is_restocked) as cost_back
            from clean_refunds as f join rates as r on r.rate_date = f.refunded_at::date group by event_date
        ),
        by_payment as (
            select p.paid_at::date as event_date, sum({_base("p.fee_amount", "p.currency")}) as payment_fees
            from clean_payments as p join rates as r on r.rate_date = p.paid_at::date group by event_date
        ),
        by_parcel as (
            select (created_at + to_seconds({ZONE_SECONDS}))::date as event_date, sum(shipping_cost) as shipping_cost
            from (select distinct shipment_id, created_at, shipping_cost from clean_shipments) group by event_date
        ),
        days as (
            select unnest(generate_series(date '{arguments.start}', date '{last}', interval 1 day))::date as event_date
        ),
        parts as (
            select d.event_date, coalesce(gmv, 0) as gmv, coalesce(unpaid, 0) as unpaid,
                coalesce(discounts, 0) as discounts,
                coalesce(returns, 0) as returns, coalesce(shipping_income, 0) as shipping_income,
                coalesce(cost, 0) - coalesce(cost_back, 0) as cogs, coalesce(shipping_cost, 0) as shipping_cost,
                coalesce(payment_fees, 0) as payment_fees
            from days as d
            left join by_line using (event_date) left join by_order using (event_date)
            left join by_refund using (event_date) left join by_payment using (event_date)
            left join by_parcel using (event_date)
        ),
        figures as (
            select
                *, gmv - unpaid as gross_sales, gmv - unpaid - discounts - returns as net_sales,
                gmv - unpaid - discounts - returns + shipping_income as net_revenue,
                gmv - unpaid - discounts - returns + shipping_income - cogs as cm1,
                gmv - unpaid - discounts - returns + shipping_income - cogs - shipping_cost - payment_fees as cm2
            from parts
        )
        select event_date, {", ".join(f"{name}::decimal(18, 4) as {name}" for name in FIGURES)}
        from figures order by event_date"""


def _base(amount: str, currency: str) -> str:
    """SQL: an amount in CNY at the rate `r`."""
    exact = f"({amount})::decimal(18, 4)"
    return f"if({currency} = 'CNY', {exact}, round({exact} * r.rate, 4)::decimal(18, 4))"
