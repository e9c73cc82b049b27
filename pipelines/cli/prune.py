"""The command that makes room in a home: what may go, and, with --yes, gone.

Belongs here: asking and telling. Does not belong here: what may go (pipelines.store.care) and for how long it stays
(the shop file).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import EXIT_OTHER, EXIT_USAGE, fail, settings_of, shop_and_home

if TYPE_CHECKING:
    from pipelines.settings.environment import Settings
    from pipelines.store.care.old_statements import OldStatements
    from pipelines.store.care.retention import Prunable

FEW = 3


@dataclass(frozen=True)
class MayGo:
    """All that may go: files, runs of Dagster's history with their bytes, rows of statements, and the bytes that are
    free in the working file, of how many."""

    files: Sequence[Prunable]
    runs: Sequence[str]
    runs_size: int
    statements: Sequence[OldStatements]
    free: int
    whole: int

    @property
    def is_worth_compacting(self) -> bool:
        """Whether a fresh working file gives room back: deleted rows lie in it until then."""
        from pipelines.store.care.compaction import is_worth_it

        return bool(self.statements) or is_worth_it(self.free, self.whole)


@click.command(short_help="Remove what no refresh, replay or rollback needs.")
@click.option("--yes", is_flag=True, help="Remove it. Without it, nothing is removed.")
@shop_and_home
def prune(yes: bool, shop: str | None, home: Path | None) -> None:
    """List what may go from the home, by the shop file's `retention`; with --yes remove it.

    Raw files that stand, repairs, the ledger and the quarantine always stay: the warehouse is rebuilt from them. The
    working file is written anew where that gives room back.
    """
    from pipelines.store.connection import WarehouseError, writer_lock

    settings = settings_of(shop, home)
    if not settings.home.warehouse.exists():
        fail(f"nothing has been loaded yet in {settings.home.path}: run almanac refresh", EXIT_USAGE)
    with writer_lock(settings.home.writer_lock, "prune"):
        found = _found(settings, dt.datetime.now(dt.UTC))
        for line in _lines(settings, found):
            click.echo(line)
        if not yes:
            _tell_total(found)
            return
        _remove(settings, found)
        if not found.is_worth_compacting:
            return
        try:
            before, after = _compact(settings)
        except WarehouseError as error:
            fail(str(error), EXIT_OTHER)
        click.echo(f"the working file has {after / 1e6:,.1f} MB, it had {before / 1e6:,.1f}")


def _tell_total(found: MayGo) -> None:
    total = (sum(item.size for item in found.files) + found.runs_size) / 1e6
    if found.files or found.runs or found.is_worth_compacting:
        click.echo(f"{total:,.1f} MB may go; nothing was removed: add --yes to remove it")
    else:
        click.echo("nothing may go")


def _lines(settings: Settings, found: MayGo) -> Iterator[str]:
    """What may go, kind by kind."""
    by_kind = sorted(found.files, key=lambda item: (item.kind, item.path))
    for kind, same in itertools.groupby(by_kind, lambda item: item.kind):
        items = list(same)
        names = ", ".join(str(item.path.relative_to(settings.home.path)) for item in items[:FEW])
        more = f" and {len(items) - FEW:,} more" if len(items) > FEW else ""
        yield f"{sum(item.size for item in items) / 1e6:>9,.1f} MB  {len(items):,} x {kind}: {names}{more}"
    if found.runs:
        yield f"{found.runs_size / 1e6:>9,.1f} MB  {len(found.runs):,} x run in the history"
    for old in found.statements:
        span = f"{old.dates[0]} to {old.dates[-1]}"
        yield f"{'':12}  {old.rows:,} x row of {old.table}: {len(old.dates):,} as-of dates, {span}"
    if found.is_worth_compacting:
        told = f"{found.free / 1e6:,.1f} of {found.whole / 1e6:,.1f} MB of the working file are free"
        yield f"{'':12}  {told}, and what its deleted rows take"


def _remove(settings: Settings, found: MayGo) -> None:
    """Remove it; what the ledger names leaves the ledger first."""
    from pipelines.store.care import old_statements, retention
    from pipelines.store.connection import open_warehouse

    with open_warehouse(**settings.working_file) as con:
        retention.forget_models(con, settings.shop.retention.model_dates)
        old_statements.forget_statements(con, found.statements)
    retention.remove(found.files, settings.home.published)
    if found.runs:
        from pipelines.defs.history import forget_runs

        forget_runs(settings, found.runs)
    total = (sum(item.size for item in found.files) + found.runs_size) / 1e6
    something = found.files or found.runs or found.is_worth_compacting
    click.echo(f"removed {total:,.1f} MB" if something else "nothing may go")


def _compact(settings: Settings) -> tuple[int, int]:
    from pipelines.store.care.compaction import compact
    from pipelines.store.connection import open_warehouse

    return compact(settings.home.warehouse, open_warehouse(**settings.working_file))


def _before(now: dt.datetime, days: int) -> dt.datetime:
    return now - dt.timedelta(days=days)


def _found(settings: Settings, now: dt.datetime) -> MayGo:
    """All that may go. Needs the writer's lock."""
    from pipelines.defs.history import old_runs, size_of_runs
    from pipelines.store import ledger
    from pipelines.store.care import retention
    from pipelines.store.care.compaction import free_bytes
    from pipelines.store.care.old_statements import old_statements
    from pipelines.store.connection import open_warehouse

    home, rules = settings.home, settings.shop.retention
    files = list(retention.old_versions(home.published, settings.shop.keep_versions))
    with open_warehouse(**settings.working_file) as con:
        ledger.create_tables(con)
        replaced = _before(now, rules.replaced_files_days) if rules.replaced_files_days else None
        files += retention.unneeded_raw(con, home.raw, home.private, replaced)
        files += retention.old_models(con, home.models, rules.model_dates)
        statements = list(old_statements(con, rules.statement_days))
        free, whole = free_bytes(con)
    files += _old_files(settings, now)
    runs = old_runs(settings, _before(now, rules.run_history_days)) if rules.run_history_days else []
    return MayGo(files, runs, size_of_runs(settings, runs), _not_read_in_full(settings, statements), free, whole)


def _not_read_in_full(settings: Settings, found: Sequence[OldStatements]) -> list[OldStatements]:
    """Those of which no model reads more than the newest statement. The project is parsed for that, where need be."""
    if not found:
        return []
    from pipelines.defs.manifest import held_manifest
    from pipelines.store.published.lineage import read_in_full

    full = read_in_full(held_manifest(settings).content)
    return [old for old in found if old.table not in full]


def _old_files(settings: Settings, now: dt.datetime) -> Iterator[Prunable]:
    """What lies in folders of the home for too long."""
    from pipelines.store.care import retention
    from pipelines.store.care.compaction import PATTERN

    home, rules = settings.home, settings.shop.retention
    if rules.data_docs_days:
        yield from retention.old_data_docs(home.data_docs, _before(now, rules.data_docs_days))
    if rules.logs_days:
        yield from retention.old_entries("log", home.logs, "*.log*", _before(now, rules.logs_days))
    if rules.caches_days:
        yield from retention.old_entries("cache", home.cache, "*", _before(now, rules.caches_days))
    yield from retention.old_entries("leftover", home.tmp, "*", _before(now, rules.leftovers_days))
    yield from retention.old_entries("leftover", home.private, "landing-*", _before(now, rules.leftovers_days))
    # The lock is held: no compaction is going on.
    yield from retention.old_entries("leftover", home.warehouse.parent, PATTERN, now + dt.timedelta(days=1))
