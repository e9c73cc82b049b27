"""How often a customer will buy again: the BG/NBD model of Fader, Hardie and Lee (Marketing Science 24, 2005).

Belongs here: the model, its fit and what it expects of a customer. Does not belong here: what a purchase is
(purchases.py), money (gamma_gamma.py), which customers are stated (values.py).

While alive a customer buys at a rate lambda ~ Gamma(r, alpha); after each purchase she leaves with probability
p ~ Beta(a, b). A summary has one row per customer: `frequency` (repeat purchases), `recency` (age at the last
purchase) and `age` (time since the first purchase), the last two in any one unit of time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domains.customers.likelihood import LOG_LIMIT, dot, least_loss

Vector = npt.NDArray[np.float64]

COLUMNS = ("frequency", "recency", "age")
NAMES = ("r", "alpha", "a", "b")

# Starts as (r, a, b); alpha follows from the mean rate. They lie on both sides of what is found in shops (r .1 to 2,
# a below and above 1); the likelihood has one summit in all cases seen, but a long flat ridge towards large a and b.
STARTS = ((0.3, 0.8, 2.5), (1.0, 1.0, 1.0), (2.0, 0.1, 1.0), (0.1, 2.0, 8.0))
# Nodes of the integral over p: the error is below 1e-7 for all parameters from e^-7 to e^7, 600 purchases, 5000 days.
NODES = 256
BLOCK = 4096


@dataclass(frozen=True)
class BgNbd:
    """A fitted model; alpha is in the summary's unit of time.

    `log_likelihood` is the total over all customers. `at_limit` names the parameters that ran to the end of their
    range: the customers then do not differ in that respect (large r with alpha, large a with b) or never leave (a).
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    n_customers: int
    at_limit: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, float]:
        """r, alpha, a and b by name."""
        return {name: float(getattr(self, name)) for name in NAMES}

    def probability_alive(self, summary: pd.DataFrame) -> pd.Series[float]:
        """The probability that each customer has not left, between 0 and 1; 1 without a repeat purchase."""
        return pd.Series(self._alive(*checked(summary)), index=summary.index, name="probability_alive")

    def expected_purchases(self, summary: pd.DataFrame, horizon: float) -> pd.Series[float]:
        """The purchases to be expected of each customer in the next `horizon` units of time.

        Equation 10 of the paper, with the hypergeometric function as its Euler integral over p: that has no
        difference of large numbers and no pole at a = 1. Raises ValueError for a horizon below 0 or not finite.
        """
        if not (np.isfinite(horizon) and horizon >= 0):
            raise ValueError(f"a horizon is a length of time from 0 on, not {horizon}")
        x, recency, age = checked(summary)
        pairs, place = np.unique(np.column_stack([x, age]), axis=0, return_inverse=True)
        blocks = [pairs[start : start + BLOCK] for start in range(0, len(pairs), BLOCK)]
        if_alive = np.concatenate([self._purchases_if_alive(block[:, 0], block[:, 1], horizon) for block in blocks])
        expected = self._alive(x, recency, age) * if_alive[place.ravel()]
        return pd.Series(expected, index=summary.index, name="expected_purchases")

    def _alive(self, x: Vector, recency: Vector, age: Vector) -> Vector:
        from scipy.special import expit

        waited = np.log(self.alpha + age) - np.log(self.alpha + recency)
        log_odds = np.log(self.a) - np.log(np.maximum(self.b + x - 1, self.b)) + (self.r + x) * waited
        return np.asarray(np.where(x > 0, expit(-log_odds), 1.0), dtype=np.float64)

    def _purchases_if_alive(self, x: Vector, age: Vector, horizon: float) -> Vector:
        """E[(1 - (1 + p u)^-(r+x)) / p] over p ~ Beta(a, b+x), where u = horizon / (alpha + age).

        By the trapezoid rule in the log-odds of p. Where a or b+x is below 1 the density has a long tail at that end:
        a straight line through the value at the end is taken off first, so that what is left vanishes there. Elsewhere
        nothing is taken off, because the value at p = 0 may exceed the result by many orders.
        """
        from scipy.special import betaln, expit

        shape, u, late = self.r + x, horizon / (self.alpha + age), self.b + x
        y, step = _nodes(self.a, late, shape * u)
        p = np.maximum(expit(y), np.finfo(float).tiny)
        value = -np.expm1(-shape[:, None] * np.log1p(p * u[:, None])) / p
        at_0 = shape * u if self.a < 1 else np.zeros(len(x))
        at_1 = np.where(late < 1, -np.expm1(-shape * np.log1p(u)), 0.0)
        rest = value - (at_0[:, None] + p * (at_1 - at_0)[:, None])
        log_density = self.a * y - (self.a + late)[:, None] * np.logaddexp(0, y) - betaln(self.a, late)[:, None]
        line = at_0 + self.a / (self.a + late) * (at_1 - at_0)
        expected = line + step * (rest * np.exp(log_density)).sum(axis=1)
        return np.asarray(np.clip(expected, 0, shape * u), dtype=np.float64)


def fit_bg_nbd(summary: pd.DataFrame) -> BgNbd:
    """The BG/NBD model of greatest likelihood for `frequency`, `recency`, `age` (see the module's head).

    Equal rows count as one with a weight. Raises ValueError for a column that is missing, an empty summary, a bad row
    (named by its customer_id, else its index), no repeat purchase at all, and when the search does not converge.
    """
    x, recency, age = checked(summary)
    if not x.any():
        raise ValueError("no customer has bought again: BG/NBD needs repeat purchases (frequency above 0)")
    unit = float(np.sort(age).mean())  # Sorted, so that the sum does not depend on the order of the rows.
    loss = _mean_loss(x, recency / unit, age / unit)
    rate = float(x.mean())
    theta, least = least_loss(loss, [np.log([r, r / rate, a, b]) for r, a, b in STARTS])
    if theta is None:
        raise ValueError(f"BG/NBD did not converge on {len(x)} customers: use their historical rate instead")
    r, alpha, a, b = (float(value) for value in np.exp(theta))
    return BgNbd(
        *(r, alpha * unit, a, b),
        # In the scaled unit of time every repeat purchase is `unit` times as dense.
        log_likelihood=float(-least * len(x) - x.sum() * np.log(unit)),
        n_customers=len(x),
        at_limit=tuple(name for name, value in zip(NAMES, theta, strict=True) if abs(value) > 0.95 * LOG_LIMIT),
    )


def checked(summary: pd.DataFrame) -> tuple[Vector, Vector, Vector]:
    """(frequency, recency, age) as floats. Raises ValueError naming the first bad row."""
    missing = [name for name in COLUMNS if name not in summary.columns]
    if missing:
        raise ValueError(f"the summary lacks {', '.join(missing)}: it needs {', '.join(COLUMNS)}")
    if summary.empty:
        raise ValueError("the summary is empty: there is no customer to learn from")
    x, recency, age = (_floats(summary, name) for name in COLUMNS)
    for name, values in zip(COLUMNS, (x, recency, age), strict=True):
        _refuse(summary, ~np.isfinite(values), f"{name} is missing or infinite")
        _refuse(summary, values < 0, f"{name} is negative")
    _refuse(summary, x != np.floor(x), "frequency is not a whole number")
    _refuse(summary, recency > age, "recency is greater than age")
    _refuse(summary, (x == 0) & (recency > 0), "recency is above 0 without a repeat purchase")
    if not age.any():
        raise ValueError("all ages are 0: no time has passed since the first purchases")
    return x, recency, age


def _floats(summary: pd.DataFrame, name: str) -> Vector:
    return np.asarray(pd.to_numeric(summary[name], errors="coerce").to_numpy(np.float64, na_value=np.nan))


def _refuse(summary: pd.DataFrame, bad: npt.NDArray[np.bool_], problem: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        key = "customer_id" if "customer_id" in summary.columns else "index"
        named = summary[key].iloc[row] if key == "customer_id" else summary.index[row]
        raise ValueError(f"{problem} in {int(bad.sum())} of {len(bad)} rows, first where {key} is {named}")


def _nodes(a: float, late: Vector, steepness: Vector) -> tuple[Vector, Vector]:
    """(rows x NODES log-odds of p that hold all mass of Beta(a, late) where it matters, the step of each row).

    What is summed falls as exp(-late y) to the right; to the left as exp((a - 1) y), since the value rises as 1 / p
    until p = 1 / steepness, and as exp(a y) from there; by one power faster where a line is taken off. 38 is minus the
    logarithm of the precision of a float.
    """
    centre = np.log((a + 1) / (late + 1))
    spread = 10 * np.sqrt(1 / (a + 1) + 1 / (late + 1))
    tail = np.minimum(38 / max(a - 1, 1e-9), 38 / (a + (a < 1)) + np.log1p(steepness))
    low, high = centre - spread - tail, centre + spread + 38 / (late + (late < 1))
    return np.linspace(low, high, NODES, axis=1), (high - low) / (NODES - 1)


def _mean_loss(x: Vector, recency: Vector, age: Vector) -> Callable[[Vector], tuple[float, Vector]]:
    """log-parameters -> (minus the mean log-likelihood per customer, its gradient).

    The likelihood falls into a part that depends on the frequency alone, one for those without a repeat purchase,
    which depends on the age alone, and the rest: each is computed once per distinct value.
    """
    from scipy.special import digamma, gammaln

    n = len(x)
    k, of_k = (np.asarray(part, dtype=np.float64) for part in np.unique(x, return_counts=True))
    t0, of_t0 = (np.asarray(part, dtype=np.float64) for part in np.unique(age[x == 0], return_counts=True))
    again, of_again = np.unique(np.column_stack([x, recency, age])[x > 0], axis=0, return_counts=True)
    (xr, tx, t), w = again.T, of_again.astype(np.float64)

    def loss(theta: Vector) -> tuple[float, Vector]:
        r, alpha, a, b = np.exp(theta)
        by_count = gammaln(r + k) - gammaln(r) + gammaln(a + b) + gammaln(b + k) - gammaln(b) - gammaln(a + b + k)
        log_t, log_tx, log_t0 = np.log(alpha + t), np.log(alpha + tx), np.log(alpha + t0)
        gone = np.log(a) - np.log(b + xr - 1) - (r + xr) * log_tx
        either = np.logaddexp(-(r + xr) * log_t, gone)
        left = w * np.exp(gone - either)
        stayed = w - left
        total = dot(of_k, by_count) + n * r * theta[1] - r * dot(of_t0, log_t0) + dot(w, either)
        d_r = (
            dot(of_k, digamma(r + k) - digamma(r))
            + n * theta[1]
            - dot(of_t0, log_t0)
            - dot(stayed, log_t)
            - dot(left, log_tx)
        )
        d_alpha = n * r / alpha - r * dot(of_t0, 1 / (alpha + t0))
        d_alpha -= dot(stayed, (r + xr) / (alpha + t)) + dot(left, (r + xr) / (alpha + tx))
        d_a = dot(of_k, digamma(a + b) - digamma(a + b + k)) + left.sum() / a
        d_b = dot(of_k, digamma(a + b) + digamma(b + k) - digamma(b) - digamma(a + b + k)) - dot(left, 1 / (b + xr - 1))
        gradient = np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])
        return float(-total / n), -gradient / n

    return loss
