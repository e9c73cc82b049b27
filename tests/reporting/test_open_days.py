"""The sentence on days of a period that are not complete: newest first, few, with the tables that lack a file."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import pytest

from pipelines.reporting.language import Language
from pipelines.reporting.open_days import open_days
from pipelines.reporting.periods import Period, Span
from pipelines.reporting.sections import Context

LAST = dt.date(2025, 5, 28)
FEBRUARY_ON = Period("d91", Span(dt.date(2025, 2, 27), LAST), None)


def told(language: str, *days: tuple[str, str], period: Period = FEBRUARY_ON) -> str:
    facts = {"open_days": [{"day": day, "table": table, "verdict": "missing", "reason": None} for day, table in days]}
    return open_days(Context(cast(Any, None), Language(language), {"facts": facts}, ()), period).text


def test_nothing_is_said_when_all_is_complete_or_lies_outside() -> None:
    assert told("en") == ""
    assert told("en", ("2025-02-26", "a.b")) == ""


def test_days_after_the_newest_data_belong_to_every_period() -> None:
    assert told("en", ("2025-05-29", "a.b")).startswith("Not complete: 2025-05-29 (a.b). ")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Not complete: 2025-05-02 (3 tables), 2025-05-01 (a.b, a.c). "),
        ("zh", "数据不完整：2025-05-02（3 张表）、2025-05-01（a.b、a.c）。"),
    ],
)
def test_days_are_named_with_their_tables(language: str, expected: str) -> None:
    of_second = [("2025-05-02", table) for table in ("a.b", "a.c", "a.d")]
    assert told(language, ("2025-05-01", "a.c"), *of_second, ("2025-05-01", "a.b")).startswith(expected)


def test_of_many_days_the_newest_are_named() -> None:
    text = told("en", *((f"2025-05-{day:02}", "a.b") for day in range(1, 11)))
    assert text.startswith(
        "Not complete: 2025-05-10 (a.b), 2025-05-09 (a.b), 2025-05-08 (a.b), 2025-05-07 (a.b), and 6 more."
    )
