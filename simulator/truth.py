"""The tables of the answer key, in SQL over what happened and what was delivered.

Belongs here: finding them, and those that are made of every system alike (dirt, files, days). Does not belong here:
what is true of one system (systems/<system>/truth.py) or of several together (capabilities/<capability>/truth.py, whose
NEEDS name them), the key's folder (key.py). Times are as in the drops.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import duckdb

from simulator.arguments import Arguments, SimulationError
from simulator.clock import date_of_day
from simulator.found import folders, part
from simulator.system import System, Table
from simulator.systems import part_of, tables_of
from simulator.world import World

CAPABILITIES = "simulator.capabilities"


def truth_tables(con: duckdb.DuckDBPyConnection, world: World, systems: Sequence[System]) -> dict[str, str]:
    """SQL of every table of the key, each in a fixed order of rows. Raises SimulationError where two modules write one
    table."""
    tables = tables_of(systems)
    found = {
        "dirt": "select * from dirt order by source, table_name, arrival_date, file_name, row_number",
        "days": " union all ".join(_days(table, world.arguments) for table in tables)
        + " order by table_name, event_date, source",
        "files": "select * from planted_files order by source, table_name, stands_for, arrival_date",
    }
    for module in _modules(systems):
        own: dict[str, str] = module.truth(con, world)
        if twice := sorted(own.keys() & found.keys()):
            raise SimulationError(f"{module.__name__}: the key has a table {twice[0]} already; give it another name")
        found.update(own)
    return found


def planted_truths(arguments: Arguments, systems: Sequence[System]) -> dict[str, Any]:
    """What is planted and belongs to no row, for the key's manifest: what `planted` of each module tells."""
    found: dict[str, Any] = {}
    for module in _modules(systems):
        found.update(module.planted(arguments) if hasattr(module, "planted") else {})
    return found


def _modules(systems: Sequence[System]) -> Iterator[ModuleType]:
    """The `truth` of each system, then of each capability whose systems are there."""
    names = {system.name for system in systems}
    for module in (part_of(system, "truth") for system in systems):
        if module:
            yield module
    for module in (part(CAPABILITIES, folder, "truth") for folder in folders(CAPABILITIES)):
        if module and names.issuperset(module.NEEDS):
            yield module


def true_rows(table: Table, arguments: Arguments) -> str:
    """SQL: every true row (of orders and shipments every version) and `due_date`, the arrival day of its right form;
    null where the row never comes right."""
    newer = (
        " replace (coalesce(s.updated_at::timestamp, c.updated_at) as updated_at)"
        if "updated_at" in table.columns
        else ""
    )
    return f"""
        select c.* exclude (_row, _day){newer}, {date_of_day("s._due", arguments.start)} as due_date
        from {table.clean} as c left join (select * from {table.sent} where _is_right) as s using (_row)
        order by c._row"""


def _days(table: Table, arguments: Arguments) -> str:
    """Per table and event day `due`: the arrival day by which all of its rows that happened by the last day were there
    in their right form (those that never come right aside)."""
    return f"""
        select
            '{table.system}' as source, '{table.name}' as table_name, {table.event_day("c")} as event_date,
            {date_of_day("max(s._due)", arguments.start)} as due, count(*) as true_rows
        from {table.clean} as c left join (select * from {table.sent} where _is_right) as s using (_row)
        group by {table.event_day("c")}"""
