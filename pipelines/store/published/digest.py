"""Content digests: one short text that is equal when two tables hold the same rows, whatever their order.

Belongs here: the canonical text of a row and how rows and tables are combined. Does not belong here: which tables are
digested and where the digest is kept (pipelines.store.published.publication).
The rows count as a multiset. Sorting is not needed for that: each row's md5 is split into two 64-bit halves, and each
half is summed over the rows (duplicates count, order does not), so a table streams through in parallel and in little
memory. It finds accidents, damage and differences between two computations; it is no defence against a forger.
Sums can be taken apart again: where some days of a table were replaced, the old days' sums are subtracted and the new
ones' added, and the digest is the one that a full recount gives.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
from duckdb.sqltypes import DuckDBPyType

from pipelines.contracts.expression import quoted

# These say when and by which run a row was written, not what it says.
AUDIT_COLUMNS = frozenset({"run_id", "batch_id", "loaded_at", "made_at", "scored_at"})

# Changes whenever the canonical text changes, so digests of two definitions never look comparable.
FORMAT = "almanac-digest-1"

# Types whose own text is never empty and never holds a comma.
PLAIN_TYPES = frozenset(
    {"boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "decimal", "uuid", "bit"}
) | frozenset({"utinyint", "usmallint", "uinteger", "ubigint", "uhugeint", "date", "time", "interval"})
TEXT_TYPES = frozenset({"varchar", "enum"})
INSTANT_TYPES = {
    "timestamp": "epoch_us",
    "timestamp_s": "epoch_us",
    "timestamp_ms": "epoch_us",
    "timestamp_ns": "epoch_ns",
    "timestamp with time zone": "epoch_us",
}
NESTED_TYPES = frozenset({"list", "array", "struct", "map"})


class DigestError(ValueError):
    """A column's type has no canonical text, or a column is not there; the message names column and type."""


@dataclass(frozen=True)
class TableDigest:
    """The digest of one relation: sha256 in hex, and the number of rows it covers."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Sums:
    """What a digest rests on: the number of rows, and the sums of both halves of their md5."""

    rows: int = 0
    low: int = 0
    high: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.rows + other.rows, self.low + other.low, self.high + other.high)

    def __sub__(self, other: Sums) -> Sums:
        return Sums(self.rows - other.rows, self.low - other.low, self.high - other.high)

    def as_json(self) -> list[str]:
        """As a manifest keeps them: texts, since not every reader of JSON has integers of that size."""
        return [str(self.rows), str(self.low), str(self.high)]

    @classmethod
    def from_json(cls, texts: Iterable[str]) -> Sums:
        """The sums that `as_json` gave."""
        return cls(*(int(text) for text in texts))


def table_digest(con: duckdb.DuckDBPyConnection, relation: str, where: str = "true") -> TableDigest:
    """The content digest of `relation`'s rows that meet `where`.

    `relation` and `where` are SQL text (a quoted name; a condition), `con` any connection that sees the relation.
    Left out: AUDIT_COLUMNS. Equal digests mean: same column names and types, same rows, each as often; DOUBLE and
    FLOAT to nine significant digits, instants whatever the session's zone. Raises DigestError.
    """
    return sealed(con, relation, table_sums(con, relation, where))


def sealed(con: duckdb.DuckDBPyConnection, relation: str, sums: Sums) -> TableDigest:
    """The digest of a table of `relation`'s columns whose rows have these sums; no row is read."""
    return TableDigest(sums.rows, seal(header(con, relation), sums))


def header(con: duckdb.DuckDBPyConnection, relation: str) -> list[list[str]]:
    """Name and type of the columns that a digest covers. Raises DigestError."""
    return [[name, _type_name(column_type)] for name, column_type in digested_columns(con, relation)]


def seal(columns: list[list[str]], sums: Sums) -> str:
    """The digest, in hex, of rows with these sums in a table of these columns, as `header` gives them."""
    return _sha256([FORMAT, columns, sums.rows, str(sums.low), str(sums.high)])


def table_sums(con: duckdb.DuckDBPyConnection, relation: str, where: str = "true") -> Sums:
    """The sums of `relation`'s rows that meet `where`. Raises DigestError."""
    sql = f"select {SUMS} from (select {_row_md5(con, relation)} as row_md5 from {relation} where {where})"
    return Sums(*con.execute(sql).fetchall()[0])


def day_sums(
    con: duckdb.DuckDBPyConnection, relation: str, day: str, where: str = "true"
) -> dict[dt.date | None, Sums]:
    """The sums of `relation`'s rows that meet `where`, day by day of its column `day`; days without a row are left
    out. Raises DigestError."""
    rows = con.execute(
        f"""select of_day, {SUMS} from (
            select {quoted(day)} as of_day, {_row_md5(con, relation)} as row_md5 from {relation} where {where}
        ) group by of_day order by of_day"""
    ).fetchall()
    return {of_day: Sums(*sums) for of_day, *sums in rows}


# sum(UHUGEINT) would give a DOUBLE; the sum of a UBIGINT is a HUGEINT, wide enough for 2^63 rows.
SUMS = """count(*), coalesce(sum((row_md5 & 18446744073709551615)::ubigint), 0),
    coalesce(sum((row_md5 >> 64)::ubigint), 0)"""


def _row_md5(con: duckdb.DuckDBPyConnection, relation: str) -> str:
    pieces = [text for name, kind in digested_columns(con, relation) for text in _pieces(quoted(name), kind)]
    text = ", ".join(pieces)
    return f"""md5_number(concat('', {text or "''"}))"""


def combine(digests: Mapping[str, str]) -> str:
    """One digest over named digests (table -> hex), whatever their order: that of a whole version."""
    return _sha256([FORMAT, sorted(digests.items())])


def digested_columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, DuckDBPyType]]:
    """Names and types of the columns that count, by name; raises DigestError for a type without canonical text."""
    columns = [(name, column_type) for name, column_type, *_ in con.execute(f"from {relation} limit 0").description]
    counted = sorted((name, kind) for name, kind in columns if name.lower() not in AUDIT_COLUMNS)
    for name, column_type in columns:
        check_type(name, column_type)
    return counted


def check_type(column: str, column_type: DuckDBPyType) -> None:
    """Raise DigestError unless the type, and all types inside it, have a canonical text and a reader in DuckDB 1.0."""
    known = PLAIN_TYPES | TEXT_TYPES | NESTED_TYPES | INSTANT_TYPES.keys() | {"double", "float", "blob"}
    if column_type.id not in known:
        raise DigestError(f"column {column} has the type {column_type}, which cannot be published: cast it")
    if column_type.id in NESTED_TYPES:
        for part, part_type in _children(column_type):
            check_type(f"{column}.{part}", part_type)


def _pieces(value: str, kind: DuckDBPyType, depth: int = 0) -> list[str]:
    """SQL texts that, concatenated, can be read back in one way only; concat() writes NULL as nothing.

    Plain values end in a comma, which none contains: NULL is ','. Texts follow their length in bytes: NULL is ':', the
    empty text '0:'.
    """
    if kind.id in PLAIN_TYPES:
        return [f"{value}::varchar", "','"]
    if kind.id in INSTANT_TYPES:
        # The epoch of an infinite instant is NULL; its text is not.
        return [f"coalesce({INSTANT_TYPES[kind.id]}({value})::varchar, {value}::varchar)", "','"]
    if kind.id in ("double", "float"):
        # Adding 0 turns -0 into 0; a NaN may carry a sign.
        return [f"case when isnan({value}) then 'nan' else format('{{:.8e}}', {value}::double + 0) end", "','"]
    text = _text(value, kind, depth)
    return [f"strlen({text})", "':'", text]


def _text(value: str, kind: DuckDBPyType, depth: int) -> str:
    """SQL for a text that is NULL only where the value is."""
    if kind.id == "blob":
        return f"hex({value})"
    if kind.id == "struct":
        return f"case when {value} is not null then {_struct_text(value, kind, depth)} end"
    if kind.id == "map":
        return _list_text(f"list_sort(map_entries({value}))", kind, depth)
    if kind.id == "array":
        return _list_text(f"{value}::{_children(kind)[0][1]}[]", kind, depth)
    if kind.id == "list":
        return _list_text(value, kind, depth)
    return f"{value}::varchar"


def _struct_text(value: str, kind: DuckDBPyType, depth: int) -> str:
    pieces = [
        piece
        for position, (_, field_type) in enumerate(_children(kind), start=1)
        for piece in _pieces(f"struct_extract_at({value}, {position})", field_type, depth)
    ]
    return f"concat('', {', '.join(pieces)})"


def _list_text(value: str, kind: DuckDBPyType, depth: int) -> str:
    """The number of elements, then the elements: an empty list differs from NULL and from a list of one NULL."""
    element = f"element_{depth}"
    if kind.id == "map":
        text = _struct_text(element, kind, depth + 1)
    else:
        text = f"concat('', {', '.join(_pieces(element, _children(kind)[0][1], depth + 1))})"
    joined = f"array_to_string(list_transform({value}, lambda {element}: {text}), '')"
    return f"(len({value})::varchar || ';' || coalesce({joined}, ''))"


def _children(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    """The types inside a nested type, by name (an array also names its size, which is no type)."""
    return [(name, child) for name, child in kind.children if isinstance(child, DuckDBPyType)]


def _type_name(kind: DuckDBPyType) -> str:
    """The type as the digest knows it: an enumeration is its texts, whatever else it could have held."""
    return "ENUM" if kind.id == "enum" else str(kind)


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
