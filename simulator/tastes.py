"""Tastes: which categories and products a person likes.

Does not belong here: when they buy and whether the price is right (demand.py).
"""

from __future__ import annotations

import numpy as np

from simulator.catalogue import Catalogue
from simulator.clock import Floats, Ints
from simulator.words import CATEGORIES

N_FAVOURITES = 4
# Rows: planted types; columns: apparel, home, food, beauty, electronics, baby. Small sums make people one-sided.
CONCENTRATION = np.array(
    [
        [0.1, 0.2, 1.2, 0.7, 0.1, 0.7],
        [0.9, 0.5, 0.5, 0.9, 0.9, 0.2],
        [0.7, 0.6, 0.6, 0.5, 0.4, 0.4],
        [0.6, 1.0, 2.2, 0.8, 0.3, 1.0],
        [0.6, 0.4, 0.6, 0.5, 0.5, 0.8],
    ]
)


def draw_tastes(rng: np.random.Generator, kind: Ints) -> Floats:
    """Cumulated shares of the categories per person: a Dirichlet draw about the type's own."""
    parts = rng.gamma(CONCENTRATION[kind]) + 1e-9
    return np.cumsum(parts / parts.sum(axis=1, keepdims=True), axis=1).reshape(-1, len(CATEGORIES))


def draw_favourites(rng: np.random.Generator, tastes: Floats, catalogue: Catalogue) -> Ints:
    """SKUs that a person comes back to: drawn by taste and popularity; durables count little."""
    n = len(tastes)
    weight = catalogue.weight * np.where(catalogue.days_of_use > 0, 4.0, 1.0) * (catalogue.launch == 0)
    return choose_skus(
        np.repeat(tastes, N_FAVOURITES, axis=0), rng.random((n * N_FAVOURITES, 2)), weight, catalogue
    ).reshape(n, N_FAVOURITES)


def choose_skus(tastes: Floats, draws: Floats, weight: Floats, catalogue: Catalogue) -> Ints:
    """One SKU per row of cumulated `tastes`: a category by the first draw, a SKU of it by the second and `weight`."""
    category = np.minimum((draws[:, :1] > tastes).sum(axis=1), len(CATEGORIES) - 1)
    total = np.concatenate([[0.0], np.cumsum(weight)])
    low, high = (total[catalogue.category_start[category + side]] for side in (0, 1))
    chosen = np.searchsorted(total, low + draws[:, 1] * (high - low), side="right") - 1
    first, last = catalogue.category_start[category], catalogue.category_start[category + 1] - 1
    return np.asarray(np.clip(chosen, first, last))
