"""What is wrong with the warehouse's rows, and how often: rates are such that each class has at least 250 rows in 120
days of 5,000 customers.

Does not belong here: how a kind of mistake looks in general (simulator.dirt.plants).
"""

from __future__ import annotations

from simulator.dirt.plants import Plant, copies, future_clocks, late_rows, missing_keys

FIRST_PARCEL_VERSION = "status in ('created', 'handed_over') and updated_at - created_at < interval 2 hours"
OTHER_CARRIER = "if(carrier = 'sf', 'zto', 'sf')"

PLANTS: tuple[Plant, ...] = (
    *copies({"movements": 0.002, "stage_times": 0.0008}),
    Plant("near_duplicate", "before", "shipments", 0.003, "promised_at", "promised_at - interval 1 hour"),
    *late_rows({"movements": 0.001, "stage_times": 0.0008, "inventory_snapshots": 0.0008}),
    # A late first version of a parcel makes orphans of its stages.
    Plant("late_row", "late", "shipments", 0.006, where=FIRST_PARCEL_VERSION),
    # Only the final version is restated: a correction must not overtake the next change of status.
    Plant("restated_row", "restated", "shipments", 0.012, "carrier", OTHER_CARRIER, "status = 'delivered'"),
    *missing_keys({"movements": ("movement_id", 0.002), "inventory_snapshots": ("sku", 0.0008)}),
    *future_clocks({"movements": ("moved_at", 0.002), "inventory_snapshots": ("snapshot_date", 0.0008)}),
)
