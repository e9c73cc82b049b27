"""The grade of customer segments: how far they agree with the types that the customers were made of.

Belongs here: the comparison. Does not belong here: what a type does (simulator.people).
"""

from __future__ import annotations

from simulator.grading.evidence import LEAST_DAYS, Evidence
from simulator.grading.grades import Grade, Marks, Printed

# Adjusted Rand index (Hubert and Arabie 1985) from the table of both partitions: 0 is chance, 1 is equality.
ADJUSTED_RAND = """
    with cells as (
        select m.segment, t.type, count(*) as n
        from published.rpt_customers_segment_memberships as m inner join key.customer_types as t using (customer_id)
        group by all
    ),
    pairs as (
        select
            (select sum(n * (n - 1) / 2) from cells) as together,
            (select sum(n * (n - 1) / 2) from (select sum(n) as n from cells group by segment)) as by_segment,
            (select sum(n * (n - 1) / 2) from (select sum(n) as n from cells group by type)) as by_type,
            (select sum(n) * (sum(n) - 1) / 2 from cells) as total
    )
    select
        (together - by_segment * by_type / total)
        / nullif((by_segment + by_type) / 2 - by_segment * by_type / total, 0)
    from pairs
"""


# Behaviour tells types apart only in part, and a month less than a year: half the customers have bought once. Seen on
# 120 days of 5,000 customers: to be measured.
LEAST_AGREEMENT = 0.05


# Who bought and was heard of has a segment, and one only; orders of the last days may still be on their way.
LEAST_COVERED = 0.97
COVERED = """
    with buyers as (
        select distinct customer_id from key.orders where paid_at is not null and customer_id is not null
            and due_date <= (select max(event_date) from key.money_daily)
    ),
    members as (select customer_id, count(*) as n from published.rpt_customers_segment_memberships group by all)
    select avg((coalesce(n, 0) = 1)::int) from buyers left join members using (customer_id)
"""


def grade_segments(evidence: Evidence) -> Marks:
    """One grade: agreement beyond chance over the customers who have a segment."""
    if evidence.is_young:
        return Marks((), (Printed("customers", "not graded", f"of fewer than {LEAST_DAYS} days nothing is learnt"),))
    value = evidence.number(ADJUSTED_RAND)
    customers = evidence.number(
        "select count(*) from published.rpt_customers_segment_memberships inner join key.customer_types "
        "using (customer_id)"
    )
    told = Printed("customers", "segments compared", f"{customers:,.0f} customers")
    grade = Grade("customers", "segments and planted types, adjusted Rand index", value, "at least", LEAST_AGREEMENT)
    share = Grade(
        "customers", "buyers who have one segment, share", evidence.number(COVERED), "at least", LEAST_COVERED
    )
    return Marks((grade, share), (told,))
