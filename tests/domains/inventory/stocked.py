"""A shop with stock whose true demand is known, for the tests of what censoring does.

Its mechanism is not the model's: orders come in lumps through the hours of a day, the day's rate wanders (log-normal,
autocorrelated), promotions strike products of one group, stock is replenished from noisy sales after random lead times,
and whoever comes to an empty shelf is lost. What a row shows is what was sold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

FIRST_DAY = pd.Timestamp("2024-01-01")
# Share of a day's orders by hour: little at night, most in the evening.
BY_HOUR = np.array([1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 3, 4, 5, 5, 5, 4, 4, 4, 4, 5, 6, 7, 8, 8, 5, 2.5])
BY_HOUR = BY_HOUR / BY_HOUR.sum()
WEEKDAYS = np.array([0.9, 0.85, 0.9, 0.95, 1.1, 1.25, 1.15])
GROUPS, MOST_ORDERS = 6, 400


@dataclass(frozen=True)
class StockedShop:
    """`rows`: series_id, date, demand (sold), availability (share of the day's usual orders that fell into hours with
    stock), minutes_share (share of the day's minutes with stock), on_hand (at its end), truth (what was wanted), group,
    discount."""

    rows: pd.DataFrame
    n_days: int

    def seen(self, as_of: pd.Timestamp, *columns: str) -> pd.DataFrame:
        """The history up to a day: series_id, date, demand and further columns."""
        return self.rows.loc[self.rows["date"] <= as_of, ["series_id", "date", "demand", *columns]]

    @property
    def known(self) -> pd.DataFrame:
        """What is announced ahead: series_id, date, is_open, discount."""
        return self.rows[["series_id", "date", "discount"]].assign(is_open=1.0)

    def day(self, back: int) -> pd.Timestamp:
        """The day that many days before the last."""
        return FIRST_DAY + pd.Timedelta(days=self.n_days - 1 - back)


def stocked_shop(
    seed: int, *, n_series: int = 120, n_days: int = 176, safety: float = 4.0, largest_lot: int = 6
) -> StockedShop:
    """A shop of `n_series` products; the fewer days of `safety` stock, the more stock-outs."""
    random = np.random.default_rng(seed)
    base = np.clip(random.lognormal(0.3, 1.1, n_series), 0.08, 25.0)
    group = random.integers(0, GROUPS, n_series)
    trend = random.normal(0, 0.0025, n_series)
    lumpy = random.uniform(0.35, 0.95, n_series)
    promotions = _promotions(random, n_days)
    stock, on_order = np.ceil(base * (13 + safety)), np.zeros((n_days + 15, n_series))
    wander, recent = np.zeros(n_series), base.copy()
    frames = []
    for day in range(n_days):
        wander = 0.8 * wander + random.normal(0, 0.25, n_series)
        discount = promotions[day][group]
        rate = base * np.exp(trend * (day - n_days / 2) + wander - 0.17) * WEEKDAYS[day % 7] * np.exp(4.0 * discount)
        receipt, at = on_order[day], random.uniform(0.3, 0.7, n_series)
        wanted, sold, minutes, share = _sell(random, rate, lumpy, largest_lot, stock, receipt, at)
        stock = stock + receipt - sold
        recent = 0.9 * recent + 0.1 * sold
        lead = random.integers(2, 10, n_series)
        position = stock + on_order[day + 1 :].sum(axis=0)
        order = np.where(
            position <= np.ceil(recent * (6 + safety)), np.ceil(np.maximum(recent, 0.3) * (13 + safety)) - position, 0.0
        )
        on_order[np.minimum(day + lead, n_days + 14), np.arange(n_series)] += np.maximum(order, 0.0)
        frames.append(
            pd.DataFrame(
                {
                    "series_id": [f"p{number:03d}" for number in range(n_series)],
                    "date": FIRST_DAY + pd.Timedelta(days=day),
                    "demand": sold,
                    "availability": share,
                    "minutes_share": minutes,
                    "truth": wanted,
                    "on_hand": stock,
                    "group": group,
                    "discount": discount,
                }
            )
        )
    rows = pd.concat(frames, ignore_index=True).sort_values(["series_id", "date"], ignore_index=True)
    return StockedShop(rows, n_days)


def _promotions(random: np.random.Generator, n_days: int) -> np.ndarray:
    """Days x groups: the discount of a group's promotion of 3 to 9 days, about one in six days."""
    found = np.zeros((n_days, GROUPS))
    for group in range(GROUPS):
        day = int(random.integers(0, 30))
        while day < n_days:
            length = int(random.integers(3, 10))
            found[day : day + length, group] = random.choice([0.1, 0.2, 0.3])
            day += length + int(random.integers(15, 45))
    return found


@dataclass
class _Shelf:
    """One day of all shelves: what is left and sold, since when each is empty (NaN: it is not), for how long it was."""

    left: np.ndarray
    sold: np.ndarray
    empty_since: np.ndarray
    minutes: np.ndarray
    usual: np.ndarray

    @classmethod
    def in_the_morning(cls, stock: np.ndarray) -> _Shelf:
        """Empty shelves have been so since midnight."""
        nothing = np.zeros(len(stock))
        return cls(stock.copy(), nothing.copy(), np.where(stock > 0, np.nan, 0.0), nothing.copy(), nothing.copy())

    def count_until(self, now: np.ndarray, which: np.ndarray) -> None:
        """Add the time that these shelves, if empty, have been so."""
        empty = which & ~np.isnan(self.empty_since)
        self.minutes[empty] += now[empty] - self.empty_since[empty]
        self.usual[empty] += _usual(now[empty]) - _usual(self.empty_since[empty])

    def receive(self, units: np.ndarray, at: np.ndarray, which: np.ndarray) -> None:
        """Fill these shelves."""
        self.count_until(at, which)
        self.empty_since[which] = np.nan
        self.left = self.left + np.where(which, units, 0.0)

    def sell(self, wanted: np.ndarray, now: np.ndarray) -> None:
        """Sell what is wanted, or what is left of it."""
        bought = np.minimum(wanted, self.left)
        self.left, self.sold = self.left - bought, self.sold + bought
        emptied = (bought > 0) & (self.left == 0)
        self.empty_since[emptied] = now[emptied]


def _sell(
    random: np.random.Generator,
    rate: np.ndarray,
    lumpy: np.ndarray,
    largest_lot: int,
    stock: np.ndarray,
    receipt: np.ndarray,
    at: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(wanted, sold, share of minutes with stock, share of usual orders in hours with stock), order by order."""
    n = len(rate)
    n_orders = np.minimum(random.poisson(rate / np.minimum(1 / lumpy, largest_lot)), MOST_ORDERS)
    width = max(int(n_orders.max()), 1)
    is_order = np.arange(width) < n_orders[:, None]
    sizes = np.minimum(random.geometric(np.repeat(lumpy[:, None], width, axis=1)), largest_lot * 3) * is_order
    places = np.sort(np.where(is_order, random.random((n, width)), 2.0), axis=1)
    clock = np.interp(places, np.concatenate([[0.0], np.cumsum(BY_HOUR)]), np.arange(25) / 24)
    shelf, arrived = _Shelf.in_the_morning(stock), receipt == 0
    for column in range(width):
        comes = ~arrived & (at <= clock[:, column])
        shelf.receive(receipt, at, comes)
        arrived = arrived | comes
        shelf.sell(sizes[:, column], clock[:, column])
    shelf.receive(receipt, at, ~arrived)
    shelf.count_until(np.ones(n), np.ones(n, dtype=bool))
    in_stock = 1 - np.round(shelf.minutes * 1440) / 1440
    return sizes.sum(axis=1).astype(float), shelf.sold, in_stock, 1 - np.clip(shelf.usual, 0, 1)


def _usual(clock: np.ndarray) -> np.ndarray:
    """Share of a day's usual orders that come before a time of day (0 to 1)."""
    return np.asarray(np.interp(clock, np.arange(25) / 24, np.concatenate([[0.0], np.cumsum(BY_HOUR)])))
