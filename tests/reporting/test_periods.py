from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reporting.periods import ALL, default_period, periods

LAST = dt.date(2024, 3, 31)


@given(st.integers(1, 2000))
def test_periods_end_with_the_record_and_compare_with_as_many_days_inside_it(days: int) -> None:
    first = LAST - dt.timedelta(days=days - 1)
    choices = periods(first, LAST)
    assert choices[-1].name == ALL
    assert choices[-1].span.first == first
    for choice in choices:
        assert choice.span.last == LAST
        assert choice.span.first >= first
        if choice.before:
            assert choice.before.days == choice.span.days
            assert choice.before.last == choice.span.first - dt.timedelta(days=1)
            assert choice.before.first >= first
        elif choice.name != ALL:
            assert choice.span.first - dt.timedelta(days=choice.span.days) < first
    assert default_period(choices) in choices


@pytest.mark.parametrize(
    ("days", "names", "default"),
    [(1, ["all"], "all"), (40, ["d28", "all"], "all"), (60, ["d28", "all"], "d28"),
     (200, ["d28", "d91", "all"], "d91"), (800, ["d28", "d91", "d365", "all"], "d91")],
)  # fmt: skip
def test_only_periods_that_the_record_fills_are_offered(days: int, names: list[str], default: str) -> None:
    choices = periods(LAST - dt.timedelta(days=days - 1), LAST)
    assert [choice.name for choice in choices] == names
    assert default_period(choices).name == default


def test_a_record_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before its first day"):
        periods(LAST, LAST - dt.timedelta(days=1))
