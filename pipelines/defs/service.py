"""The service: Dagster's webserver and daemon as children of one command.

Belongs here: starting and stopping them, and what a service that was killed left behind. Does not belong here: running
a job from the command line (launch.py), nor Dagster's configuration (instance.py).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import dagster as dg

from pipelines.defs.instance import instance_dir
from pipelines.settings.environment import Settings
from pipelines.store.connection import LockedError, writer_lock

# Time for a service to end by itself; a run that it kills then loses nothing and is made good by the next.
STOP_SECONDS = 30


def fail_lost_runs(settings: Settings) -> list[str]:
    """Tell the run history of runs that a killed service left `started`; returns their ids. They would hold up the
    queue until their max_runtime. Nobody writes to the home while we hold its lock, so they cannot be alive."""
    under_way = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    try:
        with (
            writer_lock(settings.home.writer_lock, "looking for runs that were lost"),
            dg.DagsterInstance.from_config(str(instance_dir(settings))) as instance,
        ):
            lost = list(instance.get_runs(dg.RunsFilter(statuses=under_way)))
            for run in lost:
                instance.report_run_failed(run, "its process was gone when the service started")
    except LockedError:
        return []
    return [run.run_id for run in lost]


def serve_forever(settings: Settings, port: int) -> int:
    """Run Dagster's webserver (loopback only: it has no login) and daemon until one ends, Ctrl-C or SIGTERM; the exit
    code. What they print is shown until they are told to stop: then Dagster prints tracebacks of its interruption."""
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(instance_dir(settings)),
        "ALMANAC_SHOP": settings.shop.name,
        "ALMANAC_HOME": str(settings.home.path),
    }
    fail_lost_runs(settings)
    programs = Path(sys.executable).parent
    workspace = ["-w", str(settings.project_root / "workspace.yaml")]
    commands = [
        [str(programs / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), *workspace],
        [str(programs / "dagster-daemon"), "run", *workspace],
    ]
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Sessions of their own: a Ctrl-C of the terminal reaches us alone, and we stop them in order.
    running = [
        subprocess.Popen(
            command, env=environment, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for command in commands
    ]
    for process in running:
        threading.Thread(target=_show, args=(process, stopping), daemon=True).start()
    try:
        while all(process.poll() is None for process in running):
            signal.sigtimedwait([], 0.5)
        return max(process.poll() or 0 for process in running)
    except (KeyboardInterrupt, SystemExit):
        return 0
    finally:
        stopping.set()
        _stop(running)


def _show(process: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    """Hand on what a program prints, until it is told to stop; read on, so that it never waits for a reader."""
    for line in process.stdout or ():
        if not stopping.is_set():
            with suppress(OSError):  # our own reader may have left
                sys.stderr.buffer.write(line)
                sys.stderr.buffer.flush()


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
