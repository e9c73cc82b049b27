"""Grades of the demand forecast: against what would have been bought, which no system of the shop records.

Belongs here: the newest published forecast against the true demand of the days after it. Does not belong here: making
forecasts; the ones that were learnt from sales alone are handed in, for comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Grade, Marks, Printed

# A forecast that loses to repeating last week's sales is worth nothing. Four months know neither the season nor the
# festivals of the month that follows: what is asked for then was 3 to 9 % more than before on the seeds looked at, and
# forecasts lay 6 to 21 % too low; a forecast in other units is off by far more. An interval that should hold 80 % of
# the days may be off by 10 points: demand that is never seen whole is wider than sales.
WORST_RATIO, LARGEST_BIAS, COVERAGE, COVERAGE_OFF = 1.0, 0.25, 0.8, 0.10
# Of the units lost to empty shelves a forecast from demand must find some again: seen 0.8 and 1.2 of them; one that
# takes sales for demand finds none, one that fills in twice finds two.
FOUND_OFF = 0.75
PUBLISHED = """
    create or replace temp view forecast as
    select series_id, target_date, mean, q10, q90, naive from published.rpt_inventory_demand_forecast
    where series_kind = 'sku_location'
"""
SCORES = """
    select
        count(*)::double as n, sum(abs(f.mean - k.true_demand)) / nullif(sum(k.true_demand), 0) as wape,
        sum(abs(f.naive - k.true_demand)) / nullif(sum(k.true_demand), 0) as naive_wape,
        (sum(f.mean) - sum(k.true_demand)) / nullif(sum(k.true_demand), 0) as bias,
        avg((k.true_demand between f.q10 and f.q90)::int) as coverage
    from {forecast} as f inner join key.future_demand as k
        on f.series_id = k.sku || '@' || k.location_id and f.target_date = k.date
"""
LOST = "select 1 - sum(sold) / sum(true_demand) from key.demand"
FOUND = f"""
    select (sum(f.mean) / sum(s.mean) - 1) / (1 / (1 - ({LOST})) - 1)
    from forecast as f inner join sales_forecast as s using (series_id, target_date)
"""
Scores = Mapping[str, float]


def grade_demand(evidence: Evidence, from_sales: Path) -> Marks:
    """The forecast's error against the rival's, its bias, its interval; beside them the same learnt from sales alone.

    `from_sales`: a Parquet file with series_id, target_date, mean, q10, q90, naive.
    """
    evidence.con.execute(PUBLISHED)
    seen = _scores(evidence, "forecast")
    asked = {
        "error of the forecast over that of last week's sales": (seen["wape"] / seen["naive_wape"], WORST_RATIO),
        "bias against true demand, size": (abs(seen["bias"]), LARGEST_BIAS),
        "days inside the 80 % interval, off by": (abs(seen["coverage"] - COVERAGE), COVERAGE_OFF),
    }
    grades = tuple(Grade("demand", measure, value, "at most", bar) for measure, (value, bar) in asked.items())
    evidence.con.execute("create or replace temp table sales_forecast as from read_parquet(?)", [str(from_sales)])
    found = evidence.number(FOUND)
    off = Grade(
        "demand", "lost demand that the forecast finds again, off from all of it", abs(found - 1), "at most", FOUND_OFF
    )
    told = {
        "learnt from demand": _text(seen),
        "learnt from sales alone": _text(_scores(evidence, "sales_forecast")),
        "lost demand found again": f"{found:.0%} of {evidence.number(LOST):.1%}",
    }
    return Marks((*grades, off), tuple(Printed("demand", measure, text) for measure, text in told.items()))


def _scores(evidence: Evidence, forecast: str) -> Scores:
    cursor = evidence.con.execute(SCORES.format(forecast=forecast))
    names, row = [column[0] for column in cursor.description or ()], cursor.fetchone()
    return {name: float("nan") if value is None else float(value) for name, value in zip(names, row or (), strict=True)}


def _text(scores: Scores) -> str:
    return (
        f"WAPE {scores['wape']:.3f} (last week's sales {scores['naive_wape']:.3f}), bias {scores['bias']:+.1%}, "
        f"80 % interval held {scores['coverage']:.1%} of {scores['n']:,.0f} series-days"
    )
