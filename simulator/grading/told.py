"""Grades as they are shown: lines for a terminal, JSON for the report, pages of documentation.

Does not belong here: the form of a grade (grades.py), how anything is measured.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from simulator.grading.grades import Grade, Marks


def as_json(grades: Sequence[Grade]) -> str:
    """A list of grades with everything that a reader of either language is told of them; a value that could not be
    measured is null, and so is the rule of a grade that has none to beat."""
    return json.dumps([_entry(grade) for grade in grades], indent=1, ensure_ascii=False) + "\n"


def _entry(grade: Grade) -> dict[str, Any]:
    asked = grade.asked
    return {
        "capability": grade.capability.name,
        "measure": asked.measure,
        "value": _value(grade.value),
        "bar": asked.bar,
        "sense": asked.sense,
        "pass": grade.passed,
        "is_share": asked.is_share,
        "rule": _rule_entry(grade),
        "texts": {
            "capability": grade.capability.text._asdict(),
            "measure": [text._asdict() for text in asked.texts],
        },
    }


def _rule_entry(grade: Grade) -> dict[str, Any] | None:
    if grade.asked.rule is None or grade.rule is None:
        return None
    return {**grade.asked.rule._asdict(), "value": _value(grade.rule)}


def _value(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def as_table(marks: Marks) -> list[str]:
    """Lines for a terminal: capability, measure, value, bar, pass, the rule to beat; what is only printed below."""
    head = ("capability", "measure", "value", "bar", "", "")
    rows = [
        (
            grade.capability.name,
            grade.measure,
            number(grade.value),
            f"{grade.asked.sense} {number(grade.asked.bar)}",
            "pass" if grade.passed else "FAIL",
            f"to beat: {rule}" if (rule := _rule(grade)) else "",
        )
        for grade in marks.grades
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    right = {2}
    lines = [
        "  ".join(c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in [head, *rows]
    ]
    told = [f"{item.capability}: {item.measure}: {item.text}" for item in marks.printed]
    return [line.rstrip() for line in lines] + ([""] if told else []) + told


def as_pages(marks: Marks, made_of: str) -> dict[str, str]:
    """The grades as pages of documentation in Markdown, one per capability, by file name; `made_of` says of which shop.
    A capability more is a page more: the others stay as they are."""
    names = dict.fromkeys([*(g.capability.name for g in marks.grades), *(item.capability for item in marks.printed)])
    return {f"{name.replace(' ', '_')}.md": _page(name, marks, made_of) for name in names}


def _page(capability: str, marks: Marks, made_of: str) -> str:
    rows = [
        f"| {g.measure} | {number(g.value)} | {g.asked.sense} {number(g.asked.bar)} "
        f"| {_rule(g)} | {'yes' if g.passed else 'NO'} |"
        for g in marks.grades
        if g.capability.name == capability
    ]
    told = [f"| {item.measure} | {item.text} |" for item in marks.printed if item.capability == capability]
    head = ["| measure | value | bar | rule to beat | holds |", "|---|---|---|---|---|"]
    beside = ["Printed, without a bar:", "", "| what | seen |", "|---|---|"]
    return "\n".join(
        [
            f"# Grades: {capability}",
            "",
            f"What the pipeline made of {made_of}. How to read it: [grades](README.md).",
            *(["", *head, *rows] if rows else []),
            *(["", *beside, *told] if told else []),
            "",
        ]
    )


def number(value: float) -> str:
    """A figure in a few characters."""
    if math.isnan(value):
        return "none"
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.4g}"


def _rule(grade: Grade) -> str:
    """Name and value of the rule to beat; empty where there is none."""
    return "" if grade.asked.rule is None or grade.rule is None else f"{grade.asked.rule.en} {number(grade.rule)}"
