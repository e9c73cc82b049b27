"""A refresh of the toy in a process of its own, forked with all imports behind it, that is killed on its way.

Belongs here: starting it, and what it leaves to be read. Does not belong here: the places at which it dies
(tests/faults/places.py), and what must hold afterwards.
"""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from pathlib import Path

from tests.command_line import PATIENCE_SECONDS, warm_server
from tests.engine.toy import Toy
from tests.faults.places import Kill, Passed, read_trace, watch
from tests.lean_runs import lean, whole


def refresh(toy: Toy, day: dt.date, trace: Path, kill: Kill | None = None) -> tuple[int | None, list[Passed]]:
    """Refresh the day; (exit code, negative for the signal that ended it, and the places that it passed)."""
    context = warm_server()
    settings = toy.settings
    process = context.Process(target=_refresh, args=(settings.project_root, settings.home.path, day, trace, kill))
    process.start()
    process.join(PATIENCE_SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode, read_trace(trace)


def _refresh(project: Path, home: Path, day: dt.date, trace: Path, kill: Kill | None) -> None:
    toy = Toy.make(project, home)
    with lean(), whole() if kill and kill.place == "report" else nullcontext():
        watch(trace, home / "warehouse" / "warehouse.duckdb", kill)
        assert toy.run("refresh", day).success
