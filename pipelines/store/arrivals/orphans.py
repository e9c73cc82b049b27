"""Orphans (rows of late-arriving parents): right in themselves and without a place: their parent has not been accepted,
or their day lies before the shop's first. The former are released by the run that accepts the parent.

Belongs here: which rows are held, and which arrival days a run must judge anew because a parent came or went. Does not
belong here: rules of single rows (pipelines.contracts). Whether a row waits follows from the parent table as it stands,
never from the order of runs: the parent is loaded first, and every day whose answer changed is loaded again.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from pipelines.contracts.contract import Parent, SourceContract


def hold_orphans(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    """Set rows of the temporary table `gate_rows` apart whose parent does not stand in its raw table.

    Day rules have been measured before: a day is not blocked for parents that come later.
    """
    for parent in contract.parents:
        con.execute(
            f"""update gate_rows set _outcome = 'quarantined', _reasons = list_append(_reasons, ?)
            where _outcome in ('accepted', 'quarantined') and "{parent.column}" is not null
                and "{parent.column}" not in ({_standing(con, contract, parent)})""",
            [parent.rule_id],
        )


def before_first_day(contract: SourceContract) -> str:
    """The reason code of rows whose own event lies before the shop's first day."""
    return f"{contract.event_timestamp or '_arrival_date'}:before_first_day"


def hold_early_rows(con: duckdb.DuckDBPyConnection, contract: SourceContract, first_day: dt.date) -> None:
    """Set rows of `gate_rows` apart whose own event lies before the shop's first day: no calendar day is theirs, and
    marts that lose none of their rows would refuse to be built."""
    con.execute(
        """update gate_rows set _outcome = 'quarantined', _reasons = list_append(_reasons, ?)
        where _outcome = 'accepted' and _own_event_date < ?""",
        [before_first_day(contract), first_day],
    )


def unsettled_days(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> list[dt.date]:
    """The arrival days with a row that waits though its parent stands, or stands though its parent is gone."""
    days: set[dt.date] = set()
    for parent in contract.parents if stands(con, contract.raw_table) else ():
        column, sql_type = f'"{parent.column}"', contract.column(parent.column).sql_type
        known = _standing(con, contract, parent)
        found = con.execute(
            f"""select distinct _arrival_date from raw."{contract.raw_table}"
            where {column} is not null and {column} not in ({known})
            union
            select distinct arrival_date from quality.quarantined_rows
            where source = ? and table_name = ? and list_contains(reasons, ?)
                and try_cast(json_extract_string(raw_payload, ?) as {sql_type}) in ({known})""",
            [contract.source, contract.table, parent.rule_id, f"$.{parent.column}"],
        ).fetchall()
        days |= {row[0] for row in found}
    return sorted(days)


def _standing(con: duckdb.DuckDBPyConnection, contract: SourceContract, parent: Parent) -> str:
    """A select of the parents' keys that stand; none before the parent's first file has come."""
    raw = f"{contract.source}__{parent.table}"
    if not stands(con, raw):
        return f"select null::{contract.column(parent.column).sql_type} where false"
    return f'select "{parent.parent_column}" from raw."{raw}" where "{parent.parent_column}" is not null'


def stands(con: duckdb.DuckDBPyConnection, raw_table: str) -> bool:
    """Whether the raw table has been made: it is by the first file that comes for it."""
    sql = "select 1 from information_schema.tables where table_schema = 'raw' and table_name = ?"
    return con.execute(sql, [raw_table]).fetchone() is not None
