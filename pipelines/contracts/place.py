"""Where a check stands in a contract file, and checks that several parts of it share.

Belongs here: messages with their field path, names, custom properties. Does not belong: what a part means.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pipelines.contracts.errors import ContractError
from pipelines.contracts.shapes import CustomProperty

SNAKE = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


class Place:
    """A field of a contract file, for messages."""

    def __init__(self, path: Path, field: str = "") -> None:
        self.path, self.field = path, field

    def at(self, field: str) -> Place:
        """The same file, one field deeper."""
        return Place(self.path, f"{self.field}.{field}" if self.field else field)

    def refuse(self, what: str, remedy: str) -> ContractError:
        """The error to raise for this field."""
        return ContractError(f"{self.path.name}: {self.field}", what, remedy)


def check_distinct(place: Place, names: list[str]) -> None:
    """Refuse a name that stands twice."""
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise place.refuse(f"{doubled[0]!r} stands more than once (case is ignored)", "rename or remove one")


def custom_properties(place: Place, items: list[CustomProperty], known: frozenset[str]) -> dict[str, Any]:
    """Custom properties by name; unknown and doubled ones are refused."""
    at = place.at("customProperties")
    for item in items:
        if item.property not in known:
            raise at.refuse(f"{item.property[:60]!r} is unknown", f"use one of {', '.join(sorted(known))}")
    check_distinct(at, [item.property for item in items])
    return {item.property: item.value for item in items}
