"""Days whose rows are loaded and have not been recounted yet by the gate's second engine.

Belongs here: remembering them from the load's own transaction until the recount has passed, so that a run that is
killed or whose recount fails in between leaves a mark: nothing is published over it (the publication's audit), and the
next run judges these days anew from the raw files. Does not belong here: counting (pipelines.contracts.expectations).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

# Created with the ledger (ledger.create_tables).
TABLE = """
create table if not exists ledger.days_to_recount (source varchar, table_name varchar, arrival_date date);
"""


def note(con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date]) -> None:
    """These days wait for their recount. Runs inside the load's transaction."""
    con.execute("insert into ledger.days_to_recount select ?, ?, unnest(?::date[])", [source, table, list(days)])


def settle(con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date]) -> None:
    """These days have been recounted, and both engines agree."""
    con.execute(
        "delete from ledger.days_to_recount "
        "where source = ? and table_name = ? and list_contains(?::date[], arrival_date)",
        [source, table, list(days)],
    )


def waiting_days(con: duckdb.DuckDBPyConnection, source: str, table: str) -> list[dt.date]:
    """The arrival days that wait for their recount, oldest first."""
    rows = con.execute(
        "select distinct arrival_date from ledger.days_to_recount where source = ? and table_name = ? order by 1",
        [source, table],
    ).fetchall()
    return [row[0] for row in rows]
