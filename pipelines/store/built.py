"""What has been built of what arrived: by which code, for which state, and what still waits.

Belongs here: the ledger's questions about tables of dbt and of a whole run. Does not belong here: deliveries and rows
(ledger.py, which makes all tables), marking what is dirty (days/dirty_days.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import duckdb

from pipelines.store.connection import transaction
from pipelines.store.days.dirty_days import built_codes


def note_loaded(con: duckdb.DuckDBPyConnection, batch_id: int, raw_table: str) -> None:
    """Remember that a batch loaded rows of the raw table. Runs inside the caller's transaction."""
    con.execute("delete from ledger.loaded_tables where table_name = ?", [raw_table])
    con.execute("insert into ledger.loaded_tables values (?, ?)", [batch_id, raw_table])


def loaded_since(con: duckdb.DuckDBPyConnection, batch_id: int) -> set[str]:
    """The raw tables (`source__table`) that a later batch than the given one loaded last."""
    rows = con.execute("select table_name from ledger.loaded_tables where batch_id > ?", [batch_id]).fetchall()
    return {str(row[0]) for row in rows}


def pending(con: duckdb.DuckDBPyConnection, models: Iterable[str]) -> tuple[int, int]:
    """(dirty days, dirty tables) of the given models that they have not taken in yet."""
    names = sorted(models)
    row = con.execute(
        """select (select count(*) from ledger.dirty_days where list_contains($names::varchar[], table_name)),
            (select count(*) from ledger.dirty_tables where list_contains($names::varchar[], table_name))""",
        {"names": names},
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def code_changed(con: duckdb.DuckDBPyConnection, codes: Mapping[str, str]) -> bool:
    """True when a table was built by other code than the given one; a table that was never built has not changed."""
    known = built_codes(con)
    return any(name in known and known[name] != code for name, code in codes.items())


def remember_code(con: duckdb.DuckDBPyConnection, codes: Mapping[str, str]) -> None:
    """Remember the code that the tables are now built by."""
    for name, code in codes.items():
        con.execute("delete from ledger.table_codes where table_name = ?", [name])
        con.execute("insert into ledger.table_codes values (?, ?)", [name, code])


def built_token(con: duckdb.DuckDBPyConnection, part: str) -> str | None:
    """The state that one part of the dbt models was last built for, None when never."""
    row = con.execute("select token from ledger.built_state where part = ?", [part]).fetchone()
    return row[0] if row else None


def settle_build(con: duckdb.DuckDBPyConnection, part: str, models: Iterable[str], token: str) -> None:
    """Remember that all models of a part stand for the state `token`, and take them out of the queues.

    Runs inside the caller's transaction.
    """
    names = sorted(models)
    for queue in ("dirty_days", "dirty_tables"):
        con.execute(f"delete from ledger.{queue} where list_contains(?::varchar[], table_name)", [names])
    con.execute("delete from ledger.built_state where part = ? or part is null", [part])
    con.execute("insert into ledger.built_state (token, part) values (?, ?)", [token, part])


@dataclass(frozen=True)
class Settled:
    """The `state` of the marts that the last whole run left published, and a hash of all `code` it ran by."""

    code: str
    state: str


def settled(con: duckdb.DuckDBPyConnection) -> Settled | None:
    """What the last whole run remembered; None before the first one."""
    if not con.execute("from duckdb_tables() where schema_name = 'ledger' and table_name = 'settled'").fetchall():
        return None
    row = con.execute("select code, state from ledger.settled").fetchone()
    return Settled(*row) if row else None


def settle(con: duckdb.DuckDBPyConnection, settled: Settled) -> None:
    """Remember what a whole run leaves."""
    with transaction(con):
        con.execute("delete from ledger.settled")
        con.execute("insert into ledger.settled values (?, ?)", [settled.code, settled.state])


def is_waiting(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether anything still waits to be built."""
    row = con.execute(
        "select (select count(*) from ledger.dirty_days) + (select count(*) from ledger.dirty_tables)"
    ).fetchone()
    return bool(row and row[0])


def row_counts_of_tables(
    con: duckdb.DuckDBPyConnection, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Rows of those of the wanted (schema, table) that are tables; views are left out, since counting them is a
    scan."""
    found = con.execute("select schema_name, table_name from duckdb_tables() where not temporary").fetchall()
    names = sorted({(str(row[0]), str(row[1])) for row in found} & {*wanted})
    if not names:
        return {}
    counts = con.execute(
        " union all ".join(f'select {n}, count(*) from "{s}"."{t}"' for n, (s, t) in enumerate(names))
    ).fetchall()
    return {names[n]: int(count) for n, count in counts}
