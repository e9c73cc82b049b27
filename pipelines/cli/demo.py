"""The command demo: a shop from nothing to its report, on a fresh machine, with one command.

Belongs here: the order of the steps, and how long each took. Does not belong here: a step.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from pipelines.cli.grade import grade_home, key_of, open_days_are_planted
from pipelines.cli.options import EXIT_DATA, EXIT_OTHER, SIMULATED, Place, arrived_days, settings_of
from pipelines.cli.runs import run_job
from pipelines.cli.simulate import CUSTOMERS, DAYS, SEED, CustomerCount, DayCount, Seed, simulate_into

if TYPE_CHECKING:
    from pipelines.settings.environment import Settings

T = TypeVar("T")


@click.command(short_help="A shop from nothing to its report.")
@click.argument("shop", default=SIMULATED)
@click.option("--seed", type=Seed, default=SEED, show_default=True, help="Of the simulation.")
@click.option("--days", type=DayCount, default=DAYS, show_default=True, help="Days to simulate.")
@click.option("--customers", type=CustomerCount, default=CUSTOMERS, show_default=True,
              help="Customers to simulate.")  # fmt: skip
@click.option("--home", type=Place(), help="Its home. Default: ./.almanac/<shop>.")
def demo(shop: str, seed: int, days: int, customers: int, home: Path | None) -> None:
    """Make SHOP from nothing: backfill all its days but the newest, refresh the newest, draw the report.

    The simulated shop (the default) is simulated first and graded against its answer key at the end; the demo ends with
    1 when a bar does not hold, with 3 when a day is open that the simulator did not leave open. `almanac demo
    online_retail` takes the real shop whose files ship with the project.
    """
    settings, parts = settings_of(shop, home), Parts()
    if shop == SIMULATED:
        parts.timed(
            "simulate",
            lambda: simulate_into(
                settings,
                settings.home.drops,
                key_of(settings.home.path),
                seed=seed,
                start=settings.shop.first_day,
                days=days,
                customers=customers,
            ),
        )
    codes = _load(settings, parts)
    if shop == SIMULATED and max(codes) in (0, EXIT_DATA):
        marks = parts.timed("grade", lambda: grade_home(settings, key_of(settings.home.path)))
        codes = [EXIT_DATA if not open_days_are_planted(marks) else 0 if marks.passed else EXIT_OTHER]
    click.echo(f"  {parts.told()}")
    sys.exit(max(codes))


def _load(settings: Settings, parts: Parts) -> list[int]:
    """Backfill, then refresh; the exit codes."""
    days, codes = arrived_days(settings), []
    if len(days) > 1:
        codes.append(parts.timed("backfill", lambda: run_job(settings, "backfill", settings.shop.first_day, days[-2])))
    if not codes or codes[0] in (0, EXIT_DATA):
        codes.append(parts.timed("refresh", lambda: run_job(settings, "refresh", days[-1], days[-1])))
    return codes


class Parts:
    """How long each part took, by the clock on the wall."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, part: Callable[[], T]) -> T:
        """What the part gives back."""
        began = time.monotonic()
        try:
            return part()
        finally:
            self.seconds[name] = time.monotonic() - began

    def told(self) -> str:
        """All parts in one line."""
        each = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.seconds.items())
        return f"{each}; together {sum(self.seconds.values()):.0f} s"
