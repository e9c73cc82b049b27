"""The section my section: how much there was in the period, and what it amounted to day by day.

Belongs here: what is said and drawn. Does not belong here: reading (queries.py), words (texts.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import SERIES_COLOURS, dated, day_bands, short_number, styled
from pipelines.reporting.language import Language
from pipelines.reporting.sections import Context, Figure, Section, chart, empty_section, figure, lead, section

if TYPE_CHECKING:
    import altair as alt

NAME = "my_section"


def say(context: Context) -> Section:
    """What there was in the period, in a sentence that follows it, and a bar per day."""
    readings, language = context.readings, context.language
    days, totals = readings["my_section_days"], readings["my_section_totals"]
    if days.empty:
        return empty_section(context, NAME, "my_published")
    counts = dict(zip(totals["period"], language.counts(totals["n"]), strict=True))
    told = {name: Figure(language.text("my_section.lead", n=n)) for name, n in counts.items()}
    figures = {(name, ""): {"my_section.lead": one} for name, one in told.items()}
    shown = told[context.period.name]
    body = section(context, NAME, lead(figure("my_section.lead", shown)), chart(NAME))
    drawn = daily_amounts(days, language, shown=context.period.span.days)
    return Section(NAME, body, {NAME: drawn}, figures)


def daily_amounts(days: pd.DataFrame, language: Language, *, shown: int) -> alt.TopLevelMixin:
    """Amounts as bars, a colour per currency: amounts of two currencies are never added. `days` (currency, date): age,
    amount.

    Parameter `days`: how many days, first `shown`.
    """
    import altair as alt

    names = list(dict.fromkeys(days["currency"]))
    colour = alt.Color("currency:N", title=None, scale=alt.Scale(domain=names, range=SERIES_COLOURS[: len(names)]))
    bars = (
        alt.Chart(dated(days)[["date", "age", "currency", "amount"]])
        .transform_filter("datum.age < days")
        .mark_bar(width={"band": 1.0}, binSpacing=0, opacity=0.85)
        .encode(
            x=day_bands(language),
            y=alt.Y("amount:Q", title=None, stack=None, axis=alt.Axis(labelExpr=short_number(language))),
            color=colour,
            tooltip=[
                alt.Tooltip("date:T", title=language.text("day"), format="%Y-%m-%d"),
                alt.Tooltip("currency:N", title=language.text("my_section.currency")),
                alt.Tooltip("amount:Q", title=language.text("my_section.amount"), format=",.2f"),
            ],
        )
        .add_params(alt.param(name="days", value=shown))
    )
    return styled(bars, language.text("my_section.chart"), 210)
