"""The search for the parameters of greatest likelihood, the same for both models of a customer's value.

Does not belong here: the likelihoods themselves (lifetime_value.py, gamma_gamma.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Loss = Callable[[Vector], tuple[float, Vector]]

# A parameter that runs to e^12 (or e^-12) means "no spread" (or "nobody"): the limit changes no forecast any more.
LOG_LIMIT = 12.0
# Largest slope of the mean log-likelihood per unit of a log-parameter at which a search counts as converged.
SLOPE = 1e-4


def least_loss(loss: Loss, starts: Iterable[Vector]) -> tuple[Vector | None, float]:
    """(the log-parameters with the least `loss` of all searches, that loss); (None, inf) when no search converged.

    BFGS over phi, where theta = LOG_LIMIT tanh(phi / LOG_LIMIT): near the identity where parameters lie, and a smooth
    end of the range. Its linear algebra is too small for threads, so the bytes do not depend on the machine's cores.
    """
    from scipy.optimize import minimize

    def bounded(phi: Vector) -> tuple[float, Vector]:
        theta = np.tanh(phi / LOG_LIMIT)
        value, gradient = loss(LOG_LIMIT * theta)
        return value, gradient * (1 - theta**2)

    best: tuple[Vector | None, float] = (None, np.inf)
    for start in starts:
        phi = LOG_LIMIT * np.arctanh(np.clip(start / LOG_LIMIT, -0.9, 0.9))
        found = minimize(bounded, phi, jac=True, method="BFGS", options={"gtol": 1e-8})
        if np.isfinite(found.fun) and found.fun < best[1] and np.abs(found.jac).max() <= SLOPE:
            best = LOG_LIMIT * np.tanh(found.x / LOG_LIMIT), float(found.fun)
    return best


def dot(left: Vector, right: Vector) -> float:
    """The sum of products, in an order that does not depend on the number of threads (as a BLAS product's does)."""
    return float((left * right).sum())
