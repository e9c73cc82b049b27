"""What the commands share: their options, the settings behind them, exit codes, how a mistake is told.

Does not belong here: any command.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pipelines.terminal import one_line

if TYPE_CHECKING:
    import duckdb

    from pipelines.contracts.contract import SourceContract
    from pipelines.settings.environment import Settings

EXIT_OTHER, EXIT_USAGE, EXIT_DATA, EXIT_LOCKED = 1, 2, 3, 4
EXIT_BY_ERROR = {
    "SettingsError": EXIT_USAGE,
    "HashKeyError": EXIT_USAGE,
    "ContractError": EXIT_USAGE,
    "DropNameError": EXIT_USAGE,
    "CorrectionError": EXIT_USAGE,
    "EvidenceError": EXIT_USAGE,
    "RepairError": EXIT_USAGE,
    "ReplayRangeError": EXIT_USAGE,
    "SimulationError": EXIT_USAGE,
    "SkeletonError": EXIT_USAGE,
    "LockedError": EXIT_LOCKED,
    "DagsterAssetCheckFailedError": EXIT_DATA,
}

# The shop that `almanac simulate` writes the files of, unless another one is named.
SIMULATED = "simulated"
STOPPED = "stopped; what readers see is whole, run the command again to go on"

known_home: list[Path] = []
"""The home of this command's settings, once it is known: a crash is written down there."""


class Day(click.ParamType[dt.date]):
    """An ISO date, checked; nothing else reaches a run."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:  # noqa: D102
        if isinstance(value, dt.date):
            return value
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValueError(value)
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day: write it as 2011-12-09", param, ctx)


class Place(click.Path):
    """A path that a person can mean. An empty one is a variable of a script that is not set, and would be taken for the
    current folder; a link that leads nowhere, or a name that is not UTF-8, fails deep inside some library."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: D102
        if value == "":
            self.fail("the path is empty: name a folder or file", param, ctx)
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        try:
            str(path).encode()
        except UnicodeEncodeError:
            self.fail(f"{str(path)!a} is not UTF-8: give another name", param, ctx)
        with suppress(OSError):  # a name that is too long, a folder that is closed: told by who opens it
            for place in (path, *path.parents):
                if place.is_symlink() and not place.exists():
                    self.fail(f"{place} is a link to {place.readlink()}, which is not there", param, ctx)
        return path


def shop_and_home(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that every command takes."""
    home = click.option("--home", type=Place(), help="Its home. Default: ./.almanac/<shop>.")
    return click.option("--shop", help="Which shop of shops/. Default: that of the home.")(home(command))


def check_range(first: dt.date | None, last: dt.date | None) -> None:
    """Refuse a range that ends before it begins."""
    if first and last and first > last:
        raise click.UsageError(f"--from {first} lies after --to {last}: swap them")


def check_text(text: str, what: str) -> str:
    """The text as one line without control characters; refuses one that is empty or not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise click.UsageError(f"{what} is not UTF-8: type it again") from None
    line = "".join(char for char in " ".join(text.split()) if char.isprintable())
    if not line:
        raise click.UsageError(f"{what} is empty: say it in a few words")
    return line


def day_range(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options --from and --to, both of which may be left out, as `first` and `last`."""
    last = click.option("--to", "last", type=Day(), help="The last arrival day.")
    return click.option("--from", "first", type=Day(), help="The first arrival day.")(last(command))


def settings_of(shop: str | None, home: Path | None) -> Settings:
    """The settings of the options and the environment; the home is looked at, not made. Raises SettingsError."""
    from pipelines.settings.environment import load_settings

    settings = load_settings(shop, home)
    settings.home.check(settings.shop.name)
    known_home[:] = [settings.home.path] if settings.home.path.is_dir() else []
    return settings


def options_of(settings: Settings) -> str:
    """What a command that is told to somebody needs to find this shop and home: ` --shop S --home H`, or nothing where
    it finds them by itself."""
    from pipelines.settings.environment import load_settings
    from pipelines.settings.errors import SettingsError

    try:
        bare = load_settings()
    except SettingsError:
        bare = None
    if bare and (bare.shop.name, bare.home.path) == (settings.shop.name, settings.home.path):
        return ""
    return f" --shop {settings.shop.name} --home {shlex.quote(str(settings.home.path))}"


def source_contracts(settings: Settings) -> list[SourceContract]:
    """The contracts of the shop's raw tables, in the order in which these are loaded. Raises ContractError."""
    from pipelines.contracts.odcs import load_source_contract

    return [load_source_contract(settings.contract_file(s, t)) for s, t, _ in settings.shop.raw_tables()]


@contextmanager
def open_home(settings: Settings, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working file, under the side lock; fails in one line where nothing has been loaded yet."""
    from pipelines.store import ledger
    from pipelines.store.connection import open_warehouse, writer_lock

    if not settings.home.warehouse.exists():
        fail(f"nothing has been loaded yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    with (
        writer_lock(settings.home.writer_lock, purpose),
        open_warehouse(**settings.working_file) as con,
    ):
        ledger.create_tables(con)
        yield con


def fail(message: str, code: int) -> NoReturn:
    """Tell a mistake in one line on stderr and end with the exit code."""
    click.echo(f"almanac: {one_line(message)}", err=True)
    sys.exit(code)


def arrived_days(settings: Settings) -> list[dt.date]:
    """The days on which a file of any table of the shop has arrived, oldest first; fails when there is none."""
    return _days_with_drops(settings) or fail(_no_drop(settings), EXIT_DATA)


def fail_without_drop(settings: Settings, span: str) -> NoReturn:
    """Tell that no file of any table of the shop lies there for these days, and of which days some do."""
    days = _days_with_drops(settings)
    there = f"; files lie there for days from {days[0]} to {days[-1]}" if days else ""
    fail(f"{_no_drop(settings, f' on {span}')}{there}", EXIT_DATA)


def _days_with_drops(settings: Settings) -> list[dt.date]:
    from pipelines.sources.drops import list_drops

    patterns = [p for source, table, _ in settings.shop.raw_tables() for p in settings.drop_patterns(source, table)]
    return sorted({drop.arrival_date for drop in list_drops(patterns) if drop.arrival_date >= settings.shop.first_day})


def _no_drop(settings: Settings, on: str = "") -> str:
    """What is told where no file has arrived: a dozen tables have one place, but for those that have their own."""
    shop, home = settings.shop, settings.home
    own = [pattern for s, t, _ in shop.raw_tables() for pattern in settings.drop_patterns(s, t)[1:]]
    places = " and ".join([f"{home.drops}/{{source}}/{{table}}/{{arrival_date}}/*", *dict.fromkeys(own)])
    written = f"; almanac simulate{options_of(settings)} writes some" if shop.name == SIMULATED else ""
    return f"no drop found for shop {shop.name}{on}: looked for {places}{written}"


def log_to(folder: Path) -> None:
    """What libraries log or warn of goes to a file of the home: the terminal is for what a person asked."""
    import logging
    import logging.handlers

    handler = logging.handlers.RotatingFileHandler(folder / "almanac.log", maxBytes=5_000_000, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
