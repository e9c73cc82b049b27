"""What each method expects of the customers over a horizon: purchases, amount, and draws of the amount.

Belongs here: the methods bg_nbd, historical_rate and zero over one purchase summary. Does not belong here: which one
is published (values.py), how draws become an interval (intervals.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domains.customers.gamma_gamma import GammaGamma, fit_gamma_gamma
from pipelines.domains.customers.lifetime_value import BgNbd, fit_bg_nbd
from pipelines.domains.customers.purchases import historical_rate, model_summary

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Draw = Callable[[slice, int, np.random.Generator], Matrix]

# Seven parameters are not learned from less. A holdout of fewer customers would choose between methods by chance, too.
FEWEST_CUSTOMERS = 100
FEWEST_REPEATERS = 30


@dataclass(frozen=True)
class Outlook:
    """One method's view of each customer of a summary, in its order.

    `purchases` and `amount` are expectations over the horizon; `draw(rows, n, rng)` gives rows x n possible amounts.
    `alive` and `models` (name -> parameters as JSON) only where the method has such a thing.
    """

    method: str
    purchases: Vector
    amount: Vector
    draw: Draw
    alive: Vector | None = None
    models: Mapping[str, str] = field(default_factory=dict)


def outlooks(summary: pd.DataFrame, horizon_days: int) -> dict[str, Outlook]:
    """Method -> outlook for a purchase summary. bg_nbd is absent where it cannot be fitted; scipy is not loaded then
    if there are fewer than 100 customers or fewer than 30 who bought again."""
    rate = by_historical_rate(summary, horizon_days)
    nothing = np.zeros(len(summary))
    found = {"historical_rate": rate, "zero": Outlook("zero", nothing, nothing, rate.draw)}
    if len(summary) >= FEWEST_CUSTOMERS and (summary["frequency"] > 0).sum() >= FEWEST_REPEATERS:
        try:
            bg_nbd = fit_bg_nbd(model_summary(summary))
            value = fit_gamma_gamma(summary["n_purchase_days"].to_numpy(), summary["mean_amount"].to_numpy())
        except ValueError:
            return found
        found["bg_nbd"] = by_bg_nbd(bg_nbd, value, summary, horizon_days)
    return found


def by_historical_rate(summary: pd.DataFrame, horizon_days: int) -> Outlook:
    """The historical rate times the customer's own mean amount, or that of all where hers is not positive.

    Draws: a rate of its Gamma distribution, purchases of it, and the mean amount for each.
    """
    known = historical_rate(summary)
    purchases = known.mean * horizon_days
    mean = summary["mean_amount"].to_numpy(np.float64)
    positive = mean[mean > 0]
    worth = np.where(mean > 0, mean, positive.mean() if positive.size else 0.0)
    shape, days = known.shape[:, None], known.days[:, None]

    def draw(rows: slice, n: int, rng: np.random.Generator) -> Matrix:
        rate = rng.standard_gamma(shape[rows], (len(shape[rows]), n)) / days[rows]
        return np.asarray(rng.poisson(rate * horizon_days) * worth[rows, None], dtype=np.float64)

    return Outlook("historical_rate", purchases, purchases * worth, draw)


def by_bg_nbd(bg_nbd: BgNbd, value: GammaGamma, summary: pd.DataFrame, horizon_days: int) -> Outlook:
    """Expected purchases times expected value; draws from the posterior of both models, parameters taken as known."""
    known = model_summary(summary)
    purchases = np.asarray(bg_nbd.expected_purchases(known, horizon_days), dtype=np.float64)
    alive = np.asarray(bg_nbd.probability_alive(known), dtype=np.float64)
    n_days, mean = summary["n_purchase_days"].to_numpy(), summary["mean_amount"].to_numpy()
    models = {
        name: json.dumps(
            {**model.params, "log_likelihood": model.log_likelihood, "n_customers": model.n_customers}, sort_keys=True
        )
        for name, model in (("bg_nbd", bg_nbd), ("gamma_gamma", value))
    }
    draw = _posterior(bg_nbd, value, summary, alive, horizon_days)
    return Outlook("bg_nbd", purchases, purchases * value.expected_value(n_days, mean), draw, alive, models)


def _posterior(bg_nbd: BgNbd, value: GammaGamma, summary: pd.DataFrame, alive: Vector, horizon_days: int) -> Draw:
    """Draws of the amount: of a living customer lambda ~ Gamma(r+x, alpha+age) and p ~ Beta(a, b+x) are independent,
    purchases are the lesser of Poisson(lambda t) and the number after which she leaves.

    Customers with equal x share the draws of lambda and p, those with equal n that of nu: each one's own distribution
    is the same as with draws of her own, and most of the work is saved.
    """
    n_known, total = value.evidence(summary["n_purchase_days"].to_numpy(), summary["mean_amount"].to_numpy())
    x, total, living = summary["frequency"].to_numpy(np.float64), total[:, None], alive[:, None]
    horizon_share = (horizon_days / (bg_nbd.alpha + summary["age_days"].to_numpy(np.float64)))[:, None]

    def draw(rows: slice, n: int, rng: np.random.Generator) -> Matrix:
        xs, of_x = np.unique(x[rows], return_inverse=True)
        ns, of_n = np.unique(n_known[rows], return_inverse=True)
        rate = rng.standard_gamma(bg_nbd.r + xs[:, None], (len(xs), n))
        leaving = np.maximum(rng.beta(bg_nbd.a, bg_nbd.b + xs[:, None], (len(xs), n)), np.finfo(float).tiny)
        with np.errstate(divide="ignore", over="ignore"):
            last = np.maximum(np.ceil(np.log1p(-rng.random((len(xs), n))) / np.log1p(-leaving)), 1)
        scale = rng.standard_gamma(value.q + value.p * ns[:, None], (len(ns), n))
        bought = np.minimum(rng.poisson(rate[of_x] * horizon_share[rows]), last[of_x])
        # The first draws of each customer are those in which she is alive: no draw knows its place otherwise.
        bought *= np.arange(n) + 0.5 < living[rows] * n
        amount = np.zeros_like(bought)
        some = bought > 0
        amount[some] = rng.standard_gamma(value.p * bought[some])
        return np.asarray(amount / scale[of_n] * (value.v + total[rows]))

    return draw
