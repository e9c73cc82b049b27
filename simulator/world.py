"""The world, day by day: demand meets stock, orders follow, and what went badly is remembered.

Belongs here: the order of a day's steps and what is noted down of them, as plain numbers. Does not belong here: the
steps themselves, ids and texts (tables.py). A day uses what is known by then alone; later events of its orders are
drawn on the day of the order and cut off at the last day when tables are made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from simulator.arguments import Arguments
from simulator.catalogue import Catalogue, make_catalogue
from simulator.clock import DAY, NEVER, Bools, Ints, day_of
from simulator.demand import Crowd, Requests, Visits, requests
from simulator.fulfilment import Parcels, send
from simulator.orders import Lines, Orders, place_orders
from simulator.people import SERVING, People, draw_guests, make_people
from simulator.prices import DayPrices, Promotion, daily_prices, promotions
from simulator.refunds import RESTOCKED, Refunds, refund_lines
from simulator.stock import N_LOCATIONS, Filled, Stock
from simulator.streams import stream

Progress = Callable[[str, int, int], None]
Columns = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class World:
    """Everything that happened: notes (columns per kind of event) and what they refer to. Guests follow the accounts
    in `people`; `left` is the day on which an account's person left for good (NEVER)."""

    arguments: Arguments
    catalogue: Catalogue
    people: People
    n_accounts: int
    left: Ints
    plan: list[Promotion]
    notes: dict[str, Columns]


class _Notes:
    """Columns that grow by the day."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Columns]] = defaultdict(list)

    def add(self, kind: str, **columns: npt.NDArray[np.generic]) -> None:
        """Note a day's rows of one kind."""
        self.parts[kind].append(columns)

    def joined(self) -> dict[str, Columns]:
        """All days' columns, end to end."""
        return {
            kind: {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
            for kind, parts in self.parts.items()
        }


def simulate(arguments: Arguments, progress: Progress) -> World:
    """Live through all days."""
    catalogue = make_catalogue(arguments.seed)
    accounts = make_people(arguments, catalogue)
    guests = draw_guests(arguments, catalogue)
    people = People(*(np.concatenate([getattr(accounts, f.name), getattr(guests, f.name)]) for f in fields(People)))
    plan = promotions(arguments, catalogue)
    life = _Life(arguments, catalogue, people, accounts.n)
    for day, tags in enumerate(daily_prices(arguments, catalogue, plan)):
        life.live(day, tags)
        progress("live through the days", day + 1, arguments.days)
    return World(arguments, catalogue, people, accounts.n, life.crowd.left, plan, life.notes.joined())


class _Life:
    """The state that one day hands to the next."""

    def __init__(self, arguments: Arguments, catalogue: Catalogue, people: People, n_accounts: int) -> None:
        self.arguments, self.catalogue, self.people = arguments, catalogue, people
        self.crowd, self.stock, self.notes = Crowd(arguments, people, n_accounts), Stock(arguments, catalogue), _Notes()
        self.n_orders = self.n_lines = 0
        self.late_parcels: dict[int, list[Ints]] = defaultdict(list)

    def live(self, day: int, tags: DayPrices) -> None:
        """Live through one day: late parcels are felt, people come, stock gives what it has, orders follow."""
        shop, depot = (stream(self.arguments.seed, system, day) for system in ("storefront", "warehouse"))
        for late in self.late_parcels.pop(day, []):
            self.crowd.disappoint(late, 1.0)
        self.stock.open_day(day)
        visits = self.crowd.visits(day, shop, tags, self.catalogue)
        day_of_year = self.arguments.date(day).timetuple().tm_yday
        wanted = requests(shop, day, day_of_year, visits, self.people, self.catalogue, tags)
        filled = self._fill(day, visits, wanted)
        visit = wanted.visit[filled.request]
        orders, lines = place_orders(shop, visits, self.people, tags, visit, filled.place, filled.quantity, N_LOCATIONS)
        paid_day, released = day_of(orders.paid), day_of(orders.cancelled) + 1
        held_until = np.where(orders.paid < NEVER, NEVER // DAY, released)
        self.stock.hold(day, lines.place, lines.quantity, paid_day[lines.order], held_until[lines.order])
        parcels, parcel = self._send(depot, orders, lines)
        self._note_orders(orders, lines, parcels, self._take_back(day, orders, lines, parcels, parcel))
        last_sale = np.zeros(len(self.stock.available), dtype=np.int64)
        np.maximum.at(last_sale, filled.place, visits.second[visit] - day * DAY)
        self._note_day(day, tags, self.stock.close_day(day, depot, last_sale))

    def _fill(self, day: int, visits: Visits, wanted: Requests) -> Filled:
        """Fill from the location that serves the visitor, the rest from the next one if the visitor accepts that."""
        place = wanted.sku * N_LOCATIONS + visits.location[wanted.visit]
        given = self.stock.fill(place, wanted.quantity)
        parts = [Filled(np.arange(len(place)), place, given)]
        moves = self.people.moves_to_other_location[visits.who[wanted.visit]]
        missing = (wanted.quantity - given) * moves
        for step in range(1, N_LOCATIONS):
            rest = np.flatnonzero(missing)
            other = wanted.sku[rest] * N_LOCATIONS + (visits.location[wanted.visit[rest]] + step) % N_LOCATIONS
            more = self.stock.fill(other, missing[rest])
            missing[rest] -= more
            parts.append(Filled(rest, other, more))
        request, places, quantity = (np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Filled))
        self._note_demand(day, visits, wanted, place, np.bincount(request, quantity, len(place)) == 0)
        some = quantity > 0
        return Filled(request[some], places[some], quantity[some])

    def _note_demand(self, day: int, visits: Visits, wanted: Requests, place: Ints, is_lost: Bools) -> None:
        who = visits.who[wanted.visit]
        self.crowd.disappoint(who[is_lost], 0.6)
        got = np.bincount(wanted.visit, ~is_lost, len(visits.who))
        asked = np.bincount(wanted.visit, minlength=len(visits.who))
        self.crowd.comes_back(visits.who[(asked > 0) & (got == 0)], day)
        self.demand = np.bincount(place, wanted.quantity, len(self.stock.available)).astype(np.int64)

    def _send(self, rng: np.random.Generator, orders: Orders, lines: Lines) -> tuple[Parcels, Ints]:
        """The day's parcels, and which of them each line is in (-1: its order is not paid, or cancelled)."""
        goes = (orders.paid < NEVER) & (orders.cancelled == NEVER)
        key, of_line = np.unique(lines.order * N_LOCATIONS + lines.place % N_LOCATIONS, return_inverse=True)
        units = np.bincount(of_line, lines.quantity, len(key)).astype(np.int64)
        sent = np.flatnonzero(goes[key // N_LOCATIONS])
        order, location = key[sent] // N_LOCATIONS, key[sent] % N_LOCATIONS
        foreign, detour = orders.currency[order] == 1, SERVING[orders.city[order]] != location
        start = self.arguments.start
        parcels = send(rng, start, order, location, units[sent], orders.paid[order], foreign, detour)
        late = np.flatnonzero(parcels.is_late)
        days = day_of(parcels.delivered[late])
        for day in np.unique(days):
            self.late_parcels[int(day)].append(orders.who[order[late[days == day]]])
        index = np.full(len(key), -1)
        index[sent] = np.arange(len(sent))
        return parcels, index[of_line]

    def _take_back(self, day: int, orders: Orders, lines: Lines, parcels: Parcels, parcel: Ints) -> Refunds:
        """The refunds that will come of the day's lines; goods that can be sold again go back to their place."""
        rng = stream(self.arguments.seed, "refunds", day)
        # One more entry at the end: a line without a parcel has the index -1.
        delivered, lost = (np.append(moment, NEVER)[parcel] for moment in (parcels.delivered, parcels.lost))
        is_late = np.append(parcels.is_late, False)[parcel]
        back = refund_lines(rng, orders, lines, self.catalogue, delivered, lost, is_late)
        again = RESTOCKED[back.reason]
        self.stock.bring_back(day_of(back.refunded)[again] + 1, lines.place[back.line][again], back.quantity[again])
        return back

    def _note_orders(self, orders: Orders, lines: Lines, parcels: Parcels, refunds: Refunds) -> None:
        n = len(orders.who)
        shipped, delivered = (_latest(n, parcels.order, moment) for moment in (parcels.handed_over, parcels.delivered))
        self.notes.add("orders", shipped=shipped, delivered=delivered, total=orders.total, **vars(orders))
        self.notes.add("lines", **{**vars(lines), "order": lines.order + self.n_orders})
        stages = {f"entered_{stage}": parcels.entered[:, stage] for stage in range(parcels.entered.shape[1])}
        flat = {name: column for name, column in vars(parcels).items() if name != "entered"}
        self.notes.add("parcels", **{**flat, "order": parcels.order + self.n_orders}, **stages)
        self.notes.add("refunds", **{**vars(refunds), "line": refunds.line + self.n_lines})
        self.n_orders, self.n_lines = self.n_orders + n, self.n_lines + len(lines.order)

    def _note_day(self, day: int, tags: DayPrices, closing: object) -> None:
        places, skus = len(self.stock.available), self.catalogue.n
        self.notes.add("places", day=np.full(places, day), place=np.arange(places), demand=self.demand, **vars(closing))
        self.notes.add(
            "tags",
            day=np.full(skus, day),
            sku=np.arange(skus),
            list_cents=tags.list_cents,
            sale_cents=tags.sale_cents,
            promotion=tags.promotion,
            cost_e4=tags.cost_e4,
            cost_is_new=tags.cost_is_new,
            on_sale=self.catalogue.on_sale(day),
        )
        self.notes.add("rates", day=np.array([day]), usd_e4=np.array([tags.usd_e4]))


def _latest(n: int, order: Ints, moment: Ints) -> Ints:
    """When the last parcel of each of `n` orders has come so far; NEVER where it does not, or there is no parcel."""
    latest = np.full(n, -1)
    np.maximum.at(latest, order, moment)
    return np.where(latest < 0, NEVER, latest)
