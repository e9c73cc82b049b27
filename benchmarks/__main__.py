"""`make bench`: measures everything and prints every figure with its bar; exit code 1 when one lies above it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import backfill, demo_shop, gate, publication
from benchmarks.figures import Figure, print_figures
from benchmarks.normalised import unit_of_this_machine


def machine() -> str:
    """What else a wall second depends on."""
    return f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} processes wanting one before this began"


def measured(folder: Path) -> list[Figure]:
    """All figures, printed block by block as they come."""
    unit = unit_of_this_machine()
    everything = [Figure("a normalised CPU second (CPU s)", unit, note="imports of Dagster, dbt and GX, over 8")]
    print_figures("This machine", everything)
    full = backfill.full_build(folder / "full")
    blocks: list[tuple[str, Callable[[], list[Figure]]]] = [
        ("Backfill", partial(backfill.replace_days, folder / "standing", full)),
        (
            "The demo shop: a new day part by part, one without news, a first one",
            partial(demo_shop.measure, folder, unit),
        ),
        ("The contract gate", partial(gate.measure, folder)),
        ("Publication of a large fact", partial(publication.measure, folder, unit)),
    ]
    for title, measure in blocks:
        figures = measure()
        print_figures(title, figures)
        everything += figures
    return everything


def main() -> int:
    """Measure in a temporary folder; 0 when every bar holds."""
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="almanac-bench-", ignore_cleanup_errors=True) as folder:
        figures = measured(Path(folder))
    missed = [figure.name.strip() for figure in figures if not figure.passed]
    print(f"\n{len(missed)} of {sum(figure.bar is not None for figure in figures)} bars missed", *missed, sep="\n  ")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
