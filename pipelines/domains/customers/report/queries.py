"""The SQL of the page on customers; see pipelines.reporting.readings for the form.

Frames, one row per (key):
- cohorts (cohort_month, age_months): cohort_size, n_active, retention_rate, is_left_censored; known cells only
- segments (segment), values (customer_id): the published columns, the most money first

Does not belong here: what is drawn of it.
"""

from __future__ import annotations

from pipelines.reporting.readings import Query

_COHORTS = """
    select cohort_month, age_months, cohort_size, n_active, retention_rate::double as retention_rate, is_left_censored
    from rpt_customers_retention where is_mature and age_months > 0 order by cohort_month, age_months
"""
_SEGMENTS = """
    select segment, n_customers, customer_share, sales_share, drivers, mean_recency_days as recency_days,
        mean_frequency as frequency, mean_monetary_amount::double as monetary_amount
    from rpt_customers_segments order by sales_share desc, segment
"""
_VALUES = """
    select v.customer_id, coalesce(m.segment, '') as segment, v.horizon_days, v.probability_alive,
        v.expected_purchases, v.expected_amount::double as expected_amount, v.lower::double as lower,
        v.upper::double as upper, v.naive_amount::double as naive_amount
    from rpt_customers_values as v
    left join rpt_customers_segment_memberships as m on v.customer_id = m.customer_id
    order by v.expected_amount desc, v.customer_id
"""
QUERIES = {
    "cohorts": Query(("rpt_customers_retention",), _COHORTS),
    "segments": Query(("rpt_customers_segments",), _SEGMENTS),
    "values": Query(("rpt_customers_values", "rpt_customers_segment_memberships"), _VALUES),
}
