"""Places inside a refresh: what it passes on its way, told in a trace, and where it can be killed or held.

Belongs here: the places, the trace, the kill. Does not belong here: what must hold afterwards.
A place is a function of the pipeline (or a block that it opens); a kill falls some milliseconds after one was entered,
or, in a commit, at the moment in which the write-ahead log grows.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# By stage. `with:` marks a function that opens a block, of which only the end is the place (a commit, a close); `make:`
# one that lists statements, of which the making is.
PLACES = {
    "ingest": {
        "ingestion": "pipelines.defs.raw:ingest",
        "landing": "pipelines.defs.ingest:_land",
        "writing a split": "pipelines.sources.split:_write",
        "commit of a split": "pipelines.sources.split:put_in_place",
        "load": "pipelines.store.arrivals.loading:load_days",
        "verdicts": "pipelines.store.days.verdicts:settle_verdicts",
        "commit of the load": "with:pipelines.defs.ingest:transaction",
    },
    "dbt": {"dbt": "pipelines.defs.dbt_build:invoke"},
    "settle": {
        "dbt closes": "dbt.adapters.duckdb.connections:DuckDBConnectionManager.close_all_connections",
        "settling": "pipelines.store.built:settle_build",
        "commit of the settling": "with:pipelines.defs.dbt:transaction",
        "checkpoint": "with:pipelines.defs.resources:open_warehouse",
    },
    "training": {
        "training": "make:pipelines.definitions:all_statements",
        "writing": "pipelines.defs.statements:write_statement",
        "commit of a statement": "with:pipelines.store.statements:transaction",
    },
    "publication": {
        "audit": "pipelines.defs.publish:audit",
        "publishing": "pipelines.defs.publish:publish",
        "comparing": "pipelines.store.published.plan:table_sums",
        "copying the last file": "pipelines.store.published.writing:copied",
        "commit of the new file": "with:pipelines.store.published.writing:transaction_of_file",
        "linking": "pipelines.store.published.parquet:linked",
        "settling files": "pipelines.store.published.parquet:settled",
        "report": "pipelines.defs.report:write_report",
        "swap": "pipelines.store.published.publication:finish_version",
        "pruning": "pipelines.store.published.publication:prune_versions",
        "commit of the base": "with:pipelines.defs.publish:transaction",
    },
}
Enter = Callable[[str], int]
Leave = Callable[[str, int], None]
STAGE_OF = {place: stage for stage, places in PLACES.items() for place in places}


@dataclass(frozen=True)
class Kill:
    """When a run dies: so long after the place was entered for the `nth` time; `at_write`: as soon as a log grows."""

    place: str
    nth: int = 1
    after_ms: float = 0
    at_write: bool = False

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.place} {self.nth}, {'at its write' if self.at_write else f'{self.after_ms:.0f} ms'}"


@dataclass(frozen=True)
class Passed:
    """One passage of a place: which time it was, when it was entered, how long it took (None: it never left)."""

    place: str
    nth: int
    entered: float
    seconds: float | None


def read_trace(file: Path) -> list[Passed]:
    """What a run passed, in the order of entering."""
    passed: dict[tuple[str, int], Passed] = {}
    for line in file.read_text().splitlines():
        kind, moment, nth, place = line.split(" ", 3)
        key = place, int(nth)
        if kind == "enter":
            passed[key] = Passed(place, int(nth), float(moment), None)
        else:
            passed[key] = Passed(place, int(nth), passed[key].entered, float(moment) - passed[key].entered)
    return list(passed.values())


def where_it_stood(trace: list[Passed]) -> str | None:
    """The innermost place that a killed run was in, None between places."""
    return next((passage.place for passage in reversed(trace) if passage.seconds is None), None)


def watch(
    trace: Path,
    warehouse: Path,
    kill: Kill | None = None,
    pause: Kill | None = None,
    act: tuple[Kill, Callable[[], None]] | None = None,
) -> None:
    """Replace every place by one that tells the trace, and kills (or stops) this process when its moment has come, or
    does there what is given."""
    handle = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    counts: dict[str, int] = {}

    def enter(place: str) -> int:
        nth = counts[place] = counts.get(place, 0) + 1
        os.write(handle, f"enter {time.monotonic()} {nth} {place}\n".encode())
        for fault, number in ((kill, signal.SIGKILL), (pause, signal.SIGSTOP)):
            if fault and (fault.place, fault.nth) == (place, nth):
                _strike(fault, number, warehouse)
        if act and (act[0].place, act[0].nth) == (place, nth):
            act[1]()
        return nth

    def leave(place: str, nth: int) -> None:
        os.write(handle, f"leave {time.monotonic()} {nth} {place}\n".encode())

    for places in PLACES.values():
        for place, target in places.items():
            _replace(place, target, enter, leave)


def _strike(fault: Kill, number: signal.Signals, warehouse: Path) -> None:
    if not fault.after_ms and not fault.at_write:
        os.kill(os.getpid(), number)
        return
    log = warehouse.with_name(f"{warehouse.name}.wal")

    def size() -> int:
        return log.stat().st_size if log.exists() else -1

    before = size()

    def strike() -> None:
        if fault.at_write:
            limit = time.monotonic() + 2
            while size() == before and time.monotonic() < limit:
                pass
        else:
            time.sleep(fault.after_ms / 1000)
        os.kill(os.getpid(), number)

    threading.Thread(target=strike, daemon=True).start()


def _replace(place: str, target: str, enter: Enter, leave: Leave) -> None:
    *before, module_name, name = target.split(":")
    kind = before[0] if before else ""
    owner: Any = importlib.import_module(module_name)
    *parents, name = name.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    real: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(real)
    def watched(*arguments: Any, **named: Any) -> Any:
        nth = enter(place)
        try:
            return real(*arguments, **named)
        finally:
            leave(place, nth)

    @contextmanager
    def watched_end(*arguments: Any, **named: Any) -> Iterator[Any]:
        with real(*arguments, **named) as value:
            yield value
            nth = enter(place)
        leave(place, nth)

    def watched_making() -> list[Any]:
        makers = {statement.name: _making(statement.make, place, enter, leave) for statement in real()}
        return [dataclasses.replace(statement, make=makers[statement.name]) for statement in real()]

    setattr(owner, name, {"": watched, "with": watched_end, "make": watched_making}[kind])


def _making(make: Callable[..., Any], place: str, enter: Enter, leave: Leave) -> Callable[..., Any]:
    @functools.wraps(make)
    def watched(*arguments: Any) -> Any:
        nth = enter(place)
        try:
            return make(*arguments)
        finally:
            leave(place, nth)

    return watched
