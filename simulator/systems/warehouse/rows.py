"""The warehouse's true rows, in SQL over the world's notes: what its files hold before any dirt.

Belongs here: snapshots, movements, parcels and their stages. Does not belong here: the rules of stock
(simulator.stock), durations (simulator.fulfilment), dirt.
"""

from __future__ import annotations

import datetime as dt

from simulator.clock import DAY, MINUTE, NEVER, date_of_day
from simulator.fulfilment import CARRIERS, STAGES
from simulator.ids import CENTS, E4, ORDER_ID, REFUND_ID, SKU_ID
from simulator.noted import Words, end_second, versions
from simulator.systems.warehouse.tables import FORM
from simulator.world import World

CAPACITY = (60_000, 40_000, 30_000)
WORDS: Words = {"carrier": [(name,) for name in CARRIERS], "stage": [(name,) for name in STAGES]}


def clean_rows(world: World) -> dict[str, str]:
    """SQL of every table's true rows: its columns, and `_day`, the number of the day whose file brings the row."""
    start, end = world.arguments.start, end_second(world)
    return {
        "locations": _locations(start, max(1, world.arguments.customers // 5000)),
        "inventory_snapshots": _snapshots(start),
        "movements": _movements(start, end),
        "shipments": _shipments(start, end),
        "stage_times": _stage_times(start, end),
    }


def _parcels(end: int) -> str:
    """SQL: the parcels that were made up by the end, with their ids."""
    number = "lpad((row_number() over (order by entered_1, i))::varchar, 10, '0')"
    return f"(select *, 'S' || {number} as shipment_id from note_parcels where entered_1 < {end})"


def _locations(start: dt.date, size: int) -> str:
    return f"""
        select
            w0 as location_id, {FORM.time("3600 + i", start)} as updated_at, w1 as name, w2 as city, w3 as latitude,
            w4 as longitude, ({list(CAPACITY)}[i + 1] * {size})::integer as capacity_units, 0 as _day
        from word_location"""


def _snapshots(start: dt.date) -> str:
    return f"""
        select
            {SKU_ID.format("p.place // 3")} as sku, c.w0 as location_id, {date_of_day("p.day", start)} as snapshot_date,
            p.on_hand::integer as on_hand, p.reserved::integer as reserved,
                (p.on_hand - p.reserved)::integer as available,
            p.on_order::integer as on_order, p.in_transit::integer as in_transit, p.damaged::integer as damaged,
            p.stockout_minutes::integer as stockout_minutes, {E4.format("t.cost_e4")} as unit_cost, p.day as _day
        from note_places as p
        join note_tags as t on t.day = p.day and t.sku = p.place // 3
        join skus as s on s.i = t.sku and s.launch <= p.day
        join word_location as c on c.i = p.place % 3"""


def _movements(start: dt.date, end: int) -> str:
    """Goods leave when their order is paid; what comes back is booked in the night after; damage and counts late."""
    order = "order by m.moment, m.kind, m.place, m.reference_id"
    night = f"(day * {DAY} + 60 + place % 200)"
    return f"""
        with refund_ids as (
            select r.*, {REFUND_ID} as refund_id from note_refunds as r where r.refunded < {end}
        ),
        moved as (
            select {night} as moment, 0 as kind, place, received as quantity, null as reference_id
            from note_places where received > 0
            union all
            select o.paid, 1, l.place, -l.quantity, {ORDER_ID.format("o.i")}
            from note_lines as l join note_orders as o on o.i = l."order" where o.paid < {end}
            union all
            select (r.refunded // {DAY} + 1) * {DAY} + 180, 2, l.place, r.quantity, r.refund_id
            from refund_ids as r join note_lines as l on l.i = r.line join word_reason as w on w.i = r.reason
            where w.w1 and (r.refunded // {DAY} + 1) * {DAY} + 180 < {end}
            union all
            select (day + 1) * {DAY} - {5 * MINUTE}, 3, place, damage, null from note_places where damage < 0
            union all
            select (day + 1) * {DAY} - {3 * MINUTE}, 4, place, correction, null from note_places where correction <> 0
        )
        select
            'M' || lpad((row_number() over ({order}))::varchar, 12, '0') as movement_id,
            {FORM.time("m.moment", start)} as moved_at, {SKU_ID.format("m.place // 3")} as sku, c.w0 as location_id,
            ['receipt', 'sale', 'return', 'damage', 'count_correction'][m.kind + 1] as movement_type,
            m.quantity::integer as quantity, m.reference_id, m.moment // {DAY} as _day
        from moved as m join word_location as c on c.i = m.place % 3"""


def _shipments(start: dt.date, end: int) -> str:
    """The state of a parcel at the end of each day on which its status changed."""
    steps = (("created", "entered_1"), ("handed_over", "entered_4"), ("delivered", "entered_7"), ("lost", "lost"))
    return f"""
        with parcels as materialized {_parcels(end)}
        select
            p.shipment_id, {FORM.time("v.moment", start)} as updated_at, {ORDER_ID.format('p."order"')} as order_id,
            c.w0 as location_id, r.w0 as carrier, {FORM.time("p.entered_1", start)} as created_at,
            {FORM.time("p.promised", start)} as promised_at,
            {FORM.time(f"if(p.entered_4 <= v.moment, p.entered_4, {NEVER})", start)} as handed_over_at,
            {FORM.time(f"if(p.entered_7 <= v.moment, p.entered_7, {NEVER})", start)} as delivered_at, v.status,
            ({CENTS.format("p.cost_cents")})::decimal(18, 4) as shipping_cost, v.moment // {DAY} as _day
        from ({versions("parcels", steps, end)}) as v
        join parcels as p on p.i = v.i
        join word_location as c on c.i = p.location
        join word_carrier as r on r.i = p.carrier"""


def _stage_times(start: dt.date, end: int) -> str:
    stages = " union all ".join(
        f"select shipment_id, {n} as stage, entered_{n} as entered, entered_{n + 1} as left_stage from parcels "
        f"where entered_{n + 1} < {end}"
        for n in range(7)
    )
    return f"""
        with parcels as materialized {_parcels(end)}
        select
            t.shipment_id, w.w0 as stage, {FORM.time("t.entered", start)} as entered_at,
            {FORM.time("t.left_stage", start)} as left_at, t.left_stage // {DAY} as _day
        from ({stages}) as t join word_stage as w on w.i = t.stage"""
