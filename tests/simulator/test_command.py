"""`almanac simulate`: where it writes, what it says, how it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def almanac(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipelines.cli", "simulate", "--customers", "60", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_drops_lie_in_the_home_and_the_key_beside_it(tmp_path: Path) -> None:
    home = tmp_path / "homes" / "simulated"
    ended = almanac("--days", "3", "--home", str(home))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (home / "drops" / "storefront" / "orders" / "2025-01-03" / "orders.csv").is_file()
    assert (home.parent / "simulated.key" / "manifest.json").is_file()
    assert {path.name for path in home.parent.iterdir()} == {"simulated", "simulated.key"}
    assert "simulate 2025-01-01 to 2025-01-03, seed 7, about 60 customers" in ended.stdout
    assert "CPU seconds per 1,000 orders" in ended.stdout and "planted rows:" in ended.stdout
    again = almanac("--days", "3", "--home", str(home))
    assert "(0 new)" in again.stdout
    other = almanac("--days", "3", "--home", str(home), "--seed", "8")
    assert other.returncode == 2 and other.stderr.count("\n") == 1 and "the key of another shop" in other.stderr


def test_the_key_never_lies_in_the_home(tmp_path: Path) -> None:
    ended = almanac("--days", "3", "--home", str(tmp_path / "home"), "--key", str(tmp_path / "home" / "answers"))
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1
    assert "the key must not lie in the home" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_places_must_be_named() -> None:
    ended = almanac("--days", "3")
    assert ended.returncode == 2
    assert ended.stderr.startswith("almanac: give --home, or --out and --key (see ")
    assert ended.stderr.count("\n") == 1
