"""Which days of a period are not complete, as one sentence beside the figures that lack them.

Does not belong here: the list of all open deliveries with their reasons (the page on quality).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from pipelines.reporting.markup import Html, tag
from pipelines.reporting.periods import Period
from pipelines.reporting.sections import Context, Figure, figure

MOST_DAYS, MOST_TABLES = 4, 2


def open_days(context: Context, period: Period) -> Figure:
    """The newest open days of the period with the tables that lack a file, and how many more; empty without any.

    Days after the newest data belong to every period: on them nothing was let in.
    """
    language, span = context.language, period.span
    tables: dict[dt.date, list[str]] = defaultdict(list)
    for entry in context.manifest["facts"].get("open_days", []):
        day = dt.date.fromisoformat(entry["day"])
        if span.first <= day:
            tables[day].append(entry["table"])
    if not tables:
        return Figure("")
    told = []
    for day in sorted(tables, reverse=True)[:MOST_DAYS]:
        names = sorted(tables[day])
        what = language.text("list_separator").join(names)
        if len(names) > MOST_TABLES:
            what = language.text("open_days.tables", n=language.count(len(names)))
        told.append(language.text("open_days.day", day=language.date(day), what=what))
    if len(tables) > MOST_DAYS:
        told.append(language.text("open_days.more", n=language.count(len(tables) - MOST_DAYS)))
    return Figure(language.text("open_days.told", days=language.text("list_separator").join(told)), tone="bad")


def open_days_line(name: str, shown: Mapping[str, Figure]) -> Html:
    """The paragraph of the figure `name`."""
    return tag("p", figure(name, shown[name]), class_="told")
