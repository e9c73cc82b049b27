"""Grades of the demand forecast: against what would have been bought, which no system of the shop records.

Belongs here: the newest published forecast against the true demand of the days after it. Does not belong here: making
forecasts; the ones that were learnt from sales alone are handed in, for comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.grading.evidence import LEAST_DAYS, Evidence
from simulator.grading.grades import Grade, Marks, Printed

# A forecast that loses to repeating last week's sales is worth nothing. Four months know neither the season nor the
# festivals of the month that follows: what is asked for then was 3 to 9 % more than before on the seeds looked at, and
# forecasts lay 6 to 21 % too low; a forecast in other units is off by far more. An interval that should hold 80 % of
# the days may be off by 10 points: demand that is never seen whole is wider than sales.
WORST_RATIO, LARGEST_BIAS, COVERAGE, COVERAGE_OFF = 1.0, 0.25, 0.8, 0.10
# What was wanted on days when a shelf ran empty must be known within a quarter. On 16 seeds 95 % of it is known, with
# a standard deviation of 5.7 points (89 to 106 %): a few wholesale orders want much more than the shelf holds, and no
# file tells it (a third of this demand with seed 11). Sales alone hold 42 to 51 %. (The totals of forecasts are no
# measure of that: training moves them by one or two per cent, the demand lost to empty shelves is three.)
FOUND_OFF = 0.25
PUBLISHED = """
    create or replace temp view forecast as
    select series_id, target_date, mean, q10, q90 from published.rpt_inventory_demand_forecast
    where series_kind = 'sku_location'
"""
# Every pair of the truth that was there four weeks before, on every day ahead, whatever was published of it; the
# rival is what was sold on the same weekday last.
PAIRS = """
    create or replace temp table ahead as
    with last as (select max(date) as day from key.demand),
    old as (
        select sku, location_id from key.demand group by all having min(date) <= (select day - 28 from last)
    )
    select k.sku || '@' || k.location_id as series_id, k.date as target_date, k.true_demand,
        coalesce(d.sold, 0) as rival
    from key.future_demand as k
    inner join old using (sku, location_id)
    left join key.demand as d
        on k.sku = d.sku and k.location_id = d.location_id
        and d.date = k.date - (7 * ceil((k.date - (select day from last)) / 7))::integer
"""
SCORES = """
    select
        count(*)::double as n, sum(abs(coalesce(f.mean, 0) - k.true_demand)) / nullif(sum(k.true_demand), 0) as wape,
        sum(abs(k.rival - k.true_demand)) / nullif(sum(k.true_demand), 0) as naive_wape,
        (sum(coalesce(f.mean, 0)) - sum(k.true_demand)) / nullif(sum(k.true_demand), 0) as bias,
        avg(coalesce((k.true_demand between f.q10 and f.q90)::int, 0)) as coverage
    from ahead as k left join {forecast} as f using (series_id, target_date)
"""
MISSING = """
    with told as (
        select series_id, target_date, count(*) as n, count(mean) as n_means, count(q10) as n_lows,
            count(q90) as n_highs
        from forecast group by all
    )
    select count(*) filter (where (n, n_means, n_lows, n_highs) is distinct from (1, 1, 1, 1))
    from ahead left join told using (series_id, target_date)
"""
FOUND = """
    select sum(l.demand) / sum(k.true_demand) as found, sum(k.sold) / sum(k.true_demand) as sold, count(*) as days
    from learnt as l inner join key.demand as k on l.series_id = k.sku || '@' || k.location_id and l.date = k.date
    where k.is_stockout
"""
Scores = Mapping[str, float]


def grade_demand(evidence: Evidence, files: tuple[Path, Path] | None) -> Marks:
    """The forecast's error against the rival's, its bias, its interval; what it takes for the demand of days when a
    shelf ran empty; beside them the forecast learnt from sales alone.

    `files`: Parquet with series_id, target_date, mean, q10, q90, the forecast learnt from sales alone; and with
    series_id, date, demand, what the forecast was learnt from. None while the shop is too young.
    """
    con = evidence.con
    if files is None or evidence.is_young:
        return Marks((), (Printed("demand", "not graded", f"of fewer than {LEAST_DAYS} days nothing is learnt"),))
    con.execute(PUBLISHED)
    con.execute(PAIRS)
    for name, file in zip(("sales_forecast", "learnt"), files, strict=True):
        con.execute(f"create or replace temp table {name} as from read_parquet(?)", [str(file)])
    seen, of_sales, past = (_row(evidence, sql) for sql in (_scores("forecast"), _scores("sales_forecast"), FOUND))
    asked = {
        "series-days without one whole forecast": (evidence.number(MISSING), 0),
        "error of the forecast over that of last week's sales": (seen["wape"] / seen["naive_wape"], WORST_RATIO),
        "bias against true demand, size": (abs(seen["bias"]), LARGEST_BIAS),
        "days inside the 80 % interval, off by": (abs(seen["coverage"] - COVERAGE), COVERAGE_OFF),
        "demand of stock-out days, off from the true one by": (abs(past["found"] - 1), FOUND_OFF),
    }
    grades = tuple(Grade("demand", measure, value, "at most", bar) for measure, (value, bar) in asked.items())
    told = {
        "learnt from demand": _text(seen),
        "learnt from sales alone": _text(of_sales),
        "demand of stock-out days": f"{past['found']:.1%} of it is known, {past['sold']:.1%} was sold",
    }
    return Marks(grades, tuple(Printed("demand", measure, text) for measure, text in told.items()))


def _scores(forecast: str) -> str:
    return SCORES.format(forecast=forecast)


def _row(evidence: Evidence, sql: str) -> Scores:
    cursor = evidence.con.execute(sql)
    names, row = [column[0] for column in cursor.description or ()], cursor.fetchone()
    return {name: float("nan") if value is None else float(value) for name, value in zip(names, row or (), strict=True)}


def _text(scores: Scores) -> str:
    return (
        f"WAPE {scores['wape']:.3f} (last week's sales {scores['naive_wape']:.3f}), bias {scores['bias']:+.1%}, "
        f"80 % interval held {scores['coverage']:.1%} of {scores['n']:,.0f} series-days"
    )
