"""The report: one HTML file that says what a published version holds, a page per domain, in each language.

Belongs here: putting pages, data and scripts into one file. Does not belong here: what a page says (its domain),
reading (readings.py), drawing (the charts of the domains), where the file lies and which version it is of (the caller).
Equal inputs give equal bytes: times come from the manifest, floats are rounded, nothing is drawn from a clock.

The first language stands in the document, the others in inert templates that a switch puts in its place. Charts lie as
JSON, one element per page, and are drawn by page.js when their page is first shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Any

import duckdb

from pipelines.modeling.cards import ModelCard
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, joined, json_script, script, tag
from pipelines.reporting.masthead import (
    HTML_NAMES,
    controls,
    definitions_table,
    footer,
    header,
    page_head,
    range_text,
    shop_name,
)
from pipelines.reporting.pages import Page, models_of, texts_of
from pipelines.reporting.readings import read_version
from pipelines.reporting.sections import Context, Section
from pipelines.reporting.specs import Packed, pack, unchecked

__all__ = ["build_report", "vega_bundle"]


def vega_bundle() -> str:
    """JavaScript of Vega, Vega-Lite and Vega-Embed that puts `vegaEmbed` on the window; takes more than a second."""
    import vl_convert

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def build_report(
    con: duckdb.DuckDBPyConnection,
    *,
    pages: Sequence[Page],
    manifest: Mapping[str, Any],
    languages: Sequence[str],
    cards: Sequence[ModelCard],
    bundle: str,
    grades: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The report of the version whose `marts.duckdb` is open in `con` and whose manifest is given.

    `pages` stand in their order, those left out of which the version holds no table; `languages` are en, zh or both,
    the one to open with first; `bundle` is what `vega_bundle` returns; `grades` are entries with capability, measure,
    value, bar and pass (and sense, `at least` or `at most`, where it is told), where the shop has an answer key. Raises
    ValueError for another language and for pages that use one name for two things, KeyError for a manifest without
    watermark, created_at, quality_state, version, digest or facts.
    """
    readings = read_version(con, manifest, {page.name: page.reads for page in pages})
    held = [page for page in pages if readings[page.name].is_held] or list(pages)
    texts, models = texts_of(pages), models_of(pages)
    spoken = []
    for code in languages:
        language = Language(code, readings[held[0].name].currency, texts)
        contexts = [Context(readings[page.name], language, manifest, cards, grades, models) for page in held]
        with unchecked():
            drawn = [_draw(*pair) for pair in zip(held, contexts, strict=True)]
        spoken.append(_spoken(drawn, contexts[0], languages))
    first, *others = spoken
    parts = {
        "lang": Html(HTML_NAMES[languages[0]]),
        "document_title": first.title,
        "style": Html(_page_file("style.css")),
        "report": first.body,
        "others": joined(tag("template", other.body) for other in others),
        "scripts": Html("\n".join([script(bundle), script(_page_file("page.js"))])),
    }
    return Template(_page_file("template.html")).substitute({name: joined([part]) for name, part in parts.items()})


def _page_file(name: str) -> str:
    return resources.files("pipelines.reporting").joinpath("page", name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Drawn:
    """A page with what its sections say; `follows` are the filters that anything on it follows."""

    page: Page
    sections: Sequence[Section]
    masthead: Sequence[Html]
    packed: Packed
    follows: tuple[str, ...]


@dataclass(frozen=True)
class _Spoken:
    """The report in one language."""

    title: str
    body: Html


def _draw(page: Page, context: Context) -> _Drawn:
    sections = [made for make in page.sections.values() if (made := make(context)) is not None]
    packed = pack({name: chart for section in sections for name, chart in section.charts.items()})
    choices = {key for section in sections for key in section.figures}
    by_chart = {name for followed in packed.follows.values() for name in followed}
    is_by_period = bool(choices or by_chart & {"period", "days"})
    is_by_country = any(country for _, country in choices) or "country" in by_chart
    follows = tuple(name for name, is_so in (("period", is_by_period), ("country", is_by_country)) if is_so)
    return _Drawn(page, sections, page.masthead(context) if page.masthead else (), packed, follows)


def _spoken(drawn: Sequence[_Drawn], context: Context, languages: Sequence[str]) -> _Spoken:
    """All pages in the language of `context`, within one element that has no neighbour."""
    language = context.language
    _refuse_charts_of_one_name(drawn)
    titles = [(one.page.name, one.page.title.get(language.code)) for one in drawn]
    scope = [section.name for one in drawn for section in one.sections if any(c for _, c in section.figures)]
    masthead = joined(line for one in drawn for line in one.masthead)
    articles = [_article(one, language, masthead, is_first=one is drawn[0]) for one in drawn]
    title = language.text("document_title", shop=shop_name(context), day=context.manifest["watermark"])
    body = tag(
        "div",
        tag("a", language.text("skip"), class_="skip", href="#report"),
        header(context, titles, languages),
        controls(context, [language.text(f"{name}.short") for name in scope]),
        tag("main", *articles, id="report", tabindex="-1"),
        footer(context),
        _data(drawn, context),
        class_="spoken",
        lang=HTML_NAMES[language.code],
        data_language=language.code,
        data_title=title,
    )
    return _Spoken(title, body)


def _article(drawn: _Drawn, language: Language, masthead: Html, *, is_first: bool) -> Html:
    page, names = drawn.page, [section.name for section in drawn.sections]
    title = page.title.get(language.code)
    return tag(
        "article",
        page_head(page.name, title, page.about.get(language.code), names, language),
        tag("div", masthead, class_="trust") if is_first and masthead else None,
        *(section.body for section in drawn.sections),
        definitions_table(page.definitions, names, title, language),
        class_="page shown" if is_first else "page",
        id=f"page-{page.name}",
        aria_labelledby=f"page-{page.name}-title",
        data_page=page.name,
    )


def _data(drawn: Sequence[_Drawn], context: Context) -> Html:
    told = {
        "period": context.period.name,
        "days": {period.name: period.span.days for period in context.readings.periods},
        "figures": _figures(drawn, context),
        "pages": {
            one.page.name: {"sections": [section.name for section in one.sections], "follows": one.follows}
            for one in drawn
        },
        "texts": {"failed": context.language.text("chart_failed")},
    }
    charts = {
        one.page.name: {
            "specs": one.packed.specs,
            "uses": one.packed.uses,
            "follows": one.packed.follows,
            "datasets": one.packed.datasets,
        }
        for one in drawn
    }
    scripts = [json_script(told, "page-data"), *(json_script(held, f"charts-{name}") for name, held in charts.items())]
    return Html("\n".join(scripts))


def _figures(drawn: Sequence[_Drawn], context: Context) -> dict[str, dict[str, list[str]]]:
    figures: dict[str, dict[str, list[str]]] = {}
    for section in (section for one in drawn for section in one.sections):
        for (period, country), found in section.figures.items():
            texts = {name: [figure.text, figure.tone, figure.title] for name, figure in found.items()}
            figures.setdefault(f"{period}|{country}", {}).update(texts)
    for choice in context.readings.periods:
        figures.setdefault(f"{choice.name}|", {})["range"] = [range_text(choice, context.language), "", ""]
    return figures


def _refuse_charts_of_one_name(drawn: Sequence[_Drawn]) -> None:
    owners: dict[str, str] = {}
    for one in drawn:
        for name in one.packed.specs:
            if (other := owners.setdefault(name, one.page.name)) != one.page.name:
                raise ValueError(f"the chart {name!r} is of the pages {other} and {one.page.name}: rename one")
