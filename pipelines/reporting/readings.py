"""What the report reads from a published version: the form of a question, and asking them all.

Belongs here: running the queries of the pages, the span of the record, the scores of models, which pages of several
domains tell. Does not belong here: SQL of one domain (its report/queries.py), words, formats, charts. Sums are made by
DuckDB, exactly. A table that a version does not hold gives an empty frame and is named in `absent`, unless only shops
with more sources have it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd

from pipelines.reporting.periods import Period, periods


@dataclass(frozen=True)
class Query:
    """A statement and the published tables without which it cannot run.

    In it `{spans}` becomes a table of the periods and those before them (period, span now|before, first_date,
    last_date), `{periods}` of the periods alone; `$as_of` is the newest day, `$countries` the list of countries.
    `{name}` of `optional` becomes the (table, column) when the version holds it, else null. What `is_extra` is of shops
    with more sources: a version that lacks it lacks nothing.
    """

    tables: tuple[str, ...]
    sql: str
    optional: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    is_extra: bool = False


# Key (model, subject, method, measure), the published one of the methods first.
SCORES = Query(
    ("rpt_quality_model_scores",),
    """
    select as_of_date, model, subject, method, measure, value, is_published
    from rpt_quality_model_scores order by model, subject, is_published desc, method, measure
    """,
)
# Pages of several domains say which method is published.
SHARED = {"scores": SCORES}


@dataclass(frozen=True)
class Reads:
    """What a page reads: `queries` by the name of the frame; where the domain knows them, `record`, one row with the
    first day on record and the currency, and `countries`, the countries to choose from."""

    queries: Mapping[str, Query] = field(default_factory=dict)
    record: Query | None = None
    countries: Query | None = None


@dataclass(frozen=True)
class Readings:
    """What a version says to one page: `frames` by the names of its queries and of SHARED.

    `is_held` tells whether the version holds the tables of any query of the page's own.
    """

    as_of: dt.date
    currency: str
    periods: tuple[Period, ...]
    countries: tuple[str, ...]
    absent: frozenset[str]
    frames: Mapping[str, pd.DataFrame]
    is_held: bool = True

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]


def read_version(
    con: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], pages: Mapping[str, Reads]
) -> dict[str, Readings]:
    """The readings of every page, by its name as in `pages`, from the version that `con` and `manifest` stand for.

    The span of the record, its currency and the countries are those of the first page that knows them.
    """
    asked = _Asked(con, dt.date.fromisoformat(manifest["watermark"]))
    first_day, currency = asked.first(page.record for page in pages.values()) or (None, None)
    asks = next((page.countries for page in pages.values() if page.countries), None)
    countries = [name for (name,) in asked.rows(asks)]
    choices = periods(min(first_day or asked.as_of, asked.as_of), asked.as_of)
    shared = {name: asked.frame(query, choices, countries) for name, query in SHARED.items()}
    found = {}
    for name, page in pages.items():
        frames = {key: asked.frame(query, choices, countries) for key, query in page.queries.items()}
        absent = [asked.missing(query) for query in (*page.queries.values(), *SHARED.values()) if not query.is_extra]
        found[name] = Readings(
            asked.as_of,
            currency or "",
            choices,
            tuple(countries),
            frozenset(table for missing in absent for table in missing),
            {**shared, **frames},
            any(not asked.missing(query) for query in page.queries.values()),
        )
    return found


class _Asked:
    """A version as it is asked: what it holds, and its answers."""

    def __init__(self, con: duckdb.DuckDBPyConnection, as_of: dt.date) -> None:
        self.as_of, self._con = as_of, con
        held = con.execute("select table_name, column_name from information_schema.columns").fetchall()
        self._columns = set(held)
        self._tables = {table for table, _ in held}

    def missing(self, query: Query) -> list[str]:
        return [table for table in query.tables if table not in self._tables]

    def rows(self, query: Query | None) -> list[tuple[Any, ...]]:
        """Rows of a query that follows nothing but the newest day; none where its tables are not there."""
        if query is None or self.missing(query):
            return []
        return list(self._con.execute(query.sql, {"as_of": self.as_of}).fetchall())

    def first(self, queries: Iterable[Query | None]) -> tuple[Any, ...] | None:
        """The row of the first query that knows something."""
        return next((row for query in queries for row in self.rows(query) if row[0] is not None), None)

    def frame(self, query: Query, choices: tuple[Period, ...], countries: list[str]) -> pd.DataFrame:
        if self.missing(query):
            return pd.DataFrame()
        columns = {name: place[1] if place in self._columns else "null" for name, place in query.optional.items()}
        sql = query.sql.format(spans=_spans(choices), periods=_spans(choices, only="now"), **columns)
        arguments = {"as_of": self.as_of, "countries": countries}
        return self._con.execute(sql, {key: arguments[key] for key in arguments if f"${key}" in sql}).df()


def _spans(choices: tuple[Period, ...], only: str | None = None) -> str:
    rows = []
    for period in choices:
        for kind, span in (("now", period.span), ("before", period.before)):
            if span and only in (None, kind):
                rows.append(f"('{period.name}', '{kind}', date '{span.first}', date '{span.last}')")
    return f"(values {', '.join(rows)}) as spans(period, span, first_date, last_date)"
