"""Ingestion of one raw table: find, land, gate, load, judge, in this order and in one transaction.

Belongs here: which files and days a run has to load, and what one transaction holds. Does not belong here: how any of
the steps is done (pipelines.sources, pipelines.contracts, pipelines.store), and Dagster (raw.py).
A run killed anywhere leaves the warehouse as it was before; raw Parquet files that it landed are written again.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.gate import run_gate
from pipelines.defs.gate_code import raw_code
from pipelines.defs.keys import key_of_home
from pipelines.settings.environment import Settings
from pipelines.sources.drops import Drop, fingerprint, list_drops
from pipelines.sources.files import FileToLand
from pipelines.sources.readers import land_files
from pipelines.sources.split import Split
from pipelines.store import built, ledger
from pipelines.store.arrivals import loading, orphans, raw_files, repairs
from pipelines.store.connection import transaction
from pipelines.store.days import recounts, verdicts
from pipelines.store.days.dirty_days import DirtyPlan
from pipelines.store.ledger import Delivery

if TYPE_CHECKING:
    from pipelines.contracts.expectations import Recount  # imports pandas

# A file that arrives late names the day it stands for; without a date in its name it stands for its arrival day.
FILE_NAME_DAY = r"(\d{4}-\d{2}-\d{2})"
# Days after the newest file that a range may name before its end is taken for a slip of the pen. The longest closure
# of the shop that ships with the project has 11 days (2010-12-24 to 2011-01-03).
LONGEST_SILENCE = 31
# Stands for the fingerprint of a file that cannot be opened: once it can, it is another file.
UNREADABLE = "unreadable"

Landing = tuple[loading.ArrivedFile, Delivery]


@dataclass(frozen=True)
class Ingested:
    """What a run did to one raw table."""

    new_files: int
    loaded_days: Sequence[dt.date]
    open_days: Sequence[tuple[str, dt.date, str, str | None]]
    usable_days: int
    warnings: Sequence[tuple[dt.date, str]]


def ingest(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: SourceContract,
    days: Sequence[dt.date],
    plan: DirtyPlan,
    run_id: str,
    later: "list[Recount] | None" = None,
) -> Ingested:
    """Load what arrived on the given days and is not known yet; where the code changed, gate everything anew.

    The gate's second opinion is put into `later`, where that is given and has room, and its days wait in the ledger
    until the caller has it settled.
    """
    ledger.create_tables(con)
    code = {contract.raw_table: raw_code(settings, contract.source, contract.table)}
    regated = built.code_changed(con, code)
    if regated:
        days = sorted({*days, *ledger.arrival_days(con, contract.source, contract.table)})
    arrived = _land(settings, contract, _to_land(con, settings, contract, days, regated))
    anew = set(days) if regated else _to_judge_anew(con, contract, days)
    of_days = {entry.arrival_date for entry in arrived}
    known = ledger.deliveries(con, contract.source, contract.table, of_days)
    new = {entry.delivery_id for entry in arrived} - {entry.delivery_id for entry in known}
    loaded = sorted(of_days | anew)
    batch_id = ledger.batch_of(con, run_id)
    with transaction(con):
        loading.create_raw_table(con, contract)
        shop = settings.shop
        changed = False
        if newest := _calendar_end(con, settings, arrived, days):
            changed = ledger.set_calendar(con, shop.first_day, newest, shop.calendar.is_open, plan)
        if loaded:
            held: list[Recount] | None = None if later is None else []
            _load(con, settings, contract, loaded, arrived, plan, batch_id, held, _room_beside(later))
            recounts.settle(con, contract.source, contract.table, loaded)
            for recount in held or ():
                recounts.note(con, contract.source, contract.table, recount.days)
            repairs.settle(con, contract.source, contract.table, loaded, batch_id)
            built.note_loaded(con, batch_id, contract.raw_table)
        judged = verdicts.settle_verdicts(con, contract, ledger.open_calendar(con), batch_id)
        if loaded or changed or judged:
            ledger.open_batch(con, batch_id, run_id, days)
        built.remember_code(con, code)
    if later is not None and loaded:
        later += held or ()
    found = ledger.verdicts(con, contract.source, contract.table, days)
    ahead = days_ahead(settings, contract.source, contract.table, days, found)
    return Ingested(
        new_files=len(new),
        loaded_days=loaded,
        open_days=[*(row for row in found if row[2] != "accepted"), *ahead],
        usable_days=ledger.days_with_rows(con, contract.source, contract.table, days),
        warnings=ledger.day_warnings(con, contract.source, contract.table, days),
    )


def days_ahead(
    settings: Settings,
    source: str,
    table: str,
    days: Sequence[dt.date],
    judged: Sequence[tuple[str, dt.date, str, str | None]],
) -> list[tuple[str, dt.date, str, str | None]]:
    """Of the days asked for, the open ones beyond the calendar's end: no file has come, and none is judged missing."""
    known = {row[1] for row in judged}
    return [
        (f"{source}.{table}", day, "missing", "no file arrived")
        for day in days
        if settings.shop.calendar.is_open(day) and day not in known
    ]


def has_work(
    con: duckdb.DuckDBPyConnection, settings: Settings, contract: SourceContract, days: Sequence[dt.date]
) -> bool:
    """Whether `ingest`, by the code that loaded the table last, would change anything: a file to read, a day to judge
    anew, a calendar to extend."""
    return bool(
        _to_land(con, settings, contract, days, regated=False)
        or _to_judge_anew(con, contract, days)
        or _calendar_end(con, settings, [], days) != ledger.calendar_end(con)
    )


def others_usable(
    con: duckdb.DuckDBPyConnection, settings: Settings, contract: SourceContract, days: Sequence[dt.date]
) -> bool:
    """Whether another table of the shop has a usable day among these, or files that this run has still to read."""
    for source, table, _ in settings.shop.raw_tables():
        if (source, table) == (contract.source, contract.table):
            continue
        if ledger.days_with_rows(con, source, table, days):
            return True
        known = ledger.deliveries(con, source, table, days)
        read = {(entry.arrival_date, entry.file_name) for entry in known if entry.state != "landed"}
        wanted = set(days)
        drops = [drop for drop in list_drops(settings.drop_patterns(source, table)) if drop.arrival_date in wanted]
        if len(known) > len(read) or any((drop.arrival_date, drop.file_name) not in read for drop in drops):
            return True
    return False


def _room_beside(later: "list[Recount] | None") -> int:
    if later is None:
        return 0
    from pipelines.contracts.expectations import room_beside  # imports pandas

    return room_beside(later)


def _to_judge_anew(con: duckdb.DuckDBPyConnection, contract: SourceContract, days: Sequence[dt.date]) -> set[dt.date]:
    """Arrival days to load though no file came: of those asked for, the ones with a delivery that the gate has not
    seen or a repair that waits; of all, the ones whose rows wait for a parent that came, or lost theirs, and those that
    an earlier run loaded and did not recount."""
    unseen = {
        e.arrival_date for e in ledger.deliveries(con, contract.source, contract.table, days) if e.state == "landed"
    }
    repaired = set(repairs.waiting_days(con, contract.source, contract.table)) & set(days)
    waiting = set(recounts.waiting_days(con, contract.source, contract.table))
    return unseen | repaired | waiting | set(orphans.unsettled_days(con, contract))


def _calendar_end(
    con: duckdb.DuckDBPyConnection, settings: Settings, arrived: Sequence[Delivery], days: Sequence[dt.date]
) -> dt.date | None:
    """The last day that the shop is known to have reached, None before the first file.

    That is the newest arrival, or the last day asked for when it ends a range in which something arrived; and from
    there on over closed days, which no file will ever end, so that days asked for in any order end alike. It never
    moves back. A day asked for by mistake, beyond all files, leaves no trace.
    """
    known = [entry.arrival_date for entry in arrived]
    known += [day for day in (ledger.newest_arrival(con), ledger.calendar_end(con)) if day]
    if not known:
        return None
    wanted = set(days)
    in_range = wanted & set(known) or any(
        drop.arrival_date in wanted
        for source, table, _ in settings.shop.raw_tables()
        for drop in list_drops(settings.drop_patterns(source, table))
    )
    if in_range and (max(days) - max(known)).days <= LONGEST_SILENCE:
        known.append(max(days))
    end = max(known)
    for _ in range(LONGEST_SILENCE):
        if settings.shop.calendar.is_open(end + dt.timedelta(days=1)):
            break
        end += dt.timedelta(days=1)
    return end


def _load(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: SourceContract,
    days: Sequence[dt.date],
    arrived: Sequence[Delivery],
    plan: DirtyPlan,
    batch_id: int,
    later: "list[Recount] | None",
    room: int,
) -> None:
    def gate(
        gate_con: duckdb.DuckDBPyConnection,
        landed: str,
        gate_days: Sequence[dt.date],
        texts: duckdb.DuckDBPyConnection | None,
    ) -> object:
        return run_gate(
            gate_con,
            contract,
            landed=landed,
            time_zone=settings.shop.time_zone,
            identical_lines=settings.shop.identical_lines,
            texts=texts,
            data_docs=settings.home.data_docs,
            later=later,
            room=room,
            arrival_dates=gate_days,
        )

    loading.load_days(
        con,
        contract,
        days=days,
        arrived=arrived,
        gate=gate,
        raw_dir=settings.home.raw,
        private_dir=settings.home.private,
        time_zone=settings.shop.time_zone,
        first_day=settings.shop.first_day,
        plan=plan,
        batch_id=batch_id,
    )


def _to_land(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: SourceContract,
    days: Sequence[dt.date],
    regated: bool,
) -> list[Landing]:
    """The files to read: those that the ledger does not know; when all is gated anew, those that an earlier reader
    refused; and those whose raw or private file is gone."""
    wanted = set(days)
    drops = list_drops(settings.drop_patterns(contract.source, contract.table))
    files = list(_arrived_files(drop for drop in drops if drop.arrival_date in wanted))
    found = loading.new_deliveries(con, contract, files)
    by_identity = {(file.arrival_date, file.file_name, file.sha256): file for file in files}
    standing = ledger.deliveries(con, contract.source, contract.table, wanted)
    read = {entry.delivery_id for entry in verdicts.active([*standing, *(entry for _, entry in found)])}
    for entry in standing:
        file = by_identity.get((entry.arrival_date, entry.file_name, entry.file_sha256))
        lost = entry.delivery_id in read and _is_lost(settings, entry)
        if file and (lost or (regated and entry.state == "refused")):
            path = str(raw_files.raw_file(entry))
            found.append((file, replace(entry, state="landed", reason=None, raw_path=path, raw_sha256=None)))
    return found


def _is_lost(settings: Settings, entry: Delivery) -> bool:
    folders = [settings.home.raw] + [settings.home.private] * (entry.private_sha256 is not None)
    return not all((folder / str(entry.raw_path)).exists() for folder in folders)


def _arrived_files(drops: Iterable[Drop]) -> Iterable[loading.ArrivedFile]:
    for drop in drops:
        try:
            sha256, size = fingerprint(drop.path)
        except FileNotFoundError:
            continue  # taken away since it was listed: it has not arrived
        except OSError:
            sha256, size = UNREADABLE, 0
        stands_for = drop.stands_for(FILE_NAME_DAY)
        yield loading.ArrivedFile(drop.arrival_date, drop.file_name, stands_for, drop.path, sha256, size)


def _land(settings: Settings, contract: SourceContract, landings: Sequence[Landing]) -> list[Delivery]:
    """Write the raw Parquet of the files; returns their ledger entries. A file that changed while it was read has not
    arrived yet: the next run takes it."""
    if not landings:
        return []
    to_land = [
        FileToLand(
            path=file.path,
            delivery_id=entry.delivery_id,
            arrival_date=entry.arrival_date.isoformat(),
            arrival_seq=entry.arrival_seq,
            target=settings.home.raw / str(entry.raw_path),
        )
        for file, entry in landings
    ]
    home = settings.home
    key, _ = key_of_home(settings, [contract])
    split = Split(key.pads, home.raw, home.private) if key else None
    for left in home.private.glob("landing-*"):  # by a run that was killed: texts of persons, and nobody else lands now
        shutil.rmtree(left, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(prefix="landing-", dir=home.private if split else home.tmp))
    try:
        rows, refused = land_files(
            to_land,
            contract,
            staging=staging,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            split=split,
        )
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return [_landed(settings, entry, rows, refused, split is not None) for file, entry in landings if _is_steady(file)]


def _is_steady(file: loading.ArrivedFile) -> bool:
    return list(_arrived_files([Drop(file.arrival_date, file.file_name, file.path)])) == [file]


def _landed(
    settings: Settings, entry: Delivery, rows: Mapping[str, int], refused: Mapping[str, Exception], is_split: bool
) -> Delivery:
    if reason := refused.get(entry.delivery_id):
        code = getattr(reason, "code", "unreadable")
        return replace(entry, state="refused", reason=f"{code}: {reason}", raw_path=None, private_sha256=None)
    raw, private = (folder / str(entry.raw_path) for folder in (settings.home.raw, settings.home.private))
    return replace(
        entry,
        physical_rows=rows[entry.delivery_id],
        raw_sha256=raw_files.raw_sha256(raw),
        private_sha256=raw_files.raw_sha256(private) if is_split else None,
    )
