"""What may go from a home: files that no refresh, replay or rollback needs any more.

Belongs here: finding them and removing them. Does not belong here: for how long they are kept (the shop file), the run
history (pipelines.defs.history), asking whether to (the command line).
Raw files that stand, repairs, the ledger and the quarantine are never among them: the warehouse is rebuilt from these.
Callers hold the writer's lock: what a run is writing at this moment looks like what a kill left.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.store.care.health import size_of
from pipelines.store.care.health_ledger import has_ledger_table, unnamed_private_files, unnamed_raw_files
from pipelines.store.connection import transaction
from pipelines.store.published.files import damaged_files
from pipelines.store.published.versions import (
    PublicationError,
    current_version,
    load_manifest,
    publication_lock,
    remove_version,
    version_path,
)

RUN_FOLDER = re.compile(r"(\d{8}T\d{6})\.\d+Z")


@dataclass(frozen=True)
class Prunable:
    """One file or folder that may go: what it is for people, and its bytes."""

    kind: str
    path: Path
    size: int


def prunable(kind: str, path: Path) -> Prunable:
    """The file or folder with its size."""
    return Prunable(kind, path, size_of(path))


def old_entries(kind: str, folder: Path, pattern: str, before: dt.datetime) -> Iterator[Prunable]:
    """Files and folders of `folder` that match the pattern and were last changed before that moment."""
    for path in sorted(folder.glob(pattern)) if folder.is_dir() else ():
        if path.lstat().st_mtime < before.timestamp():
            yield prunable(kind, path)


def old_data_docs(data_docs: Path, before: dt.datetime) -> Iterator[Prunable]:
    """The gate's results and pages of runs before that moment; the index names them until the gate runs again."""
    for part in ("store", "site/validations"):
        for path in sorted((data_docs / part).glob("*/*/*/*")):
            found = RUN_FOLDER.fullmatch(path.name)
            if found and dt.datetime.strptime(f"{found[1]}Z", "%Y%m%dT%H%M%S%z") < before:
                yield prunable("Data Docs", path)


def old_versions(published: Path, keep: int) -> Iterator[Prunable]:
    """Versions beyond the newest `keep`, damaged ones and half-written ones; never the one that readers see."""
    versions = published / "versions"
    for path in sorted([*versions.glob(".*.partial"), *versions.glob(".*.removed")]):
        yield prunable("half-written version", path)
    names = sorted((path.name for path in versions.glob("v[0-9]*") if path.is_dir()), key=lambda name: int(name[1:]))
    current = current_version(published)
    known: dict[tuple[int, int], dict[str, Any]] = {}  # a file that several versions share is read once
    for name in names:
        if name == current:
            continue
        if name in names[:-keep]:
            yield prunable("version beyond keep_versions", version_path(published, name))
        elif _is_damaged(version_path(published, name), known):
            yield prunable("damaged version", version_path(published, name))


def _is_damaged(version: Path, known: dict[tuple[int, int], dict[str, Any]]) -> bool:
    try:
        return bool(damaged_files(version, load_manifest(version), known))
    except PublicationError:
        return True


def unneeded_raw(
    con: duckdb.DuckDBPyConnection, raw: Path, private: Path, before: dt.datetime | None
) -> Iterator[Prunable]:
    """Raw files that nothing names, and those of deliveries that a later file of the same name and day replaced, once
    they are from before that moment (None: never); each with its private counterpart."""
    for path in unnamed_raw_files(con, raw):
        yield prunable("raw file without a delivery", path)
    for path in unnamed_private_files(con, private):
        yield prunable("private file without a delivery", path)
    if before is None:
        return
    rows = con.execute(
        "select raw_path from ledger.deliveries where state = 'replaced' and raw_path is not null order by 1"
    ).fetchall()
    for kind, path in (
        (kind, folder / name) for (name,) in rows for kind, folder in (("raw", raw), ("private", private))
    ):
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            yield prunable(f"{kind} file of a replaced delivery", path)


def old_models(con: duckdb.DuckDBPyConnection, models: Path, keep_dates: int | None) -> Iterator[Prunable]:
    """Models' texts that nothing names, and those beyond the newest `keep_dates` as-of dates of their statement."""
    kept = {models / file for file in _model_files(con, keep_dates)}
    for path in sorted(models.rglob("*")) if models.is_dir() else ():
        if path.is_file() and path not in kept:
            yield prunable("model's text", path)


def _model_files(con: duckdb.DuckDBPyConnection, keep_dates: int | None) -> list[str]:
    if not has_ledger_table(con, "models"):
        return []
    rows = con.execute(
        """select file from ledger.models
        qualify $keep is null or dense_rank() over (partition by statement order by as_of_date desc) <= $keep""",
        {"keep": keep_dates},
    ).fetchall()
    return [file for (file,) in rows]


def forget_models(con: duckdb.DuckDBPyConnection, keep_dates: int | None) -> None:
    """Take the models' texts that may go out of the ledger; before they are removed, so that none is missed."""
    files = _model_files(con, keep_dates)
    if has_ledger_table(con, "models"):
        with transaction(con):
            con.execute("delete from ledger.models where not list_contains(?::varchar[], file)", [files])


def remove(found: Sequence[Prunable], published: Path) -> None:
    """Remove them all; a version under the lock of publications. What is already gone is no mistake."""
    versions = [item for item in found if "version" in item.kind]
    with publication_lock(published):
        for item in versions:
            remove_version(item.path)
    for item in found:
        if item in versions:
            continue
        if item.path.is_dir() and not item.path.is_symlink():
            shutil.rmtree(item.path)
        else:
            item.path.unlink(missing_ok=True)
        _remove_empty(item.path.parent)


def _remove_empty(folder: Path) -> None:
    """Remove a day's folder that is left empty (named like a date), nothing else."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", folder.name) and not any(folder.iterdir()):
        folder.rmdir()
