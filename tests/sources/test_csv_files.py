import csv
import gzip
import io
import zipfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.csv_files import CsvForm, inspect_csv, land_csv
from pipelines.sources.files import FileToLand, RefusedFile, TooLittleMemory

FORM = CsvForm(("a", "b"))


def land(folder: Path, contents: dict[str, bytes]) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    staging = folder / "staging"
    staging.mkdir(exist_ok=True)
    files = []
    for seq, (name, content) in enumerate(contents.items(), 1):
        path = folder / name
        path.write_bytes(content)
        files.append(FileToLand(path, name, "2011-03-07", seq, folder / "raw" / f"{name}.parquet"))
    return land_csv(files, FORM, staging=staging, memory_limit="500MB", threads=1)


def rows(folder: Path, name: str) -> list[tuple[object, ...]]:
    path = str(folder / "raw" / f"{name}.parquet")
    return duckdb.execute("select a, b, _row_number from read_parquet(?) order by 3", [path]).fetchall()


REFUSED = {
    "empty": (b"", "empty"),
    "blank": (b"\n\n  \n", "empty"),
    "no header": (b"1,2\n3,4\n", "header"),
    "renamed column": (b"a,c\n1,2\n", "header"),
    "extra column": (b"a,b,c\n1,2,3\n", "header"),
    "other order": (b"b,a\n1,2\n", "header"),
    "other delimiter": (b"a;b\n1;2\n", "header"),
    "short row": (b"a,b\n1,2\n3\n", "records"),
    "long row": (b"a,b\n1,2\n3,4,5\n", "records"),
    "merge conflict": (b"a,b\n<<<<<<< HEAD\n1,2\n=======\n1,3\n>>>>>>> x\n", "records"),
    "open quote": (b'a,b\n1,"2\n3,4\n', "quotes"),
    "text behind a quote": (b'a,b\n1,"2"x\n3,4\n', "records"),
    "NUL byte": (b"a,b\n1,\x002\n", "control"),
    "latin-1": ("a,b\n1,caf\xe9\n".encode("latin-1"), "encoding"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "control"),
    "mixed line ends": (b"a,b\r\n1,2\n3,4\r\n", "line_ends"),
    "gzip named csv": (gzip.compress(b"a,b\n1,2\n"), "compression"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_cannot_be_read_whole_is_refused_whole(tmp_path: Path, what: str) -> None:
    content, code = REFUSED[what]
    landed, refused = land(tmp_path, {"x.csv": content})
    assert landed == {}
    assert refused["x.csv"].code == code
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\n1,2\n", "compression"),
        (gzip.compress(b"a,b\n1,2\n" * 50)[:-6], "compression"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000), "size"),
    ],
    ids=["not gzip", "cut short", "bomb"],
)
def test_a_damaged_gzip_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    _, refused = land(tmp_path, {"x.csv.gz": content})
    assert refused["x.csv.gz"].code == code


def test_a_bad_file_spoils_no_other(tmp_path: Path) -> None:
    landed, refused = land(
        tmp_path, {"good.csv": b"a,b\n1,2\n", "bad.csv": b"a,b\n1\n", "also.csv.gz": gzip.compress(b"a,b\n3,4\n5,6\n")}
    )
    assert landed == {"good.csv": 1, "also.csv.gz": 2}
    assert list(refused) == ["bad.csv"]
    assert rows(tmp_path, "also.csv.gz") == [("3", "4", 1), ("5", "6", 2)]


@pytest.mark.parametrize(
    "content",
    [b"a,b\n", b"a,b", b"\xef\xbb\xbfa,b\r\n", b'"a","b"\n'],
    ids=["header only", "no line end", "byte order mark", "quoted header"],
)
def test_a_header_alone_is_a_file_of_no_rows(tmp_path: Path, content: bytes) -> None:
    assert land(tmp_path, {"x.csv": content}) == ({"x.csv": 0}, {})


def test_the_header_error_says_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,c\n")
    with pytest.raises(RefusedFile, match="missing b; unknown c"):
        inspect_csv(path, FORM)


def test_what_may_be_data_and_no_header_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("C0000001,陈芳,fang@planted.example\n".encode())
    with pytest.raises(RefusedFile) as told:
        inspect_csv(path, FORM)
    assert str(told.value) == (
        "header differs from the contract: missing a, b (the first line is not shown: it may hold data)"
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CR LF"])
@pytest.mark.parametrize("size", [1, 3, 7, 64, 1 << 20])
def test_records_across_pieces_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, line_end: str
) -> None:
    """Whatever the size of the pieces in which a file is read."""
    text = io.StringIO(newline="")
    table = [(f"é{n}", ['say "no",\nno' * (n % 3), "", '"', "\n\n"][n % 4]) for n in range(40)]
    csv.writer(text, lineterminator=line_end).writerows([("a", "b"), *table])
    monkeypatch.setattr("pipelines.sources.files.PIECE", size)
    assert land(tmp_path, {"x.csv": text.getvalue().encode()}) == ({"x.csv": 40}, {})
    assert rows(tmp_path, "x.csv") == [(a, b or None, n) for n, (a, b) in enumerate(table, 1)]
    for damage, code in (
        ('"', "quotes"),
        ("x\0", "control"),
        ("1,2\n3,4\r\n", "line_ends"),
        (f"1{line_end}", "records"),
    ):
        _, refused = land(tmp_path, {"x.csv": (text.getvalue() + damage).encode()})
        assert refused["x.csv"].code == code


@pytest.mark.parametrize(("start", "code"), [(b'1,"', "quotes"), (b"1,", "records")])
def test_a_record_without_end_is_given_up_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: bytes, code: str
) -> None:
    monkeypatch.setattr("pipelines.sources.files.PIECE", 500_000)
    content = b"a,b\n" + start + (b"x" * 99 + b"\n" if code == "quotes" else b"x" * 100) * 30_000
    assert land(tmp_path, {"x.csv": content})[1]["x.csv"].code == code


def test_odd_file_names_are_names(tmp_path: Path) -> None:
    name = "it's; drop table x [1] *.csv"
    assert land(tmp_path, {name: b"a,b\n1,2\n"}) == ({name: 1}, {})


# Python's csv module is the oracle: what it reads from what it wrote is what must be landed. Carriage returns alone,
# control characters and blank lines are refused or skipped before, and an empty value is null in both.
values = st.text(st.characters(blacklist_categories=("Cc", "Cs")) | st.sampled_from(',"\n'), max_size=12)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.tuples(values, values), max_size=20))
def test_every_value_is_landed_as_delivered(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *table])
    landed, refused = land(folder, {"x.csv": text.getvalue().encode()})
    assert refused == {}
    assert landed == {"x.csv": len(table)}
    assert rows(folder, "x.csv") == [(a or None, b or None, n) for n, (a, b) in enumerate(table, 1)]


CONFLICT = Path(__file__).resolve().parents[3] / "shared" / "data" / "olist" / "olist_merge_conflict.zip"


@pytest.mark.shared_data
@pytest.mark.skipif(not CONFLICT.exists(), reason="no shared data beside the project")
def test_a_real_export_with_merge_conflicts_is_refused(tmp_path: Path) -> None:
    """Five tables as somebody checked them in: markers above, between and below two copies of each."""
    with zipfile.ZipFile(CONFLICT) as archive:
        contents = {Path(name).name: archive.read(name) for name in archive.namelist() if name.endswith(".csv")}
    assert len(contents) == 5
    for name, content in contents.items():
        below = content.partition(b"\n")[2]  # the header stands under the first marker
        form = CsvForm(tuple(next(csv.reader([below.partition(b"\n")[0].decode("utf-8-sig")]))))
        for number, (variant, code) in enumerate([(content, "header"), (below, "records")]):
            path = tmp_path / f"{number}-{name}"
            path.write_bytes(variant)
            file = FileToLand(path, name, "2017-01-01", 1, tmp_path / "raw" / path.name)
            landed, refused = land_csv([file], form, staging=tmp_path, memory_limit="500MB", threads=1)
            assert (landed, refused[name].code) == ({}, code)


@pytest.mark.slow
def test_rows_stand_in_the_order_of_their_file(tmp_path: Path) -> None:
    """Though several threads read a large file and write it; a small one is read with it."""
    texts = {"large": range(700_000), "small": range(3)}
    for name, numbers in texts.items():
        (tmp_path / f"{name}.csv").write_text("a\n" + "".join(f"{number}\n" for number in numbers))
    (tmp_path / "staging").mkdir()
    files = [FileToLand(tmp_path / f"{n}.csv", n, "2011-03-07", 1, tmp_path / f"{n}.parquet") for n in texts]
    for threads in (1, 4):
        land_csv(files, CsvForm(("a",)), staging=tmp_path / "staging", memory_limit="1GB", threads=threads)
        for name in texts:
            out_of_place = duckdb.execute(
                "select count(*) from read_parquet(?, file_row_number = true) "
                "where _row_number <> file_row_number + 1 or a::bigint <> file_row_number",
                [str(tmp_path / f"{name}.parquet")],
            ).fetchone()
            assert out_of_place == (0,)


@pytest.mark.slow
def test_too_little_memory_is_no_fault_of_the_file(tmp_path: Path) -> None:
    wide = ", ".join(f"md5(({n} + range)::varchar) || '-{n}' as c{n}" for n in range(16))
    duckdb.execute(f"copy (select {wide} from range(400000)) to ? (header)", [str(tmp_path / "x.csv")])
    (tmp_path / "small.csv").write_text(",".join(f"c{n}" for n in range(16)) + "\n")
    (tmp_path / "staging").mkdir()
    files = [FileToLand(tmp_path / f"{n}.csv", n, "2011-03-07", 1, tmp_path / "raw" / n) for n in ("small", "x")]
    form = CsvForm(tuple(f"c{n}" for n in range(16)))
    with pytest.raises(TooLittleMemory, match=r"x\.csv: 60MB of memory are too few to read it: raise ALMANAC_MEMORY"):
        land_csv(files, form, staging=tmp_path / "staging", memory_limit="60MB", threads=2)
