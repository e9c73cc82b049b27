"""What the scripts of several pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.warm_command import WarmCommand


@pytest.fixture(scope="session")
def warm_command() -> Iterator[WarmCommand]:
    """An `almanac` for scripts, forked from the warm server."""
    made = WarmCommand()
    yield made
    made.close()
