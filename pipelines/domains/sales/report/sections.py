"""What the shop took: key figures, revenue with its forecast, the bridge.

Does not belong here: costs and what is left (margin.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.domains.sales.report.charts import money_bridge, revenue_forecast
from pipelines.domains.sales.report.waterfall import waterfall
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.open_days import open_days, open_days_line
from pipelines.reporting.rivals import rival_sentence
from pipelines.reporting.sections import (
    Context,
    Figure,
    Section,
    chart,
    empty_section,
    figure,
    lead,
    note,
    section,
)
from pipelines.reporting.tiles import Tile, tile_figures, tiles

KPIS = (
    Tile("net_revenue", "money", 1, 0),
    Tile("orders", "count", 1, 0),
    Tile("buyers", "count", 1, 0),
    Tile("aov", "money", 1),
    Tile("new_customers", "count", 1, 0),
    Tile("units", "count", 1, 0),
    Tile("net_sales", "money", 1, 0),
    Tile("returns_share", "percent", -1),
)


def kpis(context: Context) -> Section:
    """A tile per key figure: value, change against the period before, value of that period."""
    frame, language = context.readings["kpis"], context.language
    if frame.empty:
        return empty_section(context, "kpi", "fct_orders", "fct_orders_lifecycle")
    rows: dict[Any, Any] = {(row["period"], row["span"], row["country"]): row for row in frame.to_dict("records")}
    figures = {}
    for period in context.readings.periods:
        for country in ("", *context.readings.countries):
            now = rows.get((period.name, "now", country), {})
            before = rows.get((period.name, "before", country), {}) if period.before else None
            found = tile_figures("kpi", KPIS, now, before, language)
            figures[period.name, country] = {**found, "kpi.open_days": open_days(context, period)}
    shown = figures[context.period.name, ""]
    told = open_days_line("kpi.open_days", shown)
    body = section(context, "kpi", told, tiles("kpi", KPIS, shown, language), note(language.text("kpi.note")))
    return Section("kpi", body, {}, figures)


def revenue(context: Context) -> Section:
    """Days as bars, the forecast as a band with its rival."""
    readings, language = context.readings, context.language
    days, forecast = readings["days"], readings["forecast"]
    if days.empty:
        return empty_section(context, "revenue", "rpt_sales_kpi_daily", "fct_orders")
    figures = _revenue_leads(context)
    sentences: list[Html | None] = [lead(figure("revenue.lead", figures[context.period.name, ""]["revenue.lead"]))]
    if not forecast.empty:
        stated = forecast["as_of"].iloc[0].date()
        if stated < readings.as_of:
            sentences.append(note(language.text("revenue.older_forecast", day=language.date(stated))))
        sentences.append(rival_sentence(context, "demand_forecast", "revenue", fallback="seasonal_naive"))
    drawn = revenue_forecast(days, forecast, language, shown=context.period.span.days)
    body = section(context, "revenue", *sentences, chart("revenue"), note(language.text("revenue.note")))
    return Section("revenue", body, {"revenue": drawn}, figures)


def _revenue_leads(context: Context) -> dict[tuple[str, str], dict[str, Figure]]:
    days, language = context.readings["days"], context.language
    shop = Figure(_forecast_lead(days, context.readings["forecast"], context))
    found = {}
    for period in context.readings.periods:
        found[period.name, ""] = {"revenue.lead": shop}
        chosen = days[days["age"] < period.span.days].groupby("country")["revenue"].sum()
        for country in context.readings.countries:
            told = {"country": country, "amount": language.money(chosen.get(country, 0.0))}
            found[period.name, country] = {"revenue.lead": Figure(language.text("revenue.country_lead", **told))}
    return found


def _forecast_lead(days: pd.DataFrame, forecast: pd.DataFrame, context: Context) -> str:
    language, table_name = context.language, "rpt_inventory_demand_forecast"
    if forecast.empty:
        is_absent = table_name in context.readings.absent
        return language.text("absent", table=table_name) if is_absent else language.text("revenue.no_forecast")
    horizon = len(forecast)
    past = days[(days["country"] == "") & (days["age"] < horizon)]
    told = {"horizon": horizon, "mean": language.money(forecast["mean"].sum())}
    if len(past) < horizon:
        return language.text("revenue.lead_alone", **told)
    return language.text("revenue.lead", before=language.money(past["revenue"].sum()), **told)


def bridge(context: Context) -> Section:
    """The waterfall, a sentence on what remained, and the same as a table."""
    readings, language = context.readings, context.language
    if readings["bridge"].empty:
        return empty_section(context, "bridge", "rpt_sales_revenue_bridge", "fct_orders")
    steps = waterfall(readings["bridge"], language)
    figures = {}
    for period in readings.periods:
        for country in ("", *readings.countries):
            chosen = steps[(steps["period"] == period.name) & (steps["country"] == country)]
            figures[period.name, country] = _bridge_figures(chosen, list(steps["part"].unique()), language)
    shown = figures[context.period.name, ""]
    parts = steps.drop_duplicates("part").sort_values("step")
    rows = [
        (label, figure(f"bridge.{part}", shown[f"bridge.{part}"]))
        for label, part in zip(parts["label"], parts["part"], strict=True)
    ]
    listed = table(language.text("bridge.table"), [language.text("bridge.part"), language.text("bridge.amount")], rows)
    details = tag("details", tag("summary", language.text("bridge.table")), listed)
    sentence = lead(figure("bridge.lead", shown["bridge.lead"]))
    body = section(context, "bridge", sentence, chart("bridge"), details, note(language.text("bridge.note")))
    title = language.text("bridge.title")
    drawn = money_bridge(steps, language, period=context.period.name, title=title, by_country=True)
    return Section("bridge", body, {"bridge": drawn}, figures)


def _bridge_figures(chosen: pd.DataFrame, parts: list[str], language: Language) -> dict[str, Figure]:
    amounts = dict(zip(chosen["part"], chosen["amount"], strict=True))
    found = {f"bridge.{part}": Figure(language.exact_money(amounts.get(part))) for part in parts}
    gross, net = amounts.get("gross_sales", 0.0), amounts.get("net_revenue", 0.0)
    text = language.text("bridge.no_sales")
    if gross > 0:
        told = {"gross": language.money(gross), "net": language.money(net), "share": language.percent(net / gross)}
        text = language.text("bridge.lead", **told)
    return {**found, "bridge.lead": Figure(text)}
