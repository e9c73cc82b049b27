"""The chart of the scorecard: one strip per class of checks, or per table, and one cell per arrival day.

Does not belong here: rows per outcome (charts.py).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import BROWN, GREY, INK, ORANGE, dated, day_bands, styled
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
    finding. One table has a strip per class; several have one each, with the worst result of the day.
    """
    import altair as alt

    labels, cells = _by_table(days, findings, language) if has_several(days) else _by_class(findings, language)
    statuses = {name: language.text(f"check_status.{name}") for name in STATUSES}
    scale = alt.Scale(domain=list(statuses.values()), range=[PALE, ORANGE, BROWN, GREY])
    rows = list(labels.values())
    y = alt.Y("row:N", title=None, sort=rows, scale=alt.Scale(domain=rows, paddingInner=0.16, paddingOuter=0.08),
              axis=alt.Axis(domain=False, ticks=False, labelColor=INK, labelLimit=170))  # fmt: skip
    x = day_bands(language)
    # Names of tables leave less room for a legend than those of classes, on a telephone half of the page.
    legend = alt.Legend(columns=2) if has_several(days) else alt.Legend()
    colour = alt.Color("status:N", scale=scale, title=None, legend=legend)
    tips = [
        alt.Tooltip("date:T", title=language.text("quality.day"), format="%Y-%m-%d"),
        alt.Tooltip("row:N", title=language.text("quality.table" if has_several(days) else "scorecard.class")),
        alt.Tooltip("status:N", title=language.text("scorecard.status")),
    ]
    gap = alt.ExprRef("width / days > 5 ? 1 : 0")
    ground = alt.Chart(dated(days)[["date", "age", "source_table"]]).transform_filter("datum.age < days")
    if has_several(days):
        ground = ground.transform_calculate(row=f"{json.dumps(labels)}[datum.source_table]")
    else:
        ground = ground.transform_calculate(row=json.dumps(rows)).transform_flatten(["row"])
    ground = ground.transform_calculate(status=json.dumps(statuses["pass"])).mark_rect(stroke="white", strokeWidth=gap)
    found = dated(cells.assign(status=cells["status"].map(statuses)))
    marks = alt.Chart(found[["date", "age", "row", "status", "finding"]]).transform_filter("datum.age < days")
    finding = alt.Tooltip("finding:N", title=language.text("scorecard.rule"))
    layers = alt.layer(
        ground.encode(x=x, y=y, color=colour, tooltip=tips),
        marks.mark_rect(minBandSize=NARROWEST, stroke="white", strokeWidth=gap).encode(
            x=x, y=y, color=colour, tooltip=[*tips, finding]
        ),
    ).add_params(alt.param(name="days", value=shown))
    return styled(layers, language.text("scorecard.chart"), ROW_HEIGHT * len(rows))


def has_several(days: pd.DataFrame) -> bool:
    """Whether more than one table was checked."""
    return bool(days["source_table"].nunique() > 1)


def _by_class(findings: pd.DataFrame, language: Language) -> tuple[dict[str, str], pd.DataFrame]:
    """Labels of the strips, and the findings with the label of theirs."""
    classes = {name: language.text(f"check_class.{name}") for name in CLASSES}
    return classes, findings.assign(row=findings["check_class"].map(classes))


def _by_table(days: pd.DataFrame, findings: pd.DataFrame, language: Language) -> tuple[dict[str, str], pd.DataFrame]:
    """The same with a strip per table: the worst status of its classes, and the findings of that status. Not checked is
    a day on which no class was: few rows a day are too few for some classes, and such a table would never look well."""
    tables = sorted(set(days["source_table"]))
    short = {table: table.partition(".")[2] for table in tables}
    labels = short if len(set(short.values())) == len(tables) else {table: table for table in tables}
    of_day = findings.groupby(["date", "source_table", "status"])["check_class"].transform("count")
    found = findings[(findings["status"] != "not checked") | (of_day == len(CLASSES))]
    found = found.assign(rank=found["status"].map({"not checked": 0, "warn": 1, "fail": 2}))
    worst = found[found["rank"] == found.groupby(["date", "source_table"])["rank"].transform("max")]
    classes = worst["check_class"].map({name: language.text(f"check_class.{name}") for name in CLASSES})
    told = [f"{name}{language.text('colon')}{text}" if text else name
            for name, text in zip(classes, worst["finding"], strict=True)]  # fmt: skip
    cells = worst.assign(finding=told).groupby(["date", "age", "source_table", "status"], sort=True)["finding"]
    joined = cells.agg("; ".join).reset_index()
    return labels, joined.assign(row=joined["source_table"].map(labels))
