"""The storefront's true rows, in SQL over the world's notes: what its files hold before any dirt.

Belongs here: texts, versions, ids of its own. Does not belong here: what happens (days.py and the world), dirt.
"""

from __future__ import annotations

import datetime as dt

from simulator.clock import DAY, NEVER, date_of_day
from simulator.ids import CENTS, E4, ORDER_ID, REFUND_ID, SKU_ID
from simulator.noted import Words, end_second, versions
from simulator.orders import CHANNELS as SALES_CHANNELS
from simulator.orders import FEES_E4, METHODS
from simulator.people import CHANNELS
from simulator.systems.storefront.tables import FORM
from simulator.words import CATEGORIES
from simulator.world import World

WORDS: Words = {
    "channel": [(name,) for name in CHANNELS],
    "sales_channel": [(name,) for name in SALES_CHANNELS],
    "method": list(zip(METHODS, map(int, FEES_E4), strict=True)),
    "gender": [("F",), ("M",), (None,)],
}


def clean_rows(world: World) -> dict[str, str]:
    """SQL of every table's true rows: its columns, and `_day`, the number of the day whose file brings the row."""
    start, end = world.arguments.start, end_second(world)
    return {
        "customers": _customers(start, end),
        "products": _products(start, world.arguments.days),
        "promotions": _promotions(start),
        "prices": _prices(start),
        "fx_rates": f"select 'USD' as currency, {date_of_day('day', start)} as rate_date, "
                    "(usd_e4::decimal(18, 4) / 10000)::decimal(18, 4) as rate, day as _day from note_rates",
        "orders": _orders(start, end),
        "order_lines": _order_lines(start),
        "payments": _payments(start, end),
        "refunds": _refunds(start, end),
    }  # fmt: skip


def phone(column: str) -> str:
    """SQL: a telephone number in ranges that nobody is given (10x is no mobile range in China, 555-01 is fiction)."""
    abroad, here = f"lpad(({column} % 10000)::varchar, 4, '0')", f"lpad({column}::varchar, 8, '0')"
    return f"if(p.foreign, '+1555010' || {abroad}, '100' || {here})"


def _customers(start: dt.date, end: int) -> str:
    return f"""
        with versions as (
            select *, greatest(registered, i % 3600 + 1) as moment, city as city_now, phone as phone_now,
                marketing as marketing_now
            from people
            union all by name
            select *, changed as moment, city_after as city_now, phone_after as phone_now,
                marketing_after as marketing_now
            from people where changed < {end}
        )
        select
            n.customer_id, {FORM.time("p.moment", start)} as updated_at,
                {FORM.time("p.registered", start)} as registered_at,
            n.full_name, n.email, case when p.has_phone then {phone("p.phone_now")} end as phone, g.w0 as gender,
            nullif(p.birth_year, 0) as birth_year, c.w1 as country, c.w0 as city, a.w0 as acquisition_channel,
            p.marketing_now as accepts_marketing, p.personalisation as allows_personalisation,
            p.moment // {DAY} as _day
        from versions as p
        join persons as n on n.i = p.i and not n.is_guest
        join word_city as c on c.i = p.city_now
        join word_channel as a on a.i = p.channel
        join word_gender as g on g.i = p.gender"""


def _products(start: dt.date, days: int) -> str:
    """A version when a product is announced (a week before it is sold), when its cost changes, when it ends."""
    return f"""
        with days_of_change as (
            select s.i, greatest(s.launch - 7, 0) as day from skus as s
            union
            select s.i, s."end" from skus as s
            union
            select t.sku, t.day from note_tags as t join skus as s on s.i = t.sku
            where t.cost_is_new and t.day > s.launch and t.day < s."end"
        )
        select
            {SKU_ID.format("s.i")} as sku, {FORM.time(f"d.day * {DAY} + 21600 + s.i", start)} as updated_at,
            'SPU' || lpad((s.spu + 1)::varchar, 5, '0') as spu,
            b.w0 || if(s.eco, '环保', '') || q.w0 || if(s.noun = 0, h.w2, h.w4) || ' ' || v.w0 as name,
            b.w1 || if(s.eco, ' Eco', '') || ' ' || q.w1 || ' ' || if(s.noun = 0, h.w3, h.w5)
                || ' (' || v.w1 || ')' as name_en,
            b.w1 as brand, h.w0 as category_l1, h.w1 as category_l2, {E4.format("t.cost_e4")} as unit_cost,
            s.pack as pack_size, s.eco as is_eco,
            {date_of_day("if(s.launch > 0, s.launch, -(s.i * 37 % 900) - 1)", start)} as launched_on,
            if(d.day >= s."end", 'discontinued', 'active') as status, d.day as _day
        from days_of_change as d
        join skus as s on s.i = d.i
        join note_tags as t on t.sku = s.i and t.day = d.day
        join word_shelf as h on h.i = s.shelf
        join word_brand as b on b.i = s.brand
        join word_quality as q on q.i = s.quality
        join word_variant as v on v.i = s.variant
        where d.day < {days}"""


def _promotions(start: dt.date) -> str:
    return f"""
        select
            'PROMO' || lpad(number::varchar, 4, '0') as promotion_id,
                {FORM.time(f"known * {DAY} + 32400 + number", start)} as updated_at,
            name::varchar as name, kind::varchar as kind, depth::decimal(5, 4) as discount_rate,
            case when category >= 0 then {list(CATEGORIES)}[category + 1] end as category_l1,
            {date_of_day("first", start)} as starts_on, {date_of_day("last", start)} as ends_on, known as _day
        from promotions_planned"""


def promotion_id(column: str) -> str:
    """SQL: a promotion's id out of its number; null for 0."""
    return f"case when {column} > 0 then 'PROMO' || lpad({column}::varchar, 4, '0') end"


def _prices(start: dt.date) -> str:
    return f"""
        select
            {SKU_ID.format("sku")} as sku, {date_of_day("day", start)} as price_date,
            {CENTS.format("list_cents")} as list_price, {CENTS.format("sale_cents")} as sale_price, 'CNY' as currency,
            {promotion_id("promotion")} as promotion_id, day as _day
        from note_tags where on_sale"""


def _orders(start: dt.date, end: int) -> str:
    """The state of an order at the end of each day on which its status changed."""
    steps = (
        ("placed", "ordered"),
        ("paid", "paid"),
        ("shipped", "shipped"),
        ("delivered", "delivered"),
        ("cancelled", "cancelled"),
    )
    return f"""
        select
            {ORDER_ID.format("o.i")} as order_id, {FORM.time("v.moment", start)} as updated_at,
            {FORM.time("o.ordered", start)} as ordered_at, v.status,
            {FORM.time(f"if(o.paid <= v.moment, o.paid, {NEVER})", start)} as paid_at,
            n.customer_id, case when n.is_guest then n.email end as guest_email, c.w1 as country, c.w0 as city,
            w.w0 as sales_channel, if(o.currency = 1, 'USD', 'CNY') as currency,
                {CENTS.format("o.goods")} as goods_amount,
            {CENTS.format("o.discount")} as discount_amount, {CENTS.format("o.fee")} as shipping_fee,
            {CENTS.format("o.total")} as total_amount, v.moment // {DAY} as _day
        from ({versions("note_orders", steps, end)}) as v
        join note_orders as o on o.i = v.i
        join persons as n on n.i = o.who
        join word_city as c on c.i = o.city
        join word_sales_channel as w on w.i = o.channel"""


def _order_lines(start: dt.date) -> str:
    return f"""
        select
            {ORDER_ID.format('l."order"')} as order_id, l.number as line_no,
                {FORM.time("o.ordered", start)} as ordered_at,
            {SKU_ID.format("l.sku")} as sku, c.w0 as location_id, l.quantity,
                {CENTS.format("l.unit")} as unit_list_price,
            {CENTS.format("l.discount")} as discount_amount, {E4.format("l.cost_e4")} as unit_cost,
            if(o.currency = 1, 'USD', 'CNY') as currency, {promotion_id("l.promotion")} as promotion_id,
            o.ordered // {DAY} as _day
        from note_lines as l
        join note_orders as o on o.i = l."order"
        join word_location as c on c.i = l.place % 3"""


def _payments(start: dt.date, end: int) -> str:
    return f"""
        select
            'PAY' || lpad((row_number() over (order by o.paid, o.i))::varchar, 10, '0') as payment_id,
            {ORDER_ID.format("o.i")} as order_id, {FORM.time("o.paid", start)} as paid_at, m.w0 as method,
            {CENTS.format("o.total")} as amount, {E4.format("(o.total * m.w1 + 50) // 100")} as fee_amount,
            if(o.currency = 1, 'USD', 'CNY') as currency, o.paid // {DAY} as _day
        from note_orders as o join word_method as m on m.i = o.method
        where o.paid < {end}"""


def _refunds(start: dt.date, end: int) -> str:
    return f"""
        select
            {REFUND_ID} as refund_id, {ORDER_ID.format('l."order"')} as order_id, l.number as line_no,
            {SKU_ID.format("l.sku")} as sku, r.quantity, {CENTS.format("r.amount")} as amount,
            {E4.format("l.cost_e4")} as unit_cost, if(o.currency = 1, 'USD', 'CNY') as currency,
            {FORM.time("r.refunded", start)} as refunded_at, w.w0 as reason, w.w1 as is_restocked,
            r.refunded // {DAY} as _day
        from note_refunds as r
        join note_lines as l on l.i = r.line
        join note_orders as o on o.i = l."order"
        join word_reason as w on w.i = r.reason
        where r.refunded < {end}"""
