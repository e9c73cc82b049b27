"""Grading: what the pipeline published of a simulated shop, against what was planted.

Belongs here: finding what is asked, asking it, the form of grades and how they are told. Does not belong here: a
measure and its bar (grades.py of a system or a capability). Imports nothing of the pipeline: it reads published tables
and files that are handed in, and only it reads the key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from simulator.arguments import SimulationError
from simulator.found import folders, parts
from simulator.grading.evidence import Version, open_evidence
from simulator.grading.grades import Grading, Marks
from simulator.key import Key
from simulator.systems import chosen_systems, gradings_of
from simulator.truth import CAPABILITIES

__all__ = ["all_gradings", "check_version", "grade_version"]


@contextmanager
def _told_tables() -> Iterator[None]:
    """A table or column that is not there, or a file that is damaged, ends in a sentence."""
    try:
        yield
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        reason = " ".join(str(error).split("LINE ")[0].split())[:200]
        raise SimulationError(f"the version or the key lacks what is graded: {reason}") from error
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        reason = " ".join(str(error).split("LINE ")[0].split())[:300]
        raise SimulationError(f"the version or the key cannot be read, simulate anew or refresh: {reason}") from error


def check_version(key: Key, watermark: str, delivered: Mapping[str, Collection[str]]) -> None:
    """Refuse a version that ends on another day than the key, or was made of another shop's files. Raises
    SimulationError.

    delivered   path below the drops -> SHA-256 of each file that came under it
    """
    last = key.manifest["last_day"]
    if watermark != last:
        raise SimulationError(
            f"the published version ends on {watermark}, the key {key.path} on {last}: refresh that day or give its key"
        )
    first = key.manifest["first_file"]
    came = delivered.get(first["path"])
    if came and first["sha256"] not in came:
        raise SimulationError(
            f"{first['path']} of this home is not that of {key.told}: {key.path} is the key of another shop"
        )


def all_gradings(systems: Collection[str]) -> list[Grading]:
    """What is asked where these systems drop: GRADING of each capability that they suffice for, then of each of them;
    in the order of the capabilities. Raises SimulationError for an unknown system."""
    modules = [module for folder in folders(CAPABILITIES) for module in parts(CAPABILITIES, folder, "grades")]
    found = [module for module in modules if {*systems}.issuperset(module.NEEDS)]
    found += [module for system in chosen_systems(systems) for module in gradings_of(system)]
    gradings: list[Grading] = [module.GRADING for module in found]
    return sorted(gradings, key=lambda grading: (grading.capability.place, grading.capability.name))


def grade_version(version: Version, key: Path) -> Marks:
    """All grades of what the pipeline made of the shop of a key.

    Raises SimulationError when there is no key, it is another shop's, or the version lacks a table that is graded.
    """
    with _told_tables(), open_evidence(version, key) as evidence:
        return sum((grading.marks(evidence) for grading in all_gradings(evidence.systems)), Marks())
