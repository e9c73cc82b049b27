"""How far a series of faults is. Does not belong here: what it found."""

from __future__ import annotations

import sys
import time


def told(text: str, began: float) -> None:
    """One line of progress; on a terminal it takes the place of the one before."""
    line = f"    {text} ({time.monotonic() - began:.0f} s)"
    if sys.stdout.isatty():
        print(f"\r{line[:118]:118}", end="", flush=True)
    else:
        print(line, flush=True)
