"""Charts of the page on quality: rows set aside, forecasts beside what came, models beside their rivals.

Does not belong here: the strips of the scorecard (strips.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import (
    BLUE,
    BROWN,
    INK,
    ORANGE,
    RULE,
    SAND,
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

OUTCOMES = ("duplicate_rows", "quarantined_rows", "blocked_rows")


def rows_set_aside(quality: pd.DataFrame, language: Language, *, shown: int) -> alt.TopLevelMixin:
    """Rows that did not pass, stacked by outcome, per arrival day.

    `quality` (date): age, physical_rows and the outcomes' counts. Parameter `days`: how many days, first `shown`.
    """
    import altair as alt

    names = {outcome: language.text(f"quality.{outcome}") for outcome in OUTCOMES}
    frame = dated(quality)[["date", "age", "physical_rows", *OUTCOMES]]
    rows = frame.melt(["date", "age", "physical_rows"], list(OUTCOMES), var_name="outcome", value_name="rows")
    rows = rows.assign(outcome=rows["outcome"].map(names))
    chart = (
        alt.Chart(rows)
        .transform_filter("datum.age < days")
        .mark_bar(width={"band": 0.8})
        .encode(
            x=day_bands(language),
            y=alt.Y("rows:Q", title=None,
                    axis=alt.Axis(tickCount=3, labelExpr=short_number(language))),
            color=alt.Color("outcome:N", legend=alt.Legend(),
                            scale=alt.Scale(domain=list(names.values()), range=[SAND, ORANGE, BROWN])),
            tooltip=[
                alt.Tooltip("date:T", title=language.text("quality.day"), format="%Y-%m-%d"),
                alt.Tooltip("outcome:N", title=language.text("quality.verdict")),
                alt.Tooltip("rows:Q", title=language.text("quality.rows_axis"), format=","),
                alt.Tooltip("physical_rows:Q", title=language.text("quality.physical_rows"), format=","),
            ],
        )
        .add_params(alt.param(name="days", value=shown))
    )  # fmt: skip
    return styled(chart, language.text("quality.chart"), 90)


def promised_and_came(days: pd.DataFrame, language: Language) -> alt.TopLevelMixin:
    """Revenue as it came, as bars, and as it had been forecast, as points. `days` (date): promised, came."""
    import altair as alt

    came, promised = language.text("accuracy.came"), language.text("accuracy.promised")
    colours = alt.Scale(domain=[came, promised], range=[SKY, ORANGE])
    axis = alt.Axis(labelExpr=short_number(language, symbol=language.symbol))
    base = alt.Chart(dated(days)).encode(
        x=day_bands(language),
        tooltip=[
            alt.Tooltip("date:T", title=language.text("day"), format="%Y-%m-%d"),
            alt.Tooltip("came:Q", title=came, format=",.0f"),
            alt.Tooltip("promised:Q", title=promised, format=",.0f"),
        ],
    )
    y = alt.Y("came:Q", title=None, axis=axis)
    bars = in_series(base.mark_bar(width={"band": 0.7}), came, colours, alt.Legend()).encode(y=y)
    points = base.mark_point(size=60, filled=True, opacity=1)
    middle = alt.X("date:T", timeUnit="yearmonthdate", bandPosition=0.5)
    points = in_series(points, promised, colours, alt.Legend()).encode(x=middle, y=alt.Y("promised:Q"))
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
    texts = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(x=x, text=alt.Text("text:N"))
    return styled(alt.layer(bars, texts), title, 24 * len(scores))
