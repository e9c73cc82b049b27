"""One measured figure of a model with its bar in words, and how a table of them is printed.

Does not belong here: measuring.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Measured(NamedTuple):
    """One figure. `bar` says in words what it must be; None is information and always passes."""

    measure: str
    value: float
    bar: str | None = None
    passes: bool = True

    def line(self) -> str:
        """The figure as one line of the printed table."""
        verdict = "" if self.bar is None else ("pass" if self.passes else "FAIL")
        return f"{self.measure:66} {self.value:12.4f}  {self.bar or '':>18}  {verdict}".rstrip()


def near(measure: str, value: float, wanted: float, within: float) -> Measured:
    """Passes when `value` is at most `within` from `wanted`, rounding apart."""
    return Measured(measure, value, f"{wanted:g} +- {within:g}", abs(value - wanted) <= within * 1.0001)


def at_most(measure: str, value: float, bar: float) -> Measured:
    """Passes when `value` is at most `bar`."""
    return Measured(measure, value, f"<= {bar:.4g}", value <= bar)


def at_least(measure: str, value: float, bar: float) -> Measured:
    """Passes when `value` is at least `bar`."""
    return Measured(measure, value, f">= {bar:.4g}", value >= bar)


def between(measure: str, value: float, low: float, high: float) -> Measured:
    """Passes when `value` lies from `low` to `high`."""
    return Measured(measure, value, f"{low:.4g} to {high:.4g}", low <= value <= high)


def printed(rows: Iterable[Measured]) -> list[Measured]:
    """The rows, printed at once: the next measurement may take minutes."""
    found = list(rows)
    print(*(row.line() for row in found), sep="\n", flush=True)
    return found
