"""What changed between two states of the contracts, and whom it breaks: every difference is found and classed.

Belongs here: the comparison. It is pure: plain data in, changes out. A difference that no rule of change_rules.py
names is breaking for both sides, so nothing new can pass silently. Does not belong: the rules themselves, reading files
(released.py), versions (version_steps.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.contracts.change_rules import ABSENT, Breaks, Difference, Direction, Verdict, classify
from pipelines.contracts.normal_form import Family, Tree, normal_form

Step = Literal["none", "patch", "minor", "major"]
NAMED = ("columns", "rules", "terms", "slaProperties")
# Where columns are named outside `columns`; a renamed one is renamed there too, so that one rename is one change.
NAMES_OF_COLUMNS = (("key",), ("custom", "rowKey"), ("custom", "documentKey"), ("custom", "eventTimestamp"))
NAMES_OF_COLUMNS += (("custom", "sourceUpdatedAt"),)


@dataclass(frozen=True)
class Change:
    """One change. `contract` is its file below data_contracts without ending, `place` where in it, `text` one line.

    `breaks` names who can no longer rely on the contract; `step` is the least step of the contract's version.
    """

    contract: str
    place: str
    kind: str
    direction: Direction
    text: str
    breaks: Breaks
    step: Step


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """All changes from `before` to `after`, each a mapping from contract name (`sources/<source>/<table>`,
    `vocabulary`) to the file's plain data. Ordered by contract, then place in the file; empty when nothing changed."""
    changes: list[Change] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if old is ABSENT or new is ABSENT:
            kind = "contract added" if old is ABSENT else "contract removed"
            changes.append(_change(name, Difference((), old, new), classify(family_of(name), Difference((), old, new))))
            changes[-1] = Change(name, "contract", kind, *_but_kind(changes[-1]))
        else:
            changes += _compare_contract(name, old, new)
    return tuple(changes)


def family_of(contract: str) -> Family:
    """The folder of a contract's file, which says between whom it is agreed."""
    return contract.split("/", 1)[0]  # type: ignore[return-value]  # released.py reads these folders only


def _but_kind(change: Change) -> tuple[Direction, str, Breaks, Step]:
    return change.direction, "", change.breaks, change.step
