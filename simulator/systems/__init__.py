"""The source systems of the shop: each folder here is one, found by its being there.

A folder holds what its system needs of: `tables.py` (SYSTEM: its form and tables; the only one that every system has),
`days.py` (STEPS of a day), `rows.py` (clean_rows: its true rows), `plants.py` (PLANTS: what is wrong with them),
`truth.py` (truth: its tables of the key), `grades.py` (GRADING; more of them in `grades_<name>.py`). Does not belong
here: what more than one system stands on (the modules beside this folder), and truths and grades that span systems
(capabilities/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from types import ModuleType

from simulator.arguments import SimulationError
from simulator.found import folders, part, parts
from simulator.system import System, Table


def all_systems() -> list[System]:
    """Every system that there is: one that speaks of another's ids after it, else in the order of the alphabet. Raises
    SimulationError for a folder that is no system."""
    waiting = {folder: _declared(folder) for folder in folders(__name__)}
    ordered: list[System] = []
    while waiting:
        there = {system.name for system in ordered}
        free = [name for name, system in waiting.items() if there.issuperset(system.needs)]
        if not free:
            raise SimulationError(f"the systems {', '.join(waiting)} of {__name__} need each other, or one that is not")
        ordered.append(waiting.pop(free[0]))
    return ordered


def named(systems: str | None) -> list[str] | None:
    """The names in a list with commas between them, as a person gives it; None for all."""
    return None if systems is None else [name.strip() for name in systems.split(",") if name.strip()]


def chosen_systems(names: Collection[str] | None) -> list[System]:
    """The systems of these names (None: all), in the order of all. Raises SimulationError for an unknown one, and for
    one whose rows speak of a system that is not among them."""
    known = all_systems()
    if names is None:
        return known
    told = ", ".join(system.name for system in known)
    if not names:
        raise SimulationError(f"no system: choose some of {told}")
    for name in names:
        if name not in {system.name for system in known}:
            raise SimulationError(f"system {name!r} is not known: choose some of {told}")
    chosen = [system for system in known if system.name in names]
    for system in chosen:
        if missing := [name for name in system.needs if name not in names]:
            both = ",".join(s.name for s in known if s.name in {*names, *missing})
            raise SimulationError(f"system {system.name} needs {', '.join(missing)}: choose {both}")
    return chosen


def seed_of(seed: int, systems: Sequence[System]) -> int:
    """What the shop's streams are drawn by: the seed, and the systems that make people order otherwise. One that only
    watches changes nothing of the others' files; the orders of the first release's systems are in the seed itself."""
    causes = [s.name for s in systems if s.causes_orders and not s.form.of_first_release]
    if not causes:
        return seed
    digest = hashlib.sha256("/".join((f"{seed}", *sorted(causes))).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1  # below 2**63, as any seed


def part_of(system: System, module: str) -> ModuleType | None:
    """A module of a system's folder; None where it has none."""
    return part(__name__, system.name, module)


def gradings_of(system: System) -> list[ModuleType]:
    """The modules of a system's folder that declare a GRADING: `grades.py` and every `grades_<name>.py`."""
    return parts(__name__, system.name, "grades")


def tables_of(systems: Sequence[System]) -> list[Table]:
    """All tables of the systems, parents before those that wait for them."""
    return [table for system in systems for table in system.tables]


def _declared(folder: str) -> System:
    module = part(__name__, folder, "tables")
    system = getattr(module, "SYSTEM", None)
    if not isinstance(system, System) or system.name != folder:
        raise SimulationError(f"{__name__}.{folder}: its tables.py must declare SYSTEM, a system named {folder!r}")
    return system
