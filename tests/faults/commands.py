"""The real `almanac` command in a process of its own, with a fault prepared in it.

Belongs here: starting such commands, what they said. Does not belong here: their shops (shops.py), faults.
The process is forked by a server that has the imports behind it, and neither threads nor DuckDB handles: a command
starts in no time and is otherwise what a person starts.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.shop_under_test import ShopUnderTest

PRELOAD = ["pipelines.cli", "pipelines.definitions", "pipelines.contracts.expectations", "great_expectations"]
PRELOAD += ["dbt.cli.main", "dbt.adapters.duckdb.connections", "dagster_dbt.asset_utils", "tests.faults.places"]
PRELOAD += ["pipelines.reporting.report", "altair", "lightgbm", "sklearn", "scipy.optimize"]

# A refresh takes 10 s alone on two cores; here it may share them with much else.
PATIENCE_SECONDS = 600

Prepare = Callable[[], object]


@dataclass(frozen=True)
class Ended:
    """A command that ended: its exit code (negative: the signal), its lines on stderr and on stdout."""

    code: int
    errors: list[str]
    output: list[str]


@dataclass
class Running:
    """A command under way."""

    process: BaseProcess
    said: Path

    def wait(self) -> Ended:
        """Wait for its end; a command that hangs is killed, which shows as its code."""
        self.process.join(PATIENCE_SECONDS)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        code = self.process.exitcode
        assert code is not None
        errors, output = ((self.said / name).read_text(errors="replace").splitlines() for name in ("err", "out"))
        return Ended(code, errors, output)


def environment_of(shop: ShopUnderTest) -> dict[str, str]:
    """What a command must be told of the shop."""
    settings = shop.settings
    return {
        "ALMANAC_SHOP": settings.shop.name,
        "ALMANAC_SHOPS_DIR": str(settings.shop_file.parent),
        "ALMANAC_HOME": str(settings.home.path),
    }


def start(
    shop: ShopUnderTest, *arguments: str, prepare: Prepare | None = None, more: Mapping[str, str] | None = None
) -> Running:
    """Start `almanac <arguments>` on the shop; `prepare` is called in its process first, `more` is its environment."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    said = Path(tempfile.mkdtemp(prefix="said-", dir=shop.settings.shop_file.parent))
    environment = {**environment_of(shop), **(more or {})}
    process = context.Process(target=_main, args=(list(arguments), environment, said, prepare))
    process.start()
    return Running(process, said)


def run(
    shop: ShopUnderTest, *arguments: str, prepare: Prepare | None = None, more: Mapping[str, str] | None = None
) -> Ended:
    """Run `almanac <arguments>` to its end."""
    return start(shop, *arguments, prepare=prepare, more=more).wait()


def _main(arguments: list[str], environment: dict[str, str], said: Path, prepare: Prepare | None) -> None:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT), number)
    os.environ.update(environment)
    sys.argv = ["almanac", *arguments]
    logging.disable(logging.WARNING)
    from pipelines.cli import main

    if prepare:
        prepare()
    main()
