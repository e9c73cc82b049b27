"""Writing a version: its DuckDB file, edited in a copy of the last one's or made anew, and its Parquet files.

Belongs here: what is written, in which order, and that it reached the file. Does not belong here: how much of each
table is (plan.py), the manifest and the swap (publication.py).
The working file is read through the writer's own connection and never opened, copied or hashed: a second handle would
silently drop DuckDB's lock on it. What is copied is the last PUBLISHED file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.expression import quoted, text_literal
from pipelines.store.published import parquet
from pipelines.store.published.files import copied, linked, settled, sync
from pipelines.store.published.plan import LAST, TablePlan, in_days
from pipelines.store.published.tables import Base, PublishedTable
from pipelines.store.published.versions import DATABASE, PublicationError

# The name under which the writer sees the new file while it is written.
ALIAS = "almanac_new_version"

# Of what a version is made beside its rows: another DuckDB or another layout writes the file anew. No 1.x reader, which
# is what BI drivers ship, opens the default format of DuckDB 2.
STORAGE = {"layout": 1, "storage_version": "v1.0.0", "duckdb": duckdb.__version__}

# Blocks that an edit has freed are taken by the next one; a file that is more than half free is written anew.
MOST_FREE = 2

Files = dict[str, dict[str, Any]]


class DamagedBase(Exception):
    """The last version's file is not what its manifest says."""


def write_version(
    con: duckdb.DuckDBPyConnection, partial: Path, plans: Sequence[TablePlan], base: Base | None
) -> tuple[dict[str, dict[str, Any]], Files]:
    """Write both kinds of files into `partial`, durably; the manifest's entry of every table, the sum of every file."""
    files: Files = {}
    database, edited = partial / DATABASE, base
    stored = [plan for plan in plans if not plan.table.by_day]
    if base and _stands_whole(stored, base):
        linked(base.path / DATABASE, database)
        files[DATABASE] = base.manifest["files"][DATABASE]
    else:
        edited = None if base and _is_worn(con) else base
        if edited and copied(edited.path / DATABASE, database) != edited.manifest["files"][DATABASE]:
            raise DamagedBase
        _detach_last(con)
        with attached(con, database):
            _write_tables(con, stored, edited)
            assert_comments(con, [plan.table for plan in stored])
        if database.with_name(f"{DATABASE}.wal").exists():
            raise PublicationError("the new file still has a write-ahead log")
        files[DATABASE] = settled(database)
    files |= parquet.write_files(con, partial, plans, base)
    sync(partial)
    return {plan.table.name: _entry(plan, is_new=edited is None) for plan in plans}, files


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, database: Path) -> Iterator[None]:
    """The new file, for writing."""
    kind = f"storage_version '{STORAGE['storage_version']}'"
    con.execute(f"attach {text_literal(str(database.absolute()))} as {ALIAS} ({kind})")
    try:
        yield
    finally:
        con.execute(f"detach {ALIAS}")


@contextmanager
def last_version(con: duckdb.DuckDBPyConnection, base: Base | None) -> Iterator[None]:
    """The file of the version that is taken over, for reading: which days differ is seen by comparing."""
    if base is None:
        yield
        return
    con.execute(f"attach {text_literal(str((base.path / DATABASE).absolute()))} as {LAST} (read_only)")
    try:
        yield
    finally:
        _detach_last(con)


def _detach_last(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"detach database if exists {LAST}")


def _stands_whole(plans: Sequence[TablePlan], base: Base) -> bool:
    """True when nothing of the DuckDB file changed, the comments included."""
    there = {name for name, entry in base.manifest["tables"].items() if not entry["by_day"]}
    same = all(plan.stands and _texts_stand(plan.table, base) for plan in plans)
    return same and there == {plan.table.name for plan in plans}


def _texts_stand(table: PublishedTable, base: Base) -> bool:
    entry = base.entry(table)
    return entry is not None and entry["texts_sha256"] == table.texts_sha256


def _is_worn(con: duckdb.DuckDBPyConnection) -> bool:
    sql = "select free_blocks, total_blocks from pragma_database_size() where database_name = ?"
    [(free, total)] = con.execute(sql, [LAST]).fetchall()
    return bool(free * MOST_FREE > total)


def _write_tables(con: duckdb.DuckDBPyConnection, plans: Sequence[TablePlan], base: Base | None) -> None:
    """Bring the file to what is planned, in one transaction, and bring its log into it."""
    with transaction_of_file(con):
        if base:
            _drop_unwanted(con, plans)
        for plan in plans:
            if base is None or (plan.is_whole and not _has_shape(con, plan)):
                _create(con, plan)
            elif plan.is_whole:
                _refill(con, plan)
            elif plan.days:
                _replace_days(con, plan)
            if base and not _texts_stand(plan.table, base):
                _comment(con, plan.table)
    con.execute(f"checkpoint {ALIAS}")


@contextmanager
def transaction_of_file(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the new file or nothing of it."""
    con.execute("begin transaction")
    try:
        yield
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise


def _drop_unwanted(con: duckdb.DuckDBPyConnection, plans: Sequence[TablePlan]) -> None:
    wanted = {plan.table.name for plan in plans}
    sql = f"select table_name from duckdb_tables() where database_name = '{ALIAS}'"
    for (name,) in con.execute(sql).fetchall():
        if name not in wanted:
            con.execute(f"drop table {ALIAS}.main.{quoted(name)}")


def _has_shape(con: duckdb.DuckDBPyConnection, plan: TablePlan) -> bool:
    """True when the table is in the file with the columns that it is to have."""
    sql = f"select 1 from duckdb_tables() where database_name = '{ALIAS}' and table_name = ?"
    if con.execute(sql, [plan.table.name]).fetchone() is None:
        return False
    return _shape(con, _target(plan.table)) == _shape(con, plan.source)


def _shape(con: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    return [(name, str(kind)) for name, kind, *_ in con.execute(f"from {relation} limit 0").description]


def _create(con: duckdb.DuckDBPyConnection, plan: TablePlan) -> None:
    """Create the table in the new file with its comments."""
    target = _target(plan.table)
    con.execute(f"drop table if exists {target}")
    _check_rows(plan, con.execute(f"create table {target} as from {plan.source}{plan.table.order}"))
    _comment(con, plan.table)


def _refill(con: duckdb.DuckDBPyConnection, plan: TablePlan) -> None:
    """Fill a table that stays what it is with other rows: its comments stay, and its blocks are free afterwards."""
    target = _target(plan.table)
    con.execute(f"delete from {target}")
    _check_rows(plan, con.execute(f"insert into {target} from {plan.source}{plan.table.order}"))


def _check_rows(plan: TablePlan, done: duckdb.DuckDBPyConnection) -> None:
    [(rows,)] = done.fetchall()
    if rows != plan.sums.rows:
        raise PublicationError(f"table {plan.table.name}: {plan.sums.rows} rows were digested, {rows} written")


def _replace_days(con: duckdb.DuckDBPyConnection, plan: TablePlan) -> None:
    """Delete the days and insert them as they are now."""
    assert plan.table.day is not None
    target, where = _target(plan.table), in_days(plan.table.day, plan.days or ())
    [(deleted,)] = con.execute(f"delete from {target} where {where}").fetchall()
    select = f"select * from {plan.source} where {where}{plan.table.order}"
    [(inserted,)] = con.execute(f"insert into {target} {select}").fetchall()
    if (deleted, inserted) != (plan.deleted, plan.inserted):
        told = f"{deleted} rows of days replaced by {inserted}, not {plan.deleted} by {plan.inserted}"
        raise PublicationError(f"table {plan.table.name}: {told}")


def _comment(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    target = _target(table)
    texts = [f"comment on table {target} is {text_literal(table.description)}"]
    texts += [
        f"comment on column {target}.{quoted(column)} is {text_literal(description)}"
        for column, description in table.columns.items()
    ]
    con.execute("; ".join(texts))


def assert_comments(con: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable]) -> None:
    """Raise unless every description reached the new file, or survived in it."""
    where = f"where database_name = '{ALIAS}'"
    found = dict(con.execute(f"select table_name, comment from duckdb_tables() {where}").fetchall())
    columns: dict[str, dict[str, str]] = {}
    sql = f"select table_name, lower(column_name), comment from duckdb_columns() {where}"
    for name, column, comment in con.execute(sql).fetchall():
        columns.setdefault(name, {})[column] = comment
    for table in tables:
        wanted = {column.lower(): description for column, description in table.columns.items()}
        if found.get(table.name) != table.description or columns.get(table.name) != wanted:
            raise PublicationError(f"table {table.name}: its comments did not reach the new file")


def _target(table: PublishedTable) -> str:
    return f"{ALIAS}.main.{quoted(table.name)}"


def _entry(plan: TablePlan, *, is_new: bool) -> dict[str, Any]:
    """What the manifest says of a table; `is_new`: the DuckDB file holds no row that was deleted."""
    table = plan.table
    deleted = 0 if plan.is_whole or is_new else plan.deleted_before + plan.deleted
    return {
        "rows": plan.sums.rows,
        "digest": plan.digest,
        "compared_digest": plan.compared_digest,
        "compared": table.compared,
        "key": list(table.key),
        "rests_on": dict(table.rests_on),
        "reads": list(table.reads),
        "source": f"{table.schema}.{table.name}",
        "parquet": parquet.path_of(plan),
        "code": table.code,
        "day": table.day,
        "by_day": table.by_day,
        "texts_sha256": table.texts_sha256,
        "sums": plan.sums.as_json(),
        "deleted": deleted,
        "days": parquet.days_of(plan),
    }
