"""Which way a limit moved: does it admit less, more, or other data than before?

Belongs here: types, intervals, sets and single ends, each as a pure function of two values. Does not belong: whom
a move breaks (change_rules.py).
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pipelines.contracts.contract import Bound
from pipelines.contracts.normal_form import all_text, is_number

Direction = Literal["added", "removed", "tightened", "loosened", "changed", "text"]

DECIMAL = re.compile(r"(.*)DECIMAL\(([0-9]+),([0-9]+)\)", re.ASCII)
WHOLE = ("INTEGER", "BIGINT")


def type_direction(before: str, after: str) -> Direction:
    """Loosened where every value of the old type is one of the new, exactly; tightened the other way round."""
    old, new = (re.sub(r"\s", "", text.upper()) for text in (before, after))
    decimals = DECIMAL.fullmatch(old), DECIMAL.fullmatch(new)
    if decimals[0] and decimals[1] and decimals[0][1] == decimals[1][1]:
        (whole, scale), (new_whole, new_scale) = (
            (int(found[2]) - int(found[3]), int(found[3])) for found in decimals if found
        )
        if new_whole >= whole and new_scale >= scale:
            return "loosened"
        return "tightened" if new_whole <= whole and new_scale <= scale else "changed"
    ranks = [next((rank for rank, word in enumerate(WHOLE) if text.endswith(word)), None) for text in (old, new)]
    same_kind = old.removesuffix("INTEGER").removesuffix("BIGINT") == new.removesuffix("INTEGER").removesuffix("BIGINT")
    if ranks[0] is None or ranks[1] is None or not same_kind or ranks[0] == ranks[1]:
        return "changed"
    return "loosened" if ranks[1] > ranks[0] else "tightened"


def limit_direction(before: Any, after: Any, *, low: bool) -> Direction:
    """One end of an interval, None where it is open: a raised lower or a lowered upper end tightens."""
    if before is None or after is None:
        return "changed" if before is after else "tightened" if before is None else "loosened"
    comparable = (is_number(before) and is_number(after)) or all_text((before, after))
    if not comparable or before == after:
        return "changed"
    return "tightened" if (after > before) == low else "loosened"


def bound_direction(before: Bound, after: Bound) -> Direction:
    """An interval inside the old one tightens, one around it loosens."""
    low = _end(before.minimum, before.strict_minimum, after.minimum, after.strict_minimum, low=True)
    high = _end(before.maximum, before.strict_maximum, after.maximum, after.strict_maximum, low=False)
    moves = {move for move in (low, high) if move is not None}
    return moves.pop() if len(moves) == 1 else "changed"


def _end(
    before: float | None, was_strict: bool, after: float | None, is_strict: bool, *, low: bool
) -> Direction | None:
    if before == after:
        if was_strict == is_strict:
            return None
        return "tightened" if is_strict else "loosened"
    return limit_direction(before, after, low=low)


def subset_direction(before: Any, after: Any) -> Direction:
    """Fewer admitted values tighten, more loosen."""
    if not isinstance(before, list) or not isinstance(after, list) or not all_text([*before, *after]):
        return "changed"
    old, new = set(before), set(after)
    return "loosened" if old < new else "tightened" if new < old else "changed"
