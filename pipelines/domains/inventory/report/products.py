"""Products to watch: what is expected to rise and to fall, and a table to search.

Does not belong here: stock (stock.py).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from pipelines.domains.inventory.report.charts import product_watch
from pipelines.domains.inventory.report.names import product_names
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag, trend
from pipelines.reporting.rivals import rival_sentence
from pipelines.reporting.sections import (
    Context,
    Section,
    chart,
    empty_section,
    lead,
    note,
    section,
)

DRAWN = 8
WEEKS = 13


def watch(context: Context) -> Section:
    """The products that change most as charts, all of them as a table."""
    frame, language = context.readings["watch"], context.language
    if frame.empty:
        return empty_section(context, "watch", "rpt_inventory_product_watch")
    frame = frame.assign(description=product_names(frame, language), difference=frame["next"] - frame["last"])
    # By units, not by ratio: a product that sold nothing lately would lead any list of ratios.
    rising = frame[frame["difference"] > 0].sort_values(["difference", "product_id"], ascending=[False, True])
    falling = frame[frame["difference"] < 0].sort_values(["difference", "product_id"])
    clear = int(((frame["lower"] > frame["last"]) | (frame["upper"] < frame["last"])).sum())
    counts = {"n": len(frame), "rising": len(rising), "falling": len(falling), "clear": clear}
    key = "watch.lead" if frame["lower"].notna().any() else "watch.lead_plain"
    drawn: dict[str, Any] = {}
    halves = [_half(name, half, language, drawn) for name, half in (("rising", rising), ("falling", falling))]
    ordered = pd.concat([rising, frame[frame["difference"] == 0], falling.iloc[::-1]])
    body = section(
        context,
        "watch",
        lead(language.text(key, **{name: language.count(n) for name, n in counts.items()})),
        rival_sentence(context, "demand_forecast", "product", fallback="seasonal_naive"),
        tag("div", *halves, class_="pair"),
        tag("h4", language.text("watch.table")),
        _search(language),
        _product_table(ordered, context),
    )
    return Section("watch", body, drawn)


def _half(name: str, products: pd.DataFrame, language: Language, drawn: dict[str, Any]) -> Html:
    title = language.text(f"watch.{name}")
    content = note(language.text(f"watch.none_{name}"))
    if not products.empty:
        drawn[name] = product_watch(products.head(DRAWN), language, title=title)
        content = chart(name)
    return tag("div", tag("h4", title), content)


def _search(language: Language) -> Html:
    field = tag("input", type="search", id="product-search", autocomplete="off", spellcheck="false")
    told = {"data_shown": language.text("watch.shown"), "data_none": language.text("watch.no_match")}
    shown = tag("output", "", for_="product-search", **told)
    label = tag("label", language.text("watch.search"), for_="product-search")
    return tag("div", label, field, shown, class_="search controls", data_table="products")


def _product_table(ordered: pd.DataFrame, context: Context) -> Html:
    language = context.language
    weeks = context.readings["weeks"]
    units = {key: dict(zip(group["week"], group["units"], strict=True)) for key, group in weeks.groupby("product_id")}
    first = context.readings.as_of - dt.timedelta(days=7 * WEEKS - 1)
    label = language.text("watch.trend_label", first=language.date(first), last=language.date(context.readings.as_of))
    numbers = zip(
        *(language.counts(ordered[name]) for name in ("previous", "last", "next", "lower", "upper")), strict=True
    )
    rows = [
        _product_row(row, written, units.get(row["product_id"], {}), label, language)
        for row, written in zip(ordered.to_dict("records"), numbers, strict=True)
    ]
    has_interval = bool(ordered["lower"].notna().any())
    names = ["product", "trend", "previous_units", "last_units", "next_units", "interval", "change"]
    if not has_interval:
        names.remove("interval")
        rows = [(*row[:5], *row[6:]) for row in rows]
    head = [language.text(f"watch.{name}") for name in names]
    return table(language.text("watch.table"), head, rows, texts=2, id="products", class_="products")


def _product_row(
    row: dict[Any, Any], written: tuple[str, ...], units: dict[int, float], label: str, language: Language
) -> tuple[str, ...]:
    previous, last, following, lower, upper = written
    is_clear = row["lower"] > row["last"] or row["upper"] < row["last"]
    change = language.change(row["change"])
    name = tag("span", row["description"], tag("small", f" {row['product_id']}"))
    return (
        name,
        trend([max(units.get(week, 0.0), 0.0) for week in range(WEEKS)], label),
        previous,
        last,
        following,
        f"{lower} – {upper}",
        tag("strong", change) if is_clear else change,
    )
