"""The page around the sections: title, filters, definitions, where the page comes from.

Does not belong here: the state of the data, which is a section (sections.quality).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, joined, table, tag
from pipelines.reporting.periods import Period
from pipelines.reporting.sections import Context
from pipelines.reporting.sections.frame import Figure, figure
from pipelines.reporting.texts import DEFINITIONS, SECTION_DEFINITIONS


def shop_name(context: Context) -> str:
    """The shop as its file titles it; versions of before name it only."""
    facts = context.manifest["facts"]
    return str(facts.get("title") or facts.get("shop", "").replace("_", " "))


def header(context: Context, names: Collection[str]) -> Html:
    """Title, shop, last day, state, version and time of publication; links to the sections of these names."""
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
    links = [tag("a", language.text(f"{name}.short"), href=f"#{name}") for name in names]
    contents = tag("nav", *links, aria_label=language.text("contents"))
    return tag("header", title, tag("p", *facts, class_="facts"), contents)


def controls(context: Context) -> Html:
    """The filters, and in words what they stand at."""
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
        "fieldset", tag("legend", language.text("period")), tag("div", *choices, class_="choices"), class_="controls"
    )
    of_country = _countries(context)
    range_ = tag("p", figure("range", Figure(range_text(context.period, language))), class_="range", aria_live="polite")
    scope = tag("p", language.text("country_scope"), class_="range country-only", hidden=True)
    inner = tag("div", of_period, of_country, range_, scope, class_="bar-inner")
    script_off = tag("noscript", tag("p", language.text("no_script"), class_="banner warn"))
    return joined([tag("div", inner, class_="bar", role="search", aria_label=language.text("filters")), script_off])


def _countries(context: Context) -> Html | None:
    language, countries = context.language, context.readings.countries
    if len(countries) < 2:
        return None
    options = [tag("option", language.text("all_countries"), value="")]
    options += [tag("option", country, value=country) for country in countries]
    label = tag("label", language.text("country"), for_="country", class_="name")
    return tag("fieldset", label, tag("select", *options, id="country", autocomplete="off"), class_="controls")


def range_text(period: Period, language: Language) -> str:
    """The days of the period, and those it is compared with."""
    days = {"first": language.date(period.span.first), "last": language.date(period.span.last)}
    if period.before is None:
        return language.text("range_alone", **days)
    before = {"before_first": language.date(period.before.first), "before_last": language.date(period.before.last)}
    return language.text("range_compared", **days, **before)


def footer(context: Context, names: Collection[str]) -> Html:
    """Definitions of the terms in the sections of these names, digest, and how to build the page again."""
    language, manifest = context.language, context.manifest
    of_sections = [item for name, items in SECTION_DEFINITIONS.items() if name in names for item in items]
    rows = [(item.term.get(language.code), item.formula.get(language.code)) for item in (*DEFINITIONS, *of_sections)]
    terms = table(language.text("definitions"), [language.text("term"), language.text("formula")], rows, texts=2)
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
        tag("h2", language.text("definitions")),
        terms,
        tag("h2", language.text("about")),
        tag("p", language.text("about_page", version=manifest["version"])),
        about,
    )
