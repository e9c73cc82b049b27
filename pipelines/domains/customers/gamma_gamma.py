"""What a purchase of a customer is worth: the Gamma-Gamma model (Fader and Hardie, "The Gamma-Gamma Model of Monetary
Value", 2013).

Belongs here: the model, its fit and its conditional mean. Does not belong here: how often a customer buys
(lifetime_value.py), what the value of a purchase is (purchases.py).

Values of one customer's purchases are Gamma(p, nu); nu differs between customers as Gamma(q, v) and does not depend
on how often they buy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.domains.customers.likelihood import Loss, Vector, dot, least_loss

NAMES = ("p", "q", "v")
# Starts as (p, q); v follows from the mean value.
STARTS = ((1.0, 3.0), (6.0, 4.0), (0.5, 1.5))
FEWEST = 2


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model; v is in the unit of money. `q` is above 1, so that the population's mean exists."""

    p: float
    q: float
    v: float
    log_likelihood: float
    n_customers: int

    @property
    def params(self) -> dict[str, float]:
        """p, q and v by name."""
        return {name: float(getattr(self, name)) for name in NAMES}

    @property
    def population_mean(self) -> float:
        """The mean value of a purchase of a customer of whom nothing is known."""
        return self.p * self.v / (self.q - 1)

    def expected_value(self, frequency: npt.ArrayLike, mean_value: npt.ArrayLike) -> Vector:
        """The mean value to be expected of each customer's next purchases, from the mean of `frequency` earlier ones.

        The population's mean for customers without a purchase to go by or with a mean value that is not positive.
        Raises ValueError for arrays of different length, infinite or missing numbers and negative frequencies.
        """
        n, total = self.evidence(frequency, mean_value)
        return self.p * (self.v + total) / (self.p * n + self.q - 1)

    def evidence(self, frequency: npt.ArrayLike, mean_value: npt.ArrayLike) -> tuple[Vector, Vector]:
        """(purchases, their total value) that tell something of each customer; 0 and 0 where nothing does."""
        n, mean = _checked(frequency, mean_value)
        known = (n > 0) & (mean > 0)
        return np.where(known, n, 0.0), np.where(known, n * mean, 0.0)


def fit_gamma_gamma(frequency: npt.ArrayLike, mean_value: npt.ArrayLike) -> GammaGamma:
    """The Gamma-Gamma model of greatest likelihood for the `mean_value` of `frequency` purchases of each customer.

    Customers without a purchase or with a mean value that is not positive tell nothing of it and are left out. Raises
    ValueError for arrays of different length, infinite or missing numbers, negative frequencies, fewer than two
    customers to learn from, values that are all equal, and when the search does not converge.
    """
    n, mean = _checked(frequency, mean_value)
    known = (n > 0) & (mean > 0)
    if known.sum() < FEWEST or np.ptp(mean[known]) == 0:
        raise ValueError(f"Gamma-Gamma needs {FEWEST} customers with positive mean values that differ")
    unit = float(np.median(mean[known]))
    # Sorted, so that sums do not depend on the order of the customers.
    order = np.lexsort((mean[known], n[known]))
    n, mean = n[known][order], np.maximum(mean[known][order] / unit, np.finfo(float).tiny)
    centre = float(mean.mean())
    starts = [np.log([p, q - 1, centre * (q - 1) / p]) for p, q in STARTS]
    theta, least = least_loss(_mean_loss(n, mean), starts)
    if theta is None:
        raise ValueError(f"Gamma-Gamma did not converge on {len(n)} customers: use their own mean values instead")
    p, q_above_1, v = (float(value) for value in np.exp(theta))
    total = -least * len(n) - len(n) * np.log(unit)
    return GammaGamma(p, 1 + q_above_1, v * unit, log_likelihood=float(total), n_customers=len(n))


def _checked(frequency: npt.ArrayLike, mean_value: npt.ArrayLike) -> tuple[Vector, Vector]:
    n, mean = np.asarray(frequency, dtype=np.float64), np.asarray(mean_value, dtype=np.float64)
    if n.ndim != 1 or n.shape != mean.shape:
        raise ValueError(f"frequency and mean_value must be of one length, not of shapes {n.shape} and {mean.shape}")
    bad = ~np.isfinite(n) | ~np.isfinite(mean) | (n < 0)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"row {row}: frequency {n[row]:g} or mean value {mean[row]:g} is missing, infinite or negative"
        )
    return n, mean


def _mean_loss(n: Vector, mean: Vector) -> Loss:
    """log of (p, q - 1, v) -> (minus the mean log-likelihood per customer, its gradient)."""
    from scipy.special import digamma, gammaln

    total, size = n * mean, len(n)
    log_mean, log_total = np.log(mean), np.log(total)

    def loss(theta: Vector) -> tuple[float, Vector]:
        p, q_above_1, v = np.exp(theta)
        q, shape = 1 + q_above_1, p * n
        log_both = np.log(v + total)
        each = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * theta[2]
        each = each + shape * log_total - log_mean - (shape + q) * log_both
        d_p = dot(n, digamma(shape + q) - digamma(shape) + log_total - log_both)
        d_q = float((digamma(shape + q) - digamma(q) + theta[2] - log_both).sum())
        d_v = float((q / v - (shape + q) / (v + total)).sum())
        return -float(each.sum()) / size, -np.array([d_p * p, d_q * q_above_1, d_v * v]) / size

    return loss
