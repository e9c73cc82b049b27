"""The SQL of the page on quality; see pipelines.reporting.readings for the form.

Frames, one row per (key):
- quality (date): age and the row counts; quality_totals (period): the same sums and accounting_gap; quality_tables
  (period, source_table): the same sums
- scorecard_days (date, source_table): age; scorecard (date, source_table, check_class), passes left out: age, status,
  finding, worst_rule, measured, lowest, highest; scorecard_totals (period): checks, and days, failed and warned days
- accuracy (subject, method): n, wape, bias, pinball, share_below_q10, share_above_q90, is_published, first, last
- promised (date): promised, came, of the published revenue method

Does not belong here: what is drawn of it.
"""

from __future__ import annotations

from pipelines.reporting.readings import Query

# For a shop without orders; the record of one that has some begins with its first order, which is before the files.
RECORD = Query(
    ("rpt_quality_rows_daily",),
    "select min(arrival_date), max(amount_currency) from rpt_quality_rows_daily where arrival_date <= $as_of",
)
_COUNTS = ("physical", "accepted", "quarantined", "duplicate", "blocked")
_SUMS = ", ".join(f"sum({count}_rows)::bigint as {count}_rows" for count in _COUNTS)
_QUALITY = f"""
    select arrival_date as date, date_diff('day', arrival_date, $as_of::date) as age, {_SUMS}
    from rpt_quality_rows_daily where arrival_date <= $as_of group by all order by date
"""
# Every period reaches up to now: of the newest days, on which nothing was let in, no data are known, but what became of
# their files is.
_QUALITY_TOTALS = f"""
    select period, {_SUMS}, sum(accounting_gap)::bigint as accounting_gap
    from {{periods}} inner join rpt_quality_rows_daily on arrival_date >= first_date
    group by period order by period
"""
_QUALITY_TABLES = f"""
    select period, source_system || '.' || table_name as source_table, {_SUMS}
    from {{periods}} inner join rpt_quality_rows_daily on arrival_date >= first_date
    group by all order by period, source_table
"""
# What passed is the ground of the strips, so its days are enough; cells of their own are the others.
_SCORECARD_DAYS = """
    select distinct arrival_date as date, date_diff('day', arrival_date, $as_of::date) as age,
        source_system || '.' || table_name as source_table
    from rpt_quality_scorecard where arrival_date <= $as_of order by date, source_table
"""
_SCORECARD = """
    select arrival_date as date, date_diff('day', arrival_date, $as_of::date) as age,
        source_system || '.' || table_name as source_table, check_class, status, coalesce(finding, '') as finding,
        worst_rule, measured, lowest, highest
    from rpt_quality_scorecard where status <> 'pass'
    order by date, source_table, check_class
"""
_SCORECARD_TOTALS = """
    with days as (
        select arrival_date, sum(n_checks) as n_checks, bool_or(status = 'fail') as is_failed,
            bool_or(status = 'warn') as is_warned
        from rpt_quality_scorecard group by arrival_date
    )
    select period, count(*) as days, sum(n_checks)::bigint as checks, count(*) filter (where is_failed) as failed,
        count(*) filter (where is_warned and not is_failed) as warned
    from {periods} inner join days on arrival_date >= first_date
    group by period order by period
"""
_ACCURACY = """
    select series_kind as subject, method, sum(n_forecasts)::double as n,
        sum(abs_error_total) / nullif(sum(abs(actual_total)), 0) as wape,
        (sum(forecast_total) - sum(actual_total)) / nullif(sum(actual_total), 0) as bias,
        sum(pinball_total) / nullif(sum(n_forecasts), 0) as pinball,
        sum(n_below_q10) / nullif(sum(n_forecasts), 0) as share_below_q10,
        sum(n_above_q90) / nullif(sum(n_forecasts), 0) as share_above_q90,
        bool_or(is_published and target_date = newest) as is_published, count(distinct target_date) as days,
        min(target_date) as first, max(target_date) as last
    from (select *, max(target_date) over () as newest from rpt_inventory_forecast_accuracy)
    group by all order by subject desc, pinball, method
"""
_PROMISED = """
    select target_date as date, avg(forecast_total) as promised, avg(actual_total) as came
    from rpt_inventory_forecast_accuracy
    where series_kind = 'revenue' and is_published and horizon_days <= 7
    group by target_date order by target_date
"""
QUERIES = {
    "quality": Query(("rpt_quality_rows_daily",), _QUALITY),
    "quality_totals": Query(("rpt_quality_rows_daily",), _QUALITY_TOTALS),
    "quality_tables": Query(("rpt_quality_rows_daily",), _QUALITY_TABLES),
    "scorecard": Query(("rpt_quality_scorecard",), _SCORECARD),
    "scorecard_days": Query(("rpt_quality_scorecard",), _SCORECARD_DAYS),
    "scorecard_totals": Query(("rpt_quality_scorecard",), _SCORECARD_TOTALS),
    "accuracy": Query(("rpt_inventory_forecast_accuracy",), _ACCURACY),
    "promised": Query(("rpt_inventory_forecast_accuracy",), _PROMISED),
}
