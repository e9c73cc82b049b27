"""Verifying by replay: all raw files once more, in another order, in a scratch home, and the same must come of it.

Belongs here: what is replayed in which order, and the comparison with the published version. Does not belong here: how
a day is loaded (ingest.py) and how versions are compared (pipelines.store.published.differences).
The days outside the range are loaded first, in one run; those of the range after them, in pieces of drawn length and
drawn order, each a run of its own that replaces days in standing marts, as late data does; then the newest day once
more, for the statements. The published version that stood at the beginning is what is compared: it never changes, so a
refresh may run meanwhile.
"""

import dataclasses
import datetime as dt
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.defs.dbt import state_token
from pipelines.defs.gate_code import raw_codes
from pipelines.defs.manifest import held_manifest, project_code
from pipelines.defs.outcome import Outcome
from pipelines.defs.resources import Progress, silent
from pipelines.settings.environment import Settings
from pipelines.settings.home import Home
from pipelines.store import built, ledger
from pipelines.store.connection import open_warehouse, writer_lock
from pipelines.store.days.dirty_days import models_by_part
from pipelines.store.published.differences import TableDifference, describe, differing_tables
from pipelines.store.published.publication import current_version, read_manifest, verify_version
from pipelines.store.published.versions import version_path

# So many pieces at most: each costs a whole run of the marts, and a week of single days has seven.
MOST_PIECES = 7
# What a replay needs of the ledger beside the raw files: none of it follows from them.
COPIED = {
    "calendar_days": "true",
    "repairs": "true",
    "repaired_rows": "applied_batch_id is not null",  # what waits is not in the version either
}


Run = Callable[[Settings, str, dt.date, dt.date], Outcome]
"""Runs a job (`refresh`, `backfill`) of a home over arrival days to its end, as the command line does."""


class ReplayError(RuntimeError):
    """The replay cannot be made or did not come through; the message says why and what to do."""


class ReplayRangeError(ReplayError):
    """The home holds no file of the days asked for."""


@dataclass(frozen=True)
class Replayed:
    """What a replay found: the version it verified, the pieces in the order they were loaded, how many tables were
    compared, why some were not, and those that differ."""

    version: str
    pieces: Sequence[tuple[dt.date, dt.date]]
    compared: int
    skipped: str | None
    differences: Sequence[TableDifference]


@dataclass(frozen=True)
class _Source:
    """What the home holds at the beginning: its deliveries and the version that readers see."""

    deliveries: Sequence[ledger.Delivery]
    version: str
    manifest: dict[str, Any]

    @property
    def newest(self) -> dt.date:
        return max(entry.arrival_date for entry in self.deliveries)


def verify_replay(
    settings: Settings,
    first: dt.date | None,
    last: dt.date | None,
    *,
    run: Run,
    seed: int = 0,
    progress: Progress = silent,
) -> Replayed:
    """Replay the arrival days and compare with the current version; the default range is the last seven arrivals.

    The same seed draws the same order. Raises ReplayError (also when the published version is damaged or older than
    the warehouse) and LockedError.
    """
    scratch_path = Path(tempfile.mkdtemp(prefix="replay-", dir=settings.home.tmp))
    try:
        scratch = dataclasses.replace(settings, home=Home(scratch_path), takes_drops=False)
        scratch.home.prepare(settings.shop.name)
        source = _take_stock(settings, scratch)
        progress("verify published files", 0, 1)
        if damage := verify_version(version_path(settings.home.published, source.version)):
            raise ReplayError(f"version {source.version} is damaged: {damage[0]}; run almanac rollback or refresh")
        arrived = sorted({entry.arrival_date for entry in source.deliveries})
        until = last or source.newest
        since = first or next(iter([day for day in arrived if day <= until][-7:]), until)
        days = [day for day in arrived if since <= day <= until]
        if not days:
            span = f"{arrived[0]} to {arrived[-1]}"
            raise ReplayRangeError(f"no file arrived from {since} to {until}: the home holds files of {span}")
        pieces = _pieces(days, random.Random(seed))
        _arrive(scratch, source, [day for day in arrived if day not in set(days)], run)
        for number, piece in enumerate(pieces):
            progress("replay", number, len(pieces))
            _arrive(scratch, source, piece, run)
        _arrive(scratch, source, [source.newest], run)
        progress("replay", len(pieces), len(pieces))
        return _compare(settings, scratch, source, [(piece[0], piece[-1]) for piece in pieces])
    finally:
        shutil.rmtree(scratch_path, ignore_errors=True)


def _pieces(days: Sequence[dt.date], draw: random.Random) -> list[list[dt.date]]:
    """The days cut into pieces in a row, in drawn order, never the order of the calendar when there are two or more."""
    cuts = sorted(draw.sample(range(1, len(days)), min(len(days), MOST_PIECES) - 1))
    pieces = [list(days[low:high]) for low, high in zip([0, *cuts], [*cuts, len(days)], strict=True)]
    in_order = list(pieces)
    while len(pieces) > 1 and pieces == in_order:
        draw.shuffle(pieces)
    return pieces


def _take_stock(settings: Settings, scratch: Settings) -> _Source:
    """Read the ledger under the side lock, give the scratch home the raw and private files and what else it needs of
    the ledger."""
    version = current_version(settings.home.published)
    if version is None or not settings.home.warehouse.exists():
        raise ReplayError(f"nothing published yet in {settings.home.path}: run almanac refresh")
    manifest = read_manifest(settings.home.published, version)
    for name in ("raw", "private"):  # the private files with their key: what is compared is hashed by the same one
        (scratch.home.path / name).rmdir()
        (scratch.home.path / name).symlink_to((settings.home.path / name).resolve(), target_is_directory=True)
    with writer_lock(settings.home.writer_lock, "verify-replay"), open_warehouse(**settings.working_file) as con:
        ledger.create_tables(con)
        batch = ledger.last_batch(con)
        if manifest["facts"]["batch_id"] != batch:
            raise ReplayError(f"version {version} is older than what has been loaded: run almanac refresh first")
        state, codes = state_token(project_code(settings), batch), raw_codes(settings)
        if not str(manifest["facts"]["state"]).startswith(f"{state}:") or built.code_changed(con, codes):
            raise ReplayError(
                f"models, contracts or the shop file have changed since version {version}: run almanac refresh first"
            )
        tables = [(source, table) for source, table, _ in settings.shop.raw_tables()]
        deliveries = [entry for names in tables for entry in ledger.all_deliveries(con, *names)]
        copied = {name: con.execute(f"from ledger.{name} where {where}").fetchall() for name, where in COPIED.items()}
    with open_warehouse(**scratch.working_file) as con:
        ledger.create_tables(con)
        for name, rows in copied.items():
            if rows:
                con.executemany(f"insert into ledger.{name} values ({', '.join('?' * len(rows[0]))})", rows)
    return _Source(deliveries, version, manifest)


def _arrive(scratch: Settings, source: _Source, days: Sequence[dt.date], run: Run) -> None:
    """Let the files of the days arrive in the scratch home, and run over them as a backfill does."""
    if not days:
        return
    with open_warehouse(**scratch.working_file) as con:
        known = {row[0] for row in con.execute("select delivery_id from ledger.deliveries").fetchall()}
        arriving = [e for e in source.deliveries if e.arrival_date in set(days) and e.delivery_id not in known]
        landed = [e if e.state == "refused" else dataclasses.replace(e, state="landed", reason=None) for e in arriving]
        ledger.record_deliveries(con, landed, batch_id=0)
    outcome = run(scratch, "backfill" if len(days) > 1 else "refresh", days[0], days[-1])
    if outcome.interrupted:
        raise KeyboardInterrupt
    if not outcome.success:
        reason = outcome.errors[0][1] if outcome.errors else "; ".join(outcome.warnings) or "no reason given"
        if not any(entry.state == "accepted" for entry in source.deliveries if entry.arrival_date in set(days)):
            return  # days of which nothing was usable publish nothing, here as there
        raise ReplayError(f"the replay of {days[0]} to {days[-1]} failed: {reason}")


def _compare(
    settings: Settings, scratch: Settings, source: _Source, pieces: Sequence[tuple[dt.date, dt.date]]
) -> Replayed:
    skipped: set[str] = set()
    if source.manifest["facts"].get("statements_are_stale"):
        skipped = models_by_part(held_manifest(settings).content)["reports"]
    version = version_path(settings.home.published, source.version)
    other = scratch.home.published / "current"
    found = [describe(version, other, table) for table in differing_tables(version, other, skipped)]
    told = "the statements were made on an older state: refresh the newest day to have them compared too"
    tables = {*source.manifest["tables"]} - skipped
    return Replayed(source.version, pieces, len(tables), told if skipped else None, found)
