"""Parquet: exact text of every type that may stand for the contract's, or the file refused whole."""

import datetime as dt
import decimal
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts.contract import Column
from pipelines.contracts.parse import type_regex
from pipelines.sources import parquet_files
from pipelines.sources.files import FileToLand, RefusedFile, TooLittleMemory
from pipelines.sources.parquet_files import land_parquet


def column(name: str, sql_type: str, form: str | None = None) -> Column:
    return Column(name, sql_type, "", False, "none", format=form, has_offset=bool(form and "XXX" in form))


def land(folder: Path, columns: list[Column]) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    """Land the file x.parquet of the folder."""
    staging = folder / "staging"
    staging.mkdir(exist_ok=True)
    file = FileToLand(folder / "x.parquet", "x", "2011-03-07", 1, folder / "raw" / "x.parquet")
    found = land_parquet([file], columns, staging=staging, memory_limit="500MB", threads=1)
    assert list(staging.iterdir()) == []
    return found


def landed_texts(folder: Path, array: pa.Array, wanted: Column) -> list[str | None]:
    pq.write_table(pa.table({wanted.name: array}), folder / "x.parquet")
    assert land(folder, [wanted]) == ({"x": len(array)}, {})
    path = str(folder / "raw" / "x.parquet")
    return [
        row[0]
        for row in duckdb.execute(
            f'select "{wanted.name}" from read_parquet(?) order by _row_number', [path]
        ).fetchall()
    ]


def refusal(folder: Path, table: pa.Table, columns: list[Column]) -> RefusedFile:
    pq.write_table(table, folder / "x.parquet")
    landed, refused = land(folder, columns)
    assert landed == {} and not (folder / "raw" / "x.parquet").exists()
    return refused["x"]


NOON = dt.datetime(2011, 3, 7, 12, 0, 0)
PLAIN, MILLIS, OFFSET = "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ssXXX"
FITS: dict[str, tuple[pa.Array, Column, list[str | None]]] = {
    "text": (pa.array(["é", "", None, "a\0b"]), column("a", "VARCHAR"), ["é", None, None, "a\0b"]),
    "text for a number": (pa.array(["1.10"]), column("a", "DECIMAL(18,2)"), ["1.10"]),
    "dictionary": (pa.array(["x", "y", "x"]).dictionary_encode(), column("a", "VARCHAR"), ["x", "y", "x"]),
    "decimal": (pa.array([Decimal("1.10"), None], pa.decimal128(18, 2)), column("a", "DECIMAL(18,4)"), ["1.10", None]),
    "zeros of the scale": (
        pa.array([Decimal("1.1000"), Decimal("1.1050"), Decimal("100.0000")], pa.decimal128(18, 4)),
        column("a", "DECIMAL(18,2)"),
        ["1.10", "1.1050", "100.00"],
    ),
    "whole decimal": (pa.array([Decimal("20.00")], pa.decimal128(18, 2)), column("a", "INTEGER"), ["20"]),
    "long decimal": (
        pa.array([Decimal("12345678901234567890123456789.123456789")], pa.decimal128(38, 9)),
        column("a", "DECIMAL(38,9)"),
        ["12345678901234567890123456789.123456789"],
    ),
    "integers": (pa.array([2**64 - 1], pa.uint64()), column("a", "DECIMAL(38,0)"), ["18446744073709551615"]),
    "identifier": (pa.array([17850], pa.int32()), column("a", "VARCHAR"), ["17850"]),
    "double": (pa.array([0.1, 1e22, -0.0]), column("a", "DOUBLE"), ["0.1", "1e+22", "-0.0"]),
    "truth": (pa.array([True, False]), column("a", "BOOLEAN"), ["true", "false"]),
    "day": (pa.array([NOON.date()]), column("a", "DATE"), ["2011-03-07"]),
    "time": (pa.array([NOON], pa.timestamp("ms")), column("a", "TIMESTAMP", PLAIN), ["2011-03-07 12:00:00"]),
    "time with millis": (
        pa.array([NOON, NOON.replace(microsecond=5000)], pa.timestamp("us")),
        column("a", "TIMESTAMP", MILLIS),
        ["2011-03-07 12:00:00.000", "2011-03-07 12:00:00.005"],
    ),
    "more digits than the format": (
        pa.array([NOON.replace(microsecond=7)], pa.timestamp("us")),
        column("a", "TIMESTAMP", PLAIN),
        ["2011-03-07 12:00:00.000007"],
    ),
    "nanoseconds": (
        pa.array([1_299_499_200_000_000_001], pa.timestamp("ns")),
        column("a", "TIMESTAMP", PLAIN),
        ["2011-03-07 12:00:00.000000001"],
    ),
    "time of a zone": (
        pa.array([NOON], pa.timestamp("us", "Asia/Shanghai")),
        column("a", "TIMESTAMP", OFFSET),
        ["2011-03-07T12:00:00+00:00"],
    ),
    "only nulls": (pa.nulls(2), column("a", "INTEGER"), [None, None]),
}


@pytest.mark.parametrize("what", FITS)
def test_values_are_landed_as_exact_text(tmp_path: Path, what: str) -> None:
    array, wanted, texts = FITS[what]
    assert landed_texts(tmp_path, array, wanted) == texts


WRONG: dict[str, tuple[pa.Array, Column]] = {
    "money as a double": (pa.array([0.105]), column("a", "DECIMAL(18,2)")),
    "count as a double": (pa.array([1.0, None]), column("a", "INTEGER")),
    "identifier as a double": (pa.array([17850.0, None]), column("a", "VARCHAR")),
    "bytes": (pa.array([b"x"]), column("a", "VARCHAR")),
    "list": (pa.array([[1]]), column("a", "VARCHAR")),
    "struct": (pa.array([{"a": 1}]), column("a", "VARCHAR")),
    "wide decimal": (pa.array([Decimal("1.1")], pa.decimal256(50, 2)), column("a", "DOUBLE")),
    "instant for a local time": (pa.array([NOON], pa.timestamp("us", "UTC")), column("a", "TIMESTAMP", PLAIN)),
    "local time for an instant": (pa.array([NOON], pa.timestamp("us")), column("a", "TIMESTAMP", OFFSET)),
    "time for a day": (pa.array([NOON]), column("a", "DATE")),
    "number for truth": (pa.array([1]), column("a", "BOOLEAN")),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_type_that_cannot_stand_for_the_contracts_is_refused(tmp_path: Path, what: str) -> None:
    array, wanted = WRONG[what]
    reason = refusal(tmp_path, pa.table({"a": array}), [wanted])
    assert reason.code == "types" and "column a" in str(reason) and wanted.sql_type in str(reason)


def test_old_timestamps_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([NOON])}), tmp_path / "x.parquet", use_deprecated_int96_timestamps=True)
    assert land(tmp_path, [column("a", "TIMESTAMP", PLAIN)])[1]["x"].code == "types"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a"], "missing b"),
        (["a", "b", "c"], "unknown c"),
        (["a", "B"], "the contract writes b"),
        (["a", "b", "b"], "stands twice: b"),
        (["a", "b", "A"], "unknown A"),
    ],
    ids=str,
)
def test_columns_that_are_not_the_contracts_are_refused(tmp_path: Path, names: list[str], said: str) -> None:
    table = pa.table([pa.array(["x"])] * len(names), names=names)
    reason = refusal(tmp_path, table, [column("a", "VARCHAR"), column("b", "VARCHAR")])
    assert reason.code == "header" and said in str(reason)


def test_the_order_of_columns_is_free_and_folders_are_no_columns(tmp_path: Path) -> None:
    folder = tmp_path / "b=9" / "it's *[1]"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"b": ["2"], "a": ["1"]}), folder / "x.parquet")
    assert land(folder, [column("a", "VARCHAR"), column("b", "VARCHAR")]) == ({"x": 1}, {})
    file = str(folder / "raw" / "x.parquet").replace("*", "[*]").replace("[1]", "[[]1]")
    assert duckdb.execute("select a, b from read_parquet(?, hive_partitioning = false)", [file]).fetchall() == [
        ("1", "2")
    ]


def test_a_file_of_no_rows_is_a_file(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.string())}), tmp_path / "x.parquet")
    assert land(tmp_path, [column("a", "VARCHAR")]) == ({"x": 0}, {})


def test_rows_beyond_the_size_of_the_file_are_refused(tmp_path: Path) -> None:
    duckdb.execute(
        "copy (select 'x' as a from range(5000000)) to ? (row_group_size 5000000)", [str(tmp_path / "x.parquet")]
    )
    assert land(tmp_path, [column("a", "VARCHAR")])[1]["x"].code == "size"


def test_text_beyond_the_size_of_the_file_is_refused(tmp_path: Path) -> None:
    """One long value, named by many rows."""
    array = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000), pa.array(["x" * 10_000]))
    assert refusal(tmp_path, pa.table({"a": array}), [column("a", "VARCHAR")]).code == "size"


DAMAGED = {
    "empty": (lambda content: b"", "empty"),
    "only the magic": (lambda content: b"PAR1PAR1", "parquet"),
    "no magic at the end": (lambda content: content[:-1], "parquet"),
    "half the file": (lambda content: content[: len(content) // 2] + content[-8:], "parquet"),
    "not the beginning": (lambda content: b"XXXX" + content[4:], "parquet"),
    "encrypted": (lambda content: b"PARE" + content[4:-4] + b"PARE", "parquet"),
    "footer longer than the file": (lambda content: content[:-8] + b"\xff\xff\xff\x7fPAR1", "parquet"),
    "footer of nothing": (lambda content: content[:-8] + b"\0\0\0\0PAR1", "parquet"),
    "a footer of noise": (lambda content: content[:-40] + b"\xa5" * 32 + content[-8:], "parquet"),
    "CSV": (lambda content: b"a\nx\n", "parquet"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused(tmp_path: Path, what: str) -> None:
    damage, code = DAMAGED[what]
    pq.write_table(pa.table({"a": ["x", "y"]}), tmp_path / "x.parquet")
    (tmp_path / "x.parquet").write_bytes(damage((tmp_path / "x.parquet").read_bytes()))
    assert land(tmp_path, [column("a", "VARCHAR")])[1]["x"].code == code


# The gate's own pattern judges: what a decimal or time became must be a text that the gate takes, of the same value.
@settings(deadline=None, max_examples=40)
@given(st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1, max_size=20))
def test_decimals_keep_their_value(tmp_path_factory: pytest.TempPathFactory, found: list[Decimal]) -> None:
    wanted = column("a", "DECIMAL(18,4)")
    with decimal.localcontext(prec=40):
        texts = landed_texts(tmp_path_factory.mktemp("p"), pa.array(found, pa.decimal128(30, 10)), wanted)
    assert [Decimal(str(text)) for text in texts] == found
    check_pattern(texts, wanted)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.lists(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)), min_size=1, max_size=20))
def test_times_keep_their_value(tmp_path_factory: pytest.TempPathFactory, found: list[dt.datetime]) -> None:
    wanted = column("a", "TIMESTAMP", "yyyy-MM-dd HH:mm:ss.SSSSSSXXX")
    array = pa.array(found, pa.timestamp("us", "Asia/Shanghai"))
    texts = landed_texts(tmp_path_factory.mktemp("p"), array, wanted)
    assert [dt.datetime.fromisoformat(str(text)).replace(tzinfo=None) for text in texts] == found
    check_pattern(texts, wanted)


def check_pattern(texts: list[Any], wanted: Column) -> None:
    pattern = str(type_regex(wanted))
    assert all(
        duckdb.execute("select regexp_full_match(?, ?)", [text, pattern]).fetchall() == [(True,)] for text in texts
    )


NAMES = ["b[1]", "b1", "c*?", "d'e", "é 漢", "-f%20{g}"]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["right", "other types", "no rows", "cut", "gone", "text", "bomb", "unknown column"]),
                min_size=len(NAMES), max_size=len(NAMES)))  # fmt: skip
def test_files_read_together_are_read_as_each_alone(tmp_path_factory: pytest.TempPathFactory, kinds: list[str]) -> None:
    """Whatever stands beside it, a file is landed or refused as it is when nothing does."""
    folder = tmp_path_factory.mktemp("together")
    for name, kind in zip(NAMES, kinds, strict=True):
        write_as(folder / f"{name}.parquet", kind)
    wanted = [column("a", "DECIMAL(18,2)"), column("b", "VARCHAR")]

    def landed(names: list[str], where: str) -> tuple[dict[str, int], dict[str, str], dict[str, list[Any]]]:
        (staging := folder / where / "staging").mkdir(parents=True)
        files = [
            FileToLand(folder / f"{n}.parquet", n, "2011-03-07", 1, folder / where / f"{n}.parquet") for n in names
        ]
        rows, refused = land_parquet(files, wanted, staging=staging, memory_limit="500MB", threads=2)
        assert not list(staging.iterdir())
        content = {n: pq.read_table(folder / where / f"{n}.parquet").to_pylist() for n in rows}
        return rows, {n: f"{reason.code}: {reason}" for n, reason in refused.items()}, content

    together = landed(NAMES, "together")
    alone = [landed([name], f"alone_{number}") for number, name in enumerate(NAMES)]
    for part in range(3):
        assert together[part] == {n: told for one in alone for n, told in one[part].items()}
    assert set(together[0]) == {
        n for n, k in zip(NAMES, kinds, strict=True) if k in ("right", "other types", "no rows")
    }


def write_as(path: Path, kind: str) -> None:
    a: list[Any] = ["1.10", "2", None] if kind == "other types" else [Decimal("1.10"), Decimal("2.00"), None]
    rows: dict[str, Any] = {"a": a, "b": ["x", None, "z"]}
    if kind == "unknown column":
        rows["c"] = a
    if kind == "gone":
        return
    if kind == "bomb":
        texts = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000), pa.array(["x" * 10_000]))
        rows = {"a": [Decimal("1.10")] * 20_000, "b": texts}
    if kind == "text":
        path.write_text("a,b\n1,2\n")
        return
    pq.write_table(pa.table(rows).slice(0, 0) if kind == "no rows" else pa.table(rows), path)
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:200] + path.read_bytes()[300:])


@pytest.mark.slow
def test_rows_stand_in_the_order_of_their_file(tmp_path: Path) -> None:
    """Though several threads read and write many row groups."""
    path, target = tmp_path / "x.parquet", tmp_path / "raw" / "x.parquet"
    numbers = "select range::varchar as a from range(700000)"
    duckdb.execute(f"copy ({numbers}) to ? (format parquet, row_group_size 20000)", [str(path)])
    (tmp_path / "staging").mkdir()
    file = FileToLand(path, "x", "2011-03-07", 1, target)
    for threads in (1, 4):
        land_parquet(
            [file], [column("a", "VARCHAR")], staging=tmp_path / "staging", memory_limit="1GB", threads=threads
        )
        out_of_place = duckdb.execute(
            "select count(*) from read_parquet(?, file_row_number = true) "
            "where _row_number <> file_row_number + 1 or a::bigint <> file_row_number",
            [str(target)],
        ).fetchone()
        assert out_of_place == (0,)


@pytest.mark.parametrize("step", ["check_ends", "found_columns", "_read", "_check_rows", "_check_content", "_write"])
def test_a_file_that_is_taken_away_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        pq.write_table(pa.table({"a": ["x"]}), tmp_path / f"{name}.parquet")
    (tmp_path / "staging").mkdir()
    real = getattr(parquet_files, step)

    def taken_away_before(*arguments: Any, **named: Any) -> Any:
        (tmp_path / "c.parquet").unlink(missing_ok=True)
        return real(*arguments, **named)

    monkeypatch.setattr(parquet_files, step, taken_away_before)
    files = [FileToLand(tmp_path / f"{n}.parquet", n, "2011-03-07", 1, tmp_path / "raw" / n) for n in names]
    landed, refused = land_parquet(
        files, [column("a", "VARCHAR")], staging=tmp_path / "staging", memory_limit="500MB", threads=1
    )
    assert landed == dict.fromkeys("abde", 1)
    assert {name: reason.code for name, reason in refused.items()} == {"c": "unreadable"}


@pytest.mark.slow
def test_too_little_memory_is_no_fault_of_the_file(tmp_path: Path) -> None:
    wide = ", ".join(f"md5(({n} + range)::varchar) || '-{n}' as c{n}" for n in range(16))
    duckdb.execute(f"copy (select {wide} from range(400000)) to ? (format parquet)", [str(tmp_path / "x.parquet")])
    (tmp_path / "staging").mkdir()
    file = FileToLand(tmp_path / "x.parquet", "x", "2011-03-07", 1, tmp_path / "raw" / "x.parquet")
    columns = [column(f"c{n}", "VARCHAR") for n in range(16)]
    with pytest.raises(
        TooLittleMemory, match=r"x\.parquet: 60MB of memory are too few to read it: raise ALMANAC_MEMORY"
    ):
        land_parquet([file], columns, staging=tmp_path / "staging", memory_limit="60MB", threads=2)
    assert not (tmp_path / "raw").exists()
