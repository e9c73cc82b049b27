"""What is known of each customer on a day: recency, frequency, money and habits, from rows up to that day only.

Belongs here: checks of the customer days and the features. Does not belong here: segments and values made of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipelines.modeling.inputs import as_dates, as_day, as_numbers, checked_columns

COUNTS = ("n_orders", "n_cancellations", "units_sold", "units_returned", "n_products")
AMOUNTS = ("gross_sales_amount", "returns_amount", "net_sales_amount")
KEY = ("customer_id", "ordered_date")
RECENT_DAYS = 90
FEATURES = (
    "recency_days",
    "frequency",
    "monetary_amount",
    "average_order_amount",
    "tenure_days",
    "gap_days",
    "units_per_order",
    "products_per_order_day",
    "return_share",
    "recent_share",
)


def checked_customer_days(customer_days: pd.DataFrame) -> pd.DataFrame:
    """The customer days with amounts as floats and days as timestamps, sorted by customer and day.

    Columns: `customer_id`, `ordered_date`, `n_orders`, `n_cancellations`, `units_sold`, `units_returned`, `n_products`,
    `gross_sales_amount`, `returns_amount`, `net_sales_amount` (money in one currency, DECIMAL or float); others are
    dropped. Raises ValueError when a column is missing, a key is null or stands twice, or a number is not finite.
    """
    checked_columns(customer_days, (*KEY, *COUNTS, *AMOUNTS), "customer_days")
    if customer_days[list(KEY)].isna().to_numpy().any():
        raise ValueError("a customer day has no customer_id or no ordered_date: leave such rows out")
    days = pd.DataFrame({"customer_id": customer_days["customer_id"].astype(str)})
    days["ordered_date"] = as_dates(customer_days["ordered_date"], "customer_days").astype("datetime64[s]")
    for name in (*COUNTS, *AMOUNTS):
        days[name] = as_numbers(customer_days[name], "customer_days")
    days = days.sort_values(list(KEY), kind="stable", ignore_index=True)
    _refuse(days, days.duplicated(list(KEY)), "stands twice: one row per customer and day is needed")
    numbers = days[[*COUNTS, *AMOUNTS]].to_numpy()
    _refuse(days, pd.Series(~np.isfinite(numbers).all(axis=1)), "holds a number that is missing or infinite")
    return days


def customer_features(customer_days: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """One row per customer with a sale order up to `as_of`, sorted by `customer_id`; later rows are not read.

    Customers who only cancelled are left out. All values are finite:
    `recency_days` since the latest sale order; `frequency` sale orders; `monetary_amount` net sales, cancellations off
    (may be negative); `average_order_amount` = monetary_amount / frequency; `tenure_days` since the first sale order;
    `gap_days` between days with an order, for a customer with one such day the days on record (no gap was seen,
    the longest possible is taken); `units_per_order` sold; `products_per_order_day` different products;
    `return_share` of gross sales that came back, 0 to 1; `recent_share` of gross sales that lies in the 90 days up to
    `as_of`, 0 to 1. Raises ValueError as `checked_customer_days` does.
    """
    day = as_day(as_of).date()
    return features_by_day(checked_customer_days(customer_days), [day])[day]


def features_by_day(checked_days: pd.DataFrame, as_ofs: Sequence[dt.date]) -> dict[dt.date, pd.DataFrame]:
    """`customer_features` on each of several days, of customer days that `checked_customer_days` returned."""
    return {as_of: _features(checked_days, as_of) for as_of in as_ofs}


def _features(days: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    known = days.loc[(days["ordered_date"] <= pd.Timestamp(as_of)).to_numpy()]
    ages = (pd.Timestamp(as_of) - known["ordered_date"]).dt.days.to_numpy(dtype=np.float64)
    codes, customers = pd.factorize(known["customer_id"])

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(codes, weights=values, minlength=len(customers))

    amounts = {name: known[name].to_numpy() for name in (*COUNTS, *AMOUNTS)}
    is_order_day = amounts["n_orders"] > 0
    recency = np.full(len(customers), np.inf)
    np.minimum.at(recency, codes[is_order_day], ages[is_order_day])
    tenure = np.full(len(customers), -np.inf)
    np.maximum.at(tenure, codes[is_order_day], ages[is_order_day])
    sums = pd.DataFrame({name: total(values) for name, values in amounts.items()})
    sums["order_days"] = total(is_order_day.astype(np.float64))
    sums["recent_amount"] = total(amounts["gross_sales_amount"] * (ages < RECENT_DAYS))
    sums = sums.assign(customer_id=np.asarray(customers, dtype=object), recency_days=recency, tenure_days=tenure)
    sums["customer_id"] = sums["customer_id"].astype(str)
    bought = sums.loc[sums["order_days"] > 0].reset_index(drop=True)
    return _ratios(bought, float(ages.max()) if len(ages) else 0.0)


def _ratios(sums: pd.DataFrame, days_on_record: float) -> pd.DataFrame:
    orders, gross = sums["n_orders"], sums["gross_sales_amount"]
    gaps = (sums["tenure_days"] - sums["recency_days"]) / (sums["order_days"] - 1).clip(lower=1)
    positive = gross.where(gross > 0, np.inf)
    frame = pd.DataFrame(
        {
            "customer_id": sums["customer_id"],
            "recency_days": sums["recency_days"].astype(np.int64),
            "frequency": orders.astype(np.int64),
            "monetary_amount": sums["net_sales_amount"],
            "average_order_amount": sums["net_sales_amount"] / orders,
            "tenure_days": sums["tenure_days"].astype(np.int64),
            "gap_days": gaps.where(sums["order_days"] > 1, days_on_record),
            "units_per_order": sums["units_sold"] / orders,
            "products_per_order_day": sums["n_products"] / sums["order_days"],
            "return_share": (-sums["returns_amount"] / positive).clip(0, 1),
            "recent_share": (sums["recent_amount"] / positive).clip(0, 1),
        }
    )
    return frame[["customer_id", *FEATURES]]


def _refuse(days: pd.DataFrame, is_wrong: pd.Series, what: str) -> None:
    if is_wrong.any():
        first = days.loc[is_wrong.to_numpy()].iloc[0]
        raise ValueError(f"customer {first['customer_id']} on {first['ordered_date']:%Y-%m-%d} {what}")
