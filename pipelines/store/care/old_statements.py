"""Statements that may go: of the days long past one a week stays, and all that is still to be read or scored.

Belongs here: which as-of dates of which table may go, and taking them out. Does not belong here: for how long every day
stays (the shop file), which tables are read in full (pipelines.store.published.lineage).
What was stated when stays in the ledger: only the rows go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.contracts.expression import quoted
from pipelines.contracts.outputs import AS_OF, MADE
from pipelines.store.connection import transaction

SCHEMAS = ("ml", "act")


@dataclass(frozen=True)
class OldStatements:
    """The as-of dates of one table that may go, and how many rows they have."""

    schema: str
    table: str
    dates: tuple[dt.date, ...]
    rows: int


def old_statements(con: duckdb.DuckDBPyConnection, daily_days: int | None) -> Iterator[OldStatements]:
    """What may go of every table of statements; nothing with `daily_days` None.

    Days are counted back from the newest as-of date of any statement, never from today. An as-of date that speaks of a
    day that has not come or is open stays too: it is yet to be scored on that day. Callers leave out the tables that a
    model reads in full.
    """
    if daily_days is None:
        return
    open_days = _open_days(con)
    spoken = {table: _spoken_of(con, *table, open_days) for table in _tables(con)}
    newest = max((day for days in spoken.values() for day in days), default=None)
    for (schema, table), days in spoken.items():
        if newest is None or not days:
            continue
        awaited = {day for day, (_, last, is_open) in days.items() if is_open or (last is not None and last > newest)}
        dates = thinned(list(days), newest, daily_days) - awaited
        if dates:
            yield OldStatements(schema, table, tuple(sorted(dates)), sum(days[day][0] for day in dates))


def thinned(dates: Sequence[dt.date], newest: dt.date, daily_days: int) -> set[dt.date]:
    """Those of the dates that may go: older than `daily_days` before the newest, and not the last of their week."""
    last_of_week: dict[tuple[int, int], dt.date] = {}
    for day in sorted(dates):
        last_of_week[day.isocalendar()[:2]] = day
    first = newest - dt.timedelta(days=daily_days)
    return {day for day in dates if day < first and day != last_of_week[day.isocalendar()[:2]]}


def forget_statements(con: duckdb.DuckDBPyConnection, found: Sequence[OldStatements]) -> None:
    """Take the rows out, all or none."""
    with transaction(con):
        for old in found:
            con.execute(
                f"delete from {quoted(old.schema)}.{quoted(old.table)} where list_contains(?::date[], {AS_OF[0]})",
                [list(old.dates)],
            )


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return con.execute(
        """select schema_name, table_name from duckdb_columns()
        where database_name = current_database() and list_contains(?::varchar[], schema_name) and column_name = ?
        order by all""",
        [list(SCHEMAS), AS_OF[0]],
    ).fetchall()


def _open_days(con: duckdb.DuckDBPyConnection) -> list[dt.date]:
    rows = con.execute("select distinct arrival_date from ledger.verdicts where verdict <> 'accepted'").fetchall()
    return [day for (day,) in rows]


def _spoken_of(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, open_days: Sequence[dt.date]
) -> Mapping[dt.date, tuple[int, dt.date | None, bool]]:
    """Per as-of date: rows, the last day that any of them speaks of, and whether one speaks of an open day."""
    own = [AS_OF[0], *(name for name, _, _ in MADE)]
    columns = con.execute(
        """select column_name from duckdb_columns()
        where database_name = current_database() and schema_name = ? and table_name = ?
            and (data_type = 'DATE' or data_type like 'TIMESTAMP%') and not list_contains(?::varchar[], column_name)""",
        [schema, table, own],
    ).fetchall()
    days = [f"{quoted(name)}::date" for (name,) in columns]
    last = f"max(greatest({', '.join(days)}))" if days else "null::date"
    is_open = " or ".join(f"list_contains($open::date[], {day})" for day in days) if days else "$open is null"
    rows = con.execute(
        f"""select {AS_OF[0]}, count(*), {last}, coalesce(bool_or({is_open}), false)
        from {quoted(schema)}.{quoted(table)} group by 1""",
        {"open": list(open_days)},
    ).fetchall()
    return {day: (count, last_day, awaited) for day, count, last_day, awaited in rows}
