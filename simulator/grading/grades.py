"""A grade: one measure of one capability against its bar; as a table, and as JSON.

Belongs here: the form of grades. Does not belong here: how anything is measured.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Sense = Literal["at least", "at most"]


@dataclass(frozen=True)
class Grade:
    """What was seen, and what was asked: `value` must be `at_least` or `at_most` the `bar`. NaN passes no bar."""

    capability: str
    measure: str
    value: float
    sense: Sense
    bar: float

    @property
    def passed(self) -> bool:
        """Whether the bar holds."""
        return self.value >= self.bar if self.sense == "at least" else self.value <= self.bar


@dataclass(frozen=True)
class Printed:
    """A figure beside the grades that nothing is asked of."""

    capability: str
    measure: str
    text: str


@dataclass(frozen=True)
class Marks:
    """All grades of a home, and what is only printed."""

    grades: tuple[Grade, ...]
    printed: tuple[Printed, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every bar holds."""
        return all(item.passed for item in self.grades)

    def __add__(self, other: Marks) -> Marks:
        return Marks(self.grades + other.grades, self.printed + other.printed)


def as_json(grades: Sequence[Grade]) -> str:
    """A list of `{capability, measure, value, bar, pass}`; a value that could not be measured is null."""
    entries = [
        {
            "capability": grade.capability,
            "measure": grade.measure,
            "value": None if math.isnan(grade.value) else round(grade.value, 6),
            "bar": grade.bar,
            "pass": grade.passed,
        }
        for grade in grades
    ]
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def as_table(marks: Marks) -> list[str]:
    """Lines for a terminal: capability, measure, value, bar, pass; what is only printed below."""
    head = ("capability", "measure", "value", "bar", "")
    rows = [
        (g.capability, g.measure, number(g.value), f"{g.sense} {number(g.bar)}", "pass" if g.passed else "FAIL")
        for g in marks.grades
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    right = {2}
    lines = [
        "  ".join(c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in [head, *rows]
    ]
    told = [f"{item.capability}: {item.measure}: {item.text}" for item in marks.printed]
    return [line.rstrip() for line in lines] + ([""] if told else []) + told


def as_page(marks: Marks, made_of: str) -> str:
    """The grades as a page of documentation in Markdown; `made_of` says of which shop."""
    holds = {True: "yes", False: "NO"}
    rows = [
        f"| {g.capability} | {g.measure} | {number(g.value)} | {g.sense} {number(g.bar)} | {holds[g.passed]} |"
        for g in marks.grades
    ]
    told = [f"| {item.capability} | {item.measure} | {item.text} |" for item in marks.printed]
    return "\n".join(
        [
            "# Grades",
            "",
            f"What the pipeline made of {made_of}, against the answer key that it cannot read. Written by",
            "`almanac grade --page docs/grades.md`; what is planted: [the simulated shop](simulated_shop.md). Each",
            "grade has a fault that it catches: `tests/simulator/test_grading.py`.",
            "",
            "| capability | measure | value | bar | holds |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "Printed beside them, without a bar:",
            "",
            "| capability | what | seen |",
            "|---|---|---|",
            *told,
            "",
        ]
    )


def number(value: float) -> str:
    """A figure in a few characters."""
    if math.isnan(value):
        return "none"
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.4g}"
