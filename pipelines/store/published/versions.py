"""The directory of published versions: what is there, which one readers see, and how that changes in one step.

Belongs here: `published/versions/v0001 ...`, the symlink `published/current`, manifests, pruning, rollback. Does not
belong here: what a version holds (pipelines.store.published.publication).
A version is written under a hidden name and renamed when it is whole; readers follow the symlink, which is replaced
by one rename. A reader that has a file open keeps it, also when its version is removed. All links are relative, so a
home can be moved.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.store.published.files import check_file, damage_since_checked, damaged_files, replace_text, sync

Manifest = dict[str, Any]

DATABASE = "marts.duckdb"
MANIFEST = "manifest.json"
_NAME = re.compile(r"v[0-9]{4,}")


class PublicationError(RuntimeError):
    """Nothing was published or rolled back; readers see what they saw before. The message says why."""


@dataclass(frozen=True)
class Version:
    """One version on disk: its name, its directory, whether readers see it, and its manifest; `problem` says why that
    cannot be read, and is None otherwise."""

    version: str
    path: Path
    is_current: bool
    manifest: Manifest
    problem: str | None = None


def list_versions(published_dir: Path) -> list[Version]:
    """All versions, oldest first; empty when nothing was ever published. A damaged manifest is told as `problem`."""
    current, found = current_version(published_dir), []
    for name in _version_names(published_dir):
        manifest: Manifest = {}
        problem = None
        try:
            manifest = read_manifest(published_dir, name)
        except PublicationError as error:
            problem = str(error)
        found.append(Version(name, version_path(published_dir, name), name == current, manifest, problem))
    return found


def current_version(published_dir: Path) -> str | None:
    """The name of the version that readers see; None before the first publication, and when the link is gone or leads
    elsewhere, which the next publication or rollback mends. Raises PublicationError when no link stands there."""
    link = published_dir / "current"
    try:
        target = published_dir / link.readlink()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PublicationError(f"{link} is no link to a version: move it away, then run almanac refresh") from error
    return target.name if os.path.realpath(target.parent) == os.path.realpath(published_dir / "versions") else None


def read_manifest(published_dir: Path, version: str | None = None) -> Manifest:
    """The manifest of a version, by default the current one; PublicationError when there is none or it is damaged."""
    name = current_version(published_dir) if version is None else version
    if name is None:
        raise PublicationError(f"{published_dir} has no published version yet")
    if not _NAME.fullmatch(name) or not version_path(published_dir, name).is_dir():
        raise PublicationError(f"{published_dir} has no version {name}: {_offer(published_dir)}")
    return load_manifest(version_path(published_dir, name))


def stands_for(published_dir: Path, version: str, state: str) -> bool:
    """True when the version was made for `state` (`facts.state` of its manifest) and its files are as they were
    published, by the look of `damage_since_checked`; a damaged one is to be published anew."""
    try:
        manifest = read_manifest(published_dir, version)
    except PublicationError:
        return False
    return manifest["facts"].get("state") == state and not damage_since_checked(
        version_path(published_dir, version), manifest
    )


def rollback(published_dir: Path, version: str) -> Version:
    """Let readers see `version` (any that is still there, also a newer one); returns it. No file is written anew."""
    with publication_lock(published_dir):
        manifest = read_manifest(published_dir, version)
        if damaged := damaged_files(version_path(published_dir, version), manifest):
            raise PublicationError(f"version {version} is damaged: {'; '.join(damaged)}")
        current_version(published_dir)  # raises where something else than a link would have to be replaced
        _point_current_to(published_dir, version)
    return Version(version, version_path(published_dir, version), True, manifest)


def version_path(published_dir: Path, version: str) -> Path:
    """The directory of a version."""
    return published_dir / "versions" / version


@contextlib.contextmanager
def publication_lock(published_dir: Path) -> Iterator[None]:
    """Hold the right to change `published/`: a rollback waits for a publication, and the reverse. Readers need none."""
    (published_dir / "versions").mkdir(parents=True, exist_ok=True)
    handle = os.open(published_dir / "versions" / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def begin_version(published_dir: Path) -> tuple[str, Path]:
    """Take the next version's name and an empty hidden directory for it; clears what killed runs left behind."""
    versions = published_dir / "versions"
    for leftover in [*versions.glob(".*.partial"), *versions.glob(".*.removed")]:
        shutil.rmtree(leftover)
    for check in versions.glob(".*.checked*"):
        if not (versions / check.name[1:].removesuffix(".checked")).is_dir():  # of a version that is gone, or half
            check.unlink(missing_ok=True)
    counter = versions / ".last"
    numbers = [int(name[1:]) for name in _version_names(published_dir)]
    if counter.exists():
        numbers.append(int(counter.read_text() or 0))
    version = f"v{max(numbers, default=0) + 1:04d}"
    partial = versions / f".{version}.partial"
    partial.mkdir()
    return version, partial


def finish_version(published_dir: Path, version: str, partial: Path) -> Path:
    """Give a whole version its name and let readers see it; on failure it is removed and readers keep the old one."""
    versions = published_dir / "versions"
    replace_text(versions / ".last", version[1:])
    final = versions / version
    partial.rename(final)
    try:
        sync(versions)
        _point_current_to(published_dir, version)
    except BaseException:
        if current_version(published_dir) != version:
            remove_version(final)
        raise
    return final


def prune_versions(published_dir: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` versions, never the current one; returns the removed names."""
    current = current_version(published_dir)
    old = [name for name in _version_names(published_dir)[:-keep] if name != current]
    for name in old:
        # What cannot be removed now is tried again by the next publication; the new version stands either way.
        with contextlib.suppress(OSError):
            remove_version(version_path(published_dir, name))
    return old


def load_manifest(version_dir: Path) -> Manifest:
    """Read a version's manifest.json and check it against its own sum."""
    try:
        manifest: Manifest = json.loads((version_dir / MANIFEST).read_text(encoding="utf-8"))
        stated = manifest["manifest_sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PublicationError(f"{version_dir / MANIFEST} cannot be read: {error}") from error
    if stated != manifest_sum(manifest):
        raise PublicationError(f"{version_dir / MANIFEST} was changed after publication")
    return manifest


def manifest_sum(manifest: Manifest) -> str:
    """sha256 in hex of a manifest without its own sum."""
    content = {name: value for name, value in manifest.items() if name != "manifest_sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _version_names(published_dir: Path) -> list[str]:
    versions = published_dir / "versions"
    if not versions.is_dir():
        return []
    names = [entry.name for entry in versions.iterdir() if _NAME.fullmatch(entry.name) and entry.is_dir()]
    return sorted(names, key=lambda name: int(name[1:]))


def _offer(published_dir: Path) -> str:
    names = _version_names(published_dir)
    return f"there are {', '.join(names)}" if names else "nothing has been published yet"


def _point_current_to(published_dir: Path, version: str) -> None:
    link = published_dir / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / version, target_is_directory=True)
    link.replace(published_dir / "current")
    sync(published_dir)


def remove_version(path: Path) -> None:
    """Remove a version, or what is left of one, under the publication lock; it loses its name first, so that half of
    it is never taken for a version."""
    doomed = path if path.name.startswith(".") else path.with_name(f".{path.name}.removed")
    if doomed != path:
        path.rename(doomed)
        check_file(path).unlink(missing_ok=True)
    shutil.rmtree(doomed)
