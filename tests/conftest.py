"""What several test folders share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.command_line import SHOP, Command, Said
from tests.shop_under_test import MakeShop, shop_maker
from tests.simulated_home import SimulatedHome, make_simulated_home

# Time is measured in benchmarks/, on a machine that does nothing else; a slow moment is no wrong code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedHome:
    """A simulated shop, loaded and graded: the same one for every process of a run."""
    base = tmp_path_factory.getbasetemp()
    return make_simulated_home((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "simulated-shop")
