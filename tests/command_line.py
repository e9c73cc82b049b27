"""The `almanac` command as a person runs it, for tests: a shop's files, the command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import PROJECT_ROOT

EXAMPLE = PROJECT_ROOT / "examples" / "online_retail" / "2010-12-01.csv.gz"
SHOP = """\
name: online_retail
title: A shop under test
time_zone: Europe/London
currency: GBP
first_day: 2010-12-01
calendar: {closed_weekdays: [saturday]}
sources: {online_retail: {transactions: {}}}
freshness_limit_hours: null
"""


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line that a mistake is told in."""
        lines = self.err.splitlines()
        assert len(lines) == 1 and lines[0].startswith("almanac: "), self.err
        assert "Traceback" not in self.out + self.err
        return lines[0]


Command = Callable[..., Said]
"""Runs `almanac` with the given arguments (and, by name, environment)."""


def deliver(home: Path, day: str, content: bytes | None = None, name: str = "day.csv.gz") -> None:
    folder = home / "drops" / "online_retail" / "transactions" / day
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(EXAMPLE.read_bytes() if content is None else content)


def in_child(folder: Path, *arguments: str, prepare: Callable[[], None] | None = None, **environment: str) -> Said:
    """Run the installed command in a process of its own, with the shop files of `folder`."""
    program = [sys.executable, "-c", "from pipelines.cli import program; program()", *arguments]
    known = {key: value for key, value in os.environ.items() if not key.startswith(("ALMANAC_", "DAGSTER_"))}
    known |= {"ALMANAC_SHOPS_DIR": str(folder / "shops"), "PYTHONPATH": str(PROJECT_ROOT), **environment}
    done = subprocess.run(
        program, cwd=folder, env=known, capture_output=True, text=True, timeout=300, preexec_fn=prepare
    )
    return Said(done.returncode, done.stdout, done.stderr)
