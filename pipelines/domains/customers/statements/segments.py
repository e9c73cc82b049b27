"""Customer segments: which mart is read, which pure functions called, which tables filled.

Does not belong here: any arithmetic (pipelines.domains.customers).
"""

from __future__ import annotations

from pipelines.domains.customers.segment_card import CUSTOMER_SEGMENTS
from pipelines.domains.customers.statements.readings import CUSTOMER_DAYS, customer_days
from pipelines.modeling.statements import Reading, Stated, Statement


def make_customer_segments(reading: Reading) -> Stated:
    """Who belongs to which segment, what sets each apart, how stable they are."""
    from pipelines.domains.customers.segments import state_segments

    stated = state_segments(customer_days(reading), as_of=reading.as_of)
    return Stated(
        {
            "ml_customers__segment_memberships": stated.memberships,
            "ml_customers__segment_profiles": stated.profiles,
            "ml_customers__customer_segments_scores": stated.scores,
        },
        stated.models,
    )


STATEMENTS = (
    Statement(
        name="customer_segments",
        needs=(CUSTOMER_DAYS,),
        tables=(
            "ml_customers__segment_memberships",
            "ml_customers__segment_profiles",
            "ml_customers__customer_segments_scores",
        ),
        make=make_customer_segments,
        libraries=("lightgbm", "numpy", "pandas", "scikit-learn", "scipy"),
        card=CUSTOMER_SEGMENTS,
    ),
)
