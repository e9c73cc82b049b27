"""A small part of every kind of fault, on the real refresh; `make faults` carries out the full counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.commands import run
from tests.faults.damage import CUT, FLIP, TARGETS, Copies, Damage, Seen, copies, damage_once, draws, older_file
from tests.faults.disk import on_small_disks, with_limits
from tests.faults.homes import Prepared, one_line_of
from tests.faults.kill import Killed, kill_once
from tests.faults.memory import BESIDE_MB, LIMIT_MB, measured
from tests.faults.places import PLACES, STAGE_OF, Kill, Passed, read_trace, where_it_stood
from tests.faults.reading import read_while_refreshing
from tests.faults.shops import SHOPS
from tests.faults.writer import handles_of_a_refresh, refused

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# While the report is drawn: the toy project of tests/engine, which is killed at every other place, has none. A kill of
# a whole shop costs two refreshes: all stages of both shops are left to `make faults KIND=kill`.
KILLED = Kill("report", after_ms=60)
# Of the kinds of files those whose damage is noticed in ways of their own: DuckDB's blocks, the seal beside a log that
# was cut off, a model's sha256.
DAMAGED = ("working file", "log of a load", "model")


def test_a_killed_refresh_loses_nothing(home: Prepared) -> None:
    seen = Killed()
    stage = kill_once(home, KILLED, seen, 1)
    assert seen.problems == []
    assert stage in {STAGE_OF[KILLED.place], None}


def test_a_full_disk_is_named_and_the_next_run_is_green(home: Prepared) -> None:
    faults = [*with_limits(home, 1), *on_small_disks(home, 1)]
    assert [problem for _, _, wrong in faults for problem in wrong] == []
    assert any(failed for _, failed, _ in faults)


@pytest.fixture(scope="module")
def made(home: Prepared) -> Copies:
    return copies(home)


def damages() -> Iterator[Damage]:
    """The first damage drawn for each of these kinds of files."""
    for target in (target for target in TARGETS if target.name in DAMAGED):
        yield next(
            damage
            for damage in draws(SHOPS["online_retail"], 60)
            if damage.target == target and damage.kind in (FLIP, CUT)
        )


@pytest.mark.parametrize("damage", damages(), ids=lambda damage: damage.name)
def test_damage_is_detected_or_harmless(home: Prepared, made: Copies, damage: Damage) -> None:
    seen = Seen()
    damage_once(home, made, damage, seen)
    assert seen.problems == []


def test_an_older_working_file_is_refused_and_can_be_rebuilt(home: Prepared, made: Copies) -> None:
    assert older_file(home, made) == []


def test_second_writers_are_refused(home: Prepared) -> None:
    assert refused(home, "load", 4) == (4, [])


def test_the_writer_holds_one_handle(home: Prepared) -> None:
    lines = handles_of_a_refresh(home)
    assert lines
    assert set(lines) == {"connect 0"}


def test_readers_beside_real_publications(home: Prepared) -> None:
    seen, wrong = read_while_refreshing(home, 1, readers=2)
    assert wrong == []
    assert all(read.reads > 1 for read in seen)


def test_peak_memory_is_measured_of_the_whole_tree(tmp_path: Path) -> None:
    """A grandchild's memory counts; the limit itself is asked of the whole shop by `make faults KIND=memory`."""
    grandchild = "import time; x = bytes([1]) * (200 << 20); time.sleep(1)"  # a look every now and then must meet it
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{grandchild}'])"
    ended, peak, _ = measured(["python3", "-c", code], {}, tmp_path / "log")
    assert ended == 0
    assert 200 << 20 <= peak <= LIMIT_MB + BESIDE_MB << 20


def test_a_damaged_home_never_stops_with_a_traceback(home: Prepared) -> None:
    shop = home.restored()
    shop.settings.home.warehouse.write_bytes(b"")
    assert one_line_of(run(shop, "refresh", "--date", f"{home.last}")) == []


def test_where_a_killed_run_stood(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text("enter 1.0 1 ingestion\nenter 1.5 1 load\nleave 2.0 1 load\nenter 2.5 2 load\n")
    passed = read_trace(trace)
    assert passed == [Passed("ingestion", 1, 1.0, None), Passed("load", 1, 1.5, 0.5), Passed("load", 2, 2.5, None)]
    assert where_it_stood(passed) == "load"
    assert set(STAGE_OF.values()) == set(PLACES)
