"""Commands about a shop's own files: init."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.options import Place


@click.command(short_help="Draft a shop file and contracts from CSV files.")
@click.argument("name")
@click.option(
    "--from",
    "files",
    type=Place(),
    required=True,
    multiple=True,
    help="A CSV file; more may follow.",
)
@click.argument("more_files", nargs=-1, type=Place())
@click.option("--time-zone", default="Europe/London", show_default=True, help="IANA zone of the shop's local times.")
@click.option("--currency", default="GBP", show_default=True, help="ISO 4217 currency of the shop's amounts.")
def init(name: str, files: tuple[Path, ...], more_files: tuple[Path, ...], time_zone: str, currency: str) -> None:
    """Draft a shop file and contracts from your own CSV files (.csv, .csv.gz): init NAME --from FILE [FILE ...].

    The files are read whole; every guess is marked DRAFT for you to check. Nothing is ever overwritten.
    """
    from pipelines.onboarding import onboard
    from pipelines.settings.environment import contracts_dir, shops_dir

    done = onboard(
        name,
        [*files, *more_files],
        time_zone=time_zone,
        currency=currency,
        shops_dir=shops_dir(),
        sources_dir=contracts_dir() / "sources",
    )
    for line in [*done.notes, *(f"wrote {path}" for path in done.written)]:
        click.echo(line)
    click.echo("next:")
    for number, step in enumerate(done.next_steps(name), 1):
        click.echo(f"  {number}. {step}")
