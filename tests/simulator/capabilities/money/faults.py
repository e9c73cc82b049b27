"""The money of each day as it is true, off by a cent, and of a shop of which no day is whole."""

from __future__ import annotations

from simulator.capabilities.money.grades import FIGURES
from tests.simulator.faults import Fault

SOUND = {
    "rpt_sales_margin_daily": "select event_date as calendar_date, "
    + ", ".join(f"({sign} * {figure})::decimal(18, 4) as {column}" for figure, (column, sign, _) in FIGURES.items())
    + " from money_daily",
    "rpt_sales_kpi_daily": """
        select event_date as calendar_date, gmv as gmv_amount, net_sales as net_sales_amount,
            net_revenue as net_revenue_amount
        from money_daily
    """,
    "rpt_sales_margin_bridge": """
        select event_date as calendar_date, 'returns' as part, -returns as amount from money_daily
        union all select event_date, 'all else', cm2 + returns from money_daily
    """,
}
FAULTS = {
    "a figure of the margin is off by a cent": Fault(
        published="update rpt_sales_margin_daily set "
        + ", ".join(f"{column} = {column} + 0.01" for column, _, _ in FIGURES.values())
    ),
    "no day is whole": Fault(key={"days": "select * replace (date '2030-01-01' as due) from days"}),
}
