"""JSON Lines files as broken senders leave them. Belongs here: the cases; their form is in corpus.py."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.shop_under_test import HEADER
from tests.sources.hostile.corpus import Case, Outcome, Rows, packed, refused, with_value

NUMBERS = ("Quantity", "UnitPrice")
# One value of one row: (what, column, as written in JSON, the text it is landed as, rule that must hold it back).
VALUES: list[tuple[str, str, str, str, str | None]] = [
    ("zeros kept", "UnitPrice", "1.10", "1.10", None),
    ("more digits than a double", "UnitPrice", "0.1049999999999999999", "0.1049999999999999999", "UnitPrice:scale"),
    ("five decimals", "UnitPrice", "1.00555", "1.00555", "UnitPrice:scale"),
    ("1e400", "UnitPrice", "1e400", "1e400", "UnitPrice:type"),
    ("exponent", "UnitPrice", "2.5E0", "2.5E0", "UnitPrice:type"),
    ("beyond the type", "UnitPrice", "12345678901234567890.123", "12345678901234567890.123", "UnitPrice:type"),
    ("number as text", "UnitPrice", '"2.55"', "2.55", None),
    ("decimal comma", "UnitPrice", '"2,55"', "2,55", "UnitPrice:type"),
    ("NaN as text", "UnitPrice", '"NaN"', "NaN", "UnitPrice:type"),
    ("null", "UnitPrice", "null", "", "UnitPrice:required"),
    ("empty text", "UnitPrice", '""', "", "UnitPrice:required"),
    ("truth for a number", "UnitPrice", "true", "true", "UnitPrice:type"),
    ("half a unit", "Quantity", "2.5", "2.5", "Quantity:type"),
    ("unit with .0", "Quantity", "6.0", "6.0", "Quantity:type"),
    ("beyond 64 bits", "Quantity", "9" * 5000, "9" * 5000, "Quantity:type"),
    ("full-width digits", "Quantity", '"１２"', "１２", "Quantity:type"),
    ("offset", "InvoiceDate", '"2010-12-01T10:00:00+08:00"', "2010-12-01T10:00:00+08:00", "InvoiceDate:type"),
    ("seconds since 1970", "InvoiceDate", "1291199160", "1291199160", "InvoiceDate:type"),
    ("number for a code", "InvoiceNo", "499999", "499999", None),
    ("list", "Description", '["A",  1.10]', '["A",1.10]', None),
    ("object", "Description", '{"en": {"t": [1e5, null]}}', '{"en":{"t":[1e5,null]}}', None),
    ("list for a number", "Quantity", "[6]", "[6]", "Quantity:type"),
    ("NUL escaped", "Description", '"A\\u0000B"', "A\0B", "Description:characters"),
    ("line break escaped", "Description", '"A\\nB"', "A\nB", "Description:characters"),
    ("pair of surrogates", "Description", '"\\ud83c\\udfee"', "🏮", None),
    ("escaped slash and quote", "Description", '"\\/ \\" \\\\"', '/ " \\', None),
    ("markup", "Description", '"<script>alert(1)</script>"', "<script>alert(1)</script>", None),
    ("nested script", "Description", '["\\u202egnp"]', '["\u202egnp"]', "Description:characters"),
]


def as_lines(rows: Rows) -> list[str]:
    """A JSON object per row; numbers with the digits of the CSV, nothing where there is no value."""
    return [_line(dict(zip(HEADER, row, strict=True))) for row in rows]


def _line(row: dict[str, str]) -> str:
    values = {name: value if name in NUMBERS else json.dumps(value, ensure_ascii=False) for name, value in row.items()}
    return "{" + ", ".join(f'"{name}": {values[name] if row[name] else "null"}' for name in HEADER) + "}"


def _value_case(name: str, column: str, written: str, text: str, rule: str | None) -> Case:
    def make(rows: Rows) -> tuple[bytes, Outcome]:
        changed = with_value(rows, column, "@")
        lines = as_lines(changed)
        lines[3] = lines[3].replace('"@"' if column not in NUMBERS else "@", written)
        changed[3][HEADER.index(column)] = text
        return ("\n".join(lines) + "\n").encode(), Outcome(rows=changed, bad={rule: 1} if rule else {})

    return Case(f"value: {name}", ".jsonl", make)


Lines = Callable[[list[str]], str | bytes]


def _refused(name: str, code: str, damage: Lines, suffix: str = ".jsonl") -> Case:
    def make(rows: Rows) -> tuple[bytes, Outcome]:
        damaged = damage(as_lines(rows))
        return damaged.encode() if isinstance(damaged, str) else damaged, refused(code)

    return Case(name, suffix, make)


def _read(name: str, change: Lines, suffix: str = ".jsonl") -> Case:
    def make(rows: Rows) -> tuple[bytes, Outcome]:
        changed = change(as_lines(rows))
        return changed.encode() if isinstance(changed, str) else changed, Outcome(rows=rows)

    return Case(name, suffix, make)


def _one(change: Callable[[str], str], at: int = 5) -> Lines:
    """All lines, one of them changed."""
    return lambda lines: _all([*lines[:at], change(lines[at]), *lines[at + 1 :]])


def _all(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _reversed_keys(lines: list[str]) -> str:
    return _all([json.dumps(dict(reversed(json.loads(x, parse_float=str, parse_int=str).items()))) for x in lines])


def _without_nulls(lines: list[str]) -> str:
    return _all([x.replace(', "CustomerID": null', "").replace('"Description": null, ', "") for x in lines])


def _twice(rows: Rows) -> tuple[bytes, Outcome]:
    changed = [row for row in rows for _ in range(2)]
    return _all(as_lines(changed)).encode(), Outcome(rows=changed, blocked=True)


KEYS = [
    _refused("unknown key", "header", _one(lambda x: x.replace("{", '{"Channel": "web", ', 1))),
    _refused("renamed key throughout", "header", lambda lines: _all(lines).replace("UnitPrice", "Price")),
    _refused("key in other case", "header", _one(lambda x: x.replace("UnitPrice", "unitprice"))),
    _refused("key twice, same value", "header", _one(lambda x: x.replace("{", '{"Country": "France", ', 1))),
    _refused(
        "nested key twice", "header", _one(lambda x: x.replace('"InvoiceNo": ', '"InvoiceNo": {"a":1,"a":2}, "X": '))
    ),
    _refused("key escaped twice", "header", _one(lambda x: x.replace("{", '{"Countr\\u0079": "France", ', 1))),
    _refused("empty key", "header", _one(lambda x: x.replace("{", '{"": 1, ', 1))),
    _refused("meta key of ours", "header", _one(lambda x: x.replace("{", '{"_delivery_id": "x", ', 1))),
    _refused("key with NUL escaped", "header", _one(lambda x: x.replace("{", '{"a\\u0000": 1, ', 1))),
    _refused(
        "thousands of keys", "header", _one(lambda x: "{" + ", ".join(f'"k{n}": {n}' for n in range(20_000)) + "}")
    ),
    _refused("half a surrogate as key", "header", _one(lambda x: x.replace("{", '{"\\udead": 1, ', 1))),
    _refused("rows under a key", "header", lambda lines: '{"rows": [' + ",".join(lines) + "]}\n"),
]
SYNTAX = [
    _refused("a list of all", "json", lambda lines: "[" + ",".join(lines) + "]"),
    _refused("pretty-printed", "json", lambda lines: json.dumps([json.loads(x) for x in lines], indent=1)),
    _refused("comma behind lines", "json", lambda lines: ",\n".join(lines)),
    _refused("last line cut", "json", lambda lines: _all(lines)[:-30]),
    _refused("line cut in the middle", "json", _one(lambda x: x[:60])),
    _refused("line broken in two", "json", _one(lambda x: x[:60] + "\n" + x[60:])),
    _refused("two objects in a line", "json", _one(lambda x: x + " " + x)),
    _refused(
        "lists instead of objects",
        "json",
        lambda lines: _all([json.dumps(list(json.loads(x).values())) for x in lines]),
    ),
    _refused("bare NaN", "json", _one(lambda x: x.replace('"Quantity": ', '"Quantity": NaN, "q": '))),
    _refused("bare Infinity", "json", _one(lambda x: x.replace('"Quantity": ', '"Quantity": -Infinity, "q": '))),
    _refused("Python's None", "json", _one(lambda x: x.replace('"Quantity": ', '"Quantity": None, "q": '))),
    _refused("single quotes", "json", _one(lambda x: x.replace('"', "'"))),
    _refused("bad escape", "json", _one(lambda x: x.replace('"Description": "', '"Description": "\\x41'))),
    _refused("cut escape", "json", _one(lambda x: x.replace('"Description": "', '"Description": "\\u12'))),
    _refused("raw tab in a text", "json", _one(lambda x: x.replace('"Description": "', '"Description": "\t'))),
    _refused("comma at the end", "json", _one(lambda x: x.replace("}", ",}"))),
    _refused("comment", "json", _one(lambda x: x + " // checked")),
    _refused("merge conflict", "json", _one(lambda x: f"<<<<<<< HEAD\n{x}\n=======\n{x}\n>>>>>>> b")),
    _refused("an error page", "json", lambda lines: "<html><body>502 Bad Gateway</body></html>\n"),
    _refused("CSV inside", "json", lambda lines: ",".join(HEADER) + "\n1,2,3,4,5,6,7,8\n"),
    _refused("lone CR as line end", "json", lambda lines: "\r".join(lines)),
    _refused("full-width quotes", "json", _one(lambda x: x.replace('"', "＂"))),
    _refused("blank line between", "records", _one(lambda x: x + "\n")),
    _refused("blank lines below", "records", lambda lines: _all(lines) + "\n\n"),
    _refused("nested too deep", "limits", _one(lambda x: '{"Description": ' + "[" * 33 + "]" * 33 + "}")),
    _refused("nested past all stacks", "limits", _one(lambda x: '{"Description": ' + "[" * 200_000)),
    _refused(
        "line of 3 MB", "limits", _one(lambda x: x.replace('"Description": "', '"Description": "' + "x" * 3_000_000))
    ),
]
FORMS = [
    _refused("nothing", "empty", lambda lines: b""),
    _refused("half a surrogate", "encoding", _one(lambda x: x.replace('"Description": "', '"Description": "\\ud800'))),
    _refused(
        "surrogates swapped",
        "encoding",
        _one(lambda x: x.replace('"Description": "', '"Description": "\\udfee\\ud83c')),
    ),
    _refused("latin-1", "encoding", lambda lines: _all([*lines, lines[0].replace("}", ', "é": 1}')]).encode("latin-1")),
    _refused("UTF-16", "control", lambda lines: _all(lines).encode("utf-16")),
    _refused("UTF-32", "control", lambda lines: _all(lines).encode("utf-32")),
    _refused("NUL", "control", _one(lambda x: x + "\0")),
    _refused("gzip named jsonl", "compression", lambda lines: packed(_all(lines).encode())),
    _refused("jsonl named gz", "compression", lambda lines: _all(lines), ".jsonl.gz"),
    _refused("gzip cut", "compression", lambda lines: packed(_all(lines).encode())[:-20], ".jsonl.gz"),
    _refused(
        "gzip with a wrong sum", "compression", lambda lines: packed(_all(lines).encode())[:-8] + b"\1" * 8, ".jsonl.gz"
    ),
    _refused(
        "garbage behind gzip", "compression", lambda lines: packed(_all(lines).encode()) + b"garbage", ".jsonl.gz"
    ),
    _refused("bomb", "size", lambda lines: packed((b'{"Country": "' + b"x" * 999_000 + b'"}\n') * 60), ".jsonl.gz"),
    _read("packed", lambda lines: packed(_all(lines).encode()), ".jsonl.gz"),
    _read(
        "packed in two members",
        lambda lines: packed(_all(lines)[:99].encode()) + packed(_all(lines)[99:].encode()),
        ".jsonl.gz",
    ),
    _read("zeros behind gzip", lambda lines: packed(_all(lines).encode()) + b"\0" * 512, ".jsonl.gz"),
    _read("byte order mark", lambda lines: "\ufeff" + _all(lines)),
    _read("CR LF", lambda lines: _all(lines).replace("\n", "\r\n")),
    _read("mixed line ends", lambda lines: _all(lines).replace("\n", "\r\n", 9)),
    _read("no last line end", lambda lines: _all(lines)[:-1]),
    _read("keys reversed, all texts", _reversed_keys),
    _read("nulls left out", _without_nulls),
    _read("blanks around", lambda lines: _all([f" \t{x.replace(':', ' : ', 1)} " for x in lines])),
    Case("every row twice", ".jsonl", _twice),
]

CASES = [*(_value_case(*value) for value in VALUES), *KEYS, *SYNTAX, *FORMS]
