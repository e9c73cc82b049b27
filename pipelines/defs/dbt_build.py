"""One `dbt build` in this process: which nodes, what came of each, and what Dagster is told.

Belongs here: invoking dbt and reading its results. Does not belong here: the assets (dbt.py), the parse (manifest.py),
what has to run (pipelines.store.days.build_plan).
`DbtCliResource` costs 9 s per step (a second process, a version probe, a full parse for new vars), `dbtRunner` in
process 0.7 s. Its nodes are named by a tag that they bear for the length of the build: names would be looked up one by
one in the whole project (a second for 250), and of 250 names dagster-dbt makes a copy of the project.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.defs import dbt_events
from pipelines.settings.environment import Settings

CHOSEN = "chosen_for_this_build"
READ_EVENT = "NodeFinished"
FAILED = {"error", "fail", "runtime error"}


@dataclass(frozen=True)
class Result:
    """What came of a model or test: dbt's status (`success`, `pass`, `warn`, `fail`, `error`, `skipped`), its message,
    seconds, and rows that failed a test."""

    status: str
    message: str
    seconds: float
    failures: int


def environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml reads when a model runs."""
    return {
        "ALMANAC_WAREHOUSE": str(settings.home.warehouse),
        "ALMANAC_DUCKDB_TEMP": str(settings.home.tmp),
        "ALMANAC_MEMORY_LIMIT": settings.memory_limit,
        "ALMANAC_THREADS": str(settings.threads),
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
    }


def invoke(
    settings: Settings,
    target: Path,
    arguments: list[str],
    callbacks: list[Any] | None = None,
    parsed: Any = None,
) -> Any:
    """One dbt invocation in this process, its files in `target`; gives back DuckDB's lock on the working file. It works
    on the `parsed` manifest, without one it parses the project."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ.update(environment(settings))
    places = ["--project-dir", str(settings.dbt_project_dir), "--profiles-dir", str(settings.dbt_project_dir)]
    places += ["--target-path", str(target), "--log-path", str(settings.home.logs)]
    try:
        runner = dbtRunner(manifest=parsed, callbacks=callbacks or [])
        with dbt_events.only({READ_EVENT}):
            return runner.invoke(
                ["-q", "--log-level", "none", *arguments, "--vars", json.dumps(settings.dbt_vars), *places]
            )
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def build(
    settings: Settings, parsed: Any, nodes: Collection[str], done: Callable[[int], None]
) -> tuple[dict[str, Result], dg.Failure | None]:
    """Run the models and tests of the given unique ids, parents first: what came of each, and why the build failed, if
    it did. `done` is told how many have ended."""
    results: dict[str, Result] = {}
    # Nothing reads the files about a build, and dbt would write the manifest anew in place: killed there, half of it.
    arguments = ["build", "--no-write-json", "--select", f"tag:{CHOSEN}", "--indirect-selection", "empty"]
    arguments += ["--exclude-resource-type", "unit_test"]
    with _chosen(parsed, nodes):
        try:
            for unique_id, result in _finished(settings, parsed, arguments):
                results[unique_id] = result
                done(len(results))
        except dg.Failure as failure:
            return results, failure
    return results, None


def _finished(settings: Settings, parsed: Any, arguments: list[str]) -> Iterator[tuple[str, Result]]:
    """Run dbt in a thread of this process, so that a signal reaches ours, and hand on what ends; raises when dbt
    fails."""
    ended: queue.Queue[Any] = queue.Queue()

    def on_event(event: Any) -> None:
        if event.info.name == READ_EVENT:
            run = event.data.run_result
            told = Result(run.status, " ".join(run.message.split()), run.execution_time, run.num_failures)
            ended.put((event.data.node_info.unique_id, told))

    def run() -> None:
        try:
            ended.put(invoke(settings, settings.home.dbt / "target", arguments, [on_event], parsed))
        except BaseException as error:  # handed to the consumer, which raises it
            ended.put(error)

    thread = threading.Thread(target=run, name="dbt")
    thread.start()
    try:
        while isinstance(item := ended.get(), tuple):
            yield item
    finally:
        thread.join()
    if isinstance(item, BaseException):
        raise dg.Failure(f"dbt failed: {item}") from item
    if not item.success:
        raise dg.Failure(failure_text(item))


@contextmanager
def _chosen(parsed: Any, nodes: Collection[str]) -> Iterator[None]:
    """The nodes bear the tag."""
    tags = [parsed.nodes[unique_id].tags for unique_id in nodes]
    for names in tags:
        names.append(CHOSEN)
    try:
        yield
    finally:
        for names in tags:
            names.remove(CHOSEN)


def failure_text(result: Any) -> str:
    """One line for a failed invocation: the first node that failed and why, and how many more did."""
    if result.exception:
        return f"dbt failed: {' '.join(str(result.exception).split())[:500]}"
    failed = [node for node in result.result.results if str(node.status) in FAILED]
    if not failed:
        return "dbt failed"
    first = failed[0]
    more = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
    return f"dbt: {first.node.name}: {' '.join(str(first.message).split())[:400]}{more}"


def check_result(key: dg.AssetCheckKey, result: Result, config: Mapping[str, Any]) -> dg.AssetCheckResult:
    """A test's result as its asset check's; a test that only warns is no error."""
    warns = result.status == "warn" or str(config.get("severity", "error")).lower() == "warn"
    return dg.AssetCheckResult(
        passed=result.status == "pass",
        asset_key=key.asset_key,
        check_name=key.name,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        description=None if result.status == "pass" else result.message,
        metadata={"status": result.status, "failed_row_count": result.failures, "seconds": result.seconds},
    )
