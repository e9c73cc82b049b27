"""Reading a version, and verifying that it is what its manifest says.

Belongs here: opening a version's tables, recounting their rows and digests. Does not belong here: comparing bytes
(files.py), writing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.expression import quoted, text_literal
from pipelines.store.published.digest import DigestError, Sums, TableDigest, day_sums, header, seal, table_digest
from pipelines.store.published.files import Inode, damaged_files
from pipelines.store.published.parquet import parquet_files
from pipelines.store.published.versions import DATABASE, Manifest, PublicationError, load_manifest


@contextmanager
def open_published(version_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a version under their names, read only; those that are Parquet alone as views.

    Raises PublicationError when its file cannot be opened or read.
    """
    folder = version_dir.resolve()
    file = folder / DATABASE
    try:
        with duckdb.connect(str(file), read_only=True) as con:
            for name, entry in _by_day(folder).items():
                con.execute(f"create temporary view {quoted(name)} as from {relation_of(folder, name, entry)}")
            yield con
    except duckdb.Error as error:
        raise PublicationError(f"{file} cannot be read ({error}): run almanac doctor --deep") from error


def _by_day(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The tables that the DuckDB file does not hold. A version whose manifest is damaged is told so elsewhere."""
    try:
        tables = load_manifest(folder)["tables"]
    except PublicationError:
        return {}
    return {name: entry for name, entry in tables.items() if entry.get("by_day")}


def relation_of(version_dir: Path, name: str, entry: Mapping[str, Any], schema: str = "main") -> str:
    """What to select a published table from: its name in the DuckDB file, seen as `schema`, or its Parquet files."""
    if not entry.get("by_day"):
        return f"{schema}.{quoted(name)}"
    files = ", ".join(text_literal(_no_pattern(version_dir / file)) for file in parquet_files(entry))
    return f"read_parquet([{files}])"


def _no_pattern(file: Path) -> str:
    """The path of one file, whatever its folders are called."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(file.absolute()))


def verify_version(path: Path, known: dict[Inode, dict[str, Any]] | None = None) -> list[str]:
    """What is wrong with a version directory, one sentence each; empty when it is sound.

    Every file's bytes are compared with the manifest, then the tables' rows are counted and digested anew, day by day
    where the manifest has a digest per day. `known` keeps what was read between calls (files.damaged_files).
    """
    try:
        manifest = load_manifest(path)
    except PublicationError as error:
        return [str(error)]
    if problems := damaged_files(path, manifest, known):
        return problems  # a damaged database file is not opened: it can take the process with it
    try:
        with open_published(path) as con:
            return [problem for name in manifest["tables"] for problem in _compare_table(con, path, manifest, name)]
    except PublicationError as error:
        return [str(error)]


def _compare_table(con: duckdb.DuckDBPyConnection, path: Path, manifest: Manifest, name: str) -> Iterator[str]:
    stated = manifest["tables"][name]
    relation, days = relation_of(path, name, stated), stated.get("days")
    try:
        if days is None:
            yield from _differing(f"table {name}", table_digest(con, relation), stated)
            return
        columns, found = header(con, relation), day_sums(con, relation, stated["day"])
    except (duckdb.Error, DigestError) as error:
        yield f"table {name}: {error}"
        return
    whole = sum(found.values(), Sums())
    yield from _differing(f"table {name}", TableDigest(whole.rows, seal(columns, whole)), stated)
    for day, told in days.items():
        sums = found.get(dt.date.fromisoformat(day), Sums())
        yield from _differing(f"{day} of table {name}", TableDigest(sums.rows, seal(columns, sums)), told)


def _differing(what: str, found: TableDigest, told: Mapping[str, Any]) -> Iterator[str]:
    if (found.rows, found.digest) != (told["rows"], told["digest"]):
        yield f"{what} has {found.rows} rows and digest {found.digest}, not {told['rows']} and {told['digest']}"
