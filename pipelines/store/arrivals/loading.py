"""Loading: what the gate let through becomes the typed raw table, with its accounting.

Belongs here: the identity of deliveries, row counts, quarantine, dirty days. Does not belong here: rules
(pipelines.contracts.gate), reading drops (pipelines.sources) and raw files (raw_files.py), corrected rows (repairs.py),
rows without a parent (orphans.py), which version of a row stands (row_versions.py), verdicts (verdicts.py).
All rows of an arrival day are loaded together and replace what stood for that day, so the result is a function of the
day's deliveries, not of the order of runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.store import ledger
from pipelines.store.arrivals.orphans import hold_early_rows, hold_orphans
from pipelines.store.arrivals.private_files import opened_texts
from pipelines.store.arrivals.raw_files import land, raw_file
from pipelines.store.arrivals.repairs import apply_repairs
from pipelines.store.arrivals.row_versions import META_COLUMNS, replace_rows
from pipelines.store.days.day_checks import record_checks
from pipelines.store.days.dirty_days import DirtyPlan, days_of_children, mark_children, mark_days
from pipelines.store.days.verdicts import active
from pipelines.store.ledger import Delivery

Gate = Callable[[duckdb.DuckDBPyConnection, str, Sequence[dt.date], duckdb.DuckDBPyConnection | None], object]


@dataclass(frozen=True)
class ArrivedFile:
    """A file found in the drops, fingerprinted, not yet compared with the ledger."""

    arrival_date: dt.date
    file_name: str
    stands_for: dt.date
    path: Path
    sha256: str
    size: int


def new_deliveries(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, files: Sequence[ArrivedFile]
) -> list[tuple[ArrivedFile, Delivery]]:
    """The files that the ledger does not know, with the identity that they get: one sequence number per arrival
    day, in the order of file names, after those already given. The same name with other content replaces the
    earlier readable delivery of that name and day."""
    known: dict[dt.date, list[Delivery]] = {}
    for entry in ledger.deliveries(con, contract.source, contract.table, {f.arrival_date for f in files}):
        known.setdefault(entry.arrival_date, []).append(entry)
    found = []
    for file in sorted(files, key=lambda f: (f.arrival_date, f.file_name)):
        of_day = known.setdefault(file.arrival_date, [])
        namesakes = [entry for entry in of_day if entry.file_name == file.file_name]
        if namesakes and namesakes[-1].file_sha256 == file.sha256:
            continue
        delivery = _identified(contract, file, of_day)
        of_day.append(delivery)
        found.append((file, delivery))
    return found


def _identified(contract: SourceContract, file: ArrivedFile, of_day: Sequence[Delivery]) -> Delivery:
    seq = max((entry.arrival_seq for entry in of_day), default=0) + 1
    delivery = Delivery(
        delivery_id=f"{contract.source}/{contract.table}/{file.arrival_date}/{seq:03d}",
        source=contract.source,
        table_name=contract.table,
        file_name=file.file_name,
        file_sha256=file.sha256,
        file_bytes=file.size,
        arrival_date=file.arrival_date,
        arrival_seq=seq,
        stands_for=file.stands_for,
        state="landed",
        reason=None,
        physical_rows=0,
        contract_version=contract.version,
        raw_path=None,
        replaces=None,
    )
    return replace(delivery, raw_path=str(raw_file(delivery)))


def create_raw_table(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    """Create `raw.<source>__<table>`; when the contract's columns changed, an empty new one takes its place."""
    wanted = [(column.name, column.sql_type) for column in contract.columns] + list(META_COLUMNS.items())
    standing = con.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'raw' and table_name = ? order by ordinal_position",
        [contract.raw_table],
    ).fetchall()
    if standing and [tuple(column) for column in standing] != wanted:
        con.execute(f'drop table raw."{contract.raw_table}"')
    definition = ", ".join(f'"{name}" {sql_type}' for name, sql_type in wanted)
    con.execute(f'create table if not exists raw."{contract.raw_table}" ({definition})')


def load_days(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    *,
    days: Sequence[dt.date],
    arrived: Sequence[Delivery],
    gate: Gate,
    raw_dir: Path,
    private_dir: Path,
    time_zone: str,
    first_day: dt.date,
    plan: DirtyPlan,
    batch_id: int,
) -> None:
    """Gate and load all deliveries of the given arrival days, `arrived` (new, or landed anew) among them.

    `gate(con, landed_table, days_with_a_file, texts)` leaves the tables `gate_rows`, `gate_verdicts` and `gate_checks`;
    `texts` sees the direct personal data of the rows, where there is any.
    Runs inside the caller's transaction. Raises RawFileError.
    """
    entries = {entry.delivery_id: entry for entry in ledger.deliveries(con, contract.source, contract.table, days)}
    entries |= {entry.delivery_id: entry for entry in arrived}
    read = active(entries.values())
    land(con, contract, raw_dir, read)
    apply_repairs(con, contract, raw_dir, days)
    with opened_texts(con, contract, raw_dir, private_dir, read, days) as texts:
        gate(con, "landed", sorted({entry.arrival_date for entry in read}), texts)
    record_checks(con, contract, days, time_zone)
    hold_early_rows(con, contract, first_day)
    hold_orphans(con, contract)
    reached = days_of_children(con, plan, contract.raw_table, days)
    touched_days = replace_rows(con, contract, days, time_zone, batch_id)
    reached |= days_of_children(con, plan, contract.raw_table, days)
    _account(con, contract, days, batch_id)
    blocked = {
        row[0]: "; ".join(row[1])
        for row in con.execute("select arrival_date, reasons from gate_verdicts where verdict = 'blocked'").fetchall()
    }
    ledger.record_deliveries(con, _settled(entries.values(), read, blocked), batch_id)
    mark_days(con, plan, contract.raw_table, touched_days)
    mark_children(con, plan, contract.raw_table, reached)
    for table in ("landed", "gate_rows", "gate_verdicts", "gate_checks"):
        con.execute(f"drop table if exists temp.{table}")


def _settled(
    entries: Iterable[Delivery], read: Sequence[Delivery], blocked: Mapping[dt.date, str]
) -> Iterator[Delivery]:
    """The entries with their state after the gate, each pointing to the readable one of its name and day before it."""
    is_read = {entry.delivery_id for entry in read}
    before: dict[tuple[dt.date, str], str] = {}
    for entry in sorted(entries, key=lambda e: (e.arrival_date, e.arrival_seq)):
        place = (entry.arrival_date, entry.file_name)
        linked = replace(entry, replaces=before.get(place))
        if entry.state == "refused":
            yield linked
            continue
        before[place] = entry.delivery_id
        if entry.delivery_id not in is_read:
            yield replace(linked, state="replaced", reason=None)
            continue
        reason = blocked.get(entry.arrival_date)
        yield replace(linked, state="blocked" if reason else "accepted", reason=reason)


def _account(con: duckdb.DuckDBPyConnection, contract: SourceContract, days: Sequence[dt.date], batch_id: int) -> None:
    """Replace the row counts, the quarantine and the warnings of the arrival days by what the gate says now.

    A blocked day's rows are not in quarantine, but those that broke a rule are kept beside it, state `blocked`: they
    tell what to have corrected.
    """
    where = "source = $source and table_name = $table and list_contains($days::date[], arrival_date)"
    parameters = {"source": contract.source, "table": contract.table, "days": list(days)}
    con.execute(f"delete from ledger.row_counts where {where}", parameters)
    con.execute(f"delete from quality.quarantined_rows where {where}", parameters)
    con.execute(f"delete from ledger.day_warnings where {where}", parameters)
    names = {"source": contract.source, "table": contract.table}
    con.execute(
        """insert into ledger.row_counts
        select _delivery_id, $source, $table, _arrival_date, _own_event_date, _outcome, count(*), sum(_amount)
        from gate_rows group by all order by all""",
        names,
    )
    con.execute(
        "insert into ledger.day_warnings select $source, $table, arrival_date, unnest(warnings) from gate_verdicts",
        names,
    )
    payload = ", ".join(f"'{c.name}': l.\"{c.name}\"" for c in contract.columns)
    con.execute(
        f"""insert into quality.quarantined_rows
        select g._delivery_id, $source, $table, g._arrival_date, g._row_number, g._own_event_date, g._reasons,
            to_json({{{payload}}})::varchar, $version, g._outcome, $batch
        from gate_rows as g join landed as l using (_delivery_id, _row_number)
        where g._outcome in ('quarantined', 'blocked') and len(g._reasons) > 0
        order by g._arrival_date, g._arrival_seq, g._row_number""",
        {**names, "version": contract.version, "batch": batch_id},
    )
