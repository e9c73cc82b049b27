"""Publication: whole versions only, swapped in one step; a failure of any kind leaves readers what they had."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.store.published import publication, versions
from pipelines.store.published.digest import table_digest
from pipelines.store.published.publication import (
    Publication,
    PublicationError,
    PublishedTable,
    audit,
    current_version,
    list_versions,
    open_published,
    publish,
    read_manifest,
    rollback,
    verify_version,
)

pytestmark = pytest.mark.slow

DAY = dt.date(2011, 12, 9)
ORDERS = PublishedTable(
    "core", "fct_orders", ("order_id",), "One row per order.", {"order_id": "The order.", "amount": "What it's worth."}
)
REPORT = PublishedTable(
    "published", "rpt_sales", ("country",), "One row per country.", {"country": "Where to.", "orders": "How many."}
)
TABLES = (ORDERS, REPORT)


@pytest.fixture
def con(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema core; create schema raw; create schema published")
        connection.execute(
            "create table core.fct_orders as select i::varchar as order_id, "
            "(i * 1.25)::decimal(18, 4) as amount from range(1000, 0, -1) as r(i)"
        )
        connection.execute("create table raw.secret as select 'never published' as x")
        connection.execute(
            "create view published.rpt_sales as "
            "select 'UK' as country, count(*)::hugeint as orders from core.fct_orders"
        )
        yield connection


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "published"


def put(con, published_dir: Path, tables=TABLES, **overrides) -> Publication:
    given = {"watermark": DAY, "quality_state": "complete", "facts": {"batch_id": 1, "since": DAY}}
    return publish(con, published_dir=published_dir, tables=tables, **{**given, **overrides})


def read(published_dir: Path, sql: str) -> list[tuple]:
    path = (published_dir / "current" / "marts.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as reader:
        return reader.execute(sql).fetchall()


def visible(published_dir: Path) -> tuple:
    """All that a reader may see, and any other entry except the lock and the counter."""
    entries = {entry.name for entry in (published_dir / "versions").iterdir() if not entry.name.endswith(".checked")}
    entries -= {".lock", ".last"}
    return current_version(published_dir), sorted(entries), sorted(entry.name for entry in published_dir.iterdir())


def test_a_version_holds_the_published_tables_and_nothing_else(con, home):
    made = put(con, home)
    assert made.version == current_version(home) == "v0001"
    assert read(home, "select table_name from duckdb_tables() order by 1") == [("fct_orders",), ("rpt_sales",)]
    assert read(home, "select count(*) from duckdb_views() where not internal") == [(0,)]
    assert read(home, "select * from rpt_sales") == [("UK", 1000)]
    assert sorted(path.relative_to(made.path).as_posix() for path in made.path.rglob("*") if path.is_file()) == [
        "manifest.json", "marts.duckdb", "parquet/fct_orders.parquet", "parquet/rpt_sales.parquet"
    ]  # fmt: skip


def test_comments_and_key_order_reach_the_reader(con, home):
    put(con, home)
    assert read(home, "select comment from duckdb_tables() where table_name = 'fct_orders'") == [
        ("One row per order.",)
    ]
    comments = read(
        home, "select column_name, comment from duckdb_columns() where table_name = 'fct_orders' order by 1"
    )
    assert dict(comments) == ORDERS.columns
    assert read(home, "select order_id from fct_orders") == read(home, "select order_id from fct_orders order by 1")


def test_the_file_has_the_format_of_duckdb_1_0(con, home):
    header = (put(con, home).path / "marts.duckdb").read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


def test_parquet_holds_the_same_rows(con, home):
    parquet = put(con, home).path / "parquet"
    same = f"from fct_orders except all from read_parquet('{parquet}/fct_orders.parquet')"
    assert read(home, same) == []
    assert read(home, f"select orders, typeof(orders) from read_parquet('{parquet}/rpt_sales.parquet')") == [
        (1000, "DECIMAL(38,0)")
    ]


def test_the_manifest_states_everything(con, home):
    made = put(con, home, quality_state="incomplete")
    manifest = read_manifest(home)
    assert manifest == made.manifest == json.loads((home / "current" / "manifest.json").read_text())
    assert (manifest["version"], manifest["watermark"]) == ("v0001", "2011-12-09")
    assert (manifest["quality_state"], manifest["facts"]) == ("incomplete", {"batch_id": 1, "since": "2011-12-09"})
    orders = manifest["tables"]["fct_orders"]
    assert (orders["rows"], orders["key"], orders["source"]) == (1000, ["order_id"], "core.fct_orders")
    assert orders["digest"] == table_digest(con, "core.fct_orders").digest
    assert set(manifest["files"]) == {"marts.duckdb", "parquet/fct_orders.parquet", "parquet/rpt_sales.parquet"}


def test_the_digest_says_whether_content_changed(con, home):
    first, again = put(con, home), put(con, home)
    con.execute("update core.fct_orders set amount = amount + 0.0001 where order_id = '7'")
    assert first.digest == again.digest != put(con, home).digest


def test_rows_outside_compared_do_not_change_the_versions_digest(con, home):
    history = PublishedTable("core", "fct_orders", ("order_id",), "d", ORDERS.columns, compared="order_id <= '5'")
    first = put(con, home, [history])
    con.execute("update core.fct_orders set amount = 0 where order_id = '7'")
    second = put(con, home, [history])
    assert first.digest == second.digest
    assert first.manifest["tables"]["fct_orders"]["digest"] != second.manifest["tables"]["fct_orders"]["digest"]
    con.execute("update core.fct_orders set amount = 0 where order_id = '5'")
    assert put(con, home, [history]).digest != second.digest


def test_the_last_versions_are_kept_and_numbers_never_return(con, home):
    for _ in range(4):
        put(con, home, keep=2)
    assert [version.version for version in list_versions(home)] == ["v0003", "v0004"]
    rollback(home, "v0003")
    assert put(con, home, keep=2).version == "v0005"
    rollback(home, "v0004")
    for name in ("v0005",):
        shutil.rmtree(home / "versions" / name)
    assert put(con, home, keep=2).version == "v0006"


def test_the_current_version_is_never_pruned(con, home):
    put(con, home)
    put(con, home)
    rollback(home, "v0001")
    (home / "versions" / "v0003").mkdir()  # as if killed between the rename and the swap
    shutil.copytree(home / "versions" / "v0002", home / "versions" / "v0003", dirs_exist_ok=True)
    assert versions.prune_versions(home, 1) == ["v0002"]
    assert current_version(home) == "v0001"


def test_a_reader_keeps_the_version_it_opened(con, home):
    put(con, home, keep=1)
    with duckdb.connect(str((home / "current" / "marts.duckdb").resolve()), read_only=True) as reader:
        con.execute("delete from core.fct_orders")
        put(con, home, keep=1)
        assert [version.version for version in list_versions(home)] == ["v0002"]
        assert reader.execute("select count(*), sum(amount) from fct_orders").fetchall()[0][0] == 1000
    assert read(home, "select count(*) from fct_orders") == [(0,)]


def test_rollback_swaps_only_the_link(con, home):
    put(con, home)
    con.execute("delete from core.fct_orders")
    put(con, home)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file() and path.name != ".lock"}
    assert rollback(home, "v0001").version == current_version(home) == "v0001"
    assert read(home, "select count(*) from fct_orders") == [(1000,)]
    assert before == {
        path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize("name", ["v0009", "latest", "../versions/v0001", "", "."])
def test_an_unknown_version_is_one_clear_error(con, home, name):
    put(con, home)
    with pytest.raises(PublicationError, match="v0001"):
        rollback(home, name)
    assert current_version(home) == "v0001"


def test_an_empty_home(home):
    assert (current_version(home), list_versions(home)) == (None, [])
    with pytest.raises(PublicationError, match="no published version yet"):
        read_manifest(home)
    with pytest.raises(PublicationError, match="nothing has been published yet"):
        rollback(home, "v0001")


def test_a_folder_in_place_of_the_link_is_named_and_left(con, home):
    put(con, home)
    (home / "current").unlink()
    (home / "current").mkdir()
    for read_or_write in (lambda: current_version(home), lambda: rollback(home, "v0001"), lambda: put(con, home)):
        with pytest.raises(PublicationError, match="current is no link to a version: move it away"):
            read_or_write()
    (home / "current").rmdir()
    assert rollback(home, "v0001").version == current_version(home) == "v0001"


@pytest.mark.parametrize("target", [None, "versions", "current", "../elsewhere/v0001", "/nowhere/v0001"])
def test_a_link_that_is_gone_or_leads_elsewhere_is_mended(con, home, target):
    for mend in (lambda: rollback(home, "v0001"), lambda: put(con, home)):
        put(con, home)
        (home / "current").unlink()
        if target:
            (home / "current").symlink_to(target)
        assert current_version(home) is None
        mend()
        assert read(home, "select count(*) from fct_orders") == [(1000,)]


def test_a_cut_off_file_is_one_clear_error(con, home):
    put(con, home)
    (home / "versions" / "v0001" / "marts.duckdb").chmod(0o644)
    os.truncate(home / "versions" / "v0001" / "marts.duckdb", 9)
    with pytest.raises(PublicationError, match=r"v0001/marts\.duckdb cannot be"), open_published(home / "current"):
        pass


def test_what_cannot_be_read_of_an_open_file_is_the_same_error(con, home):
    put(con, home)
    with (
        pytest.raises(PublicationError, match="run almanac doctor --deep"),
        open_published(home / "current") as version,
    ):
        version.execute("select error('Corrupt database file')")


def test_a_home_can_be_moved(con, home, tmp_path):
    put(con, home)
    home.rename(tmp_path / "elsewhere")
    assert read(tmp_path / "elsewhere", "select count(*) from fct_orders") == [(1000,)]
    assert put(con, tmp_path / "elsewhere").version == "v0002"


@pytest.mark.parametrize("name", ["with space", "it's", 'say "hi"', "商店 é", "50% [a-z]*", "a;b -- c"])
def test_paths_and_names_that_need_quoting(con, tmp_path, name):
    published = tmp_path / name / "published"
    con.execute(
        f'create table core."{name.replace(chr(34), chr(34) * 2)}" as select 1 as "{name.replace(chr(34), "")}"'
    )
    table = PublishedTable("core", name, (name.replace('"', ""),), name, {name.replace('"', ""): name})
    made = put(con, published, [table])
    assert verify_version(made.path) == []
    assert read(published, "select comment from duckdb_tables()") == [(name,)]
    assert (made.path / made.manifest["tables"][name]["parquet"]).is_file()


def test_a_table_name_cannot_leave_the_version(con, home):
    con.execute('create table core."../../x" as select 1 as k')
    made = put(con, home, [PublishedTable("core", "../../x", ("k",), "d", {"k": "d"})])
    assert [path.parent for path in home.rglob("*.parquet")] == [made.path / "parquet"]


def test_the_audit_names_the_check_and_the_first_offender(con):
    audit(con, [("no order is negative", "select * from core.fct_orders where amount < 0")])
    with pytest.raises(PublicationError, match=r"no order is free; first offender: order_id=1, amount=1\.2500"):
        audit(
            con,
            [("fine", "select 1 where false"), ("no order is free", "select * from core.fct_orders order by order_id")],
        )


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([], "no tables"),
        ([ORDERS, PublishedTable("raw", "FCT_orders", (), "d", {})], "same name"),
        ([PublishedTable("core", "nothing", (), "d", {})], "nothing"),
        ([PublishedTable("core", "fct_orders", ("order_id",), "", ORDERS.columns)], "no description"),
        ([PublishedTable("core", "fct_orders", ("order_id",), "d", {"order_id": "d"})], "amount has no description"),
        ([PublishedTable("core", "fct_orders", ("order_id",), "d", {**ORDERS.columns, "gone": "d"})], "gone is desc"),
        ([PublishedTable("core", "fct_orders", ("gone",), "d", ORDERS.columns)], "key column gone"),
        ([ORDERS, PublishedTable("published", "broken", (), "d", {"x": "d"})], "Conversion"),
        ([ORDERS, PublishedTable("published", "odd", (), "d", {"x": "d"})], "odd.x has the type BIGNUM"),
    ],
)  # fmt: skip
def test_a_failure_changes_nothing(con, home, tables, message):
    con.execute("create view published.broken as select ('x' || i)::integer as x from range(9) as r(i)")
    con.execute("create view published.odd as select 1::bignum as x")
    put(con, home)
    before = visible(home)
    with pytest.raises(PublicationError, match=message):
        put(con, home, tables)
    assert visible(home) == before
    assert put(con, home).version == "v0002"


def test_facts_that_json_cannot_hold_are_refused_first(con, home):
    with pytest.raises(PublicationError, match="set"):
        put(con, home, facts={"x": {1}})
    assert not home.exists()


@pytest.mark.parametrize("step", ["write_version", "_write_manifest", "finish_version"])
def test_a_full_disk_at_any_step_changes_nothing(con, home, monkeypatch, step):
    def full(*_):
        raise OSError(28, "No space left on device")

    put(con, home)
    before = visible(home)
    with monkeypatch.context() as patch:
        patch.setattr(publication, step, full)
        with pytest.raises(PublicationError, match=r"readers keep version v0001: .*No space left"):
            put(con, home)
    assert visible(home) == before
    assert put(con, home).version == "v0002"


def test_a_failed_swap_removes_the_new_version(con, home, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    put(con, home)
    before = visible(home)
    with monkeypatch.context() as patch:
        patch.setattr(versions, "_point_current_to", full)
        with pytest.raises(PublicationError, match="No space left"):
            put(con, home)
    assert visible(home) == before
    assert put(con, home).version == "v0003"  # v0002 had its name for a moment


def test_the_callers_open_transaction_is_refused_and_left_alone(con, home):
    con.execute("begin; delete from core.fct_orders")
    with pytest.raises(PublicationError, match="transaction"):
        put(con, home)
    con.execute("rollback")
    assert con.execute("select count(*) from core.fct_orders").fetchall() == [(1000,)]
    assert put(con, home).version == "v0001"


def test_what_a_killed_run_left_is_removed(con, home):
    put(con, home)
    for name in (".v0002.partial", ".v0000.removed"):
        (home / "versions" / name).mkdir()
        (home / "versions" / name / "marts.duckdb").write_bytes(b"half")
    (home / ".current.new").symlink_to("versions/v0009")
    assert [version.version for version in list_versions(home)] == ["v0001"]
    put(con, home)
    assert visible(home) == ("v0002", ["v0001", "v0002"], ["current", "versions"])


def test_a_sound_version_verifies_and_its_digests_are_those_of_its_rows(con, home):
    made = put(con, home)
    assert verify_version(made.path) == []
    assert verify_version(home / "current") == []
    stated = json.loads((made.path / "manifest.json").read_text())
    stated["tables"]["fct_orders"]["rows"] = 999
    stated["manifest_sha256"] = versions.manifest_sum(stated)
    (made.path / "manifest.json").write_text(json.dumps(stated))
    assert ["table fct_orders" in problem for problem in verify_version(made.path)] == [True]


@pytest.mark.parametrize("file", ["marts.duckdb", "parquet/fct_orders.parquet", "manifest.json"])
def test_every_flipped_bit_is_found(con, home, file):
    made = put(con, home)
    (made.path / file).chmod(0o644)
    content = (made.path / file).read_bytes()
    for position in range(0, len(content), max(1, len(content) // 20)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << position % 8
        (made.path / file).write_bytes(damaged)
        assert verify_version(made.path), f"bit {position % 8} of byte {position}"
    (made.path / file).write_bytes(content[:-2])
    assert verify_version(made.path)
    (made.path / file).unlink()
    assert verify_version(made.path)


def test_a_damaged_page_is_found_by_its_rows_even_when_the_sums_agree(con, home):
    made = put(con, home)
    database = made.path / "marts.duckdb"
    database.chmod(0o644)
    content = bytearray(database.read_bytes())
    content[12288 + 4096] ^= 1
    database.write_bytes(content)
    stated = json.loads((made.path / "manifest.json").read_text())
    stated["files"]["marts.duckdb"] = publication.file_sum(database)
    stated["manifest_sha256"] = versions.manifest_sum(stated)
    (made.path / "manifest.json").write_text(json.dumps(stated))
    assert verify_version(made.path)


def test_the_working_file_is_never_opened_again(con, home, tmp_path, monkeypatch):
    """A second handle on it, once closed, would drop DuckDB's lock."""
    opened: list[str] = []
    real = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *rest, **named: (opened.append(str(path)), real(path, *rest, **named))[1]
    )
    put(con, home)
    assert opened
    assert not [path for path in opened if "warehouse.duckdb" in path]


def test_a_damaged_manifest_hides_no_other_version(con, home):
    put(con, home)
    con.execute("delete from core.fct_orders")
    put(con, home)
    manifest = home / "versions" / "v0001" / "manifest.json"
    manifest.write_text(manifest.read_text()[:-20])
    first, second = list_versions(home)
    assert first.problem is not None
    assert "manifest.json" in first.problem
    assert (second.version, second.problem, second.manifest["tables"]["fct_orders"]["rows"]) == ("v0002", None, 0)
