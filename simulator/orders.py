"""Orders: what visitors who got something order, what they pay, when, and whether they cancel.

Belongs here: lines, discounts, shipping fee, payment. All money in cents of the order's currency; whole numbers only.
Does not belong here: parcels (fulfilment.py) and goods sent back (refunds.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.clock import HOUR, MINUTE, NEVER, Bools, Floats, Ints
from simulator.demand import Visits
from simulator.people import People
from simulator.prices import DayPrices, usd_cents

METHODS = ("alipay", "wechat_pay", "unionpay", "card")
FEES_E4 = np.array([60, 55, 50, 290])  # of the amount, in 1/10,000
CHANNELS = ("web", "app", "mini_program")
UNPAID_SHARE, CANCELLED_SHARE = 0.045, 0.022
UNPAID_SECONDS = 24 * HOUR
# Steps of the order coupon in cents: (CNY, USD) goods from which on it is worth so much.
COUPON_FROM, COUPON_OFF = np.array([[19_900, 4_000], [39_900, 8_000]]), np.array([[2_000, 400], [5_000, 1_000]])
COUPON_SHARE = np.array([0.10, 0.65, 0.55, 0.20, 0.10])
FREE_FROM, FEE = np.array([9_900, 6_000]), np.array([800, 699])


@dataclass(frozen=True)
class Orders:
    """One row per order of a day, in the order of time. Money in cents; `currency` 0 CNY, 1 USD."""

    who: Ints
    ordered: Ints
    city: Ints
    currency: Ints
    channel: Ints
    method: Ints
    paid: Ints
    cancelled: Ints
    goods: Ints
    discount: Ints
    fee: Ints

    @property
    def total(self) -> Ints:
        """What is to be paid."""
        return self.goods - self.discount + self.fee


@dataclass(frozen=True)
class Lines:
    """One row per line, by order (its index among the day's orders) and line number. `place` is SKU and location."""

    order: Ints
    number: Ints
    place: Ints
    sku: Ints
    quantity: Ints
    unit: Ints
    discount: Ints
    cost_e4: Ints
    promotion: Ints


def place_orders(
    rng: np.random.Generator,
    visits: Visits,
    people: People,
    tags: DayPrices,
    visit: Ints,
    place: Ints,
    quantity: Ints,
    n_locations: int,
) -> tuple[Orders, Lines]:
    """The orders of a day out of its filled lines (`visit`, `place`, `quantity` each)."""
    buying = np.unique(visit)
    buying = buying[np.lexsort((buying, visits.second[buying]))]
    rank = np.full(len(visits.who), -1)
    rank[buying] = np.arange(len(buying))
    by_order = np.lexsort((place, rank[visit]))
    order, place, quantity = rank[visit][by_order], place[by_order], quantity[by_order]
    who, sku = visits.who[buying], place // n_locations
    currency = people.foreign[who].astype(np.int64)
    unit, sale = (
        np.where(currency[order] == 1, usd_cents(cny[sku], tags.usd_e4), cny[sku])
        for cny in (tags.list_cents, tags.sale_cents)
    )
    promoted = quantity * (unit - sale)
    worth = np.bincount(order, quantity * sale, len(buying)).astype(np.int64)
    has_coupon = rng.random(len(buying)) < COUPON_SHARE[people.kind[who]]
    coupon = _coupons(worth, currency) * has_coupon
    discount = promoted + _share_out(coupon, order, quantity * sale, worth)
    lines = Lines(
        order=order,
        number=np.arange(len(order)) - np.searchsorted(order, order) + 1,
        place=place,
        sku=sku,
        quantity=quantity,
        unit=unit,
        discount=discount,
        cost_e4=tags.cost_e4[sku],
        promotion=tags.promotion[sku],
    )
    return _with_life(rng, visits, people, buying, currency, lines), lines


def _with_life(
    rng: np.random.Generator, visits: Visits, people: People, buying: Ints, currency: Ints, lines: Lines
) -> Orders:
    n, who, ordered = len(buying), visits.who[buying], visits.second[buying]
    goods = np.bincount(lines.order, lines.quantity * lines.unit, n).astype(np.int64)
    discount = np.bincount(lines.order, lines.discount, n).astype(np.int64)
    draws = rng.random((n, 5))
    wait = np.where(draws[:, 0] < 0.93, 15 + rng.gamma(1.5, 100, n), rng.uniform(HOUR, 20 * HOUR, n)).astype(np.int64)
    is_unpaid = draws[:, 1] < UNPAID_SHARE
    paid = np.where(is_unpaid, NEVER, ordered + wait)
    regrets = (draws[:, 2] < CANCELLED_SHARE) & ~is_unpaid
    later = paid + rng.integers(3 * MINUTE, 9 * HOUR, n)
    cancelled = np.where(is_unpaid, ordered + UNPAID_SECONDS, np.where(regrets, later, NEVER))
    method = np.where(currency == 1, 3, rng.choice(4, n, p=[0.46, 0.40, 0.08, 0.06]))
    return Orders(
        who=who,
        ordered=ordered,
        city=visits.city[buying],
        currency=currency,
        channel=_channels(draws[:, 3], draws[:, 4], people.loves_app[who], currency),
        method=method,
        paid=paid,
        cancelled=cancelled,
        goods=goods,
        discount=discount,
        fee=np.where(goods - discount >= FREE_FROM[currency], 0, FEE[currency]),
    )


def _channels(first: Floats, second: Floats, loves_app: Floats, currency: Ints) -> Ints:
    """Web, app or mini-program (a Chinese habit) by the person's own liking."""
    mini: Bools = (second < 0.45) & (currency == 0)
    return np.where(first < loves_app, 1, np.where(mini, 2, 0))


def _coupons(worth: Ints, currency: Ints) -> Ints:
    off = np.zeros(len(worth), dtype=np.int64)
    for step in range(len(COUPON_FROM)):
        off = np.where(worth >= COUPON_FROM[step][currency], COUPON_OFF[step][currency], off)
    return off


def _share_out(amount: Ints, order: Ints, weight: Ints, total: Ints) -> Ints:
    """Each order's amount over its lines in proportion to their worth, in whole cents; the cents left over go to the
    line of greatest worth (a coupon is far from an order's whole worth, so no line falls below nothing). Lines stand by
    order."""
    part = amount[order] * weight // np.maximum(total, 1)[order]
    rest = amount - np.bincount(order, part, len(amount)).astype(np.int64)
    greatest = np.lexsort((np.arange(len(order)), weight, order))
    last = np.searchsorted(order, np.arange(len(amount)), side="right") - 1
    part[greatest[last]] += rest
    return part
