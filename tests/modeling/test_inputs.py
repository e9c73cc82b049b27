"""Arguments that make no sense are refused with ValueError and one line, by the checks and by all that states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.domains.customers.segments import state_segments
from pipelines.domains.customers.values import state_customer_values
from pipelines.domains.inventory.forecast import forecast_demand
from pipelines.domains.inventory.selection import state_demand_forecasts
from pipelines.modeling.inputs import LONGEST_HORIZON, as_dates, as_day, as_horizon, as_numbers, checked_columns
from tests.domains.customers.planted_segments import AS_OF, random_days
from tests.domains.inventory.histories import END, many

CUSTOMER_DAYS = random_days(12, 40, 1)
HISTORY = many(n_series=2, n_days=10)
KINDS = HISTORY.assign(series_kind="product")
# name -> (call, rows, key, day and number columns, arguments)
STATING: dict[str, tuple[Callable[..., object], pd.DataFrame, tuple[str, str, str], dict[str, Any]]] = {
    "segments": (
        state_segments,
        CUSTOMER_DAYS,
        ("customer_id", "ordered_date", "net_sales_amount"),
        {"as_of": AS_OF},
    ),
    "values": (
        state_customer_values,
        CUSTOMER_DAYS,
        ("customer_id", "ordered_date", "net_sales_amount"),
        {"as_of": AS_OF},
    ),
    "forecast": (forecast_demand, HISTORY, ("series_id", "date", "demand"), {"as_of": END, "horizon": 3}),
    "forecasts": (
        lambda rows, **arguments: state_demand_forecasts(rows, None, **arguments),
        KINDS,
        ("series_id", "date", "demand"),
        {"as_of": END, "horizon": 3},
    ),
}
DAYS = {
    "with a zone": pd.Timestamp("2024-01-01", tz="Asia/Shanghai"),
    "none": None,
    "not a time": pd.NaT,
    "an empty text": "",
    "a word": "no day",
    "the clock's day": "today",
    "a number": 5,
    "a flag": True,
    "of 1700": dt.date(1700, 1, 1),
    "of 1700 as text": "1700-01-01",
    "of year 1": dt.date(1, 1, 1),
    "of 9999": dt.date(9999, 12, 31),
    "a list": [1],
    "a time of day": dt.time(3),
    "bytes": b"2024-01-01",
}
NUMBERS = ["7", None, 2.5, np.nan, np.inf, True, 0, -1, 10**9, 10**30, [3]]
Change = Callable[[pd.DataFrame, str, str, str], Any]
FRAMES: dict[str, Change] = {
    "no frame": lambda rows, key, day, number: None,
    "a list": lambda rows, key, day, number: [1],
    "numbered columns": lambda rows, key, day, number: rows.set_axis(range(rows.shape[1]), axis=1),
    "one numbered column": lambda rows, key, day, number: rows.assign(x=1).rename(columns={"x": 0}),
    "a number column twice": lambda rows, key, day, number: pd.concat([rows, rows[[number]]], axis=1),
    "a key column twice": lambda rows, key, day, number: pd.concat([rows, rows[[key]]], axis=1),
    "levels of columns": lambda rows, key, day, number: pd.concat({"a": rows}, axis=1),
    "no columns": lambda rows, key, day, number: pd.DataFrame(),
    "days of 1700": lambda rows, key, day, number: rows.assign(**{day: "1700-01-01"}),
    "a day of 1700": lambda rows, key, day, number: rows.assign(
        **{day: [dt.date(1700, 1, 1), *pd.to_datetime(rows[day]).dt.date[1:]]}
    ),
    "days with a zone": lambda rows, key, day, number: rows.assign(
        **{day: pd.to_datetime(rows[day]).dt.tz_localize("UTC")}
    ),
    "days as numbers": lambda rows, key, day, number: rows.assign(**{day: 5}),
    "days as flags": lambda rows, key, day, number: rows.assign(**{day: True}),
    "days as lists": lambda rows, key, day, number: rows.assign(**{day: [[1]] * len(rows)}),
    "days by the clock": lambda rows, key, day, number: rows.assign(**{day: "Today"}),
    "days in an order of their own": lambda rows, key, day, number: rows.assign(**{day: "03/04/2024"}),
    "no days": lambda rows, key, day, number: rows.assign(**{day: None}),
    "days as periods": lambda rows, key, day, number: rows.assign(**{day: pd.PeriodIndex(rows[day], freq="D")}),
    "words for numbers": lambda rows, key, day, number: rows.assign(**{number: "x"}),
    "lists for numbers": lambda rows, key, day, number: rows.assign(**{number: [[1]] * len(rows)}),
    "complex numbers": lambda rows, key, day, number: rows.assign(**{number: 1j}),
    "times for numbers": lambda rows, key, day, number: rows.assign(**{number: pd.Timestamp("2020-01-01")}),
    "spans for numbers": lambda rows, key, day, number: rows.assign(**{number: pd.Timedelta(days=1)}),
    "numbers beyond floats": lambda rows, key, day, number: rows.assign(**{number: 10**400}),
    "no keys": lambda rows, key, day, number: rows.assign(**{key: None}),
}


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ValueError) as error:
        call()
    text = str(error.value)
    assert text and "\n" not in text
    return text


@pytest.mark.parametrize("what", DAYS)
@pytest.mark.parametrize("stating", STATING)
def test_what_is_no_day_is_refused(stating: str, what: str) -> None:
    call, rows, _, arguments = STATING[stating]
    assert refused(lambda: call(rows, **{**arguments, "as_of": DAYS[what]})).startswith("as_of is ")


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize("stating", ["values", "forecast", "forecasts"])
def test_what_is_no_horizon_is_refused(stating: str, value: object) -> None:
    call, rows, _, arguments = STATING[stating]
    name = "horizon_days" if stating == "values" else "horizon"
    assert refused(lambda: call(rows, **{**arguments, name: value})).startswith(f"{name} is ")


@pytest.mark.parametrize("value", ["x", None, -1, 1.5])
@pytest.mark.parametrize("stating", STATING)
def test_what_is_no_seed_is_refused(stating: str, value: object) -> None:
    call, rows, _, arguments = STATING[stating]
    assert refused(lambda: call(rows, **arguments, seed=value)).startswith("seed is ")


@pytest.mark.parametrize("what", FRAMES)
@pytest.mark.parametrize("stating", STATING)
def test_frames_of_another_form_are_refused(stating: str, what: str) -> None:
    call, rows, columns, arguments = STATING[stating]
    found = refused(lambda: call(FRAMES[what](rows, *columns), **arguments))
    assert any(name in found for name in ("customer", "history"))


@pytest.mark.parametrize(
    "day", [dt.date(2024, 6, 28), dt.datetime(2024, 6, 28, 23), np.datetime64("2024-06-28T05"), "2024-06-28"]
)
def test_a_day_may_be_written_in_several_ways(day: Any) -> None:
    assert as_day(day) == pd.Timestamp("2024-06-28")


anything = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.dates(), st.datetimes()),
    *(st.datetimes(timezones=st.timezones()), st.times(), st.timedeltas(), st.complex_numbers(), st.decimals()),
    *(st.lists(st.integers()), st.dictionaries(st.text(), st.text()), st.builds(object)),
)


@settings(max_examples=300, deadline=None)
@given(anything)
def test_anything_is_a_day_and_a_number_or_refused_in_one_line(value: Any) -> None:
    checks: tuple[Callable[[], object], ...] = (lambda: as_day(value), lambda: as_horizon(value))
    for check in checks:
        try:
            found = check()
        except ValueError as error:
            assert str(error) and "\n" not in str(error)
        else:
            assert isinstance(found, pd.Timestamp) or 1 <= found <= LONGEST_HORIZON  # type: ignore[operator]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(anything, min_size=1, max_size=4))
def test_any_column_is_dates_and_numbers_or_refused_in_one_line(values: list[Any]) -> None:
    column = pd.Series(values, name="seen", dtype=object)
    for check, kind in ((as_dates, "datetime64[ns]"), (as_numbers, "float64")):
        try:
            found = check(column, "rows")
        except ValueError as error:
            assert str(error).startswith("rows.seen ") and "\n" not in str(error)
        else:
            assert found.dtype == kind and len(found) == len(values)


@given(st.lists(st.one_of(st.text(max_size=3), st.integers(0, 3)), max_size=4))
def test_columns_are_texts_and_stand_once(names: list[Any]) -> None:
    good = all(isinstance(name, str) for name in names) and len(set(names)) == len(names) and "a" in names
    frame = pd.DataFrame([range(len(names))], columns=pd.Index(names, dtype=object))
    if good:
        checked_columns(frame, ["a"], "rows")
    else:
        assert refused(lambda: checked_columns(frame, ["a"], "rows")).startswith("rows ")
