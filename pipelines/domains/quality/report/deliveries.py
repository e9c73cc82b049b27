"""Freshness and data quality: how far the data go, what was delivered and what was set aside.

Belongs here: rows per outcome, open deliveries, and the lines of trust that stand on the first page of the report.
Does not belong here: checks (scorecard.py), models (models.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.domains.quality.report.charts import OUTCOMES as SET_ASIDE
from pipelines.domains.quality.report.charts import rows_set_aside
from pipelines.domains.quality.report.grades import fates
from pipelines.domains.quality.report.scorecard import scorecard
from pipelines.domains.quality.report.source_tables import source_tables
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.sections import Context, Figure, Section, chart, empty_section, figure, note, section

OUTCOMES = ("physical_rows", "accepted_rows", "quarantined_rows", "duplicate_rows", "blocked_rows")
# A daily refresh publishes a day in the following night; a weekend or a holiday adds two.
OLD_AFTER_DAYS = 3
SHOWN_OPEN_DAYS = 8


def quality(context: Context) -> Section:
    """Version, watermark, open days, counts per outcome, and rows set aside per day."""
    language, readings = context.language, context.readings
    totals = readings["quality_totals"]
    if totals.empty:
        head = tag("div", *freshness(context.manifest, language), class_="freshness")
        return empty_section(context, "quality", "rpt_quality_rows_daily", before=head)
    figures = {(row["period"], ""): _figures(row, language) for row in totals.to_dict("records")}
    shown = figures.get((context.period.name, "")) or next(iter(figures.values()))
    tiles = [_tile(name, shown[f"quality.{name}"], shown[f"quality.{name}.share"], language) for name in OUTCOMES]
    counts = tag("dl", *tiles, class_="tiles five")
    accounted = figure("quality.accounted", shown["quality.accounted"])
    head = tag("div", *freshness(context.manifest, language, accounted), class_="freshness")
    checked, drawn, told = scorecard(context)
    if (readings["quality"][list(SET_ASIDE)].sum().sum()) > 0:
        drawn["quality"] = rows_set_aside(readings["quality"], language, shown=context.period.span.days)
        picture = (tag("h4", language.text("quality.chart")), chart("quality"))
    else:
        picture = (note(language.text("quality.nothing_aside")),)  # type: ignore[assignment]
    tables, of_tables = source_tables(context, OUTCOMES)
    days = _open_days(context.manifest["facts"].get("open_days", []), language)
    body = section(context, "quality", head, days, counts, tables, fates(context), *checked, *picture)
    together = {
        key: {**figures.get(key, {}), **told.get(key, {}), **of_tables.get(key, {})} for key in {**figures, **told}
    }
    return Section("quality", body, drawn, together)


def trust(context: Context) -> list[Html]:
    """The lines of trust on the first page: age and state of the data, and where to look further."""
    language = context.language
    link = tag("a", language.text("trust.more"), href="#/quality")
    return freshness(context.manifest, language, link, prefix="trust")


def freshness(
    manifest: Mapping[str, Any], language: Language, more: Html | None = None, *, prefix: str = "state_sentence"
) -> list[Html]:
    """Sentences on the age and the state of the data, `more` after them; the state in the words of `prefix`."""
    watermark = dt.date.fromisoformat(manifest["watermark"])
    created = dt.datetime.fromisoformat(manifest["created_at"])
    state, age = manifest["quality_state"], (created.date() - watermark).days
    open_days = len(manifest["facts"].get("open_days", []))
    # A shop without a limit is a history that has ended: how old it is alarms nobody.
    is_history = manifest["facts"].get("freshness_limit_hours", 0) is None
    key = "fresh_data" if age <= OLD_AFTER_DAYS else "ended_data" if is_history else "old_data"
    told = language.text(key, age=_age(age, language), day=language.date(watermark))
    stale = [tag("p", language.text("statements_are_stale"), class_="banner warn")]
    known = state if state in ("complete", "incomplete") else "incomplete"
    return [
        tag("p", told, class_=f"banner {'warn' if key == 'old_data' else 'good'}"),
        tag(
            "p",
            language.text(f"{prefix}.{known}", n=language.count(open_days)),
            language.text("sentence_separator"),
            more,
            class_=f"banner {'good' if state == 'complete' else 'warn'}",
        ),
        *(stale if manifest["facts"].get("statements_are_stale") else []),
    ]


def _age(days: int, language: Language) -> str:
    if days == 1:
        return language.text("age_day")
    return (
        language.text("age_years", n=language.count(round(days / 365.25)))
        if days > 730
        else language.text("age_days", n=language.count(days))
    )


def _figures(row: Mapping[Any, Any], language: Language) -> dict[str, Figure]:
    delivered = row["physical_rows"]
    found = {}
    for name in OUTCOMES:
        found[f"quality.{name}"] = Figure(language.count(row[name]), title=f"{row[name]:,}")
        share = row[name] / delivered if delivered else None
        found[f"quality.{name}.share"] = Figure("" if name == "physical_rows" else language.percent(share, 2))
    gap = int(row["accounting_gap"])
    text = language.text("quality.gap", n=language.count(gap)) if gap else language.text("quality.accounted")
    return {**found, "quality.accounted": Figure(text, tone="bad" if gap else "")}


def _tile(name: str, value: Figure, share: Figure, language: Language) -> Html:
    return tag(
        "div",
        tag("dt", language.text(f"quality.{name}")),
        tag(
            "dd",
            figure(f"quality.{name}", value, class_="value"),
            figure(f"quality.{name}.share", share, class_="before"),
        ),
    )


def _open_days(days: Sequence[Mapping[str, Any]], language: Language) -> Html | None:
    if not days:
        return None
    head = [language.text(f"quality.{name}") for name in ("day", "table", "verdict", "reason")]
    newest = sorted(days, key=lambda day: (day["day"], day["table"]), reverse=True)
    rows = [
        [day["day"], day["table"], language.label("verdict", day["verdict"]), day.get("reason") or "–"]
        for day in newest[:SHOWN_OPEN_DAYS]
    ]
    more = len(days) - SHOWN_OPEN_DAYS
    listed = table(language.text("quality.open_days"), head, rows, texts=4)
    return tag("div", listed, note(language.text("more", n=language.count(more))) if more > 0 else None)
