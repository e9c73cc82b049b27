"""Whole tests as one row of a proof.

Belongs here: running tests in a process of their own and counting. Does not belong here: which claim they show.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from benchmarks.processes import run
from benchmarks.proofs.rows import Row


def tested(
    claim: str, places: Sequence[str], *, names: str = "test", at_least: int = 1, examples: int | None = None
) -> Row:
    """One row for the tests in `places` whose names match `names`; a skipped one, or fewer than `at_least`, fails it.

    `examples` is the number of histories that each property draws.
    """
    environment = {"ALMANAC_PROVE_EXAMPLES": str(examples)} if examples else {}
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "-k", names, *places]
    done = run(command, environment)
    counts = {word: int(found[1]) if (found := re.search(rf"(\d+) {word}", done.output)) else 0
              for word in ("passed", "skipped")}  # fmt: skip
    seen = f"{counts['passed']} passed, {counts['skipped']} skipped, exit {done.code}"
    return Row(claim, seen, done.code == 0 and counts["passed"] >= at_least and not counts["skipped"])
