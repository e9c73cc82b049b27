"""The text of every value of a Parquet file, as the contract's type is written, or the refusal of its type.

Belongs here: which of a file's types may stand for which of a contract's, and the SQL of the text. Does not belong
here: the physical form of the file (parquet_files.py).
A typed file has rounded already what its type cannot hold, so money that comes as a binary fraction is refused, not
read.
"""

from __future__ import annotations

import re

from pipelines.contracts.contract import Column
from pipelines.contracts.expression import quoted, text_literal
from pipelines.sources.files import RefusedFile

INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
DECIMAL = re.compile(r"DECIMAL\(([0-9]+),([0-9]+)\)")


def exact_type(physical: str | None, logical: str, sql_type: str) -> str:
    """DuckDB's type of a column, UNREADABLE where it is not exact: a decimal of more than 38 digits is read as a
    double, half floats and INT96 with a loss."""
    is_rounded = logical.startswith("DecimalType") and not DECIMAL.fullmatch(sql_type)
    return "UNREADABLE" if physical == "INT96" or is_rounded else sql_type


def text_of(column: Column, sql_type: str) -> str:
    """SQL of the exact text of a value of the file's type, as the contract's type is written.

    Raises RefusedFile with code types where one cannot stand for the other without loss or doubt.
    """
    name, wanted = quoted(column.name), column.sql_type
    plain, decimal = f"cast({name} as varchar)", DECIMAL.fullmatch(sql_type)
    if sql_type in ("VARCHAR", '"NULL"', "NULL"):
        return plain
    if decimal and (wanted in ("VARCHAR", "DOUBLE", "INTEGER", "BIGINT") or column.decimal_scale):
        scale = column.decimal_scale[1] if column.decimal_scale else 0
        return plain if wanted in ("VARCHAR", "DOUBLE") else _without_zeros(plain, int(decimal[2]), scale)
    if sql_type in INTEGERS and (wanted in ("VARCHAR", "DOUBLE", "INTEGER", "BIGINT") or column.decimal_scale):
        return plain
    if sql_type in ("DOUBLE", "FLOAT") and wanted == "DOUBLE":
        return plain
    if sql_type in ("BOOLEAN", "DATE") and wanted in ("VARCHAR", sql_type):
        return plain
    if sql_type in ("TIME", "UUID") and wanted == "VARCHAR":
        return plain
    zoned = sql_type in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
    if (zoned or sql_type in ("TIMESTAMP", "TIMESTAMP_NS")) and (
        wanted == "VARCHAR" or (wanted == "TIMESTAMP" and zoned == column.has_offset)
    ):
        return _time_text(name, column.format or "", zoned, is_ns=sql_type.endswith("_NS"))
    seen = "a type that cannot be read exactly" if sql_type == "UNREADABLE" else sql_type[:60]
    says = f"{wanted} {'with' if column.has_offset else 'without'} offset" if wanted == "TIMESTAMP" else wanted
    raise RefusedFile("types", f"column {column.name} is {seen}; the contract says {says}")


def _without_zeros(text: str, scale: int, wanted: int) -> str:
    """A decimal's text without the zeros behind the contract's scale: they are the type's, not the value's."""
    if scale <= wanted:
        return text
    digits = rf"(\.[0-9]{{{wanted}}})0+$" if wanted else r"()\.0+$"
    return f"regexp_replace({text}, {text_literal(digits)}, '\\1')"


def _time_text(name: str, form: str, zoned: bool, is_ns: bool) -> str:
    """A timestamp in the contract's format. Digits that the format has no place for are written all the same, so that
    the gate sees a text that does not fit instead of a rounded one."""
    local = f"timezone('UTC', {name})" if zoned else name
    joint = "T" if "'T'" in form else " "
    ticks, unit = (f"epoch_ns({local})", 9) if is_ns else (f"epoch_us({local})", 6)
    least = 6 if "SSSSSS" in form else 3 if "SSS" in form else 0
    marks = {0: "", 3: ".%g", 6: ".%f", 9: ".%n"}
    cases = [
        f"when {ticks} % {10 ** (unit - digits)} = 0 then strftime({local}, '%Y-%m-%d{joint}%H:%M:%S{mark}')"
        for digits, mark in marks.items()
        if least <= digits <= unit
    ]
    offset = " || '+00:00'" if zoned else ""
    return f"case when isfinite({local}) then case {' '.join(cases)} end{offset} else cast({name} as varchar) end"
