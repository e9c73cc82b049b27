"""The seal: what the working file must at least hold, written beside it after every writer's connection.

Belongs here: reading, comparing and writing `state.json`. Does not belong here: opening the working file
(connection.py). DuckDB opens a file whose write-ahead log was cut off, or an older copy of it, without a word: later
commits are missing and nothing inside tells so. The seal stands outside: the last batch, and how many deliveries stood
then and which. A working file that holds less, or others, is refused. Not sealed is what a run rebuilds by itself from
these (marts, statements): their tokens name the batch that they were made for.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from pipelines.store.published.files import sync

# Deliveries are only ever appended, each with the batch that first read it, and in one batch each raw table is one
# transaction: what stood when some tables of a batch had been committed can be asked later.
# A sum that does not depend on order; md5 because DuckDB's own hash() may change with its release.
MARK = """
with held as (
    select *, concat_ws('.', source, table_name) as of_table from ledger.deliveries
    where $batch is null or batch_id < $batch
        or batch_id = $batch and ($tables is null or list_contains($tables::varchar[], of_table))
)
select coalesce(max(batch_id), 0), count(*),
    coalesce(bit_xor(md5_number_lower(concat_ws('/', delivery_id, file_sha256))), 0)::varchar,
    (select list_sort(list(distinct of_table)) from held where batch_id = (select max(batch_id) from held))
from held
"""


class SealError(RuntimeError):
    """The working file is not the one that the last run left; the message says what to do."""


@dataclass(frozen=True)
class Seal:
    """The last batch that brought deliveries, how many there were up to it, a sum over their identities, and how many
    repairs had been recorded: somebody's work, which no drop holds; and the tables that had deliveries of that batch
    (None: all that there are, in a seal of an earlier version)."""

    batch_id: int = 0
    deliveries: int = 0
    fingerprint: str = "0"
    repairs: int = 0
    tables: tuple[str, ...] | None = None


def seal_file(database: Path) -> Path:
    """Where the seal of a working file lies."""
    return database.with_name("state.json")


def read_seal(database: Path) -> Seal | None:
    """The seal, None before the first one. Raises SealError when it cannot be read."""
    file = seal_file(database)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Seal(
            int(content["batch_id"]),
            int(content["deliveries"]),
            str(content["fingerprint"]),
            int(content.get("repairs", 0)),
            tuple(map(str, content["tables"])) if content.get("tables") else None,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, LookupError) as error:
        remedy = f"restore it from a backup; if {database.name} is known to be whole, delete it and run again"
        raise SealError(f"{file} is damaged ({type(error).__name__}): {remedy}") from error


def mark(con: duckdb.DuckDBPyConnection, at: Seal | None = None) -> Seal:
    """What the open working file holds, or held when it was sealed with `at`."""
    asked = {"batch": at and at.batch_id, "tables": list(at.tables) if at and at.tables else None}
    try:
        row = con.execute(MARK, asked).fetchone()
    except duckdb.CatalogException:  # a new file: there is no ledger yet
        return Seal()
    has_repairs = con.execute("select 1 from information_schema.tables where table_name = 'repairs'").fetchone()
    repairs = con.execute("select count(*) from ledger.repairs").fetchone() if has_repairs else None
    batch_id, deliveries, fingerprint, tables = row or (0, 0, "0", None)
    return Seal(batch_id, deliveries, fingerprint, repairs[0] if repairs else 0, tuple(tables) if tables else None)


def check_there(database: Path) -> None:
    """Refuse to begin a new working file where one was sealed. Raises SealError."""
    if not database.exists() and read_seal(database) is not None:
        raise SealError(f"{database} is gone: {_remedy(database)}")


def check_seal(con: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Compare the open working file with its seal. Raises SealError when later commits are missing."""
    sealed = read_seal(database)
    if sealed is None:
        return
    found = mark(con, sealed)
    if found.repairs < sealed.repairs:
        told = f"it holds {found.repairs:,} repairs, not {sealed.repairs:,}"
        raise SealError(f"{database} is not what the last command left: {told}; {_remedy(database)}")
    if replace(found, repairs=sealed.repairs, tables=sealed.tables) != sealed:
        told = f"it holds {found.deliveries:,} deliveries up to batch {found.batch_id}"
        if found.deliveries == sealed.deliveries and found.batch_id == sealed.batch_id:
            told = "its deliveries are others"
        raise SealError(
            f"{database} is not what the last run left: {told}, not {sealed.deliveries:,} up to batch "
            f"{sealed.batch_id}; {_remedy(database)}"
        )


def write_seal(database: Path, seal: Seal) -> None:
    """Put the seal beside the working file, unless it stands there already; renamed into place."""
    if seal == Seal() or (seal_file(database).exists() and read_seal(database) == seal):
        return
    partial = seal_file(database).with_suffix(f".{os.getpid()}.part")
    partial.write_text(json.dumps(asdict(seal)) + "\n", encoding="utf-8")
    sync(partial)
    partial.replace(seal_file(database))


def _remedy(database: Path) -> str:
    return (
        f"restore the whole folder {database.parent} from a backup, or move it away and run almanac backfill over all "
        "days: drops rebuild it"
    )
