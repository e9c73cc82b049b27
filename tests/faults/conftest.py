"""The home that the small faults of `make test` share. The full counts are `make faults`."""

from __future__ import annotations

import pytest

from tests.faults.homes import Prepared, prepared
from tests.faults.shops import SHOPS


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """One prepared home of the real shop; every fault puts it back first."""
    return prepared(SHOPS["online_retail"], tmp_path_factory.mktemp("faults") / "shop")


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The same of the simulated shop."""
    return prepared(SHOPS["simulated"], tmp_path_factory.mktemp("faults") / "simulated")
