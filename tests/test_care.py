"""`almanac doctor` finds what is planted, and changes nothing; `almanac prune` removes only what nothing needs."""

from __future__ import annotations

import datetime as dt
import fcntl
import functools
import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import duckdb
import pytest

from pipelines.settings.home import Home
from pipelines.store import ledger
from pipelines.store.connection import transaction
from pipelines.store.published.publication import PublishedTable, publish
from pipelines.store.seal import mark, write_seal
from pipelines.store.statements import create_output_tables
from tests.command_line import Said
from tests.small_home import CONTRACTS, SmallHome

pytestmark = pytest.mark.slow

START = dt.date(2017, 5, 1)
DAYS = [START + dt.timedelta(days=offset) for offset in range(3)]
SHOP = """\
name: olist
title: A shop under test
time_zone: America/Sao_Paulo
currency: BRL
first_day: 2017-05-01
sources: {olist: {orders: {}, order_items: {}}}
freshness_limit_hours: null
keep_versions: 2
retention: {replaced_files_days: 30, model_dates: 1}
"""
MODEL = "tree 1\n"
TABLE = PublishedTable("ledger", "batches_seen", (), "One row per batch.", {"batch_id": "The batch."})
Damage = Callable[[Home], object]


def order(number: int) -> dict[str, str]:
    day = f"{START} 12:00:00"
    return {
        "order_id": f"o{number}",
        "customer_id": "c1",
        "order_status": "created",
        "order_purchase_timestamp": day if number % 7 else "yesterday",
        "order_estimated_delivery_date": day,
    }


def item(number: int) -> dict[str, str]:
    line = {"order_id": f"o{number}", "order_item_id": "1", "product_id": "p", "seller_id": "s"}
    return {**line, "price": "1.50", "freight_value": "0.25"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound home: three days of two tables, one file replaced, one version, one model, one run."""
    folder = tmp_path_factory.mktemp("care") / "home"
    tables = ["orders", "order_items"]
    small = SmallHome.make(folder, "olist", tables, first_day=START, time_zone="America/Sao_Paulo", currency="BRL")
    for offset, day in enumerate(DAYS):
        numbers = range(1 + 1000 * offset, 1 + 1000 * (offset + 1))
        small.put("orders", day, map(order, numbers))
        small.put("order_items", day, [item(number) for number in numbers if number % 7])
    small.run(DAYS)
    small.put("orders", DAYS[0], map(order, range(1, 1000)))
    small.run(DAYS)
    con, home = small.con, small.settings.home
    create_output_tables(con, ())
    con.execute("delete from ledger.dirty_days; create view ledger.batches_seen as select batch_id from ledger.batches")
    for day in DAYS[:2]:
        text = MODEL if day == DAYS[1] else "tree 0\n"
        (home.models / f"m-{day}.txt").parent.mkdir(exist_ok=True)
        (home.models / f"m-{day}.txt").write_text(text)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        con.execute("insert into ledger.models values ('value', ?, 'm', ?, ?)", [day, sha256, f"m-{day}.txt"])
    facts = {"batch_id": ledger.last_batch(con), "open_days": [], "statements_are_stale": False}
    publish(
        con,
        published_dir=home.published,
        tables=[TABLE],
        watermark=DAYS[-1],
        quality_state="complete",
        facts=facts,
    )
    left = mark(con)
    con.execute("checkpoint")
    small.close()
    write_seal(home.warehouse, left)
    home.writer_lock.touch()
    runs = home.dagster / "history" / "runs.db"
    runs.parent.mkdir(parents=True)
    with sqlite3.connect(runs) as history:
        history.execute("create table runs (id integer primary key, run_id text, status text, end_time real)")
        history.execute("insert into runs values (1, 'r1', 'SUCCESS', 1e12)")
    return folder


# A command asks once for each of 130 packages; these tests are sixty commands.
installed = functools.cache(metadata.version)


@dataclass
class Cared:
    """A copy of the sound home, and the command run on it."""

    home: Home
    run: Callable[..., Said]


@pytest.fixture
def cared(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cared:
    from pipelines.cli import main

    shutil.copytree(made, tmp_path / "home", symlinks=True)
    shutil.copytree(CONTRACTS, tmp_path / "contracts")
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "olist.yaml").write_text(SHOP)
    monkeypatch.setattr(metadata, "version", installed)
    for name in [name for name in os.environ if name.startswith("ALMANAC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ALMANAC_SHOPS_DIR", str(tmp_path / "shops"))
    monkeypatch.setenv("ALMANAC_CONTRACTS_DIR", str(tmp_path / "contracts"))

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["almanac", *arguments, "--shop", "olist", "--home", str(tmp_path / "home")])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return Said(int(ended.value.code or 0), captured.out, captured.err)

    return Cared(Home(tmp_path / "home"), run)


def contents(home: Home) -> dict[str, object]:
    """All that a home holds; SQLite's shared memory belongs to whoever reads."""
    return {
        str(path): path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
        for path in home.path.rglob("*")
        if not path.name.endswith("-shm")
    }


def raw_files(home: Home) -> list[Path]:
    """Raw files of deliveries that stand, in order."""
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        rows = con.execute("select raw_path from ledger.deliveries where state = 'accepted' order by 1").fetchall()
    return [home.raw / path for (path,) in rows]


def flip(file: Path, share: float = 0.5) -> None:
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[int(share * len(content))] ^= 1
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.chmod(0o644)
    os.truncate(file, 9)


def sql(text: str) -> Damage:
    def apply(home: Home) -> None:
        with duckdb.connect(str(home.warehouse)) as con, transaction(con):
            con.execute(text)

    return apply


def version(home: Home) -> Path:
    return home.published / "versions" / "v0001"


def drop_of(home: Home, name: str) -> Path:
    return home.drops / "olist" / "orders" / f"{DAYS[-1]}" / name


def zeroed_without_seal(home: Home) -> None:
    home.warehouse.write_bytes(b"")
    home.warehouse.with_name("state.json").unlink()


def relinked(home: Home) -> None:
    (home.published / "current").unlink()
    (home.published / "current").symlink_to("versions/v0009")


def unlinked(home: Home) -> None:
    (home.published / "current").unlink()


def a_folder(home: Home) -> None:
    unlinked(home)
    (home.published / "current").mkdir()


def contract_of(home: Home) -> Path:
    return home.path.parent / "contracts" / "sources" / "olist" / "orders.odcs.yaml"


def old_pid(home: Home) -> None:
    home.writer_lock.write_text(json.dumps({"pid": 2**22 - 1, "purpose": "run", "since": "2017-05-01"}))


# What is done to the home, the exit code, a part of what is printed.
PLANTED: dict[str, tuple[Damage, int, str]] = {
    "raw file gone": (lambda home: raw_files(home)[1].unlink(), 1, "is missing"),
    "private open": (lambda home: home.private.chmod(0o755), 1, "chmod 700"),
    "no raw folder": (lambda home: shutil.rmtree(home.raw), 1, "has no folder raw"),
    "warehouse empty": (lambda home: home.warehouse.write_bytes(b""), 1, "is empty (0 bytes)"),
    "warehouse empty, seal gone": (zeroed_without_seal, 1, "is empty (0 bytes)"),
    "warehouse gone": (lambda home: home.warehouse.unlink(), 1, "is gone"),
    "warehouse folder gone": (lambda home: shutil.rmtree(home.warehouse.parent), 1, "warehouse is gone"),
    "warehouse cut": (lambda home: os.truncate(home.warehouse, 5000), 1, "mv "),
    "warehouse head": (lambda home: flip(home.warehouse, 0), 1, "mv "),
    "seal damaged": (lambda home: flip(home.warehouse.with_name("state.json"), 0), 1, "state.json is damaged"),
    "older warehouse": (sql("delete from ledger.deliveries where arrival_seq = 2"), 1, "not what the last run left"),
    "manifest changed": (lambda home: flip(version(home) / "manifest.json"), 1, "v0001 (current): "),
    "published file gone": (lambda home: (version(home) / "marts.duckdb").unlink(), 1, "marts.duckdb is missing"),
    "published file cut": (lambda home: cut(version(home) / "marts.duckdb"), 1, "has 9 bytes instead of"),
    "current points nowhere": (relinked, 1, "almanac rollback v0001"),
    "current gone": (unlinked, 1, "almanac rollback v0001"),
    "current a folder": (a_folder, 1, "away, then almanac rollback v0001"),
    "model changed": (lambda home: (home.models / f"m-{DAYS[1]}.txt").write_text("x"), 1, "was changed"),
    "model gone": (lambda home: (home.models / f"m-{DAYS[1]}.txt").unlink(), 1, "is missing"),
    "another shop's": (lambda home: (home.path / "home.json").write_text('{"shop": "x"}'), 1, "is the home of shop"),
    "no marker": (lambda home: (home.path / "home.json").unlink(), 3, "home.json is missing"),
    "contract broken": (lambda home: contract_of(home).write_text("a: 1"), 1, "orders.odcs.yaml"),
    "new drop": (lambda home: drop_of(home, "b.csv").write_text("x"), 3, f"--from {DAYS[-1]} --to {DAYS[-1]}"),
    "drop of a day to come": (
        lambda home: shutil.copytree(drop_of(home, "day.csv").parent, home.drops / "olist" / "orders" / "2999-01-01"),
        3,
        "rename that folder to the day on which they arrived",
    ),
    "changed drop": (lambda home: drop_of(home, "day.csv").write_text("x"), 3, "are others than when they were"),
    "newer than the version": (
        sql("insert into ledger.batches values (99, 'r', null, null, null)"),
        3,
        "the warehouse holds more than the newest version",
    ),
    "queued day": (sql("insert into ledger.dirty_days values ('core.x', '2017-05-01')"), 3, "wait to be rebuilt"),
    "day not recounted": (
        sql("insert into ledger.days_to_recount values ('s', 't', '2010-12-01')"),
        3,
        "1 loaded days wait to be counted a second time",
    ),
    "queued table": (sql("insert into ledger.dirty_tables values ('core.x')"), 3, "1 tables wait to be rebuilt"),
    "open day": (
        sql(f"update ledger.verdicts set verdict = 'blocked', reason = 'why' where arrival_date = '{DAYS[1]}'"),
        3,
        f"olist.orders {DAYS[1]} blocked: why",
    ),
    "repair waits": (
        sql("insert into ledger.repaired_rows values (1, 'd', '2017-05-01', 1, null)"),
        3,
        "almanac quarantine replay",
    ),
    "lost run": (
        lambda home: _history(home, "insert into runs values (2, 'r2', 'STARTED', null)"),
        3,
        "but their process is gone",
    ),
    "history damaged": (
        lambda home: (home.dagster / "history" / "runs.db").write_text("no database"),
        1,
        "runs.db cannot be read",
    ),
    "raw file unnamed": (lambda home: (home.raw / "olist" / "x.part").write_text("x"), 0, "belong to no delivery"),
    "half version": (lambda home: (home.published / "versions" / ".v0002.partial").mkdir(), 0, "half-written"),
    "leftover": (lambda home: (home.tmp / "landing-x").mkdir(), 0, "were left in"),
    "killed holder": (old_pid, 0, "was killed; the lock is free"),
}
DEEP: dict[str, tuple[Damage, str]] = {
    "raw file changed": (lambda home: flip(raw_files(home)[2]), "was changed"),
    "published file changed": (lambda home: flip(version(home) / "marts.duckdb"), "content was changed"),
    "Parquet changed": (lambda home: flip(next((version(home) / "parquet").iterdir())), "content was changed"),
    "drop changed": (
        lambda home: drop_of(home, "day.csv").write_bytes(drop_of(home, "day.csv").read_bytes()[:-2] + b"9\n"),
        "are others than when they were",
    ),
}


def _history(home: Home, text: str) -> None:
    with sqlite3.connect(home.dagster / "history" / "runs.db") as history:
        history.execute(text)


@pytest.mark.parametrize("deep", [[], ["--deep"]])
def test_a_sound_home_is_well(cared: Cared, deep: list[str]) -> None:
    before = contents(cared.home)
    said = cared.run("doctor", *deep)
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("all is well\n")
    assert "rows are held back (quarantined)" in said.out
    assert contents(cared.home) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_what_is_wrong_is_found_and_nothing_is_changed(cared: Cared, name: str) -> None:
    damage, code, expected = PLANTED[name]
    damage(cared.home)
    before = contents(cared.home)
    said = cared.run("doctor")
    assert (said.code, said.err) == (code, ""), said.out
    assert expected in said.out
    assert "Traceback" not in said.out
    after = contents(cared.home)
    lock = str(cared.home.writer_lock)
    assert {**after, lock: b""} == {**before, lock: b""}


@pytest.mark.slow
@pytest.mark.parametrize("name", DEEP)
def test_deep_compares_every_byte(cared: Cared, name: str) -> None:
    damage, expected = DEEP[name]
    damage(cared.home)
    assert cared.run("doctor").code == 0
    said = cared.run("doctor", "--deep")
    assert (said.code, expected in said.out) == (3 if "drop" in name else 1, True), said.out


@pytest.mark.slow
def test_deep_reads_every_block_of_the_warehouse(cared: Cared) -> None:
    """A bit flipped anywhere in a block that holds something is seen; others are harmless."""
    sound = cared.home.warehouse.read_bytes()
    found = 0
    for share in (0.2, 0.35, 0.5, 0.65, 0.8, 0.95):
        cared.home.warehouse.write_bytes(sound)
        flip(cared.home.warehouse, share)
        said = cared.run("doctor", "--deep")
        assert said.code in (0, 1)
        found += said.code
        assert said.code == 0 or "mv " in said.out
    assert found >= 2


def test_a_home_that_is_written_is_not_disturbed(cared: Cared) -> None:
    old_pid(cared.home)
    raw_files(cared.home)[0].unlink()
    with cared.home.writer_lock.open("r+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        said = cared.run("doctor")
        assert "no such process is seen from here" in said.out
        assert "raw files" not in said.out
        refused = cared.run("prune")
    assert said.code == 3
    assert (refused.code, "is being written" in refused.line) == (4, True)


def test_a_live_shop_whose_data_are_old_is_told(cared: Cared) -> None:
    file = cared.home.path.parent / "shops" / "olist.yaml"
    file.write_text(SHOP.replace("hours: null", "hours: 30"))
    said = cared.run("doctor")
    assert (said.code, "the shop's limit is 30 hours" in said.out) == (3, True)


def test_no_home_is_one_line(cared: Cared) -> None:
    shutil.rmtree(cared.home.path)
    for command in ("doctor", "prune"):
        assert cared.run(command).code == 2
    assert not cared.home.path.exists()


def test_prune_removes_what_nothing_needs_and_nothing_else(cared: Cared) -> None:
    home = cared.home
    assert "nothing was removed: add --yes" in cared.run("prune").out  # the older model
    cared.run("prune", "--yes")
    before = contents(home)
    assert cared.run("prune", "--yes").out == "nothing may go\n"
    planted = [
        home.raw / "olist" / "orders" / "2017-05-01" / "077-x.parquet",
        home.published / "versions" / ".v0007.partial" / "marts.duckdb",
        home.data_docs / "store" / "s" / "rows" / "s" / "20170501T000000.000000Z" / "rows_0.json",
        home.data_docs / "site" / "validations" / "s" / "rows" / "s" / "20170501T000000.000000Z" / "rows_0.html",
        home.logs / "crash-20170501T000000-1.log",
        home.cache / "old.js",
        home.tmp / "landing-x" / "x.parquet",
        home.models / "value" / "2017-05-01" / "m-1.part",
    ]
    for path in planted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        for entry in (path, path.parent):
            os.utime(entry, (0, 0))
    kept = [home.tmp / "replay-now", home.logs / "almanac.log", home.cache / "new.js"]
    for path in kept:
        path.write_text("x")
    listed = cared.run("prune")
    assert all(path.exists() for path in planted)
    assert listed.out.count(" x ") >= 7
    assert cared.run("prune", "--yes").code == 0
    left = contents(home)
    assert not any(path.exists() for path in planted)
    assert all(path.exists() for path in kept)
    files = {name: content for name, content in left.items() if content and Path(name) not in kept}
    assert files == {name: content for name, content in before.items() if content}
    assert cared.run("doctor", "--deep").code == 0


def test_prune_keeps_replaced_files_as_long_as_told(cared: Cared) -> None:
    with duckdb.connect(str(cared.home.warehouse), read_only=True) as con:
        rows = con.execute("select raw_path from ledger.deliveries where state = 'replaced'").fetchall()
    [replaced] = [cared.home.raw / path for (path,) in rows]
    cared.run("prune", "--yes")
    assert replaced.exists()
    for path in cared.home.raw.rglob("*.parquet"):
        os.utime(path, (0, 0))
    said = cared.run("prune", "--yes")
    assert "1 x raw file of a replaced delivery" in said.out
    assert not replaced.exists()
    assert all(path.exists() for path in raw_files(cared.home))
    assert cared.run("doctor", "--deep").code == 0


def test_prune_keeps_the_current_version_and_the_newest(cared: Cared) -> None:
    versions = cared.home.published / "versions"
    for number in (2, 3, 4, 5):
        shutil.copytree(versions / "v0001", versions / f"v000{number}")
    flip(versions / "v0005" / "marts.duckdb")
    said = cared.run("prune", "--yes")
    assert "2 x version beyond keep_versions" in said.out
    assert "1 x damaged version: published/versions/v0005" in said.out
    assert sorted(path.name for path in versions.glob("v*")) == ["v0001", "v0004"]
