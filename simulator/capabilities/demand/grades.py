"""Grades of the demand forecast: against what would have been bought, which no system of the shop records.

Belongs here: the newest published forecast against the true demand of the days after it. Does not belong here: making
forecasts; the ones that were learnt from sales alone are handed in, for comparison.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator.grading.evidence import NOT_LEARNT, Evidence
from simulator.grading.grades import Asked, Capability, Grading, Measured
from simulator.text import Text

NEEDS = ("storefront", "warehouse")
DEMAND = Capability("demand", Text("Demand forecast", "需求预测"), 50)
# What the pipeline hands over beside what it publishes: the forecasts by product and location that it would learn from
# sales alone (series_id, date, mean, q10, q90), and what it takes for the demand of the past (series_id, date, demand).
FROM_SALES, LEARNT = "forecast_from_sales", "learnt_demand"
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
        count(*) as n, sum(abs(coalesce(f.mean, 0) - k.true_demand)) / nullif(sum(k.true_demand), 0) as wape,
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
    from {learnt} as l inner join key.demand as k on l.series_id = k.sku || '@' || k.location_id and l.date = k.date
    where k.is_stockout
"""
NOT_WHOLE, ERROR = "series-days without one whole forecast", "error of the forecast over that of last week's sales"
BIAS, INSIDE = "bias against true demand, size", "days inside the 80 % interval, off by"
OF_STOCK_OUTS = "demand of stock-out days, off from the true one by"
TEN_TIMES = "the model forecasts ten times as much, of which it is sure"


def _asked() -> list[Asked]:
    whole = Text("days of a shelf without one whole forecast", "没有唯一完整预测的货位天数")
    return [
        Asked(NOT_WHOLE, (whole,), "at most", 0, "half of the forecasts are not published"),
        Asked(
            ERROR, (Text("error of the forecast ÷ error of last week's sales", "预测误差 ÷ 沿用上周销量的误差"),),
            "at most", WORST_RATIO, TEN_TIMES, rule=Text("last week's sales", "沿用上周销量"),
        ),
        Asked(
            BIAS, (Text(BIAS, "相对真实需求的偏差（绝对值）"),), "at most", LARGEST_BIAS, TEN_TIMES, is_share=True
        ),
        Asked(INSIDE, (Text(INSIDE, "80% 区间覆盖率的偏离"),), "at most", COVERAGE_OFF, TEN_TIMES, is_share=True),
        Asked(
            OF_STOCK_OUTS, (Text(OF_STOCK_OUTS, "缺货日需求与真实需求的偏离"),), "at most", FOUND_OFF,
            "sales are taken for demand", rule=Text("sales alone", "仅看销量"), is_share=True,
        ),
    ]  # fmt: skip


def _measure(evidence: Evidence) -> Measured:
    """The forecast's error against the rival's, its bias, its interval; what it takes for the demand of days when a
    shelf ran empty; beside them the forecast learnt from sales alone."""
    if evidence.is_young:
        return Measured({}, printed=(NOT_LEARNT,))
    evidence.con.execute(PUBLISHED)
    evidence.con.execute(PAIRS)
    of_sales = f"(select * exclude (date), date::date as target_date from {evidence.handed(FROM_SALES)})"
    learnt = f"(select * replace (date::date as date) from {evidence.handed(LEARNT)})"
    seen, beside = (evidence.row(SCORES.format(forecast=forecast)) for forecast in ("forecast", of_sales))
    past = evidence.row(FOUND.format(learnt=learnt))
    return Measured(
        {
            NOT_WHOLE: evidence.number(MISSING),
            ERROR: seen["wape"] / seen["naive_wape"],
            BIAS: abs(seen["bias"]),
            INSIDE: abs(seen["coverage"] - COVERAGE),
            OF_STOCK_OUTS: abs(past["found"] - 1),
        },
        rules={ERROR: 1.0, OF_STOCK_OUTS: abs(past["sold"] - 1)},
        printed=(
            ("learnt from demand", _text(seen)),
            ("learnt from sales alone", _text(beside)),
            ("demand of stock-out days", f"{past['found']:.1%} of it is known, {past['sold']:.1%} was sold"),
        ),
    )


def _text(scores: Mapping[str, float]) -> str:
    return (
        f"WAPE {scores['wape']:.3f} (last week's sales {scores['naive_wape']:.3f}), bias {scores['bias']:+.1%}, "
        f"80 % interval held {scores['coverage']:.1%} of {scores['n']:,.0f} series-days"
    )


GRADING = Grading(DEMAND, _asked, _measure)
