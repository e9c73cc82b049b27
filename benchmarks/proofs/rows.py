"""A proven bar: what is asked, what was seen, whether it holds. And the running of proofs one after the other.

Does not belong here: any proof.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    bar: str
    seen: str
    passed: bool

    def line(self) -> str:
        """The row as `bar | seen | pass`."""
        return f"{self.bar} | {self.seen} | {'pass' if self.passed else 'FAIL'}"


Proof = Callable[[Path], Iterable[Row]]
"""Gets a folder that all proofs of a part share, under which it makes its own; gives rows."""


def from_figures(figures: Iterable[Figure]) -> list[Row]:
    """The figures of a benchmark that have a bar."""
    return [
        Row(f"{figure.name.strip()} <= {figure.bar:g}", f"{figure.seen:.2f} {figure.note}".rstrip(), figure.passed)
        for figure in figures
        if figure.bar is not None
    ]


def run_proofs(proofs: Sequence[Proof], folder: Path) -> Iterator[Row]:
    """The rows of all proofs as they come; a proof that cannot be carried out is a row that fails."""
    for proof in proofs:
        start = time.monotonic()
        try:
            yield from proof(folder)
        except Exception as error:
            traceback.print_exc()
            reason = " ".join(str(error).split())[-300:]
            yield Row(f"{proof.__name__.replace('_', ' ')} can be measured", f"{type(error).__name__}: {reason}", False)
        print(f"    ({proof.__name__}: {time.monotonic() - start:.0f} s)", flush=True)
