"""Stock, movements and stages as they are true, and read at the wrong time or with the wrong sign."""

from __future__ import annotations

from tests.simulator.faults import Fault

SOUND = {
    "fct_inventory_daily": """
        select sku as product_id, location_id, snapshot_date, on_hand as units_on_hand,
            cast(on_hand * unit_cost as decimal(18, 4)) as stock_value_amount, stockout_minutes > 0 as is_stocked_out
        from inventory_daily where due_date <= last()
    """,
    "fct_inventory_movements": """
        select movement_id, sku as product_id, location_id, cast(moved_at + interval 8 hours as date) as moved_date,
            movement_type, quantity
        from movements where due_date <= last()
    """,
    "fct_fulfilment_stages": "select shipment_id, stage, entered_at, left_at from stage_times where due_date <= last()",
}
FAULTS = {
    "stock is read a day late": Fault(published="update fct_inventory_daily set snapshot_date = snapshot_date + 1"),
    "movements count without their sign": Fault(
        published="update fct_inventory_movements set quantity = abs(quantity)"
    ),
    "times are taken for local ones": Fault(
        published="update fct_fulfilment_stages set entered_at = entered_at - interval 8 hours"
    ),
}
