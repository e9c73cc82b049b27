"""What is planted into single rows: its class, its table, how often, what is written, the fate it deserves.

Belongs here: the form of a plant, and the mistakes that any system makes alike. Does not belong here: which of them a
system makes, and how often (systems/<system>/plants.py: PLANTS), whole files (files.py), choosing rows (rows.py), what
a class is called (classes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from simulator.arguments import SimulationError
from simulator.system import System, is_date
from simulator.systems import part_of

# late: comes with a later file. wrong: wrong now, right in a later file. copy: the line again. before: a poor version
# of the row just before it. restated: accepted as it is, a newer version follows. kept: never put right. odd: nothing
# is wrong.
Kind = Literal["late", "wrong", "copy", "before", "restated", "kept", "odd"]
FATES: dict[Kind, str] = {
    "late": "accepted",
    "wrong": "quarantined",
    "copy": "duplicate",
    "before": "superseded",
    "restated": "superseded",
    "kept": "not detectable",
    "odd": "accepted",
}


@dataclass(frozen=True)
class Plant:
    """One way of being wrong.

    table: of the system that lists it. rate: share of the table's rows that are drawn; those that do not meet `where`
    stay clean. column, text: the cell that is changed and its new content (SQL over the clean row, and `u3`, uniform in
    0 to 1). reason: the code by which the row is quarantined, if it is.
    """

    name: str
    kind: Kind
    table: str
    rate: float
    column: str = ""
    text: str = ""
    where: str = "true"
    reason: str | None = None

    @property
    def fate(self) -> str:
        """What the row deserves."""
        return FATES[self.kind]


def plants_of(system: System) -> tuple[Plant, ...]:
    """The plants of a system; which comes first matters within a table. Raises SimulationError for a plant in a table
    or column that the system has not."""
    plants: tuple[Plant, ...] = getattr(part_of(system, "plants"), "PLANTS", ())
    columns = {table.name: table.columns for table in system.tables}
    for plant in plants:
        if plant.table not in columns or plant.column not in ("", *columns[plant.table]):
            place = f"{system.name}.{plant.table}.{plant.column}".rstrip(".")
            raise SimulationError(f"plant {plant.name}: there is no {place}")
    return plants


def copies(rates: Mapping[str, float]) -> list[Plant]:
    """The line again, behind the first; by table its rate."""
    return [Plant("exact_duplicate", "copy", table, rate) for table, rate in rates.items()]


def late_rows(rates: Mapping[str, float]) -> list[Plant]:
    """Rows that come with a later file; by table its rate."""
    return [Plant("late_row", "late", table, rate) for table, rate in rates.items()]


def wrong_type(table: str, rate: float, column: str, text: str) -> Plant:
    """A cell that is not of its column's type."""
    return Plant("wrong_type", "wrong", table, rate, column, text, reason=f"{column}:type")


def with_comma(column: str) -> str:
    """SQL: a number with a decimal comma, in quotation marks as CSV wants it."""
    return f"""'"' || replace({column}::varchar, '.', ',') || '"'"""


def missing_keys(columns: Mapping[str, tuple[str, float]]) -> list[Plant]:
    """A key column without a value; by table the column and its rate."""
    return [
        Plant("missing_key", "wrong", table, rate, column, "null", reason=f"{column}:required")
        for table, (column, rate) in columns.items()
    ]


def wrong_currencies(rates: Mapping[str, float]) -> list[Plant]:
    """A currency that is not the shop's, or not spelled as ISO has it; by table its rate."""
    text = "if(currency = 'CNY' and u3 < 0.6, 'RMB', 'EUR')"
    return [
        Plant("wrong_currency", "wrong", table, rate, "currency", text, reason="currency:pattern")
        for table, rate in rates.items()
    ]


def future_clocks(columns: Mapping[str, tuple[str, float]]) -> list[Plant]:
    """An event that lies days later than any right form may come; by table its column and rate."""
    days = "(6 + (u3 * 300)::integer)"
    return [
        Plant("future_clock", "wrong", table, rate, column,
              f"{column} + {days}" if is_date(column) else f"{column} + to_days({days})",
              reason="row:event_after_arrival")
        for table, (column, rate) in columns.items()
    ]  # fmt: skip


def mojibake(column: str, rates: Mapping[str, float]) -> list[Plant]:
    """A text whose characters were read in another encoding; by table its rate."""
    broken = f"left({column}, 1) || if(u3 < 0.6, chr(65533) || chr(65533), chr(146) || 'ã')"
    return [
        Plant("mojibake", "wrong", table, rate, column, broken, reason=f"{column}:characters")
        for table, rate in rates.items()
    ]


def odd(table: str, where: str) -> Plant:
    """Values that look like mistakes and are none; all of them are listed."""
    return Plant("odd_but_right", "odd", table, 1, where=where)
