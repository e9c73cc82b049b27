"""The world, day by day: what all systems share of it, and what one day hands to the next.

Belongs here: people, catalogue and prices of a day, the state that steps keep, what is noted down, as plain numbers.
Does not belong here: what happens on a day (the steps that systems declare in their days.py), ids and texts (rows.py).
A day uses what is known by then alone; later events of its orders are drawn on the day of the order and cut off at the
last day when tables are made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from simulator.arguments import Arguments
from simulator.catalogue import Catalogue, make_catalogue
from simulator.people import People, draw_guests, make_people
from simulator.prices import DayPrices, Promotion, daily_prices, promotions
from simulator.streams import stream

Progress = Callable[[str, int, int], None]
Columns = dict[str, npt.NDArray[np.generic]]
T = TypeVar("T")


class Notes:
    """Columns that grow by the day, by the kind of what they tell."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Columns]] = defaultdict(list)

    def add(self, kind: str, **columns: npt.NDArray[np.generic]) -> None:
        """Note a day's rows of one kind."""
        self.parts[kind].append(columns)

    def count(self, kind: str) -> int:
        """How many rows of one kind there are so far."""
        return sum(len(next(iter(columns.values()))) for columns in self.parts[kind])

    def joined(self) -> dict[str, Columns]:
        """All days' columns, end to end."""
        return {
            kind: {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
            for kind, parts in self.parts.items()
            if parts
        }


class Life:
    """Who and what there is, what steps keep from one day to the next, and the notes. Guests follow the accounts in
    `people`."""

    def __init__(self, arguments: Arguments) -> None:
        self.arguments, self.catalogue = arguments, make_catalogue(arguments.seed)
        accounts, guests = make_people(arguments, self.catalogue), draw_guests(arguments, self.catalogue)
        self.people = People(
            *(np.concatenate([getattr(accounts, f.name), getattr(guests, f.name)]) for f in fields(People))
        )
        self.n_accounts, self.notes = accounts.n, Notes()
        self._kept: dict[type, object] = {}

    def kept(self, kind: type[T], make: Callable[[], T]) -> T:
        """The one state of a kind, made when it is first asked for."""
        if kind not in self._kept:
            self._kept[kind] = make()
        return cast(T, self._kept[kind])

    def states(self) -> dict[type, object]:
        """All states that were kept."""
        return dict(self._kept)


class Day:
    """One day while it is lived through: its number (0 is the first), its prices, what its steps hand to each other."""

    def __init__(self, seed: int, number: int, tags: DayPrices) -> None:
        self.number, self.tags = number, tags
        self._seed = seed
        self._streams: dict[str, np.random.Generator] = {}
        self._handed: dict[type, object] = {}

    def rng(self, system: str) -> np.random.Generator:
        """The day's stream of a system: its steps draw from it one after the other."""
        if system not in self._streams:
            self._streams[system] = stream(self._seed, system, self.number)
        return self._streams[system]

    def hand(self, *results: object) -> None:
        """Leave results for later steps of the day, one of a type."""
        self._handed.update((type(result), result) for result in results)

    def of(self, kind: type[T]) -> T:
        """What an earlier step handed on; KeyError when none did, so that a step must say what it needs."""
        return cast(T, self._handed[kind])


@dataclass(frozen=True)
class World:
    """Everything that happened: notes (columns per kind of event) and what they refer to."""

    arguments: Arguments
    catalogue: Catalogue
    people: People
    n_accounts: int
    plan: list[Promotion]
    notes: dict[str, Columns]
    states: dict[type, object]

    def state(self, kind: type[T]) -> T:
        """What a step has kept to the end; KeyError when none did."""
        return cast(T, self.states[kind])


@dataclass(frozen=True)
class Step:
    """One thing that happens every day. `name`, `needs` and `before` are `<system>.<step>`: what must have happened on
    the day, which is then lived whoever's it is, and what may happen only afterwards, where it is lived."""

    name: str
    live: Callable[[Life, Day], None]
    needs: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def system(self) -> str:
        """The system that declares it."""
        return self.name.split(".")[0]


def simulate(arguments: Arguments, steps: Sequence[Step], progress: Progress) -> World:
    """Live through all days, each by all steps in their order."""
    life = Life(arguments)
    plan = promotions(arguments, life.catalogue)
    for number, tags in enumerate(daily_prices(arguments, life.catalogue, plan)):
        day = Day(arguments.seed, number, tags)
        for step in steps:
            step.live(life, day)
        progress("live through the days", number + 1, arguments.days)
    return World(
        arguments, life.catalogue, life.people, life.n_accounts, plan, life.notes.joined(), life.states()
    )  # fmt: skip
