"""The `almanac` command: thin. It reads options, calls, prints, and turns what went wrong into one line and an exit
code. Imports that cost time stand inside the commands that need them."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import click

from pipelines.terminal import ProgressLine, explained, one_line, open_day_lines, statement_lines

if TYPE_CHECKING:
    from pipelines.defs.launch import Outcome
    from pipelines.settings import Settings

EXIT_OTHER, EXIT_USAGE, EXIT_DATA, EXIT_LOCKED = 1, 2, 3, 4
EXIT_BY_ERROR = {
    "SettingsError": EXIT_USAGE,
    "ContractError": EXIT_USAGE,
    "LockedError": EXIT_LOCKED,
    "DagsterAssetCheckFailedError": EXIT_DATA,
}


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


def shop_and_home(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that every command takes."""
    home = click.option("--home", type=click.Path(path_type=Path), help="Its home. Default: ./.almanac/<shop>.")
    return click.option("--shop", help="Which shop of shops/. Default: online_retail.")(home(command))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="almanac-analytics", message="almanac %(version)s")
def almanac() -> None:
    """The daily refresh of a shop's analytics: raw drops in, bad rows out, one published version of clean marts.

    Exit codes: 0 ok, 2 wrong usage, 3 data blocked or incomplete, 4 another writer, 1 anything else.
    """


@almanac.command()
@click.argument("name")
@click.option(
    "--from",
    "files",
    type=click.Path(path_type=Path),
    required=True,
    multiple=True,
    help="A CSV file; more may follow.",
)
@click.argument("more_files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--time-zone", default="Europe/London", show_default=True, help="IANA zone of the shop's local times.")
@click.option("--currency", default="GBP", show_default=True, help="ISO 4217 currency of the shop's amounts.")
def init(name: str, files: tuple[Path, ...], more_files: tuple[Path, ...], time_zone: str, currency: str) -> None:
    """Draft a shop file and contracts from your own CSV files (.csv, .csv.gz): init NAME --from FILE [FILE ...].

    The files are read whole; every guess is marked DRAFT for you to check. Nothing is ever overwritten.
    """
    from pipelines.onboarding import onboard
    from pipelines.settings import contracts_dir, shops_dir

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


@almanac.command()
@click.option("--date", "day", type=Day(), help="The arrival day. Default: the newest that has arrived.")
@shop_and_home
def refresh(day: dt.date | None, shop: str | None, home: Path | None) -> None:
    """Load one arrival day, rebuild what it changed, publish."""
    settings = _settings(shop, home)
    chosen = day or _arrived_days(settings)[-1]
    sys.exit(_run(settings, "refresh", chosen, chosen))


@almanac.command()
@click.option("--from", "first", type=Day(), required=True, help="The first arrival day.")
@click.option("--to", "last", type=Day(), required=True, help="The last arrival day.")
@shop_and_home
def backfill(first: dt.date, last: dt.date, shop: str | None, home: Path | None) -> None:
    """Load a range of arrival days in one run, rebuild what they changed, publish once."""
    if first > last:
        raise click.UsageError(f"--from {first} lies after --to {last}: swap them")
    sys.exit(_run(_settings(shop, home), "backfill", first, last))


@almanac.command()
@click.argument("shop", required=False)
@click.option("--home", type=click.Path(path_type=Path), help="Its home. Default: ./.almanac/<shop>.")
def demo(shop: str | None, home: Path | None) -> None:
    """Backfill all days but the newest of a shop that ships with the project, then refresh the newest."""
    settings = _settings(shop, home)
    days = _arrived_days(settings)
    codes = []
    if len(days) > 1:
        codes.append(_run(settings, "backfill", settings.shop.first_day, days[-2]))
    if not codes or codes[0] in (0, EXIT_DATA):
        codes.append(_run(settings, "refresh", days[-1], days[-1]))
    sys.exit(max(codes))


@almanac.command()
@shop_and_home
def versions(shop: str | None, home: Path | None) -> None:
    """List the published versions; the current one is marked."""
    from pipelines.warehouse.publication import list_versions

    settings = _settings(shop, home)
    found = list_versions(settings.home.published)
    if not found:
        click.echo(f"nothing published yet in {settings.home.path}: run almanac refresh")
    for version in found:
        mark = "*" if version.is_current else " "
        facts = version.manifest
        click.echo(
            f"{mark} {version.version}  {facts['watermark']}  {facts['quality_state']:10}  {facts['digest'][:16]}"
        )


@almanac.command()
@click.argument("version")
@shop_and_home
def rollback(version: str, shop: str | None, home: Path | None) -> None:
    """Put an earlier published version before the readers; the warehouse stays as it is."""
    from pipelines.warehouse.connection import writer_lock
    from pipelines.warehouse.publication import PublicationError, current_version
    from pipelines.warehouse.publication import rollback as swap

    settings = _settings(shop, home)
    if current_version(settings.home.published) is None:
        _fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    try:
        with writer_lock(settings.home.writer_lock, "rollback"):
            swap(settings.home.published, version)
    except PublicationError as error:
        _fail(str(error), EXIT_USAGE)
    click.echo(f"current is {version}; the next refresh publishes a new version")


@almanac.command()
@shop_and_home
def freshness(shop: str | None, home: Path | None) -> None:
    """Is the published version fresh? For a scheduler of its own: nobody else notices when nothing runs.

    Exits with 3 when nothing is published or the data ends longer ago than the shop's freshness_limit_hours.
    """
    from pipelines.warehouse.publication import current_version, read_manifest

    settings = _settings(shop, home)
    version = current_version(settings.home.published)
    if version is None:
        _fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_DATA)
    manifest = read_manifest(settings.home.published, version)
    watermark = dt.date.fromisoformat(str(manifest["watermark"]))
    end = dt.datetime.combine(watermark + dt.timedelta(days=1), dt.time(), ZoneInfo(settings.shop.time_zone))
    age = (dt.datetime.now(dt.UTC) - end).total_seconds() / 3600
    limit = settings.shop.freshness_limit_hours
    open_days = len(manifest["facts"]["open_days"])
    state = f"incomplete, {open_days} open days" if open_days else "complete"
    old = f"{age:,.1f} hours" if age < 96 else f"{age / 24:,.0f} days"
    text = f"{version}: {state}, data to {watermark}, {old} old"
    if limit is not None and age > limit:
        _fail(f"{text}, limit {limit:g} hours: run almanac refresh and look why none ran", EXIT_DATA)
    click.echo(f"{text}, {'no limit set' if limit is None else f'limit {limit:g} hours'}")


@almanac.command()
@click.option("--lang", "language", type=click.Choice(["en", "zh"]), help="Default: the shop's report_language.")
@click.option("--rebuild", is_flag=True, help="Draw it anew from the published tables.")
@click.option("--open/--no-open", "shown", default=None, help="Open it in a browser. Default: on a terminal.")
@shop_and_home
def report(language: str | None, rebuild: bool, shown: bool | None, shop: str | None, home: Path | None) -> None:
    """The report of the published version: one HTML file that needs no network."""
    from pipelines.defs.report import report_file, write_report
    from pipelines.defs.statements import all_statements, model_cards
    from pipelines.warehouse.publication import current_version, read_manifest

    settings = _settings(shop, home)
    version = current_version(settings.home.published)
    if version is None:
        _fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    current, chosen = settings.home.published / "current", language or settings.shop.report_language
    file = report_file(settings, current, chosen)
    if rebuild or not file.exists():
        import duckdb

        manifest = read_manifest(settings.home.published, version)
        try:
            write_report(settings, model_cards(all_statements()), current.resolve(), manifest, chosen)
        except duckdb.Error as error:
            remedy = "almanac rollback to an earlier version, or refresh after data has changed"
            _fail(f"{version} is damaged ({one_line(str(error), 200)}): {remedy}", EXIT_OTHER)
    click.echo(str(file))
    if sys.stdout.isatty() if shown is None else shown:
        click.launch(str(file))


@almanac.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
@shop_and_home
def serve(port: int, shop: str | None, home: Path | None) -> None:
    """Dagster's web page on 127.0.0.1, with the daemon that runs the schedule. Stop with Ctrl-C."""
    from pipelines.defs.launch import serve_forever

    click.echo(f"http://127.0.0.1:{port} in about ten seconds; Ctrl-C stops it")

    sys.exit(serve_forever(_settings(shop, home), port))


def _settings(shop: str | None, home: Path | None) -> Settings:
    """The settings of the options and the environment; the home is looked at, not made. Raises SettingsError."""
    from pipelines.settings import load_settings

    settings = load_settings(shop, home)
    settings.home.check(settings.shop.name)
    _known_home[:] = [settings.home.path] if settings.home.path.is_dir() else []
    return settings


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"almanac: {one_line(message)}", err=True)
    sys.exit(code)


def _arrived_days(settings: Settings) -> list[dt.date]:
    """The days on which a file of any table of the shop has arrived, oldest first; fails when there is none."""
    from pipelines.sources.drops import list_drops

    patterns = [p for source, table, _ in settings.shop.raw_tables() for p in settings.drop_patterns(source, table)]
    days = sorted({drop.arrival_date for drop in list_drops(patterns) if drop.arrival_date >= settings.shop.first_day})
    if not days:
        _fail(f"no drop found for shop {settings.shop.name}: looked for {' and '.join(patterns)}", EXIT_DATA)
    return days


def _run(settings: Settings, job: str, first: dt.date, last: dt.date) -> int:
    """Run a job to its end, print what came of it, return the exit code."""
    span = f"{first}" if first == last else f"{first} to {last}"
    newest = dt.datetime.now(ZoneInfo(settings.shop.time_zone)).date()
    if first < settings.shop.first_day or last > newest:
        _fail(f"{span}: arrival days of {settings.shop.name} lie in {settings.shop.first_day} to {newest}", EXIT_USAGE)
    settings.home.prepare(settings.shop.name)
    _known_home[:] = [settings.home.path]
    _log_to(settings.home.logs)
    click.echo(f"{job} {settings.shop.name} {span}")
    bar = ProgressLine(sys.stdout.isatty())
    from pipelines.definitions import build_definitions
    from pipelines.defs.launch import launch

    try:
        outcome = launch(settings, build_definitions(settings, progress=bar.show), job, first, last)
    finally:
        bar.close()
    return _report(settings, outcome, first, last)


def _report(settings: Settings, outcome: Outcome, first: dt.date, last: dt.date) -> int:
    """Print a run's outcome; 0, or the exit code of its first error, or 3 when a day of the range is open."""
    for name, metadata in outcome.materialized.items():
        if name.startswith("raw/"):
            counts = ", ".join(
                f"{metadata[f'{kind}_rows']:,} {kind}"
                for kind in ("accepted", "quarantined", "duplicate", "blocked")
                if metadata.get(f"{kind}_rows")
            )
            click.echo(f"  {name[4:]}: {metadata['new_files']} new files; rows of these days: {counts or 'none'}")
            if metadata.get("quarantined_by"):
                click.echo(f"  quarantined by: {one_line(metadata['quarantined_by'])}")
    for warning in outcome.warnings:
        click.echo(f"  warning: {one_line(warning, 500)}")
    if not outcome.success:
        name, message = outcome.errors[0] if outcome.errors else ("Error", "the run failed")
        if EXIT_BY_ERROR.get(name) == EXIT_DATA:
            message = f"nothing published: no day of {first} to {last} is usable"
        if name == "DagsterAssetCheckFailedError" and outcome.warnings:  # Dagster only counts them
            message = f"nothing was published: {'; '.join(outcome.warnings)}"
        click.echo(f"almanac: {explained(message)} (run {outcome.run_id[:8]}, see {settings.home.logs})", err=True)
        return EXIT_BY_ERROR.get(name, EXIT_OTHER)
    return _report_version(settings, outcome, first, last)


def _report_version(settings: Settings, outcome: Outcome, first: dt.date, last: dt.date) -> int:
    from pipelines.warehouse.publication import current_version, read_manifest

    version = current_version(settings.home.published)
    if version is None:
        return EXIT_OTHER
    manifest = read_manifest(settings.home.published, version)
    changed = outcome.materialized.get("published/marts", {}).get("changed")
    rows = sum(table["rows"] for table in manifest["tables"].values())
    state = f"{manifest['quality_state']}, data to {manifest['watermark']}, digest {manifest['digest'][:16]}"
    click.echo(f"  {'published' if changed else 'nothing changed; current is still'} {version}: {state}")
    click.echo(f"  {len(manifest['tables'])} tables, {rows:,} rows: {settings.home.published / 'current'}/marts.duckdb")
    if (settings.home.published / "current" / "report").exists():
        click.echo(f"  report: {settings.home.published / 'current'}/report/index.html")
    for line in statement_lines(outcome.materialized):
        click.echo(f"  {line}")
    open_days = manifest["facts"]["open_days"]
    for line in open_day_lines(open_days, settings.shop.calendar.is_open, first, last):
        click.echo(f"  {line}")
    if first == last and not settings.shop.calendar.is_open(first):
        click.echo(f"  {first} is a closed day of {settings.shop.name}: no file is expected")
    in_range = [entry for entry in open_days if first.isoformat() <= entry["day"] <= last.isoformat()]
    return EXIT_DATA if in_range else 0


def _log_to(folder: Path) -> None:
    """What libraries log or warn of goes to a file of the home: the terminal is for what a person asked."""
    import logging
    import logging.handlers

    handler = logging.handlers.RotatingFileHandler(folder / "almanac.log", maxBytes=5_000_000, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)


_known_home: list[Path] = []
"""The home of this command's settings, once it is known: a crash is written down there."""


def _crash_log(error: BaseException) -> str:
    """Write the traceback into the home's logs (before there is a home, into a temporary file); returns where."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    for folder in [home / "logs" for home in _known_home]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"crash-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
            file.write_text(text)
        except OSError:
            continue
        return str(file)
    try:
        with tempfile.NamedTemporaryFile("w", prefix="almanac-", suffix=".log", delete=False) as log:
            log.write(text)
    except OSError:
        return "no log could be written"
    return log.name


def main() -> None:
    """Entry point of the `almanac` command: whatever happens, a person sees one line, and the details lie in a file."""
    try:
        sys.exit(almanac.main(standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "almanac"
        _fail(f"{error.format_message()} (see {command} --help)", EXIT_USAGE)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped; what readers see is whole, run the command again to go on", EXIT_OTHER)
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain once more while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_OTHER)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _fail(f"{explained(f'{place}{error.strerror or error}')} (details in {_crash_log(error)})", EXIT_OTHER)
    except Exception as error:
        name, module = type(error).__name__, type(error).__module__
        if module.startswith("pipelines."):  # our own errors say what, where and what to do
            _fail(str(error), EXIT_BY_ERROR.get(name, EXIT_OTHER))
        message = explained(f"unexpected {name}: {one_line(str(error), 300) or 'no reason given'}")
        _fail(f"{message} (details in {_crash_log(error)})", EXIT_OTHER)
