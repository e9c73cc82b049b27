"""What tests read out of a made page.

Does not belong here: opening it in a browser (browser.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import duckdb

from pipelines.domains import domain_parts
from pipelines.modeling.cards import ModelCard, Text
from pipelines.reporting.language import Language
from pipelines.reporting.pages import Page, find_pages, models_of, texts_of
from pipelines.reporting.readings import Readings, read_version
from pipelines.reporting.report import build_report
from pipelines.reporting.sections import Context, Section
from pipelines.reporting.specs import Packed, pack
from tests.reporting.published_file import AS_OF, empty_file, manifest, published_file
from tests.reporting.stocked_file import GRADES, stocked_file

PAGES = find_pages(domain_parts("report"))
TEXTS = texts_of(PAGES)
# The page of each section, in reading order.
SECTIONS = {name: page for page in PAGES for name in page.sections}
# The sections that only shops with more sources, or with an answer key, have.
EXTRA = ("margin", "stock", "grades")


def card(model: str, words: str = "words") -> ModelCard:
    return ModelCard(model, *(Text(f"{words} en {field}", f"{words} 中文 {field}") for field in "abcdefg"))


CARDS = tuple(card(model) for model in ("demand_forecast", "customer_segments", "customer_value"))


def speaks(code: str, currency: str = "EUR") -> Language:
    """A language that knows the words of all pages."""
    return Language(code, currency, TEXTS)


def made(con: duckdb.DuckDBPyConnection, *languages: str, bundle: str = "/* bundle */", **options: Any) -> str:
    """The report of a synthetic file, in English where no language is named."""
    told = {"manifest": manifest(), "cards": CARDS, "pages": PAGES, **options}
    return build_report(con, languages=languages or ("en",), bundle=bundle, **told)


def context_of(con: duckdb.DuckDBPyConnection, page: Page, language: str = "en", **options: Any) -> Context:
    told = {"manifest": manifest(), "cards": CARDS, **options}
    # The span of the record is told by the first page that knows it; the frames of the others are not needed.
    known = {one.name: replace(one.reads, queries={}) for one in PAGES}
    readings = read_version(con, told["manifest"], {**known, page.name: page.reads})[page.name]
    return Context(readings, speaks(language, readings.currency), models=models_of(PAGES), **told)


def section_of(con: duckdb.DuckDBPyConnection, name: str, language: str = "en", **options: Any) -> Section | None:
    """One section; quicker than the whole report."""
    page = SECTIONS[name]
    return page.sections[name](context_of(con, page, language, **options))


def told_in(con: duckdb.DuckDBPyConnection, name: str, language: str = "en", **options: Any) -> str:
    """The text of one section; empty where the shop has none."""
    section = section_of(con, name, language, **options)
    return Reader(section.body).text() if section else ""


def figures_of(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, dict[str, list[str]]]:
    """The figures of a section by `period|country` and name, as the page embeds them."""
    section = section_of(con, name)
    assert section is not None
    return {
        f"{period}|{country}": {key: [one.text, one.tone, one.title] for key, one in found.items()}
        for (period, country), found in section.figures.items()
    }


def drawn_of(con: duckdb.DuckDBPyConnection, name: str) -> Packed:
    """The charts of a section, as the page embeds them."""
    section = section_of(con, name)
    assert section is not None
    return pack(section.charts)


def readings_of(con: duckdb.DuckDBPyConnection, told: dict[str, Any] | None = None) -> Readings:
    """What all pages read, as if they were one: no two of them name a frame alike."""
    found = list(read_version(con, told or manifest(), {page.name: page.reads for page in PAGES}).values())
    frames = {name: frame for readings in found for name, frame in readings.frames.items()}
    absent = frozenset(table for readings in found for table in readings.absent)
    return replace(found[0], frames=frames, absent=absent)


def embedded(page: str, element_id: str) -> Any:
    """The JSON in the script element with this id; that of the language shown first."""
    found = re.search(rf'<script type="application/json" id="{element_id}">(.*?)</script>', page, re.DOTALL)
    assert found, element_id
    return json.loads(found.group(1))


def charts_of(page: str) -> dict[str, dict[str, Any]]:
    """What is embedded to draw the charts of all pages: specs, uses, follows, datasets."""
    found: dict[str, dict[str, Any]] = {"specs": {}, "uses": {}, "follows": {}, "datasets": {}}
    for name in embedded(page, "page-data")["pages"]:
        for kind, held in embedded(page, f"charts-{name}").items():
            found[kind] |= held
    return found


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
        self._hidden += tag in ("script", "style", "template")
        self._figure = attributes.get("data-figure") or ""
        if self._figure:
            self.figures[self._figure] = ""

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "template")
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
    return tuple(section for section in SECTIONS if name.startswith("stocked") or section not in EXTRA)
