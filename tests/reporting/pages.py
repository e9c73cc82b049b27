"""What tests read out of a made page.

Does not belong here: opening it in a browser (browser.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import duckdb

from pipelines.modeling.cards import ModelCard, Text
from pipelines.reporting.language import Language
from pipelines.reporting.readings import read_version
from pipelines.reporting.report import build_report
from pipelines.reporting.sections import SECTIONS, Context
from tests.reporting.published_file import AS_OF, empty_file, manifest, published_file
from tests.reporting.stocked_file import GRADES, stocked_file

# The sections that every shop has.
NAMES = ("quality", "kpi", "revenue", "bridge", "cohorts", "segments", "value", "watch", "accuracy", "cards")


def card(model: str, words: str = "words") -> ModelCard:
    return ModelCard(model, *(Text(f"{words} en {field}", f"{words} 中文 {field}") for field in "abcdefg"))


CARDS = tuple(card(model) for model in ("demand_forecast", "customer_segments", "customer_value"))


def made(con: duckdb.DuckDBPyConnection, language: str = "en", bundle: str = "/* bundle */", **options: Any) -> str:
    """The page of a synthetic file."""
    told = {"manifest": manifest(), "cards": CARDS, **options}
    return build_report(con, language=language, bundle=bundle, **told)


def told_in(con: duckdb.DuckDBPyConnection, name: str, language: str = "en", **options: Any) -> str:
    """The text of one section; quicker than the whole page."""
    told = {"manifest": manifest(), "cards": CARDS, **options}
    readings = read_version(con, told["manifest"])
    section = SECTIONS[name](Context(readings, Language(language, readings.currency), **told))
    return Reader(section.body).text() if section else ""


def embedded(page: str, element_id: str) -> Any:
    """The JSON in the script element with this id."""
    found = re.search(rf'<script type="application/json" id="{element_id}">(.*?)</script>', page, re.DOTALL)
    assert found, element_id
    return json.loads(found.group(1))


class Reader(HTMLParser):
    """The text a reader sees, as a whole and per section, and the elements there are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"": []}
        self.figures: dict[str, str] = {}
        self._section, self._hidden, self._figure = "", 0, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag == "section":
            self._section = attributes["id"] or ""
            self.texts[self._section] = []
        self._hidden += tag in ("script", "style")
        self._figure = attributes.get("data-figure") or ""
        if self._figure:
            self.figures[self._figure] = ""

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")
        if tag == "section":
            self._section = ""
        self._figure = ""

    def handle_data(self, data: str) -> None:
        if self._hidden or not data.strip():
            return
        self.texts[self._section].append(data.strip())
        if self._figure:
            self.figures[self._figure] += data

    def text(self, section: str | None = None) -> str:
        chosen = self.texts.values() if section is None else [self.texts[section]]
        return " ".join(text for texts in chosen for text in texts)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


OPEN_DAYS = [
    {"table": "till__lines", "day": f"2024-03-{day:02d}", "verdict": "blocked", "reason": f"row_count_low {day}"}
    for day in range(10, 22)
]


def young_file(days: int, n_customers: int = 60) -> duckdb.DuckDBPyConnection:
    """A shop whose statements nothing could be held against yet."""
    con = published_file(days=days)
    con.execute("delete from rpt_quality_model_scores")
    con.execute("delete from rpt_customers_values where customer_id not in (select customer_id from "
                f"rpt_customers_values order by customer_id limit {n_customers})")  # fmt: skip
    con.execute("update rpt_inventory_demand_forecast set naive = mean, method = 'seasonal_naive'")
    con.execute("delete from rpt_inventory_forecast_accuracy where target_date < ?", [AS_OF])
    return con


FILES: dict[str, Callable[[], duckdb.DuckDBPyConnection]] = {
    "whole": published_file,
    "long": lambda: published_file(days=800),
    "young": lambda: young_file(40),
    "few": lambda: young_file(10, n_customers=4),
    "one day": lambda: published_file(days=1),
    "no models": lambda: published_file(models=False),
    "stocked": lambda: stocked_file(forecast=True),
    "stocked, young": lambda: stocked_file(days=10),
    "nothing": empty_file,
}


def options_of(name: str) -> dict[str, Any]:
    """What is told of a file beside its tables: one that knows its stock was graded."""
    return {"grades": GRADES} if name.startswith("stocked") else {}


def sections_of(name: str) -> tuple[str, ...]:
    """The sections that the page of a file must have."""
    return tuple(SECTIONS) if name.startswith("stocked") else NAMES
