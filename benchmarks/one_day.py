"""The fixed overhead of a daily refresh, part by part, in wall seconds; training of models is shown and not counted.

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

# The stages in which models are trained: what they cost grows with what they learn, it is no overhead.
STATED = "state "


class Clock:
    """(Wall, CPU) seconds per part: a part lasts from its start to the start of the next one."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[float, float]] = {}
        self.part, self.wall, self.cpu = "", 0.0, 0.0

    def start(self, part: str) -> None:
        """End the running part and start this one; the same part may come again."""
        wall, cpu = time.perf_counter(), time.process_time()
        if self.part:
            before = self.parts.get(self.part, (0.0, 0.0))
            self.parts[self.part] = (before[0] + wall - self.wall, before[1] + cpu - self.cpu)
        self.part, self.wall, self.cpu = part, wall, cpu


def counted_invocations() -> list[str]:
    """The first argument of every dbt invocation from now on."""
    from pipelines.defs import dbt_build as dbt_defs

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
        clock.start(name)
        for module in modules:
            importlib.import_module(module)
    clock.start("definitions")
    from pipelines.definitions import build_definitions
    from pipelines.defs.launch import launch
    from pipelines.settings.environment import load_settings

    calls = counted_invocations()
    settings = load_settings("online_retail", home)
    definitions = build_definitions(settings, progress=lambda stage, done, total: clock.start(stage))
    clock.start("start of the run")
    outcome = launch(settings, definitions, "refresh", day, day)
    clock.start("")
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
    parts: dict[str, list[float]] = found["parts"]
    rest = [whole - sum(part[i] for part in parts.values()) for i, whole in enumerate((best.wall, best.cpu))]
    parts["start and end of the interpreter"] = rest
    walls = ", ".join(f"{cost.wall:.1f}" for cost, _ in seen)
    trained = sum(wall for name, (wall, _) in parts.items() if name.startswith(STATED))
    return [
        *(Figure(f"  {name} (wall s)", wall, note=f"{cpu:.1f} CPU s") for name, (wall, cpu) in parts.items()),
        Figure("one-day refresh, all parts (wall s)", best.wall, note=f"best of {walls}; {best.cpu:.1f} CPU s"),
        Figure("one-day refresh, models apart (wall s)", best.wall - trained, 25.0),
        Figure("one-day refresh, dbt invocations", len(found["calls"]), 2.0, ", ".join(found["calls"])),
        Figure("one-day refresh, peak memory (GiB)", best.peak / GIB, 2.0),
    ]


if __name__ == "__main__":
    print(json.dumps(refresh_in_parts(Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2]))))
