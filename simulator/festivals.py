"""The calendar of festivals: how much more is bought, how deep prices go, when the country rests.

Does not belong here: single promotions (prices.py) and who answers to them (demand.py). A function of the date alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# First day of the lunar year. Outside these years the shop knows no Spring Festival.
SPRING = {
    day.year: day
    for day in (
        dt.date(2020, 1, 25), dt.date(2021, 2, 12), dt.date(2022, 2, 1), dt.date(2023, 1, 22), dt.date(2024, 2, 10),
        dt.date(2025, 1, 29), dt.date(2026, 2, 17), dt.date(2027, 2, 6), dt.date(2028, 1, 26), dt.date(2029, 2, 13),
        dt.date(2030, 2, 3), dt.date(2031, 1, 23), dt.date(2032, 2, 11), dt.date(2033, 1, 31), dt.date(2034, 2, 19),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Festival:
    """name (Chinese), first and last day as (month, day), factor on all visits, how strongly hunters answer, depth of
    the festival's promotion (0: none)."""

    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    crowd: float
    hunters: float
    depth: float


FIXED = (
    Festival("元旦", (1, 1), (1, 3), 1.25, 5.0, 0.12),
    Festival("女神节", (3, 6), (3, 8), 1.3, 6.0, 0.15),
    Festival("五一", (4, 29), (5, 4), 1.15, 4.0, 0.10),
    Festival("618", (6, 12), (6, 18), 1.7, 11.0, 0.22),
    Festival("双十一", (11, 5), (11, 11), 2.0, 14.0, 0.25),
    Festival("双十二", (12, 10), (12, 12), 1.4, 8.0, 0.18),
)
NEW_YEAR_GOODS = Festival("年货节", (0, 0), (0, 0), 1.45, 9.0, 0.18)
QUIET = 0.35


def festival_on(day: dt.date) -> Festival | None:
    """The festival that a day belongs to; the New Year goods fair lies 14 to 5 days before Spring Festival."""
    spring = SPRING.get(day.year)
    if spring and 5 <= (spring - day).days <= 14:
        return NEW_YEAR_GOODS
    return next((f for f in FIXED if f.first <= (day.month, day.day) <= f.last), None)


def is_quiet(day: dt.date) -> bool:
    """Whether the country rests: from the eve of Spring Festival to its sixth day."""
    spring = SPRING.get(day.year)
    return spring is not None and -1 <= (day - spring).days <= 6


def span(day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the festival that `day` belongs to. Raises ValueError when it belongs to none."""
    found = festival_on(day)
    if found is None:
        raise ValueError(f"{day} belongs to no festival")
    first = last = day
    while festival_on(first - dt.timedelta(days=1)) is found:
        first -= dt.timedelta(days=1)
    while festival_on(last + dt.timedelta(days=1)) is found:
        last += dt.timedelta(days=1)
    return first, last
