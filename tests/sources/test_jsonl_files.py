"""JSON Lines: each line as the standard library's decoder and an exact decimal read it, or the file refused whole."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources import jsonl_files
from pipelines.sources.files import FileToLand, RefusedFile
from pipelines.sources.jsonl_files import land_jsonl

COLUMNS = ("a", "b")


def land(folder: Path, contents: dict[str, bytes]) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    staging = folder / "staging"
    staging.mkdir(exist_ok=True)
    files = []
    for seq, (name, content) in enumerate(contents.items(), 1):
        (folder / name).write_bytes(content)
        files.append(FileToLand(folder / name, name, "2011-03-07", seq, folder / "raw" / f"{name}.parquet"))
    found = land_jsonl(files, COLUMNS, staging=staging)
    assert list(staging.iterdir()) == []
    return found


def rows(folder: Path, name: str) -> list[tuple[Any, ...]]:
    path = str(folder / "raw" / f"{name}.parquet")
    return duckdb.execute("select a, b, _row_number from read_parquet(?) order by 3", [path]).fetchall()


GOOD = b'{"a": 1, "b": "x"}\n'
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "empty", "empty"),
    "a blank line only": (b"\n", "records", "line 1"),
    "a blank line between": (GOOD + b"\n" + GOOD, "records", "line 2 is blank"),
    "two line ends at the end": (GOOD + b"\n", "records", "line 2 is blank"),
    "unknown key": (GOOD + b'{"a": 1, "c": 2}\n', "header", "line 2: key differs from the contract: unknown c"),
    "wrong case": (b'{"A": 1, "b": 2}\n', "header", "the contract writes a"),
    "key twice": (b'{"a": 1, "a": 1}\n', "header", "stands twice: a"),
    "nested key twice": (b'{"a": {"x": 1, "x": 2}}\n', "header", "stands twice: x"),
    "cut line": (GOOD + b'{"a": 1, "b', "json", "line 2"),
    "two objects in a line": (b'{"a": 1}{"a": 2}\n', "json", "more text"),
    "trailing comma": (b'{"a": 1,}\n', "json", "line 1"),
    "a list of objects": (b'[{"a": 1}, {"a": 2}]\n', "json", "holds a list"),
    "a list of pairs": (b'[["a", 1], ["b", 2]]\n', "json", "holds a list"),
    "a pretty-printed list": (b'[\n{"a": 1},\n{"a": 2}\n]\n', "json", "line 1"),
    "a number": (b"12\n", "json", "single value"),
    "a text": (b'"ab"\n', "json", "single value"),
    "null": (b"null\n", "json", "single value"),
    "NaN": (b'{"a": NaN}\n', "json", "NaN is no JSON number"),
    "Infinity": (b'{"a": -Infinity}\n', "json", "-Infinity"),
    "leading zero": (b'{"a": 012}\n', "json", "line 1"),
    "plus sign": (b'{"a": +1}\n', "json", "line 1"),
    "single quotes": (b"{'a': 1}\n", "json", "line 1"),
    "comment": (b'{"a": 1} // x\n', "json", "more text"),
    "bad escape": (b'{"a": "\\x"}\n', "json", "escape"),
    "raw control character": (b'{"a": "\x01"}\n', "json", "control"),
    "NUL byte": (GOOD + b'{"a": "\x00"}\n', "control", "line 2"),
    "lone surrogate": (GOOD + b'{"a": "\\ud800"}\n', "encoding", "line 2"),
    "lone surrogate in a key": (b'{"\\ud800": 1}\n', "header", "ud800"),
    "lone surrogate, nested": (b'{"a": ["\\udc00"]}\n', "encoding", "line 1"),
    "latin-1": (GOOD + '{"a": "caf\xe9"}\n'.encode("latin-1"), "encoding", "line 2"),
    "UTF-16": ('{"a": 1}\n'.encode("utf-16"), "control", "NUL"),
    "too deep": (b'{"a": ' + b"[" * 33 + b"]" * 33 + b"}\n", "limits", "32"),
    "far too deep": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "limits", "32"),
    "long line": (b'{"a": "' + b"x" * 2_000_001 + b'"}\n', "limits", "longer"),
    "gzip named jsonl": (gzip.compress(GOOD), "compression", "gzip"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_cannot_be_read_whole_is_refused_whole(tmp_path: Path, what: str) -> None:
    content, code, said = REFUSED[what]
    landed, refused = land(tmp_path, {"x.jsonl": content, "good.jsonl": GOOD})
    assert landed == {"good.jsonl": 1}
    assert (refused["x.jsonl"].code, said in str(refused["x.jsonl"])) == (code, True), str(refused["x.jsonl"])
    str(refused["x.jsonl"]).encode()  # the ledger keeps it
    assert not (tmp_path / "raw" / "x.jsonl.parquet").exists()


READ: dict[str, tuple[bytes, list[tuple[str | None, str | None]]]] = {
    "numbers as written": (b'{"a": 1.10, "b": 12345678901234567890.123}\n', [("1.10", "12345678901234567890.123")]),
    "no rounding": (b'{"a": 0.1049999999999999999, "b": 1e400}\n', [("0.1049999999999999999", "1e400")]),
    "truth values": (b'{"a": true, "b": false}\n', [("true", "false")]),
    "nothing": (b'{"a": null, "b": ""}\n{"b": "x"}\n{}\n', [(None, None), (None, "x"), (None, None)]),
    "other order": (b'{"b": "x", "a": "y"}\n', [("y", "x")]),
    "nested": (
        b'{"a": {"k": [1.10, "1.10", null, true]}, "b": []}\n',
        [('{"k":[1.10,"1.10",null,true]}', "[]")],
    ),
    "empty object": (b'{"a": {}, "b": [{}]}\n', [("{}", "[{}]")]),
    "escapes": (b'{"a": "\\u00e9\\n\\ud83d\\ude00", "b": "\\u0000"}\n', [("é\n😀", "\0")]),
    "a line separator is no line end": ('{"a": "x\u2028y"}\n'.encode(), [("x\u2028y", None)]),
    "CR LF and blanks": (b' {"a": 1} \r\n\t{"a": 2}\n', [("1", None), ("2", None)]),
    "no last line end": (b'{"a": 1}\n{"a": 2}', [("1", None), ("2", None)]),
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}\n', [("1", None)]),
}


@pytest.mark.parametrize("what", READ)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_values_are_landed_as_their_text(tmp_path: Path, what: str, packed: bool) -> None:
    content, expected = READ[what]
    name = "x.jsonl.gz" if packed else "x.jsonl"
    assert land(tmp_path, {name: gzip.compress(content) if packed else content}) == ({name: len(expected)}, {})
    assert rows(tmp_path, name) == [(*row, number) for number, row in enumerate(expected, 1)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (GOOD, "compression"),
        (gzip.compress(GOOD * 50)[:-6], "compression"),
        (gzip.compress(GOOD * 50) + b"garbage", "compression"),
        (gzip.compress(b"x" * 10_000_000), "size"),
    ],
    ids=["not gzip", "cut short", "garbage behind", "bomb"],
)
def test_a_damaged_gzip_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    _, refused = land(tmp_path, {"x.jsonl.gz": content})
    assert refused["x.jsonl.gz"].code == code


def test_lines_across_pieces_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of the pieces in which a file is read."""
    lines = [{"a": f"é{number}" * (number % 7), "b": number} for number in range(100)]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    expected = [(str(line["a"]) or None, str(line["b"]), number) for number, line in enumerate(lines, 1)]
    for size in (1, 7, 64, 1 << 20):
        monkeypatch.setattr("pipelines.sources.files.PIECE", size)
        assert land(tmp_path, {"x.jsonl": content}) == ({"x.jsonl": 100}, {})
        assert rows(tmp_path, "x.jsonl") == expected


def test_many_shapes_of_lines_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl_files, "MAX_SHAPES", 1)
    content = b'{"a": 1, "b": 2}\n{"b": 3, "a": 4}\n{"b": 5}\n{"a": 6}\n{"b": 7, "a": 8}\n'
    land(tmp_path, {"x.jsonl": content})
    assert [row[:2] for row in rows(tmp_path, "x.jsonl")] == [
        ("1", "2"),
        ("4", "3"),
        (None, "5"),
        ("6", None),
        ("8", "7"),
    ]


def test_a_record_that_is_lost_on_the_way_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = jsonl_files._lines
    monkeypatch.setattr(jsonl_files, "_lines", lambda content, before: real(content, before)[:-1] or ["{}"])
    _, refused = land(tmp_path, {"x.jsonl": GOOD * 3})
    assert refused["x.jsonl"].code == "records"


texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=10)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)


def read_back(text: str | None, value: Any) -> Any:
    """The value that a landed text stands for, judged by the kind of the value that was written."""
    if text is None or isinstance(value, str):
        return text
    return json.loads(text, parse_float=Decimal)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.fixed_dictionaries({}, optional={"a": values, "b": values}), min_size=1, max_size=8), st.booleans())
def test_every_value_is_landed_as_delivered(
    tmp_path_factory: pytest.TempPathFactory, table: list[dict[str, Any]], is_ascii: bool
) -> None:
    folder = tmp_path_factory.mktemp("jsonl")
    content = "\n".join(json.dumps(line, ensure_ascii=is_ascii) for line in table).encode()
    assert land(folder, {"x.jsonl": content}) == ({"x.jsonl": len(table)}, {})
    exact = [json.loads(json.dumps(line), parse_float=Decimal) for line in table]
    found = [
        tuple(read_back(text, line.get(name)) for name, text in zip(COLUMNS, row, strict=False))
        for row, line in zip(rows(folder, "x.jsonl"), exact, strict=True)
    ]
    assert found == [tuple(None if line.get(name) == "" else line.get(name) for name in COLUMNS) for line in exact]
