"""A shop of a few days: too little history is said in words, and nothing rests on hardly anything."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pipelines.domains.sales.report.charts import revenue_forecast
from pipelines.reporting.language import UNKNOWN, Language
from pipelines.reporting.sections import Section
from tests.reporting.browser import Report
from tests.reporting.pages import Reader, made, readings_of, section_of, speaks, told_in, young_file
from tests.reporting.published_file import empty_file, published_file

pytestmark = pytest.mark.slow


def young_section(days: int, name: str, n_customers: int = 60) -> Section:
    found = section_of(young_file(days, n_customers), name)
    assert found is not None
    return found


@pytest.mark.parametrize("days", [3, 10])
def test_before_four_weeks_nobody_is_a_champion(days: int) -> None:
    told = told_in(young_file(days), "segments")
    assert "Too little history" in told and f"{days} days" in told
    assert not young_section(days, "segments").charts
    for words in (told, told_in(young_file(days), "value")):
        assert not any(name in words for name in ("Champions", "Loyal", "At risk", "Hibernating"))


def test_from_four_weeks_on_the_groups_are_shown_with_a_caution_until_ninety_days() -> None:
    assert "40 days on record" in told_in(young_file(40), "segments")
    assert "on record" not in told_in(published_file(days=120), "segments")


@pytest.mark.parametrize("name, method", [("revenue", "same weekday last week"), ("watch", "same weekday last week"),
                                          ("value", "own past rate")])  # fmt: skip
def test_what_nothing_was_held_against_yet_says_so(name: str, method: str) -> None:
    told = told_in(young_file(40), name)
    assert "too short to compare" in told and method in told
    assert "too short to compare" not in told_in(published_file(days=120), name)


def test_a_version_without_a_table_of_scores_claims_nothing() -> None:
    con = young_file(40)
    con.execute("drop table rpt_quality_model_scores")
    assert "too short to compare" not in told_in(con, "revenue")


@pytest.mark.parametrize("n_customers, is_drawn", [(9, False), (10, True)])
def test_tenths_are_drawn_from_ten_customers_on(n_customers: int, is_drawn: bool) -> None:
    made_section = young_section(40, "value", n_customers)
    assert ("value" in made_section.charts) == is_drawn
    assert ("expected to buy for" in Reader(made_section.body).text()) != is_drawn


def test_tenths_of_nothing_are_not_drawn() -> None:
    con = young_file(40)
    con.execute("update rpt_customers_values set expected_amount = 0, lower = 0, upper = 0")
    values = section_of(con, "value", "zh")
    assert values is not None
    assert "value" not in values.charts


def test_shares_of_one_scored_day_are_not_told() -> None:
    told = told_in(young_file(40), "accuracy")
    assert "100.0%" not in told and "from 10 scored days on" in told
    assert "scored days on" not in told_in(published_file(days=120), "accuracy")


def test_a_published_rival_is_no_rival_of_itself() -> None:
    for con, is_drawn in ((young_file(40), False), (published_file(days=120), True)):
        readings = readings_of(con)
        drawn = revenue_forecast(readings["days"], readings["forecast"], speaks("en"), shown=28)
        assert ("Rival: same weekday last week" in drawn.to_json()) == is_drawn


def test_a_column_has_one_unit() -> None:
    for code in ("en", "zh"):
        language = Language(code, "GBP")
        assert language.counts([9876, 12345, None, -3, math.nan]) == ["9,876", "12,345", UNKNOWN, "−3", UNKNOWN]
        assert language.amounts([0.5, 99.994]) == ["£0.50", "£99.99"]
        assert language.amounts([0.5, 100, None, -12345.6]) == ["£0", "£100", UNKNOWN, "−£12,346"]


def test_the_head_in_chinese_has_a_chinese_comma() -> None:
    assert "版本 v0007，发布于" in Reader(made(empty_file(), "zh")).text().replace(" ，", "，").replace("， ", "，")


@pytest.mark.browser
@pytest.mark.needs("chromium")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_country_with_a_very_long_name_does_not_widen_the_page(report: Report, tmp_path: Path, width: int) -> None:
    con = published_file()
    con.execute("update fct_orders set country = ? where country = 'France'", ["Lands " + "of the far north " * 12])
    file = tmp_path / "page.html"
    file.write_text(made(con, "en"), encoding="utf-8")
    report.open(file, width=width)
    assert report.run("document.getElementById('country').getBoundingClientRect().right") <= width
    assert report.run("document.getElementById('country').offsetWidth") <= max(300, width - 30)
    assert report.run("document.documentElement.scrollWidth") <= width
