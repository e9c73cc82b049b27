"""A source system as it declares itself: its tables, and the form in which it drops them.

Belongs here: the form of the declarations, by which files, dirt and key are made. Does not belong here: any system
(systems/<system>/tables.py declares it as SYSTEM), how its rows come about (its rows.py), dirt (dirt/).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from simulator.clock import HOUR, SHOP, Zone, time_in

Format = Literal["csv", "parquet"]


@dataclass(frozen=True)
class Form:
    """How a system hands over: in which format, by a clock of which zone, and at which second of a day (shop's zone) it
    stamps a correction.

    of_first_release: its bytes were settled before systems could be chosen: streams of its dirt are named by the table
    alone, and the orders that it causes are in the seed as it is given.
    """

    system: str
    format: Format
    zone: Zone = SHOP
    corrects_at: int = 3 * HOUR
    of_first_release: bool = False

    def time(self, seconds: str, start: dt.date) -> str:
        """SQL: a column of the simulator's seconds as its clock shows them."""
        return time_in(self.zone, seconds, start)

    def table(
        self,
        name: str,
        columns: str,
        *,
        key: str,
        event: str,
        order: str,
        parent: tuple[str, str] | None = None,
        text: str = "",
        is_spared: bool = False,
    ) -> Table:
        """One of its tables; `columns`, `key` and `text` are names with blanks between them."""
        return Table(
            self, name, tuple(columns.split()), tuple(key.split()), event, order, parent, frozenset(text.split()),
            is_spared,
        )  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One table of a source system.

    columns: as in the file, in order. key: of a row. event: the column that says when it happened. order: SQL by which
    the rows of a day stand in the file. parent: (column, table of the same system) that a row waits for. text: columns
    that may hold a comma or a quotation mark. is_spared: everything stands on it, so all of its files come whole.
    """

    form: Form
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    event: str
    order: str
    parent: tuple[str, str] | None = None
    text: frozenset[str] = frozenset()
    is_spared: bool = False

    @property
    def system(self) -> str:
        """The system that drops it: two systems may have tables of one name."""
        return self.form.system

    @property
    def suffix(self) -> str:
        """How its files end."""
        return self.form.format

    @property
    def is_typed(self) -> bool:
        """Whether a cell keeps its type in the file; in a text format it is written as text."""
        return self.form.format == "parquet"

    @property
    def clean(self) -> str:
        """The relation of its true rows."""
        return relation("clean", self.system, self.name)

    @property
    def sent(self) -> str:
        """The relation of its rows as they are delivered."""
        return relation("sent", self.system, self.name)

    @property
    def dirt_stream(self) -> str:
        """By which its dirt is drawn: never by that of another system's table."""
        return self.name if self.form.of_first_release else f"{self.system}/{self.name}"

    def event_day(self, row: str) -> str:
        """SQL: the day, in the shop's zone, on which the event of a `row` (an alias) lies."""
        ahead = SHOP.seconds - self.form.zone.seconds
        is_moment = ahead and not is_date(self.event)
        return f"({row}.{self.event}{f' + to_seconds({ahead})' if is_moment else ''})::date"


@dataclass(frozen=True)
class System:
    """A source system: its form, its tables (parents before those that wait for them), the systems whose ids its rows
    speak of, and whether what it does makes people order otherwise (visits, ads, offers do; a ledger does not)."""

    form: Form
    tables: tuple[Table, ...]
    needs: tuple[str, ...] = ()
    causes_orders: bool = False

    @property
    def name(self) -> str:
        """Its name: the folder's."""
        return self.form.system


def relation(kind: str, system: str, table: str) -> str:
    """The name of a temporary relation of one table of one system."""
    return f"{kind}_{system}__{table}"


def is_date(column: str) -> bool:
    """Whether a column holds a day and not a moment, told by its name as everywhere in the drops."""
    return column.endswith("_date")
