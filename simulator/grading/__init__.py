"""Grading: what the pipeline published of a simulated shop, against what was planted.

Belongs here: measures, bars, the table. Imports nothing of the pipeline: it reads published tables and files that are
handed in, and only it reads the key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from simulator.arguments import SimulationError
from simulator.grading.demand import grade_demand
from simulator.grading.evidence import open_evidence
from simulator.grading.fates import grade_fates, grade_open_days
from simulator.grading.grades import Marks
from simulator.grading.money import grade_money
from simulator.grading.rows import grade_rows
from simulator.grading.segments import grade_segments
from simulator.grading.stock import grade_stock
from simulator.key import Key

__all__ = ["check_version", "grade_version"]


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


def grade_version(
    published: Path,
    fates: Path,
    key: Path,
    *,
    open_days: Collection[tuple[str, str]],
    demand: tuple[Path, Path] | None,
) -> Marks:
    """All grades of a published `marts.duckdb`.

    fates       Parquet: source_system, table_name, arrival_date, file_name, row_number, fate, reasons
    open_days   (`<source>.<table>`, ISO day) of every day that the version calls open
    demand      see `grade_demand`; None while the shop is too young
    Raises SimulationError when there is no key, it is another shop's, or the version lacks a table that is graded.
    """
    with _told_tables(), open_evidence(published, fates, key) as evidence:
        marks = grade_fates(evidence) + grade_open_days(evidence, open_days) + grade_rows(evidence)
        marks += grade_money(evidence) + grade_stock(evidence)
        return marks + grade_demand(evidence, demand) + grade_segments(evidence)
