"""verify-replay names what differs, by the command and by the weekly job, and refuses what cannot be replayed.

That a sound home with every kind of delivery is equal is asked by the runbook of the replay, on the restless week.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipelines.defs.replay import Replayed, _pieces
from pipelines.defs.schedules import build_replay_job
from pipelines.settings.environment import load_settings
from pipelines.store.published.differences import describe, differing_tables
from pipelines.store.published.versions import manifest_sum
from tests import homes
from tests.command_line import Command, Said
from tests.house import retail
from tests.house.retail import DAYS, Place


@pytest.fixture(scope="module")
def clean() -> Place:
    return Place(homes.made(retail.clean))


def with_a_difference(clean: Place, folder: Path) -> tuple[Replayed, str]:
    """What a replay finds where a copy of the clean week was published with one line changed; that line."""
    version = (clean.folder / "home" / "published" / "current").resolve()
    other = shutil.copytree(version, folder / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    with duckdb.connect(str(other / "marts.duckdb")) as con:
        [line] = con.execute("select min(order_line_id) from fct_order_lines").fetchone() or [""]
        con.execute("update fct_order_lines set quantity = quantity + 1 where order_line_id = ?", [line])
    manifest["tables"]["fct_order_lines"]["compared_digest"] = "other"
    manifest["manifest_sha256"] = manifest_sum(manifest)
    (other / "manifest.json").write_text(json.dumps(manifest))
    found = [describe(version, other, table) for table in differing_tables(version, other)]
    return Replayed("v0001", [(DAYS[1], DAYS[1]), (DAYS[0], DAYS[0])], len(manifest["tables"]), None, found), str(line)


@pytest.mark.slow
def test_a_difference_is_named_and_ends_with_1(
    clean: Place, almanac: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, line = with_a_difference(clean, tmp_path)
    monkeypatch.setattr("pipelines.defs.replay.verify_replay", lambda *_, **__: found)
    (tmp_path / "home" / "logs").mkdir(parents=True)
    said = almanac("verify-replay", "--home", "home")
    assert said.code == 1
    assert f"1 of {found.compared} tables differ from their replay" in said.line
    assert f"in this order: {DAYS[1]}, {DAYS[0]}" in said.out
    assert "fct_order_lines differs" in said.out
    assert f"order_line_id={line}: quantity is" in said.out


def test_the_weekly_job_fails_with_what_the_command_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings("online_retail", tmp_path, environment={})

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert "verify-replay" in command and str(tmp_path) in command
        return subprocess.CompletedProcess(command, 1, "order_line_id=x: quantity is 2\n", "1 of 9 tables differ\n")

    monkeypatch.setattr("pipelines.defs.schedules.subprocess.run", run)
    job = build_replay_job(settings)
    result = job.execute_in_process(raise_on_error=False, instance=dg.DagsterInstance.ephemeral())
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "1 of 9 tables differ\norder_line_id=x" in str(failure.step_failure_data.error)


@pytest.mark.slow
def test_days_that_never_arrived_are_refused(tmp_path: Path) -> None:
    done = Place(homes.copy_of(retail.clean, tmp_path)).run(
        "verify-replay", "--from", "2012-05-01", "--to", "2012-05-02"
    )
    assert (done.code, "no file arrived from 2012-05-01" in done.line) == (2, True)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 40])
def test_pieces_hold_every_day_once_and_not_in_the_calendars_order(count: int) -> None:
    days = [DAYS[0] + dt.timedelta(days=offset) for offset in range(count)]
    for seed in range(20):
        pieces = _pieces(days, random.Random(seed))
        assert sorted(day for piece in pieces for day in piece) == days
        assert count == 1 or [day for piece in pieces for day in piece] != days
        assert len(pieces) == min(count, 7)


def test_a_home_without_a_version_is_refused(almanac: Callable[..., Said]) -> None:
    done = almanac("verify-replay", "--home", "nothing")
    assert (done.code, "nothing published yet" in done.line) == (2, True)
