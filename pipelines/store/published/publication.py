"""Publication: one audited, whole version of the published tables, put before the readers in one step.

Belongs here: what a version holds and how it is written, audited and verified. Does not belong here: which tables are
published (pipelines.defs.publish), nor how versions are named and swapped (pipelines.store.published.versions).
A version directory holds `marts.duckdb` (written for DuckDB 1.0 and later), `parquet/<table>.parquet` and
`manifest.json`. The working file is read through the writer's own connection and never opened, copied or hashed: a
second handle would silently drop DuckDB's lock on it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

from pipelines.contracts.expression import quoted, text_literal
from pipelines.store.published.digest import DigestError, check_type, combine, table_digest
from pipelines.store.published.versions import (
    DATABASE,
    MANIFEST,
    Manifest,
    PublicationError,
    Version,
    begin_version,
    current_version,
    damaged_files,
    file_sum,
    finish_version,
    list_versions,
    load_manifest,
    manifest_sum,
    prune_versions,
    publication_lock,
    read_manifest,
    rollback,
    sync,
)

__all__ = [
    "Publication",
    "PublicationError",
    "PublishedTable",
    "Version",
    "audit",
    "current_version",
    "damaged_files",
    "list_versions",
    "open_published",
    "publish",
    "read_manifest",
    "rollback",
    "verify_version",
]

# The name under which the writer sees the new file while it is written.
ALIAS = "almanac_new_version"


@dataclass(frozen=True)
class PublishedTable:
    """A table or view of the working file that readers get as table `name`, rows ordered by `key`.

    `columns` maps every column to its description. `compared` is a SQL condition on the rows that the version's digest
    covers: all by default; a table of statements gives its last as-of date, a history of statements `false`. `rests_on`
    says what a row follows from (pipelines.store.published.evidence), `reads` the source tables behind that.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    description: str
    columns: Mapping[str, str]
    compared: str = "true"
    rests_on: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Publication:
    """The version just published: its name and directory, its digest and manifest."""

    version: str
    path: Path
    digest: str
    manifest: Manifest


def audit(con: duckdb.DuckDBPyConnection, checks: Sequence[tuple[str, str]]) -> None:
    """Run each (name, SQL that returns the offending rows); the first that returns any raises PublicationError."""
    for name, sql in checks:
        cursor = con.execute(sql)
        columns = [column[0] for column in cursor.description]
        offender = cursor.fetchone()
        if offender is not None:
            values = ", ".join(f"{column}={value}" for column, value in zip(columns, offender, strict=True))
            raise PublicationError(f"audit failed, nothing is published: {name}; first offender: {values}")


def publish(
    con: duckdb.DuckDBPyConnection,
    *,
    published_dir: Path,
    tables: Sequence[PublishedTable],
    watermark: dt.date,
    quality_state: str,
    facts: Mapping[str, object],
    keep: int = 5,
    beside: Callable[[Path, Manifest], None] | None = None,
) -> Publication:
    """Write the tables as a new version and let readers see it; keep the newest `keep` versions.

    `con` is the writer's connection, outside any transaction; all tables are read in one transaction. `facts` must be
    JSON values (dates are written as ISO text) and land in the manifest as they are. `beside` is called with the whole
    version's folder before readers see it: what it writes there goes with the version but not into the manifest, since
    it can be made again from the tables. Any failure raises PublicationError and leaves `current` and the list of
    versions as they were.
    """
    _check_request(tables, keep)
    facts_json = json.loads(_json(facts))
    standing = current_version(published_dir) or "none"
    try:
        with publication_lock(published_dir):
            version, partial = begin_version(published_dir)
            try:
                entries = _write_tables(con, partial, tables)
                manifest: Manifest = {
                    "version": version,
                    "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                    "watermark": watermark.isoformat(),
                    "quality_state": quality_state,
                    "digest": combine({name: entry["compared_digest"] for name, entry in entries.items()}),
                    "tables": entries,
                    "files": _sync_and_sum(partial),
                    "facts": facts_json,
                }
                _write_manifest(partial, manifest)
                if beside:
                    beside(partial, manifest)
                final = finish_version(published_dir, version, partial)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
            prune_versions(published_dir, keep)
    except (duckdb.Error, OSError, DigestError) as error:
        raise PublicationError(f"publication failed, readers keep version {standing}: {error}") from error
    return Publication(version, final, manifest["digest"], manifest)


@contextmanager
def open_published(version_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a version, read only. Raises PublicationError when its file cannot be opened or read."""
    file = (version_dir / DATABASE).resolve()
    try:
        with duckdb.connect(str(file), read_only=True) as con:
            yield con
    except duckdb.Error as error:
        raise PublicationError(f"{file} cannot be read ({error}): run almanac doctor --deep") from error


def verify_version(path: Path) -> list[str]:
    """What is wrong with a version directory, one sentence each; empty when it is sound.

    Every file's bytes are compared with the manifest, then the tables' rows are counted and digested anew.
    """
    try:
        manifest = load_manifest(path)
    except PublicationError as error:
        return [str(error)]
    if problems := damaged_files(path, manifest):
        return problems  # a damaged database file is not opened: it can take the process with it
    try:
        with open_published(path) as con:
            compared = [_compare_table(con, name, stated) for name, stated in manifest["tables"].items()]
    except PublicationError as error:
        return [str(error)]
    return [problem for problem in compared if problem]


def _compare_table(con: duckdb.DuckDBPyConnection, name: str, stated: Mapping[str, Any]) -> str | None:
    try:
        found = table_digest(con, quoted(name))
    except (duckdb.Error, DigestError) as error:
        return f"table {name}: {error}"
    if (found.rows, found.digest) == (stated["rows"], stated["digest"]):
        return None
    return f"table {name} has {found.rows} rows and digest {found.digest}, not {stated['rows']} and {stated['digest']}"


def _check_request(tables: Sequence[PublishedTable], keep: int) -> None:
    if keep < 1:
        raise PublicationError(f"at least one version must be kept, not {keep}")
    if not tables:
        raise PublicationError("there are no tables to publish")
    seen: dict[str, PublishedTable] = {}
    for table in tables:
        other = seen.setdefault(table.name.lower(), table)
        if other is not table:
            raise PublicationError(f"{other.schema}.{other.name} and {table.schema}.{table.name} have the same name")
        if not table.description:
            raise PublicationError(f"table {table.name} has no description")


def _write_tables(
    con: duckdb.DuckDBPyConnection, partial: Path, tables: Sequence[PublishedTable]
) -> dict[str, dict[str, Any]]:
    """Write the DuckDB file and the Parquet files; returns the manifest's entry for each table."""
    (partial / "parquet").mkdir()
    database = partial / DATABASE
    with _attached(con, database):
        with _transaction(con):
            rows = {table.name: _copy_table(con, table) for table in tables}
        con.execute(f"checkpoint {ALIAS}")
        entries = {table.name: _describe_table(con, table, rows[table.name], partial) for table in tables}
    if database.with_name(f"{DATABASE}.wal").exists():
        raise PublicationError("the new file still has a write-ahead log")
    return entries


@contextmanager
def _attached(con: duckdb.DuckDBPyConnection, database: Path) -> Iterator[None]:
    # No 1.x reader, which is what BI drivers ship, opens the default format of DuckDB 2.
    con.execute(f"attach {text_literal(str(database.absolute()))} as {ALIAS} (storage_version 'v1.0.0')")
    try:
        yield
    finally:
        con.execute(f"detach {ALIAS}")


@contextmanager
def _transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("begin transaction")
    try:
        yield
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise


def _copy_table(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> int:
    """Create the table in the new file with its comments; returns the number of rows."""
    database = con.execute("select current_database()").fetchall()[0][0]
    source = ".".join(quoted(part) for part in (database, table.schema, table.name))
    types = {name: kind for name, kind, *_ in con.execute(f"from {source} limit 0").description}
    _check_columns(table, list(types))
    for name, kind in types.items():
        check_type(f"{table.name}.{name}", kind)
    order = f" order by {', '.join(quoted(column) for column in table.key)}" if table.key else ""
    target = _target(table)
    [(rows,)] = con.execute(f"create table {target} as from {source}{order}").fetchall()
    con.execute(f"comment on table {target} is {text_literal(table.description)}")
    for column, description in table.columns.items():
        con.execute(f"comment on column {target}.{quoted(column)} is {text_literal(description)}")
    return int(rows)


def _check_columns(table: PublishedTable, columns: Sequence[str]) -> None:
    there = {column.lower() for column in columns}
    described = {column.lower() for column, description in table.columns.items() if description}
    problems = [f"{column} has no description" for column in sorted(there - described)]
    problems += [f"{column} is described but not there" for column in sorted(described - there)]
    problems += [f"key column {column} is not there" for column in table.key if column.lower() not in there]
    if problems:
        raise PublicationError(f"table {table.schema}.{table.name}: {'; '.join(problems)}")


def _describe_table(con: duckdb.DuckDBPyConnection, table: PublishedTable, rows: int, partial: Path) -> dict[str, Any]:
    """Assert the comments, write the Parquet file and digest the rows; returns the manifest's entry."""
    _assert_comments(con, table)
    target = _target(table)
    parquet = f"parquet/{quote(table.name, safe=' ')}.parquet"
    # Parquet has no 128-bit integers: DuckDB would write them as doubles.
    wide = [
        name
        for name, kind, *_ in con.execute(f"from {target} limit 0").description
        if kind.id in ("hugeint", "uhugeint")
    ]
    replace = ", ".join(f"{quoted(name)}::decimal(38, 0) as {quoted(name)}" for name in wide)
    selection = f"select * {f'replace ({replace})' if wide else ''} from {target}"
    [(copied,)] = con.execute(
        f"copy ({selection}) to {text_literal(str(partial.absolute() / parquet))} (format parquet, compression zstd)"
    ).fetchall()
    whole = table_digest(con, target)
    if not rows == copied == whole.rows:
        raise PublicationError(f"table {table.name}: {rows} rows copied, {copied} in Parquet, {whole.rows} read back")
    compared = whole if table.compared == "true" else table_digest(con, target, table.compared)
    return {
        "rows": rows,
        "digest": whole.digest,
        "compared_digest": compared.digest,
        "compared": table.compared,
        "key": list(table.key),
        "rests_on": dict(table.rests_on),
        "reads": list(table.reads),
        "source": f"{table.schema}.{table.name}",
        "parquet": parquet,
    }


def _assert_comments(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    where = f"database_name = '{ALIAS}' and table_name = {text_literal(table.name)}"
    [(comment,)] = con.execute(f"select comment from duckdb_tables() where {where}").fetchall()
    kept = dict(con.execute(f"select lower(column_name), comment from duckdb_columns() where {where}").fetchall())
    wanted = {column.lower(): description for column, description in table.columns.items()}
    if comment != table.description or kept != wanted:
        raise PublicationError(f"table {table.name}: its comments did not reach the new file")


def _target(table: PublishedTable) -> str:
    return f"{ALIAS}.main.{quoted(table.name)}"


def _sync_and_sum(directory: Path) -> dict[str, dict[str, Any]]:
    """Bytes and sha256 of every file, each made durable, and so the directories."""
    files = {}
    for file in sorted(path for path in directory.rglob("*") if path.is_file()):
        sync(file)
        files[file.relative_to(directory).as_posix()] = file_sum(file)
    sync(directory / "parquet")
    return files


def _write_manifest(partial: Path, manifest: Manifest) -> None:
    file = partial / MANIFEST
    manifest["manifest_sha256"] = manifest_sum(manifest)
    with file.open("w", encoding="utf-8") as handle:
        handle.write(json.dumps(manifest, indent=2) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    sync(partial)


def _json(facts: Mapping[str, object]) -> str:
    def plain(value: object) -> str:
        if isinstance(value, dt.date):
            return value.isoformat()
        raise PublicationError(f"the manifest's facts hold a {type(value).__name__}, which JSON cannot")

    return json.dumps(facts, default=plain, allow_nan=False)
