"""Charts of forecasts beside what was and what came, and of models beside their rivals.

Does not belong here: revenue of the shop (money.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    RULE,
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
        x=alt.X(f"{start}:Q", title=language.text("watch.units_axis"), axis=axis), x2=f"{end}:Q", color=alt.value(BLUE)
    )
    legend = alt.Legend(columns=alt.ExprRef("width < 340 ? 1 : 2"), offset=14)
    dots = in_series(base.mark_point(size=70, filled=True, opacity=1), following, colours, legend).encode(x="next:Q")
    ticks = in_series(base.mark_tick(thickness=3, size=15), last, colours, legend).encode(x="last:Q")
    names = base.mark_text(
        align="left", baseline="bottom", dy=-9, fontSize=11.5, color=INK, limit={"expr": "width"}
    ).encode(x=alt.value(0), text="description:N")
    return styled(alt.layer(spans, ticks, dots, names), title, 42 * len(frame))


def promised_and_came(days: pd.DataFrame, language: Language) -> alt.TopLevelMixin:
    """Revenue as it came, as bars, and as it had been forecast, as points. `days` (date): promised, came."""
    import altair as alt

    came, promised = language.text("accuracy.came"), language.text("accuracy.promised")
    colours = alt.Scale(domain=[came, promised], range=[SKY, ORANGE])
    axis = alt.Axis(labelExpr=short_number(language, symbol=language.symbol))
    base = alt.Chart(dated(days)).encode(
        x=day_bands(language),
        tooltip=[
            alt.Tooltip("date:T", title=language.text("revenue.day_axis"), format="%Y-%m-%d"),
            alt.Tooltip("came:Q", title=came, format=",.0f"),
            alt.Tooltip("promised:Q", title=promised, format=",.0f"),
        ],
    )
    y = alt.Y("came:Q", title=None, axis=axis)
    bars = in_series(base.mark_bar(width={"band": 0.7}), came, colours, alt.Legend()).encode(y=y)
    points = base.mark_point(size=60, filled=True, opacity=1)
    middle = alt.X("date:T", timeUnit="yearmonthdate", bandPosition=0.5)
    points = in_series(points, promised, colours, alt.Legend()).encode(x=middle, y="promised:Q")
    return styled(alt.layer(bars, points), language.text("accuracy.chart"), 220)


def model_scores(scores: pd.DataFrame, language: Language, *, title: str) -> alt.TopLevelMixin:
    """One measure per method; the published one stands out. `scores` (method): label, value, text, is_published."""
    import altair as alt

    axis = alt.Axis(domain=False, ticks=False, labelColor=INK, labelFontSize=12, labelLimit=230)
    base = alt.Chart(scores[["label", "value", "text", "is_published"]]).encode(
        y=alt.Y("label:N", sort=list(scores["label"]), title=None, axis=axis),
        tooltip=[alt.Tooltip("label:N", title=language.text("accuracy.method")), alt.Tooltip("text:N", title=title)],
    )
    room = 1.45 * max(float(scores["value"].max()), 1e-9)
    x = alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domain=[0, room]))
    bars = base.mark_bar(height={"band": 0.62}).encode(
        x=x, color=alt.condition("datum.is_published", alt.value(BLUE), alt.value(RULE))
    )
    texts = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(x=x, text="text:N")
    return styled(alt.layer(bars, texts), title, 24 * len(scores))
