"""What several test folders share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.shop_under_test import MakeShop, shop_maker

# Time is measured in benchmarks/, on a machine that does nothing else; a slow moment is no wrong code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def make_shop(tmp_path: Path) -> MakeShop:
    """Makes shops for one test, each in a home of its own."""
    return shop_maker(tmp_path)
