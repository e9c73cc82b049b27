"""Commands that run something: refresh, backfill, demo, serve. They start a job and print what came of it."""

from __future__ import annotations

import datetime as dt
import gc
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from pipelines.cli.options import (
    EXIT_BY_ERROR,
    EXIT_DATA,
    EXIT_OTHER,
    EXIT_USAGE,
    STOPPED,
    Day,
    arrived_days,
    fail,
    fail_without_drop,
    known_home,
    log_to,
    options_of,
    settings_of,
    shop_and_home,
)
from pipelines.terminal import ProgressLine, explained, one_line, open_day_lines, statement_lines, told_once

if TYPE_CHECKING:
    from pipelines.defs.outcome import Outcome
    from pipelines.settings.environment import Settings


# Python looks for garbage after every 700 new objects: of the million that Dagster, dbt and Great Expectations make and
# keep it looks at all again and again, a fortieth of a day's CPU. What waits longer here is a few MB.
OBJECTS_BETWEEN_COLLECTIONS = 100_000


@click.command(short_help="Load one arrival day and publish.")
@click.option("--date", "day", type=Day(), help="The arrival day. Default: the newest that has arrived.")
@shop_and_home
def refresh(day: dt.date | None, shop: str | None, home: Path | None) -> None:
    """Load one arrival day, rebuild what it changed, publish."""
    settings = settings_of(shop, home)
    chosen = day or _newest_day(settings)
    sys.exit(run_job(settings, "refresh", chosen, chosen))


def _newest_day(settings: Settings) -> dt.date:
    """The newest arrival day up to today; folders of days to come are told and left alone."""
    days = arrived_days(settings)
    today = _today(settings)
    ahead = [day for day in days if day > today]
    if len(ahead) == len(days):
        fail(f"all drops lie in days to come, from {days[0]} on: is a clock or the name of a folder wrong?", EXIT_DATA)
    if ahead:
        told = ", ".join(f"{day}" for day in ahead[:3]) + (" ..." if len(ahead) > 3 else "")
        click.echo(f"left alone: drops of days to come ({told}); is the name of their folder right?", err=True)
    return days[-len(ahead) - 1]


def _today(settings: Settings) -> dt.date:
    return dt.datetime.now(ZoneInfo(settings.shop.time_zone)).date()


@click.command(short_help="Load a range of arrival days, publish once.")
@click.option("--from", "first", type=Day(), required=True, help="The first arrival day.")
@click.option("--to", "last", type=Day(), required=True, help="The last arrival day.")
@shop_and_home
def backfill(first: dt.date, last: dt.date, shop: str | None, home: Path | None) -> None:
    """Load a range of arrival days in one run, rebuild what they changed, publish once."""
    if first > last:
        raise click.UsageError(f"--from {first} lies after --to {last}: swap them")
    sys.exit(run_job(settings_of(shop, home), "backfill", first, last))


@click.command(short_help="Dagster's web page and daemon on 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
@shop_and_home
def serve(port: int, shop: str | None, home: Path | None) -> None:
    """Dagster's web page on 127.0.0.1, with the daemon that runs the schedule. Stop with Ctrl-C."""
    from pipelines.defs.service import serve_forever

    click.echo(f"http://127.0.0.1:{port} in about ten seconds; Ctrl-C stops it")

    sys.exit(serve_forever(settings_of(shop, home), port))


def run_job(
    settings: Settings,
    job: str,
    first: dt.date,
    last: dt.date,
    *,
    title: str | None = None,
    asked: Collection[dt.date] | None = None,
) -> int:
    """Run a job to its end, print what came of it under its `title`, return the exit code: 3 when one of the days that
    were `asked` for, without them one of the range, is open."""
    span = f"{first}" if first == last else f"{first} to {last}"
    newest = _today(settings)
    if first < settings.shop.first_day or last > newest:
        fail(f"{span}: arrival days of {settings.shop.name} lie in {settings.shop.first_day} to {newest}", EXIT_USAGE)
    settings.home.prepare(settings.shop.name)
    known_home[:] = [settings.home.path]
    log_to(settings.home.logs)
    click.echo(f"{title or job} {settings.shop.name} {span}")
    from pipelines.defs.unchanged import NothingArrived, standing_outcome

    try:
        outcome = standing_outcome(settings, [first + dt.timedelta(days=n) for n in range((last - first).days + 1)])
    except NothingArrived:
        fail_without_drop(settings, span)
    if outcome:
        return _report(settings, outcome, first, last, asked)
    if settings.shop.demo_key:
        _tell_new_key(settings)
    bar = ProgressLine(sys.stdout.isatty())
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    from pipelines.definitions import build_definitions
    from pipelines.defs.launch import launch

    try:
        outcome = launch(settings, build_definitions(settings, progress=bar.show), job, first, last)
    finally:
        bar.close()
    return _report(settings, outcome, first, last, asked)


def _tell_new_key(settings: Settings) -> None:
    """A demo makes the key that it hashes personal data with; say so once."""
    from pipelines.defs.keys import key_of_home
    from pipelines.defs.raw import loadable_contracts

    _, made = key_of_home(settings, loadable_contracts(settings).values())
    if made:
        file = settings.home.private / "demo.key"
        click.echo(f"  made a random key for the hashes of personal data: {file} (a demo's; lose it, lose the hashes)")


def _report(
    settings: Settings, outcome: Outcome, first: dt.date, last: dt.date, asked: Collection[dt.date] | None
) -> int:
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
    for warning in told_once(outcome.warnings):
        click.echo(f"  warning: {one_line(warning, 500)}")
    if not outcome.success:
        name, message = outcome.errors[0] if outcome.errors else ("Error", "the run failed")
        if outcome.interrupted:
            message = STOPPED
        if EXIT_BY_ERROR.get(name) == EXIT_DATA:
            message = f"nothing published: no day of {first} to {last} is usable"
        if name == "DagsterAssetCheckFailedError" and outcome.warnings:  # Dagster only counts them
            warnings = told_once(outcome.warnings, most=2)
            more = f"; and {len(warnings) - 2} more, see above" if len(warnings) > 2 else ""
            message = f"nothing was published: {'; '.join(warnings[:2])}{more}"
        click.echo(f"almanac: {explained(message)} (run {outcome.run_id[:8]}, see {settings.home.logs})", err=True)
        return EXIT_BY_ERROR.get(name, EXIT_OTHER)
    return _report_version(settings, outcome, first, last, asked)


def _report_version(
    settings: Settings, outcome: Outcome, first: dt.date, last: dt.date, asked: Collection[dt.date] | None
) -> int:
    from pipelines.store.published.publication import current_version, read_manifest

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
    if unread := _unread_days(settings, open_days):
        span = f"--from {unread[0]} --to {unread[-1]}"
        told = f"almanac backfill {span}{options_of(settings)}"
        click.echo(f"  files lie in the drops for {len(unread):,} of the missing days: {told}")
    if first == last and not settings.shop.calendar.is_open(first):
        click.echo(f"  {first} is a closed day of {settings.shop.name}: no file is expected")
    length = (last - first).days + 1
    decisive = {f"{day}" for day in asked} if asked else {f"{first + dt.timedelta(days=n)}" for n in range(length)}
    return EXIT_DATA if any(entry["day"] in decisive for entry in open_days) else 0


def _unread_days(settings: Settings, open_days: Sequence[Mapping[str, Any]]) -> list[dt.date]:
    """The days that are missing because no run has asked for them: their files have come."""
    from pipelines.sources.drops import list_drops

    missing = {(entry["table"], entry["day"]) for entry in open_days if entry["verdict"] == "missing"}
    tables = [(s, t) for s, t, _ in settings.shop.raw_tables() if any(table == f"{s}.{t}" for table, _ in missing)]
    return sorted({
        drop.arrival_date for s, t in tables for drop in list_drops(settings.drop_patterns(s, t))
        if (f"{s}.{t}", f"{drop.arrival_date}") in missing
    })  # fmt: skip
