"""Customer values: what each customer is expected to buy over a horizon, and how good such statements were.

Belongs here: which periods are learned from and scored, and which method is published. Does not belong here: the
methods (outlooks.py) and where statements are stored.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domains.customers.intervals import Intervals, Levels, calibrated, intervals
from pipelines.domains.customers.outlooks import FEWEST_CUSTOMERS, Outlook, outlooks
from pipelines.domains.customers.purchases import day_before, purchase_summary, purchases_between
from pipelines.modeling.inputs import AsOf, as_day, as_horizon, as_seed
from pipelines.modeling.measures import bias, mean_absolute_error, root_mean_squared_error, share_above, share_below

Vector = npt.NDArray[np.float64]

MODEL, RIVALS = "bg_nbd", ("historical_rate", "zero")
FALLBACK = "historical_rate"
# What always zero has none of: it states no interval.
OF_INTERVALS = ("interval_coverage", "share_below_lower", "share_above_upper")

# The purchase summary's names, which are those of BG/NBD -> names that mean the same in every table.
STATED_NAMES = {
    "frequency": "n_repeat_purchases",
    "recency_days": "first_to_last_purchase_days",
    "age_days": "tenure_days",
}


@dataclass(frozen=True)
class StatedValues:
    """The statement of one as-of day.

    `values`, one row per customer with a purchase, ordered by customer_id: customer_id, horizon_days,
    n_repeat_purchases, first_to_last_purchase_days, tenure_days, probability_alive (NaN unless the method is bg_nbd),
    expected_purchases, expected_amount, lower and upper (80 % interval of the amount), naive_amount (historical rate
    times own mean), method.
    The mean of a skewed distribution may lie above `upper`: one who rarely buys has an interval from 0 to 0.
    `scores`, one row per method and measure: subject ('holdout'), method, measure, value, is_published.
    `models`: name -> JSON text of the parameters in use (bg_nbd, gamma_gamma, interval), equal bytes for equal data.
    """

    values: pd.DataFrame
    scores: pd.DataFrame
    models: Mapping[str, str]


@dataclass(frozen=True)
class _Period:
    """What is carried from one scored period to the next."""

    levels: Mapping[str, Levels] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def state_customer_values(
    customer_days: pd.DataFrame, *, as_of: AsOf, horizon_days: int = 91, seed: int = 0
) -> StatedValues:
    """What each customer will buy in the `horizon_days` after `as_of`, from her days until then.

    `customer_days` as in purchase_summary; rows after `as_of` are not read. Three statements are made: one of two
    horizons ago sets the levels of the intervals for one of a horizon ago, the holdout, where all methods are scored;
    the holdout sets them for the one that is published. bg_nbd is published unless a rival (historical_rate, zero) had
    both a lower MAE and a lower RMSE of purchases in the holdout; without a holdout of 100 customers, or where the
    model cannot be fitted, it is historical_rate. Raises ValueError for a horizon below one day and for bad rows.
    """
    as_of, seed = as_day(as_of).date(), as_seed(seed)
    horizon_days = as_horizon(horizon_days, "horizon_days")
    period = _Period()
    for horizons_ago in (2, 1):
        cut = day_before(as_of, horizons_ago * horizon_days)
        until = day_before(as_of, (horizons_ago - 1) * horizon_days)
        period = _scored(customer_days, cut, until, horizon_days, seed, period)
    summary = purchase_summary(customer_days, as_of=as_of)
    methods = outlooks(summary, horizon_days)
    published = choose({name: scores for name, scores in period.scores.items() if name in methods})
    outlook, levels = methods[published], period.levels.get(published, Levels())
    ends = intervals(outlook, levels, seed=seed)
    interval = json.dumps({"low": levels.low, "high": levels.high, "method": published}, sort_keys=True)
    models = {**(methods[MODEL].models if MODEL in methods else {}), "interval": interval}
    values = _values(summary, outlook, ends, methods[FALLBACK].amount, horizon_days)
    return StatedValues(values, _score_rows(period, published), models)


def choose(scores: Mapping[str, Mapping[str, float]]) -> str:
    """The method to publish: the model, unless a rival was better by both mae and rmse (of those, the least rmse)."""
    if MODEL not in scores:
        return FALLBACK
    model = scores[MODEL]
    better = [
        (scores[name]["rmse"], name)
        for name in RIVALS
        if name in scores and all(scores[name][measure] < model[measure] for measure in ("mae", "rmse"))
    ]
    return min(better)[1] if better else MODEL


def _scored(
    customer_days: pd.DataFrame, cut: dt.date, until: dt.date, horizon_days: int, seed: int, before: _Period
) -> _Period:
    """The statement of `cut` held against what happened until `until`: its scores, and levels set by it."""
    summary = purchase_summary(customer_days, as_of=cut)
    if len(summary) < FEWEST_CUSTOMERS:
        return before
    actual = purchases_between(customer_days, summary["customer_id"], after=cut, until=until)
    n, amount = actual["n_purchases"].to_numpy(), actual["net_amount"].to_numpy()
    methods = outlooks(summary, horizon_days)
    ends = {
        name: intervals(methods[name], before.levels.get(name, Levels()), seed=seed, actual=amount)
        for name in sorted(methods.keys() - {"zero"})
    }
    ends["zero"] = ends[FALLBACK]  # It has no draws of its own.
    return _Period(
        {name: calibrated(ends[name].place) for name in methods},
        {
            name: {
                measure: value
                for measure, value in measured(outlook, ends[name], n, amount).items()
                if name != "zero" or measure not in OF_INTERVALS
            }
            for name, outlook in methods.items()
        },
    )


def measured(outlook: Outlook, ends: Intervals, n_purchases: Vector, net_amount: Vector) -> dict[str, float]:
    """Measure -> value: mae, rmse and bias of purchases, amount_mae and amount_bias, and of the interval its
    interval_coverage with share_below_lower and share_above_upper. Biases are shares of the actual total."""
    below, above = share_below(net_amount, ends.lower), share_above(net_amount, ends.upper)
    return {
        "mae": mean_absolute_error(n_purchases, outlook.purchases),
        "rmse": root_mean_squared_error(n_purchases, outlook.purchases),
        "bias": bias(n_purchases, outlook.purchases),
        "amount_mae": mean_absolute_error(net_amount, outlook.amount),
        "amount_bias": bias(net_amount, outlook.amount),
        "interval_coverage": 1 - below - above,
        "share_below_lower": below,
        "share_above_upper": above,
        "n_scored": float(len(net_amount)),
    }


def _values(
    summary: pd.DataFrame, outlook: Outlook, ends: Intervals, naive_amount: Vector, horizon_days: int
) -> pd.DataFrame:
    # frequency and recency are other numbers in segments, where they count all orders, and days up to now.
    values = summary[["customer_id", *STATED_NAMES]].rename(columns=STATED_NAMES)
    values.insert(1, "horizon_days", np.full(len(values), horizon_days))
    return values.assign(
        probability_alive=np.full(len(values), np.nan) if outlook.alive is None else outlook.alive,
        expected_purchases=outlook.purchases,
        expected_amount=outlook.amount,
        lower=ends.lower,
        upper=ends.upper,
        naive_amount=naive_amount,
        method=np.full(len(values), outlook.method),
    )


def _score_rows(period: _Period, published: str) -> pd.DataFrame:
    """The scores as rows; a measure that has no value (a share of nothing) has no row."""
    rows = [
        ("holdout", method, measure, value, method == published)
        for method in sorted(period.scores)
        for measure, value in period.scores[method].items()
        if np.isfinite(value)
    ]
    frame = pd.DataFrame(rows, columns=["subject", "method", "measure", "value", "is_published"])
    types = {"subject": str, "method": str, "measure": str, "value": float, "is_published": bool}
    return frame.astype(types)
