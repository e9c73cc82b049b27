"""Running a command in a process of its own and measuring it.

Belongs here: CPU seconds, wall seconds and peak memory of child processes. Does not belong here: what is compared.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import PROJECT_ROOT

GIB = 1 << 30
# The code of this very tree, wherever the installed command points to.
COMMAND = (sys.executable, "-c", "import sys; sys.argv[0] = 'almanac'; from pipelines.cli import main; main()")


@dataclass(frozen=True)
class Cost:
    """What a process took: CPU and wall in seconds, peak resident memory in bytes, and its exit code and output."""

    cpu: float
    wall: float
    peak: int
    code: int
    output: str


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end in the project's folder; its output is kept, standard error included."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT), **(environment or {})},
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024, process.returncode, output)


def almanac(*arguments: str, home: Path) -> Cost:
    """Run `almanac ... --home HOME`; raises RuntimeError with its output when it fails or data is missing."""
    cost = run([*COMMAND, *arguments, "--home", str(home)])
    if cost.code:
        raise RuntimeError(f"almanac {' '.join(arguments)} ended with {cost.code}:\n{cost.output}")
    return cost
