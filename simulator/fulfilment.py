"""Fulfilment: parcels, the stages that they pass, carriers, promises and parcels that get lost.

Belongs here: durations and what is planted in them (one slow stage, one change date, a long and
harmless stage). Does not belong here: orders themselves. One parcel per order and location.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from simulator.clock import DAY, HOUR, NEVER, Bools, Floats, Ints, day_of
from simulator.festivals import is_quiet
from simulator.words import LOCATIONS

STAGES = ("paid", "allocated", "picked", "packed", "handed", "linehaul", "last_mile")
CARRIERS = ("sf", "yto", "zto", "jd")
MEAN_HOURS = np.array([0.4, 2.0, 3.0, 2.2, 5.0, 24.0, 7.0])
# The gamma shapes: linehaul is the longest stage and hardly varies, so it is harmless at P90.
SHAPES = np.array([2.0, 2.0, 2.0, 2.5, 3.0, 25.0, 4.0])
SLOW_LOCATION, SLOW_STAGE, SLOW_HOURS, SLOW_SHAPE = 2, 3, 16.0, 0.7
CHANGE_DAY, CHANGED_CARRIER, CHANGED_STAGE, CHANGE_FACTOR = 70, 1, 6, 2.4
LONG_STAGE = 5
FOREIGN_HOURS, DETOUR_HOURS, QUIET_FACTOR = 96.0, 14.0, 1.8
CARRIER_SHARES = np.array([0.35, 0.25, 0.20, 0.20])
CARRIER_SPEED, CARRIER_CENTS = np.array([0.85, 1.1, 1.15, 0.95]), np.array([1180, 720, 690, 980])
LOST_SHARE, LOST_AFTER = 0.0025, 12 * DAY


@dataclass(frozen=True)
class Parcels:
    """One row per parcel, by order and location: `order` among the day's orders; moments in seconds. `entered` has a
    column per stage and one more for the end of the last: a stage is left when the next is entered. cost_cents: CNY."""

    order: Ints
    location: Ints
    carrier: Ints
    entered: Ints
    promised: Ints
    lost: Ints
    cost_cents: Ints

    @property
    def created(self) -> Ints:
        """When the parcel was made up: its order had waited for it in the stage `paid`."""
        return self.entered[:, 1]

    @property
    def handed_over(self) -> Ints:
        """When the carrier got it."""
        return self.entered[:, 4]

    @property
    def delivered(self) -> Ints:
        """When it was delivered, or NEVER."""
        return self.entered[:, -1]

    def of_lines(self, order: Ints, location: Ints) -> Ints:
        """Which parcel each line is in, by its order and location; -1: its order is not paid, or cancelled."""
        if not len(self.order):
            return np.full(len(order), -1)
        own, line = self.order * len(LOCATIONS) + self.location, order * len(LOCATIONS) + location
        index = np.minimum(np.searchsorted(own, line), len(own) - 1)
        return np.where(own[index] == line, index, -1)

    @property
    def is_late(self) -> Bools:
        """Whether it was delivered after the promise."""
        return (self.delivered > self.promised) & (self.delivered < NEVER)


def send(
    rng: np.random.Generator,
    start: dt.date,
    order: Ints,
    location: Ints,
    units: Ints,
    paid: Ints,
    foreign: Bools,
    detour: Bools,
) -> Parcels:
    """The parcels of orders that were paid at `paid` and not cancelled (one entry per parcel each)."""
    n = len(order)
    carrier = rng.choice(len(CARRIERS), n, p=CARRIER_SHARES)
    hours = _hours(rng, location, carrier, foreign, detour)
    entered = np.empty((n, len(STAGES) + 1), dtype=np.int64)
    entered[:, 0] = paid
    for stage in range(len(STAGES)):
        slower = _slower(stage, day_of(entered[:, stage]), carrier, start)
        entered[:, stage + 1] = entered[:, stage] + np.maximum(60, hours[:, stage] * slower * HOUR).astype(np.int64)
    is_lost = rng.random(n) < LOST_SHARE
    lost = np.where(is_lost, entered[:, 4] + LOST_AFTER, NEVER)
    entered[is_lost, 6:] = NEVER
    days = np.where(foreign, 8, np.where(detour, 4, 3))
    promised = (day_of(entered[:, 1]) + days) * DAY + 20 * HOUR
    cost = CARRIER_CENTS[carrier] + 110 * (units - 1) + np.where(foreign, 4500, 0) + np.where(detour, 240, 0)
    return Parcels(order, location, carrier, entered, promised, lost, cost)


def _hours(rng: np.random.Generator, location: Ints, carrier: Ints, foreign: Bools, detour: Bools) -> Floats:
    mean = np.tile(MEAN_HOURS, (len(location), 1))
    shape = np.tile(SHAPES, (len(location), 1))
    slow = location == SLOW_LOCATION
    mean[slow, SLOW_STAGE], shape[slow, SLOW_STAGE] = SLOW_HOURS, SLOW_SHAPE
    mean[:, LONG_STAGE] += FOREIGN_HOURS * foreign + DETOUR_HOURS * detour
    mean[:, 5:] *= CARRIER_SPEED[carrier][:, None]
    return np.asarray(rng.gamma(shape, mean / shape))


def _slower(stage: int, day: Ints, carrier: Ints, start: dt.date) -> Floats:
    """Factor on a stage's duration by the day on which it is entered: the change date, the quiet days."""
    factor = np.ones(len(day))
    if stage == CHANGED_STAGE:
        factor = np.where((carrier == CHANGED_CARRIER) & (day >= CHANGE_DAY) & (day < NEVER // DAY), CHANGE_FACTOR, 1.0)
    if stage >= 3 and len(day):
        first = int(day.min())
        quiet = np.array([is_quiet(start + dt.timedelta(days=first + n)) for n in range(int(day.max()) - first + 1)])
        factor = factor * np.where(quiet[day - first], QUIET_FACTOR, 1.0)
    return factor
