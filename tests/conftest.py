"""What several test folders share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shop_under_test import MakeShop, shop_maker


@pytest.fixture
def make_shop(tmp_path: Path) -> MakeShop:
    """Makes shops for one test, each in a home of its own."""
    return shop_maker(tmp_path)
