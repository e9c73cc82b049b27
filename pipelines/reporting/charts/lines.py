"""Charts of rates over time, one line per series.

Does not belong here: amounts, which the charts of a domain draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import MOST_IN_A_ROW, SERIES_COLOURS, dated, day_labels, styled
from pipelines.reporting.language import Language

if TYPE_CHECKING:
    import altair as alt


def rate_lines(
    days: pd.DataFrame, language: Language, *, title: str, shown: int, from_zero: bool, height: int
) -> alt.TopLevelMixin:
    """Lines of shares. `days` (series, date), series in the order of the legend: age, rate (null: the line is broken).
    A series is named in one line.

    Parameter `days`: how many days, first `shown`. Without `from_zero` the axis begins near the lowest rate. Pointing
    at a day tells all rates of that day.
    """
    import altair as alt

    names = list(dict.fromkeys(days["series"]))
    wide = days.pivot(index=["date", "age"], columns="series", values="rate").reset_index()
    tips = [alt.Tooltip("date:T", title=language.text("day"), format="%Y-%m-%d")]
    # Names come from the data, such as a location with a point in it; fields do not.
    fields = {f"rate{number}": name for number, name in enumerate(names)}
    wide = dated(wide.rename(columns={name: field for field, name in fields.items()}))
    tips += [alt.Tooltip(f"{field}:Q", title=name, format=".1%") for field, name in fields.items()]
    x = alt.X("date:T", timeUnit="yearmonthdate", title=None, axis=alt.Axis(**day_labels(language)))
    rows = dated(days)[["date", "age", "series", "rate"]]
    colour = alt.Color(
        "series:N", title=None, sort=names, scale=alt.Scale(domain=names, range=SERIES_COLOURS[: len(names)]),
        legend=alt.Legend(columns=MOST_IN_A_ROW, symbolType="stroke", symbolStrokeWidth=3),
    )  # fmt: skip
    y = alt.Y("rate:Q", title=None, axis=alt.Axis(format="~%"), scale=alt.Scale(zero=from_zero, nice=True))
    lines = alt.Chart(rows).transform_filter("datum.age < days").mark_line(strokeWidth=2)
    lines = lines.encode(x=x, y=y, color=colour)
    pointed = alt.selection_point(
        name="pointed", on="pointerover", clear="pointerout", fields=["age"], nearest=True, empty=False
    )
    rule = alt.Chart(wide).transform_filter("datum.age < days").mark_rule(color="#8794a1", strokeWidth=1)
    rule = rule.encode(
        x=x, tooltip=tips, opacity=alt.condition(pointed, alt.value(0.8), alt.value(0))
    ).add_params(pointed)  # fmt: skip
    chart = alt.layer(lines, rule).add_params(alt.param(name="days", value=shown))
    return styled(chart, title, height)
