"""A measured figure with its bar, and how a table of them is printed.

Does not belong here: measuring.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number; it passes when it is at most `bar`. Without a bar it is information."""

    name: str
    seen: float
    bar: float | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        """False only when the number lies above its bar."""
        return self.bar is None or self.seen <= self.bar

    def line(self) -> str:
        """The figure as one line of the printed table."""
        bar = "" if self.bar is None else f"<= {self.bar:g}"
        verdict = "" if self.bar is None else ("pass" if self.passed else "FAIL")
        return f"{self.name:64} {self.seen:8.2f}  {bar:>6}  {verdict:4}  {self.note}".rstrip()


def print_figures(title: str, figures: Iterable[Figure]) -> None:
    """A titled block of lines, written out at once: the next measurement may take minutes."""
    print(f"\n{title}", *(figure.line() for figure in figures), sep="\n", flush=True)
