"""The command that writes a simulated shop: its drops and, beside them, the answer key.

Does not belong here: the simulated shop (`simulator`, which knows nothing of us).
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.grade import key_of
from pipelines.cli.options import SIMULATED, Day, Place
from pipelines.terminal import ProgressLine

if TYPE_CHECKING:
    from pipelines.settings.environment import Settings

# A third of a year shows weekday, month, two festivals and a second purchase; refreshed and graded within five minutes.
SEED, DAYS, CUSTOMERS = 7, 120, 5000
# As the simulator takes them; said here too, so that a mistake is told before anything is imported.
Seed, DayCount, CustomerCount = click.IntRange(0, 2**63 - 1), click.IntRange(1, 3650), click.IntRange(50, 1_000_000)


@click.command(short_help="Write the drops and the answer key of a simulated shop.")
@click.option("--seed", type=Seed, default=SEED, show_default=True)
@click.option("--start", type=Day(), help="The first day. Default: the shop's first day.")
@click.option("--days", type=DayCount, default=DAYS, show_default=True, help="How many days.")
@click.option("--customers", type=CustomerCount, default=CUSTOMERS, show_default=True, help="About how many accounts.")
@click.option("--systems", metavar="NAME,...", help="Whose files are written. Default: those in the shop file.")
@click.option("--shop", default=SIMULATED, show_default=True, help="Which shop of shops/.")
@click.option(
    "--home",
    type=Place(),
    help="Its home: drops in it, the key beside it (HOME.key). Default: ./.almanac/<shop>.",
)
@click.option("--out", type=Place(), help="Where the drops go. Default: drops in the home.")
@click.option("--key", type=Place(), help="Where the answer key goes. Default: beside the home.")
def simulate(
    seed: int,
    start: dt.date | None,
    days: int,
    customers: int,
    systems: str | None,
    shop: str,
    home: Path | None,
    out: Path | None,
    key: Path | None,
) -> None:
    """Write the drops of a simulated shop and the answer key of what is true in it.

    The same options give the same bytes. More days later leave the earlier files as they are. The key never lies among
    the drops: no refresh reads it.
    """
    from pipelines.settings.environment import load_settings
    from pipelines.settings.home import HOME_MARKER

    settings = load_settings(shop, home)
    place = settings.home if home or not (out or key) else None
    drops = out or (place.drops if place else None)
    answers = key or (key_of(place.path) if place else None)
    if drops is None or answers is None:
        raise click.UsageError("give both --out and --key, or --home")
    beside = drops.absolute().parent
    around = place.path if place else beside if (beside / HOME_MARKER).exists() else None
    if around and answers.resolve().is_relative_to(around.resolve()):
        raise click.UsageError(f"the key must not lie in the home ({around}), which refreshes read: give another --key")
    if place:
        place.check(shop)
    first = start or settings.shop.first_day
    if place and first < settings.shop.first_day:
        raise click.UsageError(
            f"--start {first}: shop {shop} begins on {settings.shop.first_day}, and no file of before is loaded: give "
            "that day or a later one"
        )
    simulate_into(settings, drops, answers, seed=seed, start=first, days=days, customers=customers, systems=systems)
    if place:
        place.prepare(shop)  # from now on a command without --shop takes it for what it is


def simulate_into(
    settings: Settings,
    drops: Path,
    key: Path,
    *,
    seed: int,
    start: dt.date,
    days: int,
    customers: int,
    systems: str | None = None,
) -> None:
    """Write drops and answer key of the shop, and print what was written. `systems`: as a person names them; without
    them those that the shop file names."""
    from simulator.arguments import Arguments
    from simulator.run import run
    from simulator.systems import all_systems, named

    chosen = named(systems)
    if chosen is None:
        known = [system.name for system in all_systems()]
        chosen = [name for name in known if name in settings.shop.sources]
        if not chosen:
            told = f"no source of shop {settings.shop.name} is a system of the simulator ({', '.join(known)})"
            raise click.UsageError(f"{told}: give another --shop, or --systems")
    arguments = Arguments(seed, start, days, customers)
    click.echo(f"simulate {start} to {arguments.last}, seed {seed}, about {customers:,} customers")
    bar = ProgressLine(sys.stdout.isatty())
    try:
        summary = run(arguments, drops, key, systems=chosen, progress=bar.show)
    finally:
        bar.close()
    for line in summary.lines():
        click.echo(f"  {line}")
    click.echo(f"  drops: {drops}\n  answer key: {key}")
