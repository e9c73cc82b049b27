"""What a simulation is a function of, and the one error that a person may be shown.

Does not belong here: where files are written (run.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

DEFAULT_SEED, DEFAULT_START, DEFAULT_DAYS, DEFAULT_CUSTOMERS = 7, dt.date(2025, 1, 1), 120, 5000
# Movement ids hold 12 digits, order ids 10; a shop of this size fills neither in ten years.
MOST_CUSTOMERS, MOST_DAYS = 1_000_000, 3650
# The key also tells what will be asked for after the last day, as far as forecasts look: see `noted.put_future`.
DAYS_AHEAD = 28
FIRST_YEAR, LAST_YEAR = 1970, 2100
# Raised with every change after which the same arguments give other bytes (the frozen digest of
# tests/simulator/test_files.py tells): days of two releases are not of one shop.
RELEASE = 1


class SimulationError(ValueError):
    """An argument, a folder or a key that the simulator cannot work with; the message says what to do."""


@dataclass(frozen=True)
class Arguments:
    """The arguments that decide every byte: the seed, the first day, how many days, about how many accounts there are
    after 120 days (orders grow with them in proportion)."""

    seed: int = DEFAULT_SEED
    start: dt.date = DEFAULT_START
    days: int = DEFAULT_DAYS
    customers: int = DEFAULT_CUSTOMERS

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS + DAYS_AHEAD:
            raise SimulationError(f"{self.days} days: choose 1 to {MOST_DAYS:,}")
        if not 50 <= self.customers <= MOST_CUSTOMERS:
            raise SimulationError(f"{self.customers} customers: choose 50 to {MOST_CUSTOMERS:,}")
        if not FIRST_YEAR <= self.start.year <= LAST_YEAR:
            raise SimulationError(f"{self.start}: choose a first day from {FIRST_YEAR} to {LAST_YEAR}")
        if not 0 <= self.seed < 2**63:
            raise SimulationError(f"seed {self.seed}: choose a whole number from 0")

    @property
    def last(self) -> dt.date:
        """The last simulated day."""
        return self.date(self.days - 1)

    def date(self, day: int) -> dt.date:
        """The calendar day of a day's number (0 is the first)."""
        return self.start + dt.timedelta(days=day)

    def world(self) -> dict[str, str | int]:
        """All arguments but the length: two simulations that agree in them are one shop, seen for shorter or longer."""
        return {"seed": self.seed, "start": self.start.isoformat(), "customers": self.customers}
