"""The grades of customer segments: how far they agree with the types that the customers were made of.

Belongs here: the comparison. Does not belong here: what a type does (simulator.people).
"""

from __future__ import annotations

from simulator.grading.evidence import NOT_LEARNT, Evidence
from simulator.grading.grades import Asked, Capability, Grading, Measured
from simulator.text import Text

NEEDS = ("storefront",)
CUSTOMERS = Capability("customers", Text("Customers", "客户"), 60)
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
# 120 days of 5,000 customers: 0.12 to 0.15.
LEAST_AGREEMENT = 0.05
# Who bought and was heard of has a segment, and one only; orders of the last days may still be on their way.
LEAST_COVERED = 0.97
COVERED = """
    with buyers as (
        select distinct customer_id from key.orders where paid_at is not null and customer_id is not null
            and due_date <= $last_day
    ),
    members as (select customer_id, count(*) as n from published.rpt_customers_segment_memberships group by all)
    select avg((coalesce(n, 0) = 1)::int) from buyers left join members using (customer_id)
"""


AGREEMENT, ONE_SEGMENT = "segments and planted types, adjusted Rand index", "buyers who have one segment, share"
CHANCE = Text("chance", "随机")
COMPARED = """
    select count(*) from published.rpt_customers_segment_memberships inner join key.customer_types using (customer_id)
"""


def _asked() -> list[Asked]:
    agreement = Text(
        "agreement of segments with true types (1 = the same, 0 = chance)",
        "分群与真实类型的一致性（1 为完全一致，0 为随机）",
    )
    one = Text("share of buyers who have one segment", "恰属一个分群的买家比例")
    return [
        Asked(AGREEMENT, (agreement,), "at least", LEAST_AGREEMENT, "segments are dealt out", rule=CHANCE),
        Asked(ONE_SEGMENT, (one,), "at least", LEAST_COVERED, "one buyer of ten has no segment", is_share=True),
    ]


def _measure(evidence: Evidence) -> Measured:
    """Agreement beyond chance over the customers who have a segment, and how many have one."""
    if evidence.is_young:
        return Measured({}, printed=(NOT_LEARNT,))
    return Measured(
        {
            AGREEMENT: evidence.number(ADJUSTED_RAND),
            ONE_SEGMENT: evidence.number(COVERED, last_day=evidence.last_day),
        },
        rules={AGREEMENT: 0.0},
        printed=(("segments compared", f"{evidence.number(COMPARED):,.0f} customers"),),
    )


GRADING = Grading(CUSTOMERS, _asked, _measure)
