"""The toy project and a standing home of it, made once for all processes of a run; every test has a copy."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import homes
from tests.engine.story import calm_home
from tests.engine.toy import Toy
from tests.lean_runs import lean


@pytest.fixture(scope="session", autouse=True)
def _lean() -> Iterator[None]:
    with lean():
        yield


@pytest.fixture(scope="session")
def standing() -> Toy:
    """Four calm days. Never changed: tests have copies of it."""
    folder = homes.made(calm_home)
    return Toy.make(folder / "project", folder / "home")


@pytest.fixture(scope="session")
def place(standing: Toy, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """Where the copies of a process lie, one after the other: its definitions are made once."""
    return standing.copy(tmp_path_factory.mktemp("toy") / "home")


@pytest.fixture
def toy(standing: Toy, place: Toy) -> Toy:
    """A copy of the standing home."""
    home = place.settings.home.path
    shutil.rmtree(home)
    shutil.copytree(standing.settings.home.path, home, symlinks=True)
    return place.fork()


@pytest.fixture
def new(standing: Toy, tmp_path: Path) -> Callable[[], Toy]:
    """Makes empty homes."""
    numbers = itertools.count(1)
    return lambda: Toy.make(standing.settings.project_root, tmp_path / f"new{next(numbers)}")
