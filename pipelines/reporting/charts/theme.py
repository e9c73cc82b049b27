"""What all charts share: colours, fonts, axes, number formats inside Vega.

Belongs here: looks. Does not belong here: a chart.
Colours are of the Okabe-Ito kind: blue and orange stay apart under every colour blindness, and in grey print.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipelines.reporting.language import Language

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, RULE, FAINT = "#1c2733", "#5b6875", "#d5dce3", "#eef2f5"
BLUE, SKY, ORANGE, SAND, BROWN, GREY = "#17598f", "#9cc4e4", "#c9580c", "#f3c48f", "#5e2703", "#8794a1"
MOST_IN_A_ROW = 3  # entries of a legend whose names come from the data
# Of lines and stacked parts, in this order.
SERIES_COLOURS = [BLUE, ORANGE, SKY, BROWN, GREY, SAND]
FONT = (
    "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, "
    "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)
NARROW = 520  # pixels of plot: below it labels are left out or wrapped


def styled(chart: alt.TopLevelMixin, description: str, height: int) -> alt.TopLevelMixin:
    """The chart with the common look, as wide as its container; a height per step would not go with that."""
    import altair as alt

    config = alt.Config(
        font=FONT,
        background="transparent",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=MUTED, titleColor=MUTED, gridColor=FAINT, domainColor=RULE, tickColor=RULE, labelFontSize=11.5,
            titleFontSize=11.5, titleFontWeight="normal", titlePadding=8, labelPadding=5, tickSize=4,
        ),
        axisQuantitative=alt.AxisConfig(tickCount=5),
        legend=alt.LegendConfig(
            orient="top", direction="horizontal", title=None, labelColor=INK, labelFontSize=12, symbolType="square",
            symbolSize=110, symbolOpacity=1, columnPadding=16, rowPadding=3, offset=8, labelLimit=240,
        ),
    )  # fmt: skip
    # Set in place: `properties` copies the chart with all its layers, which takes as long as making it.
    sized: Any = chart
    sized.width, sized.height, sized.description = "container", height, description
    sized.padding, sized.config = {"left": 2, "right": 6, "top": 4, "bottom": 2}, config
    return chart


def short_number(language: Language, value: str = "datum.value", symbol: str = "") -> str:
    """A Vega expression that writes `value` shortly: 1.5M and 150万, with `symbol` before it."""
    steps = ((1e8, "亿"), (1e4, "万")) if language.code == "zh" else ((1e9, "B"), (1e6, "M"), (1e3, "k"))
    size = f"abs({value})"
    expression = f"format({size}, ',.4~g')"
    for limit, unit in sorted(steps):
        expression = f"{size} >= {limit:.0f} ? format({size} / {limit:.0f}, ',.4~g') + '{unit}' : ({expression})"
    return f"({value} < 0 ? '−' : '') + '{symbol}' + ({expression})"


def day_labels(language: Language) -> dict[str, Any]:
    """Arguments of an axis of days: ISO dates in Chinese, day and month in English."""
    pattern = "%m-%d" if language.code == "zh" else "%-d %b"
    year = "%Y-%m-%d" if language.code == "zh" else "%-d %b %Y"
    first = f"timeFormat(datum.value, month(datum.value) == 0 && date(datum.value) <= 7 ? '{year}' : '{pattern}')"
    return {"labelExpr": first, "labelOverlap": True, "grid": False, "tickCount": {"expr": "max(3, width / 90)"}}


def day_bands(language: Language) -> alt.X:
    """The axis of days as wide as their bars or cells: labels stand under the middle of a day, not where it begins, and
    the end of the last day, which is the beginning of one that is not shown, has none."""
    import altair as alt

    labels = day_labels(language)
    shown = f"datum.value >= domain('x')[1] ? '' : {labels['labelExpr']}"
    half_day = {"expr": "width * 43200000 / (domain('x')[1] - domain('x')[0])"}
    axis = alt.Axis(**{**labels, "labelExpr": shown, "tickOffset": half_day})
    return alt.X("date:T", timeUnit="yearmonthdate", title=None, axis=axis)


def in_series(chart: alt.Chart, name: str, scale: alt.Scale, legend: alt.Legend) -> alt.Chart:
    """The chart with the colour of the series `name` on a scale that layers share."""
    import altair as alt

    coloured = chart.transform_calculate(series=json.dumps(name))
    return coloured.encode(color=alt.Color("series:N", title=None, scale=scale, legend=legend))


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `date` as text of local midnight, which browsers read as that day in every time zone."""
    return frame.assign(date=pd.to_datetime(frame["date"]).dt.strftime("%Y-%m-%dT00:00:00"))
