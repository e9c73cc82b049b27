"""The command verify-replay: does the published version follow from the raw files, whatever order they came in?"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import EXIT_OTHER, check_range, day_range, log_to, settings_of, shop_and_home
from pipelines.terminal import ProgressLine

if TYPE_CHECKING:
    from pipelines.settings.environment import Settings


@click.command("verify-replay", short_help="Replay raw files in another order and compare.")
@day_range
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the order; the same seed, the same order.")
@shop_and_home
def verify_replay(first: dt.date | None, last: dt.date | None, seed: int, shop: str | None, home: Path | None) -> None:
    """Replay the raw files into a scratch home, the days of the range in another order, and compare every published
    table with the current version. Default: the last seven arrival days.

    Exits with 1 when a table differs, and names its first differing row.
    """
    from pipelines.definitions import build_definitions
    from pipelines.defs.launch import launch
    from pipelines.defs.outcome import Outcome
    from pipelines.defs.replay import verify_replay as replay_and_compare

    settings = settings_of(shop, home)
    check_range(first, last)
    if not settings.home.path.is_dir():
        raise click.UsageError(f"nothing published yet in {settings.home.path}: run almanac refresh")
    log_to(settings.home.logs)
    bar = ProgressLine(sys.stdout.isatty())

    def run(scratch: Settings, job: str, low: dt.date, high: dt.date) -> Outcome:
        return launch(scratch, build_definitions(scratch, progress=bar.show), job, low, high)

    try:
        done = replay_and_compare(settings, first, last, run=run, seed=seed, progress=bar.show)
    finally:
        bar.close()
    order = ", ".join(f"{low}" if low == high else f"{low} to {high}" for low, high in done.pieces)
    click.echo(f"replayed against {done.version} in this order: {order}")
    if done.skipped:
        click.echo(f"  left out: {done.skipped}")
    if not done.differences:
        click.echo(f"  {done.compared} tables are equal")
        return
    for difference in done.differences:
        counts = f"{difference.rows:,} rows published, {difference.other_rows:,} in the replay"
        click.echo(f"  {difference.table} differs ({counts}): {difference.first}")
    click.echo(f"almanac: {len(done.differences)} of {done.compared} tables differ from their replay", err=True)
    sys.exit(EXIT_OTHER)
