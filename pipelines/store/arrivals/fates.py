"""Fates: what became of every single row that was delivered.

Belongs here: putting ledger, raw table and quarantine together, row by row. Does not belong here: deciding what
happens to a row (pipelines.contracts.gate, loading.py), counts per day (`ledger.row_counts`).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.expression import quoted

FATES = ("current", "superseded", "duplicate", "quarantined", "waiting", "blocked", "replaced", "refused")


def make_row_fates(con: duckdb.DuckDBPyConnection, contracts: Iterable[SourceContract]) -> None:
    """Make the temporary table `row_fates` of the raw tables; `con` sees the working file.

    source_system, table_name, arrival_date, file_name, row_number, fate, reasons: one row per delivered row, numbered
    from 1 as in its file; of a refused file, whose rows nobody has counted, one row without a number.
    fate     current: it stands; superseded: another version of it stands; duplicate: it repeats a row of its file in
             every column; quarantined; waiting: right in itself, its parent has not come; blocked: its day is;
             replaced: a later file of the same name and day took the file's place; refused
    reasons  the rules that a quarantined, waiting or blocked row breaks, else none; of a refused file its reason
    """
    con.execute(
        """create or replace temp table row_fates (source_system varchar, table_name varchar, arrival_date date,
        file_name varchar, row_number bigint, fate varchar, reasons varchar[])"""
    )
    for contract in contracts:
        con.execute(_fates_sql(contract), {"source": contract.source, "table": contract.table,
                                           "waits": [parent.rule_id for parent in contract.parents]})  # fmt: skip


def _fates_sql(contract: SourceContract) -> str:
    # Row numbers run from 1 without a gap: what stands neither in the raw table nor in quarantine repeats another row.
    return f"""
    insert into row_fates
    with files as (
        select delivery_id, source, table_name, arrival_date, file_name, state, reason, physical_rows
        from ledger.deliveries where source = $source and table_name = $table
    ),
    delivered as (
        select *, unnest(range(1, physical_rows + 1)) as row_number from files where state <> 'refused'
    ),
    apart as (
        select delivery_id, row_number, reasons, list_has_all($waits::varchar[], reasons) as is_waiting
        from quality.quarantined_rows where source = $source and table_name = $table
    ),
    standing as (
        select _delivery_id as delivery_id, _row_number as row_number, _is_current from raw.{quoted(contract.raw_table)}
    )
    select d.source, d.table_name, d.arrival_date, d.file_name, d.row_number,
        case
            when d.state in ('blocked', 'replaced') then d.state
            when a.is_waiting then 'waiting'
            when a.row_number is not null then 'quarantined'
            when s._is_current then 'current'
            when s.row_number is not null then 'superseded'
            else 'duplicate'
        end,
        coalesce(a.reasons, [])
    from delivered as d
    left join apart as a using (delivery_id, row_number)
    left join standing as s using (delivery_id, row_number)
    union all
    select source, table_name, arrival_date, file_name, null, 'refused', [reason] from files where state = 'refused'
    order by arrival_date, file_name, row_number
    """
