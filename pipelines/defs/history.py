"""The history of runs: which are old, and forgetting them.

Belongs here: what `almanac prune` does to Dagster's own records. Does not belong here: how they are written
(instance.py). No data depend on the history; Dagster's page no longer shows what a forgotten run made.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from pipelines.defs.instance import instance_dir
from pipelines.settings.environment import Settings
from pipelines.store.care.health import size_of

ENDED = ("SUCCESS", "FAILURE", "CANCELED")


def old_runs(settings: Settings, before: dt.datetime) -> list[str]:
    """The ids of runs that ended before that moment, oldest first. Read without Dagster, which takes seconds."""
    file = settings.home.dagster / "history" / "runs.db"
    if not file.exists():
        return []
    con = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        rows = con.execute(
            f"select run_id from runs where status in ({', '.join('?' * len(ENDED))}) and end_time < ? order by id",
            [*ENDED, before.timestamp()],
        ).fetchall()
    finally:
        con.close()
    return [run_id for (run_id,) in rows]


def forget_runs(settings: Settings, run_ids: Sequence[str]) -> None:
    """Delete the runs, their events and their event files."""
    with dg.DagsterInstance.from_config(str(instance_dir(settings))) as instance:
        for run_id in run_ids:
            instance.delete_run(run_id)
    history = settings.home.dagster / "history"
    for run_id in run_ids:
        for file in (history / "runs").glob(f"{run_id}.db*"):
            file.unlink(missing_ok=True)
    for file in (history / "runs.db", history / "runs" / "index.db"):
        _shrink(file)


def size_of_runs(settings: Settings, run_ids: Sequence[str]) -> int:
    """Bytes of the runs' own files; what the shared ones shrink by is not known beforehand."""
    runs = settings.home.dagster / "history" / "runs"
    return sum(size_of(runs / f"{run_id}.db") for run_id in run_ids)


def _shrink(file: Path) -> None:
    """Give back the room of what was deleted from a shared file; not while `almanac serve` has it open, when the next
    runs use it."""
    if file.exists():
        con = sqlite3.connect(file, timeout=5)
        with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(con):
            con.execute("vacuum")
