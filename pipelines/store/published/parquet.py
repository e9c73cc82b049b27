"""The Parquet files of a version: one per table, or one per event day; those that did not change are linked.

Belongs here: their names, writing and linking them. Does not belong here: which rows changed (plan.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.expression import quoted, text_literal
from pipelines.store.published.digest import header
from pipelines.store.published.files import linked, settled, sync
from pipelines.store.published.plan import TablePlan, in_days
from pipelines.store.published.tables import Base
from pipelines.store.published.versions import PublicationError

FOLDER = "parquet"

# Days are written out of a temporary table of so many rows: a scan of a large table per day would read it a thousand
# times, and one temporary table of all of it would spill.
ROWS_AT_A_TIME = 2_000_000

Files = dict[str, dict[str, Any]]


def path_of(plan: TablePlan) -> str:
    """The table's path below the version's folder; with a `*` where there is a file per day. A table without a row is
    one file, so that readers find its columns."""
    return f"{FOLDER}/{plan.table.file_name}{'/*' if plan.of_days else ''}.parquet"


def days_of(plan: TablePlan) -> dict[str, dict[str, Any]] | None:
    """What the manifest says of the table's days: rows, digest, sums; None where it is one file."""
    return {day.isoformat(): dict(told) for day, told in plan.of_days.items()} if plan.of_days else None


def parquet_files(entry: Mapping[str, Any]) -> list[str]:
    """The paths, below the version's folder, of a table's Parquet files."""
    if entry.get("days") is None:
        return [str(entry["parquet"])]
    return [str(entry["parquet"]).replace("*", day) for day in entry["days"]]


def write_files(con: duckdb.DuckDBPyConnection, partial: Path, plans: Sequence[TablePlan], base: Base | None) -> Files:
    """Write or link the Parquet files of all tables, durably; the sum of each by its path."""
    (partial / FOLDER).mkdir()
    files: Files = {}
    for plan in plans:
        entry = base.entry(plan.table) if base else None
        if base and entry is not None and entry["parquet"] != path_of(plan):
            entry = None  # one file now, one per day before, or the reverse
        if not plan.of_days:
            files |= _one_file(con, partial, plan, base if entry is not None else None)
        else:
            files |= _files_of_days(con, partial, plan, base if entry is not None else None)
    sync(partial / FOLDER)
    return files


def _one_file(con: duckdb.DuckDBPyConnection, partial: Path, plan: TablePlan, base: Base | None) -> Files:
    path = path_of(plan)
    if base and plan.stands:
        return _link(partial, base, path)
    order = plan.table.order if plan.days is None else ""  # for some days the rest is not sorted anew
    _copy(con, plan.source, order, partial / path, plan.sums.rows)
    return {path: settled(partial / path)}


def _files_of_days(con: duckdb.DuckDBPyConnection, partial: Path, plan: TablePlan, base: Base | None) -> Files:
    """One file per day with a row; those of the days that did not change are linked."""
    assert plan.of_days is not None
    path = path_of(plan)
    (partial / path).parent.mkdir()
    files: Files = {}
    standing = set() if base is None or plan.days is None else set(plan.of_days) - set(plan.days)
    if base:
        for day in sorted(standing):
            files |= _link(partial, base, path.replace("*", day.isoformat()))
    for days in _portions(plan, sorted(set(plan.of_days) - standing)):
        with _rows_of(con, plan, days) as source:
            for day in days:
                file = path.replace("*", day.isoformat())
                rest = f" where {in_days(plan.table.day or '', [day])}{plan.table.order}"
                _copy(con, source, rest, partial / file, plan.of_days[day]["rows"])
                files[file] = settled(partial / file)
        if plan.table.by_day:
            _check_kept(con, plan, partial / file)
    sync((partial / path).parent)
    return files


@contextmanager
def _rows_of(con: duckdb.DuckDBPyConnection, plan: TablePlan, days: Sequence[dt.date]) -> Iterator[str]:
    """The rows of the days as a temporary table in the order of days."""
    assert plan.table.day is not None
    name = "temp.main.almanac_published_days"
    con.execute(
        f"create or replace temporary table {name} as from {plan.source} where {in_days(plan.table.day, days)} "
        f"order by {quoted(plan.table.day)}"
    )
    try:
        yield name
    finally:
        con.execute(f"drop table if exists {name}")


def _check_kept(con: duckdb.DuckDBPyConnection, plan: TablePlan, file: Path) -> None:
    """Raise where Parquet gives another type back than was written: the table's digest covers types."""
    found = header(con, f"read_parquet({text_literal(str(file))})")
    for name, kind in header(con, plan.source):
        if [name, kind] not in found:
            column = f"{plan.table.name}.{name}"
            raise PublicationError(f"{column} has the type {kind}, which Parquet does not keep: cast it")


def _portions(plan: TablePlan, days: Sequence[dt.date]) -> Iterator[list[dt.date]]:
    portion: list[dt.date] = []
    rows = 0
    for day in days:
        portion.append(day)
        rows += plan.of_days[day]["rows"] if plan.of_days else 0
        if rows >= ROWS_AT_A_TIME:
            yield portion
            portion, rows = [], 0
    if portion:
        yield portion


def _link(partial: Path, base: Base, path: str) -> Files:
    linked(base.path / path, partial / path)
    return {path: base.manifest["files"][path]}


def _copy(con: duckdb.DuckDBPyConnection, source: str, rest: str, file: Path, wanted: int) -> None:
    """Write the rows of `source`, as the `rest` of the SQL has them, of which there are to be so many."""
    # Parquet has no 128-bit integers: DuckDB would write them as doubles.
    described = con.execute(f"from {source} limit 0").description
    wide = [name for name, kind, *_ in described if kind.id in ("hugeint", "uhugeint")]
    replace = ", ".join(f"{quoted(name)}::decimal(38, 0) as {quoted(name)}" for name in wide)
    selection = f"select * {f'replace ({replace})' if wide else ''} from {source}{rest}"
    to = text_literal(str(file.absolute()))
    [(rows,)] = con.execute(f"copy ({selection}) to {to} (format parquet, compression zstd)").fetchall()
    if rows != wanted:
        raise PublicationError(f"{wanted} rows of {source} were digested, {rows} are in {file.name}")
