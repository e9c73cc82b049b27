"""What a CPU second means where a bar is told in them: machines differ.

Belongs here: the unit. Does not belong here: what is measured in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.processes import Cost, run

IMPORTS = "import dagster, dbt.cli.main, great_expectations"
# What these imports cost on the machine that the bars are told for.
ITS_SECONDS = 8


def unit_of_this_machine(attempts: int = 3) -> float:
    """The CPU seconds, user and system, that one of the bars' CPU seconds takes here: the best of some processes that
    import the heavy libraries, over what they take there."""
    return min(run([sys.executable, "-c", IMPORTS]).cpu for _ in range(attempts)) / ITS_SECONDS


def best(once: Callable[[], Cost], attempts: int = 3) -> Cost:
    """The cheapest of some attempts; the first also compiles bytecode."""
    return min((once() for _ in range(attempts)), key=lambda cost: cost.cpu)
