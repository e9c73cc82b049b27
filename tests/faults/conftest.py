"""The home that the small faults of `make test` share. The full counts are `make faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import homes
from tests.faults.homes import Prepared, prepared, taken_up
from tests.faults.shops import SHOPS


def retail_before_its_last_day(folder: Path) -> None:
    """The real shop made ready for faults."""
    prepared(SHOPS["online_retail"], folder)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """One prepared home of the real shop for each process; every fault puts it back first."""
    folder = homes.copy_of(retail_before_its_last_day, tmp_path_factory.mktemp("faults"))
    return taken_up(SHOPS["online_retail"], folder)
