"""One daily refresh in this process, each part's wall seconds printed as JSON. Run as a module, one process a measure.

The parts: importing Dagster, dbt and Great Expectations; definitions (manifest and lineage); the run, by step.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from pathlib import Path


def main(home: str, day: str) -> None:
    """Refresh `day` in `home`; prints {"parts": {name: seconds}, "dbt_invocations": n, "total": seconds}."""
    parts: dict[str, float] = {}
    begin = last = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        parts[name] = now - last
        last = now

    import dagster  # noqa: F401
    import dagster_dbt  # noqa: F401

    lap("import dagster")
    import dbt.adapters.duckdb
    import dbt.cli.main  # noqa: F401

    lap("import dbt")
    import great_expectations  # noqa: F401

    lap("import great_expectations")
    import datetime as dt

    from pipelines.definitions import build_definitions
    from pipelines.defs import dbt as dbt_defs
    from pipelines.defs.launch import launch
    from pipelines.settings import load_settings

    lap("import almanac")
    calls: list[str] = []
    invoke = dbt_defs.invoke
    dbt_defs.invoke = lambda *a, **k: (calls.append(a[2][0]), invoke(*a, **k))[1]
    stages: list[tuple[str, float]] = []

    def progress(stage: str, done: int, total: int) -> None:
        if not stages or stages[-1][0] != stage:
            stages.append((stage, time.perf_counter()))

    settings = load_settings("online_retail", Path(home))
    definitions = build_definitions(settings, progress=progress)
    lap("definitions")
    outcome = launch(settings, definitions, "refresh", dt.date.fromisoformat(day), dt.date.fromisoformat(day))
    end = time.perf_counter()
    marks = [("instance, run start", last), *stages, ("", end)]
    for (name, start), (_, stop) in pairwise(marks):
        parts[name] = parts.get(name, 0.0) + stop - start
    print(
        json.dumps(
            {"parts": parts, "dbt_invocations": len(calls), "calls": calls, "total": end - begin, "ok": outcome.success}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
