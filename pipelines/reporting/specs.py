"""Charts as JSON: equal data stand once for all charts, floats are rounded.

Belongs here: turning Altair charts into specifications that a page holds. Does not belong here: drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# More digits than a screen can show; sums of doubles may differ beyond them from run to run.
SIGNIFICANT_DIGITS = 7
FILTERS = ("days", "period", "country")


@dataclass(frozen=True)
class Packed:
    """Specifications by chart, datasets by name, and per chart the datasets it uses and the filters it follows."""

    specs: dict[str, Any]
    datasets: dict[str, list[dict[str, Any]]]
    uses: dict[str, list[str]]
    follows: dict[str, list[str]]


def pack(charts: Mapping[str, Any]) -> Packed:
    """The charts as JSON values, their data taken out."""
    packed = Packed({}, {}, {}, {})
    for name, chart in charts.items():
        spec = chart.to_dict()
        found = spec.pop("datasets", {})
        spec.pop("$schema", None)
        packed.specs[name] = spec
        packed.uses[name] = sorted(found)
        packed.follows[name] = [p["name"] for p in spec.get("params", []) if p["name"] in FILTERS]
        packed.datasets.update({key: [_rounded(row) for row in rows] for key, rows in found.items()})
    return packed


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value
        for key, value in row.items()
    }
