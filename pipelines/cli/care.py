"""The command that looks after a home: doctor (what is wrong, how to mend it)."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from pipelines.cli.options import EXIT_DATA, EXIT_OTHER, EXIT_USAGE, fail, options_of, shop_and_home
from pipelines.terminal import one_line

if TYPE_CHECKING:
    import duckdb

    from pipelines.settings.environment import Settings
    from pipelines.store.care.health import Finding

FEW = 3
MARKS = {"ok": "ok", "warning": "look", "problem": "BAD"}


@click.command(short_help="What is wrong with the home, and how to mend it.")
@click.option("--deep", is_flag=True, help="Read every table and compare every byte; takes its time.")
@shop_and_home
def doctor(deep: bool, shop: str | None, home: Path | None) -> None:
    """Look at everything that the home holds; each finding comes with the command that mends it. Changes nothing.

    Exits with 0 when all is well, 3 when days or data want attention, 1 when something is damaged.
    """
    from pipelines.settings.environment import load_settings

    settings = load_settings(shop, home)
    if not settings.home.path.is_dir():
        fail(f"there is no home {settings.home.path} yet: run almanac refresh", EXIT_USAGE)
    given = options_of(settings)
    findings = list(_findings(settings, deep))
    for group, same in itertools.groupby(findings, key=lambda finding: finding.group):
        click.echo(group)
        for finding in same:
            click.echo(f"  {MARKS[finding.severity]:5} {one_line(finding.what, 500)}")
            if finding.remedy:
                remedy = finding.remedy
                click.echo(f"        {remedy + given if _is_command(remedy) else remedy}")
    bad = sum(finding.severity == "problem" for finding in findings)
    look = sum(finding.severity == "warning" for finding in findings)
    click.echo(f"{bad} damaged, {look} want attention" if bad or look else "all is well")
    sys.exit(EXIT_OTHER if bad else EXIT_DATA if look else 0)


def _is_command(remedy: str) -> bool:
    return remedy.startswith("almanac ") and "," not in remedy


def _findings(settings: Settings, deep: bool) -> Iterator[Finding]:
    from pipelines.store.care import health

    home = settings.home
    yield from _of_the_shop(settings)
    needed = (home.drops, home.private, home.raw, home.warehouse.parent, home.published, home.dagster, home.logs)
    yield from health.check_folders(home.path, home.private, (*needed, home.dbt, home.tmp))
    yield health.check_room(home.path, home.warehouse)
    yield health.check_packages(settings.project_root / "requirements" / "core.txt")
    lock, is_held = health.check_lock(home.writer_lock)
    yield lock
    if not is_held:
        yield from _of_the_warehouse(settings, deep)
    yield from health.check_versions(home.published, deep=deep)
    yield health.check_history(home.dagster / "history" / "runs.db", is_held)
    yield from health.check_leftovers(home.tmp, home.private, home.logs)


def _of_the_shop(settings: Settings) -> Iterator[Finding]:
    """The marker of the home, and the contracts."""
    from pipelines.contracts.errors import ContractError
    from pipelines.contracts.odcs import load_source_contract
    from pipelines.defs.keys import check_home_key
    from pipelines.hash_keys import HashKeyError
    from pipelines.settings.errors import SettingsError
    from pipelines.store.care.health import Finding

    try:
        settings.home.check(settings.shop.name)
    except SettingsError as error:
        yield Finding("problem", "shop", str(error), f"see {settings.home.path / 'home.json'}")
    if not (settings.home.path / "home.json").exists():
        yield Finding("warning", "shop", f"{settings.home.path} names no shop: home.json is missing", "almanac refresh")
    tables, contracts = settings.shop.raw_tables(), []
    for source, table, _ in tables:
        file = settings.contract_file(source, table)
        try:
            contracts.append(load_source_contract(file))
        except ContractError as error:
            yield Finding("problem", "shop", str(error), f"git checkout {file}, or correct it")
    try:
        check_home_key(settings, contracts)
    except HashKeyError as error:  # no refresh runs without the key
        told, _, remedy = str(error).rpartition(": ")
        yield Finding("problem", "shop", told, remedy)
    yield Finding("ok", "shop", f"{settings.shop_file} and its {len(tables)} contracts were read")


def _of_the_warehouse(settings: Settings, deep: bool) -> Iterator[Finding]:
    from pipelines.store.care import health_ledger
    from pipelines.store.care.health import Finding
    from pipelines.store.connection import LockedError, writer_lock

    home = settings.home
    has_history = any(home.raw.rglob("*.parquet")) or (home.published / "current").is_symlink()
    if not home.warehouse.parent.is_dir():
        if has_history:
            yield Finding("problem", "warehouse", f"{home.warehouse.parent} is gone", _rebuilding(settings))
        return
    try:
        with writer_lock(home.writer_lock, "doctor"):
            found = health_ledger.check_file(home.warehouse, has_history, _rebuilding(settings), deep=deep)
            yield from found
            if all(finding.severity == "ok" for finding in found) and home.warehouse.exists():
                yield from _of_the_ledger(settings, deep)
    except LockedError as error:
        yield Finding("ok", "warehouse", f"not looked at: {error}")


def _of_the_ledger(settings: Settings, deep: bool) -> Iterator[Finding]:
    import duckdb

    from pipelines.store.care.health import Finding

    limits: dict[str, Any] = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    try:
        with duckdb.connect(str(settings.home.warehouse), read_only=True, config=limits) as con:
            yield from _told_by(con, settings, deep)
    except duckdb.CatalogException:
        told = "its ledger is not complete: nothing was loaded, or by an earlier version of Almanac"
        yield Finding("warning", "warehouse", told, "almanac refresh")
    except duckdb.Error as error:
        yield Finding("problem", "warehouse", one_line(str(error), 300), "almanac doctor --deep")


def _rebuilding(settings: Settings) -> str:
    """The command that builds the warehouse anew from what lies among the drops."""
    days = sorted({drop[2] for drop in _drops(settings)})
    span = f"--from {days[0]} --to {days[-1]}" if days else "over all days, once the drops are back"
    folder = settings.home.warehouse.parent
    return f"restore {folder} from a backup, or: mv {folder} {folder}.damaged; almanac backfill {span}"


def _drops(settings: Settings) -> list[tuple[str, str, dt.date, str, Path]]:
    from pipelines.sources.drops import list_drops

    return [
        (source, table, drop.arrival_date, drop.file_name, drop.path)
        for source, table, _ in settings.shop.raw_tables()
        for drop in list_drops(settings.drop_patterns(source, table))
        if drop.arrival_date >= settings.shop.first_day
    ]


def _told_by(con: duckdb.DuckDBPyConnection, settings: Settings, deep: bool) -> Iterator[Finding]:
    from pipelines.store.care import health_ledger
    from pipelines.store.care.health import newest_facts

    home = settings.home
    now = dt.datetime.now(ZoneInfo(settings.shop.time_zone))
    yield from health_ledger.check_raw(con, home.raw, deep=deep)
    yield from health_ledger.check_private(con, home.private, deep=deep)
    yield from health_ledger.check_models(con, home.models)
    yield from health_ledger.check_drops(con, _drops(settings), today=now.date(), deep=deep)
    yield from health_ledger.check_days(con)
    yield from health_ledger.check_queues(con, newest_facts(home.published))
    yield health_ledger.check_age(con, now, settings.shop.freshness_limit_hours)
