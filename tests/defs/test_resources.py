"""The writer of a run: one connection to the working file, kept between steps, closed for others and after errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.defs.resources import Writer, silent
from pipelines.settings.environment import Settings, load_settings
from pipelines.settings.home import Home
from pipelines.store import ledger
from pipelines.store.connection import open_warehouse
from pipelines.store.seal import read_seal


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every opening of the working file."""
    found: list[Path] = []
    real = open_warehouse

    def counted(**how):  # type: ignore[no-untyped-def]
        found.append(how["database"])
        return real(**how)

    monkeypatch.setattr("pipelines.defs.resources.open_warehouse", counted)
    return found


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    settings = replace(load_settings("online_retail", tmp_path, {}), home=Home(tmp_path))
    settings.home.prepare("online_retail")
    held = Writer(settings, silent)
    yield held
    held.give_back()


def deliver(con: duckdb.DuckDBPyConnection, name: str, batch: int) -> None:
    ledger.create_tables(con)
    con.execute("insert into ledger.batches (batch_id) values (?)", [batch])
    told = [name, f"sha of {name}", batch]
    con.execute("insert into ledger.deliveries (delivery_id, file_sha256, batch_id) values (?, ?, ?)", told)


def another_process_opens(settings: Settings) -> bool:
    code = f"import duckdb; duckdb.connect({str(settings.home.warehouse)!r}).close()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_steps_share_one_connection_and_its_end_seals_what_they_left(writer: Writer, opened: list[Path]) -> None:
    for number, name in enumerate("abc", start=1):
        with writer.warehouse() as con:
            deliver(con, name, number)
    assert len(opened) == 1 and read_seal(writer.settings.home.warehouse) is None
    writer.give_back()
    sealed = read_seal(writer.settings.home.warehouse)
    assert sealed is not None and (sealed.batch_id, sealed.deliveries) == (3, 3)
    writer.give_back()  # again: nothing to do


def test_the_lock_is_held_between_steps_and_given_back_on_demand(writer: Writer, opened: list[Path]) -> None:
    with writer.warehouse() as con:
        deliver(con, "a", 1)
    assert not another_process_opens(writer.settings)
    writer.give_back()
    assert another_process_opens(writer.settings)
    with writer.warehouse() as con:
        assert ledger.last_batch(con) == 1
    assert len(opened) == 2


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_closes_the_file_unsealed_and_the_next_step_opens_it_anew(
    writer: Writer, opened: list[Path], error: type[BaseException]
) -> None:
    with pytest.raises(error), writer.warehouse() as con:
        deliver(con, "a", 1)
        con.execute("create temp table left_over as select 1 as one")
        con.execute("begin")
        con.execute("insert into ledger.batches (batch_id) values (2)")
        raise error
    assert read_seal(writer.settings.home.warehouse) is None
    with writer.warehouse() as con:
        assert ledger.last_batch(con) == 1  # what was open is rolled back
        assert con.execute("select count(*) from duckdb_tables() where temporary").fetchone() == (0,)
    assert len(opened) == 2


def test_one_user_at_a_time(writer: Writer) -> None:
    with writer.warehouse() as con:
        with pytest.raises(RuntimeError, match="one user at a time"), writer.warehouse():
            pass
        with pytest.raises(RuntimeError, match="one user at a time"):
            writer.give_back()
        assert con.execute("select 1").fetchone() == (1,)
