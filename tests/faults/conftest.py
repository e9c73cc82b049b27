"""The home that the small faults of `make test` share. The full counts are `make faults`."""

from __future__ import annotations

import pytest

from tests.faults.homes import Prepared, prepared


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """One prepared home; every fault puts it back first."""
    return prepared(tmp_path_factory.mktemp("faults") / "shop")
