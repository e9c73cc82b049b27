"""Charts of the page on inventory: stock over time, what was out for longest, products beside their forecast.

Does not belong here: rates over time (pipelines.reporting.charts.lines).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import (
    BLUE,
    GREY,
    INK,
    MOST_IN_A_ROW,
    ORANGE,
    SERIES_COLOURS,
    SKY,
    dated,
    day_bands,
    in_series,
    short_number,
    styled,
)
from pipelines.reporting.language import Language

if TYPE_CHECKING:
    import altair as alt


def stock_values(days: pd.DataFrame, language: Language, *, shown: int) -> alt.TopLevelMixin:
    """Value of stock, stacked by location. `days` (location, date), the largest location first and named in one line:
    age, value, text.

    Parameter `days`: how many days, first `shown`.
    """
    import altair as alt

    names = list(dict.fromkeys(days["location"]))
    order = {name: number for number, name in enumerate(names)}
    rows = dated(days)[["date", "age", "location", "value", "text"]]
    rows = rows.assign(place=rows["location"].map(order))
    colour = alt.Color(
        "location:N", title=None, sort=names, scale=alt.Scale(domain=names, range=SERIES_COLOURS[: len(names)]),
        legend=alt.Legend(columns=MOST_IN_A_ROW),
    )  # fmt: skip
    chart = (
        alt.Chart(rows)
        .transform_filter("datum.age < days")
        .mark_bar(width={"band": 1.0}, binSpacing=0, opacity=0.85)
        .encode(
            x=day_bands(language),
            y=alt.Y(
                "value:Q",
                title=None,
                stack="zero",
                axis=alt.Axis(labelExpr=short_number(language, symbol=language.symbol)),
            ),
            color=colour,
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("date:T", title=language.text("day"), format="%Y-%m-%d"),
                alt.Tooltip("location:N", title=language.text("stock.location")),
                alt.Tooltip("text:N", title=language.text("stock.value")),
            ],
        )
        .add_params(alt.param(name="days", value=shown))
    )
    return styled(chart, language.text("stock.values_chart"), 210)


def longest_out(outs: pd.DataFrame, language: Language, *, period: str) -> alt.TopLevelMixin:
    """Days out of stock as bars. `outs` (period, product_id, location_id), longest first: label, days, text, is_out.

    Parameter `period`, first as given.
    """
    import altair as alt

    states = {True: language.text("stock.still_out"), False: language.text("stock.back")}
    rows = outs.assign(state=outs["is_out"].map(states), place=outs.groupby("period").cumcount())
    rows = rows[["period", "place", "label", "days", "text", "state"]]
    base = alt.Chart(rows).transform_filter("datum.period == period").encode(
        y=alt.Y("place:O", title=None, axis=None),
        tooltip=[
            alt.Tooltip("label:N", title=language.text("stock.product")),
            alt.Tooltip("text:N", title=language.text("stock.days_out")),
            alt.Tooltip("state:N", title=language.text("stock.now")),
        ],
    )  # fmt: skip
    colours = alt.Scale(domain=list(states.values()), range=[ORANGE, SKY])
    axis = alt.Axis(tickCount={"expr": "max(2, width / 90)"})
    bars = base.mark_bar(height=9, yOffset=8).encode(
        x=alt.X("days:Q", title=language.text("stock.days_out"), axis=axis),
        color=alt.Color("state:N", title=None, scale=colours, legend=alt.Legend()),
    )
    names = base.mark_text(align="left", baseline="bottom", dy=1, fontSize=11.5, color=INK, limit={"expr": "width"})
    names = names.encode(x=alt.value(0), text=alt.Text("label:N"))
    chart = alt.layer(bars, names).add_params(alt.param(name="period", value=period))
    return styled(chart, language.text("stock.outs_chart"), 34 * int(rows["place"].max() + 1))


def product_watch(products: pd.DataFrame, language: Language, *, title: str) -> alt.TopLevelMixin:
    """Units of the last 28 days beside the forecast of the next with its interval.

    `products` (product_id), in the order to be drawn: description, last, next, lower and upper (null: not known, then a
    line leads from the one to the other).
    """
    import altair as alt

    has_interval = bool(products["lower"].notna().any())
    last, following = language.text("watch.last"), language.text("watch.next" if has_interval else "watch.next_plain")
    colours = alt.Scale(domain=[last, following], range=[GREY, BLUE])
    frame = products.reset_index(drop=True)
    frame = frame.assign(place=frame.index)[["place", "description", "last", "next", "lower", "upper"]]
    y = alt.Y("place:O", title=None, axis=alt.Axis(domain=False, ticks=False, labels=False, grid=True))
    tips = [alt.Tooltip("description:N", title=language.text("watch.product"))]
    titles = {"last": "last_units", "next": "next_units", "lower": "interval", "upper": "interval"}
    shown = {field: key for field, key in titles.items() if has_interval or field in ("last", "next")}
    tips += [alt.Tooltip(f"{f}:Q", title=language.text(f"watch.{key}"), format=",.0f") for f, key in shown.items()]
    base = alt.Chart(frame).encode(y=y, tooltip=tips)
    axis = alt.Axis(labelExpr=short_number(language), tickCount=4)
    start, end, thickness = ("lower", "upper", 5) if has_interval else ("last", "next", 2)
    spans = base.mark_rule(strokeWidth=thickness, opacity=0.35, strokeCap="round").encode(
        x=alt.X(f"{start}:Q", title=language.text("watch.units_axis"), axis=axis),
        x2=alt.X2(f"{end}:Q"),
        color=alt.value(BLUE),
    )
    legend = alt.Legend(columns=alt.ExprRef("width < 340 ? 1 : 2"), offset=14)
    dots = in_series(base.mark_point(size=70, filled=True, opacity=1), following, colours, legend).encode(
        x=alt.X("next:Q")
    )
    ticks = in_series(base.mark_tick(thickness=3, size=15), last, colours, legend).encode(x=alt.X("last:Q"))
    names = base.mark_text(
        align="left", baseline="bottom", dy=-9, fontSize=11.5, color=INK, limit={"expr": "width"}
    ).encode(x=alt.value(0), text=alt.Text("description:N"))
    return styled(alt.layer(spans, ticks, dots, names), title, 42 * len(frame))
