"""Grades of stock and fulfilment: what lay where, when it ran out, how long each stage took.

Belongs here: published rows against true ones, of the rows that were due by the last simulated day. Does not belong
here: how stock moves (simulator.stock), whether every row stands (capabilities/rows).
"""

from __future__ import annotations

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Asked, Capability, Grading, Measured
from simulator.text import Text

STOCK = Capability("stock", Text("Stock and fulfilment", "库存与履约"), 40)
A_DAY_LATE = "stock is read a day late"
UNITS, VALUE = "units on hand: SKU-location-days that differ", "value of stock: SKU-location-days that differ"
OUTS, NEVER_WERE = "stock-outs: SKU-location-days missed or invented", "snapshots that never were"
MOVED_UNITS, STAGES_DIFFER = "units moved: SKU-location-days that differ", "fulfilment stages that differ"
COMPARED = """
    select
        count(*) as compared,
        count(*) filter (where p.units_on_hand is distinct from k.on_hand) as units,
        count(*) filter (
            where p.stock_value_amount is distinct from cast(k.on_hand * k.unit_cost as decimal(18, 4))
        ) as stock_values,
        count(*) filter (where p.is_stocked_out is distinct from (k.stockout_minutes > 0)) as outs,
        count(*) filter (where k.stockout_minutes > 0) as planted
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


def _asked() -> list[Asked]:
    differ = Text("shelf days that differ from the truth", "与真相不符的货位天数")
    asked = {
        UNITS: ((Text("units on hand", "在库件数"), differ), A_DAY_LATE),
        VALUE: ((Text("value of stock", "库存金额"), differ), A_DAY_LATE),
        OUTS: ((Text("stock-outs", "缺货"), Text("shelf days missed or invented", "漏报或误报的货位天数")), A_DAY_LATE),
        NEVER_WERE: ((Text("stock counts that never were", "不存在的库存盘点"),), A_DAY_LATE),
        MOVED_UNITS: ((Text("units moved", "出入库件数"), differ), "movements count without their sign"),
        STAGES_DIFFER: (
            (Text("fulfilment stages that differ", "与真相不符的履约环节"),), "times are taken for local ones"
        ),
    }  # fmt: skip
    return [Asked(measure, texts, "at most", 0, fault) for measure, (texts, fault) in asked.items()]


def _measure(evidence: Evidence) -> Measured:
    """How many rows differ from the truth."""
    last = {"last_day": evidence.last_day}
    found = evidence.row(COMPARED, **last)
    counts = {
        UNITS: found["units"],
        VALUE: found["stock_values"],
        OUTS: found["outs"],
        NEVER_WERE: evidence.number(UNKNOWN_SNAPSHOTS),
        MOVED_UNITS: evidence.number(MOVED, **last),
        STAGES_DIFFER: evidence.number(STAGES, **last),
    }
    text = f"{found['planted']:,.0f} of {found['compared']:,.0f} SKU-location-days"
    return Measured(
        {name: count if found["compared"] else float("nan") for name, count in counts.items()},
        printed=(("stock-outs planted", text),),
    )


GRADING = Grading(STOCK, _asked, _measure)
