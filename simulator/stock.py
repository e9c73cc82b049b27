"""Stock: what each location holds, what it can give, what it orders again and when that comes.

Belongs here: filling requests in the order of time, stock-outs, the (s, Q) rule with random lead times, damage and
counting. Does not belong here: what becomes of filled lines. Arrays run over places: SKU x location, index
`sku * 3 + location`. Physical stock changes at night (receipts, returns, releases before the first order of the day;
damage and counts after the last), so a day's orders meet one opening stock.
on_hand = available + reserved; reserved is what placed orders hold until they are paid or released.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.arguments import Arguments
from simulator.catalogue import Catalogue
from simulator.clock import DAY, MINUTE, Bools, Floats, Ints
from simulator.streams import stream
from simulator.words import LOCATIONS

N_LOCATIONS = len(LOCATIONS)
LONGEST = 90  # days ahead on which something may be due
LOCATION_SHARES = np.array([0.48, 0.29, 0.23])
NIGHT_MINUTES = 5  # receipts are booked by five past midnight
LAST_ORDER_MINUTES = 10  # damage is booked in the last ten minutes


@dataclass(frozen=True)
class Filled:
    """One row per filled line: `request` indexes the requests of the day, `place` is where from."""

    request: Ints
    place: Ints
    quantity: Ints


@dataclass(frozen=True)
class Closing:
    """The evening's stock per place, and what was booked at night: units received, damaged (negative), corrected."""

    on_hand: Ints
    reserved: Ints
    on_order: Ints
    in_transit: Ints
    damaged: Ints
    stockout_minutes: Ints
    received: Ints
    damage: Ints
    correction: Ints


class Stock:
    """The state of all places, moved on by `open_day`, `fill`, `hold`, `close_day` in this order."""

    def __init__(self, arguments: Arguments, catalogue: Catalogue) -> None:
        rng = stream(arguments.seed, "warehouse", -1)
        n = catalogue.n * N_LOCATIONS
        self.pack = np.repeat(catalogue.pack, N_LOCATIONS)
        self.safety, self.cover = rng.uniform(0.8, 2.1, n), rng.uniform(12, 30, n)
        self.lead = np.repeat(rng.uniform(3, 10, catalogue.n), N_LOCATIONS)
        self.pace = _expected_pace(arguments, catalogue)
        self.available = np.ceil(self.pace * rng.uniform(10, 30, n) + 3).astype(np.int64)
        self.available[np.repeat(catalogue.launch > 0, N_LOCATIONS)] = 0
        self.launch_day = np.repeat(catalogue.launch, N_LOCATIONS)
        self.end_day = np.repeat(catalogue.end, N_LOCATIONS)
        self.reserved, self.on_order, self.damaged = (np.zeros(n, dtype=np.int64) for _ in range(3))
        shape = (arguments.days + 2 * LONGEST, n)
        self.arriving, self.returning, self.released, self.paid = (np.zeros(shape, dtype=np.int32) for _ in range(4))

    def open_day(self, day: int) -> None:
        """Book the night: receipts, goods sent back, reservations of orders that were never paid."""
        self.empty_at_midnight = self.available == 0
        self.received = np.where(day == self.launch_day, self._first_delivery(), 0) + self.arriving[day]
        self.on_order -= self.arriving[day]
        self.available += self.received + self.returning[day] + self.released[day]
        self.reserved -= self.released[day]
        self.opening = self.available.copy()

    def _first_delivery(self) -> Ints:
        return np.where(self.launch_day > 0, np.ceil(self.pace * 20 + 6), 0).astype(np.int64)

    def fill(self, place: Ints, quantity: Ints) -> Ints:
        """Units that each request gets, in the order given: what is left at its place, down to nothing."""
        by_place = np.argsort(place, kind="stable")
        wanted = quantity[by_place]
        running = np.cumsum(wanted) - wanted
        starts = np.concatenate([[True], np.diff(place[by_place]) != 0])[: len(place)]
        before = running - np.maximum.accumulate(np.where(starts, running, 0))
        given = np.clip(self.available[place[by_place]] - before, 0, wanted)
        result = np.empty_like(given)
        result[by_place] = given
        np.subtract.at(self.available, place, result)
        return result

    def hold(self, day: int, place: Ints, quantity: Ints, paid_day: Ints, released_day: Ints) -> None:
        """Reserve filled lines until their order is paid (goods leave) or released (never paid)."""
        np.add.at(self.reserved, place, quantity)
        for due, table in ((paid_day, self.paid), (released_day, self.released)):
            known = due < len(table)
            np.add.at(table, (due[known], place[known]), quantity[known].astype(np.int32))
        self.reserved -= self.paid[day]

    def bring_back(self, day: Ints, place: Ints, quantity: Ints) -> None:
        """Goods sent back, for sale again from the night before `day` on."""
        known = day < len(self.returning)
        np.add.at(self.returning, (day[known], place[known]), quantity[known].astype(np.int32))

    def close_day(self, day: int, rng: np.random.Generator, last_sale: Ints) -> Closing:
        """Book damage and counts, order again, and say how the day ended. `last_sale`: second of the day of each
        place's last sale (0: none)."""
        emptied = self.available == 0
        damage, correction = self._shrink(rng)
        self.available -= damage
        self.available += correction
        self.damaged += damage
        minutes = self._minutes(emptied, last_sale)
        if day % 30 == 29:
            self.damaged[:] = 0  # scrapped once a month
        self._order_again(day, rng, last_sale)
        return Closing(
            on_hand=self.available + self.reserved,
            reserved=self.reserved.copy(),
            on_order=self.on_order.copy(),
            in_transit=self.arriving[day + 1 : day + 3].sum(axis=0),
            damaged=self.damaged.copy(),
            stockout_minutes=minutes,
            received=self.received,
            damage=-damage,
            correction=correction,
        )

    def _shrink(self, rng: np.random.Generator) -> tuple[Ints, Ints]:
        n = len(self.available)
        damage = np.where(rng.random(n) < 0.012, rng.integers(1, 4, n), 0)
        damage = np.minimum(damage, self.available)
        counted = np.where(rng.random(n) < 0.006, rng.choice([-2, -1, 1, 2], n), 0)
        left = self.available - damage
        return damage, np.where((left > 0) & (left + counted > 0), counted, 0)

    def _minutes(self, emptied: Bools, last_sale: Ints) -> Ints:
        """Minutes of the day without stock for sale: before the receipt, after the last unit went."""
        whole = DAY // MINUTE
        morning = np.where(self.empty_at_midnight, np.where(self.opening > 0, NIGHT_MINUTES, whole), 0)
        after_sale = np.where(emptied & (self.opening > 0), whole - np.ceil(last_sale / MINUTE).astype(np.int64), 0)
        by_damage = np.where(~emptied & (self.available == 0), LAST_ORDER_MINUTES, 0)
        return np.asarray(np.minimum(morning + after_sale + by_damage, whole))

    def _order_again(self, day: int, rng: np.random.Generator, last_sale: Ints) -> None:
        """The textbook rule, with a pace learned from sales (not from demand: stock-outs mislead it)."""
        sold = np.maximum(self.opening - self.available, 0)
        self.pace = np.where(day >= self.launch_day, 0.96 * self.pace + 0.04 * sold, self.pace)
        level = self.pace * self.lead * self.safety + 2 + np.sqrt(self.pace * self.lead)
        due = (self.available + self.on_order <= level) & (day >= self.launch_day) & (day < self.end_day)
        quantity = np.where(due, np.ceil(np.maximum(self.pace * self.cover, 1) / self.pack) * self.pack, 0).astype(
            np.int64
        )
        slow = np.where(rng.random(len(due)) < 0.12, 2.2, 1.0)
        wait = np.clip(np.ceil(self.lead * slow * rng.gamma(9, 1 / 9, len(due))), 1, LONGEST - 1).astype(np.int64)
        where = np.flatnonzero(due)
        self.arriving[day + wait[where], where] += quantity[where].astype(np.int32)
        self.on_order += quantity


def _expected_pace(arguments: Arguments, catalogue: Catalogue) -> Floats:
    """Units a day that the shop's buyers expected at first: popularity within the category, shares of the locations."""
    start = catalogue.category_start
    share = catalogue.weight / np.repeat(np.add.reduceat(catalogue.weight, start[:-1]), np.diff(start))
    category = np.array([0.13, 0.14, 0.32, 0.17, 0.08, 0.16])[catalogue.category]
    return np.outer(arguments.customers * UNITS_PER_CUSTOMER * share * category, LOCATION_SHARES).ravel()


UNITS_PER_CUSTOMER = 0.10  # a day; measured: 510 units a day of 5,000 customers
