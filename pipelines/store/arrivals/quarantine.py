"""Quarantine (dead-letter rows): the rows that the gate held back, and what has become of them.

Belongs here: reading them. Does not belong here: who puts them there (loading.py), correcting them (repairs.py).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from pipelines.contracts import parse
from pipelines.contracts.contract import SourceContract
from pipelines.contracts.expression import quoted, text_literal
from pipelines.contracts.rules import row_checks
from pipelines.store.arrivals.orphans import before_first_day, stands


@dataclass(frozen=True)
class Quarantined:
    """One row that the gate set apart, as it was delivered."""

    delivery_id: str
    arrival_date: dt.date
    row_number: int
    state: str
    reasons: tuple[str, ...]
    contract_version: str
    values: Mapping[str, str | None]


@dataclass(frozen=True)
class HeldBack:
    """How many rows of an arrival day one rule holds back, and of how many of them the right form has come since."""

    name: str
    arrival_date: dt.date
    state: str
    rule: str
    rows: int
    came_right: int


def quarantined(
    con: duckdb.DuckDBPyConnection,
    source: str,
    table: str,
    *,
    rule: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> list[Quarantined]:
    """The rows of a raw table that broke a rule and were not read, as delivered (a repaired one as it was corrected),
    in order of arrival."""
    rows = con.execute(
        """select delivery_id, arrival_date, row_number, state, reasons, contract_version, raw_payload
        from quality.quarantined_rows
        where source = $source and table_name = $table and ($rule is null or list_contains(reasons, $rule))
            and arrival_date between coalesce($first, arrival_date) and coalesce($last, arrival_date)
        order by arrival_date, delivery_id, row_number""",
        {"source": source, "table": table, "rule": rule, "first": first, "last": last},
    ).fetchall()
    return [Quarantined(d, day, n, state, tuple(why), v, json.loads(text)) for d, day, n, state, why, v, text in rows]


def counts(
    con: duckdb.DuckDBPyConnection,
    contracts: Iterable[SourceContract],
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> list[HeldBack]:
    """What is in quarantine or blocked, by source.table, arrival day, state and rule; a row that broke two rules
    counts under both.

    A row came right since when a later file brought one of its key that was let in; rows of a table without a natural
    key, and rows that broke a rule of their key, cannot be told to be the same.
    """
    rows = con.execute(
        f"""with right_since as ({right_since(con, contracts)}),
        held as (
            select q.*, s.delivery_id is not null as came_right, unnest(q.reasons) as rule
            from quality.quarantined_rows as q left join right_since as s using (delivery_id, row_number)
            where q.arrival_date between coalesce($first, q.arrival_date) and coalesce($last, q.arrival_date)
        )
        select source || '.' || table_name as name, arrival_date, state, rule, count(*), count(*) filter (came_right)
        from held group by all order by name, arrival_date, state, rule""",
        {"first": first, "last": last},
    ).fetchall()
    return [HeldBack(*row) for row in rows]


def right_since(con: duckdb.DuckDBPyConnection, contracts: Iterable[SourceContract]) -> str:
    """SQL: delivery_id and row_number of the held rows whose right form has come since, see `counts`."""
    none = "select delivery_id, row_number from quality.quarantined_rows where false"
    known = [contract for contract in contracts if _has_natural_key(contract) and stands(con, contract.raw_table)]
    return " union ".join([none, *(_right_since(contract) for contract in known)])


def _has_natural_key(contract: SourceContract) -> bool:
    return bool(contract.row_key) and {*contract.row_key} <= {*contract.column_names}


def _right_since(contract: SourceContract) -> str:
    """The held rows of a table whose key stands in a row of a later file; rows whose key itself is doubtful left out.

    The delivered key is read as the gate reads it, so that 1.4 is no 1 and a local time is its moment.
    """
    payload = ", ".join(
        f"json_extract_string(raw_payload, {text_literal('$.' + quoted(name))}) as {quoted(name)}"
        for name in contract.column_names
    )
    doubtful = ", ".join(text_literal(rule) for rule in sorted(_rules_of_the_key(contract)))
    held = f"""select delivery_id as _delivery_id, row_number as _row_number, {payload} from quality.quarantined_rows
        where source = {text_literal(contract.source)} and table_name = {text_literal(contract.table)}
            and not list_has_any(reasons, [{doubtful}]::varchar[])"""
    place = ["_delivery_id", "_row_number"]
    layers = ([*place, *parse.text_columns(contract)], ["*", *parse.fits_columns(contract)])
    for columns in (*layers, ["*", *parse.local_columns(contract)], ["*", *parse.instant_columns(contract)]):
        held = f"select {', '.join(columns)} from ({held})"
    same = " and ".join(f"r.{quoted(name)} = q.{quoted(name)}" for name in contract.row_key)
    return f"""select q._delivery_id, q._row_number from ({held}) as q join raw.{quoted(contract.raw_table)} as r
        on {same} and r._delivery_id > q._delivery_id"""


def _rules_of_the_key(contract: SourceContract) -> set[str]:
    """The rules that say something of a key column: who breaks one may be another row than the one it seems to be."""
    key = {*contract.row_key} | ({"_own_event_date"} if contract.event_timestamp in contract.row_key else set())
    found = {before_first_day(contract)}
    for check in row_checks(contract):
        columns = {check.column.name} if check.column else {*check.bad.columns} if check.bad else set()
        if columns & key:
            found.add(check.rule_id)
    return found
