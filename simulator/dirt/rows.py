"""Choosing rows and laying the dirt over them: a table's relation `sent` out of its `clean`.

Belongs here: which row is struck, what is delivered in its place, when its right form is due. Does not belong here: the
list of plants (plants.py), strikes on files (files.py). Never two classes on one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np

from simulator.arguments import Arguments
from simulator.clock import DAY
from simulator.dirt.files import CLASSES, LATE, LATEST_ROW, Strike, days_for_rows
from simulator.dirt.plants import Plant
from simulator.noted import put
from simulator.streams import stream
from simulator.system import Table, relation

AT_THE_END = 10**9  # places of rows that were added to a later day's file


def lay_rows(
    con: duckdb.DuckDBPyConnection,
    arguments: Arguments,
    table: Table,
    plants: Sequence[Plant],
    struck: Mapping[int, Strike],
) -> None:
    """Make the relation `table.sent`: one row per row that is delivered; `plants` are those of the table.

    Its columns as they are delivered (text for CSV); `_row, _day` of the clean row; `_arrival`, `_stands_for` (the day
    in the file's name), `_place` in the file; `_class, _fate, _reason` (null: an ordinary row); `_due`, the day on
    which the row's right form is there; `_is_right`, whether this is it. A parent's table is laid before its
    children's.
    """
    _put_days(con, arguments, table, dict(struck))
    _put_draws(con, arguments, table)
    _put_plants(con, plants)
    con.execute(f"create or replace temp table chosen as {_chosen(table, plants)}")
    con.execute(f"create temp table {table.sent} as {_sent(table, plants, arguments)}")


def _put_plants(con: duckdb.DuckDBPyConnection, plants: Sequence[Plant]) -> None:
    con.execute(
        "create or replace temp table plants (plant integer, name varchar, kind varchar, fate varchar, reason varchar)"
    )
    rows = [(index, plant.name, plant.kind, plant.fate, plant.reason) for index, plant in enumerate(plants)]
    if rows:
        con.executemany("insert into plants values (?, ?, ?, ?, ?)", rows)


def _put_days(con: duckdb.DuckDBPyConnection, arguments: Arguments, table: Table, struck: dict[int, Strike]) -> None:
    """`days`: per day the class of the strike on its file (-1: none) and when the right one comes; the days in whose
    file a row may come late, of which the first `n_later` count."""
    con.execute("drop table if exists days")
    days = range(arguments.days)
    later = [days_for_rows(day, struck) for day in days]
    padded = np.array([[*choice, *[0] * (LATEST_ROW - len(choice))] for choice in later])
    columns = {
        "day": np.arange(arguments.days),
        "strike": np.array([CLASSES.index(struck[day].name) if day in struck else -1 for day in days]),
        "corrected": np.array([struck[day].arrival if day in struck else -1 for day in days]),
        "n_later": np.array([len(choice) for choice in later]),
        **{f"later_{n}": np.ascontiguousarray(padded[:, n]) for n in range(LATEST_ROW)},
    }
    put(con, "days", columns)


def _put_draws(con: duckdb.DuckDBPyConnection, arguments: Arguments, table: Table) -> None:
    """`draws`: three numbers in 0 to 1 per clean row, from the stream of its table and day."""
    counts = dict(con.execute(f"select _day, count(*) from {table.clean} group by _day order by _day").fetchall())
    system = f"dirt/rows/{table.dirt_stream}"
    parts = [stream(arguments.seed, system, day).random((rows, 3)) for day, rows in counts.items()]
    numbers = np.concatenate(parts) if parts else np.empty((0, 3))
    con.execute("drop table if exists draws")
    columns = {f"u{n + 1}": np.ascontiguousarray(numbers[:, n]) for n in range(3)}
    put(con, "draws", {"_row": np.arange(len(numbers)) + 1, **columns})


def _chosen(table: Table, plants: Sequence[Plant]) -> str:
    """Clean rows with their plant, the strike on their file, and what follows.

    `right_day`: on which the right form comes. `there`: on which the parent is. `roles`: what is delivered of the row.
    """
    cases, low = [], 0.0
    for index, plant in enumerate(plants):
        drawn = "" if plant.kind == "odd" else f"u1 >= {low:.6f} and u1 < {low + plant.rate:.6f} and "
        low += 0.0 if plant.kind == "odd" else plant.rate
        cases.append(f"when {drawn}({plant.where}) then {index}")
    choice = f"case when strike is not null or there > _day then null {' '.join(cases)} end" if cases else "null"
    later = ", ".join(f"d.later_{n}" for n in range(LATEST_ROW))
    parent, join = "0 as there, false as is_orphan", ""
    if table.parent:
        parent = "coalesce(t.there, 0) as there, coalesce(t.is_orphan, false) as is_orphan"
        join = f"left join {_there(table, table.parent[1])} as t on t.id = c.{table.parent[0]}"
    return f"""
        with drawn as (
            select
                c.*, r.u1, r.u3, if(d.strike < 0, null, {list(CLASSES)}[d.strike + 1]) as strike, d.corrected,
                [{later}][1 + floor(r.u2 * d.n_later)::integer] as later, {parent}
            from {table.clean} as c
            join draws as r using (_row)
            join days as d on d.day = c._day {join}
        ),
        planted as (select _row, _day, u3, strike, corrected, later, there, is_orphan,
            ({choice})::integer as plant from drawn)
        select
            p.* exclude (corrected, later), k.name, k.kind, k.fate, k.reason,
            case
                when strike is not null then corrected
                when kind in ('late', 'wrong', 'restated') then later
                else _day
            end as right_day,
            case
                when strike <> '{LATE}' then ['refused', 'right']
                when kind = 'wrong' then ['wrong', 'right']
                when kind = 'copy' then ['right', 'copy']
                when kind = 'before' then ['before', 'right']
                when kind = 'restated' then ['first', 'again']
                when kind = 'kept' then ['kept']
                else ['right']
            end as roles
        from planted as p left join plants as k using (plant)"""


def _sent(table: Table, plants: Sequence[Plant], arguments: Arguments) -> str:
    """One row per row that is delivered, in its role."""
    cells = ", ".join(_cell(table, column, plants, arguments) for column in table.columns)
    truncated = "parquet" if table.is_typed else "records"
    return f"""
        with delivered as (
            select *, if(role in ('right', 'again'), right_day, _day) as _arrival
            from (select *, unnest(roles) as role from chosen)
        ),
        judged as (
            select
                _row, u3, plant, role, _day, _arrival,
                    if(role = 'right' and strike is not null, _day, _arrival) as _stands_for,
                _row + case
                    when _arrival > _day and strike is null then {AT_THE_END} when role = 'copy' then 0.5
                    when role = 'before' then -0.5 else 0 end as _place,
                role = 'right' and there > _arrival as is_held,
                case
                    when role = 'again' then null
                    when role = 'refused' or strike = '{LATE}' then strike
                    when role <> 'right' or kind in ('late', 'odd') then name
                    when there > _arrival then if(is_orphan, 'orphan', 'orphan_of_late_parent')
                end as _class,
                case
                    when role = 'refused' then 'refused'
                    when role = 'right' and there > _arrival then 'held'
                    when role = 'right' then 'accepted'
                    else fate
                end as _fate,
                case
                    when role = 'refused' then if(strike = 'truncated_file', '{truncated}', 'header')
                    when role = 'wrong' then reason
                end as _reason,
                if(kind = 'kept', null, greatest(right_day, there)) as _due,
                role in ('right', 'again') as _is_right
            from delivered
        )
        select
            {cells}, j._row, j._day, j._arrival, j._stands_for, j._place, j._class,
            if(j._class is null, null, j._fate) as _fate,
            if(j.is_held, '{table.parent[0] if table.parent else ""}:waiting_for_parent', j._reason) as _reason,
                j._due, j._is_right
        from judged as j join {table.clean} as c using (_row)"""


def _cell(table: Table, column: str, plants: Sequence[Plant], arguments: Arguments) -> str:
    """SQL: what stands in a column: the clean value, or what its plant writes there; text in a CSV file."""
    cast = "" if table.is_typed else "::varchar"
    changes = [
        f"when j.plant = {index} and j.role not in ('right', 'again') then ({plant.text}){cast}"
        for index, plant in enumerate(plants)
        if plant.column == column
    ]
    if column == "updated_at" and any(plant.kind == "restated" for plant in plants):
        moment = table.form.time(f"j._arrival * {DAY} + {table.form.corrects_at} + j._row % 3600", arguments.start)
        changes.append(f"when j.role = 'again' then ({moment}){cast}")
    return (
        f"case {' '.join(changes)} else c.{column}{cast} end as {column}"
        if changes
        else f"c.{column}{cast} as {column}"
    )


def note_parents(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make the relation by which the children of a table wait: per id the first day on which a row of it is accepted
    (`there`), and whether a row of it was planted late (`is_orphan`: who waits for it then is an orphan on purpose)."""
    con.execute(
        f"""create temp table {_there(table, table.name)} as
        select c.{table.key[0]} as id,
            min(s._arrival) filter (where coalesce(s._fate, '') not in ('quarantined', 'refused'))
            as there, coalesce(bool_or(s._class = 'late_row'), false) as is_orphan
        from {table.sent} as s join {table.clean} as c using (_row) group by all"""
    )


def _there(table: Table, parent: str) -> str:
    return relation("there", table.system, parent)
