"""Row versions (late-arriving, restated data): which version of a row stands, and on which day its document falls.

Belongs here: replacing the raw rows of arrival days, and all that follows for the documents that they touch.
Does not belong here: reading raw files, ledger entries, verdicts (loading.py).
A document is what happens at one moment: an invoice with its lines. All its rows carry one event date, the earliest
of its current rows. Only the key columns of the raw table are read whole; rows are fetched and deleted by position.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.contracts.contract import SourceContract

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
# What of a current row can change anything below the raw table; which run wrote one of two equal rows cannot.
CONTENT = "_event_date, _row_hash, _occurrence, _arrival_date, _contract_version"
# Bounds beside the list: they reach the zone maps of the raw table, which a list does not.
ARRIVING = "(_arrival_date between $first and $last and list_contains($days::date[], _arrival_date))"
WORK_TABLES = ("touched_keys", "touched_documents", "touched_places", "touched_rows")


@dataclass(frozen=True)
class _Keys:
    """Quoted key columns of a contract. Without a document key every row is a document of its own."""

    row: tuple[str, ...]
    document: tuple[str, ...]
    nullable: frozenset[str]

    @property
    def row_can_change_document(self) -> bool:
        """Whether two versions of a row may belong to two documents."""
        return not set(self.document) <= set(self.row)

    def match(self, columns: Sequence[str], table: str) -> str:
        """Condition that a row `r` of the raw table (or `r` of its versions) has a counterpart in `table`."""
        same = (f"k.{c} {'is not distinct from' if c in self.nullable else '='} r.{c}" for c in columns)
        return f"exists (select 1 from {table} as k where {' and '.join(same)})"


def _keys(contract: SourceContract) -> _Keys:
    never_null = {column.name for column in contract.columns if column.required} | {"_row_hash", "_occurrence"}
    row, document = (
        tuple(f'"{name}"' for name in key) for key in (contract.row_key, contract.document_key or contract.row_key)
    )
    named = {*contract.row_key, *contract.document_key}
    return _Keys(row, document, frozenset(f'"{name}"' for name in named - never_null))


def replace_rows(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    days: Sequence[dt.date],
    time_zone: str,
    batch_id: int,
) -> list[dt.date]:
    """Replace the rows of the arrival days by the accepted ones of `gate_rows`, choose the current version of every
    row key that they touch, date every document that they touch.

    Returns the event days on which current rows came, went or changed; a file loaded again beside a late one leaves its
    days alone. Runs inside the caller's transaction.
    """
    raw = f'raw."{contract.raw_table}"'
    _find_touched(con, contract, raw, days)
    _make_versions(con, contract, raw, time_zone, batch_id)
    con.execute(f"delete from {raw} where rowid in (select place from touched_places)")
    columns = _columns(contract)
    con.execute(
        f"insert into {raw} select {columns} from touched_rows order by _arrival_date, _arrival_seq, _row_number"
    )
    before, after = (f"select {CONTENT} from {table} where _is_current" for table in ("touched_places", "touched_rows"))
    found = con.execute(
        f"""select distinct _event_date
        from (({before} except all {after}) union all ({after} except all {before})) order by 1"""
    ).fetchall()
    for table in WORK_TABLES:
        con.execute(f"drop table if exists temp.{table}")
    return [row[0] for row in found]


def _columns(contract: SourceContract) -> str:
    return ", ".join([*(f'"{column.name}"' for column in contract.columns), *META_COLUMNS])


def _find_touched(con: duckdb.DuckDBPyConnection, contract: SourceContract, raw: str, days: Sequence[dt.date]) -> None:
    """Make `touched_documents` and `touched_places` (`place` in the raw table, `is_replaced`: of an arriving day)."""
    keys = _keys(contract)
    wanted = sorted(set(days))
    parameters = {"days": wanted, "first": wanted[0], "last": wanted[-1]}
    document = ", ".join(keys.document)
    also = ""
    if keys.row_can_change_document:
        row = ", ".join(keys.row)
        con.execute(
            f"""create or replace temp table touched_keys as
            select {row} from {raw} where {ARRIVING}
            union select {row} from gate_rows where _outcome = 'accepted'""",
            parameters,
        )
        also = f"union select {document} from {raw} as r where {keys.match(keys.row, 'touched_keys')}"
    con.execute(
        f"""create or replace temp table touched_documents as
        select {document} from {raw} where {ARRIVING}
        union select {document} from gate_rows where _outcome = 'accepted' {also}""",
        parameters,
    )
    con.execute(
        f"""create or replace temp table touched_places as
        select rowid as place, _is_current, {ARRIVING} as is_replaced, {CONTENT}
        from {raw} as r where {keys.match(keys.document, "touched_documents")}""",
        parameters,
    )


def _make_versions(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, raw: str, time_zone: str, batch_id: int
) -> None:
    """Make `touched_rows`: every version of every touched document, as it has to stand in the raw table."""
    keys = _keys(contract)
    row, document = ", ".join(keys.row), ", ".join(keys.document)
    updated = f'"{contract.source_updated_at}" desc nulls last, ' if contract.source_updated_at else ""
    newest = f"""row_number() over (
        partition by {row} order by {updated}_arrival_date desc, _arrival_seq desc, _row_number desc
    ) = 1"""
    if keys.row_can_change_document:
        newest = f"case when {keys.match(keys.row, 'touched_keys')} then {newest} else _is_current end"
    event_date, parameters = _event_date(contract, time_zone)
    delivered = ", ".join(f'"{column.name}"' for column in contract.columns)
    con.execute(
        f"""create or replace temp table touched_rows as
        with versions as (
            select {_columns(contract)} from {raw}
            where rowid in (select place from touched_places where not is_replaced)
            union all
            select {delivered}, _row_hash, _occurrence, _is_ambiguous_time, null::date, _delivery_id, _arrival_date,
                _arrival_seq, _row_number, $version, $batch_id::bigint, true
            from gate_rows where _outcome = 'accepted'
        ),
        ranked as (select * replace ({newest} as _is_current) from versions as r)
        select * replace (
            coalesce(
                min({event_date}) filter (where _is_current) over same_document,
                min(_arrival_date) filter (where _is_current) over same_document,
                _arrival_date
            ) as _event_date
        )
        from ranked window same_document as (partition by {document})""",
        {"version": contract.version, "batch_id": batch_id, **parameters},
    )


def _event_date(contract: SourceContract, time_zone: str) -> tuple[str, dict[str, str]]:
    """SQL of the day of a row's own event in the shop's zone, and its parameters."""
    if contract.event_timestamp is None:
        return "_arrival_date", {}
    name = f'"{contract.event_timestamp}"'
    if contract.column(contract.event_timestamp).sql_type == "DATE":
        return name, {}
    return f"cast(({name} at time zone 'UTC') at time zone $zone as date)", {"zone": time_zone}
