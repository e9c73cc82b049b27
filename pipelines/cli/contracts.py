"""Commands about the contracts themselves: how they differ from the last release, and releasing them.

Does not belong here: what a change means (pipelines.contracts), nor any shop or home.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import EXIT_OTHER
from pipelines.terminal import counted

if TYPE_CHECKING:
    from pipelines.contracts.changes import Change

HEADS = ("breaks", "step", "place", "change", "from, to")


@click.group()
def contracts() -> None:
    """How the contracts differ from the last release, whom that breaks, and a new release."""


@contracts.command()
def check() -> None:
    """List all changes since the last release, with whom each breaks and the step of the version that it needs.

    Ends with 1 when a contract changed in a breaking way and its version has no raised major number; an addition or a
    text whose step is missing, or a line that is still marked SKELETON or DRAFT, is a warning here, and stops a
    release.
    """
    from pipelines.contracts.odcs import load_source_contracts
    from pipelines.contracts.release import check as compare

    directory, models = _places()
    load_source_contracts(directory / "sources")  # refuses what no refresh could read
    found = compare(directory, models)
    for line in change_lines(found.changes):
        click.echo(line)
    counts = {
        side: sum(change.breaks == side for change in found.changes) for side in ("consumers", "producers", "both")
    }
    breaking = ", ".join(f"{count} {side}" for side, count in counts.items() if count) or "none"
    click.echo(f"{counted(len(found.changes), 'change')} since {found.version}; breaking: {breaking}")
    for shortfall in found.shortfalls:
        click.echo(f"{'error' if shortfall.breaks else 'warning'}: {shortfall}", err=True)
    for line in found.unsettled:
        click.echo(f"warning: {line}; settle them before a release", err=True)
    sys.exit(EXIT_OTHER if found.breaks else 0)


@contracts.command()
@click.argument("version", required=False)
def release(version: str | None) -> None:
    """Make the present contracts the released ones, under VERSION (default: pyproject.toml's), and list the changes in
    CHANGELOG.md. Refused while `check` finds an error or a warning."""
    from pipelines.contracts.release import release as make

    directory, models = _places()
    click.echo(make(directory, today=dt.date.today(), version=version, models=models))


def change_lines(changes: tuple[Change, ...]) -> list[str]:
    """The changes as an aligned table, contract by contract; no line when there are none."""
    if not changes:
        return []
    rows = [(change.breaks, change.step, change.place, change.kind, change.text) for change in changes]
    widths = [max(len(row[number]) for row in [HEADS, *rows]) for number in range(len(HEADS))]

    def line(row: tuple[str, ...]) -> str:
        return "  " + "  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip()

    lines = [line(HEADS)]
    for number, (change, row) in enumerate(zip(changes, rows, strict=True)):
        if number == 0 or changes[number - 1].contract != change.contract:
            lines.append(change.contract)
        lines.append(line(row))
    return lines


def _places() -> tuple[Path, Path | None]:
    """The folder of contracts, and dbt's models where the folder is the project's own."""
    from pipelines.settings.environment import PROJECT_ROOT, contracts_dir

    directory = contracts_dir()
    own = directory == PROJECT_ROOT / "data_contracts"
    return directory, PROJECT_ROOT / "dbt_project" / "models" if own else None
