"""The pace of sales: units per day that each product sold of late.

Belongs here: the arithmetic, from a frame to a frame. Does not belong here: reading and writing tables
(pipelines.defs).
"""

from __future__ import annotations

import pandas as pd

from pipelines.modeling.inputs import AsOf, as_day

COLUMNS = ["product_id", "n_days", "units_per_day"]


def sales_pace(demand: pd.DataFrame, *, as_of: AsOf, n_days: int) -> pd.DataFrame:
    """`product_id, n_days, units_per_day` of every product sold in the `n_days` that end with `as_of`, by product.

    demand  date, product_id, units: units ordered of a product on a day; days without a row sold nothing. What lies
            after `as_of` is not read.
    """
    last = as_day(as_of)
    recent = demand[(demand["date"] <= last) & (demand["date"] > last - pd.Timedelta(days=n_days))]
    units = recent.groupby("product_id", as_index=False, sort=True)["units"].sum()
    pace: pd.DataFrame = units.assign(n_days=n_days, units_per_day=units["units"] / n_days)[COLUMNS]
    return pace
