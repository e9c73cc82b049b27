"""The chart of data quality.

Does not belong here: what the shop sold (money.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import BROWN, ORANGE, SAND, dated, day_bands, short_number, styled
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
