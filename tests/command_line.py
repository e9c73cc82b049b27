"""The `almanac` command as a person runs it, for tests: a shop's files, the command in a process of its own.

The process is forked by a server that has the imports behind it, and neither threads nor DuckDB handles: a command
starts in no time and is otherwise what a person starts. How it starts from nothing is seen in tests of their own.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from pipelines.settings.environment import PROJECT_ROOT

EXAMPLE = PROJECT_ROOT / "examples" / "online_retail" / "2010-12-01.csv.gz"
# A refresh takes 10 s alone on two cores; here it may share them with twenty others.
PATIENCE_SECONDS = 1800
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
    """What a command left: its exit code (negative: the signal that killed it) and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def output(self) -> list[str]:
        """Its lines on stdout."""
        return self.out.splitlines()

    @property
    def errors(self) -> list[str]:
        """Its lines on stderr."""
        return self.err.splitlines()

    @property
    def line(self) -> str:
        """The one line that a mistake is told in."""
        assert len(self.errors) == 1 and self.err.startswith("almanac: "), self.err
        assert "Traceback" not in self.out + self.err
        return self.errors[0]


Command = Callable[..., Said]
"""Runs `almanac` with the given arguments (and, by name, environment)."""


def deliver(home: Path, day: str, content: bytes | None = None, name: str = "day.csv.gz") -> None:
    folder = home / "drops" / "online_retail" / "transactions" / day
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(EXAMPLE.read_bytes() if content is None else content)


Prepare = Callable[[], object]
"""Called in the process of a command before it begins; must be picklable."""


@dataclass
class Running:
    """A command under way."""

    process: BaseProcess
    said: tempfile.TemporaryDirectory[str]

    def wait(self) -> Said:
        """Wait for its end; a command that hangs is killed, which shows as its code."""
        self.process.join(PATIENCE_SECONDS)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        code = self.process.exitcode
        assert code is not None
        out, err = (Path(self.said.name, name).read_text(errors="replace") for name in ("out", "err"))
        self.said.cleanup()
        return Said(code, out, err)


def warm_server() -> ForkServerContext:
    """What forks processes that have the imports of a command behind them (tests/warm_server.py)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warm_server"])
    with _STARTING, chdir(PROJECT_ROOT):  # Python's server finds modules from the folder alone that it was started in
        forkserver.ensure_running()
    return context


_STARTING = threading.Lock()


def start(folder: Path, *arguments: str, environment: Mapping[str, str], prepare: Prepare | None = None) -> Running:
    """Start `almanac <arguments>` in `folder`, with nothing of ours in the environment but what is given."""
    said = tempfile.TemporaryDirectory(prefix="said-")
    for name in ("out", "err"):
        Path(said.name, name).touch()
    process = warm_server().Process(target=_main, args=(folder, arguments, dict(environment), Path(said.name), prepare))
    process.start()
    return Running(process, said)


def _main(
    folder: Path, arguments: tuple[str, ...], environment: dict[str, str], said: Path, prepare: Prepare | None
) -> None:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(said / name, os.O_WRONLY), number)
    for name in [name for name in os.environ if name.startswith(("ALMANAC_", "DAGSTER_"))]:
        del os.environ[name]
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["almanac", *arguments]
    from pipelines.cli import program

    if prepare:
        prepare()
    program()


def in_child(folder: Path, *arguments: str, prepare: Prepare | None = None, **environment: str) -> Said:
    """Run the command in a process of its own, with the shop files of `folder`."""
    told = {"ALMANAC_SHOPS_DIR": str(folder / "shops"), **environment}
    return start(folder, *arguments, environment=told, prepare=prepare).wait()
