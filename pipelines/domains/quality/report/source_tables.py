"""Rows by outcome of each source table, for shops that read several.

Does not belong here: rows of the whole shop (deliveries.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.sections import Context, Figure, figure


def source_tables(
    context: Context, outcomes: Sequence[str]
) -> tuple[Html | None, dict[tuple[str, str], dict[str, Figure]]]:
    """A table that opens on demand, and its figures; nothing for a shop of one table."""
    frame, language = context.readings["quality_tables"], context.language
    names = sorted(set(frame["source_table"])) if len(frame) else []
    if len(names) < 2:
        return None, {}
    found = {(row["period"], row["source_table"]): row for row in frame.to_dict("records")}
    figures = {}
    for period in context.readings.periods:
        told: dict[str, Figure] = {}
        for name in names:
            # A table that brought nothing in the period brought no row of any kind.
            row: Mapping[Any, Any] = found.get((period.name, name), dict.fromkeys(outcomes, 0))
            counts = language.counts(row[outcome] for outcome in outcomes)
            told |= {_key(name, outcome): Figure(text) for outcome, text in zip(outcomes, counts, strict=True)}
        figures[period.name, ""] = told
    shown = figures[context.period.name, ""]
    rows = [[name, *(figure(_key(name, o), shown[_key(name, o)]) for o in outcomes)] for name in names]
    title = language.text("quality.by_table")
    head = [language.text("quality.table"), *(language.text(f"quality.{outcome}") for outcome in outcomes)]
    return tag("details", tag("summary", title), table(title, head, rows, class_="names")), figures


def _key(name: str, outcome: str) -> str:
    return f"quality.{name}.{outcome}"
