"""What of faults only a real shop and the real command have: second writers, handles, damage; few of each.

A refresh that is killed, runs out of disk, is read from or finds an older working file is that of the toy project
(tests/engine/test_kills.py, test_faults.py there); all kinds on both shops in full counts are `make faults`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.commands import run
from tests.faults.damage import CUT, FLIP, TARGETS, Copies, Damage, Seen, copies, damage_once, draws
from tests.faults.homes import Prepared, one_line_of
from tests.faults.memory import BESIDE_MB, LIMIT_MB, measured
from tests.faults.places import PLACES, STAGE_OF, Passed, read_trace, where_it_stood
from tests.faults.shops import SHOPS
from tests.faults.writer import handles_of_held, refused

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# Of the kinds of files those whose damage is noticed in ways of their own: DuckDB's blocks, the seal beside a log that
# was cut off, a model's sha256.
DAMAGED = [target for target in TARGETS if target.name in ("working file", "log of a load", "model")]


@pytest.fixture(scope="module")
def made(home: Prepared) -> Copies:
    return copies(home, DAMAGED)


def damages() -> Iterator[Damage]:
    """The first damage drawn for each of these kinds of files."""
    for target in DAMAGED:
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


def test_second_writers_are_refused_and_the_first_holds_one_handle(home: Prepared) -> None:
    assert refused(home, "load", 4) == (4, [])
    lines = handles_of_held(home)
    assert lines
    assert set(lines) == {"connect 0"}


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
