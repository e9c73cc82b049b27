"""What is true behind my system: its rows.

Does not belong here: truths that rest on other systems too (capabilities/), the key's folder (simulator.key).
"""

from __future__ import annotations

import duckdb

from simulator.systems.my_system.tables import SYSTEM
from simulator.truth import true_rows
from simulator.world import World


def truth(con: duckdb.DuckDBPyConnection, world: World) -> dict[str, str]:
    """SQL of its tables of the key, named `<system>_<table>`."""
    return {f"{table.system}_{table.name}": true_rows(table, world.arguments) for table in SYSTEM.tables}
