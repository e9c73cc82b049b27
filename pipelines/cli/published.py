"""Commands about what readers see: versions, rollback, freshness, report."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from pipelines.cli.options import EXIT_DATA, EXIT_OTHER, EXIT_USAGE, fail, settings_of, shop_and_home
from pipelines.terminal import one_line


@click.command(short_help="List the published versions.")
@shop_and_home
def versions(shop: str | None, home: Path | None) -> None:
    """List the published versions; the current one is marked."""
    from pipelines.store.published.versions import list_versions

    settings = settings_of(shop, home)
    found = list_versions(settings.home.published)
    if found:
        click.echo(f"{settings.shop.name} in {settings.home.path}")
    else:
        click.echo(f"nothing published yet in {settings.home.path}: run almanac refresh")
    for version in found:
        mark = "*" if version.is_current else " "
        facts = version.manifest
        told = f"damaged: {version.problem}"
        if version.problem is None:
            told = f"{facts['watermark']}  {facts['quality_state']:10}  {facts['digest'][:16]}"
        click.echo(f"{mark} {version.version}  {told}")


@click.command(short_help="Put an earlier version before the readers.")
@click.argument("version")
@shop_and_home
def rollback(version: str, shop: str | None, home: Path | None) -> None:
    """Put an earlier published version before the readers; the warehouse stays as it is."""
    from pipelines.store.connection import writer_lock
    from pipelines.store.published.versions import PublicationError, list_versions
    from pipelines.store.published.versions import rollback as swap

    settings = settings_of(shop, home)
    if not list_versions(settings.home.published):
        fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    try:
        with writer_lock(settings.home.writer_lock, "rollback"):
            swap(settings.home.published, version)
    except PublicationError as error:
        fail(str(error), EXIT_USAGE)
    click.echo(f"current of {settings.shop.name} is {version}, until a refresh publishes a new one")


@click.command(short_help="Is the published version fresh?")
@shop_and_home
def freshness(shop: str | None, home: Path | None) -> None:
    """Is the published version fresh? For a scheduler of its own: nobody else notices when nothing runs.

    Exits with 3 when nothing is published or the data ends longer ago than the shop's freshness_limit_hours.
    """
    from pipelines.store.published.files import damage_since_checked
    from pipelines.store.published.versions import current_version, read_manifest

    settings = settings_of(shop, home)
    version = current_version(settings.home.published)
    if version is None:
        fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_DATA)
    manifest = read_manifest(settings.home.published, version)
    if damaged := damage_since_checked(settings.home.published / "current", manifest):
        fail(f"{version} is damaged ({'; '.join(damaged)}): run almanac refresh, it publishes anew", EXIT_DATA)
    watermark = dt.date.fromisoformat(str(manifest["watermark"]))
    end = dt.datetime.combine(watermark + dt.timedelta(days=1), dt.time(), ZoneInfo(settings.shop.time_zone))
    age = (dt.datetime.now(dt.UTC) - end).total_seconds() / 3600
    limit = settings.shop.freshness_limit_hours
    deliveries = manifest["facts"]["open_days"]
    days = len({entry["day"] for entry in deliveries})
    each = f" ({len(deliveries)} deliveries)" if len(deliveries) > days else ""
    state = f"incomplete, {days} open {'day' if days == 1 else 'days'}{each}" if days else "complete"
    old = f"{age:,.1f} hours" if age < 96 else f"{age / 24:,.0f} days"
    text = f"{version}: {state}, data to {watermark}, {old} old"
    if limit is not None and age > limit:
        fail(f"{text}, limit {limit:g} hours: run almanac refresh and look why none ran", EXIT_DATA)
    click.echo(f"{text}, {'no limit set' if limit is None else f'limit {limit:g} hours'}")


@click.command(short_help="Open the report of the published version.")
@click.option("--lang", "language", type=click.Choice(["en", "zh"]), help="Default: the shop's report_language.")
@click.option("--rebuild", is_flag=True, help="Draw it anew from the published tables.")
@click.option("--open/--no-open", "shown", default=None, help="Open it in a browser. Default: on a terminal.")
@shop_and_home
def report(language: str | None, rebuild: bool, shown: bool | None, shop: str | None, home: Path | None) -> None:
    """The report of the published version: one HTML file that needs no network."""
    from pipelines.defs.report import report_file, write_report
    from pipelines.store.published.versions import current_version, read_manifest

    settings = settings_of(shop, home)
    version = current_version(settings.home.published)
    if version is None:
        fail(f"nothing published yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    current, chosen = settings.home.published / "current", language or settings.shop.report_language
    file = report_file(settings, current, chosen)
    if rebuild or not file.exists():
        import duckdb

        from pipelines.defs.statements import all_statements, model_cards  # imports Dagster: two seconds

        manifest = read_manifest(settings.home.published, version)
        try:
            write_report(settings, model_cards(all_statements()), current.resolve(), manifest, chosen)
        except duckdb.Error as error:
            remedy = "almanac rollback to an earlier version, or refresh after data has changed"
            fail(f"{version} is damaged ({one_line(str(error), 200)}): {remedy}", EXIT_OTHER)
    click.echo(str(file))
    if sys.stdout.isatty() if shown is None else shown:
        click.launch(str(file))
