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

from pipelines.settings.environment import PROJECT_ROOT

GIB = 1 << 30
# The code of this very tree, wherever the installed command points to.
COMMAND = (sys.executable, "-c", "import sys; sys.argv[0] = 'almanac'; from pipelines.cli import program; program()")


# Stands between us and the command: Linux counts the memory of the process that starts another as the other's peak,
# and ours may hold gigabytes.
WITNESS = """
import os, sys
os.set_inheritable(int(sys.argv[1]), False)
_, status, usage = os.wait4(os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:]), 0)
seen = f"{os.waitstatus_to_exitcode(status)} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}"
os.write(int(sys.argv[1]), seen.encode())
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: CPU and wall in seconds, peak resident memory in bytes, and its exit code and output."""

    cpu: float
    wall: float
    peak: int
    code: int
    output: str


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, *, project: Path = PROJECT_ROOT) -> Cost:
    """Run a command to its end, in the project's folder and by its code; its output is kept, standard error
    included."""
    start = time.perf_counter()
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", WITNESS, str(writer), *command],
        env={**os.environ, "PYTHONPATH": str(project), **(environment or {})},
        cwd=project,
        pass_fds=[writer],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(writer)
    output, _ = process.communicate()
    with os.fdopen(reader) as witness:
        code, cpu, peak = witness.read().split()
    return Cost(float(cpu), time.perf_counter() - start, int(peak) * 1024, int(code), output)


def almanac(*arguments: str, home: Path, project: Path = PROJECT_ROOT, also: int = 0) -> Cost:
    """Run `almanac ... --home HOME`; raises RuntimeError with its output when it ends otherwise than with 0 or `also`
    (3 where a day may be open)."""
    cost = run([*COMMAND, *arguments, "--home", str(home)], project=project)
    if cost.code not in (0, also):
        raise RuntimeError(f"almanac {' '.join(arguments)} ended with {cost.code}:\n{cost.output}")
    return cost
