"""Compaction: the fresh working file holds the same; a fault at any point leaves a whole one. Old statements go."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest

from pipelines.settings.environment import PROJECT_ROOT
from pipelines.store import ledger
from pipelines.store.care import compaction
from pipelines.store.care.compaction import compact
from pipelines.store.care.old_statements import forget_statements, old_statements, thinned
from pipelines.store.connection import WarehouseError, open_warehouse, transaction
from pipelines.store.published import changes
from pipelines.store.seal import read_seal, seal_file

pytestmark = pytest.mark.slow

DAY = dt.date(2025, 1, 1)


def opened(folder: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    return open_warehouse(folder / "warehouse.duckdb", temp_directory=folder, memory_limit="1GB", threads=1)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A sealed working file, three quarters of which were deleted."""
    with opened(tmp_path) as con:
        ledger.create_tables(con)
        ledger.open_batch(con, 1, "run", [DAY])
        con.execute("insert into ledger.deliveries (delivery_id, source, table_name, file_sha256, batch_id) "
                    "values ('d', 's', 't', 'x', 1)")  # fmt: skip
        con.execute("create table raw.t (id bigint not null, text varchar default 'x')")
        con.execute("insert into raw.t select i, repeat(md5(i::varchar), 4) from range(200_000) as r(i)")
        con.execute("comment on table raw.t is 'It''s rows.'; comment on column raw.t.id is 'The row.'")
        con.execute("create view raw.v as select id from warehouse.raw.t; comment on view raw.v is 'A view.'")
    with opened(tmp_path) as con:
        con.execute("delete from raw.t where id % 4 > 0")
        with transaction(con):
            changes.settle_published(con, "v0001", "0" * 64)
    return tmp_path


def held(folder: Path) -> list[object]:
    with opened(folder) as con:
        catalog = [con.execute(sql, ["warehouse"]).fetchall() for sql in compaction.CATALOG]
        return [*catalog, con.execute("select sum(hash(t)::hugeint) from raw.t as t").fetchall()]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_compacted_file_is_smaller_and_the_same(folder):
    before, seal, there = held(folder), seal_file(folder / "warehouse.duckdb").read_bytes(), names(folder)
    was, now = compact(folder / "warehouse.duckdb", opened(folder))
    assert now < was / 2
    assert held(folder) == before
    assert seal_file(folder / "warehouse.duckdb").read_bytes() == seal
    assert read_seal(folder / "warehouse.duckdb").deliveries == 1
    assert names(folder) == there


def test_the_next_publication_is_written_whole(folder):
    with opened(folder) as con:
        assert changes.unpublished(con) is not None
    compact(folder / "warehouse.duckdb", opened(folder))
    with opened(folder) as con:
        assert changes.unpublished(con) is None


def test_a_full_disk_is_told_and_changes_nothing(folder, monkeypatch):
    before, there = held(folder), names(folder)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(compaction, "sync", full)
        with pytest.raises(WarehouseError, match=r"stands as it was .*No space left.*make room on the disk"):
            compact(folder / "warehouse.duckdb", opened(folder))
    assert held(folder) == before
    assert names(folder) == there


@pytest.mark.parametrize("spoil", ["delete from almanac_fresh.raw.t where id = 4", "drop view almanac_fresh.raw.v",
                                   "comment on table almanac_fresh.raw.t is 'other'"])  # fmt: skip
def test_a_copy_that_is_not_equal_is_not_taken(folder, monkeypatch, spoil):
    before, there = held(folder), names(folder)
    compare = compaction._compare

    def spoiled(con: duckdb.DuckDBPyConnection, name: str) -> None:
        con.execute(spoil)
        compare(con, name)

    with monkeypatch.context() as patch:
        patch.setattr(compaction, "_compare", spoiled)
        with pytest.raises(WarehouseError, match="not equal"):
            compact(folder / "warehouse.duckdb", opened(folder))
    assert held(folder) == before
    assert names(folder) == there


KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.store.care import compaction
from pipelines.store.connection import open_warehouse
folder, point = Path(sys.argv[1]), sys.argv[2]
where, name, when = point.split(":")
owner = {"compaction": compaction, "Path": Path}[where]
real = getattr(owner, name)
def killed(*arguments, **named):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(owner, name, killed)
database = folder / "warehouse.duckdb"
compaction.compact(database, open_warehouse(database, temp_directory=folder, memory_limit="1GB", threads=1))
"""


@pytest.mark.faults
@pytest.mark.parametrize(
    "point",
    ["compaction:publish_whole_next:after", "compaction:_copy:before", "compaction:_compare:before",
     "compaction:_copy:after", "compaction:sync:before", "compaction:swap:before", "Path:replace:after",
     "compaction:swap:after"],
)  # fmt: skip
def test_a_kill_at_any_point_leaves_a_whole_home(folder, point):
    before = held(folder)
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), point], cwd=PROJECT_ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert held(folder) == before
    compact(folder / "warehouse.duckdb", opened(folder))
    assert held(folder) == before
    assert not list(folder.glob(compaction.PATTERN))


def test_the_working_file_has_one_handle(folder, monkeypatch):
    """A second one, once closed, would drop DuckDB's lock."""
    seen: list[str] = []
    real = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *rest, **named: (seen.append(str(path)), real(path, *rest, **named))[1]
    )
    compact(folder / "warehouse.duckdb", opened(folder))
    assert not [path for path in seen if path.endswith("warehouse.duckdb")]


def test_one_statement_a_week_stays_of_days_long_past():
    days = [DAY + dt.timedelta(offset) for offset in range(200)]
    gone = thinned(days, days[-1], 90)
    kept = [day for day in days if day not in gone]
    assert all(day in kept for day in days[-91:])
    assert {day.isocalendar()[:2] for day in kept} == {day.isocalendar()[:2] for day in days}
    assert {day.isoweekday() for day in kept[:-91]} == {7}
    assert thinned([], DAY, 90) == set()


@pytest.fixture
def stated(tmp_path):
    """A hundred days of a forecast for the next ten, and of a table without days."""
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        ledger.create_tables(con)
        con.execute("create schema ml; create schema act")
        con.execute(
            "create table ml.ml_forecasts as select date '2025-01-01' + i::integer as as_of_date, "
            "date '2025-01-01' + (i + h)::integer as target_date, now()::timestamp as made_at "
            "from range(100) as r(i), range(1, 11) as s(h)"
        )
        con.execute("create table act.act_orders as select as_of_date, 1 as n from ml.ml_forecasts")
        yield con


def test_what_is_still_to_be_scored_stays(stated):
    """The last date is 2025-04-10, with 5 days kept; of an open day 2025-02-05 everything that foretold it stays."""
    found = {old.table: old for old in old_statements(stated, 5)}
    assert {name: len(old.dates) for name, old in found.items()} == {"ml_forecasts": 77, "act_orders": 81}
    assert found["ml_forecasts"].rows == 770
    assert max(found["ml_forecasts"].dates) == dt.date(2025, 3, 31)
    stated.execute("insert into ledger.verdicts values ('s', 't', '2025-02-05', 'blocked', null, 1)")
    [open_day] = [old for old in old_statements(stated, 5) if old.table == "ml_forecasts"]
    foretold = {dt.date(2025, 2, 5) - dt.timedelta(days) for days in range(1, 11)}
    assert {*found["ml_forecasts"].dates} - {*open_day.dates} == foretold & {*found["ml_forecasts"].dates} != set()
    forget_statements(stated, [open_day])
    assert stated.execute("select count(*) from ml.ml_forecasts").fetchall() == [(1000 - open_day.rows,)]
    assert [old.table for old in old_statements(stated, 5)] == ["act_orders"]
    assert list(old_statements(stated, None)) == []
