"""Checks of what the domains' models are called with: one clear line in place of an error from deep inside.

Belongs here: days, whole numbers, and the form of a frame and its columns. Does not belong here: what a domain's rows
mean (each domain checks its own keys and values).

Every function raises ValueError with one line that says what is wrong, where, and what to give instead.
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

AsOf = dt.date | pd.Timestamp | str

# Timestamps in nanoseconds end in 1677 and 2262; the longest horizon, 70 years of weeks, fits between these and those.
FIRST_YEAR, LAST_YEAR = 1900, 2150
LONGEST_HORIZON = 3660
# What pandas takes for a date although it is another one tomorrow.
CLOCK_WORDS = ("now", "today")
LARGEST_SEED = 2**31 - 1


def as_day(value: AsOf, name: str = "as_of") -> pd.Timestamp:
    """The calendar day of a date, of a time without zone, or of an ISO text, as a timestamp at midnight.

    A time with a zone is refused, as its day depends on the zone; so are words like 'today', which would read the
    clock.
    """
    wanted = f"{name} is {_shown(value)}: give a day such as 2011-12-09"
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError(wanted) from error
    if not isinstance(value, dt.date | np.datetime64) or pd.isna(value):
        raise ValueError(wanted)
    if getattr(value, "tzinfo", None) is not None:
        raise ValueError(f"{name} is {_shown(value)}, with a time zone: give the shop's calendar day")
    try:
        day = pd.Timestamp(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(wanted) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{name} is {_shown(value)}: give a day from {FIRST_YEAR} to {LAST_YEAR}")
    return day.normalize().as_unit("ns")


def whole_number(value: Any, name: str, *, least: int, most: int) -> int:
    """`value` as an int between `least` and `most`; 3.0 counts as 3, a text or a bool as no number."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_) and math.isfinite(value)
    if not is_number or value != math.floor(value) or not least <= value <= most:
        raise ValueError(f"{name} is {_shown(value)}: give a whole number from {least} to {most}")
    return operator.index(math.floor(value))


def as_horizon(value: Any, name: str = "horizon") -> int:
    """A number of periods to look ahead, at least 1."""
    return whole_number(value, name, least=1, most=LONGEST_HORIZON)


def as_seed(value: Any) -> int:
    """A seed that numpy and LightGBM both take."""
    return whole_number(value, "seed", least=0, most=LARGEST_SEED)


def checked_columns(frame: Any, columns: Sequence[str], name: str) -> None:
    """Refuse what is no frame, lacks one of `columns`, or has column names that are no texts or stand twice."""
    needs = f"it needs {', '.join(columns)}"
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"{name} is a {type(frame).__name__}, not a pandas DataFrame: {needs}")
    odd = [column for column in frame.columns if not isinstance(column, str)]
    if odd:
        raise ValueError(f"{name} has the column name {_shown(odd[0])}, which is no text: {needs}")
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ValueError(f"{name} has the column {_shown(twice[0])} twice: {needs}, each once")
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(f"{name} lacks the column {missing[0]}: {needs}")


def as_dates(values: pd.Series, name: str) -> pd.Series:
    """The calendar days of a column of dates, times without zone or ISO texts, as datetime64[ns]; missing is NaT."""
    types = pd.api.types
    if types.is_numeric_dtype(values.dtype) and values.notna().any():
        raise ValueError(f"{name}.{values.name} holds numbers ({values.dtype}): give dates")
    is_text = values.dtype.kind == "O"
    if is_text and any(isinstance(value, str) and value.strip().lower() in CLOCK_WORDS for value in values):
        raise ValueError(f"{name}.{values.name} holds a word that would read the clock: give dates")
    try:
        dates = pd.to_datetime(values, format="ISO8601" if is_text else None)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{name}.{values.name} holds a date that cannot be read: {_first_line(error)}") from error
    if not types.is_datetime64_any_dtype(dates.dtype):
        raise ValueError(f"{name}.{values.name} holds {dates.dtype}: give dates")
    if getattr(dates.dt, "tz", None) is not None:
        raise ValueError(f"{name}.{values.name} has a time zone: give the shop's calendar days")
    outside = dates.notna() & ~dates.dt.year.between(FIRST_YEAR, LAST_YEAR)
    if outside.any():
        first = str(dates[outside].iloc[0])[:10]
        raise ValueError(f"{name}.{values.name} holds {first}: give days from {FIRST_YEAR} to {LAST_YEAR}")
    return dates.dt.normalize().astype("datetime64[ns]")


def as_numbers(values: pd.Series, name: str) -> pd.Series:
    """A column of numbers of any type (DECIMAL and texts of numbers too) as float64; a missing one is NaN."""
    wrong = f"{name}.{values.name} holds {values.dtype}: give numbers"
    types = pd.api.types
    if types.is_complex_dtype(values.dtype) or types.is_datetime64_any_dtype(values.dtype) or _is_span(values):
        raise ValueError(wrong)
    try:
        return values.astype("float64")
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{name}.{values.name} holds what is no number: {_first_line(error)}") from error


def _is_span(values: pd.Series) -> bool:
    return pd.api.types.is_timedelta64_dtype(values.dtype) or isinstance(values.dtype, pd.PeriodDtype)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _shown(value: object) -> str:
    """The value in one short line."""
    text = str(value) if isinstance(value, dt.date | np.datetime64) and not pd.isna(value) else repr(value)
    return " ".join(text.split())[:80]
