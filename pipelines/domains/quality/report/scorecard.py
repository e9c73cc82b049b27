"""The scorecard of data quality: five classes of checks per source table and arrival day, and what they found.

Belongs here: the part of the section on quality that tells it. Does not belong here: rows per outcome (deliveries.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipelines.domains.quality.report.strips import has_several, scorecard_strips
from pipelines.reporting.language import UNKNOWN, Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.sections import Context, Figure, chart, figure, note

# The key figures are to be in sight on the first screen or just below; older findings stand in the published table.
SHOWN_FINDINGS = 4


def scorecard(context: Context) -> tuple[list[Html | None], dict[str, Any], dict[tuple[str, str], dict[str, Figure]]]:
    """Content, charts and figures; all empty where a version has no scorecard or no day was judged."""
    language, readings = context.language, context.readings
    days, found = readings["scorecard_days"], readings["scorecard"]
    if days.empty:
        return [], {}, {}
    told = {row["period"]: _told(row, language) for row in readings["scorecard_totals"].to_dict("records")}
    none = Figure(language.text("scorecard.none"))
    figures = {(p.name, ""): {"quality.scorecard": told.get(p.name, none)} for p in readings.periods}
    several = has_several(days)
    content = [
        tag("h4", language.text("scorecard.chart")),
        tag("p", figure("quality.scorecard", figures[context.period.name, ""]["quality.scorecard"]), class_="told"),
        chart("scorecard"),
        note(language.text("scorecard.by_table")) if several else None,
        note(language.text("scorecard.note")),
        *_findings(found[found["status"].isin(["warn", "fail"])], language, several=several),
    ]
    drawn = scorecard_strips(days, found[found["age"] >= 0], language, shown=context.period.span.days)
    return content, {"scorecard": drawn}, figures


def _told(row: Mapping[Any, Any], language: Language) -> Figure:
    counts = {name: language.count(row[name]) for name in ("checks", "days", "failed", "warned")}
    if not row["failed"] + row["warned"]:
        return Figure(language.text("scorecard.clean", checks=counts["checks"], days=counts["days"]))
    return Figure(language.text("scorecard.found", **counts), tone="bad" if row["failed"] else "")


def _findings(found: pd.DataFrame, language: Language, *, several: bool) -> list[Html]:
    if found.empty:
        return [note(language.text("scorecard.no_findings"))]
    rows = []
    for row in found.sort_values(["date", "status"], ascending=[False, True]).head(SHOWN_FINDINGS).to_dict("records"):
        cells = [
            language.date(row["date"].date()),
            language.label("check_class", row["check_class"]),
            tag(
                "span",
                language.label("check_status", row["status"]),
                data_tone="bad" if row["status"] == "fail" else "",
            ),
            tag("code", row["worst_rule"]),
            _number(row["measured"]),
            _range(row["lowest"], row["highest"]),
        ]
        rows.append([*cells[:1], row["source_table"], *cells[1:]] if several else cells)
    names = ["quality.day", *(["quality.table"] if several else [])]
    names += [f"scorecard.{name}" for name in ("class", "status", "rule", "measured", "range")]
    head = [language.text(name) for name in names]
    title = language.text("scorecard.findings")
    more = len(found) - SHOWN_FINDINGS
    listed = [tag("h4", title), table(title, head, rows, texts=len(head) - 2, class_="findings")]
    return [*listed, note(language.text("scorecard.more", n=language.count(more)))] if more > 0 else listed


def _number(value: float) -> str:
    return UNKNOWN if pd.isna(value) else f"{value:.4g}"


def _range(lowest: float, highest: float) -> str:
    if pd.isna(highest):
        return UNKNOWN if pd.isna(lowest) else f"≥ {lowest:.4g}"
    if pd.isna(lowest):
        return f"≤ {highest:.4g}"
    return f"{lowest:.4g}" if lowest == highest else f"{lowest:.4g} … {highest:.4g}"
