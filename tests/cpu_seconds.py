"""What each test costs in CPU seconds: `python -m pytest -p tests.cpu_seconds` prints the dearest, dearest first.

Belongs here: measuring this process, its children and what its fork server started; a clock on the wall says little on
a machine that does other things beside. Does not belong here: limits; no test fails for being slow.
"""

from __future__ import annotations

import os
import resource
from collections import defaultdict
from collections.abc import Generator
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

NAME, SHOWN = "cpu_seconds", 60


def spent() -> float:
    """CPU seconds, user and system, of this process and of all that it started and that has ended."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in own) + _of_the_fork_server()


def _of_the_fork_server() -> float:
    """The server is still running, so it is not among the children that have ended; what it started is among its."""
    pid = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note what a test spent, the making of its fixtures included."""
    item.stash[_BEGAN] = spent()
    return (yield)


_BEGAN = pytest.StashKey[float]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hand the figure on with the report, which xdist brings to the process that prints."""
    report = yield
    report.user_properties = [*report.user_properties, (NAME, spent() - item.stash[_BEGAN])]
    item.stash[_BEGAN] = spent()
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the sum, each test file's and the dearest tests'."""
    by_test: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == NAME:
                    by_test[f"{report.nodeid} ({report.when})" if report.when != "call" else report.nodeid] += value
    by_file: dict[str, float] = defaultdict(float)
    for test, seconds in by_test.items():
        by_file[test.partition("::")[0]] += seconds
    terminalreporter.section(f"CPU seconds: {sum(by_test.values()):.0f}")
    for found in (by_file, by_test):
        for name, seconds in sorted(found.items(), key=lambda entry: -entry[1])[:SHOWN]:
            if seconds >= 0.1:
                terminalreporter.write_line(f"{seconds:8.1f}  {name}")
