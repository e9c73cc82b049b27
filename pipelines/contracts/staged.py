"""What staging makes of a delivered column, as its contract says it: the name, and whether blanks are taken off.

Belongs here: these two custom properties. Does not belong: the models that follow from them (staging.py). They decide
no row of a raw table, so the gate's code hash leaves this file out.
"""

from __future__ import annotations

import re
from typing import Any

from pipelines.contracts.place import SNAKE, Place
from pipelines.contracts.shapes import Property

STAGED_AS, TRIMMED = "stagedAs", "stagedTrimmed"
# Where a word begins in a name such as CustomerID or unitPrice.
WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", re.ASCII)


def staged_as(place: Place, item: Property, custom: dict[str, Any]) -> str | None:
    """The column's name in staging, None where it is left out: as named, else its own in lower case with _ between its
    words. `custom`: the property's custom properties. Raises ContractError."""
    name = custom.get(STAGED_AS, WORD.sub("_", item.name).lower())
    if name is not None and (not isinstance(name, str) or not SNAKE.fullmatch(name)):
        raise place.at(f"customProperties.{STAGED_AS}").refuse(
            f"{str(name)[:60]!r} is no name of a model's column", "use lower case letters, digits and _, or null"
        )
    return name


def is_trimmed(place: Place, item: Property, custom: dict[str, Any]) -> bool:
    """Whether staging takes off the blanks at both ends and makes null of what is empty then. Raises ContractError."""
    trimmed = custom.get(TRIMMED, False)
    if not isinstance(trimmed, bool) or (trimmed and item.logicalType != "string"):
        raise place.at(f"customProperties.{TRIMMED}").refuse(
            f"{item.name} cannot be trimmed so", "write true, on a column of logicalType string"
        )
    return trimmed
