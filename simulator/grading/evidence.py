"""What a grade looks at: the published version, what became of every delivered row, and the answer key.

Belongs here: opening the three beside each other. Does not belong here: measuring.
The names that the pipeline publishes are read here and in the graders alone; nothing of the pipeline is imported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from simulator.key import KEY_TABLES, last_day_of


@dataclass(frozen=True)
class Evidence:
    """`con` sees the schemas `published` and `key` and the table `row_fates`; `last_day` is the last simulated day."""

    con: duckdb.DuckDBPyConnection
    last_day: dt.date

    def number(self, sql: str, **parameters: object) -> float:
        """The one number that a query gives; NaN where it gives none."""
        found = self.con.execute(sql, parameters or None).fetchone()
        return float("nan") if found is None or found[0] is None else float(found[0])


@contextmanager
def open_evidence(published: Path, fates: Path, key: Path) -> Iterator[Evidence]:
    """The evidence of a published `marts.duckdb`, a Parquet file of row fates and a key's folder."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {_text(published)} as version (read_only)")
        con.execute("create schema published")
        for (name,) in con.execute("select table_name from duckdb_tables() where database_name = 'version'").fetchall():
            con.execute(f'create view published."{name}" as from version."{name}"')
        con.execute("create schema key")
        for name in KEY_TABLES:
            con.execute(f"create view key.{name} as from read_parquet({_text(key / f'{name}.parquet')})")
        con.execute(f"create table row_fates as from read_parquet({_text(fates)})")
        yield Evidence(con, last_day_of(key))


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
