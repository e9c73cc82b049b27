"""Grades of the demand forecast: against what would have been bought, which no system of the shop records.

Belongs here: the newest published forecast against the true demand of the days after it. Does not belong here: making
forecasts; the ones that were learnt from sales alone are handed in, for comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Grade, Marks, Printed

# A forecast that loses to repeating last week's sales is worth nothing; an interval that should hold 80 % of the days
# may be off by 10 points: demand that is never seen whole is wider than sales.
WORST_RATIO, LARGEST_BIAS, COVERAGE, COVERAGE_OFF = 1.0, 0.10, 0.8, 0.10
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
Scores = Mapping[str, float]


def grade_demand(evidence: Evidence, from_sales: Path | None) -> Marks:
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
    told = [Printed("demand", "learnt from demand", _text(seen))]
    if from_sales is not None:
        evidence.con.execute("create or replace temp table sales_forecast as from read_parquet(?)", [str(from_sales)])
        told.append(Printed("demand", "learnt from sales alone", _text(_scores(evidence, "sales_forecast"))))
    return Marks(grades, tuple(told))


def _scores(evidence: Evidence, forecast: str) -> Scores:
    cursor = evidence.con.execute(SCORES.format(forecast=forecast))
    names, row = [column[0] for column in cursor.description or ()], cursor.fetchone()
    return {name: float("nan") if value is None else float(value) for name, value in zip(names, row or (), strict=True)}


def _text(scores: Scores) -> str:
    return (
        f"WAPE {scores['wape']:.3f} (last week's sales {scores['naive_wape']:.3f}), bias {scores['bias']:+.1%}, "
        f"80 % interval held {scores['coverage']:.1%} of {scores['n']:,.0f} series-days"
    )
