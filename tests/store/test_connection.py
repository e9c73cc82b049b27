"""One writer: a second one is refused and told who holds the home; paths that DuckDB would misread are refused."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest

from pipelines.store.connection import LockedError, WarehouseError, open_warehouse, transaction, writer_lock

HOLD = """
import sys
from pathlib import Path
from pipelines.store.connection import writer_lock
with writer_lock(Path(sys.argv[1]), "the daily refresh"):
    print("held", flush=True)
    sys.stdin.read()
"""


def opened(database: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    return open_warehouse(database, temp_directory=database.parent, memory_limit="1GB", threads=1)


def test_a_second_writer_is_refused_and_told_who_holds_the_home(tmp_path: Path) -> None:
    lock = tmp_path / "warehouse" / "writer.lock"
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for _ in range(20):
            refused = pytest.raises(LockedError, match=f"process {holder.pid} .the daily refresh, since")
            with refused, writer_lock(lock, "another"):
                raise AssertionError("two writers")
        holder.kill()
    with writer_lock(lock, "the next"):
        assert f"{tmp_path}" not in lock.read_text()
    assert lock.read_text() == ""


def test_a_path_that_duckdb_would_misread_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"may have a \? in its name"), opened(tmp_path / "a?b.duckdb"):
        pass


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_text("no database, but long enough to be looked at by its reader" * 100)
    with pytest.raises(WarehouseError, match=r"w\.duckdb cannot be opened"), opened(tmp_path / "w.duckdb"):
        pass


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "w.duckdb") as con:
        with pytest.raises(KeyboardInterrupt), transaction(con):
            con.execute("create table kept (i integer)")
            raise KeyboardInterrupt
        assert con.execute("show tables").fetchall() == []
        with transaction(con):
            con.execute("create table kept (i integer)")
        assert con.execute("show tables").fetchall() == [("kept",)]
