"""Time inside the simulator: whole seconds since midnight (shop's zone) of the first day, days as numbers from 0.

Does not belong here: what happens when. `NEVER` stands for a moment that does not come.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY, HOUR, MINUTE = 86_400, 3_600, 60
NEVER = 2**60


@dataclass(frozen=True)
class Zone:
    """A zone that a system's clock shows: its name, and the seconds by which it is ahead of UTC."""

    name: str
    seconds: int


SHOP = Zone("Asia/Shanghai", 8 * HOUR)  # no summer time since 1991
UTC = Zone("UTC", 0)


def day_of(seconds: Ints) -> Ints:
    """The number of the day on which a moment lies; of NEVER a number beyond every simulation."""
    return seconds // DAY


def time_in(zone: Zone, seconds: str, start: dt.date) -> str:
    """SQL: a column of seconds as the TIMESTAMP that a clock of the zone shows; null for NEVER."""
    first = _epoch(start) - SHOP.seconds + zone.seconds
    return f"make_timestamp(nullif({seconds}, {NEVER}) * 1000000 + {first * 1_000_000})"


def date_of_day(day: str, start: dt.date) -> str:
    """SQL: the DATE of a column of day numbers."""
    return f"(date '{start}' + ({day})::integer)"


def _epoch(start: dt.date) -> int:
    return (start - dt.date(1970, 1, 1)).days * DAY
