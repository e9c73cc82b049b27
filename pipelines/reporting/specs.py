"""Charts as JSON: equal data stand once for all charts, floats are rounded.

Belongs here: turning Altair charts into specifications that a page holds. Does not belong here: drawing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# More digits than a screen can show; sums of doubles may differ beyond them from run to run.
SIGNIFICANT_DIGITS = 7
FILTERS = ("days", "period", "country")
TRANSFORMER = "almanac"


@dataclass(frozen=True)
class Packed:
    """Specifications by chart, datasets by name, and per chart the datasets it uses and the filters it follows."""

    specs: dict[str, Any]
    datasets: dict[str, list[dict[str, Any]]]
    uses: dict[str, list[str]]
    follows: dict[str, list[str]]


@contextmanager
def unchecked() -> Iterator[None]:
    """Charts are made without Altair's checks of each part, a tenth of the time; the tests of the charts make them."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):
        yield


def pack(charts: Mapping[str, Any]) -> Packed:
    """The charts as JSON values, their data taken out and named by their content.

    Altair's own check against the schema takes as long as all the rest; the tests of the charts make it. Its way of
    naming data would write each frame as JSON once more.
    """
    packed = Packed({}, {}, {}, {})
    if not charts:
        return packed
    import altair as alt

    frames = _Frames(packed.datasets)
    alt.data_transformers.register(TRANSFORMER, frames.name_of)
    with alt.data_transformers.enable(TRANSFORMER, consolidate_datasets=False):
        for name, chart in charts.items():
            frames.used = set()
            spec = _rounded(chart.to_dict(validate=False))
            spec.pop("$schema", None)
            packed.specs[name] = spec
            packed.uses[name] = sorted(frames.used)
            packed.follows[name] = [p["name"] for p in spec.get("params", []) if p["name"] in FILTERS]
    return packed


class _Frames:
    """Frames as rows, each turned into rows once however many layers and charts draw it."""

    def __init__(self, datasets: dict[str, list[dict[str, Any]]]) -> None:
        self.used: set[str] = set()
        self._datasets = datasets
        # The frame is kept with its name: another one could come to lie at its place.
        self._known: dict[int, tuple[str, Any]] = {}

    def name_of(self, frame: Any) -> dict[str, str]:
        from altair.utils import sanitize_pandas_dataframe

        if id(frame) not in self._known:
            rows = _rounded(sanitize_pandas_dataframe(frame).to_dict(orient="records"))
            name = hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]
            self._datasets[name] = rows
            self._known[id(frame)] = (name, frame)
        name = self._known[id(frame)][0]
        self.used.add(name)
        return {"name": name}


def _rounded(value: Any) -> Any:
    """A JSON value whose floats have no more digits than count: of data, and of what a chart takes from them."""
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _rounded(held) for key, held in value.items()}
    return [_rounded(held) for held in value] if isinstance(value, list) else value
