"""Charts of stock: its value over time, what was out for longest.

Does not belong here: rates over time (lines.py), units of forecasts (forecasts.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import (
    INK,
    MOST_IN_A_ROW,
    ORANGE,
    SERIES_COLOURS,
    SKY,
    dated,
    day_bands,
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
                alt.Tooltip("date:T", title=language.text("revenue.day_axis"), format="%Y-%m-%d"),
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
    names = names.encode(x=alt.value(0), text="label:N")
    chart = alt.layer(bars, names).add_params(alt.param(name="period", value=period))
    return styled(chart, language.text("stock.outs_chart"), 34 * int(rows["place"].max() + 1))
