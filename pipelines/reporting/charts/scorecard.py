"""The chart of the scorecard: one strip per class of checks, one cell per arrival day.

Does not belong here: rows per outcome (quality.py).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import BROWN, GREY, INK, ORANGE, dated, day_labels, styled
from pipelines.reporting.language import Language

if TYPE_CHECKING:
    import altair as alt

CLASSES = ("freshness", "volume", "schema", "distribution", "lineage")
STATUSES = ("pass", "warn", "fail", "not checked")
PALE = "#cfe1f1"
ROW_HEIGHT = 19
# Pixels: a finding of one day stays visible where a year is 300 pixels wide.
NARROWEST = 3.5


def scorecard_strips(
    days: pd.DataFrame, findings: pd.DataFrame, language: Language, *, shown: int
) -> alt.TopLevelMixin:
    """Strips of cells, passed ones as the ground and all others upon it. Parameter `days`: how many, first `shown`.

    `days` (date, source_table): age. `findings` (date, source_table, check_class), passes left out: age, status,
    finding.
    """
    import altair as alt

    tables = sorted(set(days["source_table"]))
    several = len(tables) > 1
    classes = {name: language.text(f"check_class.{name}") for name in CLASSES}
    prefix = "datum.source_table + ' · ' + " if several else ""
    rows = [f"{table} · {label}" if several else label for table in tables for label in classes.values()]
    statuses = {name: language.text(f"check_status.{name}") for name in STATUSES}
    scale = alt.Scale(domain=list(statuses.values()), range=[PALE, ORANGE, BROWN, GREY])
    y = alt.Y("row:N", title=None, sort=rows, scale=alt.Scale(domain=rows, paddingInner=0.16, paddingOuter=0.08),
              axis=alt.Axis(domain=False, ticks=False, labelColor=INK, labelLimit=170))  # fmt: skip
    x = alt.X("date:T", timeUnit="yearmonthdate", title=None, axis=alt.Axis(**day_labels(language)))
    colour = alt.Color("status:N", scale=scale, title=None, legend=alt.Legend())
    tips = [
        alt.Tooltip("date:T", title=language.text("quality.day"), format="%Y-%m-%d"),
        alt.Tooltip("row:N", title=language.text("scorecard.class")),
        alt.Tooltip("status:N", title=language.text("scorecard.status")),
    ]
    gap = alt.ExprRef("width / days > 5 ? 1 : 0")
    ground = (
        alt.Chart(dated(days)[["date", "age", "source_table"]])
        .transform_filter("datum.age < days")
        .transform_calculate(row=f"[{', '.join(prefix + json.dumps(label) for label in classes.values())}]")
        .transform_flatten(["row"])
        .transform_calculate(status=json.dumps(statuses["pass"]))
        .mark_rect(stroke="white", strokeWidth=gap)
        .encode(x=x, y=y, color=colour, tooltip=tips)
    )
    found = dated(findings).assign(status=findings["status"].map(statuses))
    places = zip(found["source_table"], found["check_class"], strict=True)
    found["row"] = [f"{table} · {classes[name]}" if several else classes[name] for table, name in places]
    found = found[["date", "age", "row", "status", "finding"]]
    marks = (
        alt.Chart(found)
        .transform_filter("datum.age < days")
        .mark_rect(minBandSize=NARROWEST, stroke="white", strokeWidth=gap)
        .encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[*tips, alt.Tooltip("finding:N", title=language.text("scorecard.rule"))],
        )
    )
    layers = alt.layer(ground, marks).add_params(alt.param(name="days", value=shown))
    return styled(layers, language.text("scorecard.chart"), ROW_HEIGHT * len(rows))
