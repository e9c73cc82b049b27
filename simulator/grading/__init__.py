"""Grading: what the pipeline published of a simulated shop, against what was planted.

Belongs here: measures, bars, the table. Imports nothing of the pipeline: it reads published tables and a file of row
fates, and only it reads the key.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from simulator.grading.demand import grade_demand
from simulator.grading.evidence import open_evidence
from simulator.grading.fates import grade_fates, grade_open_days
from simulator.grading.grades import Marks
from simulator.grading.money import grade_money
from simulator.grading.segments import grade_segments
from simulator.grading.stock import grade_stock

__all__ = ["grade_version"]


def grade_version(
    published: Path,
    fates: Path,
    key: Path,
    *,
    open_days: Collection[tuple[str, str]],
    from_sales: Path,
    learnt: Path,
) -> Marks:
    """All grades of a published `marts.duckdb`.

    fates       Parquet: source_system, table_name, arrival_date, file_name, row_number, fate, reasons
    open_days   (`<source>.<table>`, ISO day) of every day that the version calls open
    from_sales, learnt  see `grade_demand`
    Raises SimulationError when there is no key.
    """
    with open_evidence(published, fates, key) as evidence:
        marks = grade_fates(evidence) + grade_open_days(evidence, open_days)
        marks += grade_money(evidence) + grade_stock(evidence)
        return marks + grade_demand(evidence, from_sales, learnt) + grade_segments(evidence)
