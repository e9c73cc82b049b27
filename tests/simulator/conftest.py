"""One small simulated shop and its second reading, made once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.arguments import Arguments
from simulator.key import Key, read_key
from simulator.run import Summary, run
from tests.simulator.plain_gate import Reading, read_drops


@dataclass(frozen=True)
class Shop:
    """Arguments and places of a simulated shop."""

    arguments: Arguments
    drops: Path
    key_folder: Path
    summary: Summary

    @property
    def key(self) -> Key:
        return read_key(self.key_folder)


def simulated(folder: Path, arguments: Arguments, threads: int = 2, systems: Collection[str] | None = None) -> Shop:
    """A shop simulated into a folder."""
    drops, key = folder / "shop" / "drops", folder / "shop.key"
    summary = run(arguments, drops, key, systems=systems, threads=threads, progress=lambda stage, done, total: None)
    return Shop(arguments, drops, key, summary)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return simulated(tmp_path_factory.mktemp("shop"), Arguments(seed=11, days=40, customers=1500))


@pytest.fixture(scope="session")
def reading(shop: Shop) -> Reading:
    return read_drops(shop.drops)
