"""Charts of the page on sales: revenue with its forecast, bridges as waterfalls.

Does not belong here: the steps of a waterfall (waterfall.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipelines.reporting.charts.theme import (
    BLUE,
    GREY,
    INK,
    NARROW,
    ORANGE,
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
    from collections.abc import Callable

    import altair as alt

    Layer = Callable[[alt.Chart, str], alt.Chart]

SERIES = ("history", "average", "mean", "band", "naive_name")
MOST_CLOSED_DAYS_IN_A_LINE = 3
STEP_HEIGHT = 27


def revenue_forecast(
    days: pd.DataFrame, forecast: pd.DataFrame, language: Language, *, shown: int
) -> alt.TopLevelMixin:
    """Revenue of each day as bars, and the days ahead as a band with the mean and a rival.

    `days` (country, date): age, state, revenue, average; `forecast` (date): mean, q10, q90, naive, is_open. Parameters:
    `days` (how many days of history, first `shown`), `country` ('' = all; a country has no forecast).
    """
    import altair as alt

    # The rival is not drawn where it is itself what is published.
    has_rival = not forecast.empty and not np.allclose(forecast["mean"], forecast["naive"], equal_nan=True)
    names = [language.text(f"revenue.{name}") for name in SERIES]
    n_shown = 2 if forecast.empty else len(names) if has_rival else len(names) - 1
    colours = alt.Scale(domain=names[:n_shown], range=[SKY, BLUE, ORANGE, SAND, GREY][:n_shown])
    legend = alt.Legend(columns=alt.ExprRef(f"width < {NARROW} ? 2 : 5"))

    def layer(data: alt.Chart, name: str) -> alt.Chart:
        return in_series(data, language.text(f"revenue.{name}"), colours, legend)

    layers = _behind(days, language, layer) + (
        [] if forecast.empty else _ahead(forecast, language, layer, has_rival=has_rival)
    )
    chart = alt.layer(*layers).add_params(alt.param(name="days", value=shown), alt.param(name="country", value=""))
    return styled(chart, language.text("revenue.title"), 320)


def _noon() -> alt.X:
    import altair as alt

    return alt.X("date:T", timeUnit="yearmonthdate", bandPosition=0.5)


def _behind(days: pd.DataFrame, language: Language, layer: Layer) -> list[alt.Chart]:
    """Bars, their average, and the marks of days that are closed or not complete."""
    import altair as alt

    past = _past(days, language)
    state = alt.Tooltip("state:N", title=language.text("revenue.state"))
    tips = [_day_tip(language), _money_tip("revenue", language.text("revenue.history")), state]
    y = alt.Y("revenue:Q", title=None, axis=alt.Axis(labelExpr=short_number(language, symbol=language.symbol)))
    bars = layer(past.mark_bar(width={"band": 0.78}), "history").encode(x=day_bands(language), y=y, tooltip=tips)
    average = layer(past.mark_line(strokeWidth=2), "average").encode(x=_noon(), y=alt.Y("average:Q"))
    marks = past.mark_text(baseline="bottom", fontWeight="bold", fontSize=12, dy=-2).encode(
        x=_noon(), y=alt.datum(0), text=alt.Text("mark:N"), tooltip=tips,
        color=alt.condition("datum.mark == '!'", alt.value(ORANGE), alt.value(GREY)),
    )  # fmt: skip
    return [bars, average, marks]


def _ahead(forecast: pd.DataFrame, language: Language, layer: Layer, *, has_rival: bool) -> list[alt.Chart]:
    """The band of each open day, the rival's line and the mean's."""
    import altair as alt

    opened = forecast[forecast["is_open"]]
    # A closed Saturday does not break a line, a closed fortnight does.
    stretch = (pd.to_datetime(opened["date"]).diff().dt.days > MOST_CLOSED_DAYS_IN_A_LINE).cumsum()
    ahead = alt.Chart(dated(opened.assign(stretch=stretch))[["date", "stretch", "mean", "q10", "q90", "naive"]])
    ahead = ahead.transform_filter("country == ''")
    titles = {"mean": language.text("revenue.mean"), "q10": "10 %", "q90": "90 %"}
    if has_rival:
        titles["naive"] = language.text("revenue.naive_name")
    tips = [_day_tip(language), *(_money_tip(field, title) for field, title in titles.items())]
    band = layer(ahead.mark_bar(width={"band": 1.0}, opacity=0.75), "band")
    mean = layer(ahead.mark_line(strokeWidth=2.2, point={"size": 18, "filled": True}), "mean")
    naive = layer(ahead.mark_line(strokeWidth=1.3, strokeDash=[4, 3]), "naive_name")
    return [
        band.encode(x=day_bands(language), y=alt.Y("q10:Q"), y2=alt.Y2("q90:Q"), tooltip=tips),
        *([naive.encode(x=_noon(), y=alt.Y("naive:Q"), detail=alt.Detail("stretch:N"))] if has_rival else []),
        mean.encode(x=_noon(), y=alt.Y("mean:Q"), detail=alt.Detail("stretch:N"), tooltip=tips),
    ]


def _past(days: pd.DataFrame, language: Language) -> alt.Chart:
    import altair as alt

    named = dated(days)
    unfinished = ~named["state"].isin(["complete", "closed"]) & (named["country"] == "")
    closed = (named["state"] == "closed") & named["revenue"].isna()
    marks = ["!" if late else "·" if shut else "" for late, shut in zip(unfinished, closed, strict=True)]
    named = named.assign(mark=marks, state=[language.label("state", state) for state in named["state"]])
    return alt.Chart(named).transform_filter("datum.age < days && datum.country == country")


def _day_tip(language: Language) -> alt.Tooltip:
    import altair as alt

    return alt.Tooltip("date:T", title=language.text("day"), format="%Y-%m-%d")


def _money_tip(field: str, title: str) -> alt.Tooltip:
    import altair as alt

    return alt.Tooltip(f"{field}:Q", title=title, format=",.0f")


def money_bridge(
    steps: pd.DataFrame, language: Language, *, period: str, title: str, by_country: bool
) -> alt.TopLevelMixin:
    """A waterfall, one bar under the other.

    `steps` (period, country, step): label, role total|plus|minus, start, end, amount, text, room (how far right the
    axis must reach). Parameters: `period`, first as given, and, where it is told by country, `country`.
    """
    import altair as alt

    roles = ["total", "plus", "minus"]
    labels = {role: language.text(f"bridge.role.{role}") for role in roles}
    steps = steps.assign(role=steps["role"].map(labels), right=steps[["start", "end"]].max(axis=1))
    chosen = "datum.period == period" + (" && datum.country == country" if by_country else "")
    base = alt.Chart(steps).transform_filter(chosen)
    y = alt.Y("label:N", sort=alt.SortField("step"), title=None,
              axis=alt.Axis(labelColor=INK, labelFontSize=12.5, domain=False, ticks=False, labelLimit=150))  # fmt: skip
    axis = alt.Axis(labelExpr=short_number(language, symbol=language.symbol), tickCount={"expr": "max(2, width / 110)"})
    colour = alt.Color(
        "role:N", scale=alt.Scale(domain=list(labels.values()), range=[BLUE, SKY, ORANGE]), legend=alt.Legend()
    )
    tips = [
        alt.Tooltip("label:N", title=language.text("bridge.part")),
        _money_tip("amount", language.text("bridge.amount")),
    ]
    bars = base.mark_bar(height={"band": 0.66}, minBandSize=2).encode(
        y=y, x=alt.X("start:Q", title=None, axis=axis), x2=alt.X2("end:Q"), color=colour, tooltip=tips
    )
    amounts = base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(
        y=y, x=alt.X("right:Q"), text=alt.Text("text:N")
    )
    room = base.mark_point(opacity=0, tooltip=None).encode(y=y, x=alt.X("room:Q"))
    filters = {"period": period, **({"country": ""} if by_country else {})}
    chart = alt.layer(bars, amounts, room).add_params(*(alt.param(name=n, value=v) for n, v in filters.items()))
    return styled(chart, title, STEP_HEIGHT * steps["part"].nunique())
