"""What stands around the sections: title, pages to choose, filters, definitions, where the report comes from.

Does not belong here: the state of the data beyond one word, which a domain tells (`Page.masthead`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from pipelines.reporting.definitions import Definition
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, joined, table, tag
from pipelines.reporting.periods import Period
from pipelines.reporting.sections import Context, Figure, figure

# How each language calls itself, and what HTML calls it.
NAMES = {"en": "English", "zh": "中文"}
HTML_NAMES = {"en": "en", "zh": "zh-CN"}
# The address of all pages one below the other, as they are printed together.
ALL_PAGES = "all"


def shop_name(context: Context) -> str:
    """The shop as its file titles it; versions of before name it only."""
    facts = context.manifest["facts"]
    return str(facts.get("title") or facts.get("shop", "").replace("_", " "))


def header(context: Context, titles: Sequence[tuple[str, str]], languages: Sequence[str]) -> Html:
    """Title, shop, last day, state, version and time of publication; links to the pages, given as (name, title); a
    switch to the others of `languages`."""
    language, manifest = context.language, context.manifest
    created = dt.datetime.fromisoformat(manifest["created_at"]).astimezone(dt.UTC)
    state = manifest["quality_state"]
    facts = (
        tag("strong", language.text("data_to", day=manifest["watermark"])),
        " ",
        tag("span", language.label("quality_state", state), class_="state" if state == "complete" else "state warn"),
        tag("br"),
        language.text("version", version=manifest["version"]),
        language.text("comma"),
        language.text("published_at", moment=f"{created:%Y-%m-%d %H:%M}"),
    )
    title = tag("div", tag("p", shop_name(context), class_="shop"), tag("h1", language.text("title")), class_="title")
    return tag(
        "header", title, _switch(language, languages), tag("p", *facts, class_="facts"), _links(titles, language)
    )


def _switch(language: Language, languages: Sequence[str]) -> Html | None:
    others = [code for code in languages if code != language.code]
    buttons = [
        tag("button", NAMES[code], type="button", data_switch=code, lang=HTML_NAMES[code], title=NAMES[code])
        for code in others
    ]
    return tag("div", *buttons, class_="switch", role="group", aria_label=language.text("language")) if others else None


def _links(titles: Sequence[tuple[str, str]], language: Language) -> Html | None:
    if len(titles) < 2:
        return None
    named = [*titles, (ALL_PAGES, language.text("all_pages"))]
    links = [tag("a", title, href=f"#/{name}", data_to=name) for name, title in named]
    return tag("nav", *links, class_="pages", aria_label=language.text("pages"))


def controls(context: Context, scope: Sequence[str]) -> Html:
    """The filters, and in words what they stand at; `scope` are the short names of the sections that follow the
    country."""
    language = context.language
    choices = [
        tag(
            "label",
            tag("input", type="radio", name="period", value=period.name, checked=period == context.period),
            language.text(f"period.{period.name}"),
        )
        for period in context.readings.periods
    ]
    of_period = tag(
        "fieldset",
        tag("legend", language.text("period")),
        tag("div", *choices, class_="choices"),
        class_="controls",
        data_follows="period",
    )
    told = figure("range", Figure(range_text(context.period, language)))
    range_ = tag("p", told, class_="range", aria_live="polite", data_follows="period")
    scoped = language.text("country_scope", sections=language.text("list_separator").join(scope))
    of_scope = tag("p", scoped, class_="range country-only", hidden=True, data_follows="country")
    inner = tag("div", of_period, _countries(context, scope), range_, of_scope, class_="bar-inner")
    script_off = tag("noscript", tag("p", language.text("no_script"), class_="banner warn"))
    return joined([tag("div", inner, class_="bar", role="search", aria_label=language.text("filters")), script_off])


def _countries(context: Context, scope: Sequence[str]) -> Html | None:
    language, countries = context.language, context.readings.countries
    if len(countries) < 2 or not scope:
        return None
    options = [tag("option", language.text("all_countries"), value="")]
    options += [tag("option", country, value=country) for country in countries]
    label = tag("label", language.text("country"), for_="country", class_="name")
    select = tag("select", *options, id="country", autocomplete="off")
    return tag("fieldset", label, select, class_="controls", data_follows="country")


def range_text(period: Period, language: Language) -> str:
    """The days of the period, and those it is compared with."""
    days = {"first": language.date(period.span.first), "last": language.date(period.span.last)}
    if period.before is None:
        return language.text("range_alone", **days)
    before = {"before_first": language.date(period.before.first), "before_last": language.date(period.before.last)}
    return language.text("range_compared", **days, **before)


def page_head(name: str, title: str, about: str, sections: Collection[str], language: Language) -> Html:
    """The title of a page, what it answers, and links to its sections."""
    heading = tag("h2", title, id=f"page-{name}-title", tabindex="-1")
    links = [tag("a", language.text(f"{section}.short"), href=f"#/{name}/{section}") for section in sections]
    contents = tag("nav", *links, class_="sections", aria_label=language.text("contents", page=title))
    return tag("div", heading, tag("p", about, class_="about-page"), contents if len(links) > 1 else None,
               class_="page-head")  # fmt: skip


def definitions_table(
    definitions: Sequence[Definition], sections: Collection[str], title: str, language: Language
) -> Html | None:
    """The terms of a page that shows `sections`; None where it defines none."""
    told = [item for item in definitions if item.section is None or item.section in sections]
    if not told:
        return None
    rows = [(item.term.get(language.code), item.formula.get(language.code)) for item in told]
    named = language.text("definitions_of", page=title)
    terms = table(named, [language.text("term"), language.text("formula")], rows, texts=2)
    return tag("div", tag("h3", language.text("definitions")), terms, class_="definitions")


def footer(context: Context) -> Html:
    """Where the report comes from: digest, run, and how to build it again."""
    language, manifest = context.language, context.manifest
    command = f"almanac report --lang {language.code}"
    about = tag(
        "dl",
        tag("dt", language.text("digest")),
        tag("dd", tag("code", str(manifest["digest"]))),
        tag("dt", language.text("run")),
        tag("dd", tag("code", str(manifest["facts"].get("run_id", "–")))),
        tag("dt", language.text("rebuild")),
        tag("dd", tag("code", command)),
        class_="about",
    )
    return tag(
        "footer",
        tag("h2", language.text("about")),
        tag("p", language.text("about_page", version=manifest["version"])),
        about,
    )
