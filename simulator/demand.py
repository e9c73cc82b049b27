"""Demand: who comes on a day, at what time, and asks for what, before anybody looks at the stock.

Belongs here: visits by planted type, baskets, the answer to prices. Does not belong here: what is in stock (stock.py),
what becomes of an order (orders.py). No model's assumption is built in: replenishers come by a regular clock,
hunters in bursts, bargain seekers after depth of discount, big baskets at weekends, gift buyers once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.arguments import Arguments
from simulator.catalogue import Catalogue
from simulator.clock import DAY, HOUR, MINUTE, NEVER, Bools, Floats, Ints, day_of
from simulator.festivals import festival_on, is_quiet
from simulator.people import SERVING, People, city_at
from simulator.prices import FLASH_CENTS, DayPrices
from simulator.streams import stream
from simulator.tastes import N_FAVOURITES, choose_skus
from simulator.words import CATEGORIES

# The night shift books from midnight on and before it: nobody orders then.
FIRST_SECOND, LAST_SECOND = 10 * MINUTE, DAY - 10 * MINUTE
WEEKDAYS = np.array([0.94, 0.90, 0.92, 0.95, 1.04, 1.16, 1.09])
BASKET_DAYS = np.array([0.55, 0.5, 0.6, 0.7, 1.0, 2.1, 1.6])
EXTRA_LINES = np.array([0.9, 1.6, 1.0, 4.2, 0.3])
FAVOURITE_SHARE = np.array([0.85, 0.15, 0.20, 0.45, 0.05])
PRICE_SENSE = np.array([0.6, 1.3, 1.6, 0.8, 0.5])
FIRST_VISIT = np.array([0.6, 0.45, 0.4, 0.6, 0.85])
KEPT_AT_FULL_PRICE, COMPANION_SHARE = 0.62, 0.10
GUEST_SHARE, BULK_SHARE = 0.095, 0.003
FORGOTTEN = 0.97  # of a bad experience is left after a day


@dataclass(frozen=True)
class Visits:
    """One row per visit, ordered by account: index into the crowd, second, location that serves them, city."""

    who: Ints
    second: Ints
    location: Ints
    city: Ints
    bulk: Bools


@dataclass(frozen=True)
class Requests:
    """One row per visit and SKU that somebody wants, in the order of time; `visit` indexes Visits."""

    visit: Ints
    sku: Ints
    quantity: Ints


class Crowd:
    """Accounts (first `n_accounts` of `people`) and guests, with what changes: who is still there, when the next
    regular visit is due, what went badly."""

    def __init__(self, arguments: Arguments, people: People, n_accounts: int) -> None:
        self.arguments, self.people, self.n_accounts = arguments, people, n_accounts
        self.joined = day_of(people.registered[:n_accounts])
        self.left = np.full(n_accounts, NEVER)
        self.bad = np.zeros(n_accounts)
        start = stream(arguments.seed, "rhythm", 0).random(n_accounts)
        self.due = np.maximum(self.joined + 1, 0) + people.rhythm[:n_accounts] * start

    def visits(self, day: int, rng: np.random.Generator, tags: DayPrices, catalogue: Catalogue) -> Visits:
        """Who comes on a day. Accounts leave first: the chance grows with what went badly lately."""
        self._leave(day, rng)
        active = int(np.searchsorted(self.joined, day))
        new = int(np.searchsorted(self.joined, day, side="right")) - active
        chance = self._chances(day, active, tags, catalogue)
        comes = (rng.random(active) < chance) & (self.left[:active] > day)
        first = rng.random(new) < FIRST_VISIT[self.people.kind[active : active + new]]
        accounts = np.concatenate([np.flatnonzero(comes), active + np.flatnonzero(first)])
        guests = self._guests(rng, len(accounts))
        self._set_next(rng, day, accounts)
        who = np.concatenate([accounts, guests])
        second = day * DAY + _time_of_day(rng, len(who))
        soon = self.people.registered[who] + rng.integers(2 * MINUTE, HOUR, len(who))
        is_new = (who >= active) & (who < active + new)
        second = np.where(is_new, np.minimum(soon, day * DAY + LAST_SECOND - 1), second)
        bulk = (who >= self.n_accounts) & (rng.random(len(who)) < BULK_SHARE / GUEST_SHARE)
        city = city_at(self.people, who, second)
        return Visits(who, second, SERVING[city], city, bulk)

    def disappoint(self, who: Ints, weight: float) -> None:
        """Remember a bad experience (a stock-out, a late parcel) of the accounts among `who`."""
        np.add.at(self.bad, who[who < self.n_accounts], weight)

    def comes_back(self, who: Ints, day: int) -> None:
        """Replenishers who got nothing try again two days later."""
        accounts = who[who < self.n_accounts]
        regular = accounts[self.people.kind[accounts] == 0]
        self.due[regular] = day + 2.0

    def _leave(self, day: int, rng: np.random.Generator) -> None:
        active = int(np.searchsorted(self.joined, day))
        chance = self.people.churn[:active] * (1 + 2.5 * self.bad[:active])
        leaves = (rng.random(active) < chance) & (self.left[:active] == NEVER)
        self.left[:active][leaves] = day
        self.bad *= FORGOTTEN

    def _chances(self, day: int, active: int, tags: DayPrices, catalogue: Catalogue) -> Floats:
        date = self.arguments.date(day)
        kind, rhythm = self.people.kind[:active], self.people.rhythm[:active]
        festival, rest = festival_on(date), 0.35 if is_quiet(date) else 1.0
        crowd, hunters = (festival.crowd, festival.hunters) if festival else (1.0, 0.55)
        depth = _depth_of_taste(self.people.tastes[:active], tags, catalogue)
        week = WEEKDAYS[date.weekday()]
        factor = np.choose(
            kind,
            [
                np.zeros(active),
                np.full(active, hunters * week),
                crowd * week * (0.35 + 11.0 * depth),
                np.full(active, (1 + crowd) / 2 * BASKET_DAYS[date.weekday()]),
                np.full(active, week * (3.5 if festival else 1.0)),
            ],
        )
        chance = np.minimum(rhythm * factor * rest, 0.9)
        regular = np.where(self.due[:active] < day + 1, 0.8 * (0.5 + 0.5 * rest), 0.0)
        return np.where(kind == 0, regular, chance)

    def _guests(self, rng: np.random.Generator, n_accounts: int) -> Ints:
        pool = self.people.n - self.n_accounts
        return self.n_accounts + rng.integers(0, pool, rng.poisson(GUEST_SHARE * n_accounts))

    def _set_next(self, rng: np.random.Generator, day: int, accounts: Ints) -> None:
        """A regular rhythm: the time to the next visit has a coefficient of variation of 0.15, not of 1."""
        self.due[accounts] = day + self.people.rhythm[accounts] * rng.gamma(44, 1 / 44, len(accounts))


def _depth_of_taste(tastes: Floats, tags: DayPrices, catalogue: Catalogue) -> Floats:
    """Mean discount of the categories that a person likes, 0 to 1."""
    off = 1 - tags.sale_cents / tags.list_cents
    sums = np.add.reduceat(off, catalogue.category_start[:-1]) / np.diff(catalogue.category_start)
    shares = np.diff(tastes, axis=1, prepend=0.0)
    return np.asarray(shares @ sums.reshape(len(CATEGORIES)))


def _time_of_day(rng: np.random.Generator, n: int) -> Ints:
    """Seconds: an evening peak, a noon peak, the working day, and a few at night."""
    part = rng.choice(4, n, p=[0.44, 0.22, 0.31, 0.03])
    middle, width = np.array([20.8, 12.4, 15.0, 3.0])[part], np.array([1.4, 0.8, 3.5, 1.2])[part]
    second = ((middle + width * rng.standard_normal(n)) * HOUR).astype(np.int64)
    return np.where((second < FIRST_SECOND) | (second >= LAST_SECOND), rng.integers(9 * HOUR, 22 * HOUR, n), second)


def requests(
    rng: np.random.Generator,
    day: int,
    day_of_year: int,
    visits: Visits,
    people: People,
    catalogue: Catalogue,
    tags: DayPrices,
) -> Requests:
    """What the visitors want at the day's prices. A wish is kept at a rate that follows the SKU's own elasticity."""
    visit, sku = _wishes(rng, day, day_of_year, visits, people, catalogue)
    kind, bulk = people.kind[visits.who[visit]], visits.bulk[visit]
    kept = _kept(tags.sale_cents[sku] / catalogue.price_cents[sku], -catalogue.elasticity[sku] * PRICE_SENSE[kind])
    quantity = 1 + rng.poisson(np.where(catalogue.days_of_use[sku] > 0, 0.5, 0.06) * np.where(kind == 3, 1.8, 1.0))
    quantity = np.where(bulk, rng.integers(40, 110, len(sku)), quantity)
    quantity = np.where(tags.sale_cents[sku] == FLASH_CENTS, 1, quantity)
    keep = (rng.random(len(sku)) < kept) & catalogue.on_sale(day)[sku]
    visit, sku, quantity = visit[keep], sku[keep], quantity[keep]
    pair, place = np.unique(visit * catalogue.n + sku, return_inverse=True)
    total = np.bincount(place, quantity, len(pair)).astype(np.int64)
    order = np.lexsort((pair, visits.second[pair // catalogue.n]))
    return Requests(pair[order] // catalogue.n, pair[order] % catalogue.n, total[order])


def _kept(ratio: Floats, elasticity: Floats) -> Floats:
    """Chance that a wish becomes a request at a price that is `ratio` of the first list price: a logistic curve, whose
    slope there is the elasticity; people are won until all buy, not by a constant percentage."""
    full = np.log(KEPT_AT_FULL_PRICE / (1 - KEPT_AT_FULL_PRICE))
    return np.asarray(1 / (1 + np.exp(-full - elasticity / (1 - KEPT_AT_FULL_PRICE) * (1 - ratio))))


def _wishes(
    rng: np.random.Generator, day: int, day_of_year: int, visits: Visits, people: People, catalogue: Catalogue
) -> tuple[Ints, Ints]:
    """(visit, SKU) of every wish: favourites, else by taste, trend and season; companions are wished for beside."""
    n_lines = np.where(visits.bulk, 1, 1 + rng.poisson(EXTRA_LINES[people.kind[visits.who]]))
    visit = np.repeat(np.arange(len(visits.who)), n_lines)
    who = visits.who[visit]
    weight = catalogue.weight * catalogue.trend(day) * catalogue.season(day_of_year) * catalogue.on_sale(day)
    draws = rng.random((len(visit), 5))
    chosen = choose_skus(people.tastes[who], draws[:, :2], weight, catalogue)
    favourite = people.favourites[who, (draws[:, 2] * N_FAVOURITES).astype(np.int64)]
    sku = np.where(draws[:, 3] < FAVOURITE_SHARE[people.kind[who]], favourite, chosen)
    beside = (draws[:, 4] < COMPANION_SHARE) & ~visits.bulk[visit]
    return np.concatenate([visit, visit[beside]]), np.concatenate([sku, catalogue.companion[sku[beside]]])
