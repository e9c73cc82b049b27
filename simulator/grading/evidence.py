"""What a grade looks at: the published version, what became of every delivered row, what the pipeline hands over beside
it, and the answer key.

Belongs here: opening them beside each other. Does not belong here: measuring.
The names that the pipeline publishes are read in the graders alone; nothing of the pipeline is imported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from simulator.arguments import SimulationError
from simulator.key import read_key
from simulator.write import literal

# What the pipeline calls the columns of a delivered row, in the words of the key.
FATES = "select source_system as source, * exclude (source_system) from read_parquet({file})"
# Of a shop younger than six weeks nothing is learnt that could be graded.
LEAST_DAYS = 42
NOT_LEARNT = ("not graded", f"of fewer than {LEAST_DAYS} days nothing is learnt")


@dataclass(frozen=True)
class Version:
    """What the pipeline made of a simulated shop, in files.

    published   a published `marts.duckdb`
    fates       Parquet: source_system, table_name, arrival_date, file_name, row_number, fate, reasons
    open_days   (`<source>.<table>`, ISO day) of every day that the version calls open
    handed      Parquet files of what a grade needs of a model and no table publishes, by the name under which the
                output contracts declare it; none while the shop is too young to learn from
    """

    published: Path
    fates: Path
    open_days: Collection[tuple[str, str]] = ()
    handed: Mapping[str, Path] | None = None


@dataclass(frozen=True)
class Evidence:
    """`con` sees the schemas `published` and `key` and the table `row_fates`; `systems` are those of the key,
    `last_day` is the last of `days` simulated days."""

    con: duckdb.DuckDBPyConnection
    systems: frozenset[str]
    last_day: dt.date
    days: int
    version: Version

    @property
    def is_young(self) -> bool:
        """Whether nothing is learnt yet, so that what is stated is not graded."""
        return self.days < LEAST_DAYS

    def number(self, sql: str, **parameters: object) -> float:
        """The one number that a query gives; NaN where it gives none."""
        found = self.con.execute(sql, parameters or None).fetchone()
        return float("nan") if found is None or found[0] is None else float(found[0])

    def row(self, sql: str, **parameters: object) -> dict[str, float]:
        """The numbers of a query's one row, by name; NaN for null."""
        cursor = self.con.execute(sql, parameters or None)
        names, row = [column[0] for column in cursor.description or ()], cursor.fetchone() or ()
        return {name: float("nan") if value is None else float(value) for name, value in zip(names, row, strict=True)}

    def handed(self, name: str) -> str:
        """SQL: what the pipeline handed over under a name. Raises SimulationError when it did not."""
        file = (self.version.handed or {}).get(name)
        if file is None:
            raise SimulationError(f"the pipeline hands over no {name}: an output contract must name it (gradedWith)")
        return f"read_parquet({literal(file)})"


@contextmanager
def open_evidence(version: Version, key: Path) -> Iterator[Evidence]:
    """The evidence of a version and a key's folder. Raises SimulationError for a folder that holds no key."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        found = read_key(key)
        con.execute(f"attach {literal(version.published)} as version (read_only)")
        con.execute("create schema published")
        for (name,) in con.execute("select table_name from duckdb_tables() where database_name = 'version'").fetchall():
            con.execute(f'create view published."{name}" as from version."{name}"')
        con.execute("create schema key")
        for name in found.manifest["tables"]:
            con.execute(f"create view key.{name} as from {found.sql(name)}")
        con.execute(f"create table row_fates as {FATES.format(file=literal(version.fates))}")
        last, days = dt.date.fromisoformat(found.manifest["last_day"]), int(found.manifest["days"])
        yield Evidence(con, frozenset(found.systems), last, days, version)
