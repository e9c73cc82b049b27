"""The files of a version: their sums, what of them is damaged, how one is taken over from version to version.

Belongs here: bytes, links, permissions. Does not belong here: what the files hold (publication.py), and which version
readers see (versions.py). Nothing of it needs DuckDB: whether anything changed is known before it is imported.
A file that did not change is ONE file with a name in every version that has it (a hard link). It bears no write
permission, and a reader that writes into it all the same damages every version that shares it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Inode = tuple[int, int]

READ_ONLY = 0o444
PIECE = 1 << 20

# Size, time of change and inode show whoever writes through the file system, not a disk that loses a bit: every byte
# is read again after a week, and by `almanac doctor --deep`. (Measured: 1.3 s of CPU per GB.)
CHECK_AGAIN_SECONDS = 7 * 86_400


def sync(path: Path) -> None:
    """Make a file's content, or a directory's entries, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_text(file: Path, text: str) -> None:
    """Write a small file anew in one step."""
    temporary = file.with_name(f"{file.name}.new")
    temporary.write_text(text, encoding="utf-8")
    sync(temporary)
    temporary.replace(file)


def file_sum(file: Path) -> dict[str, Any]:
    """Bytes and sha256 of a file, as the manifest keeps them."""
    with file.open("rb") as handle:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(handle, "sha256").hexdigest()}


def settled(file: Path) -> dict[str, Any]:
    """Take a finished file's permission to be written, make it durable; its sum."""
    file.chmod(READ_ONLY)
    sync(file)
    return file_sum(file)


def copied(source: Path, target: Path) -> dict[str, Any]:
    """Copy a file's bytes to a new file that may be written; the sum of what was read, to be held against the
    manifest: what was damaged in the source must not get a new sum in the copy."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read, target.open("xb") as written:
        while piece := read.read(PIECE):
            digest.update(piece)
            written.write(piece)
            size += len(piece)
    return {"bytes": size, "sha256": digest.hexdigest()}


def linked(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the file system has no such links."""
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
        target.chmod(READ_ONLY)
        sync(target)


def damaged_files(
    version_dir: Path, manifest: Mapping[str, Any], known: dict[Inode, dict[str, Any]] | None = None
) -> list[str]:
    """Which files of a version are not what its manifest says, one sentence each; reads every byte once.

    `known` keeps the sums between calls: a file that several versions share is read once.
    """
    known = {} if known is None else known
    compared = {name: _compare_file(version_dir / name, stated, known) for name, stated in manifest["files"].items()}
    return [f"{name}: {problem}" for name, problem in compared.items() if problem]


def _compare_file(file: Path, stated: Mapping[str, Any], known: dict[Inode, dict[str, Any]]) -> str | None:
    if not file.is_file():
        return "is missing"
    found = file.stat()
    if found.st_size != stated["bytes"]:
        return f"has {found.st_size} bytes instead of {stated['bytes']}"
    inode = (found.st_dev, found.st_ino)
    if inode not in known:
        known[inode] = file_sum(file)
    return None if known[inode] == stated else "its content was changed after publication"


def damage_since_checked(version_dir: Path, manifest: Mapping[str, Any]) -> list[str]:
    """What is wrong with the files of a version, by the cheapest look that finds it.

    Only files are read whose size, time of change or inode is not the one seen when their bytes were last compared,
    and all of them a week after that. What was read and found whole is remembered beside the version.
    """
    folder = version_dir.resolve()
    checked_at, seen = _last_check(folder)
    if not 0 <= time.time() - checked_at < CHECK_AGAIN_SECONDS:
        checked_at, seen = time.time(), {}
    looks = {name: _look(folder / name) for name in manifest["files"]}
    changed = {name: manifest["files"][name] for name, look in looks.items() if look is None or look != seen.get(name)}
    if not changed:
        return []
    problems = damaged_files(folder, {"files": changed})
    if not problems:
        remember_checked(folder, manifest, checked_at)
    return problems


def remember_checked(version_dir: Path, manifest: Mapping[str, Any], at: float | None = None) -> None:
    """Remember that the bytes of all files of a version are what its manifest says, and how the files look now."""
    looks = {name: _look(version_dir / name) for name in manifest["files"]}
    # Whoever may only read looks again the next time.
    with contextlib.suppress(OSError):
        replace_text(check_file(version_dir), json.dumps({"at": time.time() if at is None else at, "files": looks}))


def check_file(version_dir: Path) -> Path:
    """Where it is remembered how a version's files looked when their bytes were last compared."""
    return version_dir.with_name(f".{version_dir.name}.checked")


def _last_check(version_dir: Path) -> tuple[float, dict[str, Any]]:
    try:
        kept = json.loads(check_file(version_dir).read_text(encoding="utf-8"))
        return float(kept["at"]), dict(kept["files"])
    except (OSError, ValueError, LookupError, TypeError):
        return 0.0, {}


def _look(file: Path) -> list[int] | None:
    """Bytes, time of change and inode of a file; None where there is none, which is never remembered."""
    try:
        found = file.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ino]
