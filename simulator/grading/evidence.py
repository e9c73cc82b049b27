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

from simulator.key import read_key
from simulator.write import literal

# What the pipeline calls the columns of a delivered row, in the words of the key.
FATES = "select source_system as source, * exclude (source_system) from read_parquet({file})"
LEAST_DAYS = 42
# Money and stock of an event day can be right once all rows of these tables that happened on it have come right.
WHOLE_DAYS = """
    select event_date, max(due) as due_date from key.days
    where table_name in ('orders', 'order_lines', 'payments', 'refunds', 'fx_rates', 'shipments') group by event_date
"""


@dataclass(frozen=True)
class Evidence:
    """`con` sees the schemas `published` and `key` and the table `row_fates`; `last_day` is the last simulated day."""

    con: duckdb.DuckDBPyConnection
    last_day: dt.date

    @property
    def is_young(self) -> bool:
        """Whether the shop is younger than six weeks: nothing is learnt then, and what is stated is not graded."""
        return self.number("select count(*) from key.money_daily") < LEAST_DAYS

    def number(self, sql: str, **parameters: object) -> float:
        """The one number that a query gives; NaN where it gives none."""
        found = self.con.execute(sql, parameters or None).fetchone()
        return float("nan") if found is None or found[0] is None else float(found[0])


@contextmanager
def open_evidence(published: Path, fates: Path, key: Path) -> Iterator[Evidence]:
    """The evidence of a published `marts.duckdb`, a Parquet file of row fates and a key's folder. Raises
    SimulationError for a folder that holds no key."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        found = read_key(key)
        con.execute(f"attach {literal(published)} as version (read_only)")
        con.execute("create schema published")
        for (name,) in con.execute("select table_name from duckdb_tables() where database_name = 'version'").fetchall():
            con.execute(f'create view published."{name}" as from version."{name}"')
        con.execute("create schema key")
        for name in found.manifest["tables"]:
            con.execute(f"create view key.{name} as from {found.sql(name)}")
        con.execute(f"create view key.whole_days as {WHOLE_DAYS}")
        con.execute(f"create table row_fates as {FATES.format(file=literal(fates))}")
        yield Evidence(con, dt.date.fromisoformat(found.manifest["last_day"]))
