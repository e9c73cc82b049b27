"""CSV files as broken senders leave them. Belongs here: the cases; their form is in corpus.py."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable

from tests.shop_under_test import HEADER
from tests.sources.hostile.corpus import Case, Outcome, Rows, as_text, packed, refused, with_value

# One value of one row: (what, column, value, rule that must hold the row back; None where the row is good).
VALUES: list[tuple[str, str, str, str | None]] = [
    ("decimal comma", "UnitPrice", "2,55", "UnitPrice:type"),
    ("thousands separator", "UnitPrice", "1,000.00", "UnitPrice:type"),
    ("currency sign", "UnitPrice", "£2.55", "UnitPrice:type"),
    ("five decimals", "UnitPrice", "1.00555", "UnitPrice:scale"),
    ("many decimals", "UnitPrice", "0.10499999999999999999999999999999999999999", "UnitPrice:scale"),
    ("1e400", "UnitPrice", "1e400", "UnitPrice:type"),
    ("1e2", "UnitPrice", "1e2", "UnitPrice:type"),
    ("NaN", "UnitPrice", "NaN", "UnitPrice:type"),
    ("Infinity", "UnitPrice", "-Infinity", "UnitPrice:type"),
    ("beyond the range", "UnitPrice", "50000.01", "UnitPrice:maximum"),
    ("beyond the type", "UnitPrice", "9" * 40, "UnitPrice:type"),
    ("no price", "UnitPrice", "", "UnitPrice:required"),
    ("NULL as a word", "UnitPrice", "NULL", "UnitPrice:type"),
    ("full-width digits", "Quantity", "１２", "Quantity:type"),
    ("arabic digits", "Quantity", "١٢", "Quantity:type"),
    ("typographic minus", "Quantity", "−6", "Quantity:type"),
    ("plus sign", "Quantity", "+6", "Quantity:type"),
    ("blank before", "Quantity", " 6", "Quantity:type"),
    ("leading zero", "Quantity", "06", "Quantity:type"),
    ("hexadecimal", "Quantity", "0x10", "Quantity:type"),
    ("underscore", "Quantity", "1_000", "Quantity:type"),
    ("half a unit", "Quantity", "2.5", "Quantity:type"),
    ("beyond 32 bits", "Quantity", "2147483648", "Quantity:type"),
    ("zero units", "Quantity", "0", "row:quantity_is_zero"),
    ("+08:00", "InvoiceDate", "2011-01-04 10:00:00+08:00", "InvoiceDate:type"),
    ("Z", "InvoiceDate", "2011-01-04T10:00:00Z", "InvoiceDate:type"),
    ("day first", "InvoiceDate", "04/01/2011 10:00", "InvoiceDate:type"),
    ("no such day", "InvoiceDate", "2010-02-30 10:00:00", "InvoiceDate:type"),
    ("24 o'clock", "InvoiceDate", "2010-12-01 24:00:00", "InvoiceDate:type"),
    ("leap second", "InvoiceDate", "2010-12-01 23:59:60", "InvoiceDate:type"),
    ("fractions", "InvoiceDate", "2010-12-01 10:00:00.123", "InvoiceDate:type"),
    ("Excel serial day", "InvoiceDate", "40513.35", "InvoiceDate:type"),
    ("skipped hour", "InvoiceDate", "2010-03-28 01:30:00", "InvoiceDate:local_time"),
    ("clock of 1970", "InvoiceDate", "1970-01-01 00:00:00", "InvoiceDate:minimum"),
    ("clock of 2038", "InvoiceDate", "2038-01-19 03:14:08", "row:event_after_arrival"),
    ("no such form", "InvoiceNo", "INV-1", "InvoiceNo:pattern"),
    ("fixed by Excel", "InvoiceNo", "5.36E+05", "InvoiceNo:pattern"),
    ("zero width", "Description", "LAN\u200bTERN", "Description:characters"),
    ("right to left", "Description", "\u202egnp.exe", "Description:characters"),
    ("terminal escape", "Description", "\x1b[2J\x1b[31mred", "Description:characters"),
    ("replacement character", "Description", "CAF\ufffd", "Description:characters"),
    ("line break inside", "Description", "TWO\nLINES", "Description:characters"),
    ("tab inside", "Description", "A\tB", "Description:characters"),
    ("line separator", "Description", "A\u2028B", "Description:characters"),
    ("byte order mark inside", "Description", "\ufeffLANTERN", "Description:characters"),
    ("too long", "Description", "x" * 101, "Description:max_length"),
    ("formula", "Description", '=HYPERLINK("http://x","y")', None),
    ("SQL", "Description", "'; drop table raw.online_retail__transactions; --", None),
    ("shell", "Description", "$(rm -rf /)`id`", None),
    ("template", "Description", "{{ var('x') }}{% raw %}", None),
    ("markup", "Description", "<script>alert(1)</script>", None),
    ("other scripts", "Description", "灯笼 фонарь 🏮", None),
    ("quotes doubled", "Description", 'SIGN "HOME"', None),
    ("one quote", "Description", '3" NAIL', None),
    ("path", "Description", "../../etc/passwd", None),
]


def _value_case(name: str, column: str, value: str, rule: str | None) -> Case:
    def make(rows: Rows) -> tuple[bytes, Outcome]:
        changed = with_value(rows, column, value)
        return as_text(changed).encode(), Outcome(rows=changed, bad={rule: 1} if rule else {})

    return Case(f"value: {name}", ".csv", make)


def _refused(name: str, code: str, damage: Callable[[str], str | bytes], suffix: str = ".csv") -> Case:
    """A damage to the whole text, by which it must be refused."""

    def make(rows: Rows) -> tuple[bytes, Outcome]:
        damaged = damage(as_text(rows))
        return damaged.encode() if isinstance(damaged, str) else damaged, refused(code)

    return Case(name, suffix, make)


def _read(name: str, change: Callable[[str], str | bytes], suffix: str = ".csv") -> Case:
    """Odd but whole: every row must be read."""

    def make(rows: Rows) -> tuple[bytes, Outcome]:
        changed = change(as_text(rows))
        return changed.encode() if isinstance(changed, str) else changed, Outcome(rows=rows)

    return Case(name, suffix, make)


def _rows(name: str, change: Callable[[Rows], Rows], **outcome: object) -> Case:
    """Whole files of strange rows."""

    def make(rows: Rows) -> tuple[bytes, Outcome]:
        changed = change([list(row) for row in rows])
        return as_text(changed).encode(), Outcome(rows=changed, **outcome)  # type: ignore[arg-type]

    return Case(name, ".csv", make)


def _line(text: str, number: int, change: Callable[[str], str]) -> str:
    """The text, its line `number` (0 is the header) changed."""
    lines = text.split("\n")
    lines[number] = change(lines[number])
    return "\n".join(lines)


def _zip(text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day.csv", text)
    return content.getvalue()


def _half(text: str) -> str:
    """Cut inside a row: after the first letter of its second value."""
    cut = text.index("\n", len(text) // 2)
    return text[: text.index(",", cut) + 2]


def _prices(rows: Rows, factor: int) -> Rows:
    place = HEADER.index("UnitPrice")
    return [[*row[:place], str(round(float(row[place]) * factor)), *row[place + 1 :]] for row in rows]


def _many_bad(rows: Rows) -> Rows:
    """Every fourth row unreadable, each in its own way."""
    place = HEADER.index("Quantity")
    return [
        [*row[:place], f"bad{number}", *row[place + 1 :]] if number % 4 == 0 else row for number, row in enumerate(rows)
    ]


def _with_quote(line: str) -> str:
    return line.replace(",", ',3" ', 1)


def _bare_quotes(rows: Rows) -> tuple[bytes, Outcome]:
    """Read as they stand, as Python's reader does: only a quote that begins a value quotes it."""
    changed = with_value(rows, "StockCode", '5" x 7" A')
    content = as_text(changed).replace('"5"" x 7"" A"', '5" x 7" A')
    return content.encode(), Outcome(rows=changed, bad={"StockCode:pattern": 1})


_NAMES = ",".join(HEADER)
# Country and the like are good names of an article or a country.
HEADER_BREAKS = dict.fromkeys(("InvoiceNo:pattern", "CustomerID:pattern"), 1)
HEADER_BREAKS |= dict.fromkeys(("Quantity:type", "InvoiceDate:type", "UnitPrice:type"), 1)
HEADERS = [
    _refused("header missing", "header", lambda t: t.partition("\n")[2]),
    _refused("column renamed", "header", lambda t: t.replace("UnitPrice", "Unit Price", 1)),
    _refused("column in other case", "header", lambda t: t.replace("UnitPrice", "unitprice", 1)),
    _refused("columns reordered", "header", lambda t: t.replace("InvoiceNo,StockCode", "StockCode,InvoiceNo", 1)),
    _refused("column doubled", "header", lambda t: t.replace("StockCode", "InvoiceNo", 1)),
    _refused("column more", "header", lambda t: t.replace("\n", ",1\n").replace("Country,1", "Country,Channel", 1)),
    _refused("column less", "header", lambda t: "\n".join(line.rpartition(",")[0] for line in t.split("\n"))),
    _refused("blank in a name", "header", lambda t: t.replace("StockCode", " StockCode", 1)),
    _refused("thousands of columns", "header", lambda t: ",".join(f"c{n}" for n in range(20_000)) + "\n" + t),
    _refused("semicolons", "header", lambda t: t.replace(",", ";")),
    _refused("tabs", "header", lambda t: t.replace(",", "\t")),
    _refused("sep= line", "header", lambda t: "sep=,\n" + t),
    _refused("comment above", "header", lambda t: "# exported by till 4\n" + t),
    _refused("blank line above", "header", lambda t: "\n" + t),
    _refused("conflict in the header", "header", lambda t: "<<<<<<< HEAD\n" + t),
    _refused("JSON inside", "header", lambda t: json.dumps({"rows": t.split("\n")[:5]})),
    _refused("an error page", "header", lambda t: "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>\n"),
    _refused("lone CR as line end", "header", lambda t: t.replace("\n", "\r")),
    _refused("quoted as one value", "header", lambda t: t.replace(_NAMES, f'"{_NAMES}"', 1)),
]
RECORDS = [
    _refused("cut in a row", "records", _half),
    _refused("short row", "records", lambda t: _line(t, 5, lambda line: line.rpartition(",")[0])),
    _refused("long row", "records", lambda t: _line(t, 5, lambda line: line + ",x")),
    _refused(
        "merge conflict", "records", lambda t: _line(t, 9, lambda x: f"<<<<<<< HEAD\n{x}\n=======\n{x}\n>>>>>>> b")
    ),
    _refused("conflict end only", "records", lambda t: _line(t, 9, lambda line: f"{line}\n>>>>>>> branch")),
    _refused("total below", "records", lambda t: t + "TOTAL,1234.50\n"),
    _refused("text behind a quote", "records", lambda t: _line(t, 4, lambda line: f'"{line[:6]}"x{line[6:]}')),
    _refused("quotes in two bare values", "records", lambda t: _line(_line(t, 4, _with_quote), 9, _with_quote)),
    _refused("escape by backslash", "records", lambda t: _line(t, 4, lambda x: x.replace(",", ',"A \\" B",', 1) + '"')),
    _refused("row of 3 MB", "records", lambda t: _line(t, 4, lambda line: line + "x" * 3_000_000)),
]
FORMS = [
    _refused("nothing", "empty", lambda t: ""),
    _refused("line ends only", "empty", lambda t: "\n\r\n\n"),
    _refused("quote open to the end", "quotes", lambda t: _line(t, 7, lambda line: '"' + line)),
    _refused("cut in a quoted value", "quotes", lambda t: t + '536999,22752,"SET 7 BABUSH'),
    _refused("mixed line ends", "line_ends", lambda t: t.replace("\n", "\r\n", 40)),
    _refused("lone CR in a row", "line_ends", lambda t: _line(t, 6, lambda line: line + "\rx")),
    _refused("NUL in a row", "control", lambda t: _line(t, 6, lambda line: line + "\0")),
    _refused("zeros of a crashed disk", "control", lambda t: t[: len(t) // 2] + "\0" * 4096),
    _refused("UTF-16", "control", lambda t: t.encode("utf-16")),
    _refused("UTF-16 without mark", "control", lambda t: t.encode("utf-16-be")),
    _refused("latin-1", "encoding", lambda t: _line(t, 3, lambda line: "é" + line).encode("latin-1")),
    _refused("cut in a character", "encoding", lambda t: (t + "é").encode()[:-1]),
    _refused("overlong UTF-8", "encoding", lambda t: t.encode() + b"\xc0\xaf"),
    _refused("surrogate in UTF-8", "encoding", lambda t: t.encode() + b"\xed\xa0\x80"),
    _refused("Parquet inside", "control", lambda t: b"PAR1\0\0\0\0PAR1"),
    _refused("gzip named csv", "compression", lambda t: packed(t.encode())),
    _refused("csv named gz", "compression", lambda t: t, ".csv.gz"),
    _refused("zip named gz", "compression", _zip, ".csv.gz"),
    _refused("zip named csv", "control", _zip),
    _refused("gzip cut", "compression", lambda t: packed(t.encode())[:-20], ".csv.gz"),
    _refused("gzip without its sum", "compression", lambda t: packed(t.encode())[:-8], ".csv.gz"),
    _refused("gzip with a wrong sum", "compression", lambda t: packed(t.encode())[:-8] + b"\1" * 8, ".csv.gz"),
    _refused("gzip with a flipped byte", "compression", lambda t: _flipped(packed(t.encode())), ".csv.gz"),
    _refused("garbage behind gzip", "compression", lambda t: packed(t.encode()) + b"garbage", ".csv.gz"),
    _refused("second member cut", "compression", lambda t: packed(t.encode()) + packed(b"1,2\n")[:-9], ".csv.gz"),
    _refused("zeros behind gzip", "compression", lambda t: packed(t.encode()) + b"\0" * 512, ".csv.gz"),
    _refused("gzip of gzip", "control", lambda t: packed(packed(t.encode())), ".csv.gz"),
    _refused("bomb", "size", lambda t: packed(t.encode() + (b"0" * 999_999 + b"\n") * 60), ".csv.gz"),
    _refused("empty gzip", "empty", lambda t: packed(b""), ".csv.gz"),
]
WHOLE = [
    _read("byte order mark", lambda t: "\ufeff" + t),
    _read("CR LF throughout", lambda t: t.replace("\n", "\r\n")),
    # One empty value more, without a name: nothing is lost.
    _read("comma behind every row", lambda t: t.replace("\n", ",\n").replace(_NAMES + ",", _NAMES, 1)),
    _read("no last line end", lambda t: t.rstrip("\n")),
    _read("blank lines below", lambda t: t + "\n\n\n"),
    _read("blank lines between", lambda t: _line(t, 5, lambda line: f"{line}\n\n")),
    _read("packed", lambda t: packed(t.encode()), ".csv.gz"),
    _read("packed in two members", lambda t: packed(t[:999].encode()) + packed(t[999:].encode()), ".csv.gz"),
    Case("all quoted", ".csv", lambda rows: (as_text(rows, quoting=csv.QUOTE_ALL).encode(), Outcome(rows=rows))),
    Case("header only", ".csv", lambda rows: (as_text([]).encode(), Outcome(blocked=True))),
    _rows("header twice", lambda rows: [*rows, HEADER], bad=HEADER_BREAKS),
    Case("quotes in a bare value", ".csv", _bare_quotes),
    _rows("cut between rows", lambda rows: rows[:19], blocked=True),
    _rows("every row twice", lambda rows: [row for row in rows for _ in range(2)], blocked=True),
    _rows("some rows twice", lambda rows: [*rows, *rows[:50]]),
    _rows("prices in pence", lambda rows: _prices(rows, 100), blocked=True),
    _rows("customers lost", lambda rows: [[*row[:6], "", row[7]] for row in rows], blocked=True),
    _rows("a quarter unreadable", _many_bad, blocked=True),
    _rows("rows shuffled", lambda rows: sorted(rows, key=lambda row: row[::-1])),
]


def _flipped(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


CASES = [*(_value_case(*value) for value in VALUES), *HEADERS, *RECORDS, *FORMS, *WHOLE]
