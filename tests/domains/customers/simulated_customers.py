"""Customers who behave as BG/NBD and Gamma-Gamma say, with planted parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd

BUYING = {"r": 0.6, "alpha": 20.0, "a": 0.8, "b": 2.5}
WORTH = {"p": 4.0, "q": 4.0, "v": 60.0}


def purchase_times(ages: np.ndarray, until: float, rng: np.random.Generator, params: dict[str, float]):
    """(customer, time since her first purchase, is she alive after it) of all repeat purchases up to `until`."""
    n = len(ages)
    rate = rng.gamma(params["r"], 1 / params["alpha"], n)
    leaving = rng.beta(params["a"], params["b"], n)
    now, alive, found = np.zeros(n), np.ones(n, bool), []
    while alive.any():
        now = now + rng.exponential(1 / rate)
        alive &= now <= ages + until
        stays = rng.random(n) > leaving
        found.append(pd.DataFrame({"customer": np.flatnonzero(alive), "time": now[alive], "stays": stays[alive]}))
        alive &= stays
    return pd.concat(found, ignore_index=True)


def summary_and_future(n: int, *, horizon: float, seed: int, params: dict[str, float] = BUYING) -> pd.DataFrame:
    """frequency, recency, age, and the truth: is_alive at `age`, n_future purchases in the `horizon` after it."""
    rng = np.random.default_rng(seed)
    ages = rng.integers(5, 60, n).astype(float)
    events = purchase_times(ages, horizon, rng, params)
    is_known = events["time"].to_numpy() <= ages[events["customer"]]
    known = events[is_known].groupby("customer")["time"].agg(["size", "max"]).reindex(range(n), fill_value=0.0)
    left = set(events.loc[is_known & ~events["stays"], "customer"])
    future = events[~is_known].groupby("customer").size().reindex(range(n), fill_value=0)
    return pd.DataFrame(
        {
            "frequency": known["size"].to_numpy(float),
            "recency": known["max"].to_numpy(float),
            "age": ages,
            "is_alive": [customer not in left for customer in range(n)],
            "n_future": future.to_numpy(float),
        }
    )


def planted_values(n: int, *, seed: int) -> pd.DataFrame:
    """frequency and mean_repeat_value of customers whose purchases are worth what is planted; 0 without a purchase."""
    rng = np.random.default_rng(seed)
    frequency = rng.integers(0, 8, n)
    nu = rng.gamma(WORTH["q"], 1 / WORTH["v"], n)
    n_values = np.maximum(frequency, 1)
    mean = np.where(frequency > 0, rng.gamma(WORTH["p"] * n_values, 1 / nu) / n_values, 0.0)
    return pd.DataFrame({"frequency": frequency, "mean_repeat_value": mean})


def shop_days(n: int, *, n_days: int, seed: int, first_day: str = "2020-01-01") -> pd.DataFrame:
    """customer_days of `n` customers, who come in the first 200 days and buy and spend as planted."""
    rng = np.random.default_rng(seed)
    came = rng.integers(0, 200, n)
    events = purchase_times(n_days - came - 1.0, 0.0, rng, BUYING)
    customer = np.concatenate([np.arange(n), events["customer"]])
    day = np.concatenate([came, np.floor(came[events["customer"]] + events["time"]).astype(int)])
    nu = rng.gamma(WORTH["q"], 1 / WORTH["v"], n)
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{number:05}" for number in customer],
            "ordered_date": pd.Timestamp(first_day) + pd.to_timedelta(day, unit="D"),
            "n_orders": 1,
            "net_sales_amount": rng.gamma(WORTH["p"], 1 / nu[customer]),
        }
    )
    return rows.groupby(["customer_id", "ordered_date"], as_index=False).sum()
