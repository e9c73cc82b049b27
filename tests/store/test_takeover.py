"""A version takes over what did not change: it equals one written whole, and no more is written than needed."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.store.published import plan as planning
from pipelines.store.published import writing
from pipelines.store.published.digest import table_digest
from pipelines.store.published.publication import (
    Changes,
    Publication,
    PublicationError,
    PublishedTable,
    open_published,
    publish,
    rollback,
    verify_version,
)
from pipelines.store.published.versions import stands_for

pytestmark = pytest.mark.slow

FIRST = dt.date(2025, 1, 1)
COLUMNS = {"id": "The row.", "day": "Its day.", "amount": "What it's worth.", "note": "A text.", "share": "A part."}
FACTS = PublishedTable("core", "fct_sales", ("id",), "Sales.", COLUMNS, code="a", inputs=("fct_sales",), day="day")
ITEMS = PublishedTable(
    "core", "dim_items", ("id",), "Items.", {"id": "i", "name": "n"}, code="a", inputs=("dim_items",)
)
VIEW = PublishedTable(
    "published", "rpt_days", ("day",), "Days.", {"day": "d", "amount": "a"}, code="a", inputs=("fct_sales",)
)
EVENTS = replace(FACTS, name="fct_events", inputs=("fct_events",), by_day=True)
TABLES = (FACTS, ITEMS, VIEW, EVENTS)
SELECT = """select i as id, date '2025-01-01' + (i % 20)::integer as day, (i * 1.25)::decimal(18, 4) as amount,
    case when i % 7 = 0 then null else 'n' || i end as note, i / 3 as share from range({}) as r(i)"""


@pytest.fixture(autouse=True)
def _unsynced(monkeypatch):
    """Nothing here outlives a power cut; waiting for the disk is most of the time."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def con(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'; create schema core; create schema published")
        for name in ("fct_sales", "fct_events"):
            connection.execute(f"create table core.{name} as {SELECT.format(2000)}")
        connection.execute("create table core.dim_items as select i as id, 'item ' || i as name from range(50) as r(i)")
        connection.execute(
            "create view published.rpt_days as select day, sum(amount)::decimal(18, 4) as amount "
            "from core.fct_sales group by day"
        )
        yield connection


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "published"


def put(con, home: Path, last: Publication | None = None, days=None, tables=TABLES, **overrides) -> Publication:
    changes = Changes(last.version, last.manifest["manifest_sha256"], days or {}) if last else None
    given = {"watermark": FIRST, "quality_state": "complete", "facts": {"state": "s"}, **overrides}
    return publish(con, published_dir=home, tables=tables, changes=changes, **given)


def assert_equal_to_whole(con, made: Publication, tmp_path: Path, tables=TABLES) -> None:
    """Digests, rows and the rows themselves are those of a version that is written whole."""
    shutil.rmtree(tmp_path / "whole", ignore_errors=True)
    whole = put(con, tmp_path / "whole", tables=tables)
    assert verify_version(made.path) == []
    for name, entry in whole.manifest["tables"].items():
        found = made.manifest["tables"][name]
        assert {**found, "deleted": 0} == entry
    assert made.digest == whole.digest
    with open_published(made.path) as ours, open_published(whole.path) as theirs:
        for table in tables:
            sql = f"select * from {table.name} order by all"
            assert ours.execute(sql).fetchall() == theirs.execute(sql).fetchall()
            texts = f"select column_name, comment from duckdb_columns() where table_name = '{table.name}' order by 1"
            assert table.by_day or ours.execute(texts).fetchall() == theirs.execute(texts).fetchall()


def inodes(made: Publication) -> dict[str, int]:
    return {name: (made.path / name).stat().st_ino for name in made.manifest["files"]}


def written(made: Publication, last: Publication) -> set[str]:
    """The files of a version that are not the last one's."""
    before = inodes(last)
    return {name for name, inode in inodes(made).items() if before.get(name) != inode}


def change(con, table: str, days: Iterable[dt.date], sql: str) -> None:
    con.execute(sql.format(table=table, days=", ".join(f"date '{day}'" for day in sorted(days))))


def test_nothing_is_written_where_nothing_changed(con, home):
    first = put(con, home)
    assert written(put(con, home, first), first) == set()


def test_only_the_changed_days_are_written(con, home, tmp_path):
    first = put(con, home)
    days = frozenset({FIRST, FIRST + dt.timedelta(5)})
    for table in ("fct_sales", "fct_events"):
        change(con, table, {FIRST}, "update core.{table} set amount = amount + 1 where day in ({days})")
    made = put(con, home, first, {"fct_sales": days, "fct_events": days})
    assert written(made, first) == {
        "marts.duckdb", "parquet/fct_sales.parquet", "parquet/rpt_days.parquet", "parquet/fct_events/2025-01-01.parquet"
    }  # fmt: skip
    assert_equal_to_whole(con, made, tmp_path)


def test_a_table_that_came_out_as_it_was_is_not_written(con, home):
    first = put(con, home)
    con.execute("create or replace table core.dim_items as from core.dim_items order by name desc")
    day = frozenset({FIRST})
    made = put(con, home, first, {"dim_items": None, "fct_sales": None, "fct_events": day})
    assert written(made, first) == set()


def test_random_restatements_equal_a_whole_version(con, home, tmp_path):
    draw = random.Random(7)
    last = put(con, home)
    for generation in range(12):
        queued: dict[str, frozenset[dt.date] | None] = {}
        for table in draw.sample(["fct_sales", "fct_events"], draw.choice([0, 1, 2])):
            days = {FIRST + dt.timedelta(draw.randrange(24)) for _ in range(draw.randint(1, 9))}
            change(con, table, days, "delete from core.{table} where day in ({days}) and id % 3 = 0")
            moved = f"update core.{{table}} set day = date '{min(days)}', share = share / 7 where day in ({{days}})"
            if draw.random() < 0.5:
                change(con, table, days, moved)
            else:
                change(con, table, days, "insert into core.{table} select id + 10000, day, amount, 'x', 1 / 3 "
                       "from core.{table} where day in ({days})")  # fmt: skip
            queued[table] = frozenset(days)
        if draw.random() < 0.4:
            con.execute(f"insert into core.dim_items values ({100 + generation}, 'new')")
            queued["dim_items"] = None
        last = put(con, home, last, queued)
        assert_equal_to_whole(con, last, tmp_path)


def test_an_onward_rebuild_that_changed_one_day_writes_one_day(con, home):
    first = put(con, home)
    onward = frozenset(FIRST + dt.timedelta(day) for day in range(20))
    change(con, "fct_events", {FIRST}, "delete from core.{table} where day in ({days})")
    made = put(con, home, first, {"fct_events": onward})
    assert written(made, first) == set()  # the file of the day is gone, no other is written
    assert {*first.manifest["files"]} - {*made.manifest["files"]} == {"parquet/fct_events/2025-01-01.parquet"}
    assert verify_version(made.path) == []


@pytest.mark.parametrize("field", [{"code": "b"}, {"key": ("id", "day")}, {"compared": "id < 100"}, {"day": None}])
def test_what_decides_the_rows_makes_the_table_anew(con, home, tmp_path, field):
    first = put(con, home)
    con.execute("update core.fct_sales set amount = 0")  # unheard of by the queue: it is found all the same
    tables = (replace(FACTS, **field), ITEMS, replace(VIEW, code="b"), EVENTS)
    made = put(con, home, first, tables=tables)
    assert_equal_to_whole(con, made, tmp_path, tables)


def test_new_texts_reach_a_table_that_stands(con, home, tmp_path):
    first = put(con, home)
    tables = (replace(FACTS, columns={**COLUMNS, "note": "It's another text."}), ITEMS, VIEW, EVENTS)
    made = put(con, home, first, tables=tables)
    assert written(made, first) == {"marts.duckdb"}
    assert_equal_to_whole(con, made, tmp_path, tables)


def test_tables_come_go_and_change_their_columns(con, home, tmp_path):
    first = put(con, home)
    con.execute("alter table core.fct_sales add column extra integer default 7")
    con.execute("create table core.dim_new as select 1 as id, 'x' as name")
    sales = replace(FACTS, columns={**COLUMNS, "extra": "More."}, code="b")
    tables = (sales, replace(ITEMS, name="dim_new", inputs=("dim_new",)), EVENTS)
    made = put(con, home, first, {"fct_sales": None, "dim_new": None}, tables=tables)
    assert_equal_to_whole(con, made, tmp_path, tables)
    with open_published(made.path) as version:
        names = version.execute("select table_name from duckdb_tables() order by 1").fetchall()
    assert names == [("dim_new",), ("fct_sales",)]


def test_large_tables_have_a_parquet_file_per_day(con, home, tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "ROWS_OF_ONE_FILE", 1999)
    monkeypatch.setattr("pipelines.store.published.parquet.ROWS_AT_A_TIME", 120)
    first = put(con, home)
    assert first.manifest["tables"]["fct_sales"]["parquet"] == "parquet/fct_sales/*.parquet"
    change(con, "fct_sales", {FIRST}, "update core.{table} set amount = 1 where day in ({days})")
    made = put(con, home, first, {"fct_sales": frozenset({FIRST})})
    assert written(made, first) == {
        "marts.duckdb", "parquet/fct_sales/2025-01-01.parquet", "parquet/rpt_days.parquet"
    }  # fmt: skip
    assert_equal_to_whole(con, made, tmp_path)
    same = f"from fct_sales except all from read_parquet('{made.path}/parquet/fct_sales/*.parquet')"
    with open_published(made.path) as version:
        assert version.execute(same).fetchall() == []


def test_a_table_grows_beyond_one_file(con, home, tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "ROWS_OF_ONE_FILE", 2000)
    first = put(con, home)
    con.execute(
        "insert into core.fct_sales select id + 5000, day, amount, note, share from core.fct_sales where id = 9"
    )
    made = put(con, home, first, {"fct_sales": frozenset({FIRST + dt.timedelta(9)})})
    assert len(written(made, first)) == 2 + 20  # the database, the view, and a file per day
    assert_equal_to_whole(con, made, tmp_path)


def test_rows_deleted_by_the_day_do_not_pile_up(con, home):
    last = put(con, home)
    deleted = []
    for _ in range(9):
        change(con, "fct_sales", {FIRST}, "update core.{table} set amount = amount + 1 where day in ({days})")
        last = put(con, home, last, {"fct_sales": frozenset({FIRST})})
        deleted.append(last.manifest["tables"]["fct_sales"]["deleted"])
    assert deleted[:7] == [100, 200, 300, 400, 500, 600, 0]
    assert max(deleted) * 3 <= 2000
    assert verify_version(last.path) == []


def test_a_file_that_is_mostly_free_is_written_anew(con, home, tmp_path):
    con.execute(f"create or replace table core.fct_sales as {SELECT.format(400_000)}")
    first = put(con, home)
    con.execute("delete from core.fct_sales where id >= 10")
    second = put(con, home, first, {"fct_sales": None})
    third = put(con, home, second, {"fct_sales": frozenset({FIRST}), "dim_items": None})
    con.execute("update core.fct_sales set amount = -1 where id = 0")
    fourth = put(con, home, third, {"fct_sales": frozenset({FIRST})})
    sizes = [made.manifest["files"]["marts.duckdb"]["bytes"] for made in (first, second, third, fourth)]
    assert sizes[3] < sizes[0] / 4, sizes
    assert_equal_to_whole(con, fourth, tmp_path)


def test_another_storage_writes_everything_anew(con, home, monkeypatch):
    first = put(con, home)
    monkeypatch.setitem(writing.STORAGE, "layout", 0)
    made = put(con, home, first)
    assert written(made, first) == {*made.manifest["files"]}


@pytest.mark.parametrize("file", ["marts.duckdb", "parquet/dim_items.parquet", "manifest.json"])
@pytest.mark.parametrize("is_seen", [True, False])
def test_a_damaged_version_is_not_taken_over(con, home, tmp_path, file, is_seen):
    """Not seen: of a disk that lost a bit, neither size nor time of change tells."""
    first = put(con, home)
    damaged = first.path / file
    times = damaged.stat()
    damaged.chmod(0o644)
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 4
    damaged.write_bytes(content)
    if not is_seen:
        os.utime(damaged, ns=(times.st_atime_ns, times.st_mtime_ns))
    change(con, "fct_sales", {FIRST}, "update core.{table} set amount = 1 where day in ({days})")
    made = put(con, home, first, {"fct_sales": frozenset({FIRST})})
    if file == "parquet/dim_items.parquet" and not is_seen:  # linked, damaged as it is, and told so
        assert verify_version(made.path) == [f"{file}: its content was changed after publication"]
        return
    assert_equal_to_whole(con, made, tmp_path)


def test_a_version_of_before_is_written_anew(con, home, tmp_path):
    first = put(con, home)
    other = Changes("v0009", first.manifest["manifest_sha256"], {})
    again = Changes(first.version, "0" * 64, {})
    for changes in (other, again):
        made = publish(con, published_dir=home, tables=TABLES, watermark=FIRST, quality_state="complete",
                       facts={}, changes=changes)  # fmt: skip
        assert written(made, first) == {*made.manifest["files"]}


def test_what_is_taken_over_need_not_be_what_readers_see(con, home, tmp_path):
    put(con, home)
    second = put(con, home)
    rollback(home, "v0001")
    change(con, "fct_sales", {FIRST}, "update core.{table} set amount = 1 where day in ({days})")
    assert_equal_to_whole(con, put(con, home, second, {"fct_sales": frozenset({FIRST})}), tmp_path)


def test_shared_files_bear_no_write_permission_and_are_read_once(con, home, monkeypatch):
    first = put(con, home)
    second = put(con, home, first)
    modes = {path.stat().st_mode & 0o777 for made in (first, second) for path in made.path.rglob("*.*")
             if path.name != "manifest.json" and path.is_file()}  # fmt: skip
    assert modes == {0o444}
    reads: list[Path] = []
    real = planning.table_digest
    assert real is table_digest
    from pipelines.store.published import files

    sums = files.file_sum
    monkeypatch.setattr(files, "file_sum", lambda path: (reads.append(path), sums(path))[1])
    known: dict = {}
    assert verify_version(first.path, known) == verify_version(second.path, known) == []
    assert len(reads) == len(first.manifest["files"])


def test_whether_a_version_stands_is_seen_without_reading_it(con, home, monkeypatch):
    made = put(con, home)
    from pipelines.store.published import files

    reads: list[Path] = []
    sums = files.file_sum
    monkeypatch.setattr(files, "file_sum", lambda path: (reads.append(path), sums(path))[1])
    assert stands_for(home, made.version, "s")
    assert not stands_for(home, made.version, "other")
    assert reads == []
    touched = made.path / "parquet" / "dim_items.parquet"
    os.utime(touched)
    assert stands_for(home, made.version, "s")
    assert reads == [touched.resolve()]
    assert stands_for(home, made.version, "s")
    assert len(reads) == 1
    monkeypatch.setattr(files, "CHECK_AGAIN_SECONDS", -1)
    assert stands_for(home, made.version, "s")
    assert len(reads) == 1 + len(made.manifest["files"])


@pytest.mark.parametrize("file", ["marts.duckdb", "parquet/fct_sales.parquet", "parquet/fct_events/2025-01-03.parquet"])
def test_damage_of_the_same_size_is_found(con, home, file):
    made = put(con, home)
    damaged = made.path / file
    damaged.chmod(0o644)
    content = bytearray(damaged.read_bytes())
    content[-9] ^= 1
    damaged.write_bytes(content)
    assert not stands_for(home, made.version, "s")
    damaged.unlink()
    assert not stands_for(home, made.version, "s")


def test_days_of_parquet_alone_need_a_day_and_types_that_parquet_keeps(con, home):
    con.execute("update core.fct_events set day = null where id = 3")
    with pytest.raises(PublicationError, match="1 rows have no day"):
        put(con, home, tables=[EVENTS])
    con.execute("create or replace table core.fct_events as select 1::hugeint as id, date '2025-01-01' as day")
    with pytest.raises(PublicationError, match=r"fct_events\.id has the type HUGEINT, which Parquet does not keep"):
        put(con, home, tables=[replace(EVENTS, columns={"id": "i", "day": "d"})])


def test_a_table_by_day_begins_and_ends_empty(con, home, tmp_path):
    con.execute("create table events as from core.fct_events; delete from core.fct_events")
    last = put(con, home)
    assert_equal_to_whole(con, last, tmp_path)
    for sql in ("insert into core.fct_events from events", "delete from core.fct_events"):
        con.execute(sql)
        days = frozenset(FIRST + dt.timedelta(day) for day in range(20))
        last = put(con, home, last, {"fct_events": days})
        assert_equal_to_whole(con, last, tmp_path)


def test_a_file_system_without_links_gets_copies(con, home, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    first = put(con, home)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    made = put(con, home, first)
    assert written(made, first) == {*made.manifest["files"]}
    assert_equal_to_whole(con, made, tmp_path)
