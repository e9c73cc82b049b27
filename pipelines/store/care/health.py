"""The health of a home, seen from outside the warehouse: folders, disk, lock, versions, leftovers, run history.

Belongs here: findings, and checks that look at files alone. Does not belong here: what the ledger tells
(health_ledger.py), printing, and mending: a check never changes anything.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import InvalidRequirement, Requirement

from pipelines.store.published.versions import (
    PublicationError,
    current_version,
    load_manifest,
    version_path,
)

# A refresh writes beside what stands: a new version, raw files, DuckDB's log and its temporary files.
LEAST_ROOM = 1 << 30
# Logs rotate at 5 MB; Data Docs grow by some 0.2 MB with every run that gates a day.
LARGE_LOGS = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `remedy` is a command, or an order where no command can do it; a finding that is
    ok has one where something may be tidied up."""

    severity: Literal["ok", "warning", "problem"]
    group: str
    what: str
    remedy: str | None = None


def check_folders(home: Path, private: Path, needed: Iterable[Path]) -> Iterator[Finding]:
    """The folders of a home: there, writable, and private ones closed to others."""
    gone = [folder.name for folder in needed if not folder.is_dir()]
    if gone:
        yield Finding("warning", "home", f"{home} has no folder {', '.join(gone)}", "almanac refresh")
    closed = [folder for folder in (home, *needed) if folder.is_dir() and not os.access(folder, os.R_OK | os.W_OK)]
    for folder in closed:
        yield Finding(
            "problem", "home", f"{folder} cannot be read and written by this account", f"chmod u+rwx {folder}"
        )
    if private.is_dir() and (mode := stat.S_IMODE(private.stat().st_mode)) & 0o077:
        told = f"{private} is open to other accounts (mode {mode:04o})"
        yield Finding("problem", "home", told, f"chmod 700 {private}")
    if not gone and not closed:
        yield Finding("ok", "home", f"{home}: its folders are there")


def check_room(home: Path, working_file: Path) -> Finding:
    """Room on the disk for another version, and for the working file to grow by as much as it has."""
    free = shutil.disk_usage(home).free
    wanted = max(LEAST_ROOM, working_file.stat().st_size if working_file.exists() else 0)
    told = f"{free / 1e9:,.1f} GB free"
    if free < wanted:
        return Finding("warning", "home", f"{told}, a refresh may want {wanted / 1e9:,.1f} GB", "almanac prune")
    return Finding("ok", "home", told)


def check_lock(lock_file: Path) -> tuple[Finding, bool]:
    """Whether somebody writes to the home now; and True when so."""
    try:
        handle = os.open(lock_file, os.O_RDWR)
    except FileNotFoundError:
        return Finding("ok", "lock", "nobody writes to this home"), False
    try:
        holder = _holder(handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told = f"process {holder['pid']} ({holder['purpose']}) writes since {holder['since']}" if holder else "held"
            if holder and not _lives(int(holder["pid"])):
                told += "; no such process is seen from here: it may be in a container or on another machine"
                return Finding("warning", "lock", told, "end the process that holds it"), True
            return Finding("ok", "lock", f"{told}; what the warehouse holds is not looked at"), True
    finally:
        os.close(handle)
    if holder:
        told = f"process {holder['pid']} ({holder['purpose']}) was killed; the lock is free, nothing waits for it"
        return Finding("ok", "lock", told), False
    return Finding("ok", "lock", "nobody writes to this home"), False


def _holder(handle: int) -> dict[str, str] | None:
    try:
        told = json.loads(os.pread(handle, 4096, 0))
        return {name: str(told[name]) for name in ("pid", "purpose", "since")}
    except (ValueError, LookupError, TypeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def check_versions(published: Path, *, deep: bool) -> Iterator[Finding]:
    """The published versions: the link, every manifest, sizes of the files; with `deep` every byte and row."""
    versions = published / "versions"
    names = sorted(
        (path.name for path in versions.glob("v[0-9]*") if path.is_dir()), key=lambda name: (len(name), name)
    )
    again = f"almanac rollback {names[-1]}" if names else "almanac refresh"
    whole, current = 0, None
    known: dict[tuple[int, int], dict[str, Any]] = {}  # a file that several versions share is read once
    try:
        current = current_version(published)
    except PublicationError:
        link = published / "current"
        yield Finding("problem", "published", f"{link} is no link to a version", f"move {link} away, then {again}")
    else:
        if names and current is None:
            yield Finding("problem", "published", "there are versions, but readers are pointed at none", again)
    for name in names:
        damage = _damage(version_path(published, name), known if deep else None)
        whole += not damage
        if damage:
            remedy = "almanac refresh" if name == current else "almanac prune --yes"
            yield Finding("problem", "published", f"{name}{' (current)' * (name == current)}: {damage}", remedy)
    if current and current not in names:
        told = f"readers are pointed at {current}, which is not there"
        yield Finding("problem", "published", told, again)
    elif not names:
        yield Finding("ok", "published", "nothing is published yet", "almanac refresh")
    elif current:
        how = "every byte and row" if deep else "manifests and sizes"
        yield Finding("ok", "published", f"{whole} of {len(names)} versions are whole ({how}); current is {current}")
        if current != names[-1]:
            yield Finding("ok", "published", f"readers see {current}, not the newest version", "almanac refresh")
    if left := [*versions.glob(".*.partial"), *versions.glob(".*.removed")]:
        yield Finding("ok", "published", f"{len(left)} half-written versions were left by a kill", "almanac prune")


def _damage(path: Path, known: dict[tuple[int, int], dict[str, Any]] | None) -> str | None:
    """What is wrong with a version, None when nothing is seen; without `known`, the sums of files read so far, by a
    look at manifest and sizes."""
    if known is not None:
        from pipelines.store.published.publication import verify_version

        return next(iter(verify_version(path, known)), None)
    try:
        manifest = load_manifest(path)
    except PublicationError as error:
        return str(error)
    for name, stated in manifest["files"].items():
        file = path / name
        if not file.is_file():
            return f"{name} is missing"
        if file.stat().st_size != stated["bytes"]:
            return f"{name} has {file.stat().st_size} bytes instead of {stated['bytes']}"
    return None


def newest_facts(published: Path) -> Mapping[str, Any] | None:
    """What the newest version's manifest says of the warehouse that it was made from; None when none can be read."""
    names = [path.name for path in (published / "versions").glob("v[0-9]*") if path.is_dir()]
    try:
        newest = max(names, key=lambda name: int(name[1:]))
        facts: Mapping[str, Any] = load_manifest(version_path(published, newest))["facts"]
    except (ValueError, PublicationError):
        return None
    return facts


def check_leftovers(tmp: Path, private: Path, logs: Path) -> Iterator[Finding]:
    """What killed runs left in `tmp/` and while they split personal data, and the size of the logs."""
    for folder, found in ((tmp, tmp.glob("*")), (private, private.glob("landing-*"))):
        if left := list(found):
            told = f"{len(left)} entries ({sum(map(size_of, left)) / 1e6:,.0f} MB) were left in {folder}"
            yield Finding("ok", "leftovers", told, "almanac prune")
    crashes = len(list(logs.glob("crash-*.log"))) if logs.is_dir() else 0
    size = size_of(logs)
    told = f"logs have {size / 1e6:,.0f} MB" + (f", {crashes} of them are crashes" if crashes else "")
    yield Finding("ok", "leftovers", told, "almanac prune" if size > LARGE_LOGS else None)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 when there is none."""
    files = [path] if path.is_file() else path.rglob("*") if path.is_dir() else []
    total = 0
    for file in files:
        try:
            total += file.lstat().st_size
        except OSError:
            continue  # gone since it was listed
    return total


def check_history(runs_file: Path, is_held: bool) -> Finding:
    """Dagster's runs that are still told to be going on though nobody writes to the home."""
    if not runs_file.exists():
        return Finding("ok", "runs", "no run yet")
    # `immutable` makes no side files; beside a log, they are there already.
    mode = "mode=ro" if runs_file.with_name(f"{runs_file.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        con = sqlite3.connect(f"{runs_file.absolute().as_uri()}?{mode}", uri=True, timeout=1)
        try:
            rows = con.execute("select status, count(*) from runs group by 1").fetchall()
        finally:
            con.close()
    except sqlite3.Error as error:
        remedy = f"move {runs_file.parent} away: the history begins anew, no data depend on it"
        return Finding("problem", "runs", f"{runs_file} cannot be read ({error})", remedy)
    counts = dict(rows)
    going = sum(counts.get(state, 0) for state in ("STARTED", "STARTING", "CANCELING"))
    if going and not is_held:
        told = f"{going} runs are told to be going on, but their process is gone; almanac serve marks them failed"
        return Finding("warning", "runs", told, "almanac serve")
    return Finding("ok", "runs", f"{sum(counts.values())} runs in the history, {counts.get('FAILURE', 0)} failed")


def check_packages(requirements: Path) -> Finding:
    """Installed packages against the locked ones."""
    if not requirements.is_file():
        return Finding("ok", "packages", "installed without the project's locked requirements")
    other = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if not line[:1].isalnum():
            continue
        try:
            wanted = Requirement(line.rstrip("\\").strip())
        except InvalidRequirement:
            return Finding(
                "warning", "packages", f"{requirements} is damaged: {line[:60]!r}", "git checkout requirements"
            )
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            found = "missing"
        if not wanted.specifier.contains(found if found != "missing" else "0", prereleases=True) or found == "missing":
            other.append(f"{wanted.name} is {found}, not {str(wanted.specifier).removeprefix('==')}")
    if other:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        return Finding("warning", "packages", f"{', '.join(other[:3])}{more}", "make setup")
    return Finding("ok", "packages", "installed as locked")
