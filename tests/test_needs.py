"""What the machine lacks is named with its package; it skips a test, or fails it where nothing may lack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def item(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> pytest.Item:
    """This test, which needs something that is nowhere."""
    monkeypatch.setitem(needs.NEEDS, "dragon", needs.Need("a dragon", ("dragon-server", "scales"), lambda: False))
    monkeypatch.setitem(needs.NEEDS, "air", needs.Need("air", ("air",), lambda: True))
    request.node.add_marker(pytest.mark.needs("air", "dragon"))
    node: pytest.Item = request.node
    return node


def test_a_user_is_told_the_package(item: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEEDS_MUST_BE_MET", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs a dragon: install dragon-server scales"):
        needs.check(item)


def test_continuous_integration_fails(item: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_MUST_BE_MET", "1")
    with pytest.raises(pytest.fail.Exception, match="needs a dragon: install dragon-server scales"):
        needs.check(item)


def test_what_is_met_lets_the_test_run(item: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs.NEEDS, "dragon", needs.Need("a dragon", ("dragon-server",), lambda: True))
    needs.check(item)


def test_a_bare_machine_is_given_every_package() -> None:
    command = [sys.executable, "-m", "tests.needs"]
    bare = {name: value for name, value in os.environ.items() if name != "PATH"} | {"PATH": str(PROJECT / "nothing")}
    told = subprocess.run(command, cwd=PROJECT, env=bare, capture_output=True, text=True, check=True).stdout
    assert told.split() == [package for need in needs.NEEDS.values() for package in need.packages]
