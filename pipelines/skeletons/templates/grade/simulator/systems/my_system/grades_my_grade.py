"""The grade my grade: a published table against the truth.

Belongs here: published rows against true ones, of the days whose rows were all due by the last simulated day. Does not
belong here: whether every row stands (capabilities/rows).
"""

from __future__ import annotations

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Asked, Capability, Grading, Measured
from simulator.text import Text

CAPABILITY = Capability(
    "my grade",
    Text("My grade", "SKELETON: My grade"),
)
DAYS_DIFFER = "my grade: days that differ from the truth"
COMPARED = """
    with true_days as (
        select cast(occurred_at + interval 8 hours as date) as my_day, amount_currency, count(*) as n,
            sum(my_paid) as amount,
            max(coalesce(due_date, date '9999-12-31')) as due_date
        from key.my_truth group by all
    ),
    days as (
        select *, lag(amount) over (partition by amount_currency order by my_day) as amount_before
        from true_days
    )
    select
        count(*) as compared,
        count(*) filter (
            where p.my_count is distinct from d.n
                or p.my_amount is distinct from d.amount
        ) as differ,
        count(*) filter (where d.amount_before is distinct from d.amount) as differ_from_the_day_before
    from days as d
    full join published.my_published as p
        using (my_day, amount_currency)
    where d.due_date <= $last_day or d.due_date is null
"""


def _asked() -> list[Asked]:
    """All days agree: what is published is exactly what happened. The rule to beat says yesterday's figure again."""
    return [
        Asked(
            DAYS_DIFFER,
            (
                Text("my grade", "SKELETON: my grade"),
                Text("days that differ from the truth", "与真相不符的天数"),
            ),
            "at most",
            0,
            "my_published counts a day twice",
            rule=Text("the day before's", "沿用前一天"),
        )
    ]


def _measure(evidence: Evidence) -> Measured:
    """On how many days count or amount differ."""
    found = evidence.row(COMPARED, last_day=evidence.last_day)
    differ = found["differ"] if found["compared"] else float("nan")
    return Measured({DAYS_DIFFER: differ}, {DAYS_DIFFER: found["differ_from_the_day_before"]})


GRADING = Grading(CAPABILITY, _asked, _measure)
