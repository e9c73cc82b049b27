"""Customer value: which mart is read, which pure functions called, which tables filled.

Does not belong here: any arithmetic (pipelines.domains.customers).
"""

from __future__ import annotations

from pipelines.domains.customers.statements.readings import CUSTOMER_DAYS, customer_days
from pipelines.domains.customers.value_card import CUSTOMER_VALUE
from pipelines.modeling.statements import Reading, Stated, Statement


def make_customer_values(reading: Reading) -> Stated:
    """What each customer is expected to buy within the horizon, and how good that was a horizon ago."""
    from pipelines.domains.customers.values import state_customer_values

    stated = state_customer_values(customer_days(reading), as_of=reading.as_of)
    return Stated(
        {
            "ml_customers__customer_values": stated.values,
            "ml_customers__customer_value_scores": stated.scores,
        },
        stated.models,
    )


STATEMENTS = (
    Statement(
        name="customer_value",
        needs=(CUSTOMER_DAYS,),
        tables=("ml_customers__customer_values", "ml_customers__customer_value_scores"),
        make=make_customer_values,
        libraries=("numpy", "pandas", "scipy"),
        card=CUSTOMER_VALUE,
    ),
)
