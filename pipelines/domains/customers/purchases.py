"""What is known of a customer's purchases on a day, out of `customer_days`.

Belongs here: what counts as a purchase, what it is worth, and the historical rate. Does not belong here: models that
are fitted by likelihood.

A purchase is a day with a sale order: several orders of one day are one purchase. Its worth is net sales, returns and
discounts included; a return counts on its own day, so it lowers the customer's mean and the total of the period it
falls into, whenever the goods were bought.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.modeling.inputs import AsOf, as_dates, as_day, as_numbers, checked_columns

Vector = npt.NDArray[np.float64]

COLUMNS = ("customer_id", "ordered_date", "n_orders", "net_sales_amount")
# A rate over a few days is none: two purchases in a week would promise two in every week to come.
SHORTEST_AGE_DAYS = 28
# Customers who do not differ would be drawn to the shop's rate by infinitely many days.
MOST_PRIOR_DAYS = 1e9


def purchase_summary(customer_days: pd.DataFrame, *, as_of: AsOf) -> pd.DataFrame:
    """One row per customer with a purchase up to and including `as_of`, ordered by customer_id.

    customer_id; frequency: purchases after the first day; recency_days: days from the first to the last purchase;
    age_days: days from the first purchase to `as_of`; mean_amount: net sales of all days until `as_of` over the
    purchases, below 0 when more was returned than bought; n_purchase_days: frequency + 1.

    `customer_days` has one row per customer_id and ordered_date, with n_orders and net_sales_amount (any number type,
    in one currency). Later rows are not read. Raises ValueError for a missing column, a duplicate key and, in the
    rows that are read, a missing customer, a missing or infinite number and a negative n_orders.
    """
    end = as_day(as_of)
    days = _days(customer_days, None, end)
    by_customer = days.groupby("customer_id", sort=True)
    bought = (
        days.loc[days["n_orders"] > 0].groupby("customer_id", sort=True)["ordered_date"].agg(["min", "max", "size"])
    )
    amount = by_customer["amount"].sum().reindex(bought.index)
    n_days = bought["size"].to_numpy(np.int64)
    return pd.DataFrame(
        {
            "customer_id": bought.index.astype(str),
            "frequency": n_days - 1,
            "recency_days": (bought["max"] - bought["min"]).dt.days.to_numpy(np.int64),
            "age_days": (end - bought["min"]).dt.days.to_numpy(np.int64),
            "mean_amount": amount.to_numpy(np.float64) / n_days,
            "n_purchase_days": n_days,
        }
    )


def purchases_between(
    customer_days: pd.DataFrame, customers: pd.Series[str], *, after: AsOf, until: AsOf
) -> pd.DataFrame:
    """What each of `customers` did after the day `after`, up to and including `until`: n_purchases, net_amount.

    One row per customer, in their order; zeros for one who did nothing. Raises ValueError as purchase_summary does.
    """
    days = _days(customer_days, as_day(after, "after"), as_day(until, "until"))
    days = days.assign(n_purchases=days["n_orders"] > 0)
    totals = days.groupby("customer_id", sort=True)[["n_purchases", "amount"]].sum()
    totals = totals.reindex(pd.Index(customers.astype(str)), fill_value=0)
    return pd.DataFrame(
        {
            "n_purchases": totals["n_purchases"].to_numpy(np.float64),
            "net_amount": totals["amount"].to_numpy(np.float64),
        }
    )


def model_summary(summary: pd.DataFrame) -> pd.DataFrame:
    """The columns of a purchase summary under the names BG/NBD knows, with days as the unit of time."""
    return summary.rename(columns={"recency_days": "recency", "age_days": "age"})


@dataclass(frozen=True)
class HistoricalRate:
    """Repeat purchases per day of each customer, as known from the past: Gamma(`shape`, `days`), mean = their ratio."""

    shape: Vector
    days: Vector

    @property
    def mean(self) -> Vector:
        """The expected repeat purchases per day."""
        return np.asarray(self.shape / self.days)


def historical_rate(summary: pd.DataFrame) -> HistoricalRate:
    """Each customer's own rate (frequency per day of age), drawn towards the rate of the whole shop.

    Empirical Bayes for Poisson counts: rates of the shop's customers are Gamma(a, b), with a / b the shop's rate and b
    from how far counts vary beyond Poisson (moments), so a customer's is Gamma(a + frequency, b + age). Who bought
    once is not expected to stay away: her rate is a / (b + age). Where counts vary no more than Poisson's, all have the
    shop's rate. Ages below 28 days count as 28.
    """
    x = summary["frequency"].to_numpy(np.float64)
    age = np.maximum(summary["age_days"].to_numpy(np.float64), SHORTEST_AGE_DAYS)
    if not len(x):
        return HistoricalRate(x, age)
    # Jeffreys' half a purchase: where nobody has bought again yet, the rate is small and not nothing.
    shop = (np.sort(x).sum() + 0.5) / np.sort(age).sum()
    excess = np.sort((x - shop * age) ** 2 - shop * age).sum() / np.sort(age**2).sum()
    b = shop / excess if excess * MOST_PRIOR_DAYS > shop else MOST_PRIOR_DAYS
    return HistoricalRate(x + shop * b, age + b)


def historical_purchases(summary: pd.DataFrame, horizon_days: int) -> Vector:
    """The purchases to expect of each customer within `horizon_days` at her historical rate."""
    return historical_rate(summary).mean * horizon_days


def day_before(as_of: AsOf, n_days: int) -> dt.date:
    """The date `n_days` before `as_of`."""
    return (as_day(as_of) - pd.Timedelta(days=n_days)).date()


def _days(customer_days: pd.DataFrame, after: pd.Timestamp | None, until: pd.Timestamp) -> pd.DataFrame:
    """The rows of the period, checked: customer_id (str), ordered_date, n_orders and amount (float)."""
    checked_columns(customer_days, COLUMNS, "customer_days")
    dates = as_dates(customer_days["ordered_date"], "customer_days")
    if dates.isna().any():
        raise ValueError(f"customer_days: ordered_date is missing in {int(dates.isna().sum())} rows")
    within = (dates <= until) & (dates > after if after is not None else True)
    rows = customer_days.loc[within, list(COLUMNS)]
    if rows["customer_id"].isna().any():
        raise ValueError(f"customer_days: customer_id is missing in {int(rows['customer_id'].isna().sum())} rows")
    days = pd.DataFrame(
        {
            "customer_id": rows["customer_id"].astype(str),
            "ordered_date": dates[within],
            "n_orders": as_numbers(rows["n_orders"], "customer_days"),
            "amount": as_numbers(rows["net_sales_amount"], "customer_days"),
        }
    )
    return _checked(days.sort_values(["customer_id", "ordered_date"], kind="stable", ignore_index=True))


def _checked(days: pd.DataFrame) -> pd.DataFrame:
    problems = {
        "is there twice": days.duplicated(["customer_id", "ordered_date"]),
        "has a missing, infinite or negative n_orders": ~np.isfinite(days["n_orders"]) | (days["n_orders"] < 0),
        "has a missing or infinite net_sales_amount": ~np.isfinite(days["amount"]),
    }
    for problem, bad in problems.items():
        if bad.any():
            first = days.loc[bad].iloc[0]
            raise ValueError(f"customer_days: customer {first.customer_id} on {first.ordered_date.date()} {problem}")
    return days
