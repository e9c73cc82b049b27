"""Compaction: the working file copied into a fresh one, which holds no byte of what was deleted, and put in its place.

Belongs here: copying, comparing, swapping. Does not belong here: when it is worth it (the command line). Callers hold
the writer's lock.
The copy is made through the one connection that the writer may have; the fresh file is another file and may be opened
beside it. Only when both are closed is the fresh one renamed: a kill before leaves the old file as it was and a fresh
one that the next `prune` takes away, a kill after leaves the fresh one. Its seal is the old one's: it holds the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb

from pipelines.contracts.expression import quoted, text_literal
from pipelines.store.connection import WarehouseError
from pipelines.store.published.changes import publish_whole_next
from pipelines.store.published.files import sync

FRESH = "almanac_fresh"
PATTERN = "*.fresh*"

# Free blocks are used again: a copy of the whole file for less than a tenth of it, or for a few MB, gains little.
LEAST_SHARE, LEAST_BYTES = 0.1, 10_000_000

NOT_EQUAL = "the compacted file is not equal and was taken away, the working file stands as it was: report this"

CATALOG = (
    "select schema_name from duckdb_schemas() where database_name = ? and not internal order by all",
    "select schema_name, table_name, comment from duckdb_tables() where database_name = ? order by all",
    """select schema_name, table_name, column_index, column_name, data_type, is_nullable, column_default, comment
    from duckdb_columns() where database_name = ? and not internal order by all""",
    """select schema_name, view_name, sql, comment from duckdb_views()
    where database_name = ? and not internal order by all""",
    "select schema_name, table_name, constraint_text from duckdb_constraints() where database_name = ? order by all",
    "select schema_name, index_name, sql from duckdb_indexes() where database_name = ? order by all",
    "select schema_name, sequence_name from duckdb_sequences() where database_name = ? order by all",
)


def free_bytes(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """(bytes of free blocks, bytes of all blocks) of the working file: what a compaction gains at least."""
    row = con.execute(
        """select free_blocks * block_size, total_blocks * block_size from pragma_database_size()
        where database_name = current_database()"""
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def is_worth_it(free: int, whole: int) -> bool:
    """Whether so many free bytes of so many are worth a copy of the file."""
    return free > max(LEAST_BYTES, LEAST_SHARE * whole)


def compact(database: Path, opened: AbstractContextManager[duckdb.DuckDBPyConnection]) -> tuple[int, int]:
    """Bring the working file into a fresh one; (bytes before, bytes after).

    `opened` is the writer's connection, not yet entered. The next publication is written whole too, so that its file
    holds nothing that was deleted. Raises WarehouseError, and leaves the file as it was, where the copy fails or is not
    equal.
    """
    fresh = database.with_name(f"{database.name}.fresh")
    before = database.stat().st_size
    with _gone_unless_renamed(fresh):
        try:
            with opened as con:
                publish_whole_next(con)
                con.execute("checkpoint")
                _copy(con, fresh)
            if log := next(iter(database.parent.glob("*.wal")), None):
                raise WarehouseError(f"{log} was left beside {database.name}: run almanac doctor")
            sync(fresh)
        except (duckdb.Error, OSError) as error:
            told = str(error).strip().splitlines()[0]
            raise WarehouseError(
                f"{database} was not compacted and stands as it was ({told}): make room on the disk, then prune again"
            ) from error
        swap(fresh, database)
    return before, database.stat().st_size


def swap(fresh: Path, database: Path) -> None:
    """Put the fresh file in the place of the working file; both are closed."""
    fresh.replace(database)
    sync(database.parent)


@contextmanager
def _gone_unless_renamed(fresh: Path) -> Iterator[None]:
    for left in fresh.parent.glob(f"{fresh.name}*"):
        left.unlink()
    try:
        yield
    finally:
        for left in fresh.parent.glob(f"{fresh.name}*"):
            left.unlink()


def _copy(con: duckdb.DuckDBPyConnection, fresh: Path) -> None:
    row = con.execute("select current_database()").fetchone()
    name = str(row[0]) if row else ""
    con.execute(f"attach {text_literal(str(fresh.absolute()))} as {FRESH}")
    try:
        con.execute(f"copy from database {quoted(name)} to {FRESH}")
        con.execute(f"checkpoint {FRESH}")
        _compare(con, name)
    finally:
        con.execute(f"detach {FRESH}")


def _compare(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Raise unless the fresh file has the same tables, views, texts and rows."""
    for sql in CATALOG:
        if con.execute(sql, [name]).fetchall() != con.execute(sql, [FRESH]).fetchall():
            raise WarehouseError(f"{NOT_EQUAL} (catalog)")
    for schema, table, _ in con.execute(CATALOG[1], [name]).fetchall():
        relation = f"{quoted(schema)}.{quoted(table)}"
        sql = "select count(*), sum(hash(held)::hugeint) from {}." + relation + " as held"
        if con.execute(sql.format(quoted(name))).fetchall() != con.execute(sql.format(FRESH)).fetchall():
            raise WarehouseError(f"{NOT_EQUAL} ({schema}.{table})")
