"""The section my section against its rows: the sentence follows the period, every day is drawn."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from pipelines.domains.my_domain.report.my_section.texts import TEXTS
from tests.reporting.contract_tables import create_tables
from tests.reporting.pages import drawn_of, figures_of, readings_of, speaks, told_in
from tests.reporting.published_file import AS_OF

NAME, N_DAYS = "my_section", 100
COLUMNS = ("my_day", "amount_currency", "my_count", "my_amount")


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """A hundred days, the newest with a row in another currency, and one that is not to be known yet."""
    file = duckdb.connect()
    create_tables(file, "my_published")
    rows = [(AS_OF - dt.timedelta(days=age), "CNY", age + 1, age + 0.5) for age in range(-1, N_DAYS)]
    file.executemany(
        f"insert into my_published ({', '.join(COLUMNS)}) values (?, ?, ?, ?)",
        [*rows, (AS_OF, "USD", 7, 70.0)],
    )
    return file


def test_the_sentence_follows_the_period(con: duckdb.DuckDBPyConnection) -> None:
    figures = figures_of(con, NAME)
    for period in readings_of(con).periods:
        n_days = min((AS_OF - period.span.first).days + 1, N_DAYS)
        n = 7 + n_days * (n_days + 1) // 2
        said = TEXTS["my_section.lead"].en.format(n=speaks("en").count(n))
        assert figures[f"{period.name}|"]["my_section.lead"][0] == said


def test_every_day_up_to_the_newest_is_drawn(con: duckdb.DuckDBPyConnection) -> None:
    drawn = drawn_of(con, NAME)
    rows = [row for key in drawn.uses[NAME] for row in drawn.datasets[key]]
    assert sum(row["amount"] for row in rows) == 70 + sum(age + 0.5 for age in range(N_DAYS))
    assert {row["currency"] for row in rows} == {"CNY", "USD"}
    assert drawn.follows[NAME] == ["days"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_shop_without_a_row_is_told_so(language: str) -> None:
    file = duckdb.connect()
    create_tables(file, "my_published")
    said = getattr(TEXTS["my_section.empty"], language)
    assert said in told_in(file, NAME, language)
