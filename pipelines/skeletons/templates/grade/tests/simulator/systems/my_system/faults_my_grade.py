"""The days of my_published as they are true, and one that is counted twice."""

from __future__ import annotations

from tests.simulator.faults import Fault

SOUND = {
    "my_published": """
        select
            cast(occurred_at + interval 8 hours as date) as my_day,
            amount_currency,
            count(*) as my_count,
            sum(my_paid)::decimal(18, 4) as my_amount
        from my_truth where due_date <= last() group by all
    """,
}
FAULTS = {
    "my_published counts a day twice": Fault(
        published="""
            update my_published
            set my_count = 2 * my_count,
                my_amount = 2 * my_amount
            where my_day = (
                select min(my_day) from my_published
            )
        """
    ),
}
