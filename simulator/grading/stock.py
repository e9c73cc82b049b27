"""Grades of stock and fulfilment: what lay where, when it ran out, how long each stage took.

Belongs here: published rows against true ones, of the rows that were due by the last simulated day. Does not belong
here: how stock moves (simulator.stock).
"""

from __future__ import annotations

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Grade, Marks, Printed

STOCK = """
    select
        count(*)::double,
        count(*) filter (where p.units_on_hand is distinct from k.on_hand)::double,
        count(*) filter (
            where p.stock_value_amount is distinct from cast(k.on_hand * k.unit_cost as decimal(18, 4))
        )::double,
        count(*) filter (where p.is_stocked_out is distinct from (k.stockout_minutes > 0))::double,
        count(*) filter (where k.stockout_minutes > 0)::double
    from key.inventory_daily as k left join published.fct_inventory_daily as p
        on k.sku = p.product_id and k.location_id = p.location_id and k.snapshot_date = p.snapshot_date
    where k.due_date <= $last_day
"""
UNKNOWN_SNAPSHOTS = """
    select count(*) from published.fct_inventory_daily as p anti join key.inventory_daily as k
        on k.sku = p.product_id and k.location_id = p.location_id and k.snapshot_date = p.snapshot_date
"""
MOVED = """
    with here as (
        select product_id as sku, location_id, moved_date, movement_type, sum(quantity) as units
        from published.fct_inventory_movements group by all
    ),
    there as (
        select sku, location_id, cast(moved_at + interval '8 hours' as date) as moved_date, movement_type,
            sum(quantity) as units,
            max(coalesce(due_date, date '9999-12-31')) as due_date
        from key.movements group by all
    )
    select count(*) from there full join here using (sku, location_id, moved_date, movement_type)
    where (there.due_date <= $last_day or there.sku is null) and here.units is distinct from there.units
"""
STAGES = """
    select count(*) from key.stage_times as k left join published.fct_fulfilment_stages as p
        on k.shipment_id = p.shipment_id and k.stage = p.stage
    where k.due_date <= $last_day and (p.entered_at, p.left_at) is distinct from (k.entered_at, k.left_at)
"""


def grade_stock(evidence: Evidence) -> Marks:
    """Stock, its value, stock-outs, movements and stages: how many rows differ from the truth."""
    last = {"last_day": evidence.last_day}
    found = evidence.con.execute(STOCK, last).fetchone()
    assert found is not None  # an aggregate has one row
    compared, units, values, outs, planted = (float(number) for number in found)
    counts = {
        "units on hand: SKU-location-days that differ": units,
        "value of stock: SKU-location-days that differ": values,
        "stock-outs: SKU-location-days missed or invented": outs,
        "snapshots that never were": evidence.number(UNKNOWN_SNAPSHOTS),
        "units moved: SKU-location-days that differ": evidence.number(MOVED, **last),
        "fulfilment stages that differ": evidence.number(STAGES, **last),
    }
    grades = [Grade("stock", name, count if compared else float("nan"), "at most", 0) for name, count in counts.items()]
    text = f"{planted:,.0f} of {compared:,.0f} SKU-location-days"
    return Marks(tuple(grades), (Printed("stock", "stock-outs planted", text),))
