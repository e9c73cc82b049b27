"""The catalogue: about 300 SKUs with what is planted in each (popularity, elasticity, trend, season, faults).

Belongs here: what a product is from the first day on. Does not belong here: its price on a day (prices.py) and who
likes it (tastes.py). SKUs are ordered by category, so that a category is a range of indices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.clock import Bools, Floats, Ints
from simulator.streams import stream
from simulator.words import BRANDS, CATEGORIES, NOUN_COUNT, QUALITIES, SHELVES

SKUS_PER_SHELF = 16
ALWAYS = 10**6


@dataclass(frozen=True)
class Catalogue:
    """Arrays over SKUs, in the order of their index.

    shelf, noun, brand, quality, variant, spu: indices of words. category_start: index of the first SKU per category,
    and the end. price_cents: list price of the first day, CNY. cost_e4: unit cost in 1/10,000 CNY. weight: popularity.
    elasticity: own, of the rate at which a line is kept when the price moves. slope: growth of popularity in 120 days.
    launch, end: day numbers from which and before which it is sold. companion: the SKU that is often bought with it.
    """

    shelf: Ints
    noun: Ints
    brand: Ints
    quality: Ints
    variant: Ints
    spu: Ints
    category: Ints
    category_start: Ints
    price_cents: Ints
    cost_e4: Ints
    weight: Floats
    elasticity: Floats
    slope: Floats
    launch: Ints
    end: Ints
    companion: Ints
    eco: Bools
    pack: Ints
    days_of_use: Ints

    @property
    def n(self) -> int:
        """Number of SKUs."""
        return len(self.shelf)

    def on_sale(self, day: int) -> Bools:
        """Which SKUs are sold on a day."""
        return (self.launch <= day) & (day < self.end)

    def season(self, day_of_year: int) -> Floats:
        """Factor of each SKU's popularity by the season of its shelf."""
        peak = np.array([shelf.peak for shelf in SHELVES])
        swing = np.array([shelf.swing for shelf in SHELVES])
        factor = 1 + swing * np.cos(2 * np.pi * (day_of_year - peak) / 365)
        return np.asarray(factor[self.shelf])

    def trend(self, day: int) -> Floats:
        """Factor of each SKU's popularity by its trend: a straight line in days, held within 0.3 and 3."""
        return np.clip(1 + self.slope * day / 120, 0.3, 3.0)


def make_catalogue(seed: int) -> Catalogue:
    """The catalogue of a seed, drawn from its own stream."""
    rng = stream(seed, "catalogue", 0)
    shelf = np.repeat(np.arange(len(SHELVES)), SKUS_PER_SHELF)
    n = len(shelf)
    position = np.arange(n) % SKUS_PER_SHELF
    spu = shelf * SKUS_PER_SHELF // 2 + position // 2  # two SKUs are variants of one product
    by_spu = rng.random((n, 3))[spu]
    low, high = (np.array([getattr(s, side) for s in SHELVES])[shelf] for side in ("low", "high"))
    eco = by_spu[:, 2] > 0.82
    yuan = np.floor(low + (high - low) * by_spu[:, 0] ** 1.7)
    price = (yuan * 100 + rng.choice([90, 0, 50], n, p=[0.6, 0.3, 0.1])).astype(np.int64)
    launch = np.where(rng.random(n) < 0.10, rng.integers(5, 365, n), 0)
    end = np.where((rng.random(n) < 0.06) & (launch == 0), rng.integers(30, 600, n), ALWAYS)
    category = np.array([CATEGORIES.index(SHELVES[s].category) for s in shelf])
    return Catalogue(
        shelf=shelf,
        noun=(position // 2) % NOUN_COUNT,
        brand=(by_spu[:, 1] * len(BRANDS)).astype(np.int64),
        quality=(position // 2) % len(QUALITIES),
        variant=position % 2 + 2 * (rng.random(n) < 0.5),
        spu=spu,
        category=category,
        category_start=np.searchsorted(category, np.arange(len(CATEGORIES) + 1)),
        price_cents=price,
        cost_e4=np.floor(price * rng.uniform(38, 66, n)).astype(np.int64),
        # A few sell very well, most a little: the weight of rank r falls as (r + 2)^-0.7, ranks at random.
        weight=np.power(rng.permutation(n) + 2.0, -0.7, dtype=np.float64),
        elasticity=-rng.triangular(0.4, 1.6, 3.4, n),
        slope=np.where(rng.random(n) < 0.5, rng.uniform(-0.35, 0.45, n), 0.0) + 0.6 * eco,
        launch=launch,
        end=end,
        companion=rng.permutation(n),
        eco=eco,
        pack=rng.choice([6, 10, 12, 20, 24], n),
        days_of_use=np.array([s.days_of_use for s in SHELVES])[shelf],
    )
