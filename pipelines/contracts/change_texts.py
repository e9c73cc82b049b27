"""A change in a few words: what stood there, what stands there now.

Belongs here: the wording of one line. Does not belong: what a change means (change_rules.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.contracts.change_rules import ABSENT

WIDTH = 60  # of either side, so that a change stays one line


def told(before: Any, after: Any) -> str:
    """`before -> after`; of long texts the part that differs, of lists what went and came."""
    if after is ABSENT:
        return shown(before)
    if before is ABSENT:
        return shown(after)
    if isinstance(before, list) and isinstance(after, list):
        moved = [f"- {value}" for value in before if value not in after]
        moved += [f"+ {value}" for value in after if value not in before]
        if moved:
            return _cut(" ".join(moved), 2 * WIDTH)
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > WIDTH:
        before, after = " ".join(before.split()), " ".join(after.split())
        pairs = enumerate(zip(before, after, strict=False))
        same = next((place for place, (was, now) in pairs if was != now), min(len(before), len(after)))
        start = before.rfind(" ", 0, max(0, same - 10)) + 1
        lead = "... " if start else ""
        return f"{_cut(lead + before[start:], WIDTH)} -> {_cut(lead + after[start:], WIDTH)}"
    return f"{shown(before)} -> {shown(after)}"


def shown(value: Any) -> str:
    """A value in a few words."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        parts = [str(value[key]) for key in ("type", "bound", "query", "version") if value.get(key)]
        return _cut(", ".join(parts[:2]) or ", ".join(map(str, value)), WIDTH)
    return _cut(", ".join(map(str, value)) if isinstance(value, list) else str(value), WIDTH)


def _cut(text: str, width: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 4]} ..."
