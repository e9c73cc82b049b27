"""Everything the report reads from a published version: the frames and what is in them.

Belongs here: one query per frame, exact sums made by DuckDB. Does not belong here: SQL (the modules of queries), words,
formats, charts. A table that a version does not hold gives an empty frame and is named in `absent`, unless only shops
with more sources have it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from pipelines.reporting import queries
from pipelines.reporting.margin_queries import MARGIN_QUERIES
from pipelines.reporting.periods import Period, periods
from pipelines.reporting.stock_queries import STOCK_QUERIES

ALL_QUERIES = {**queries.QUERIES, **MARGIN_QUERIES, **STOCK_QUERIES}


@dataclass(frozen=True)
class Readings:
    """What a version says. Frames, one row per (key):

    - kpis (period, span now|before, country; '' = all): net_revenue, net_sales, gross_sales, returns, orders, buyers,
      new_customers, units, aov, returns_share
    - days (country, date): age (days before `as_of`), state, revenue (null on closed days), average
    - bridge (period, country, part_no): part, leads_to, amount
    - quality (date): age and the row counts; quality_totals (period): the same sums and accounting_gap; quality_tables
      (period, source_table): the same sums
    - scorecard_days (date, source_table): age; scorecard (date, source_table, check_class), passes left out: age,
      status, finding, worst_rule, measured, lowest, highest; scorecard_totals (period): checks, and days, failed and
      warned days
    - cohorts (cohort_month, age_months): cohort_size, n_active, retention_rate, is_left_censored; known cells only
    - forecast (date): age (negative), mean, q10, q50, q90, naive, is_open, horizon, as_of, method
    - accuracy (subject, method): n, wape, bias, pinball, share_below_q10, share_above_q90, is_published, first, last
    - promised (date): promised, came, of the published revenue method
    - watch (product_id): description, name_local, last, previous, next, lower, upper, change; weeks (product_id,
      week 0..12): units
    - segments (segment), values (customer_id), scores (model, subject, method, measure): the published columns
    - margin_totals (period, span): sums, rates, orders and payments without an exchange rate; margin_bridge (period,
      part_no): part, leads_to, amount; margin_days (date): age, cm2, rates of the last 7 days
    - stock_days (location, date; '' = other locations): place by value, age, value, stockout_rate of the last 7 days;
      stock_totals (period, span): value at its end, stockout_rate; stock_outs (period, product_id, location_id): days
    - stock_pairs (product_id, location_id): names, units_on_hand, units_available, coming, value, out_since, per_day,
      is_forecast, cover_days (null: nothing sells), excess_value beyond 91 days
    """

    as_of: dt.date
    currency: str
    periods: tuple[Period, ...]
    countries: tuple[str, ...]
    absent: frozenset[str]
    frames: Mapping[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]


def read_version(con: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> Readings:
    """All frames of the version that `con` and `manifest` stand for."""
    as_of = dt.date.fromisoformat(manifest["watermark"])
    columns = set(con.execute("select table_name, column_name from information_schema.columns").fetchall())
    held = {table for table, _ in columns}
    first_day, currency, countries = _bounds(con, as_of)
    choices = periods(min(first_day, as_of), as_of)
    frames, absent = {}, set()
    for name, query in ALL_QUERIES.items():
        missing = [table for table in query.tables if table not in held]
        absent.update([] if query.is_extra else missing)
        if missing:
            frames[name] = pd.DataFrame()
            continue
        found = {name: place[1] if place in columns else "null" for name, place in query.optional.items()}
        sql = query.sql.format(spans=_spans(choices), periods=_spans(choices, only="now"), **found)
        arguments = {"as_of": as_of, "countries": list(countries)}
        frames[name] = con.execute(sql, {key: arguments[key] for key in arguments if f"${key}" in sql}).df()
    return Readings(as_of, currency, choices, countries, frozenset(absent), frames)


def _bounds(con: duckdb.DuckDBPyConnection, as_of: dt.date) -> tuple[dt.date, str, tuple[str, ...]]:
    found = con.execute(queries.BOUNDS, {"as_of": as_of}).fetchall()
    first_day, currency = found[0]
    countries = con.execute(queries.COUNTRIES, {"as_of": as_of}).fetchall()
    return first_day or as_of, currency or "", tuple(name for (name,) in countries)


def _spans(choices: tuple[Period, ...], only: str | None = None) -> str:
    rows = []
    for period in choices:
        for kind, span in (("now", period.span), ("before", period.before)):
            if span and only in (None, kind):
                rows.append(f"('{period.name}', '{kind}', date '{span.first}', date '{span.last}')")
    return f"(values {', '.join(rows)}) as spans(period, span, first_date, last_date)"
