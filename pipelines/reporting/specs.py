"""Charts as JSON: equal data stand once for all charts, floats are rounded.

Belongs here: turning Altair charts into specifications that a page holds. Does not belong here: drawing.
"""

from __future__ import annotations

import hashlib
import json
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
    """The charts as JSON values, their data taken out and named by their content.

    Altair's own check against the schema takes as long as all the rest; the tests of the charts make it.
    """
    packed = Packed({}, {}, {}, {})
    for name, chart in charts.items():
        spec = chart.to_dict(validate=False)
        spec.pop("$schema", None)
        names = {}
        for given, rows in spec.pop("datasets", {}).items():
            rounded = [_rounded(row) for row in rows]
            names[given] = hashlib.sha256(json.dumps(rounded).encode()).hexdigest()[:12]
            packed.datasets[names[given]] = rounded
        packed.specs[name] = _renamed(spec, names)
        packed.uses[name] = sorted(names.values())
        packed.follows[name] = [p["name"] for p in spec.get("params", []) if p["name"] in FILTERS]
    return packed


def _renamed(spec: Any, names: Mapping[str, str]) -> Any:
    """The specification with datasets called by their new names."""
    if isinstance(spec, list):
        return [_renamed(inner, names) for inner in spec]
    if isinstance(spec, dict):
        return {
            key: {"name": names[inner["name"]]}
            if key == "data" and inner.get("name") in names
            else _renamed(inner, names)
            for key, inner in spec.items()
        }
    return spec


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value
        for key, value in row.items()
    }
