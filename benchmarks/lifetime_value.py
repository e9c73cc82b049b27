"""Customer value against known answers: BG/NBD on CDNOW, its holdout, and the holdout of Online Retail.

`python -m benchmarks.lifetime_value` prints every figure with its bar; exit code 1 when one misses it.
CDNOW comes with the package `lifetimes`, of which only the data files are read.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measured import Measured, at_most, near, printed
from benchmarks.online_retail import NEWEST, customer_days
from pipelines.domains.customers.gamma_gamma import fit_gamma_gamma
from pipelines.domains.customers.lifetime_value import BgNbd, fit_bg_nbd
from pipelines.domains.customers.purchases import (
    historical_purchases,
    model_summary,
    purchase_summary,
    purchases_between,
)
from pipelines.domains.customers.values import state_customer_values
from pipelines.modeling.measures import bias, mean_absolute_error, root_mean_squared_error

CDNOW_CUT, CDNOW_END = dt.date(1997, 9, 30), dt.date(1998, 6, 30)
# Fader, Hardie and Lee (2005), table 2; half a unit of the last printed digit.
PUBLISHED = {"r": (0.243, 0.0005), "alpha": (4.414, 0.0005), "a": (0.793, 0.0005), "b": (2.426, 0.0005)}
# Fader and Hardie (2013) by the same package's implementation, on the repeat purchases of 946 customers.
GAMMA_GAMMA = {"p": 6.25, "q": 3.74, "v": 15.44}


def run() -> list[Measured]:
    """All figures of customer value, printed as they come."""
    rows: list[Measured] = []
    for part in (cdnow_fit, cdnow_value, cdnow_holdout, online_retail):
        rows += printed(part())
    return rows


def cdnow_fit() -> list[Measured]:
    """Parameters, likelihood and CPU seconds of the fit on 2357 customers in weeks (import apart)."""
    summary = cdnow_summary()
    fit_bg_nbd(summary.head(500))
    before = time.process_time()
    model = fit_bg_nbd(summary)
    seconds = time.process_time() - before
    return [
        *(
            near(f"cdnow bg_nbd {name}", model.params[name], wanted, within)
            for name, (wanted, within) in PUBLISHED.items()
        ),
        near("cdnow bg_nbd log-likelihood", model.log_likelihood, -9582.4, 0.05),
        at_most("cdnow bg_nbd CPU seconds", seconds, 1.0),
    ]


def cdnow_value() -> list[Measured]:
    """Gamma-Gamma on the mean values of repeat purchases."""
    data = pd.read_csv(cdnow_file("cdnow_customers_summary_with_transactions.csv"))
    params = fit_gamma_gamma(data["x"].to_numpy(), data["zbar"].to_numpy()).params
    return [near(f"cdnow gamma_gamma {name}", params[name], wanted, 0.01) for name, wanted in GAMMA_GAMMA.items()]


def cdnow_holdout() -> list[Measured]:
    """Purchases of the last 39 weeks, expected from the first 39, beside always zero and the historical rate."""
    days = cdnow_days()
    known = purchase_summary(days, as_of=CDNOW_CUT)
    actual = purchases_between(days, known["customer_id"], after=CDNOW_CUT, until=CDNOW_END)["n_purchases"].to_numpy()
    horizon = (CDNOW_END - CDNOW_CUT).days
    model: BgNbd = fit_bg_nbd(model_summary(known))
    methods = {
        "bg_nbd": model.expected_purchases(model_summary(known), horizon).to_numpy(),
        "zero": np.zeros(len(known)),
        "historical_rate": historical_purchases(known, horizon),
    }
    mae = {name: mean_absolute_error(actual, expected) for name, expected in methods.items()}
    rmse = {name: root_mean_squared_error(actual, expected) for name, expected in methods.items()}
    return [
        at_most("cdnow holdout mae bg_nbd", mae["bg_nbd"], min(mae["zero"], mae["historical_rate"])),
        at_most("cdnow holdout rmse bg_nbd", rmse["bg_nbd"], min(rmse["zero"], rmse["historical_rate"])),
        *(Measured(f"cdnow holdout mae {name}", mae[name]) for name in ("zero", "historical_rate")),
        *(Measured(f"cdnow holdout rmse {name}", rmse[name]) for name in ("zero", "historical_rate")),
        *(Measured(f"cdnow holdout bias {name}", bias(actual, expected)) for name, expected in methods.items()),
    ]


def online_retail() -> list[Measured]:
    """The scores that the shop's last day would state, and what stating costs."""
    days = customer_days()
    before = time.process_time()
    stated = state_customer_values(days, as_of=NEWEST)
    seconds = time.process_time() - before
    rows = [
        Measured(f"online retail {measure} {method}{' (published)' if is_published else ''}", float(value))
        for _, method, measure, value, is_published in stated.scores.itertuples(index=False)
    ]
    return [*rows, at_most(f"online retail CPU seconds for {len(stated.values)} customers", seconds, 2.0)]


def cdnow_file(name: str) -> Path:
    """Where the package keeps a data file; it is found without importing the package."""
    found = find_spec("lifetimes")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package lifetimes is not installed: pip install 'lifetimes==0.11.3'")
    return Path(found.origin).parent / "datasets" / name


def cdnow_summary() -> pd.DataFrame:
    """frequency, recency and age in weeks of the 2357 customers the paper was written on."""
    return pd.read_csv(cdnow_file("cdnow_customers_summary.csv")).rename(columns={"T": "age"})


def cdnow_days() -> pd.DataFrame:
    """The same customers' transactions until 1998-06-30 as customer_days."""
    names = ["master_id", "customer_id", "ordered_date", "n_units", "net_sales_amount"]
    rows = pd.read_csv(cdnow_file("CDNOW_sample.txt"), sep=r"\s+", names=names, dtype={"customer_id": str})
    rows["ordered_date"] = pd.to_datetime(rows["ordered_date"].astype(str), format="%Y%m%d")
    days = rows.groupby(["customer_id", "ordered_date"], as_index=False)
    return days.agg(n_orders=("n_units", "size"), net_sales_amount=("net_sales_amount", "sum"))


if __name__ == "__main__":
    sys.exit(int(not all(row.passes for row in run())))
