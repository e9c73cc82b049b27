"""What is true behind the warehouse: its rows, and what is planted into the stages of fulfilment.

Does not belong here: demand, which rests on the storefront too (capabilities/demand), the key's folder (simulator.key).
"""

from __future__ import annotations

from typing import Any

import duckdb

from simulator.arguments import Arguments
from simulator.fulfilment import (
    CARRIERS,
    CHANGE_DAY,
    CHANGE_FACTOR,
    CHANGED_CARRIER,
    CHANGED_STAGE,
    LONG_STAGE,
    SLOW_HOURS,
    SLOW_LOCATION,
    SLOW_STAGE,
    STAGES,
)
from simulator.systems.warehouse.tables import SYSTEM
from simulator.truth import true_rows
from simulator.words import LOCATIONS
from simulator.world import World

# Table of the key -> table of the drops.
ROWS = {
    "shipments": "shipments",
    "stage_times": "stage_times",
    "inventory_daily": "inventory_snapshots",
    "movements": "movements",
}


def truth(con: duckdb.DuckDBPyConnection, world: World) -> dict[str, str]:
    """SQL of its tables of the key."""
    tables = {table.name: table for table in SYSTEM.tables}
    return {name: true_rows(tables[table], world.arguments) for name, table in ROWS.items()}


def planted(arguments: Arguments) -> dict[str, Any]:
    """The slow stage, the change of one day, the stage that is long and harmless."""
    return {
        "slow_stage": {
            "stage": STAGES[SLOW_STAGE],
            "location_id": LOCATIONS[SLOW_LOCATION][0],
            "mean_hours": SLOW_HOURS,
        },
        "change": {
            "stage": STAGES[CHANGED_STAGE],
            "carrier": CARRIERS[CHANGED_CARRIER],
            "date": arguments.date(CHANGE_DAY).isoformat(),
            "factor": CHANGE_FACTOR,
        },
        "long_and_harmless_stage": STAGES[LONG_STAGE],
    }
