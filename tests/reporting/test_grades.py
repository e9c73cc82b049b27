"""Grades on the page: what fails first, what passes together, and nothing where nothing was graded."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.reporting.pages import TEXTS, Reader, section_of, told_in
from tests.reporting.published_file import HOSTILE, published_file
from tests.reporting.stocked_file import FATES, GRADES, stocked_file

pytestmark = pytest.mark.slow


def grade(measure: str, value: float | None, bar: float, passes: bool, **more: Any) -> dict[str, Any]:
    return {"capability": "money", "measure": measure, "value": value, "bar": bar, "pass": passes, **more}


def told(*grades: dict[str, Any], name: str = "grades") -> str:
    return told_in(published_file(30), name, grades=grades)


def test_without_grades_nothing_is_said_of_them() -> None:
    assert told() == ""
    assert TEXTS["fates.title"].en not in told(name="quality")


def test_failures_come_first_and_are_counted() -> None:
    text = told(*GRADES)
    assert TEXTS["grades.lead_failed"].en.format(passed=40, n=43, failed=3) in text
    assert text.count("✗") == 3
    places = [text.index(name) for name in ("Bad and late data", "Stock and fulfilment", "Demand forecast", "Money")]
    assert places == sorted(places)
    first = text.index("share of planted rows that met the right fate")
    assert text.index("✗ 97.1% at least 99%") < text.index("100% at least 99%", first)
    passing = [g for g in GRADES if g["pass"]]
    assert TEXTS["grades.lead"].en.format(n=len(passing)) in told(*passing)
    assert "✗" not in told(*passing)


def test_passing_grades_that_differ_in_one_word_are_one_row_with_their_range() -> None:
    days = {"en": "days that differ", "zh": "不符的天数"}
    words = {"gmv": {"en": "orders placed", "zh": "成交总额"}, "cm2": {"en": "margin", "zh": "毛利"}}
    rows = [
        grade(f"{name}: days off", n, 5, True, texts={"measure": [text, days]})
        for n, (name, text) in enumerate(words.items())
    ]
    assert "days that differ orders placed, margin 0 – 1 at most 5" in told(*rows)
    other = {**grade("cm1: days off", 2, 3, True), "texts": {"measure": [words["cm2"], days]}}
    assert "margin: days that differ 2 at most 3" in told(*rows, other)


def test_a_rule_to_beat_stands_beside_the_bar() -> None:
    rule = {"en": "last week's sales", "zh": "沿用上周销量", "value": 0.52}
    ruled = grade("off by", 0.31, 0.4, True, sense="at most", is_share=True, rule=rule)
    assert "31% at most 40%, to beat: last week's sales 52%" in told(ruled)
    assert "且不逊于：沿用上周销量 52%" in told_in(published_file(30), "grades", "zh", grades=[ruled])


@pytest.mark.parametrize(
    ("value", "bar", "passes", "expected"),
    [(3, 5, True, "at most 5"), (7, 5, False, "at most 5"), (7, 5, True, "at least 5"), (3, 5, False, "at least 5"),
     (0, 0, True, "at most 0"), (1, 1, True, "at least 1"), (None, 5, False, "5"), (2, 2, True, "2")],
)  # fmt: skip
def test_the_direction_of_a_bar_follows_from_the_verdict(
    value: float | None, bar: float, passes: bool, expected: str
) -> None:
    shown = "not measured" if value is None else f"{value:g}"
    assert f"{shown} {expected}" in told(grade("of its own", value, bar, passes))


def test_a_direction_that_is_told_stands() -> None:
    assert "2 at most 2" in told(grade("of its own", 2, 2, True, sense="at most"))


@pytest.mark.parametrize(
    ("measure", "value", "expected"),
    [("a share", 0.99, "99%"), ("a share", 0.00004, "0.004%"), ("a share", 1.0, "100%"),
     ("a share", 0.99999, "99.999%"), ("a count", 12345.0, "12,345"), ("an index", 0.31, "0.31"),
     ("an index", math.pi, "3.142"), ("a share", 0.20847, "20.8%")],
)  # fmt: skip
def test_values_have_the_digits_that_say_something(measure: str, value: float, expected: str) -> None:
    assert f" {expected} at least " in told(grade(measure, value, value / 2, True, is_share=measure == "a share"))


def test_a_value_is_never_rounded_to_the_bar_that_it_misses() -> None:
    assert "✗ 98.96% at least 99%" in told(grade("a share", 0.98961, 0.99, False, is_share=True))


def test_fates_stand_beside_the_counts_of_rows_worst_first() -> None:
    con = stocked_file(30)
    text = told_in(con, "quality", grades=GRADES)
    block = text[text.index("let in.") : text.index(TEXTS["scorecard.chart"].en)]
    assert TEXTS["fates.told"].en.format(right=16, n=17) in text
    names = [g["texts"]["measure"][1]["en"] for g in GRADES[: len(FATES)]]
    assert all(name in block for name in names)
    assert block.index("waiting row") == min(block.index(name) for name in names)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_measures_are_told_in_words_of_the_language(language: str) -> None:
    text = told_in(published_file(30), "grades", language, grades=GRADES)
    words = {text[language] for g in GRADES for text in (g["texts"]["capability"], *g["texts"]["measure"])}
    assert all(word in text for word in words)
    if language == "zh":
        raw = {part for g in GRADES for part in g["measure"].split(": ")} | {g["capability"] for g in GRADES}
        assert not any(part in text for part in raw if part not in ("gmv", "orphan"))


def test_measures_without_words_stand_as_they_are_and_stay_text() -> None:
    section = section_of(published_file(30), "grades", grades=[grade(HOSTILE, 1, 2, True)])
    assert section is not None
    assert "<img src=x onerror=alert(1)>" in Reader(section.body).text("grades")
    assert not any(name == "img" for name, _ in Reader(section.body).elements)
