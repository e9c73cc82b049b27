"""`make faults [KIND=kill|disk|damage|writer|memory|readers|service] [N=...] [SHOP=...]`: carries out faults on the
real refresh of a shop, and prints what was asked and seen: `bar | seen | pass`. Exit code 1 when a bar does not hold.

Does not belong here: any fault; each kind is a module of its own beside this one.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.proofs.rows import Row, run_proofs
from tests.faults.shops import SHOPS, FaultShop

# The module of each kind and how many faults its bars ask for.
KINDS = {
    "kill": ("kill", 100),
    "disk": ("disk", 12),
    "damage": ("damage", 60),
    "writer": ("writer", 20),
    "memory": ("memory", 1),
    "readers": ("reading", 100),
    "service": ("service", 1),
}


def carry_out(kind: str, story: FaultShop, count: int | None = None) -> list[Row]:
    """The rows of one kind on a shop, printed as they come; its homes lie in a temporary folder."""
    name, full = KINDS[kind]

    def proof(folder: Path) -> Iterable[Row]:
        found: Iterable[Row] = importlib.import_module(f"tests.faults.{name}").rows(story, folder, count or full)
        return found

    proof.__name__ = kind
    found = []
    with tempfile.TemporaryDirectory(prefix=f"almanac-faults-{kind}-", ignore_cleanup_errors=True) as folder:
        for row in run_proofs([proof], Path(folder)):
            print(row.line(), flush=True)
            found.append(row)
    return found


def main(arguments: list[str]) -> int:
    """Carry out the given kind, as often as told, or all."""
    parser = argparse.ArgumentParser(prog="faults", description="Carry out faults on the real refresh of a shop.")
    parser.add_argument("kind", choices=[*KINDS, "all"], nargs="?", default="all")
    parser.add_argument("count", type=int, nargs="?", help="how many; without it as many as the bars ask for")
    parser.add_argument("--shop", choices=list(SHOPS), default="online_retail")
    given = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    # Killed processes leave semaphores behind; that they are cleaned up at the end is nothing to be warned of.
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"
    began, found = time.monotonic(), []
    for name in KINDS if given.kind == "all" else [given.kind]:
        print(f"\n{name}, {given.shop}: bar | seen | pass", flush=True)
        found += carry_out(name, SHOPS[given.shop], given.count)
    held = sum(row.passed for row in found)
    print(f"\n{held} of {len(found)} bars hold, {(time.monotonic() - began) / 60:.1f} minutes")
    return int(held < len(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
