"""`make prove [PART=refresh|models|trust|shop|faults]`: carries out the proofs of a part, or all: `bar | seen | pass`.

What was seen also goes into proof.json in the current folder: a list of {"part", "bar", "seen", "pass"}.
Exit code 0 when every bar holds, 1 when one does not, 2 for a part that does not exist.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.proofs import faults, models, refresh, shop, trust
from benchmarks.proofs.rows import Row, run_proofs

PARTS = {
    "refresh": refresh.PROOFS,
    "models": models.PROOFS,
    "trust": trust.PROOFS,
    "shop": shop.PROOFS,
    "faults": faults.PROOFS,
}


def prove(part: str) -> list[Row]:
    """Carry out one part in a folder of its own, printing rows as they come."""
    rows = []
    with tempfile.TemporaryDirectory(prefix=f"almanac-prove-{part}-", ignore_cleanup_errors=True) as folder:
        for row in run_proofs(PARTS[part], Path(folder)):
            print(row.line(), flush=True)
            rows.append(row)
    return rows


def main(arguments: Sequence[str]) -> int:
    """Prove the given part, or all."""
    if len(arguments) > 1 or any(name not in PARTS for name in arguments):
        print(f"prove: no part {' '.join(arguments)!r}: the parts are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    logging.disable(logging.WARNING)  # a run that finds nothing changed runs no test; Dagster says so of each
    start, found = time.monotonic(), []
    for part in arguments or PARTS:
        print(f"\n{part}: bar | seen | pass", flush=True)
        found += [(part, row) for row in prove(part)]
    missed = [row for _, row in found if not row.passed]
    entries = [{"part": part, "bar": row.bar, "seen": row.seen, "pass": row.passed} for part, row in found]
    Path("proof.json").write_text(json.dumps(entries, indent=1) + "\n")
    print(f"\n{len(found) - len(missed)} of {len(found)} bars hold, {(time.monotonic() - start) / 60:.1f} minutes")
    for row in missed:
        print(f"  {row.line()}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
