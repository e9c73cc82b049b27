"""The bars of models and report: yardsticks, leaks, replays, training twice, the page in a browser, the demo's time.

Belongs here: whole measurements and whole tests as one row each. Does not belong here: measuring (benchmarks.models)
and what the tests look at (tests/).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks import models
from benchmarks.processes import COMMAND, run
from benchmarks.proofs import equality
from benchmarks.proofs.refresh import demo_home, the_demo
from benchmarks.proofs.rows import Proof, Row
from benchmarks.proofs.tested import tested
from tests.shop_under_test import EXAMPLES

# What a row claims: the tests that show it. They are found by a part of their names, so a renamed one cannot be missed
# silently: a claim without a test fails.
CLAIMS = {
    "data after the as-of day moves no statement": (
        "later or leak or after_as_of or after_the_as_of",
        ["tests/domains/inventory", "tests/domains/customers"],
    ),
    "training twice gives the same bytes": (
        "bytes or twice or determin or second_call",
        ["tests/domains/inventory", "tests/domains/customers", "tests/modeling"],
    ),
    "statements are made and replaced as the clock says": (
        "test",
        ["tests/house/test_week.py", "tests/house/test_as_of.py"],
    ),
    "report: structure, numbers, both languages": ("test", ["tests/reporting"]),
}


def yardsticks(folder: Path) -> Iterator[Row]:
    """Every figure of the models that has a bar."""
    for row in models.run():
        if row.bar is not None:
            yield Row(f"{row.measure} {row.bar}", f"{row.value:.4f}", row.passes)


def tested_claims(folder: Path) -> Iterator[Row]:
    """Each claim by the tests that show it, in a process of its own."""
    for claim, (names, places) in CLAIMS.items():
        yield tested(claim, places, names=names)


def one_run_equals_the_demo(folder: Path) -> Iterator[Row]:
    """All days in one run against the demo's two: the models learned from a year, the statements at the common last
    day are compared with all state."""
    home = folder / "one-run"
    first, last = (file.name[:10] for file in (sorted(EXAMPLES.glob("*.csv.gz"))[place] for place in (0, -1)))
    done = run([*COMMAND, "backfill", "--from", first, "--to", last, "--home", str(home)])
    manifests = [
        json.loads((place / "published" / "current" / "manifest.json").read_text())
        for place in (home, demo_home(folder))
    ]
    tables = [{name: table["compared_digest"] for name, table in manifest["tables"].items()} for manifest in manifests]
    differ = sorted(name for name in {*tables[0], *tables[1]} if tables[0].get(name) != tables[1].get(name))
    equal = manifests[0]["digest"] == manifests[1]["digest"]
    seen = f"differ: {', '.join(differ)}" if differ else f"{len(tables[0])} tables equal, {manifests[0]['digest'][:12]}"
    yield Row(
        "305 days in one run = the demo's two runs, statements included", seen, done.code == 0 and equal and not differ
    )


PROOFS: tuple[Proof, ...] = (the_demo, one_run_equals_the_demo, yardsticks, tested_claims, *equality.PROOFS)
