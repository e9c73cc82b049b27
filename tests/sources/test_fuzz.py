"""Flipped, cut and doubled bytes: no reader breaks, and what is read is all that an independent reader finds.

Belongs here: random damage to sound files, the independent readers, the accounting. The cases that have a name lie in
hostile/.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import gzip
import io
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.contracts.contract import FileFormat, SourceContract
from pipelines.contracts.odcs import load_source_contract
from pipelines.sources.files import FileToLand
from pipelines.sources.readers import land_files
from tests.shop_under_test import HEADER, real_rows
from tests.sources.hostile.corpus import Case, HostileFile, Outcome, as_text, base_days, packed
from tests.sources.hostile.delivery import deliver, look
from tests.sources.hostile.jsonl_cases import as_lines
from tests.sources.hostile.parquet_cases import as_file, as_table
from tests.store.arrivals import shop_settings

pytestmark = pytest.mark.slow

Texts = list[tuple[str | None, ...]]
N_ROWS = 25
SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")
# A part of the file as a share of its length, and what to do there.
edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["flip", "set", "cut", "drop", "double"]),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)
# Bytes that mean something to the formats are worth more than others.
telling = st.sampled_from(list(b"\"'\\,;\n\r\t\0{}[]: -.eE0N\xef\xc3\xff"))


@functools.cache
def contract(form: str) -> SourceContract:
    found = load_source_contract(shop_settings().contract_file("online_retail", "transactions"))
    return dataclasses.replace(found, file_format=FileFormat(form))  # type: ignore[arg-type]


@functools.cache
def sound(suffix: str, day: int = 0, most_rows: int = N_ROWS) -> bytes:
    rows = [
        [*row[:2], 'SIGN "HOME"\nTWO, LINES', *row[3:]] if n == 9 else row
        for n, row in enumerate(real_rows(base_days()[day]))
    ]
    rows = rows[:most_rows]
    if suffix == ".parquet":
        return as_file(as_table(rows), compression="none" if day % 2 else "snappy")
    text = as_text(rows) if "csv" in suffix else "\n".join(as_lines(rows)) + "\n"
    if day % 3 == 1 and "csv" in suffix:
        text = text.replace("\n", "\r\n")
    return packed(text.encode()) if suffix.endswith(".gz") else text.encode()


def damaged(content: bytes, changes: list[tuple[float, str, int]]) -> bytes:
    for share, what, byte in changes:
        at = int(share * len(content))
        head, rest = content[:at], content[at:]
        content = {
            "flip": head + bytes([rest[0] ^ (1 << byte % 8)]) + rest[1:] if rest else head,
            "set": head + bytes([byte]) + rest[1:],
            "cut": head,
            "drop": head + rest[1 + byte :],
            "double": head + rest[: 1 + byte] + rest,
        }[what]
    return content


def land(folder: Path, suffix: str, content: bytes) -> Texts | str:
    """The landed texts, or the code of the refusal."""
    (folder / "staging").mkdir()
    file = FileToLand(folder / f"x{suffix}", "x", "2011-01-04", 1, folder / "raw.parquet")
    file.path.write_bytes(content)
    form = suffix.split(".")[1]
    landed, refused = land_files([file], contract(form), staging=folder / "staging", memory_limit="500MB", threads=1)
    assert list((folder / "staging").iterdir()) == []
    assert (landed.keys() | refused.keys(), landed.keys() & refused.keys()) == ({"x"}, set())
    if refused:
        assert not file.target.exists() and str(refused["x"]).isprintable()
        return refused["x"].code
    columns = ", ".join(f'"{name}"' for name in HEADER)
    rows = duckdb.execute(f"select {columns} from read_parquet(?) order by _row_number", [str(file.target)]).fetchall()
    assert len(rows) == landed["x"]
    return rows


def read_csv(content: bytes) -> Texts:
    """By Python's own reader; an empty ninth value is DuckDB's to ignore."""
    table = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True) if row]
    assert table[0] == HEADER
    rows = [row[:8] if len(row) == 9 and not row[8] else row for row in table[1:]]
    assert all(len(row) == 8 for row in rows)
    return [tuple(value or None for value in row) for row in rows]


def read_jsonl(content: bytes) -> Texts:
    def text(value: Any) -> str | None:
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else value or None

    lines = content.decode("utf-8-sig").removesuffix("\n").split("\n")
    objects = [json.loads(line, parse_float=str, parse_int=str, parse_constant=lambda _: None) for line in lines]
    assert all(set(found) <= set(HEADER) for found in objects)
    return [tuple(text(found.get(name)) for name in HEADER) for found in objects]


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(changes=edits, byte=telling, day=st.integers(0, 5))
# Two quotation marks far apart: fewer records are read than were counted, and nothing of them may be left behind.
@example(changes=[(0.75, "set", 0), (0.25, "set", 0)], byte=34, day=0)
def test_a_damaged_file_is_read_whole_or_refused(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, changes: list[tuple[float, str, int]], byte: int, day: int
) -> None:
    changes = [(share, what, byte if what == "set" else number) for share, what, number in changes]
    content = damaged(sound(suffix, day), changes)
    found = land(tmp_path_factory.mktemp("fuzz"), suffix, content)
    if isinstance(found, str):
        return
    plain = gzip.decompress(content) if suffix.endswith(".gz") else content
    if suffix == ".parquet":
        assert len(found) == N_ROWS
    else:
        assert found == (read_csv(plain) if "csv" in suffix else read_jsonl(plain))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_rows_of_damaged_files_are_accounted_for(tmp_path: Path, form: str) -> None:
    """Through the whole ingestion: forty days, each with one damaged file."""
    chance, files = random.Random(form), []
    kinds = ["flip", "set", "drop", "double"]
    for number, day in enumerate(base_days()[:40]):
        suffix = f".{form}" if form == "parquet" or number % 4 else f".{form}.gz"
        changes = [
            (chance.random(), chance.choice(kinds), chance.choice(b'",\n1{}')) for _ in range(chance.choice([1, 1, 3]))
        ]
        content = damaged(sound(suffix, number, 60), changes)
        files.append(HostileFile(Case(f"{number}", suffix, lambda rows: (b"", Outcome())), day, content, Outcome()))
    home = deliver(tmp_path, form, files)
    found = look(home, files)
    assert len(found) == len(files)
    assert [name for name, got in found.items() if not got.is_accounted] == []
    assert {got.state for got in found.values()} >= {"refused", "accepted"}
