"""What stock-outs hide from the demand forecast, and how much of it each way of learning finds.

`python -m benchmarks.stock_outs` prints every figure with its bar; exit code 1 when one misses it. The shops are
simulated (tests.domains.inventory.stocked), so that true demand is known; forecasts are held against it for 28 days.
Ways were compared on the window before (`CHOICE`), the bars stand on other shops and the last window.

Does not belong here: the forecast on public data (forecasts.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from benchmarks.measured import Measured, at_least, at_most, between, printed
from pipelines.domains.inventory.forecast import QUANTILES, forecast_demand
from pipelines.modeling import measures
from tests.domains.inventory.stocked import StockedShop, stocked_shop

HORIZON = 28
LEAST_SHARE = 0.25
EM_STEPS = 8


@dataclass(frozen=True)
class Window:
    """Shops (their seeds) and the days before their end from which is forecast."""

    name: str
    seeds: range
    back: int
    has_bars: bool


CHOICE = Window("choice", range(3), 2 * HORIZON, has_bars=False)
SCORED = Window("scored", range(40, 47), HORIZON, has_bars=True)

Told = tuple[pd.DataFrame, pd.Series]


def _all(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(1.0, index=rows.index)


def _wanted(rows: pd.DataFrame) -> Told:
    """What learning could reach: as if nobody had been turned away."""
    return rows.assign(demand=rows["truth"]), _all(rows)


def _sold(rows: pd.DataFrame) -> Told:
    return rows, _all(rows)


def _masked(rows: pd.DataFrame) -> Told:
    """Days seen in part are left out."""
    return rows, (rows["availability"] >= 1).astype("float64")


def _divided(rows: pd.DataFrame) -> Told:
    """Sales over the share seen, which counts as a quarter at least; days of which nothing was seen are left out."""
    share = np.maximum(rows["availability"], LEAST_SHARE)
    return rows.assign(demand=rows["demand"] / share), (rows["availability"] > 0).astype("float64")


def _lower_bound(rows: pd.DataFrame) -> Told:
    """Sales of a day seen in part are a lower bound, however much was seen: E[D | D >= sold] of a negative binomial
    law per series, by EM."""
    filled = pd.concat([_bounded(part) for _, part in rows.groupby("series_id", sort=True)])
    return rows.assign(demand=filled.reindex(rows.index)), (rows["availability"] > 0).astype("float64")


def _bounded(rows: pd.DataFrame) -> pd.Series:
    sold, is_whole = rows["demand"].to_numpy(), rows["availability"].to_numpy() >= 1
    filled = sold.astype("float64").copy()
    for _ in range(EM_STEPS):
        mean = max(filled.mean(), 1e-6)
        variance = sold[is_whole].var() if is_whole.any() else mean
        shape = np.clip(mean**2 / max(variance - mean, 0.05 * mean), 0.1, 50.0)
        chance, least = shape / (shape + mean), sold[~is_whole]
        beyond = nbinom.sf(least - 1, shape, chance)
        # E[D; D >= s] of a negative binomial law is its mean times P(D' >= s - 1), D' of a shape larger by one.
        expected = mean * nbinom.sf(least - 2, shape + 1, chance) / np.maximum(beyond, 1e-12)
        filled[~is_whole] = np.where(beyond > 1e-9, np.maximum(expected, least), least + mean)
    return pd.Series(filled, index=rows.index)


def _known(rows: pd.DataFrame) -> Told:
    return rows.assign(told=rows["availability"]), _all(rows)


def _known_in_minutes(rows: pd.DataFrame) -> Told:
    return rows.assign(told=rows["minutes_share"]), _all(rows)


WAYS: Mapping[str, Callable[[pd.DataFrame], Told]] = {
    "all that was wanted": _wanted,
    "sales alone": _sold,
    "days in part left out": _masked,
    "sales over share": _divided,
    "sales as lower bounds": _lower_bound,
    "availability": _known,
    "availability in minutes": _known_in_minutes,
}


def forecast_by(way: str, shop: StockedShop, as_of: pd.Timestamp) -> pd.DataFrame:
    """The forecast of the days after `as_of`, learnt in one of WAYS, beside `truth`."""
    rows, usable = WAYS[way](shop.rows[shop.rows["date"] <= as_of])
    ahead = shop.rows[shop.rows["date"] > as_of]
    known = pd.concat([rows.assign(is_open=usable), ahead.assign(is_open=1.0)])[["series_id", "date", "is_open"]]
    history = rows[["series_id", "date", "demand"]].assign(availability=rows.get("told", 1.0))
    found = forecast_demand(history, as_of=as_of, horizon=HORIZON, known=known)
    return found.merge(ahead[["series_id", "date", "truth"]], on=["series_id", "date"], validate="1:1")


def run() -> list[Measured]:
    """All figures, printed as they come."""
    return [row for window in (CHOICE, SCORED) for row in printed(_of(window))]


def _of(window: Window) -> list[Measured]:
    shops = [stocked_shop(seed) for seed in window.seeds]
    past = pd.concat([shop.rows[shop.rows["date"] <= shop.day(window.back)] for shop in shops])
    found = {way: pd.concat([forecast_by(way, shop, shop.day(window.back)) for shop in shops]) for way in WAYS}
    name = f"stock-outs, {window.name}"
    rows = [Measured(f"{name}: sold of what was wanted", past["demand"].sum() / past["truth"].sum())]
    reachable = found["all that was wanted"]["mean"].sum()
    for way, forecast in found.items():
        share = forecast["mean"].sum() / reachable
        label = f"{name}: {way}, mean over that of all wanted"
        if window.has_bars and way.startswith("availability"):
            rows.append(between(label, share, 0.97, 1.03))
        else:
            rows.append(Measured(label, share))
        rows += _errors(f"{name}: {way}", forecast)
    return rows + (_bars(name, found, reachable) if window.has_bars else [])


def _errors(name: str, forecast: pd.DataFrame) -> list[Measured]:
    truth = forecast["truth"]
    totals = forecast.groupby("series_id")[["mean", "truth"]].sum()
    loss = np.mean([measures.pinball(truth, forecast[f"q{100 * q:02.0f}"], q) for q in QUANTILES])
    return [
        Measured(f"{name}, bias", measures.bias(truth, forecast["mean"])),
        Measured(f"{name}, WAPE", measures.wape(truth, forecast["mean"])),
        Measured(f"{name}, WAPE of 28-day totals", measures.wape(totals["truth"], totals["mean"])),
        Measured(f"{name}, pinball", float(loss)),
        Measured(f"{name}, share below q10", measures.share_below(truth, forecast["q10"])),
        Measured(f"{name}, share above q90", measures.share_above(truth, forecast["q90"])),
    ]


def _bars(name: str, found: Mapping[str, pd.DataFrame], reachable: float) -> list[Measured]:
    missed = {way: 1 - forecast["mean"].sum() / reachable for way, forecast in found.items()}
    closed = 1 - abs(missed["availability"]) / missed["sales alone"]
    above = measures.share_above(found["availability"]["truth"], found["availability"]["q90"])
    return [
        at_least(f"{name}: part of the gap of sales that availability closes", closed, 0.5),
        at_most(f"{name}: availability, share above q90 (bar)", above, 0.13),
    ]


if __name__ == "__main__":
    sys.exit(int(not all(row.passes for row in run())))
