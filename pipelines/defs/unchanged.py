"""Whether a run would find nothing to do (it is idempotent), known in a second: Dagster and dbt take four to import.

Belongs here: comparing what stands with what is asked for. Does not belong here: doing any of it.
A run that publishes, or finds the published version standing, remembers all code and settings it ran by and the state
that it left. While these are the same, only files can bring work: new ones, lost ones, repairs, a parent that came.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import duckdb

from pipelines.contracts.odcs import load_source_contract
from pipelines.defs.ingest import days_ahead, has_work
from pipelines.defs.keys import check_home_key
from pipelines.defs.outcome import Outcome, described_days, loaded
from pipelines.settings.environment import Settings
from pipelines.sources.drops import list_drops
from pipelines.store import built, ledger, statements
from pipelines.store.connection import open_warehouse, writer_lock
from pipelines.store.published.publication import current_version
from pipelines.store.published.versions import stands_for

# Another release of one of these may load, build, state or draw otherwise.
LIBRARIES = (
    *("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "lightgbm", "numpy"),
    *("pandas", "pyarrow", "scikit-learn", "scipy", "altair", "vl-convert-python"),
)
NOT_CODE = {"__pycache__", "target", "logs", "dbt_packages"}


class NothingArrived(LookupError):
    """No file of the arrival days that a run is asked for is there, nor has one of them ever been."""


def all_code(settings: Settings) -> str:
    """A hash of all that decides what a run does, the files that arrive apart: code, models, contracts, the shop file,
    libraries."""
    digest = hashlib.sha256(repr((sys.version_info[:3], [(name, version(name)) for name in LIBRARIES])).encode())
    package = Path(__file__).resolve().parents[1]
    contracts = {settings.contracts_dir, settings.outputs_dir, settings.canonical_dir}
    for root in sorted({package, settings.dbt_project_dir, *contracts}):
        for file in _files(root):
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    digest.update(settings.shop_file.read_bytes() + repr(settings.shop).encode())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - NOT_CODE)
        yield from (Path(place, name) for name in sorted(files))


def standing_outcome(settings: Settings, days: Sequence[dt.date]) -> Outcome | None:
    """What a run over the arrival days would tell, when it would change nothing; None when there may be work.

    Raises NothingArrived where all that it would tell is that there is no file of these days, and LockedError and
    HashKeyError as the run would.
    """
    if not settings.home.warehouse.exists():
        _refuse_no_file(settings, days)
        return None
    with (
        writer_lock(settings.home.writer_lock, "looking for new files"),
        open_warehouse(**settings.working_file) as con,
    ):
        if not _stands(con, settings, days):
            if _is_empty(con):
                _refuse_no_file(settings, days)
            return None
        told, is_open = _told(con, settings, days)
        # Where no day of any table is usable the run stops, and says so as only it can.
        tables = [(source, table) for source, table, _ in settings.shop.raw_tables()]
        if is_open and not any(ledger.days_with_rows(con, *table, days) for table in tables):
            if not any(ledger.deliveries(con, *table, days) for table in tables):
                _refuse_no_file(settings, days)
            return None
        return told


def _is_empty(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether nothing has ever been delivered to the home."""
    ledger.create_tables(con)
    return ledger.newest_arrival(con) is None


def _refuse_no_file(settings: Settings, days: Sequence[dt.date]) -> None:
    """Raises NothingArrived where no file of any table lies there for one of the days."""
    wanted = set(days)
    patterns = (pattern for s, t, _ in settings.shop.raw_tables() for pattern in settings.drop_patterns(s, t))
    if not any(drop.arrival_date in wanted for drop in list_drops(patterns)):
        raise NothingArrived(f"no file arrived from {min(days)} to {max(days)}")


def _stands(con: duckdb.DuckDBPyConnection, settings: Settings, days: Sequence[dt.date]) -> bool:
    settled = built.settled(con)
    if settled is None or settled.code != all_code(settings):
        return False
    contracts = [load_source_contract(settings.contract_file(s, t)) for s, t, _ in settings.shop.raw_tables()]
    check_home_key(settings, contracts)
    return (
        not built.is_waiting(con)
        and _statements_stand(con, settings, days, settled.state)
        and _version_stands(con, settings.home.published, settled)
        and not any(has_work(con, settings, contract, days) for contract in contracts)
    )


def _statements_stand(con: duckdb.DuckDBPyConnection, settings: Settings, days: Sequence[dt.date], state: str) -> bool:
    """Every statement was made for this state, unless the run ends too early to make any, and its models are whole."""
    as_of = ledger.watermark(con)
    if as_of is None:
        return False
    if max(days) < as_of:
        return True
    made = statements.made_at(con, as_of)
    return (
        not statements.are_stale(con, state)
        and all(statements.models_are_whole(con, settings.home.models, name, as_of) for name in made)
        and statements.last_as_of(con) in (as_of, None)
    )


def _version_stands(con: duckdb.DuckDBPyConnection, published: Path, settled: built.Settled) -> bool:
    current = current_version(published)
    if current is None or not settled.state.startswith(f"{ledger.last_batch(con)}:"):
        return False
    return stands_for(published, current, f"{settled.state}:{statements.statements_token(con)}")


def _told(con: duckdb.DuckDBPyConnection, settings: Settings, days: Sequence[dt.date]) -> tuple[Outcome, bool]:
    """What the run would tell, and whether a day of it is open."""
    materialized, warnings, is_open = {}, [], False
    for source, table, _ in settings.shop.raw_tables():
        rows, broken = ledger.row_totals(con, source, table, days), ledger.broken_rules(con, source, table, days)
        materialized[f"raw/{source}__{table}"] = loaded(0, 0, len(days), rows, broken)
        found = ledger.verdicts(con, source, table, days)
        open_days = [*(row for row in found if row[2] != "accepted"), *days_ahead(settings, source, table, days, found)]
        name = f"raw/{source}__{table}: gate"
        warnings += [f"{name}: {described_days(open_days)}"] if open_days else []
        is_open = is_open or bool(open_days)
        warnings += [f"{name}: {day} {text}" for day, text in ledger.day_warnings(con, source, table, days)]
    as_of = ledger.watermark(con)
    if as_of is not None and max(days) < as_of:
        told = f"no: the run ends on {max(days)}, before the newest arrival"
        materialized["ml/statements"] = {"stated": told, "as_of_date": as_of.isoformat()}
    materialized["published/marts"] = {"changed": False}
    return Outcome(run_id="", success=True, materialized=materialized, warnings=warnings), is_open
