"""A day at the warehouse: stock gives what it has, parcels leave, goods come back, the day is closed.

Belongs here: the order of its steps, and what is noted down of them. Does not belong here: the mechanisms
(simulator.stock, fulfilment); who wants what, which the storefront's steps tell.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulator.clock import DAY, NEVER, Ints, day_of
from simulator.demand import Requests, Visits
from simulator.fulfilment import Parcels, send
from simulator.orders import Lines, Orders
from simulator.people import SERVING
from simulator.refunds import RESTOCKED, Refunds
from simulator.stock import N_LOCATIONS, Filled, Stock
from simulator.systems.warehouse.tables import FORM
from simulator.world import Day, Life, Step


@dataclass(frozen=True)
class Demand:
    """Units asked for by the customers whom each place serves, whatever it held."""

    units: Ints


def _stock(life: Life) -> Stock:
    return life.kept(Stock, lambda: Stock(life.arguments, life.catalogue))


def _open(life: Life, day: Day) -> None:
    _stock(life).open_day(day.number)


def _fill(life: Life, day: Day) -> None:
    """Fill from the location that serves the visitor, the rest from the next one if the visitor accepts that."""
    stock, visits, wanted = _stock(life), day.of(Visits), day.of(Requests)
    place = wanted.sku * N_LOCATIONS + visits.location[wanted.visit]
    given = stock.fill(place, wanted.quantity)
    parts = [Filled(np.arange(len(place)), place, given)]
    moves = life.people.moves_to_other_location[visits.who[wanted.visit]]
    missing = (wanted.quantity - given) * moves
    for step in range(1, N_LOCATIONS):
        rest = np.flatnonzero(missing)
        other = wanted.sku[rest] * N_LOCATIONS + (visits.location[wanted.visit[rest]] + step) % N_LOCATIONS
        more = stock.fill(other, missing[rest])
        missing[rest] -= more
        parts.append(Filled(rest, other, more))
    request, places, quantity = (np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Filled))
    some = quantity > 0
    day.hand(
        Filled(request[some], places[some], quantity[some]),
        Demand(np.bincount(place, wanted.quantity, len(stock.available)).astype(np.int64)),
    )


def _hold(life: Life, day: Day) -> None:
    """What is ordered is held until it is paid, or until the night after its order is cancelled."""
    orders, lines = day.of(Orders), day.of(Lines)
    held_until = np.where(orders.paid < NEVER, NEVER // DAY, day_of(orders.cancelled) + 1)
    paid_day = day_of(orders.paid)
    _stock(life).hold(day.number, lines.place, lines.quantity, paid_day[lines.order], held_until[lines.order])


def _send(life: Life, day: Day) -> None:
    """The parcels of what is paid and not cancelled: one per order and location."""
    orders, lines = day.of(Orders), day.of(Lines)
    goes = (orders.paid < NEVER) & (orders.cancelled == NEVER)
    key, of_line = np.unique(lines.order * N_LOCATIONS + lines.place % N_LOCATIONS, return_inverse=True)
    units = np.bincount(of_line, lines.quantity, len(key)).astype(np.int64)
    sent = np.flatnonzero(goes[key // N_LOCATIONS])
    order, location = key[sent] // N_LOCATIONS, key[sent] % N_LOCATIONS
    foreign, detour = orders.currency[order] == 1, SERVING[orders.city[order]] != location
    rng, start = day.rng(FORM.system), life.arguments.start
    day.hand(send(rng, start, order, location, units[sent], orders.paid[order], foreign, detour))


def _note_parcels(life: Life, day: Day) -> None:
    """Before the day's orders are noted: by their number its parcels are counted on."""
    parcels = day.of(Parcels)
    stages = {f"entered_{stage}": parcels.entered[:, stage] for stage in range(parcels.entered.shape[1])}
    flat = {name: column for name, column in vars(parcels).items() if name != "entered"}
    life.notes.add("parcels", **{**flat, "order": parcels.order + life.notes.count("orders")}, **stages)


def _restock(life: Life, day: Day) -> None:
    """Goods that can be sold again go back to their place."""
    back, lines = day.of(Refunds), day.of(Lines)
    again = RESTOCKED[back.reason]
    _stock(life).bring_back(day_of(back.refunded)[again] + 1, lines.place[back.line][again], back.quantity[again])


def _close(life: Life, day: Day) -> None:
    stock, filled = _stock(life), day.of(Filled)
    places = len(stock.available)
    last_sale = np.zeros(places, dtype=np.int64)
    visit = day.of(Requests).visit[filled.request]
    np.maximum.at(last_sale, filled.place, day.of(Visits).second[visit] - day.number * DAY)
    closing = stock.close_day(day.number, day.rng(FORM.system), last_sale)
    life.notes.add(
        "places",
        day=np.full(places, day.number),
        place=np.arange(places),
        demand=day.of(Demand).units,
        **vars(closing),
    )


STEPS = (
    Step("warehouse.open", _open),
    Step("warehouse.fill", _fill, needs=("warehouse.open", "storefront.want")),
    Step("warehouse.hold", _hold, needs=("storefront.order",)),
    Step("warehouse.send", _send, needs=("warehouse.hold",)),
    Step("warehouse.note_parcels", _note_parcels, needs=("warehouse.send",), before=("storefront.note",)),
    Step("warehouse.restock", _restock, needs=("storefront.take_back",)),
    Step("warehouse.close", _close, needs=("warehouse.restock",)),
)
