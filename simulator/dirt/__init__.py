"""Dirt: what the systems deliver wrong, late or twice, laid over the clean stream in a second step.

Belongs here: the order in which tables are laid, and the list of what was planted. The clean stream knows nothing of
it: dirt has random streams of its own. Does not belong here: the list of plants (plants.py), strikes on files
(files.py), rows (rows.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from simulator.arguments import Arguments
from simulator.clock import date_of_day
from simulator.dirt.files import LONGEST, strikes
from simulator.dirt.plants import plants_of
from simulator.dirt.rows import lay_rows, note_parents
from simulator.system import System, Table
from simulator.systems import tables_of
from simulator.write import KEPT_SHARE, File


def lay_dirt(
    con: duckdb.DuckDBPyConnection, arguments: Arguments, systems: Sequence[System]
) -> dict[Table, list[File]]:
    """Make the relation `sent` of every table out of its `clean`, and `dirt`; returns the files of each table.

    `dirt` lists every delivered row that is not ordinary: source, table_name, arrival_date, file_name,
        row_number (from 1),
    row_key, class, fate, reason, stands_for, due_date (of the right form; null: never).
    """
    files, tables = dict[Table, list[File]](), tables_of(systems)
    plants = {system.name: plants_of(system) for system in systems}
    parents = {(table.system, table.parent[1]) for table in tables if table.parent}
    for table in tables:
        struck = strikes(arguments, table, arguments.days + 2 * LONGEST + 8)
        own = [plant for plant in plants[table.system] if plant.table == table.name]
        lay_rows(con, arguments, table, own, struck)
        if (table.system, table.name) in parents:
            note_parents(con, table)
        # A day without a row has nothing to lose: its file comes as ever.
        filled = {row[0] for row in con.execute(f"select distinct _day from {table.clean}").fetchall()}
        hits = {day: hit for day, hit in struck.items() if day in filled}
        whole = [File(table, day, hits[day].arrival if day in hits else day) for day in range(arguments.days)]
        broken = [File(table, hit.day, hit.day, hit.damage) for hit in hits.values() if hit.damage]
        files[table] = [*whole, *broken]
    _note_files(con, arguments, [file for of_table in files.values() for file in of_table])
    con.execute("create temp table dirt as " + " union all ".join(_listed(table, arguments) for table in tables))
    return files


def _note_files(con: duckdb.DuckDBPyConnection, arguments: Arguments, files: Sequence[File]) -> None:
    """`planted_files`: every file, when it comes and how it is damaged; also what comes after the last day."""
    con.execute(
        "create temp table planted_files (source varchar, table_name varchar, stands_for date, arrival_date date, "
        "file_name varchar, damage varchar)"
    )
    rows = [
        (file.table.system, file.table.name, arguments.date(file.stands_for), arguments.date(file.arrival),
         file.name(arguments), file.damage)
        for file in files
    ]  # fmt: skip
    # One statement: 1,700 took a second, a sixth of a simulation.
    columns = [list(column) for column in zip(*rows, strict=True)]
    con.execute("insert into planted_files select " + ", ".join(["unnest(?)"] * len(columns)), columns)


def _listed(table: Table, arguments: Arguments) -> str:
    key = ", ".join(f"c.{column}::varchar" for column in table.key)
    start = arguments.start
    kept = f"least(floor(_rows * {KEPT_SHARE}), _rows - 1)"
    torn = "false" if table.is_typed else f"_class = 'truncated_file' and _number > {kept}"
    return f"""
        select
            '{table.system}' as source, '{table.name}' as table_name, {date_of_day("_arrival", start)} as arrival_date,
            '{table.name}' || if(_arrival > _stands_for, '_' || {date_of_day("_stands_for", start)}, '') ||
            '.{table.suffix}'
                as file_name,
            _number as row_number, concat_ws('|', {key}) as row_key, _class as class, _fate as fate, _reason as reason,
            {date_of_day("_stands_for", start)} as stands_for, {date_of_day("_due", start)} as due_date
        from (
            select
                *, row_number() over (partition by _arrival, _stands_for order by _place) as _number,
                count(*) over (partition by _arrival, _stands_for) as _rows
            from (select _row, _arrival, _stands_for, _place, _class, _fate, _reason, _due from {table.sent})
        ) join {table.clean} as c using (_row)
        where _class is not null and _arrival < {arguments.days} and not ({torn})"""
