"""What the scorecard needs of an arrival day, written down while its rows are at hand: no refresh reads them again.

Belongs here: the checks of a day against its contract's constants, and counts per bucket of its columns. Does not
belong here: rules (pipelines.contracts) and comparing days (the mart `quality_scorecard`): what compares a day with
others must not decide what is loaded, or the order of loading would.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from pipelines.contracts.contract import Column, SourceContract
from pipelines.contracts.expression import quoted, text_literal

HOURS_PER_DAY = 24


def record_checks(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, days: Sequence[dt.date], time_zone: str
) -> None:
    """Replace the checks and the profiles of the arrival days by what `gate_checks` and `gate_rows` say.

    Runs inside the caller's transaction, after the gate.
    """
    names = {"source": contract.source, "table": contract.table}
    for table in ("day_checks", "day_profiles"):
        con.execute(
            f"delete from ledger.{table} where source = $source and table_name = $table "
            "and list_contains($days::date[], arrival_date)",
            {**names, "days": list(days)},
        )
    # 0 / 0 is as little a measurement as null: a share of rows where no row could be read.
    con.execute(
        "insert into ledger.day_checks select $source, $table, * replace (if(isnan(measured), null, measured) as "
        "measured) from gate_checks order by all",
        names,
    )
    if contract.freshness_hours is not None:
        con.execute(LATENESS, {**names, "days": contract.freshness_hours / HOURS_PER_DAY})
    for column, buckets in profiled_columns(contract, time_zone):
        con.execute(
            f"insert into ledger.day_profiles select $source, $table, _arrival_date, $column, {buckets}, count(*) "
            "from gate_rows where len(_reasons) = 0 group by all order by all",
            {**names, "column": column},
        )


# Days from the newest event of a file to its arrival: a file of old and new rows restates, one of old rows alone is
# late. The worst of the day's files counts. Arrival is known by the day, so a file is late only when it is for certain.
LATENESS = """
insert into ledger.day_checks
select $source, $table, arrival_date, 'freshness', 'files_late', 'warning', lag, null, $days, lag > $days
from (
    select _arrival_date as arrival_date, max(lag)::double as lag
    from (
        select _arrival_date, _delivery_id, greatest(_arrival_date - max(_own_event_date), 0) as lag
        from gate_rows where len(_reasons) = 0 and _own_event_date is not null group by _arrival_date, _delivery_id
    )
    group by _arrival_date
)
order by arrival_date
"""


def profiled_columns(contract: SourceContract, time_zone: str) -> list[tuple[str, str]]:
    """(name, SQL of the bucket) of what is counted per day, from the contract alone: a number by doublings and sign,
    a text with a list of known values by value, the moment of the event by hour of the shop's day, a column that may
    be empty by whether it is (`<column>:null`). Keys are left out: their values are new every day."""
    keys = {*contract.row_key, *contract.document_key}
    found = []
    for column in contract.columns:
        name = quoted(column.name)
        if column.personal_data == "none" and column.name not in keys and (buckets := _buckets(contract, column)):
            found.append((column.name, buckets))
        if column.name == contract.event_timestamp and column.sql_type == "TIMESTAMP":
            hour = f"hour(({name} at time zone 'UTC') at time zone {text_literal(time_zone)})"
            found.append((f"{column.name}:hour", f"lpad({hour}::varchar, 2, '0')"))
        if not column.required:
            found.append((f"{column.name}:null", f"if({name} is null, 'null', 'given')"))
    return found


def _buckets(contract: SourceContract, column: Column) -> str:
    name = quoted(column.name)
    if column.sql_type in ("INTEGER", "BIGINT", "DOUBLE") or column.decimal_scale:
        number = f"cast({name} as double)"
        power = f"floor(log2(abs({number})))::integer::varchar"
        return (
            f"case when {name} is null then 'null' when {number} = 0 then '0' when not isfinite({number}) then 'other' "
            f"else if({number} < 0, '-2^', '2^') || {power} end"
        )
    for rule in contract.day_rules:
        if rule.column == column.name and rule.valid_values:
            known = ", ".join(text_literal(value) for value in rule.valid_values)
            return f"case when {name} is null then 'null' when {name} in ({known}) then {name} else 'other' end"
    return ""
