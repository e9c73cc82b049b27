"""From delivered text to typed values in SQL: strict, without rounding, shifting or guessing.

DuckDB's own casts are generous ('2.5' becomes the integer 3, 1.005 becomes 1.01, +08:00 is dropped, a skipped hour is
shifted), so a text is cast only after a pattern says that the cast is exact.
Belongs here: SQL expressions that type a row, hash it and place it in time.
Does not belong: which rows are bad (rules.py).

Three layers of names, per contract column X: `X#text` (delivered text, empty is null), `X#fits` (text keeps the type's
pattern), `X` (typed value or null). '#' cannot occur in a contract's names, so they never clash.
"""

from __future__ import annotations

from pipelines.contracts.contract import Column, SourceContract
from pipelines.contracts.expression import quoted, text_literal, to_sql
from pipelines.contracts.patterns import (
    BOOLEAN_TEXT,
    DOUBLE_TEXT,
    decimal_regex,
    integer_regex,
    over_scale_regex,
    timestamp_regex,
)

# No zone has set its clocks back by more than two hours since 1970; three hours before, the old offset still stood.
LOOK_BACK = "interval 3 hour"


def type_regex(column: Column) -> str | None:
    """Pattern of the texts that are of the column's type; None for text columns."""
    if column.decimal_scale:
        return decimal_regex(*column.decimal_scale)
    if column.sql_type in ("DATE", "TIMESTAMP"):
        return timestamp_regex(column.format or "yyyy-MM-dd")
    fixed = {"DOUBLE": DOUBLE_TEXT, "BOOLEAN": BOOLEAN_TEXT}
    sizes = {"INTEGER": 2**31 - 1, "BIGINT": 2**63 - 1}
    return integer_regex(sizes[column.sql_type]) if column.sql_type in sizes else fixed.get(column.sql_type)


def text_name(column: Column) -> str:
    """Quoted name of the delivered text."""
    return quoted(f"{column.name}#text")


def text_columns(contract: SourceContract) -> list[str]:
    """Layer 1: `X#text` for every column."""
    return [f"nullif({quoted(column.name)}, '') as {text_name(column)}" for column in contract.columns]


def fits_columns(contract: SourceContract) -> list[str]:
    """Layer 2: `X#fits` for every column that is not text; false for decimals that would be rounded."""
    found = []
    for column in contract.columns:
        regex = type_regex(column)
        if regex is None:
            continue
        fits = f"regexp_full_match({text_name(column)}, {text_literal(regex)})"
        if column.decimal_scale:
            over = text_literal(over_scale_regex(*column.decimal_scale))
            fits += f" and not regexp_full_match({text_name(column)}, {over})"
        found.append(f"({fits}) as {quoted(column.name + '#fits')}")
    return found


def local_columns(contract: SourceContract) -> list[str]:
    """Layer 3: values of all simple types; for timestamps without offset `X#local` and `X#instant`."""
    found = []
    for column in contract.columns:
        text, fits, name = text_name(column), quoted(column.name + "#fits"), quoted(column.name)
        if column.is_text:
            found.append(f"{text} as {name}")
        elif column.sql_type != "TIMESTAMP":
            found.append(f"case when {fits} then try_cast({text} as {column.sql_type}) end as {name}")
        elif column.has_offset:
            found.append(f"timezone('UTC', case when {fits} then try_cast({text} as timestamptz) end) as {name}")
        else:
            local = f"case when {fits} then try_cast({text} as timestamp) end"
            zone = text_literal(str(column.zone))
            found.append(f"{local} as {quoted(column.name + '#local')}")
            found.append(f"timezone({zone}, {local}) as {quoted(column.name + '#instant')}")
    return found


def zoned(contract: SourceContract) -> list[Column]:
    """Timestamp columns whose text is local time without offset."""
    return [column for column in contract.columns if column.sql_type == "TIMESTAMP" and not column.has_offset]


def instant_columns(contract: SourceContract) -> list[str]:
    """Layer 4: UTC values of local timestamps, null where the local time does not exist, and the ambiguity flag."""
    found = []
    for column in zoned(contract):
        exists = f"timezone({text_literal(str(column.zone))}, {quoted(column.name + '#instant')})"
        same = f"{exists} = {quoted(column.name + '#local')}"
        utc = f"timezone('UTC', {quoted(column.name + '#instant')})"
        found.append(f"case when {same} then {utc} end as {quoted(column.name)}")
    flags = " or ".join(f"coalesce({_is_ambiguous(column)}, false)" for column in zoned(contract)) or "false"
    return [*found, f"({flags}) as _is_ambiguous_time"]


def _is_ambiguous(column: Column) -> str:
    """Whether the clock showed this local time twice. DuckDB takes the later, which is standard time."""
    zone, instant = text_literal(str(column.zone)), quoted(column.name + "#instant")
    local = quoted(column.name + "#local")
    unchanged = f"(timezone({zone}, {instant} - {LOOK_BACK}) + {LOOK_BACK})"
    earlier = f"timezone({zone}, {instant} - ({unchanged} - {local}))"
    return f"case when {unchanged} > {local} then {earlier} = {local} else false end"


def own_event_date(contract: SourceContract, time_zone: str) -> str:
    """Day of the row's own event in the shop's zone; null when the event time is unreadable or there is none."""
    if contract.event_timestamp is None:
        return "cast(null as date)"
    column = contract.column(contract.event_timestamp)
    name = quoted(column.name)
    if column.sql_type == "DATE":
        return name
    if column.zone == time_zone:
        return f"case when {name} is not null then cast({quoted(column.name + '#local')} as date) end"
    return f"cast(timezone({text_literal(time_zone)}, timezone('UTC', {name})) as date)"


def amount(contract: SourceContract) -> str:
    """Control total of the row, DECIMAL(38,4); null when it cannot be read, the row is none of those counted, or the
    contract names none.

    Factors are widened and overflow is null: one absurd row must not stop the load. Below 10^24 a billion rows add up.
    """
    if contract.control_total is None:
        return "cast(null as decimal(38, 4))"
    total = to_sql(contract.control_total, lambda name: _widest(contract.column(name)))
    amount = f"cast(try_cast(try({total}) as decimal(28, 4)) as decimal(38, 4))"
    return f"case when {to_sql(contract.control_rows)} then {amount} end" if contract.control_rows else amount


def _widest(column: Column) -> str:
    scale = column.decimal_scale[1] if column.decimal_scale else 0
    return f"cast({quoted(column.name)} as decimal(38, {scale}))"


def row_hash(contract: SourceContract) -> str:
    """md5 over `name=length:text;` of every delivered column that is not null, in order of names.

    The length makes the text unambiguous; leaving nulls out keeps old hashes when a contract gains an optional column.
    """
    parts = []
    for name in sorted(contract.column_names):
        column = quoted(name)
        parts.append(
            f"case when {column} is null then '' else concat('{name}=', strlen({column}), ':', {column}, ';') end"
        )
    return f"md5(concat({', '.join(parts)}))"
