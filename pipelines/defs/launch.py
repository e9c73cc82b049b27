"""Running a job from the command line: the same job, instance and history as in Dagster's UI, in this process.

Belongs here: the instance of a home, and what of a finished run a person wants to know. Does not belong here: printing.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import os
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.defs.instance import instance_dir
from pipelines.defs.outcome import Outcome
from pipelines.settings.environment import Settings


def launch(settings: Settings, definitions: dg.Definitions, job: str, first: dt.date, last: dt.date) -> Outcome:
    """Run `refresh` or `backfill` over the arrival days `first` to `last` as one run, to its end."""
    os.environ["DAGSTER_HOME"] = str(instance_dir(settings))
    # A run that finds nothing changed runs no test, and Dagster would say so of each of them.
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    tags = {"dagster/asset_partition_range_start": f"{first}", "dagster/asset_partition_range_end": f"{last}"}
    with (
        redirect_stderr(_Aside(settings.home.logs / "stderr.log")),
        dg.DagsterInstance.from_config(str(settings.home.dagster)) as instance,
    ):
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            partition_key=first.isoformat() if first == last else None,
            tags=tags if first != last else {},
        )
    return _outcome(result)


class _Aside(io.TextIOBase):
    """What Dagster writes to stderr by itself, as when the disk is full and each event that it cannot keep is a line:
    it goes to a file (or, when that cannot grow either, nowhere), and a person is told the run's error once."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def write(self, text: str) -> int:
        """Append the text."""
        with suppress(OSError), self.file.open("a", encoding="utf-8") as log:
            log.write(text)
        return len(text)


def _outcome(result: dg.ExecuteInProcessResult) -> Outcome:
    errors, materialized, warnings = [], {}, []
    for event in result.all_events:
        if event.is_step_failure:
            errors.append(_root(event.step_failure_data.error))
        elif event.is_job_failure and event.job_failure_data.error:
            errors.append(_root(event.job_failure_data.error))
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            made = event.step_materialization_data.materialization
            materialized[made.asset_key.to_user_string()] = {key: value.value for key, value in made.metadata.items()}
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            warnings += _told_by(event.asset_check_evaluation_data)
    return Outcome(result.run_id, result.success, list(dict.fromkeys(errors)), materialized, warnings)


def _told_by(check: Any) -> list[str]:
    """What a person should read of a check: why it did not pass, and what it only warns of."""
    name = f"{check.asset_key.to_user_string()}: {check.check_name}"
    told = [] if check.passed else [f"{name}: {check.description}" if check.description else name]
    warned = check.metadata.get("warnings")
    return [*told, *(f"{name}: {text}" for text in (warned.value if warned else ()))]


def _root(error: Any) -> tuple[str, str]:
    """(class name, first line) of the exception at the bottom of Dagster's wrappers."""
    while error is not None and error.cause is not None and error.cls_name.startswith("Dagster"):
        error = error.cause
    if error is None:
        return "Error", "the run failed without a reason"
    message = error.message.strip().removeprefix(f"{error.cls_name}: ")
    head, colon, rest = message.partition(": ")
    module_free = rest if colon and head.endswith(str(error.cls_name)) else message
    return str(error.cls_name), next((line for line in module_free.splitlines() if line.strip()), message)
