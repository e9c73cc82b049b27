"""Stock: what it is worth, what cannot be sold because it is out, what runs out first, what lies too long.

A pair is a product at a location: the unit in which stock runs out. Does not belong here: what is expected of products
over all locations (products.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipelines.domains.inventory.report.charts import longest_out, stock_values
from pipelines.domains.inventory.report.names import product_names
from pipelines.reporting.charts.lines import rate_lines
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.sections import (
    Context,
    Figure,
    Section,
    chart,
    figure,
    lead,
    note,
    section,
)
from pipelines.reporting.tiles import Tile, tile_figures, tiles

TILES = (Tile("value", "money", 0), Tile("stockout_rate", "percent", -1))
SHOWN = 8
# A week is what an order to a supplier takes at best; demand is forecast for 28 days.
SOON_DAYS, NEXT_DAYS = 7, 28
MOST_DAYS_SHOWN = 999


def stock(context: Context) -> Section | None:
    """Tiles, rates and value over time, what is out, what runs out first, what lies too long; None without stock."""
    readings, language = context.readings, context.language
    days, pairs = readings["stock_days"], readings["stock_pairs"]
    if days.empty or pairs.empty:
        return None
    pairs = pairs.assign(label=product_names(pairs, language))
    figures = _figures(pairs, context)
    drawn = _drawn(days, pairs, context)
    shown = figures[context.period.name, ""]
    names = tuple(Tile(name, "", 0) for name in ("value", "stockout_rate", "soon", "excess"))
    body = section(
        context,
        "stock",
        lead(figure("stock.lead", shown["stock.lead"])),
        tiles("stock", names, shown, language),
        tag(
            "div",
            *(_picture(name, f"stock.{title}_chart", language) for name, title in (("stock-rates", "rates"),
                                                                                   ("stock-values", "values"))),
            class_="pair",
        ),
        tag("div", _longest(drawn, language), _out_now(pairs, language), class_="pair"),
        tag("div", _first_out(pairs, language), _long_lying(pairs, language), class_="pair"),
        note(language.text(_basis(pairs))),
    )  # fmt: skip
    return Section("stock", body, drawn, figures)


def _basis(pairs: pd.DataFrame) -> str:
    forecast = pairs["is_forecast"]
    return f"stock.basis.{'forecast' if forecast.all() else 'both' if forecast.any() else 'sales'}"


def _figures(pairs: pd.DataFrame, context: Context) -> dict[tuple[str, str], dict[str, Figure]]:
    """Value and stock-out rate follow the period; what is out, runs out or lies too long is that of the newest day."""
    readings, language = context.readings, context.language
    rows: dict[Any, Any] = {(row["period"], row["span"]): row for row in readings["stock_totals"].to_dict("records")}
    n_out, n_soon = len(_out(pairs)), int((_in_stock(pairs)["cover_days"] < SOON_DAYS).sum())
    excess, value = pairs["excess_value"].sum(), pairs["value"].sum()
    counts = {"n": language.count(len(pairs)), "out": language.count(n_out), "soon": language.count(n_soon)}
    fixed = {
        "stock.lead": Figure(language.text("stock.lead", **counts)),
        "stock.soon": Figure(counts["soon"]),
        "stock.soon.change": Figure(""),
        "stock.soon.before": Figure(language.text("stock.out_now", n=counts["out"])),
        "stock.excess": Figure(language.money(excess), title=language.exact_money(excess)),
        "stock.excess.change": Figure(""),
        "stock.excess.before": Figure(
            language.text("stock.of_value", share=language.percent(excess / value if value else None))
        ),
    }
    figures = {}
    for period in readings.periods:
        before = rows.get((period.name, "before"), {}) if period.before else None
        told = tile_figures("stock", TILES, rows.get((period.name, "now"), {}), before, language)
        figures[period.name, ""] = {**told, **fixed}
    return figures


def _drawn(days: pd.DataFrame, pairs: pd.DataFrame, context: Context) -> dict[str, Any]:
    language, shown = context.language, context.period.span.days
    days = days.assign(location=days["location"].replace("", language.text("stock.other_locations")))
    rates = days.assign(series=days["location"], rate=days["stockout_rate"])
    told = language.text("stock.rates_chart")
    drawn = {
        "stock-rates": rate_lines(rates, language, title=told, shown=shown, from_zero=True, height=210),
        "stock-values": stock_values(
            days.assign(text=[language.money(value) for value in days["value"]]), language, shown=shown
        ),
    }
    outs = context.readings["stock_outs"].merge(
        pairs[["product_id", "location_id", "label", "location", "units_available"]], how="left"
    )
    outs = outs.dropna(subset=["label"]).groupby("period").head(SHOWN)
    if not outs.empty:
        outs = outs.assign(
            label=[f"{name} · {place}" for name, place in zip(outs["label"], outs["location"], strict=True)],
            text=[language.number(n) for n in outs["days"]],
            is_out=outs["units_available"] <= 0,
        )
        drawn["stock-outs"] = longest_out(outs, language, period=context.period.name)
    return drawn


def _picture(name: str, title: str, language: Language) -> Html:
    return tag("div", tag("h4", language.text(title)), chart(name))


def _longest(drawn: dict[str, Any], language: Language) -> Html:
    if "stock-outs" in drawn:
        return _picture("stock-outs", "stock.outs_chart", language)
    return tag("div", tag("h4", language.text("stock.outs_chart")), note(language.text("stock.never_out")))


def _out(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs[pairs["units_available"] <= 0]


def _in_stock(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs[pairs["units_available"] > 0]


def _out_now(pairs: pd.DataFrame, language: Language) -> Html:
    """What cannot be sold now, what is missed most first."""
    chosen = _out(pairs).sort_values(["per_day", "product_id", "location_id"], ascending=[False, True, True])
    since = ["–" if pd.isna(day) else language.date(day.date()) for day in chosen["out_since"]]
    columns = {"since": since, "per_day": _numbers(chosen["per_day"], language)}
    return _listed("out", chosen, {**columns, "coming": language.counts(chosen["coming"])}, language)


def _first_out(pairs: pd.DataFrame, language: Language) -> Html:
    """What is still there and runs out first."""
    chosen = _in_stock(pairs)
    chosen = chosen[chosen["cover_days"] <= NEXT_DAYS]
    order = {"cover_days": True, "per_day": False, "product_id": True, "location_id": True}
    chosen = chosen.sort_values(list(order), ascending=list(order.values()))
    columns = {
        "available": language.counts(chosen["units_available"]),
        "cover": _numbers(chosen["cover_days"], language),
        "coming": language.counts(chosen["coming"]),
    }
    return _listed("first", chosen, columns, language)


def _long_lying(pairs: pd.DataFrame, language: Language) -> Html:
    """What is there beyond a quarter's sales, most money first."""
    chosen = pairs[pairs["excess_value"] > 0]
    chosen = chosen.sort_values(["excess_value", "product_id", "location_id"], ascending=[False, True, True])
    columns = {
        "available": language.counts(chosen["units_available"]),
        "cover": [_long_cover(days, language) for days in chosen["cover_days"]],
        "excess_value": language.amounts(chosen["excess_value"]),
    }
    return _listed("long", chosen, columns, language)


def _long_cover(days: float, language: Language) -> str:
    if pd.isna(days):
        return language.text("stock.no_sales")
    return f"> {MOST_DAYS_SHOWN}" if days > MOST_DAYS_SHOWN else language.counts([days])[0]


def _numbers(values: pd.Series, language: Language) -> list[str]:
    return [language.number(value) for value in values]


def _listed(name: str, chosen: pd.DataFrame, columns: dict[str, list[str]], language: Language) -> Html:
    title = language.text(f"stock.{name}")
    if chosen.empty:
        return tag("div", tag("h4", title), note(language.text(f"stock.{name}.none")))
    head = [language.text(f"stock.{column}") for column in ("shelf", *columns)]
    shelves = [
        tag("span", label, " ", tag("small", location, class_="place"))
        for label, location in zip(chosen["label"], chosen["location"], strict=True)
    ]
    cells: list[Sequence[str]] = [shelves, *columns.values()]
    rows = list(zip(*cells, strict=True))[:SHOWN]
    more = len(chosen) - SHOWN
    told = note(language.text("more", n=language.count(more))) if more > 0 else None
    return tag("div", tag("h4", title), table(title, head, rows), told)
