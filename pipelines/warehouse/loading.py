"""Loading: what the gate let through becomes the typed raw table, in one transaction with its accounting.

Belongs here: deliveries in, row versions, event days, row counts, verdicts, dirty days. Does not belong here: rules
(pipelines.contracts.gate), reading files (pipelines.sources). All rows of an arrival day are loaded together and
replace what stood for that day, so the result is a function of the day's deliveries, not of the order of runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.contracts.odcs import SourceContract
from pipelines.warehouse import ledger
from pipelines.warehouse.dirty_days import DirtyPlan, mark_days
from pipelines.warehouse.ledger import Delivery

META_COLUMNS = {
    "_row_hash": "VARCHAR",
    "_occurrence": "INTEGER",
    "_is_ambiguous_time": "BOOLEAN",
    "_event_date": "DATE",
    "_delivery_id": "VARCHAR",
    "_arrival_date": "DATE",
    "_arrival_seq": "INTEGER",
    "_row_number": "BIGINT",
    "_contract_version": "VARCHAR",
    "_batch_id": "BIGINT",
    "_is_current": "BOOLEAN",
}
Gate = Callable[[duckdb.DuckDBPyConnection, str, Sequence[dt.date]], object]


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
    earlier delivery of that name and day."""
    known: dict[dt.date, list[Delivery]] = {}
    for entry in ledger.deliveries(con, contract.source, contract.table, {f.arrival_date for f in files}):
        known.setdefault(entry.arrival_date, []).append(entry)
    found = []
    for file in sorted(files, key=lambda f: (f.arrival_date, f.file_name)):
        of_day = known.setdefault(file.arrival_date, [])
        namesakes = [entry for entry in of_day if entry.file_name == file.file_name]
        if namesakes and namesakes[-1].file_sha256 == file.sha256:
            continue
        seq = max((entry.arrival_seq for entry in of_day), default=0) + 1
        target = Path(contract.source, contract.table, f"{file.arrival_date}", f"{seq:03d}-{file.sha256[:12]}.parquet")
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
            raw_path=str(target),
            replaces=namesakes[-1].delivery_id if namesakes else None,
        )
        of_day.append(delivery)
        found.append((file, delivery))
    return found


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
    time_zone: str,
    plan: DirtyPlan,
    batch_id: int,
) -> None:
    """Gate and load all deliveries of the given arrival days, `arrived` (not in the ledger yet) among them.

    `gate(con, landed_table, days_with_a_file)` leaves the temporary tables `gate_rows` and `gate_verdicts` behind.
    All or nothing: one transaction from the first delete to the last count.
    """
    standing = ledger.deliveries(con, contract.source, contract.table, days)
    everything = [*standing, *arrived]
    active = _active(everything)
    _land(con, contract, [raw_dir / str(entry.raw_path) for entry in active])
    gate(con, "landed", sorted({entry.arrival_date for entry in active}))
    con.execute("begin")
    try:
        touched_days = _replace_rows(con, contract, days, time_zone, batch_id)
        _account(con, contract, days, batch_id)
        blocked = {
            row[0]: "; ".join(row[1])
            for row in con.execute(
                "select arrival_date, reasons from gate_verdicts where verdict = 'blocked'"
            ).fetchall()
        }
        settled = [_settled(entry, blocked) for entry in everything]
        _rewrite_deliveries(con, standing, settled, batch_id)
        mark_days(con, plan, contract.raw_table, touched_days)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    for table in ("landed", "gate_rows", "gate_verdicts", "touched_rows"):
        con.execute(f"drop table if exists temp.{table}")


def _active(entries: Sequence[Delivery]) -> list[Delivery]:
    readable = [entry for entry in entries if entry.state != "refused"]
    replaced = {entry.replaces for entry in readable}
    return [entry for entry in readable if entry.delivery_id not in replaced]


def _settled(entry: Delivery, blocked: dict[dt.date, str]) -> Delivery:
    if entry.state == "refused":
        return entry
    reason = blocked.get(entry.arrival_date)
    return replace(entry, state="blocked" if reason else "accepted", reason=reason)


def _rewrite_deliveries(
    con: duckdb.DuckDBPyConnection, standing: Sequence[Delivery], settled: Sequence[Delivery], batch_id: int
) -> None:
    before = {entry.delivery_id: entry for entry in standing}
    ledger.record_deliveries(con, [entry for entry in settled if entry.delivery_id not in before], batch_id)
    for entry in settled:
        earlier = before.get(entry.delivery_id)
        if earlier is not None and (earlier.state, earlier.reason) != (entry.state, entry.reason):
            con.execute(
                "update ledger.deliveries set state = ?, reason = ? where delivery_id = ?",
                [entry.state, entry.reason, entry.delivery_id],
            )


def _land(con: duckdb.DuckDBPyConnection, contract: SourceContract, paths: Sequence[Path]) -> None:
    names = ", ".join(f'"{column.name}"' for column in contract.columns)
    meta = "_delivery_id, _arrival_date, _arrival_seq, _row_number"
    if paths:
        source, parameters = "read_parquet(?)", [[glob_escaped(path) for path in paths]]
        con.execute(f"create or replace temp table landed as select {names}, {meta} from {source}", parameters)
        return
    nothing = ", ".join(f'null::varchar as "{column.name}"' for column in contract.columns)
    con.execute(
        f"""create or replace temp table landed as select {nothing}, null::varchar as _delivery_id,
        null::date as _arrival_date, null::integer as _arrival_seq, null::bigint as _row_number where false"""
    )


def glob_escaped(path: Path) -> str:
    """The path as DuckDB must be given it so that `*`, `?` and `[` in folder names stand for themselves."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))


def _replace_rows(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    days: Sequence[dt.date],
    time_zone: str,
    batch_id: int,
) -> list[dt.date]:
    """Replace the rows of the arrival days, choose the current version of every row key that they touch, date every
    document that they touch; returns the event days on which a touched document stood before or stands now."""
    raw = f'raw."{contract.raw_table}"'
    columns = ", ".join(f'"{column.name}"' for column in contract.columns)
    meta = ", ".join(META_COLUMNS)
    document = ", ".join(f'"{name}"' for name in contract.document_key)
    key = ", ".join(f'"{name}"' for name in contract.row_key)
    event = f'"{contract.event_timestamp}"' if contract.event_timestamp else None
    event_date = f"cast(({event} at time zone 'UTC') at time zone $zone as date)" if event else "_arrival_date"
    updated = f'"{contract.source_updated_at}" desc nulls last, ' if contract.source_updated_at else ""
    arriving = "list_contains($days::date[], _arrival_date)"
    parameters = {"days": list(days)}
    con.execute(
        f"""create or replace temp table touched_documents as
        select distinct {document} from {raw} where {arriving}
        union select distinct {document} from gate_rows where _outcome = 'accepted'""",
        parameters,
    )
    touched = f"""exists (select 1 from touched_documents as t where {
        " and ".join(f't."{name}" is not distinct from r."{name}"' for name in contract.document_key)
    })"""
    before = con.execute(f"select distinct _event_date from {raw} as r where _is_current and {touched}").fetchall()
    con.execute(
        f"""create or replace temp table touched_rows as
        with versions as (
            select {columns}, {meta} from {raw} as r where not {arriving} and {touched}
            union all
            select {columns}, _row_hash, _occurrence, _is_ambiguous_time, null::date as _event_date, _delivery_id,
                _arrival_date, _arrival_seq, _row_number, '{contract.version}' as _contract_version,
                {int(batch_id)}::bigint as _batch_id, true as _is_current
            from gate_rows where _outcome = 'accepted'
        ),
        ranked as (
            select * replace (
                row_number() over (
                    partition by {key}
                    order by {updated}_arrival_date desc, _arrival_seq desc, _row_number desc
                ) = 1 as _is_current
            )
            from versions
        )
        select * replace (
            coalesce(min({event_date}) filter (where _is_current) over (partition by {document}), _arrival_date)
                as _event_date
        )
        from ranked""",
        {**parameters, **({"zone": time_zone} if event else {})},
    )
    con.execute(f"delete from {raw} as r where {arriving} or {touched}", parameters)
    con.execute(
        f"insert into {raw} select {columns}, {meta} from touched_rows "
        "order by _arrival_date, _arrival_seq, _row_number"
    )
    after = con.execute("select distinct _event_date from touched_rows where _is_current").fetchall()
    con.execute("drop table touched_documents")
    return sorted({row[0] for row in before} | {row[0] for row in after})


def _account(con: duckdb.DuckDBPyConnection, contract: SourceContract, days: Sequence[dt.date], batch_id: int) -> None:
    """Replace the row counts and the quarantine of the arrival days by what the gate says now."""
    where = "source = $source and table_name = $table and list_contains($days::date[], arrival_date)"
    parameters = {"source": contract.source, "table": contract.table, "days": list(days)}
    con.execute(f"delete from ledger.row_counts where {where}", parameters)
    con.execute(f"delete from quality.quarantined_rows where {where}", parameters)
    names = {"source": contract.source, "table": contract.table}
    con.execute(
        """insert into ledger.row_counts
        select _delivery_id, $source, $table, _arrival_date, _own_event_date, _outcome, count(*), sum(_amount)
        from gate_rows group by all order by all""",
        names,
    )
    payload = ", ".join(f"'{c.name}': l.\"{c.name}\"" for c in contract.columns)
    con.execute(
        f"""insert into quality.quarantined_rows
        select g._delivery_id, $source, $table, g._arrival_date, g._row_number, g._own_event_date, g._reasons,
            to_json({{{payload}}})::varchar, $version, 'quarantined', $batch
        from gate_rows as g join landed as l using (_delivery_id, _row_number)
        where g._outcome = 'quarantined' order by g._arrival_date, g._arrival_seq, g._row_number""",
        {**names, "version": contract.version, "batch": batch_id},
    )


def settle_verdicts(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, open_calendar: Sequence[dt.date], batch_id: int
) -> bool:
    """Recompute the verdict of every open day, and of every day with a delivery; True when one changed.

    A delivery that stands for an earlier day and is accepted ends that day's `blocked`, `incomplete` or `missing`.
    """
    rows = con.execute(
        """select arrival_date, stands_for, state, reason, file_name, delivery_id, replaces from ledger.deliveries
        where source = ? and table_name = ? order by arrival_date, arrival_seq""",
        [contract.source, contract.table],
    ).fetchall()
    replaced = {row[6] for row in rows if row[2] != "refused"}
    by_day: dict[dt.date, list[tuple[str, str | None, str]]] = {}
    mended: dict[dt.date, str] = {}
    for arrival, stands_for, state, reason, name, delivery_id, _ in rows:
        if delivery_id in replaced:
            continue
        by_day.setdefault(arrival, []).append((state, reason, name))
        if state == "accepted" and stands_for != arrival:
            mended[stands_for] = name
    verdicts = {}
    for day in sorted({*open_calendar, *by_day}):
        verdict, reason = _verdict(by_day.get(day, []))
        if verdict != "accepted" and day in mended:
            verdict, reason = "accepted", f"delivered later: {mended[day]}"
        verdicts[day] = (verdict, reason)
    standing = {
        day: (verdict, reason)
        for day, verdict, reason in con.execute(
            "select arrival_date, verdict, reason from ledger.verdicts where source = ? and table_name = ?",
            [contract.source, contract.table],
        ).fetchall()
    }
    changed = sorted(day for day in {*verdicts, *standing} if verdicts.get(day) != standing.get(day))
    for day in changed:
        con.execute(
            "delete from ledger.verdicts where source = ? and table_name = ? and arrival_date = ?",
            [contract.source, contract.table, day],
        )
    new = [[contract.source, contract.table, day, *verdicts[day], batch_id] for day in changed if day in verdicts]
    if new:
        con.executemany("insert into ledger.verdicts values (?, ?, ?, ?, ?, ?)", new)
    return bool(changed)


def _verdict(files: Sequence[tuple[str, str | None, str]]) -> tuple[str, str | None]:
    if not files:
        return "missing", "no file arrived"
    refused = [f"{name}: {reason}" for state, reason, name in files if state == "refused"]
    blocked = [reason or "blocked" for state, reason, _ in files if state == "blocked"]
    if blocked:
        return "blocked", blocked[0]
    return ("incomplete", "; ".join(refused)) if refused else ("accepted", None)
