"""The report: one HTML file that says what a published version holds.

Belongs here: putting sections, data and scripts into one page. Does not belong here: reading (readings.py), what a
section says (sections/), drawing (charts/), where the file lies and which version it is of (the caller).
Equal inputs give equal bytes: times come from the manifest, floats are rounded, nothing is drawn from a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from string import Template
from typing import Any

import duckdb

from pipelines.modeling.cards import ModelCard
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, joined, json_script, script
from pipelines.reporting.masthead import controls, footer, header, range_text, shop_name
from pipelines.reporting.readings import read_version
from pipelines.reporting.sections import SECTIONS, Context, Section
from pipelines.reporting.specs import pack

__all__ = ["build_report", "vega_bundle"]


def vega_bundle() -> str:
    """JavaScript of Vega, Vega-Lite and Vega-Embed that puts `vegaEmbed` on the window; takes more than a second."""
    import vl_convert

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def build_report(
    con: duckdb.DuckDBPyConnection,
    *,
    manifest: Mapping[str, Any],
    language: str,
    cards: Sequence[ModelCard],
    bundle: str,
    grades: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The page of the version whose `marts.duckdb` is open in `con` and whose manifest is given.

    `language` is en or zh; `bundle` is what `vega_bundle` returns; `grades` are entries with capability, measure,
    value, bar and pass (and sense, `at least` or `at most`, where it is told), where the shop has an answer key. Raises
    ValueError for another language, KeyError for a manifest without watermark, created_at, quality_state, version,
    digest or facts.
    """
    readings = read_version(con, manifest)
    spoken = Language(language, readings.currency)
    context = Context(readings, spoken, manifest, cards, grades)
    sections = [made for make in SECTIONS.values() if (made := make(context)) is not None]
    names = [section.name for section in sections]
    parts = {
        "lang": Html({"en": "en", "zh": "zh-CN"}[language]),
        "document_title": spoken.text("document_title", shop=shop_name(context), day=manifest["watermark"]),
        "style": Html(_page_file("style.css")),
        "skip": spoken.text("skip"),
        "header": header(context, names),
        "controls": controls(context),
        "sections": Html("\n".join(section.body for section in sections)),
        "footer": footer(context, names),
        "data": _data(context, sections),
        "scripts": Html("\n".join([script(bundle), script(_page_file("page.js"))])),
    }
    return Template(_page_file("template.html")).substitute({name: joined([part]) for name, part in parts.items()})


def _page_file(name: str) -> str:
    return resources.files("pipelines.reporting").joinpath("page", name).read_text(encoding="utf-8")


def _data(context: Context, sections: Sequence[Section]) -> Html:
    packed = pack({name: chart for section in sections for name, chart in section.charts.items()})
    figures: dict[str, dict[str, list[str]]] = {}
    for section in sections:
        for (period, country), found in section.figures.items():
            texts = {name: [figure.text, figure.tone, figure.title] for name, figure in found.items()}
            figures.setdefault(f"{period}|{country}", {}).update(texts)
    for choice in context.readings.periods:
        figures.setdefault(f"{choice.name}|", {})["range"] = [range_text(choice, context.language), "", ""]
    language = context.language
    page = {
        "period": context.period.name,
        "days": {period.name: period.span.days for period in context.readings.periods},
        "figures": figures,
        "uses": packed.uses,
        "follows": packed.follows,
        "texts": {
            "failed": language.text("chart_failed"),
            "shown": language.text("watch.shown"),
            "noMatch": language.text("watch.no_match"),
        },
    }
    return Html(
        "\n".join(
            [
                json_script(page, "page-data"),
                json_script(packed.datasets, "chart-data"),
                json_script(packed.specs, "chart-specs"),
            ]
        )
    )
