"""The fixed overhead of a daily refresh, part by part, in wall seconds.

`python -m benchmarks.one_day HOME DAY` is one refresh in a process of its own: it prints its parts as JSON, the whole
process apart, which the caller measures. The parts: what is imported, definitions (manifest and lineage), the run's
start in Dagster, then each stage that the run reports. Does not belong here: judging the parts.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import shutil
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.processes import GIB, Cost, run

LIBRARIES = {
    "import dagster": ("dagster", "dagster_dbt"),
    "import dbt": ("dbt.cli.main", "dbt.adapters.duckdb"),
    "import great_expectations": ("great_expectations", "great_expectations.expectations"),
    "import almanac": ("pipelines.definitions", "pipelines.defs.launch"),
}


class Clock:
    """Wall seconds per part: each lap adds what has passed since the last one."""

    def __init__(self) -> None:
        self.last = time.perf_counter()
        self.parts: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Book the time since the last lap."""
        now = time.perf_counter()
        self.parts[name] = self.parts.get(name, 0.0) + now - self.last
        self.last = now


def counted_invocations() -> list[str]:
    """The first argument of every dbt invocation from now on."""
    from pipelines.defs import dbt as dbt_defs

    calls: list[str] = []
    invoke = dbt_defs.invoke

    def counted(settings: Any, target: Path, arguments: list[str], *rest: Any) -> Any:
        calls.append(arguments[0])
        return invoke(settings, target, arguments, *rest)

    dbt_defs.invoke = counted  # type: ignore[assignment]
    return calls


def refresh_in_parts(home: Path, day: dt.date) -> dict[str, Any]:
    """Refresh `day` in `home` as the command does; {"parts", "calls", "success"}."""
    clock = Clock()
    for name, modules in LIBRARIES.items():
        for module in modules:
            importlib.import_module(module)
        clock.lap(name)
    from pipelines.definitions import build_definitions
    from pipelines.defs.launch import launch
    from pipelines.settings import load_settings

    calls = counted_invocations()
    marks: list[tuple[str, float]] = []

    def progress(stage: str, done: int, total: int) -> None:
        if not marks or marks[-1][0] != stage:
            marks.append((stage, time.perf_counter()))

    settings = load_settings("online_retail", home)
    definitions = build_definitions(settings, progress=progress)
    clock.lap("definitions")
    marks.append(("start of the run", time.perf_counter()))
    outcome = launch(settings, definitions, "refresh", day, day)
    marks.append(("", time.perf_counter()))
    for (name, start), (_, stop) in pairwise(marks):
        clock.parts[name] = clock.parts.get(name, 0.0) + stop - start
    return {"parts": clock.parts, "calls": calls, "success": outcome.success, "errors": outcome.errors}


def measure(home: Path, day: str, attempts: int = 3) -> list[Figure]:
    """The best of `attempts` refreshes of `day` in `home`, which must hold the days before it.

    Each starts from the same copy, at the same place: dbt's parse is kept per place, as it is from day to day.
    """
    kept = home.with_name(f"{home.name}-kept")
    shutil.copytree(home, kept, symlinks=True)
    seen: list[tuple[Cost, dict[str, Any]]] = []
    for _ in range(attempts):
        shutil.rmtree(home)
        shutil.copytree(kept, home, symlinks=True)
        cost = run([sys.executable, "-m", "benchmarks.one_day", str(home), day])
        found = json.loads(cost.output.splitlines()[-1]) if cost.code == 0 else {}
        if not found.get("success"):
            raise RuntimeError(f"the refresh of {day} failed:\n{cost.output[-2000:]}")
        seen.append((cost, found))
    best, found = min(seen, key=lambda pair: pair[0].wall)
    parts: dict[str, float] = found["parts"]
    parts["interpreter, and its end"] = best.wall - sum(parts.values())
    walls = ", ".join(f"{cost.wall:.1f}" for cost, _ in seen)
    return [
        *(Figure(f"  {name} (s)", seconds) for name, seconds in parts.items()),
        Figure("one-day refresh, all parts (wall s)", best.wall, 25.0, f"best of {walls}; {best.cpu:.1f} CPU s"),
        Figure("one-day refresh, dbt invocations", len(found["calls"]), 2.0, ", ".join(found["calls"])),
        Figure("one-day refresh, peak memory (GiB)", best.peak / GIB, 2.0),
    ]


if __name__ == "__main__":
    print(json.dumps(refresh_in_parts(Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2]))))
