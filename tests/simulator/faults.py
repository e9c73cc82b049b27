"""What a faultless pipeline would have made of a simulated shop, and how a broken one differs from it.

Belongs here: making both out of the answer key, in SQL alone, so that a grade is tried in a fraction of a second, and
finding what each folder declares. Does not belong here: single tables and faults. `faults.py`, or `faults_<name>.py`,
in systems/<system>/ and capabilities/<capability>/ beside this holds SOUND (published table -> SQL over the key's
tables), HANDED (the same for what is handed over) and FAULTS (by the name that grades give).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import duckdb

from simulator.found import folders, parts
from simulator.grading.evidence import Version
from simulator.key import Key

PLACES = ("tests.simulator.capabilities", "tests.simulator.systems")


@dataclass(frozen=True)
class Fault:
    """What a broken pipeline leaves: statements over `row_fates` and over the published tables, other SQL for what is
    handed over, days that are called open, and, where not the pipeline but the shop is to blame, other tables of the
    key (SQL over its tables, by name)."""

    fates: str = ""
    published: str = ""
    handed: Mapping[str, str] = field(default_factory=dict)
    open_days: Sequence[tuple[str, str]] = ()
    key: Mapping[str, str] = field(default_factory=dict)


def declared() -> list[ModuleType]:
    """The `faults` of every folder that has some."""
    return [module for place in PLACES for folder in folders(place) for module in parts(place, folder, "faults")]


def all_faults() -> dict[str, Fault]:
    """Every fault by its name; no two folders declare one."""
    faults: dict[str, Fault] = {}
    for module in declared():
        own: dict[str, Fault] = getattr(module, "FAULTS", {})
        assert not own.keys() & faults.keys()
        faults |= own
    return faults


def of_all(name: str) -> dict[str, str]:
    """SOUND or HANDED of all folders together."""
    return {table: sql for module in declared() for table, sql in getattr(module, name, {}).items()}


def sound_version(folder: Path, key: Key) -> Version:
    """Files of a pipeline without a fault; `last` is the shop's last day in the SQL that is declared."""
    folder.mkdir(parents=True)
    version = Version(
        folder / "marts.duckdb",
        folder / "fates.parquet",
        handed={name: folder / f"{name}.parquet" for name in of_all("HANDED")},
    )
    with duckdb.connect(str(version.published)) as con:
        _see(con, key)
        for name, sql in of_all("SOUND").items():
            con.execute(f"create table {name} as {sql}")
        con.execute(f"copy row_fates to '{version.fates}' (format parquet)")
        con.execute("drop table row_fates")
        for name, sql in of_all("HANDED").items():
            con.execute(f"copy ({sql}) to '{folder / f'{name}.parquet'}' (format parquet)")
    return version


def broken_version(folder: Path, sound: Version, key: Key, fault: Fault) -> tuple[Version, Path]:
    """Copies of a sound version's files, changed by a fault, and the folder of the key that they are held against."""
    folder.mkdir(parents=True)
    published, fates, handed = folder / "marts.duckdb", folder / "fates.parquet", dict(sound.handed or {})
    shutil.copyfile(sound.published, published)
    shutil.copyfile(sound.fates, fates)
    with duckdb.connect(str(published)) as con:
        _see(con, key)
        con.execute(fault.published or "select 1")
        for name, sql in fault.handed.items():
            handed[name] = folder / f"{name}.parquet"
            con.execute(f"copy ({sql}) to '{handed[name]}' (format parquet)")
        if fault.fates:
            con.execute(f"create temp table row_fates as from read_parquet('{fates}')")
            con.execute(fault.fates)
            con.execute(f"copy row_fates to '{fates}' (format parquet)")
        place = folder / "key" if fault.key else key.path
        if fault.key:
            shutil.copytree(key.path, place)
            for name, sql in fault.key.items():
                con.execute(f"copy ({sql}) to '{place / f'{name}.parquet'}' (format parquet)")
    return Version(published, fates, fault.open_days, handed), place


def _see(con: duckdb.DuckDBPyConnection, key: Key) -> None:
    """The key's tables by their names, and `last`: a function without arguments."""
    con.execute(f"create temp macro last() as date '{key.manifest['last_day']}'")
    con.execute("create schema if not exists truth")
    con.execute("set search_path = 'main,truth'")
    for name in key.manifest["tables"]:
        con.execute(f"create or replace view truth.{name} as from {key.sql(name)}")
