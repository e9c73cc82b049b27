"""How much of each table a new version writes: nothing, some days, or all of it.

Belongs here: deciding that, from what changed and from digests. Does not belong here: writing (writing.py).
A table whose inputs stand is not even looked at. One that was built throughout is digested: most that are built every
day come out as they were. Of a day-replaced table only the replaced days are, on both sides, and of those only the days
that came out other are written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipelines.contracts.expression import quoted
from pipelines.store.published.digest import Sums, check_type, day_sums, header, seal, sealed, table_digest, table_sums
from pipelines.store.published.tables import Base, Changes, PublishedTable
from pipelines.store.published.versions import PublicationError

# The last version, attached to the writer's connection for reading.
LAST = "almanac_last_version"

# A table above so many rows has a Parquet file per day: one of ten million rows takes 12 CPU s to write, three days of
# it 0.05. Below, one file is what people expect and costs less than a second.
ROWS_OF_ONE_FILE = 1_000_000

# Deleted rows stay in the file until a third of the table are: then the table is written anew within it.
LEAST_SHARE = 3


@dataclass(frozen=True)
class TablePlan:
    """What is to be written of one table.

    `source` is what to read (a name in SQL), `sums` and `compared_digest` what the whole table comes to. `days` are the
    days to write, None for all of it, and () for nothing. `is_rewritten`: the table in the DuckDB file is written whole
    though only `days` changed. `of_days`: the sums of every day, of a table with a Parquet file per day. `deleted` and
    `inserted`: rows that the days had and have.
    """

    table: PublishedTable
    source: str
    sums: Sums
    digest: str
    compared_digest: str
    days: tuple[dt.date, ...] | None
    is_rewritten: bool = False
    of_days: Mapping[dt.date, dict[str, Any]] | None = None
    deleted: int = 0
    inserted: int = 0
    deleted_before: int = 0

    @property
    def stands(self) -> bool:
        """True when not one row differs from the last version."""
        return self.days == ()

    @property
    def is_whole(self) -> bool:
        """True when the table in the DuckDB file is to be written whole."""
        return self.days is None or self.is_rewritten


@dataclass
class Planner:
    """Plans table after table. `base` None: nothing is taken over."""

    con: duckdb.DuckDBPyConnection
    base: Base | None
    changes: Changes | None
    database: str = field(init=False)

    def __post_init__(self) -> None:
        self.database = self.con.execute("select current_database()").fetchall()[0][0]

    @contextmanager
    def plans(self, tables: Sequence[PublishedTable]) -> Iterator[list[TablePlan]]:
        """The plans of all tables; views that were looked into are kept as temporary tables until the block ends."""
        made: list[str] = []
        try:
            yield [self._plan(table, made) for table in tables]
        finally:
            for name in made:
                self.con.execute(f"drop table if exists {name}")

    def _plan(self, table: PublishedTable, made: list[str]) -> TablePlan:
        entry = self._comparable_entry(table)
        relation = ".".join(quoted(part) for part in (self.database, table.schema, table.name))
        if entry is None or self.changes is None or table.inputs is None:
            return self._compared(table, relation, entry, made)
        changed = self.changes.of(table.inputs)
        if not changed:
            return self._standing(table, relation, entry)
        [days, *more] = changed
        unknown = table.by_day and entry["days"] is None  # it had no row then
        if table.day is None or days is None or more or unknown or table.compared != "true":
            return self._compared(table, relation, entry, made)
        return self._by_days(table, relation, entry, days)

    def _comparable_entry(self, table: PublishedTable) -> Mapping[str, Any] | None:
        """The last version's entry, None where other code, another place or another key made it."""
        entry = self.base.entry(table) if self.base else None
        if entry is None:
            return None
        now = [f"{table.schema}.{table.name}", list(table.key), table.compared, table.code, table.day, table.by_day]
        then = [entry.get(name) for name in ("source", "key", "compared", "code", "day", "by_day")]
        return entry if then == now else None

    def _standing(self, table: PublishedTable, relation: str, entry: Mapping[str, Any]) -> TablePlan:
        return TablePlan(
            table,
            relation,
            Sums.from_json(entry["sums"]),
            entry["digest"],
            entry["compared_digest"],
            (),
            of_days=_told_days(entry),
            deleted_before=entry["deleted"],
        )

    def _compared(
        self, table: PublishedTable, relation: str, entry: Mapping[str, Any] | None, made: list[str]
    ) -> TablePlan:
        """Digest the whole relation; it stands when it comes to what was published."""
        source = self._looked_into(relation, table, made)
        check_columns(self.con, table, source)
        found = day_sums(self.con, source, table.day) if table.day else {None: table_sums(self.con, source)}
        sums = sum(found.values(), Sums())
        per_day = _checked_days(table, found) if table.by_day or (table.day and sums.rows > ROWS_OF_ONE_FILE) else None
        told = None if per_day is None else self._told(source, per_day)
        whole = sealed(self.con, source, sums)
        compared = whole if table.compared == "true" else table_digest(self.con, source, table.compared)
        if entry and [whole.digest, compared.digest] == [entry["digest"], entry["compared_digest"]]:
            return self._standing(table, relation, entry)
        return TablePlan(table, source, sums, whole.digest, compared.digest, None, of_days=told)

    def _looked_into(self, relation: str, table: PublishedTable, made: list[str]) -> str:
        """A table as it is; a view as a temporary table: it is computed once, and digested and written from there."""
        found = self.con.execute(
            "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
            [self.database, table.schema, table.name],
        ).fetchone()
        if found:
            return relation
        name = f"temp.main.{quoted(f'almanac_published_{len(made)}')}"
        made.append(name)
        self.con.execute(f"create or replace temporary table {name} as from {relation}")
        return name

    def _told(self, source: str, days: Mapping[dt.date, Sums]) -> dict[dt.date, dict[str, Any]]:
        """What the manifest says of each day."""
        columns = header(self.con, source)
        return {
            day: {"rows": sums.rows, "digest": seal(columns, sums), "sums": sums.as_json()}
            for day, sums in sorted(days.items())
        }

    def _by_days(
        self, table: PublishedTable, relation: str, entry: Mapping[str, Any], days: frozenset[dt.date]
    ) -> TablePlan:
        """Compare the replaced days on both sides, and take up those that differ."""
        assert table.day is not None
        where = in_days(table.day, sorted(days))
        new = _checked_days(table, day_sums(self.con, relation, table.day, where))
        known = _told_days(entry)
        if known is None:
            there = f"{LAST}.main.{quoted(table.name)}"
            old = _checked_days(table, day_sums(self.con, there, table.day, where))
        else:
            old = {day: Sums.from_json(told["sums"]) for day, told in known.items() if day in days}
        changed = tuple(sorted(day for day in {*old, *new} if old.get(day) != new.get(day)))
        if not changed:
            return self._standing(table, relation, entry)
        gone = sum((old.get(day, Sums()) for day in changed), Sums())
        come = sum((new.get(day, Sums()) for day in changed), Sums())
        sums = Sums.from_json(entry["sums"]) - gone + come
        whole = sealed(self.con, relation, sums)
        deleted = entry["deleted"] + gone.rows
        of_days = None
        if known is not None:
            kept = {day: told for day, told in known.items() if day not in changed}
            of_days = kept | self._told(relation, {day: new[day] for day in changed if day in new})
        elif sums.rows > ROWS_OF_ONE_FILE:
            of_days = self._told(relation, _checked_days(table, day_sums(self.con, relation, table.day)))
        return TablePlan(
            table,
            relation,
            sums,
            whole.digest,
            whole.digest,
            changed,
            is_rewritten=deleted * LEAST_SHARE > sums.rows,
            of_days=of_days,
            deleted=gone.rows,
            inserted=come.rows,
            deleted_before=entry["deleted"],
        )


def in_days(column: str, days: Sequence[dt.date]) -> str:
    """The condition that a row is of one of the days; first and last also as constants, which skip whole blocks."""
    if not days:
        return "false"
    listed = ", ".join(f"date '{day}'" for day in days)
    name = quoted(column)
    return f"{name} between date '{min(days)}' and date '{max(days)}' and {name} in ({listed})"


def check_columns(con: duckdb.DuckDBPyConnection, table: PublishedTable, source: str) -> None:
    """Raise unless every column is described, the key is there, and old readers know the types."""
    kinds = {name: kind for name, kind, *_ in con.execute(f"from {source} limit 0").description}
    there = {column.lower() for column in kinds}
    described = {column.lower() for column, description in table.columns.items() if description}
    problems = [f"{column} has no description" for column in sorted(there - described)]
    problems += [f"{column} is described but not there" for column in sorted(described - there)]
    problems += [f"key column {column} is not there" for column in table.key if column.lower() not in there]
    if problems:
        raise PublicationError(f"table {table.schema}.{table.name}: {'; '.join(problems)}")
    for name, kind in kinds.items():
        check_type(f"{table.name}.{name}", kind)


def _told_days(entry: Mapping[str, Any]) -> dict[dt.date, dict[str, Any]] | None:
    if entry["days"] is None:
        return None
    return {dt.date.fromisoformat(day): told for day, told in entry["days"].items()}


def _checked_days(table: PublishedTable, found: Mapping[dt.date | None, Sums]) -> dict[dt.date, Sums]:
    if None in found:
        raise PublicationError(f"table {table.name}: {found[None].rows:,} rows have no {table.day}: give them one")
    return {day: sums for day, sums in found.items() if day is not None}
