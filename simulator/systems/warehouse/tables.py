"""The warehouse: what its files look like. Parquet, in UTC; its parcels and movements speak of the storefront's orders.

Does not belong here: how rows come about (rows.py), what is wrong with them (plants.py).
"""

from __future__ import annotations

from simulator.clock import UTC
from simulator.system import Form, System

FORM = Form("warehouse", "parquet", UTC, of_first_release=True)
SYSTEM = System(
    FORM,
    (
        FORM.table(
            "locations",
            "location_id updated_at name city latitude longitude capacity_units",
            key="location_id",
            event="updated_at",
            order="location_id",
            is_spared=True,
        ),
        FORM.table(
            "inventory_snapshots",
            "sku location_id snapshot_date on_hand reserved available on_order in_transit damaged "
            "stockout_minutes unit_cost",
            key="sku location_id snapshot_date",
            event="snapshot_date",
            order="sku, location_id",
        ),
        FORM.table(
            "movements",
            "movement_id moved_at sku location_id movement_type quantity reference_id",
            key="movement_id",
            event="moved_at",
            order="movement_id",
        ),
        FORM.table(
            "shipments",
            "shipment_id updated_at order_id location_id carrier created_at promised_at handed_over_at "
            "delivered_at status shipping_cost",
            key="shipment_id",
            event="created_at",
            order="updated_at, shipment_id",
        ),
        FORM.table(
            "stage_times",
            "shipment_id stage entered_at left_at",
            key="shipment_id stage",
            event="entered_at",
            order="left_at, shipment_id, stage",
            parent=("shipment_id", "shipments"),
        ),
    ),
    needs=("storefront",),
)
