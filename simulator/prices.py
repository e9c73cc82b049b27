"""Prices, promotions and the exchange rate: what a customer meets on a day.

Belongs here: list and sale price per SKU and day, the plan of promotions, CNY per USD. Does not belong here: how
customers answer (demand.py). Each is a function of the seed and days up to the one asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.arguments import Arguments
from simulator.catalogue import Catalogue
from simulator.clock import Bools, Floats, Ints
from simulator.festivals import festival_on, span
from simulator.streams import stream
from simulator.words import CATEGORIES

EVERYTHING = -1
ANNOUNCED_DAYS = 3
FLASH_CENTS = 1


@dataclass(frozen=True)
class Promotion:
    """number: of the promotion's id. known: the day of whose file it is part. category: index, or EVERYTHING.
    first, last: day numbers. members: which SKUs take part. depth: 0 to 1."""

    number: int
    known: int
    name: str
    kind: str
    depth: float
    category: int
    first: int
    last: int
    members: Bools


@dataclass(frozen=True)
class DayPrices:
    """Per SKU: list_cents and sale_cents (CNY), promotion number (0: none), cost_e4 (1/10,000 CNY), whether that cost
    is new. usd_e4: CNY per USD in 1/10,000."""

    list_cents: Ints
    sale_cents: Ints
    promotion: Ints
    cost_e4: Ints
    cost_is_new: Bools
    usd_e4: int


def promotions(arguments: Arguments, catalogue: Catalogue) -> list[Promotion]:
    """All promotions that are known by the last day, in the order of their numbers."""
    known: list[Promotion] = []
    for day in range(arguments.days + ANNOUNCED_DAYS):
        for kind, name, depth, category, length in _starting(arguments, day):
            rng = stream(arguments.seed, f"promotion/{kind}", day)
            members = rng.random(catalogue.n) < (0.7 if kind == "festival" else 0.5)
            if category != EVERYTHING:
                members &= catalogue.category == category
            first_file = max(day - ANNOUNCED_DAYS, 0)
            known.append(
                Promotion(len(known) + 1, first_file, name, kind, depth, category, day, day + length - 1, members)
            )
    return [promotion for promotion in known if promotion.known < arguments.days]


def _starting(arguments: Arguments, day: int) -> Iterator[tuple[str, str, float, int, int]]:
    """(kind, name, depth, category, length in days) of the promotions that start on a day."""
    date = arguments.date(day)
    festival = festival_on(date)
    if festival and (span(date)[0] == date or day == 0):
        yield "festival", festival.name, festival.depth, EVERYTHING, (span(date)[1] - date).days + 1
    rng = stream(arguments.seed, "promotion/plan", day)
    flash, clearance, depth, category = rng.random(4)
    if flash < 0.22:
        yield "flash", f"限时闪购 {date:%m%d}", round(0.10 + 0.20 * depth, 2), int(category * len(CATEGORIES)), 3
    if clearance < 0.03:
        yield "clearance", f"清仓 {date:%m%d}", round(0.25 + 0.20 * depth, 2), int(category * len(CATEGORIES)), 10


def daily_prices(arguments: Arguments, catalogue: Catalogue, plan: list[Promotion]) -> Iterator[DayPrices]:
    """The prices of one day after another, from the first."""
    list_cents, cost_e4, rate = catalogue.price_cents.copy(), catalogue.cost_e4.copy(), 7.2
    for day in range(arguments.days):
        rng = stream(arguments.seed, "prices", day)
        rate += 0.05 * (7.2 - rate) + 0.012 * rng.standard_normal()
        moves = rng.random(catalogue.n) < (1 / 150 if day else 0)
        moved = np.round(list_cents * rng.uniform(0.92, 1.10, catalogue.n) / 100) * 100 + 90
        list_cents = np.where(moves, moved, list_cents).astype(np.int64)
        dearer = rng.random(catalogue.n) < (1 / 200 if day else 0)
        cost_e4 = np.where(dearer, np.floor(cost_e4 * rng.uniform(0.95, 1.08, catalogue.n)), cost_e4).astype(np.int64)
        sale, number = list_cents.copy(), np.zeros(catalogue.n, dtype=np.int64)
        for promotion in plan:
            if promotion.first <= day <= promotion.last:
                lower = np.round(list_cents * (1 - promotion.depth) / 10).astype(np.int64) * 10
                better = promotion.members & (lower < sale)
                sale, number = np.where(better, lower, sale), np.where(better, promotion.number, number)
        if rng.random() < 0.3:  # one unit for one fen: looks wrong, is right
            sale[int(rng.random() * catalogue.n)] = FLASH_CENTS
        yield DayPrices(list_cents, sale, number, cost_e4, dearer, round(rate * 10_000))


def usd_cents(cny_cents: Ints, usd_e4: int) -> Ints:
    """What a foreign customer is asked for in USD: 8 % above the day's rate, at least one cent."""
    quoted: Floats = np.floor(cny_cents * 10_800.0 / usd_e4 + 0.5)
    return np.maximum(quoted, 1).astype(np.int64)
