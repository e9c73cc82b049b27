"""A working file that lost commits, was swapped or is gone is refused; what a run left is accepted."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.store import ledger
from pipelines.store.connection import open_warehouse
from pipelines.store.seal import Seal, SealError, read_seal, seal_file

pytestmark = pytest.mark.slow


def database(folder: Path) -> Path:
    return folder / "warehouse.duckdb"


def opened(folder: Path):
    return open_warehouse(database(folder), temp_directory=folder / "tmp", memory_limit="200MB", threads=1)


def deliver(folder: Path, *names: str) -> None:
    """One batch per name, each with one delivery."""
    with opened(folder) as con:
        ledger.create_tables(con)
        for name in names:
            batch = ledger.last_batch(con) + 1
            con.execute("insert into ledger.batches (batch_id) values (?)", [batch])
            told = [name, f"sha of {name}", batch]
            con.execute("insert into ledger.deliveries (delivery_id, file_sha256, batch_id) values (?, ?, ?)", told)


def test_what_a_run_left_is_accepted(tmp_path):
    deliver(tmp_path, "a", "b")
    sealed = read_seal(database(tmp_path))
    assert sealed is not None
    assert (sealed.batch_id, sealed.deliveries) == (2, 2)
    with opened(tmp_path):
        pass
    assert read_seal(database(tmp_path)) == sealed


def test_commits_that_no_seal_tells_of_are_accepted(tmp_path):
    """A run that was killed after its commit has left more than the seal says."""
    deliver(tmp_path, "a")
    with duckdb.connect(str(database(tmp_path))) as con:
        con.execute("insert into ledger.deliveries (delivery_id, batch_id) values ('b', 2)")
    with opened(tmp_path):
        pass


def one_batch(folder: Path, *tables: str) -> None:
    """Deliveries of these tables, one transaction each, in batch 1 of a file that is not sealed."""
    with duckdb.connect(str(database(folder))) as con:
        for table in tables:
            con.execute(
                "insert into ledger.deliveries (delivery_id, source, table_name, file_sha256, batch_id) "
                "values ($1, 'shop', $1, $1, 1)",
                [table],
            )


def test_the_tables_of_a_batch_are_commits_of_their_own(tmp_path):
    """A run that was killed after the commit of its second table; and a file that lost that of the first."""
    with opened(tmp_path) as con:
        ledger.create_tables(con)
    shutil.copy(database(tmp_path), tmp_path / "empty")
    one_batch(tmp_path, "orders")
    with opened(tmp_path):
        pass
    sealed = read_seal(database(tmp_path))
    assert sealed is not None and sealed.tables == ("shop.orders",)
    one_batch(tmp_path, "lines")
    with opened(tmp_path):
        pass
    shutil.copy(tmp_path / "empty", database(tmp_path))
    one_batch(tmp_path, "lines")
    with pytest.raises(SealError, match=r"it holds 1 deliveries up to batch 1, not 2 up to batch 1"), opened(tmp_path):
        pass


def test_a_seal_of_an_earlier_version_is_read(tmp_path):
    deliver(tmp_path, "a")
    file = seal_file(database(tmp_path))
    told = json.loads(file.read_text())
    del told["tables"]
    file.write_text(json.dumps(told))
    with opened(tmp_path):
        pass
    sealed = read_seal(database(tmp_path))
    assert sealed is not None and sealed.tables is not None


@pytest.mark.parametrize("later", [("b",), ()])
def test_an_older_file_is_refused(tmp_path, later):
    deliver(tmp_path, "a")
    shutil.copy(database(tmp_path), tmp_path / "older")
    deliver(tmp_path, "c", *later)
    shutil.copy(tmp_path / "older", database(tmp_path))
    with pytest.raises(SealError, match=r"not what the last run left.*restore.*almanac backfill"), opened(tmp_path):
        pass


def test_other_deliveries_are_refused(tmp_path):
    deliver(tmp_path, "a")
    with duckdb.connect(str(database(tmp_path))) as con:
        con.execute("update ledger.deliveries set file_sha256 = 'other'")
    with pytest.raises(SealError, match="its deliveries are others"), opened(tmp_path):
        pass


def test_a_lost_file_is_not_begun_anew(tmp_path):
    deliver(tmp_path, "a")
    database(tmp_path).unlink()
    with pytest.raises(SealError, match="is gone"), opened(tmp_path):
        pass
    assert not database(tmp_path).exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"batch_id": 1}', b"\xff", b'{"batch_id": "x"}'])
def test_a_damaged_seal_is_told(tmp_path, content):
    deliver(tmp_path, "a")
    seal_file(database(tmp_path)).write_bytes(content)
    with pytest.raises(SealError, match=r"state\.json is damaged"), opened(tmp_path):
        pass


def test_a_new_file_has_no_seal(tmp_path):
    with opened(tmp_path):
        pass
    assert read_seal(database(tmp_path)) in (None, Seal())


def test_it_costs_little(tmp_path):
    """Ten thousand deliveries; a refresh opens the file about ten times. Measured: 3 ms each."""
    deliver(tmp_path, "a")
    with opened(tmp_path) as con:
        con.execute(
            "insert into ledger.deliveries (delivery_id, file_sha256, batch_id) select i, md5(i::varchar), 1 "
            "from range(10000) as r(i)"
        )
    from pipelines.store import seal

    with duckdb.connect(str(database(tmp_path))) as con:
        start = time.perf_counter()
        seal.check_seal(con, database(tmp_path))
        seal.mark(con)
        spent = time.perf_counter() - start
    assert spent < 0.2, spent


def test_a_lost_repair_is_noticed(tmp_path):
    deliver(tmp_path, "a")
    shutil.copy(database(tmp_path), tmp_path / "older")
    with opened(tmp_path) as con:
        con.execute("insert into ledger.repairs (repair_id, kind) values (1, 'rows')")
    shutil.copy(tmp_path / "older", database(tmp_path))
    with pytest.raises(SealError, match=r"holds 0 repairs, not 1"), opened(tmp_path):
        pass
