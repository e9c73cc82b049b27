"""What the customers' statements read from the marts: the days on which each customer bought.

Does not belong here: any arithmetic on them (pipelines.domains.customers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.modeling.statements import Reading

if TYPE_CHECKING:
    import pandas as pd

CUSTOMER_DAYS = "marts.customer_days"


def customer_days(reading: Reading) -> pd.DataFrame:
    """One row per customer and day on which they ordered or returned something, ordered by customer and day."""
    return reading.con.execute(
        f"""select * exclude (amount_currency, contract_version, batch_id) from {CUSTOMER_DAYS}
        where ordered_date <= ? order by customer_id, ordered_date""",
        [reading.as_of],
    ).df()
