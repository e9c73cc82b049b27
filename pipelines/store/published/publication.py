"""Publication: one audited, whole version of the published tables, put before the readers in one step.

Belongs here: the order of a publication, its audit, its manifest. Does not belong here: which tables are published
(lineage.py), how much of each is written (plan.py) and how (writing.py), how versions are swapped (versions.py).
A version directory holds `marts.duckdb` (written for DuckDB 1.0 and later), `parquet/<table>.parquet`, of large tables
`parquet/<table>/<day>.parquet`, and `manifest.json`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.store.published.digest import DigestError, combine
from pipelines.store.published.files import damage_since_checked, damaged_files, file_sum, remember_checked, sync
from pipelines.store.published.plan import Planner
from pipelines.store.published.tables import Base, Changes, PublishedTable
from pipelines.store.published.verification import open_published, verify_version
from pipelines.store.published.versions import (
    MANIFEST,
    Manifest,
    PublicationError,
    Version,
    begin_version,
    current_version,
    finish_version,
    list_versions,
    manifest_sum,
    prune_versions,
    publication_lock,
    read_manifest,
    rollback,
    version_path,
)
from pipelines.store.published.writing import STORAGE, DamagedBase, last_version, write_version

__all__ = [
    "Changes",
    "Publication",
    "PublicationError",
    "PublishedTable",
    "Version",
    "audit",
    "current_version",
    "damaged_files",
    "file_sum",
    "list_versions",
    "open_published",
    "publish",
    "read_manifest",
    "rollback",
    "verify_version",
]


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
    changes: Changes | None = None,
    keep: int = 5,
    beside: Callable[[Path, Manifest], None] | None = None,
) -> Publication:
    """Write the tables as a new version and let readers see it; keep the newest `keep` versions.

    `con` is the writer's connection, the only one there is, outside any transaction. What did not change by `changes`
    is taken over from the version that they count from; without them, or without that version as it was, all is
    written anew. `facts` must be JSON values (dates are written as ISO text) and land in the manifest as they are.
    `beside` is called with the whole version's folder before readers see it: what it writes there goes with the version
    but not into the manifest, since it can be made again from the tables. Any failure raises PublicationError and
    leaves `current` and the list of versions as they were.
    """
    _check_request(tables, keep)
    facts_json = json.loads(_json(facts))
    standing = current_version(published_dir) or "none"
    try:
        con.execute("begin transaction; commit")  # refused inside the caller's
        with publication_lock(published_dir):
            version, partial = begin_version(published_dir)
            try:
                base = _usable_base(published_dir, changes)
                entries, files = _write(con, partial, tables, changes, base)
                manifest: Manifest = {
                    "version": version,
                    "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                    "watermark": watermark.isoformat(),
                    "quality_state": quality_state,
                    "digest": combine({name: entry["compared_digest"] for name, entry in entries.items()}),
                    "tables": entries,
                    "files": files,
                    "storage": STORAGE,
                    "facts": facts_json,
                }
                _write_manifest(partial, manifest)
                if beside:
                    beside(partial, manifest)
                final = finish_version(published_dir, version, partial)
                remember_checked(final, manifest)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
            prune_versions(published_dir, keep)
    except (duckdb.Error, OSError, DigestError) as error:
        raise PublicationError(f"publication failed, readers keep version {standing}: {error}") from error
    return Publication(version, final, manifest["digest"], manifest)


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


def _usable_base(published_dir: Path, changes: Changes | None) -> Base | None:
    """The version that the working file was last published as, where it still stands as it was and was stored alike."""
    if changes is None:
        return None
    try:
        manifest = read_manifest(published_dir, changes.base)
    except PublicationError:
        return None
    path = version_path(published_dir, changes.base)
    if manifest["manifest_sha256"] != changes.manifest_sha256 or manifest.get("storage") != STORAGE:
        return None
    return None if damage_since_checked(path, manifest) else Base(path, manifest)


def _write(
    con: duckdb.DuckDBPyConnection,
    partial: Path,
    tables: Sequence[PublishedTable],
    changes: Changes | None,
    base: Base | None,
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The manifest's entries of the tables, and the sums of the files; from the base, or all anew where it is found to
    be damaged while it is copied."""
    try:
        with last_version(con, base), Planner(con, base, changes).plans(tables) as plans:
            return write_version(con, partial, plans, base)
    except DamagedBase:
        shutil.rmtree(partial)
        partial.mkdir()
        return _write(con, partial, tables, changes, None)


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
