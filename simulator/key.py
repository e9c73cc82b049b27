"""The answer key: what is true, row by row, and what each planted row deserves. Beside the home, never in the drops.

Belongs here: writing, checking and loading the key. Does not belong here: comparing anything with it (grading/).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from simulator.arguments import Arguments, SimulationError
from simulator.fulfilment import (
    CARRIERS,
    CHANGE_DAY,
    CHANGE_FACTOR,
    CHANGED_CARRIER,
    CHANGED_STAGE,
    LONG_STAGE,
    SLOW_HOURS,
    SLOW_LOCATION,
    SLOW_STAGE,
    STAGES,
)
from simulator.tables import TABLES
from simulator.truth import truth_tables
from simulator.words import LOCATIONS
from simulator.world import World
from simulator.write import literal, sha256

MANIFEST = "manifest.json"
VERSION = 2


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
    version = manifest.get("version") if isinstance(manifest, dict) else None
    if version != VERSION:
        raise SimulationError(f"{path}: a key of version {version}, this is {VERSION}; simulate anew")
    try:
        dt.date.fromisoformat(manifest["last_day"])
        _ = {**manifest["tables"]}, {**manifest["world"]}, int(manifest["days"]), {**manifest["first_file"]}
    except (KeyError, TypeError, ValueError):
        raise damaged from None
    return Key(path, manifest)


def check_key(arguments: Arguments, out: Path, key: Path) -> None:
    """Refuse folders of another simulation, a shorter run than the one that is there, and a key below the drops."""
    for folder in (out, key):
        standing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        if not standing.is_dir():
            raise SimulationError(f"{standing}: a file; choose a folder")
    if key.resolve().is_relative_to(out.resolve()):
        raise SimulationError(f"{key}: the key must not lie in the drops ({out}); choose another folder")
    if out.resolve().is_relative_to(key.resolve()):
        raise SimulationError(f"{out}: the drops must not lie in the key ({key}); choose another folder")
    if (key / MANIFEST).exists():
        there = read_key(key).manifest
        if there["world"] != arguments.world():
            theirs, ours = (
                ", ".join(f"{k} {v}" for k, v in world.items()) for world in (there["world"], arguments.world())
            )
            raise SimulationError(
                f"{key}: the key of another shop ({theirs}; asked for {ours}); choose an empty folder"
            )
        if there["days"] > arguments.days:
            raise SimulationError(
                f"{key}: {there['days']} days are there, {arguments.days} asked for; give at least those"
            )
    elif key.exists() and not all(_is_ours(file) for file in key.iterdir()):
        raise SimulationError(f"{key}: not empty and no key; choose an empty folder")
    elif any((out / source).exists() for source in {table.source for table in TABLES}):
        raise SimulationError(
            f"{out}: holds drops that are not of the key {key}; choose an empty folder (to have the lost key of these "
            f"drops written anew: `--out EMPTY_FOLDER --key {key}`, with the options that they were made with)"
        )


def check_drops(out: Path, first_file: Path, fingerprint: str) -> None:
    """Refuse drops that another simulation has begun."""
    there = out / first_file
    if there.exists() and sha256(there) != fingerprint:
        raise SimulationError(f"{there}: of another simulation; choose an empty folder for the drops")


def _is_ours(file: Path) -> bool:
    """Whether a file may be what a killed run left of a key: its tables are written before its manifest."""
    return file.name.removesuffix(".part").endswith((".parquet", MANIFEST))


def write_key(con: duckdb.DuckDBPyConnection, world: World, key: Path, first_file: Path, fingerprint: str) -> None:
    """Write the key's tables and, last, its manifest; the folder is its owner's alone."""
    key.mkdir(parents=True, exist_ok=True)
    key.chmod(0o700)
    arguments = world.arguments
    rows = {}
    for name, sql in truth_tables(con, world).items():
        file = key / f"{name}.parquet"
        part = file.with_name(file.name + ".part")
        rows[name] = con.execute(f"copy ({sql}) to {literal(part)} (format parquet)").fetchall()[0][0]
        part.replace(file)
    manifest = {
        "version": VERSION,
        "world": arguments.world(),
        "days": arguments.days,
        "last_day": arguments.last.isoformat(),
        "first_file": {"path": first_file.as_posix(), "sha256": fingerprint},
        "planted": _planted(arguments),
        "tables": rows,
    }
    part = key / f"{MANIFEST}.part"
    part.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    part.replace(key / MANIFEST)


def _planted(arguments: Arguments) -> dict[str, Any]:
    """What is planted into the stages of fulfilment and belongs to no row."""
    return {
        "slow_stage": {
            "stage": STAGES[SLOW_STAGE],
            "location_id": LOCATIONS[SLOW_LOCATION][0],
            "mean_hours": SLOW_HOURS,
        },
        "change": {
            "stage": STAGES[CHANGED_STAGE],
            "carrier": CARRIERS[CHANGED_CARRIER],
            "date": arguments.date(CHANGE_DAY).isoformat(),
            "factor": CHANGE_FACTOR,
        },
        "long_and_harmless_stage": STAGES[LONG_STAGE],
    }
