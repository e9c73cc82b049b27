"""`make faults [KIND=kill|disk|damage|writer|memory|readers|service] [N=...]`: carries out faults on the real refresh
of a real shop, and prints what was asked and seen: `bar | seen | pass`. Exit code 1 when a bar does not hold.

Does not belong here: any fault; each kind is a module of its own beside this one.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.proofs.rows import Row, run_proofs

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


def carry_out(kind: str, count: int | None = None) -> list[Row]:
    """The rows of one kind, printed as they come; its homes lie in a temporary folder."""
    name, full = KINDS[kind]

    def proof(folder: Path) -> Iterable[Row]:
        found: Iterable[Row] = importlib.import_module(f"tests.faults.{name}").rows(folder, count or full)
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
    kind, *rest = arguments or ["all"]
    if (kind != "all" and kind not in KINDS) or len(rest) > 1 or any(not text.isdigit() for text in rest):
        print(f"faults: give one of {', '.join(KINDS)} or all, and how many", file=sys.stderr)
        return 2
    logging.disable(logging.WARNING)
    # Killed processes leave semaphores behind; that they are cleaned up at the end is nothing to be warned of.
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"
    began, found = time.monotonic(), []
    for name in KINDS if kind == "all" else [kind]:
        print(f"\n{name}: bar | seen | pass", flush=True)
        found += carry_out(name, int(rest[0]) if rest else None)
    held = sum(row.passed for row in found)
    print(f"\n{held} of {len(found)} bars hold, {(time.monotonic() - began) / 60:.1f} minutes")
    return int(held < len(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
