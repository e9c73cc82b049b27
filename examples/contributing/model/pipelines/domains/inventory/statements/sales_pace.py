"""The pace of sales: which mart is read, which pure function called, which table filled.

Does not belong here: any arithmetic (pipelines.domains.inventory).
"""

from __future__ import annotations

from pipelines.modeling.statements import Reading, Stated, Statement

# Four whole weeks: each weekday counts as often as any other.
WINDOW_DAYS = 28


def make_sales_pace(reading: Reading) -> Stated:
    """How much of each product sells per day."""
    from pipelines.domains.inventory.sales_pace import sales_pace

    demand = reading.con.execute(
        """select calendar_date as date, product_id, units_demanded as units from marts.demand_daily
        where calendar_date <= ? order by calendar_date, product_id""",
        [reading.as_of],
    ).df()
    return Stated({"ml_inventory__sales_pace": sales_pace(demand, as_of=reading.as_of, n_days=WINDOW_DAYS)})


STATEMENTS = (
    Statement(
        name="sales_pace",
        needs=("marts.demand_daily",),
        tables=("ml_inventory__sales_pace",),
        make=make_sales_pace,
        libraries=("numpy", "pandas"),
    ),
)
