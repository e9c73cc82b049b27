"""The answer key: what is true, row by row, and what each planted row deserves. Beside the home, never in the drops.

Belongs here: writing, checking and loading the key. Does not belong here: comparing anything with it (grading/).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from simulator.arguments import RELEASE, Arguments, SimulationError
from simulator.system import System
from simulator.systems import all_systems
from simulator.truth import planted_truths, truth_tables
from simulator.world import World
from simulator.write import literal, sha256

MANIFEST = "manifest.json"
VERSION = 2
# Keys written before there was a release to tell, whose drops are, to the byte, those of the first.
BEFORE_RELEASES = {"release": 1, "systems": ["storefront", "warehouse"]}


@dataclass(frozen=True)
class Key:
    """A key that lies in `path`; `manifest` as written."""

    path: Path
    manifest: dict[str, Any]

    @property
    def told(self) -> str:
        """Of which shop it is, in words."""
        world = self.manifest["world"]
        return (
            f"a shop of {self.manifest['days']} days and about {world['customers']:,} customers (seed {world['seed']})"
        )

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems whose drops it is the key of."""
        return tuple(self.manifest["systems"])

    def sql(self, table: str) -> str:
        """SQL: the table as a relation that DuckDB reads. Raises SimulationError for a table that the key has not."""
        file = self.path / f"{table}.parquet"
        if not file.is_file():
            raise SimulationError(f"{file}: the key has no such table; it has {', '.join(self.manifest['tables'])}")
        return f"read_parquet({literal(file)})"


def read_key(path: Path) -> Key:
    """The key in a folder. Raises SimulationError when there is none, or one of another version."""
    damaged = SimulationError(
        f"{path / MANIFEST} is damaged; remove {path}, then `almanac simulate --out EMPTY_FOLDER --key {path}` with "
        "the options that the shop was made with writes it anew"
    )
    try:
        manifest = json.loads((path / MANIFEST).read_text())
    except (FileNotFoundError, NotADirectoryError):
        raise SimulationError(
            f"{path}: no answer key; `almanac simulate --out EMPTY_FOLDER --key {path}` writes one, and `--home` both "
            "drops and key of a new shop"
        ) from None
    except ValueError:
        raise damaged from None
    manifest = {**BEFORE_RELEASES, **manifest} if isinstance(manifest, dict) else {}
    version = manifest.get("version")
    if version != VERSION:
        raise SimulationError(f"{path}: a key of version {version}, this is {VERSION}; simulate anew")
    try:
        dt.date.fromisoformat(manifest["last_day"])
        _ = [f"{name}" for name in manifest["systems"]], int(manifest["release"]), int(manifest["days"])
        _ = {**manifest["tables"]}, {**manifest["world"]}, {**manifest["first_file"]}
    except (KeyError, TypeError, ValueError):
        raise damaged from None
    return Key(path, manifest)


def check_key(arguments: Arguments, systems: Sequence[System], out: Path, key: Path) -> None:
    """Refuse folders of another simulation or release, a shorter run than the one that is there, and a key below the
    drops."""
    for folder in (out, key):
        standing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        if not standing.is_dir():
            raise SimulationError(f"{standing}: a file; choose a folder")
    if key.resolve().is_relative_to(out.resolve()):
        raise SimulationError(f"{key}: the key must not lie in the drops ({out}); choose another folder")
    if out.resolve().is_relative_to(key.resolve()):
        raise SimulationError(f"{out}: the drops must not lie in the key ({key}); choose another folder")
    if (key / MANIFEST).exists():
        _check_standing(read_key(key), arguments, [system.name for system in systems])
    elif key.exists() and not all(_is_ours(file) for file in key.iterdir()):
        raise SimulationError(f"{key}: not empty and no key; choose an empty folder")
    elif any((out / system.name).exists() for system in all_systems()):
        raise SimulationError(
            f"{out}: holds drops that are not of the key {key}; choose an empty folder (to have the lost key of these "
            f"drops written anew: `--out EMPTY_FOLDER --key {key}`, with the options that they were made with)"
        )


def _check_standing(key: Key, arguments: Arguments, systems: list[str]) -> None:
    """Refuse to go on with a key that these arguments did not make."""
    there = key.manifest
    if there["release"] != RELEASE:
        raise SimulationError(
            f"{key.path}: of release {there['release']} of the simulator, this is {RELEASE}, whose days are of another "
            "shop: begin a new one in an empty folder, or go on with the version of the project that made this one"
        )
    if there["world"] != arguments.world():
        theirs, ours = (
            ", ".join(f"{k} {v}" for k, v in world.items()) for world in (there["world"], arguments.world())
        )
        raise SimulationError(
            f"{key.path}: the key of another shop ({theirs}; asked for {ours}); choose an empty folder"
        )
    if sorted(key.systems) != sorted(systems):
        raise SimulationError(
            f"{key.path}: the key of a shop with the systems {','.join(key.systems)}, asked for {','.join(systems)}; "
            f"go on with --systems {','.join(key.systems)}, or choose an empty folder"
        )
    if there["days"] > arguments.days:
        raise SimulationError(
            f"{key.path}: {there['days']} days are there, {arguments.days} asked for; give at least those"
        )


def check_drops(out: Path, first_file: Path, fingerprint: str) -> None:
    """Refuse drops that another simulation has begun."""
    there = out / first_file
    if there.exists() and sha256(there) != fingerprint:
        raise SimulationError(f"{there}: of another simulation; choose an empty folder for the drops")


def _is_ours(file: Path) -> bool:
    """Whether a file may be what a killed run left of a key: its tables are written before its manifest."""
    return file.name.removesuffix(".part").endswith((".parquet", MANIFEST))


def write_key(
    con: duckdb.DuckDBPyConnection,
    world: World,
    arguments: Arguments,
    systems: Sequence[System],
    key: Path,
    first_file: tuple[Path, str],
) -> None:
    """Write the key's tables and, last, its manifest; the folder is its owner's alone. `arguments` as they were given,
    `first_file` its path below the drops and its fingerprint."""
    key.mkdir(parents=True, exist_ok=True)
    key.chmod(0o700)
    rows = {}
    for name, sql in truth_tables(con, world, systems).items():
        file = key / f"{name}.parquet"
        part = file.with_name(file.name + ".part")
        rows[name] = con.execute(f"copy ({sql}) to {literal(part)} (format parquet)").fetchall()[0][0]
        part.replace(file)
    manifest = {
        "version": VERSION,
        "release": RELEASE,
        "systems": [system.name for system in systems],
        "world": arguments.world(),
        "days": arguments.days,
        "last_day": arguments.last.isoformat(),
        "first_file": {"path": first_file[0].as_posix(), "sha256": first_file[1]},
        "planted": planted_truths(arguments, systems),
        "tables": rows,
    }
    part = key / f"{MANIFEST}.part"
    part.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    part.replace(key / MANIFEST)
