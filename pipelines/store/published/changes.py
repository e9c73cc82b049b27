"""What the working file holds that no version has yet: a queue beside the tables, emptied by the publication.

Belongs here: the queue `ledger.unpublished_changes` and the version that it counts from. Does not belong here: filling
it with days, which the transaction does that replaces them (dbt's macro `replace_days`, the pre-hook `note_rebuild`).
A row is written by the transaction that changes the table and taken away only after the new version stands, so that a
kill at any moment leaves rows too many, never too few: a day published twice is the same day.
The queue counts from one version: what a working file that was put back from a backup would add to a later version is
not known, and then all is written anew.
"""

from __future__ import annotations

import duckdb

from pipelines.store.published.tables import Changes

TABLES = """
create schema if not exists ledger;
create table if not exists ledger.unpublished_changes (table_name varchar, event_date date);
create table if not exists ledger.published_base (version varchar, manifest_sha256 varchar);
"""


def unpublished(con: duckdb.DuckDBPyConnection) -> Changes | None:
    """What changed since the working file was last published; None when it never was, or is to be published whole."""
    base = con.execute("select version, manifest_sha256 from ledger.published_base").fetchone()
    if base is None:
        return None
    rows = con.execute(
        """select table_name, list(distinct event_date), bool_or(event_date is null)
        from ledger.unpublished_changes group by table_name order by table_name"""
    ).fetchall()
    days = {name: None if throughout else frozenset(replaced) for name, replaced, throughout in rows}
    return Changes(str(base[0]), str(base[1]), days)


def note_rebuilt(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Queue a table throughout. Runs inside the transaction that changes it."""
    con.execute(
        """insert into ledger.unpublished_changes select $table, null
        where $table not in (select table_name from ledger.unpublished_changes where event_date is null)""",
        {"table": table},
    )


def settle_published(con: duckdb.DuckDBPyConnection, version: str, manifest_sha256: str) -> None:
    """Remember that the version holds all that the working file does. Runs inside the caller's transaction."""
    con.execute("delete from ledger.unpublished_changes")
    con.execute("delete from ledger.published_base")
    con.execute("insert into ledger.published_base values (?, ?)", [version, manifest_sha256])


def publish_whole_next(con: duckdb.DuckDBPyConnection) -> None:
    """Let the next publication write everything anew: the file that readers get then holds no byte of an old one."""
    con.execute("delete from ledger.published_base")
