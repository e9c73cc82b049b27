"""Refunds: which lines come back, why, when, for how much, and whether the goods can be sold again.

Does not belong here: the order's other money (orders.py). Mostly single lines, some days after delivery; all lines of
an order that was cancelled after payment, or of a parcel that was lost. Never more than was paid for the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.catalogue import Catalogue
from simulator.clock import DAY, MINUTE, NEVER, Bools, Ints
from simulator.orders import Lines, Orders
from simulator.words import SHELVES

REASONS = ("quality", "size", "late", "changed_mind", "damaged", "cancelled")
RESTOCKED = np.array([False, True, True, True, False, True])
CHANGED_MIND, DAMAGED, WHEN_LATE = 0.016, 0.005, 0.05


@dataclass(frozen=True)
class Refunds:
    """One row per refund: `line` indexes the day's lines; amount in cents of the order's currency."""

    line: Ints
    quantity: Ints
    amount: Ints
    refunded: Ints
    reason: Ints


def refund_lines(
    rng: np.random.Generator,
    orders: Orders,
    lines: Lines,
    catalogue: Catalogue,
    delivered: Ints,
    lost: Ints,
    is_late: Bools,
) -> Refunds:
    """The refunds that will come of a day's lines. `delivered`, `lost` (NEVER where not) and `is_late` per line."""
    n = len(lines.order)
    size, fault = (
        np.array([getattr(s, risk) for s in SHELVES])[catalogue.shelf[lines.sku]]
        for risk in ("size_risk", "fault_risk")
    )
    risks = np.cumsum([fault, size, WHEN_LATE * is_late, np.full(n, CHANGED_MIND), np.full(n, DAMAGED)], axis=0)
    reason = (rng.random(n) >= risks).sum(axis=0)  # 5: none of them
    days = 1 + rng.gamma(2.2, 2.0, n)
    some = rng.integers(1, lines.quantity + 1)
    cancelled = orders.cancelled[lines.order]
    is_cancelled = (cancelled < NEVER) & (orders.paid[lines.order] < NEVER)
    is_back = (reason < 5) & (delivered < NEVER)
    moment = np.where(is_back, delivered + np.minimum(days * DAY, 20 * DAY).astype(np.int64), NEVER)
    moment = np.where(lost < NEVER, lost + DAY // 2, moment)
    moment = np.where(is_cancelled, cancelled + 10 * MINUTE, moment)
    whole = is_cancelled | (lost < NEVER) | (reason == 2)
    quantity = np.where(whole, lines.quantity, some)
    net = lines.quantity * lines.unit - lines.discount
    amount = net * quantity // lines.quantity
    line = np.flatnonzero((moment < NEVER) & (amount > 0))
    why = np.where(is_cancelled, 5, np.where(lost < NEVER, 4, np.minimum(reason, 4)))
    return Refunds(line, quantity[line], amount[line], moment[line], why[line])
