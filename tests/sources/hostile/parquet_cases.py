"""Parquet files as broken senders leave them. Belongs here: the cases; their form is in corpus.py."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.shop_under_test import HEADER
from tests.sources.hostile.corpus import Case, Outcome, Rows, as_text, packed, refused, with_value


def as_table(rows: Rows) -> pa.Table:
    """The rows with the types that the contract names: four decimals, local times."""
    columns: dict[str, Any] = {name: [row[place] or None for row in rows] for place, name in enumerate(HEADER)}
    columns["Quantity"] = pa.array([int(value) for value in columns["Quantity"]], pa.int32())
    columns["UnitPrice"] = pa.array([Decimal(value) for value in columns["UnitPrice"]], pa.decimal128(18, 4))
    times = [dt.datetime.fromisoformat(value) for value in columns["InvoiceDate"]]
    columns["InvoiceDate"] = pa.array(times, pa.timestamp("us"))
    return pa.table(columns)


def as_file(table: pa.Table, **options: Any) -> bytes:
    """The table as a Parquet file."""
    content = io.BytesIO()
    pq.write_table(table, content, **options)
    return content.getvalue()


def four_decimals(rows: Rows) -> Rows:
    """The rows as the text of their types: a decimal has all the digits of its scale."""
    place = HEADER.index("UnitPrice")
    return [[*row[:place], f"{Decimal(row[place]):.4f}", *row[place + 1 :]] for row in rows]


def _table(name: str, change: Callable[[pa.Table], pa.Table], code: str, **options: Any) -> Case:
    """A sound file of a table that is not the contract's."""
    return Case(name, ".parquet", lambda rows: (as_file(change(as_table(rows)), **options), refused(code)))


def _bytes(name: str, damage: Callable[[bytes], bytes], code: str = "parquet") -> Case:
    return Case(name, ".parquet", lambda rows: (damage(as_file(as_table(rows))), refused(code)))


def _read(name: str, write: Callable[[pa.Table], bytes]) -> Case:
    return Case(name, ".parquet", lambda rows: (write(as_table(rows)), Outcome(rows=four_decimals(rows))))


def _as(column: str, make: Callable[[pa.ChunkedArray], Any]) -> Callable[[pa.Table], pa.Table]:
    """The table, one column made anew."""
    return lambda table: table.set_column(HEADER.index(column), column, make(table[column]))


def _renamed(old: str, new: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.rename_columns([new if name == old else name for name in HEADER])


def _value_case(name: str, column: str, value: str, rule: str | None) -> Case:
    """All columns as text, which Parquet can hold too, and one value as no type would have let it pass."""

    def make(rows: Rows) -> tuple[bytes, Outcome]:
        changed = with_value(rows, column, value)
        table = pa.table({name: [row[place] or None for row in changed] for place, name in enumerate(HEADER)})
        return as_file(table), Outcome(rows=changed, bad={rule: 1} if rule else {})

    return Case(f"value: {name}", ".parquet", make)


def _fine_times(rows: Rows) -> tuple[bytes, Outcome]:
    """A time finer than the contract's format: written out, so held back, not rounded."""
    changed = four_decimals(with_value(rows, "Description", "FINE"))
    table, place = as_table(changed), HEADER.index("InvoiceDate")
    times = table["InvoiceDate"].to_pylist()
    times[3] = times[3].replace(microsecond=5)
    changed[3][place] = f"{times[3]}"
    table = table.set_column(place, "InvoiceDate", pa.array(times, pa.timestamp("us")))
    return as_file(table), Outcome(rows=changed, bad={"InvoiceDate:type": 1})


def _finer_prices(rows: Rows) -> tuple[bytes, Outcome]:
    """Six decimals in the file, four in the contract: zeros fall away, a digit does not."""
    changed, place = four_decimals(with_value(rows, "UnitPrice", "1.25")), HEADER.index("UnitPrice")
    prices = [Decimal(row[place]) for row in changed]
    prices[3] = Decimal("1.005550")
    table = _as("UnitPrice", lambda _: pa.array(prices, pa.decimal128(20, 6)))(as_table(changed))
    changed[3][place] = "1.005550"
    return as_file(table), Outcome(rows=changed, bad={"UnitPrice:scale": 1})


def _twice(rows: Rows) -> tuple[bytes, Outcome]:
    changed = four_decimals([row for row in rows for _ in range(2)])
    return as_file(as_table(changed)), Outcome(rows=changed, blocked=True)


def _no_rows(rows: Rows) -> tuple[bytes, Outcome]:
    return as_file(as_table([])), Outcome(blocked=True)


def _footer(content: bytes) -> slice:
    length = int.from_bytes(content[-8:-4], "little")
    return slice(len(content) - 8 - length, len(content) - 8)


def _noise(content: bytes, part: slice, byte: int = 0xA5) -> bytes:
    damaged = bytearray(content)
    damaged[part] = bytes([byte]) * (part.stop - part.start)
    return bytes(damaged)


def _wide(table: pa.Table) -> pa.Table:
    return pa.table({f"c{number}": [1] for number in range(3000)})


def _long(table: pa.Table) -> pa.Table:
    """A bomb: one long text, named by all rows."""
    places = pa.array([0] * 30_000)
    text = pa.DictionaryArray.from_arrays(places, pa.array(["x" * 20_000]))
    return pa.table(dict.fromkeys(HEADER, text))


STRINGS = pa.list_(pa.string())
TYPES = [
    _table("money as double", _as("UnitPrice", lambda c: c.cast(pa.float64())), "types"),
    _table("money as float", _as("UnitPrice", lambda c: c.cast(pa.float64()).cast(pa.float32())), "types"),
    _table("units as double", _as("Quantity", lambda c: c.cast(pa.float64())), "types"),
    _table("account as double", _as("CustomerID", lambda c: c.cast(pa.float64())), "types"),
    _table("time with zone", _as("InvoiceDate", lambda c: c.cast(pa.timestamp("us", "UTC"))), "types"),
    _table("time as day", _as("InvoiceDate", lambda c: c.cast(pa.date32(), safe=False)), "types"),
    _table("time as number", _as("InvoiceDate", lambda c: c.cast(pa.int64())), "types"),
    _table("time as INT96", lambda table: table, "types", use_deprecated_int96_timestamps=True),
    _table("text as bytes", _as("Description", lambda c: c.cast(pa.binary())), "types"),
    _table("text as list", _as("Description", lambda c: pa.array([[x] for x in c.to_pylist()], STRINGS)), "types"),
    _table("text as struct", _as("Description", lambda c: pa.array([{"t": x} for x in c.to_pylist()])), "types"),
    _table("money of 50 digits", _as("UnitPrice", lambda c: c.cast(pa.decimal256(50, 4))), "types"),
]
COLUMNS = [
    _table("column renamed", _renamed("UnitPrice", "Price"), "header"),
    _table("column in other case", _renamed("UnitPrice", "unitPrice"), "header"),
    _table("column doubled", _renamed("StockCode", "InvoiceNo"), "header"),
    _table("column less", lambda table: table.drop_columns(["Country"]), "header"),
    _table("column more", lambda table: table.append_column("Channel", table["Country"]), "header"),
    _table("pandas' index", lambda table: table.append_column("__index_level_0__", table["Quantity"]), "header"),
    _table("no columns", lambda table: table.select([]), "parquet"),
    _table("thousands of columns", _wide, "header"),
    _table("named like our own", _renamed("Country", "_delivery_id"), "header"),
    _table("named like the reader's", _renamed("Country", "file_row_number"), "header"),
    _table("long text, many rows", _long, "size"),
]
DAMAGE = [
    _bytes("nothing", lambda c: b"", "empty"),
    _bytes("magic only", lambda c: b"PAR1"),
    _bytes("both magics only", lambda c: b"PAR1PAR1"),
    _bytes("cut in the middle", lambda c: c[: len(c) // 2]),
    _bytes("last byte missing", lambda c: c[:-1]),
    _bytes("first byte missing", lambda c: c[1:]),
    _bytes("a byte more", lambda c: c + b"\n"),
    _bytes("middle missing", lambda c: c[: len(c) // 4] + c[len(c) // 2 :]),
    _bytes("encrypted footer", lambda c: b"PARE" + c[4:-4] + b"PARE"),
    _bytes("footer length of 4 GB", lambda c: c[:-8] + b"\xff" * 4 + c[-4:]),
    _bytes("footer length of 0", lambda c: c[:-8] + bytes(4) + c[-4:]),
    _bytes(
        "footer length by one",
        lambda c: c[:-8] + (int.from_bytes(c[-8:-4], "little") - 1).to_bytes(4, "little") + c[-4:],
    ),
    _bytes("footer of noise", lambda c: _noise(c, _footer(c))),
    _bytes("footer of zeros", lambda c: _noise(c, _footer(c), 0)),
    _bytes("pages of noise", lambda c: _noise(c, slice(4, _footer(c).start))),
    _bytes("pages of zeros", lambda c: _noise(c, slice(4, _footer(c).start), 0)),
    _bytes("line ends converted", lambda c: c.replace(b"\n", b"\r\n")),
    _bytes("two files in one", lambda c: c + c),
    _bytes("read as text", lambda c: c.decode("utf-8", "replace").encode()),
    _bytes("gzip around", packed),
    Case("CSV inside", ".parquet", lambda rows: (as_text(rows).encode(), refused("parquet"))),
]
WHOLE = [
    _read("columns reversed", lambda t: as_file(t.select(HEADER[::-1]))),
    _read("uncompressed", lambda t: as_file(t, compression="none")),
    _read("gzip pages", lambda t: as_file(t, compression="gzip")),
    _read("brotli pages", lambda t: as_file(t, compression="brotli")),
    _read("a row per group", lambda t: as_file(t, row_group_size=1)),
    _read("old pages", lambda t: as_file(t, version="1.0", data_page_version="2.0", use_dictionary=False)),
    _read("nanoseconds of zero", lambda t: as_file(_as("InvoiceDate", lambda c: c.cast(pa.timestamp("ns")))(t))),
    _read("prices of six decimals", lambda t: as_file(_as("UnitPrice", lambda c: c.cast(pa.decimal128(20, 6)))(t))),
    _read("units of 64 bits", lambda t: as_file(_as("Quantity", lambda c: c.cast(pa.int64()))(t))),
    _read("large texts", lambda t: as_file(_as("Description", lambda c: c.cast(pa.large_string()))(t))),
    Case("finer times", ".parquet", _fine_times),
    Case("finer prices", ".parquet", _finer_prices),
    Case("every row twice", ".parquet", _twice),
    Case("no rows", ".parquet", _no_rows),
    _value_case("decimal comma", "UnitPrice", "2,55", "UnitPrice:type"),
    _value_case("NUL", "Description", "A\0B", "Description:characters"),
    _value_case("formula", "Description", "=cmd|'/c calc'!A1", None),
    _value_case("no such day", "InvoiceDate", "2010-02-30 10:00:00", "InvoiceDate:type"),
]

CASES = [*TYPES, *COLUMNS, *DAMAGE, *WHOLE]
