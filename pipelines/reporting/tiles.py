"""Tiles of key figures: a value, its change against the period before, the value of that period.

Belongs here: how a figure and its change are written. Does not belong here: which figures a section shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.reporting.language import UNKNOWN, Language
from pipelines.reporting.markup import Html, tag
from pipelines.reporting.sections import Figure, figure


@dataclass(frozen=True)
class Tile:
    """A figure: its name, how it is written, whether more of it is good (1), bad (-1) or neither (0), and what it is
    where nothing is on record (None: not known)."""

    name: str
    kind: str
    good: int
    absent: float | None = None


def tiles(section: str, chosen: Sequence[Tile], shown: Mapping[str, Figure], language: Language) -> Html:
    """The list of tiles with what they say at first."""
    made = []
    for tile in chosen:
        name = f"{section}.{tile.name}"
        told = (
            figure(name, shown[name], class_="value"),
            figure(f"{name}.change", shown[f"{name}.change"], class_="change"),
            figure(f"{name}.before", shown[f"{name}.before"], class_="before"),
        )
        made.append(tag("div", tag("dt", language.text(name)), tag("dd", *told)))
    return tag("dl", *made, class_="tiles four")


def tile_figures(
    section: str,
    chosen: Sequence[Tile],
    now: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    language: Language,
) -> dict[str, Figure]:
    """The texts of all tiles for one choice of the filters; `before` is None where there is no period before."""
    found = {}
    for tile in chosen:
        name, write = f"{section}.{tile.name}", getattr(language, tile.kind)
        value = now.get(tile.name, tile.absent)
        exact = ""
        if tile.kind in ("count", "money") and value is not None:
            exact = f"{value:,.0f}" if tile.kind == "count" else language.exact_money(value)
        found[name] = Figure(write(value), title=exact)
        if before is None:
            found[f"{name}.change"] = Figure("")
            found[f"{name}.before"] = Figure(language.text("tile.no_before"))
            continue
        earlier = before.get(tile.name, tile.absent)
        text, tone = _change(value, earlier, tile, language)
        found[f"{name}.change"] = Figure(text, tone=tone)
        found[f"{name}.before"] = Figure(language.text("tile.before", value=write(earlier)))
    return found


def _change(value: float | None, earlier: float | None, tile: Tile, language: Language) -> tuple[str, str]:
    is_share = tile.kind == "percent"
    if value is None or earlier is None or pd.isna(value) or pd.isna(earlier) or (not is_share and earlier <= 0):
        return UNKNOWN, ""
    difference = value - earlier if is_share else value / earlier - 1
    text = language.points(difference) if is_share else language.change(difference)
    arrow = "▲ " if text.startswith("+") else "▼ " if text.startswith("−") else ""
    direction = tile.good * (1 if arrow == "▲ " else -1 if arrow else 0)
    return arrow + text, {1: "good", -1: "bad"}.get(direction, "even")
