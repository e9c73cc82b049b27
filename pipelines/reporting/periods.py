"""The periods that a reader can choose, and the equally long ones before them.

Belongs here: dates only. Does not belong here: figures of a period (the pages of the domains).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# Multiples of 7 hold every weekday equally often, so they compare fairly; a year is what people ask for.
LENGTHS = (("d28", 28), ("d91", 91), ("d365", 365))
ALL = "all"


@dataclass(frozen=True)
class Span:
    """The days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Period:
    """A choice: its name, its days, and the span before it when that lies wholly on record."""

    name: str
    span: Span
    before: Span | None


def periods(first_day: dt.date, last_day: dt.date) -> tuple[Period, ...]:
    """The choices for a record of these days: those shorter than it, then all of it."""
    if last_day < first_day:
        raise ValueError(f"the record ends on {last_day}, before its first day {first_day}")
    record = Span(first_day, last_day)
    found = []
    for name, days in LENGTHS:
        if days < record.days:
            span = Span(last_day - dt.timedelta(days=days - 1), last_day)
            before = Span(span.first - dt.timedelta(days=days), span.first - dt.timedelta(days=1))
            found.append(Period(name, span, before if before.first >= first_day else None))
    return (*found, Period(ALL, record, None))


def default_period(choices: tuple[Period, ...]) -> Period:
    """What the page opens with: the longest period that has one before it, at best a quarter; else all."""
    comparable = [period for period in choices if period.before and period.span.days <= 91]
    return comparable[-1] if comparable else choices[-1]
