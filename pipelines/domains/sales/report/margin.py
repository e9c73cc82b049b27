"""What is left of what was ordered: from the order value to the contribution margin.

Does not belong here: the bridge of what was delivered and booked (sections.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipelines.domains.sales.report.charts import STEP_HEIGHT, money_bridge
from pipelines.domains.sales.report.waterfall import waterfall
from pipelines.reporting.charts.lines import rate_lines
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.open_days import open_days, open_days_line
from pipelines.reporting.sections import Context, Figure, Section, chart, figure, lead, note, section
from pipelines.reporting.tiles import Tile, tile_figures, tiles

TILES = (
    Tile("cm2", "money", 1),
    Tile("cm2_rate", "percent", 1),
    Tile("cm1_rate", "percent", 1),
    Tile("unpaid_share", "percent", -1),
)


def margin(context: Context) -> Section | None:
    """Tiles, the waterfall, rates over time, a warning where a rate of exchange is missing; None without a margin."""
    readings, language = context.readings, context.language
    totals, parts = readings["margin_totals"], readings["margin_bridge"]
    if totals.empty or parts.empty:
        return None
    steps = waterfall(parts, language)
    rows: dict[Any, Any] = {(row["period"], row["span"]): row for row in totals.to_dict("records")}
    figures = {}
    for period in readings.periods:
        now, before = rows.get((period.name, "now"), {}), rows.get((period.name, "before"))
        found = tile_figures("margin", TILES, now, before if period.before else None, language)
        found["margin.lead"] = Figure(_lead(now, language))
        found["margin.without_rate"] = Figure(_without_rate(now, language), tone="bad")
        found["margin.open_days"] = open_days(context, period)
        chosen = steps[steps["period"] == period.name]
        amounts = dict(zip(chosen["part"], chosen["amount"], strict=True))
        for part in steps["part"].unique():
            found[f"margin.part.{part}"] = Figure(language.exact_money(amounts.get(part)))
        figures[period.name, ""] = found
    shown = figures[context.period.name, ""]
    body = section(
        context,
        "margin",
        lead(figure("margin.lead", shown["margin.lead"])),
        tag("p", figure("margin.without_rate", shown["margin.without_rate"]), class_="told"),
        open_days_line("margin.open_days", shown),
        tiles("margin", TILES, shown, language),
        tag(
            "div",
            tag("div", tag("h4", language.text("margin.steps")), chart("margin"), _table(steps, shown, language)),
            tag("div", tag("h4", language.text("margin.rates_chart")), chart("margin-rates")),
            class_="pair wide-left",
        ),
        note(language.text("margin.note")),
    )
    return Section("margin", body, _drawn(steps, context), figures)


def _drawn(steps: pd.DataFrame, context: Context) -> dict[str, Any]:
    language, period, days = context.language, context.period, context.readings["margin_days"]
    title = language.text("margin.steps")
    drawn = {"margin": money_bridge(steps, language, period=period.name, title=title, by_country=False)}
    rates = pd.concat(
        days[["date", "age"]].assign(series=language.text(f"margin.{name}"), rate=days[name])
        for name in ("cm1_rate", "cm2_rate")
    )
    drawn["margin-rates"] = rate_lines(
        rates,
        language,
        title=language.text("margin.rates_chart"),
        shown=period.span.days,
        from_zero=False,
        height=STEP_HEIGHT * steps["part"].nunique(),
    )
    return drawn


def _lead(now: Mapping[str, Any], language: Language) -> str:
    if not now or now["gmv"] <= 0:
        return language.text("margin.no_orders")
    amounts = {name: language.money(now[name]) for name in ("gmv", "net_revenue", "cm2")}
    return language.text("margin.lead", rate=language.percent(now["cm2_rate"]), **amounts)


def _without_rate(now: Mapping[str, Any], language: Language) -> str:
    counts = {name: int(now.get(f"{name}_without_rate", 0) or 0) for name in ("orders", "payments")}
    if not any(counts.values()):
        return ""
    return language.text("margin.without_rate", **{name: language.count(n) for name, n in counts.items()})


def _table(steps: pd.DataFrame, shown: Mapping[str, Figure], language: Language) -> Html:
    parts = steps.drop_duplicates("part").sort_values("step")
    rows = [
        (label, figure(f"margin.part.{part}", shown[f"margin.part.{part}"]))
        for label, part in zip(parts["label"], parts["part"], strict=True)
    ]
    head = [language.text("bridge.part"), language.text("bridge.amount")]
    listed = table(language.text("margin.table"), head, rows)
    return tag("details", tag("summary", language.text("margin.table")), listed)
