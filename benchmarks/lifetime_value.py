"""Customer value against known answers: BG/NBD on CDNOW, its holdout, and the holdout of Online Retail.

`python -m benchmarks.lifetime_value` prints every figure with its bar; exit code 1 when one misses it.
CDNOW is kept as counts of customers with one history (cdnow.csv): all that the models read of it.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measured import Measured, at_most, near, printed
from benchmarks.online_retail import NEWEST, customer_days
from pipelines.domains.customers.gamma_gamma import fit_gamma_gamma
from pipelines.domains.customers.lifetime_value import BgNbd, fit_bg_nbd
from pipelines.domains.customers.purchases import historical_purchases, model_summary
from pipelines.domains.customers.values import state_customer_values
from pipelines.modeling.measures import bias, mean_absolute_error, root_mean_squared_error

CDNOW_CUT, CDNOW_END = dt.date(1997, 9, 30), dt.date(1998, 6, 30)
# Fader, Hardie and Lee (2005), table 2; half a unit of the last printed digit.
PUBLISHED = {"r": (0.243, 0.0005), "alpha": (4.414, 0.0005), "a": (0.793, 0.0005), "b": (2.426, 0.0005)}
# Fader and Hardie (2013), on the repeat purchases of 946 customers.
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
    fit_bg_nbd(summary.sample(500, random_state=0))
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
    known = cdnow()
    params = fit_gamma_gamma(known["frequency"], known["mean_repeat_value"]).params
    return [near(f"cdnow gamma_gamma {name}", params[name], wanted, 0.01) for name, wanted in GAMMA_GAMMA.items()]


def cdnow_holdout() -> list[Measured]:
    """Purchases of the last 39 weeks, expected from the first 39, beside always zero and the historical rate."""
    known = cdnow()
    actual = known["n_later"].to_numpy(float)
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


def cdnow() -> pd.DataFrame:
    """One row per customer of the 2357: frequency, recency_days, age_days, mean_repeat_value in dollars, n_later."""
    counts = pd.read_csv(Path(__file__).with_name("cdnow.csv"), comment="#")
    return counts.loc[counts.index.repeat(counts.pop("n_customers"))].reset_index(drop=True)


def cdnow_summary() -> pd.DataFrame:
    """frequency, recency and age of the same customers in weeks of two decimals, as the paper was written on."""
    known = cdnow()
    weeks = {name: (known[f"{name}_days"] / 7).round(2) for name in ("recency", "age")}
    return known[["frequency"]].assign(**weeks)


if __name__ == "__main__":
    sys.exit(int(not all(row.passes for row in run())))
