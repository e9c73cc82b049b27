"""A refresh of one day in a process of its own, part by part.

`python -m benchmarks.one_day SHOP HOME DAY` does it as the command does and prints its parts as JSON; the caller
measures the whole process. The parts: what is imported, definitions (manifest and lineage), the run's start in Dagster,
then each stage that the run reports. Does not belong here: judging the parts (demo_shop.py).
"""

from __future__ import annotations

import datetime as dt
import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

LIBRARIES = {
    "import dagster": ("dagster", "dagster_dbt"),
    "import dbt": ("dbt.cli.main", "dbt.adapters.duckdb"),
    "import almanac": ("pipelines.definitions", "pipelines.defs.launch"),
}


class Clock:
    """CPU seconds per part: a part lasts from its start to the start of the next one."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.part, self.cpu = "start of the interpreter", 0.0

    def start(self, part: str) -> None:
        """End the running part and start this one; the same part may come again."""
        cpu = time.process_time()
        self.parts[self.part] = self.parts.get(self.part, 0.0) + cpu - self.cpu
        self.part, self.cpu = part, cpu


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


def refresh_in_parts(shop: str, home: Path, day: dt.date) -> dict[str, Any]:
    """Refresh `day` in `home` as the command does; {"parts", "calls", "success", "errors"}."""
    from pipelines.cli.runs import OBJECTS_BETWEEN_COLLECTIONS

    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
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
    settings = load_settings(shop, home)
    definitions = build_definitions(settings, progress=lambda stage, done, total: clock.start(stage))
    clock.start("start of the run")
    outcome = launch(settings, definitions, "refresh", day, day)
    clock.start("")
    return {"parts": clock.parts, "calls": calls, "success": outcome.success, "errors": outcome.errors}


if __name__ == "__main__":
    print(json.dumps(refresh_in_parts(sys.argv[1], Path(sys.argv[2]), dt.date.fromisoformat(sys.argv[3]))), flush=True)
    os._exit(0)  # as the command ends: taking the interpreter apart costs seconds
