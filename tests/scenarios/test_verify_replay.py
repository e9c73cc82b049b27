"""verify-replay finds nothing in a sound home with every kind of delivery, and finds what was planted."""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipelines.definitions import build_definitions
from pipelines.defs.replay import _pieces
from pipelines.settings.environment import load_settings
from tests.command_line import SHOP, deliver, in_child
from tests.shop_under_test import as_csv, real_rows

DAYS = [dt.date(2010, 12, day) for day in (1, 2, 3, 5, 6)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a late file, late rows, a file twice, a corrected one, a refused one and rows in quarantine."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "shops").mkdir()
    (folder / "shops" / "online_retail.yaml").write_text(SHOP)
    home = folder / "home"
    rows = {day: real_rows(day) for day in DAYS}
    damaged = [*rows[DAYS[1]]]
    damaged[3] = [*damaged[3][:3], "many", *damaged[3][4:]]
    deliver(home, f"{DAYS[0]}", as_csv(rows[DAYS[0]]), "day.csv")
    deliver(home, f"{DAYS[1]}", as_csv(damaged), "day.csv")
    deliver(home, f"{DAYS[1]}", b"no such header\n1\n", "other.csv")
    deliver(home, f"{DAYS[2]}", as_csv(rows[DAYS[2]][:-40]), "day.csv")
    _run(folder, "backfill", "--from", f"{DAYS[0]}", "--to", f"{DAYS[2]}")
    deliver(home, f"{DAYS[0]}", as_csv(rows[DAYS[0]][:-5]), "day.csv")  # a corrected file
    deliver(home, f"{DAYS[3]}", as_csv(rows[DAYS[3]]), "day.csv")
    deliver(home, f"{DAYS[3]}", as_csv(rows[DAYS[2]][-40:]), f"late-{DAYS[2]}.csv")
    deliver(home, f"{DAYS[3]}", as_csv(rows[DAYS[1]][:30]), "again.csv")
    _run(folder, "backfill", "--from", f"{DAYS[0]}", "--to", f"{DAYS[3]}")
    return folder


def _run(folder: Path, *arguments: str) -> None:
    done = in_child(folder, *arguments, "--home", "home")
    assert done.code in (0, 3), done.err


@pytest.mark.slow
def test_a_sound_home_is_equal_and_a_planted_difference_is_named(folder: Path) -> None:
    equal = in_child(folder, "verify-replay", "--home", "home", "--seed", "3")
    assert (equal.code, equal.err) == (0, "")
    assert "tables are equal" in equal.out
    assert not list((folder / "home" / "tmp").iterdir())

    with duckdb.connect(str(folder / "home" / "warehouse" / "warehouse.duckdb")) as con:
        line = con.execute("select min(order_line_id) from core.fct_order_lines").fetchone()
        assert line is not None
        con.execute("update core.fct_order_lines set quantity = quantity + 1 where order_line_id = ?", [line[0]])
    unseen = in_child(folder, "verify-replay", "--home", "home", "--from", f"{DAYS[3]}", "--to", f"{DAYS[3]}")
    assert unseen.code == 0, "readers do not see it yet"
    deliver(folder / "home", f"{DAYS[4]}", as_csv(real_rows(DAYS[4])), "day.csv")
    _run(folder, "refresh", "--date", f"{DAYS[4]}")

    found = in_child(folder, "verify-replay", "--home", "home", "--from", f"{DAYS[1]}", "--to", f"{DAYS[3]}")
    assert found.code == 1
    assert "tables differ from their replay" in found.line
    assert "fct_order_lines differs" in found.out
    assert f"order_line_id={line[0]}: quantity is" in found.out
    _the_weekly_job_fails(folder, str(line[0]))


def _the_weekly_job_fails(folder: Path, line: str) -> None:
    environment = {"ALMANAC_SHOPS_DIR": str(folder / "shops")}
    settings = load_settings("online_retail", folder / "home", environment=environment)
    job = build_definitions(settings).resolve_job_def("verify_replay")
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        result = job.execute_in_process(raise_on_error=False, instance=dg.DagsterInstance.ephemeral())
    finally:
        os.environ.clear()
        os.environ.update(before)
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert f"order_line_id={line}" in str(failure.step_failure_data.error)


@pytest.mark.slow
def test_days_that_never_arrived_are_refused(folder: Path) -> None:
    done = in_child(folder, "verify-replay", "--home", "home", "--from", "2011-05-01", "--to", "2011-05-02")
    assert (done.code, "no file arrived from 2011-05-01" in done.line) == (2, True)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 40])
def test_pieces_hold_every_day_once_and_not_in_the_calendars_order(count: int) -> None:
    days = [DAYS[0] + dt.timedelta(days=offset) for offset in range(count)]
    for seed in range(20):
        pieces = _pieces(days, random.Random(seed))
        assert sorted(day for piece in pieces for day in piece) == days
        assert count == 1 or [day for piece in pieces for day in piece] != days
        assert len(pieces) == min(count, 7)


def test_a_home_without_a_version_is_refused(tmp_path: Path) -> None:
    done = in_child(tmp_path, "verify-replay", "--home", "nothing", ALMANAC_SHOPS_DIR=str(Path("shops").absolute()))
    assert (done.code, "nothing published yet" in done.line) == (2, True)
