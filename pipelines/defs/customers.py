"""Customers in Dagster: segments, and what each customer is expected to buy.

Belongs here: which marts are read, which pure functions called. Does not belong here: any arithmetic
(pipelines.domains.customers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.defs.statements import Reading, Statement
from pipelines.domains.customers.segment_card import CUSTOMER_SEGMENTS
from pipelines.domains.customers.value_card import CUSTOMER_VALUE
from pipelines.store.statements import Stated

if TYPE_CHECKING:
    import pandas as pd


def _customer_days(reading: Reading) -> pd.DataFrame:
    return reading.con.execute(
        """select * exclude (amount_currency, contract_version, batch_id) from marts.customer_days
        where ordered_date <= ? order by customer_id, ordered_date""",
        [reading.as_of],
    ).df()


def make_customer_segments(reading: Reading) -> Stated:
    """Who belongs to which segment, what sets each apart, how stable they are."""
    from pipelines.domains.customers.segments import state_segments

    stated = state_segments(_customer_days(reading), as_of=reading.as_of)
    return Stated(
        {
            "ml_customers__segment_memberships": stated.memberships,
            "ml_customers__segment_profiles": stated.profiles,
            "ml_customers__customer_segments_scores": stated.scores,
        },
        stated.models,
    )


def make_customer_values(reading: Reading) -> Stated:
    """What each customer is expected to buy within the horizon, and how good that was a horizon ago."""
    from pipelines.domains.customers.values import state_customer_values

    stated = state_customer_values(_customer_days(reading), as_of=reading.as_of)
    return Stated(
        {
            "ml_customers__customer_values": stated.values,
            "ml_customers__customer_value_scores": stated.scores,
        },
        stated.models,
    )


STATEMENTS = [
    Statement(
        name="customer_segments",
        reads=("marts.customer_days",),
        tables=(
            "ml_customers__segment_memberships",
            "ml_customers__segment_profiles",
            "ml_customers__customer_segments_scores",
        ),
        code=("domains/customers",),
        make=make_customer_segments,
        card=CUSTOMER_SEGMENTS,
    ),
    Statement(
        name="customer_value",
        reads=("marts.customer_days",),
        tables=("ml_customers__customer_values", "ml_customers__customer_value_scores"),
        code=("domains/customers",),
        make=make_customer_values,
        card=CUSTOMER_VALUE,
    ),
]
