"""A publisher that is killed: run by kills.py as a process of its own.

Says `ready`, waits for a word, then publishes. With step n > 0 it kills itself before the n-th change to the file
system's names; with 0 it publishes until killed from outside or done, and says `done`.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Connection
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


def main(folder: Path, generation: int, step: int, asking: Connection) -> None:
    """Publish one generation into `folder`, taking over what stands of the last one."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        asking.send("ready")
        asking.recv()
        if step:
            die_before(step)
        publish_generation(con, folder / "published", generation)
    asking.send("done")
