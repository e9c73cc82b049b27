"""A day at the storefront: who comes, what they want, order, pay and send back.

Belongs here: the order of its steps, and what is noted down of them. Does not belong here: the mechanisms
(simulator.demand, orders, refunds); stock and parcels, which the warehouse's steps see to.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from simulator.clock import NEVER, Ints, day_of
from simulator.demand import Crowd, Requests, Visits, requests
from simulator.fulfilment import Parcels
from simulator.orders import Lines, Orders, place_orders
from simulator.refunds import Refunds, refund_lines
from simulator.stock import N_LOCATIONS, Filled
from simulator.streams import stream
from simulator.systems.storefront.tables import FORM
from simulator.world import Day, Life, Step


class LateParcels(defaultdict[int, list[Ints]]):
    """By the day on which they come: who waited for parcels that are late."""

    def __init__(self) -> None:
        super().__init__(list)


def crowd(life: Life) -> Crowd:
    """Those who come, with what they remember."""
    return life.kept(Crowd, lambda: Crowd(life.arguments, life.people, life.n_accounts))


def _visit(life: Life, day: Day) -> None:
    """Late parcels are felt, then people come."""
    for late in life.kept(LateParcels, LateParcels).pop(day.number, []):
        crowd(life).disappoint(late, 1.0)
    day.hand(crowd(life).visits(day.number, day.rng(FORM.system), day.tags, life.catalogue))


def _want(life: Life, day: Day) -> None:
    day_of_year = life.arguments.date(day.number).timetuple().tm_yday
    rng, visits = day.rng(FORM.system), day.of(Visits)
    day.hand(requests(rng, day.number, day_of_year, visits, life.people, life.catalogue, day.tags))


def _remember(life: Life, day: Day) -> None:
    """Who got nothing of what they wanted is disappointed, and who got nothing at all may come again."""
    visits, wanted, filled = day.of(Visits), day.of(Requests), day.of(Filled)
    is_lost = np.bincount(filled.request, filled.quantity, len(wanted.visit)) == 0
    crowd(life).disappoint(visits.who[wanted.visit][is_lost], 0.6)
    got = np.bincount(wanted.visit, ~is_lost, len(visits.who))
    asked = np.bincount(wanted.visit, minlength=len(visits.who))
    crowd(life).comes_back(visits.who[(asked > 0) & (got == 0)], day.number)


def _order(life: Life, day: Day) -> None:
    filled, rng = day.of(Filled), day.rng(FORM.system)
    visit = day.of(Requests).visit[filled.request]
    bought = visit, filled.place, filled.quantity
    day.hand(*place_orders(rng, day.of(Visits), life.people, day.tags, *bought, N_LOCATIONS))


def _take_back(life: Life, day: Day) -> None:
    """The refunds that will come of the day's lines."""
    parcels, orders, lines = day.of(Parcels), day.of(Orders), day.of(Lines)
    parcel = parcels.of_lines(lines.order, lines.place % N_LOCATIONS)
    # One more entry at the end: a line without a parcel has the index -1.
    delivered, lost = (np.append(moment, NEVER)[parcel] for moment in (parcels.delivered, parcels.lost))
    is_late = np.append(parcels.is_late, False)[parcel]
    rng = stream(life.arguments.seed, "refunds", day.number)
    day.hand(refund_lines(rng, orders, lines, life.catalogue, delivered, lost, is_late))
    late = np.flatnonzero(parcels.is_late)
    days = day_of(parcels.delivered[late])
    for arrival in np.unique(days):
        life.kept(LateParcels, LateParcels)[int(arrival)].append(orders.who[parcels.order[late[days == arrival]]])


def _note(life: Life, day: Day) -> None:
    """Orders are numbered through all days, and so is what belongs to them."""
    orders, lines, parcels, refunds, notes = (
        day.of(Orders), day.of(Lines), day.of(Parcels), day.of(Refunds), life.notes
    )  # fmt: skip
    n, n_orders, n_lines = len(orders.who), notes.count("orders"), notes.count("lines")
    shipped, delivered = (_latest(n, parcels.order, moment) for moment in (parcels.handed_over, parcels.delivered))
    notes.add("orders", shipped=shipped, delivered=delivered, total=orders.total, **vars(orders))
    notes.add("lines", **{**vars(lines), "order": lines.order + n_orders})
    notes.add("refunds", **{**vars(refunds), "line": refunds.line + n_lines})
    tags, skus = day.tags, life.catalogue.n
    told = {name: column for name, column in vars(tags).items() if name != "usd_e4"}
    notes.add(
        "tags", day=np.full(skus, day.number), sku=np.arange(skus), on_sale=life.catalogue.on_sale(day.number), **told
    )
    notes.add("rates", day=np.array([day.number]), usd_e4=np.array([tags.usd_e4]))


def _latest(n: int, order: Ints, moment: Ints) -> Ints:
    """When the last parcel of each of `n` orders has come so far; NEVER where it does not, or there is no parcel."""
    latest = np.full(n, -1)
    np.maximum.at(latest, order, moment)
    return np.where(latest < 0, NEVER, latest)


STEPS = (
    Step("storefront.visit", _visit),
    Step("storefront.want", _want, needs=("storefront.visit",)),
    Step("storefront.remember", _remember, needs=("warehouse.fill",)),
    Step("storefront.order", _order, needs=("warehouse.fill",)),
    Step("storefront.take_back", _take_back, needs=("storefront.order", "warehouse.send")),
    Step("storefront.note", _note, needs=("storefront.take_back",)),
)
