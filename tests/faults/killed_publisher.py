"""A publisher that is killed: run by kills.py as a process of its own.

`python -m tests.faults.killed_publisher <folder> <generation> <step>`: says `ready`, waits for a line, then publishes.
With step n > 0 it kills itself before the n-th change to the file system's names; with 0 it publishes until killed
from outside or done, and says `done`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import duckdb

from tests.faults.readers import publish_generation

NAME_CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.link", "os.remove", "os.rmdir", "shutil.rmtree"}


def die_before(step: int) -> None:
    """Arm the kill: an audit hook sees every change of a name before it happens."""
    left = step

    def hook(event: str, _: object) -> None:
        nonlocal left
        left -= event in NAME_CHANGES
        if left == 0:
            left = -1  # os.kill is seen by this hook too
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main(folder: Path, generation: int, step: int) -> None:
    """Publish one generation into `folder`, taking over what stands of the last one."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        print("ready", flush=True)
        sys.stdin.readline()
        if step:
            die_before(step)
        publish_generation(con, folder / "published", generation)
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
