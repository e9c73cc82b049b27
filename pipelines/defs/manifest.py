"""dbt's parse of the project, held once per code and vars for all homes of this installation.

Belongs here: parsing, keeping and loading the manifest. Does not belong here: building from it (dbt.py), and what
follows from its lineage (pipelines.store.days.dirty_days).
A parse costs 7 CPU seconds and says nothing of a home: what differs between homes (paths, limits) is read from the
environment when a model runs. So it lies with the code, in dbt's own `target/`, as bytecode does; where the
installation cannot be written, in the home.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.defs.held import holding_folder
from pipelines.settings.environment import Settings

# What dbt itself keeps a parse in, and the same for everybody else.
PARSED, MANIFEST = "partial_parse.msgpack", "manifest.json"
# Another release of these may parse another way.
PARSERS = ("dbt-core", "dbt-duckdb")
# One shop needs one. A developer's branches, shops and tests leave others behind: the newest ones stay.
KEPT = 12
NOT_SOURCE = {"target", "logs", "dbt_packages"}


@dataclass(frozen=True)
class HeldManifest:
    """A parse that is there, whole. `code` names project and vars, wherever the project lies: 16 hex digits."""

    folder: Path
    code: str

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The manifest as dbt's manifest.json has it."""
        return _content(self.folder / MANIFEST)

    @cached_property
    def parsed(self) -> Any:
        """The manifest as dbt itself works with it (dbt.contracts.graph.manifest.Manifest): 0.6 s, once a process."""
        from dbt.contracts.graph.manifest import Manifest
        from dbt.parser.manifest import extended_mashumuro_decoder

        parsed = Manifest.from_msgpack(  # type: ignore[attr-defined]
            (self.folder / PARSED).read_bytes(), decoder=extended_mashumuro_decoder
        )
        parsed.build_flat_graph()  # type: ignore[no-untyped-call]
        return parsed


def project_code(settings: Settings) -> str:
    """A hash over the project's files and the vars: 16 hex digits."""
    digest = hashlib.sha256(json.dumps(settings.dbt_vars, sort_keys=True).encode())
    for name, content in _source_files(settings.dbt_project_dir):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:16]


def _source_files(project: Path) -> list[tuple[str, bytes]]:
    found = []
    for place, folders, files in os.walk(project):
        folders[:] = sorted(set(folders) - NOT_SOURCE)
        found += [Path(place, name) for name in files]
    return sorted((str(file.relative_to(project)), file.read_bytes()) for file in found)


def held_manifest(settings: Settings) -> HeldManifest:
    """The parse for this code and shop, made when there is none yet, or a broken one.

    It appears whole or not at all: dbt writes in place, so it parses beside. Of two processes one parses.
    Raises dagster.Failure when dbt cannot parse the project.
    """
    settings.home.prepare(settings.shop.name)
    code = project_code(settings)
    place = hashlib.sha256(repr([str(settings.dbt_project_dir), *map(version, PARSERS)]).encode()).hexdigest()[:8]
    folder = holding_folder(settings) / f"{code}-{place}"
    return _held(settings, folder, code)


@lru_cache(maxsize=8)
def _loaded(folder: Path, code: str, _written: tuple[int, ...]) -> HeldManifest:
    """One object per parse, so that it is loaded once a process."""
    return HeldManifest(folder, code)


def _held(settings: Settings, folder: Path, code: str) -> HeldManifest:
    if not _is_whole(folder):
        with (folder.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_whole(folder):
                _parse(settings, folder)
                _forget_old(folder.parent, keep=folder)
    return _loaded(folder, code, tuple((folder / name).stat().st_mtime_ns for name in (PARSED, MANIFEST)))


def _parse(settings: Settings, folder: Path) -> None:
    from pipelines.defs.dbt_build import invoke

    beside = folder.with_name("parsing")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    result = invoke(settings, beside, ["parse"])
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if not result.success:
        raise dg.Failure(f"dbt cannot parse {settings.dbt_project_dir}: {result.exception}")
    digests = {name: hashlib.sha256((beside / name).read_bytes()).hexdigest() for name in (PARSED, MANIFEST)}
    (beside / "whole.json").write_text(json.dumps(digests))
    beside.rename(folder)


def _forget_old(held: Path, keep: Path) -> None:
    """Remove all but the newest parses. Who still works with one has loaded it."""
    found = sorted((path for path in held.iterdir() if path.is_dir() and path != keep), key=_made)
    for path in found[: max(0, len(found) + 1 - KEPT)]:
        shutil.rmtree(path, ignore_errors=True)


def _made(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _is_whole(folder: Path) -> bool:
    """Whether every file of the parse is as it was written. A torn or tampered one is made anew."""
    try:
        digests = json.loads((folder / "whole.json").read_text())
        return all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == digests[name] for name in (PARSED, MANIFEST)
        )
    except (OSError, TypeError, ValueError, LookupError):
        return False


def _content(file: Path) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(file.read_bytes())
    return content
