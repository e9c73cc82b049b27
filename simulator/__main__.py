"""`python -m simulator`: the simulated shop without the rest of the project."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

from simulator.arguments import (
    DEFAULT_CUSTOMERS,
    DEFAULT_DAYS,
    DEFAULT_SEED,
    DEFAULT_START,
    Arguments,
    SimulationError,
)


def main() -> int:
    """Read the arguments, run, print; 2 for what a person has to change."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="Write the drops and the key of a simulated shop."
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--start", type=dt.date.fromisoformat, default=DEFAULT_START, metavar="YYYY-MM-DD")
    parser.add_argument("--days", type=int, default=DEFAULT_DAYS)
    parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS)
    parser.add_argument("--systems", metavar="NAME,...", help="whose files are written (default: all systems)")
    parser.add_argument("--out", type=Path, required=True, help="where the drops go")
    parser.add_argument("--key", type=Path, required=True, help="where the answer key goes")
    given = parser.parse_args()
    from simulator.run import run
    from simulator.systems import named

    stage = ""

    def progress(name: str, done: int, total: int) -> None:
        nonlocal stage
        if name != stage:
            print(f"  {name} ...", flush=True)
        stage = name

    try:
        arguments = Arguments(given.seed, given.start, given.days, given.customers)
        summary = run(arguments, given.out, given.key, systems=named(given.systems), progress=progress)
    except SimulationError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    for line in summary.lines():
        print(f"  {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
