"""The money of each day as it is true, in exact decimals, out of the clean tables alone.

Belongs here: the definitions of the figures, written down apart from whoever computes them from the drops. Does not
belong here: the rows themselves (systems/<system>/rows.py). Base currency CNY; an amount in USD is converted line by
line at the rate of its own date, rounded to 4 decimals, half away from zero.
"""

from __future__ import annotations

import duckdb

from simulator.arguments import Arguments
from simulator.clock import SHOP
from simulator.world import World

FIGURES = (
    "gmv", "unpaid", "gross_sales", "discounts", "returns", "net_sales", "shipping_income", "net_revenue", "cogs",
    "cm1", "shipping_cost", "payment_fees", "cm2",
)  # fmt: skip


NEEDS = ("storefront", "warehouse")


def truth(con: duckdb.DuckDBPyConnection, world: World) -> dict[str, str]:
    """SQL of its table of the key."""
    return {"money_daily": money_daily(world.arguments)}


def money_daily(arguments: Arguments) -> str:
    """SQL: event_date and FIGURES per simulated day, as known on the last."""
    sources = {
        "lines": _lines(),
        "orders": _orders(),
        "refunds": _refunds(),
        "payments": _per_day("clean_storefront__payments", "paid_at::date", {"payment_fees": _base("t.fee_amount")}),
        "parcels": _parcels(),
    }
    days = f"unnest(generate_series(date '{arguments.start}', date '{arguments.last}', interval 1 day))::date"
    names = (
        "gmv",
        "unpaid",
        "discounts",
        "cost",
        "shipping_income",
        "returns",
        "cost_back",
        "payment_fees",
        "shipping_cost",
    )
    joins = " ".join(f"left join ({sql}) as {name} using (event_date)" for name, sql in sources.items())
    return f"""
        with known as (
            select order_id, max(paid_at) is not null as is_sale, any_value(currency) as currency,
                any_value(shipping_fee) as shipping_fee, any_value(ordered_at) as ordered_at
            from clean_storefront__orders group by order_id
        ),
        parts as (
            select event_date, {", ".join(f"coalesce({name}, 0) as {name}" for name in names)}
            from (select {days} as event_date) as days {joins}
        ),
        figures as (
            select *, cost - cost_back as cogs, gmv - unpaid as gross_sales,
                gross_sales - discounts - returns as net_sales,
                net_sales + shipping_income as net_revenue, net_revenue - (cost - cost_back) as cm1,
                cm1 - shipping_cost - payment_fees as cm2
            from parts
        )
        select event_date, {", ".join(f"{name}::decimal(18, 4) as {name}" for name in FIGURES)}
        from figures order by event_date"""


def _per_day(source: str, day: str, sums: dict[str, str]) -> str:
    """SQL: sums over the rows `t` of a source per event day, with the rate `r` of that day."""
    figures = ", ".join(f"sum({figure}) as {name}" for name, figure in sums.items())
    return f"""select t.{day} as event_date, {figures} from {source} as t
        join clean_storefront__fx_rates as r on r.rate_date = t.{day} group by t.{day}"""


def _lines() -> str:
    value, discount = _base("(t.quantity * t.unit_list_price)"), _base("t.discount_amount")
    return _per_day(
        "(select l.*, k.is_sale from clean_storefront__order_lines as l join known as k using (order_id))",
        "ordered_at::date",
        {
            "gmv": value,
            "unpaid": f"if(t.is_sale, 0, {value})",
            "discounts": f"if(t.is_sale, {discount}, 0)",
            "cost": "if(t.is_sale, (t.quantity * t.unit_cost)::decimal(18, 4), 0)",
        },
    )


def _orders() -> str:
    return _per_day("(from known where is_sale)", "ordered_at::date", {"shipping_income": _base("t.shipping_fee")})


def _refunds() -> str:
    back = "if(t.is_restocked, (t.quantity * t.unit_cost)::decimal(18, 4), 0)"
    return _per_day("clean_storefront__refunds", "refunded_at::date", {"returns": _base("t.amount"), "cost_back": back})


def _parcels() -> str:
    """Costs are CNY already; a parcel's day is that of its making, in the shop's zone."""
    day = f"(created_at + to_seconds({SHOP.seconds}))::date"
    return f"""select {day} as event_date, sum(shipping_cost) as shipping_cost
        from (select distinct shipment_id, created_at, shipping_cost from clean_warehouse__shipments) group by {day}"""


def _base(amount: str) -> str:
    """SQL: an amount of row `t` in CNY at the rate `r`."""
    exact = f"({amount})::decimal(18, 4)"
    return f"if(t.currency = 'CNY', {exact}, round({exact} * r.rate, 4)::decimal(18, 4))"
