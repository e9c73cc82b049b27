"""Homes are made once, handed out as copies, and go when no run uses them."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import homes


def slow_home(folder: Path) -> None:
    time.sleep(0.2)
    (folder / "made by").write_text(f"{os.getpid()}")


def broken_home(folder: Path) -> None:
    raise ValueError("no shop")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of homes, under the key `this code`."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(homes, "_key", lambda _: "this code")
    held = len(homes._USED)
    homes._of_this_code.cache_clear()
    yield tmp_path / f"almanac-homes-of-{os.getuid()}"
    homes._of_this_code.cache_clear()
    while len(homes._USED) > held:
        homes._USED.pop().close()


def asked(_: int) -> str:
    return (homes.made(slow_home) / "made by").read_text()


def test_of_many_processes_one_makes_a_home(root: Path) -> None:
    with multiprocessing.get_context("fork").Pool(3) as pool:
        assert len({*pool.map(asked, range(3))}) == 1
    assert (root / "this code" / "slow_home" / "made by").exists()


def test_a_copy_may_be_changed(root: Path, tmp_path: Path) -> None:
    file = homes.copy_of(slow_home, tmp_path / "copy") / "made by"
    file.write_text("somebody else")
    assert asked(0) == f"{os.getpid()}"


def test_what_cannot_be_made_is_tried_once_a_run(root: Path) -> None:
    with pytest.raises(ValueError, match="no shop"):
        homes.made(broken_home)
    with pytest.raises(AssertionError, match="broken_home has failed already in this run"):
        homes.made(broken_home)


@pytest.mark.parametrize("in_use", [True, False])
def test_homes_of_other_code_go_when_no_run_uses_them(root: Path, in_use: bool) -> None:
    root.mkdir(mode=0o700)
    other = homes._hold(root / "other code")
    os.utime(root / "other code" / "used", (0, 0))
    if not in_use:
        other.close()
    homes.made(slow_home)
    assert (root / "other code").exists() is in_use
    other.close()


def test_the_key_follows_what_a_recipe_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "PROJECT_ROOT", tmp_path)
    (tmp_path / "tests").mkdir()
    recipe, behind = tmp_path / "tests" / "recipe.py", tmp_path / "tests" / "rows.py"
    recipe.write_text("from tests import rows\n")
    behind.write_text("ROWS = 1\n")
    before = homes._key(recipe)
    assert homes._key(recipe) == before
    behind.write_text("ROWS = 2\n")
    assert homes._key(recipe) != before
