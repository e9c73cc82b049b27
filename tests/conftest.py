"""What several test folders share."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests import needs
from tests.command_line import SHOP, Command, Said
from tests.shop_under_test import MakeShop, shop_maker
from tests.simulated_home import SimulatedHome, simulated_home

# Time is measured in benchmarks/, on a machine that does nothing else; a slow moment is no wrong code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of two processes that share the tests module by module (so that a module's home is made once, and its tests may
    tell a story) the dear modules come first, and light ones are left for the end, when little makes both end together.
    Those that read homes of simulated shops, which are the dearest to make, alternate with those that read other homes:
    neither process waits for a home that the other is making."""
    if getattr(config, "workerinput", {}).get("workercount") != 2:
        return
    modules = {module: list(found) for module, found in itertools.groupby(items, key=lambda item: item.path)}
    dear = {module for module, found in modules.items() if any(item.get_closest_marker("slow") for item in found)}
    simulated = {module for module in dear if any(reads_simulated_home(item) for item in modules[module])}
    first, second, light = (
        [module for module in modules if module in some]
        for some in (simulated, dear - simulated, modules.keys() - dear)
    )
    pairs = itertools.chain.from_iterable(itertools.zip_longest(first, second))
    items[:] = [item for module in (*filter(None, pairs), *light) for item in modules[module]]


def reads_simulated_home(item: pytest.Item) -> bool:
    """Whether the test reads such a home, the demo's among them."""
    return bool({"simulated", "readme"} & {*getattr(item, "fixturenames", ())})


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test whose needs of the machine are not met is skipped, or fails where nothing may lack."""
    needs.check(item)


@pytest.fixture
def make_shop(tmp_path: Path) -> MakeShop:
    """Makes shops for one test, each in a home of its own."""
    return shop_maker(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with one shop file whose drops lie in its home only."""
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "online_retail.yaml").write_text(SHOP)
    return tmp_path


@pytest.fixture
def almanac(shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process: for mistakes that are seen before anything heavy is imported."""
    from pipelines.cli import main

    for name in [name for name in os.environ if name.startswith("ALMANAC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ALMANAC_SHOPS_DIR", str(shop / "shops"))
    monkeypatch.chdir(shop)

    def run(*arguments: str, **environment: str) -> Said:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["almanac", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return Said(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def simulated() -> SimulatedHome:
    """A simulated shop, loaded and graded: only read, and the same one for every process of a run."""
    return simulated_home()
