"""A real refresh that kills itself, in a process of its own.

Belongs here: where a refresh can be killed, and the process. Does not belong here: what must hold afterwards.
A place is `<module>:<function>`; the kill falls when it is called, or some milliseconds later, inside it or a commit.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# One per stage: before and while raw files are written, inside the load's transaction, during dbt (from its first
# statements to its last), between dbt and publication, and while a version is written and swapped in.
PLACES = {
    "landing": "pipelines.defs.ingest:land_files",
    "load": "pipelines.warehouse.loading:replace_rows",
    "verdicts": "pipelines.warehouse.verdicts:settle_verdicts",
    "commit": "pipelines.warehouse.ledger:remember_code",
    "dbt": "pipelines.defs.dbt:invoke",
    "settle": "pipelines.warehouse.ledger:settle_build",
    "audit": "pipelines.defs.publish:audit",
    "publish": "pipelines.defs.publish:publish",
}


PRELOAD = ["pipelines.definitions", "pipelines.contracts.expectations", "great_expectations", "dbt.cli.main"]
PRELOAD += ["dbt.adapters.duckdb.connections", "dagster_dbt.asset_utils", "tests.shop_under_test"]


@dataclass(frozen=True)
class Kill:
    """Where and when: the place, and how many milliseconds after it begins (0: at its start)."""

    stage: str
    after_ms: int = 0


def arm(kill: Kill) -> None:
    """Replace the place's function by one that kills this process."""
    module_name, name = PLACES[kill.stage].split(":")
    module: Any = importlib.import_module(module_name)
    real: Callable[..., Any] = getattr(module, name)

    def end() -> None:
        time.sleep(kill.after_ms / 1000)
        os.kill(os.getpid(), signal.SIGKILL)

    def killed(*arguments: Any, **named: Any) -> Any:
        if kill.after_ms:
            threading.Thread(target=end, daemon=True).start()
        else:
            end()
        return real(*arguments, **named)

    setattr(module, name, killed)


def run(refresh: Callable[[], bool], kill: Kill | None = None) -> int | None:
    """Run `refresh` in a process of its own and kill it there; its exit code: 0 when it succeeded, -9 when killed.

    The process is forked by a server that has the imports behind it, and neither threads nor DuckDB handles.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    child = context.Process(target=_run, args=(refresh, kill))
    child.start()
    child.join()
    return child.exitcode


def _run(refresh: Callable[[], bool], kill: Kill | None) -> None:
    if kill:
        arm(kill)
    sys.exit(0 if refresh() else 1)
