"""service: the worker of a run killed, the whole service killed, and nobody there at all.

Belongs here: the real `almanac serve`, asked as its web page is, and what becomes of its runs. Does not belong here:
faults inside a run (kill.py).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from benchmarks.processes import COMMAND
from benchmarks.proofs.rows import Row
from pipelines.settings.environment import PROJECT_ROOT
from pipelines.settings.home import Home
from tests.faults.commands import environment_of, run
from tests.faults.homes import green, rows_lost, torn
from tests.faults.progress import told
from tests.faults.shops import FaultShop
from tests.shop_under_test import ShopUnderTest

PATIENCE_SECONDS = 600  # for one thing to happen, on a machine that others use too
# A run of the service may last so long in the last part; a fifth of the polls of two minutes that the default gives.
SHORT_RUNTIME = 60
START_SECONDS = 60  # for a daemon to start beside others on two cores; alone it takes 10
# One day for the command line, one for an undisturbed run of the service, one for each of three kills.
SERVED_DAYS = 5
LAUNCH = """mutation ($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename
    ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
RUNS = "{ runsOrError { ... on Runs { results { runId status startTime endTime parentRunId } } } }"


class Service:
    """A service under test: its process, where it listens, and its shop."""

    def __init__(self, shop: ShopUnderTest, log: Path) -> None:
        self.shop, self.log = shop, log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        command = [*COMMAND, "serve", "--port", str(self.port)]
        self.began = time.time()
        self.process = subprocess.Popen(command, **_surroundings(shop, log))

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer of the web page's own interface."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def is_up(self) -> bool:
        """True once it answers; raises when it ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the service ended with {self.process.returncode}: {self.log.read_text()[-500:]}")
        with suppress(OSError, ValueError):
            return bool(self.ask("{ version }"))
        return False

    def launch(self, day: dt.date) -> str:
        """Start a refresh as a person at the web page does; its run id."""
        selector = {"repositoryLocationName": "pipelines.definitions", "repositoryName": "__repository__"}
        parameters = {
            "selector": {**selector, "jobName": "refresh"},
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": f"{day}"}]},
        }
        launched = self.ask(LAUNCH, p=parameters)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def runs(self) -> list[dict[str, Any]]:
        """All runs, newest first."""
        found: list[dict[str, Any]] = self.ask(RUNS)["runsOrError"]["results"]
        return found

    def run_of(self, run_id: str) -> dict[str, Any]:
        """One run."""
        return next(run for run in self.runs() if run["runId"] == run_id)

    def retry_of(self, run_id: str) -> dict[str, Any] | None:
        """The run that was started in its place, if one was."""
        return next((run for run in self.runs() if run["parentRunId"] == run_id), None)


def _surroundings(shop: ShopUnderTest, log: Path, **more: str) -> dict[str, Any]:
    output = log.open("a")
    environment = {**os.environ, **environment_of(shop), "PYTHONPATH": str(PROJECT_ROOT), "PYTHONWARNINGS": "", **more}
    return {"env": environment, "cwd": PROJECT_ROOT, "stdout": output, "stderr": output, "start_new_session": True}


def wait(what: str, look: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Look twice a second until there is something; raises TimeoutError."""
    limit = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > limit:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.5)
    return found


def tree(root: int) -> list[int]:
    """A process and all that it started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [root]
    for pid in found:
        found += [child for child, parent in pairs if parent == pid]
    return found


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of ours and all that it started, as a machine that loses its power does."""
    if process.poll() is None:
        for pid in tree(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


@contextmanager
def serving(shop: ShopUnderTest, log: Path) -> Iterator[Service]:
    """The service, up; whatever is left of it afterwards is killed."""
    service = Service(shop, log)
    try:
        wait("the service", service.is_up)
        yield service
    finally:
        kill_tree(service.process)


def worker_of(home: Home, run_id: str) -> int | None:
    """The process that holds the home's lock for the run, once it has loaded something."""
    with suppress(OSError, ValueError, KeyError):
        holder = json.loads(home.writer_lock.read_text())
        if holder["purpose"] == f"run {run_id[:8]}":
            return int(holder["pid"])
    return None


def ended(service: Service, run_id: str) -> dict[str, Any]:
    """The run, once it is over."""
    over = {"SUCCESS", "FAILURE", "CANCELED"}

    def look() -> dict[str, Any] | None:
        found = service.run_of(run_id)
        return found if found["status"] in over else None

    found: dict[str, Any] = wait(f"the end of run {run_id[:8]}", look)
    return found


def made_good(service: Service, lost: str, day: dt.date) -> list[str]:
    """What is wrong after the run `lost` was: it must be failed, retried, and the retry green."""
    first = ended(service, lost)
    retry = wait("the retry", lambda: service.retry_of(lost))
    second = ended(service, retry["runId"])
    wrong = [] if first["status"] == "FAILURE" else [f"the lost run is {first['status']}"]
    wrong += [] if second["status"] == "SUCCESS" else [f"its retry is {second['status']}"]
    return wrong + torn(service.shop) + rows_lost(service.shop, day)


def killed_worker(service: Service, day: dt.date, whole_seconds: float) -> Row:
    """A worker killed in the midst of its run."""
    run_id = service.launch(day)
    pid = wait("the worker", lambda: worker_of(service.shop.settings.home, run_id))
    time.sleep(whole_seconds / 3)
    killed = time.time()
    os.kill(pid, signal.SIGKILL)
    wrong = made_good(service, run_id, day)
    spent = time.time() - killed
    text = f"{spent:.0f} s after the kill, an undisturbed run takes {whole_seconds:.0f} s"
    return Row("worker killed: success by retry within the job's time + 60 s", "; ".join([text, *wrong]),
               not wrong and spent <= whole_seconds + 60)  # fmt: skip


def killed_service(shop: ShopUnderTest, log: Path, service: Service, day: dt.date) -> Row:
    """Everything killed during a run, the service started anew."""
    run_id = service.launch(day)
    wait("the worker", lambda: worker_of(shop.settings.home, run_id))
    kill_tree(service.process)
    with serving(shop, log) as again:
        first = ended(again, run_id)
        spent = float(first["endTime"]) - again.began
        wrong = made_good(again, run_id, day)
        said = log.stat().st_size
        again.process.send_signal(signal.SIGTERM)
        code = again.process.wait(timeout=120)
    if code != 0 or b"Traceback" in log.read_bytes()[said:]:
        wrong.append(f"told to stop it ended with {code}, or printed a traceback")
    text = f"failed {spent:.0f} s after the restart, then green by retry; a SIGTERM ends it quietly"
    return Row("whole service killed and started: its run is failed and made good", "; ".join([text, *wrong]),
               not wrong)  # fmt: skip


def killed_for_good(shop: ShopUnderTest, log: Path, day: dt.date) -> Row:
    """Everything killed during a run, only Dagster's daemon started: run monitoring must find it by itself."""
    short = {"ALMANAC_MAX_RUNTIME_SECONDS": str(SHORT_RUNTIME)}
    os.environ.update(short)
    try:
        with serving(shop, log) as service:
            run_id = service.launch(day)
            wait("the worker", lambda: worker_of(shop.settings.home, run_id))
            started = float(service.run_of(run_id)["startTime"])
            kill_tree(service.process)
    finally:
        del os.environ["ALMANAC_MAX_RUNTIME_SECONDS"]
    poll = int(yaml.safe_load((shop.settings.home.dagster / "dagster.yaml").read_text())["run_monitoring"][
        "poll_interval_seconds"
    ])  # fmt: skip
    workspace = ["-w", str(PROJECT_ROOT / "workspace.yaml")]
    command = [str(Path(sys.executable).parent / "dagster-daemon"), "run", *workspace]
    more = {"DAGSTER_HOME": str(shop.settings.home.dagster), **short}
    began = time.time()
    daemon = subprocess.Popen(command, **_surroundings(shop, log, **more))
    try:
        failed = wait("the lost run's failure", lambda: failed_at(shop, run_id))
    finally:
        kill_tree(daemon)
    # A daemon that starts polls at once; what it needs to start is not its polls.
    late = failed - max(started + SHORT_RUNTIME, began)
    text = f"max_runtime {SHORT_RUNTIME} s, a poll every {poll} s: failed {late:.0f} s after both had passed"
    return Row("whole service killed, only the daemon restarted: failed within max_runtime + 2 polls", text,
               late <= 2 * poll + START_SECONDS)  # fmt: skip


def failed_at(shop: ShopUnderTest, run_id: str) -> float | None:
    """When the run was failed, by the home's run history; None while it is not."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(shop.settings.home.dagster)) as instance:
        record = instance.get_run_record_by_id(run_id)
    assert record is not None
    return record.end_time if record.dagster_run.status == dg.DagsterRunStatus.FAILURE else None


def nothing_runs(shop: ShopUnderTest) -> Row:
    """No service at all: `almanac freshness`, asked from outside, must notice within the shop's limit."""
    zone = ZoneInfo(shop.settings.shop.time_zone)  # its day ends at its own midnight
    end = dt.datetime.combine(dt.date.fromisoformat(shop.manifest["watermark"]) + dt.timedelta(days=1), dt.time(), zone)
    age = (dt.datetime.now(dt.UTC) - end).total_seconds()
    margin = 30.0
    content = yaml.safe_load(shop.settings.shop_file.read_text())
    shop.settings.shop_file.write_text(yaml.safe_dump({**content, "freshness_limit_hours": (age + margin) / 3600}))
    asked = time.monotonic()
    before = run(shop, "freshness")
    time.sleep(max(0.0, margin + 1 - (time.monotonic() - asked)))
    after = run(shop, "freshness")
    text = f"exit code {before.code} before the limit, {after.code} after it: {' '.join(after.errors)[:120]}"
    return Row("nothing runs: almanac freshness notices once the limit is passed", text,
               (before.code, after.code) == (0, 3))  # fmt: skip


def rows(story: FaultShop, folder: Path, count: int) -> Iterator[Row]:
    """The bars of a killed worker, a killed service and no service; `count` is not used: each is done once."""
    first, *days = (story.days[0] + dt.timedelta(days=number) for number in range(SERVED_DAYS))
    shop, log, began = story.of_days(folder, [first, *days], False), folder / "service.log", time.monotonic()
    green(run(shop, "refresh", "--date", f"{first}"))
    told("the shop is ready", began)
    with serving(shop, log) as service:
        told("the service is up", began)
        run_id = service.launch(days[0])
        undisturbed = ended(service, run_id)
        assert undisturbed["status"] == "SUCCESS", log.read_text()[-2000:]
        yield killed_worker(service, days[1], float(undisturbed["endTime"]) - float(undisturbed["startTime"]))
        told("the worker was killed", began)
        yield killed_service(shop, log, service, days[2])
    told("the service was killed", began)
    yield killed_for_good(shop, log, days[3])
    yield nothing_runs(shop)
