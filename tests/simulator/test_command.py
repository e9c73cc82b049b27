"""`almanac simulate`: where it writes, what it says, how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings.environment import PROJECT_ROOT

pytestmark = pytest.mark.slow


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
    assert json.loads((home / "home.json").read_text()) == {"shop": "simulated"}
    assert "simulate 2025-01-01 to 2025-01-03, seed 7, about 60 customers" in ended.stdout
    assert "CPU seconds per 1,000 orders" in ended.stdout and "planted rows:" in ended.stdout
    again = almanac("--days", "3", "--home", str(home))
    assert "(0 new)" in again.stdout
    other = almanac("--days", "3", "--home", str(home), "--seed", "8")
    assert other.returncode == 2 and other.stderr.count("\n") == 1 and "the key of another shop" in other.stderr


@pytest.mark.parametrize("place", [("--home", "home"), ("--out", "home/drops")])
def test_the_key_never_lies_in_the_home(tmp_path: Path, place: tuple[str, str]) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "home.json").write_text('{"shop": "simulated"}')
    ended = almanac("--days", "3", place[0], str(tmp_path / place[1]), "--key", str(tmp_path / "home" / "answers"))
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1
    assert "the key must not lie in the home" in ended.stderr
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["home.json"]


def test_a_home_of_another_shop_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "home.json").write_text('{"shop": "online_retail"}')
    ended = almanac("--days", "3", "--home", str(tmp_path))
    assert ended.returncode == 2 and "is the home of shop 'online_retail'" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home.json"]


def test_another_shop_gets_the_files_of_the_systems_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops, home = tmp_path / "shops", tmp_path / "home"
    shops.mkdir()
    text = (PROJECT_ROOT / "shops" / "simulated.yaml").read_text()
    for old, new in (("name: simulated", "name: boutique"), ("first_day: 2025-01-01", "first_day: 2025-02-01")):
        assert text.count(f"{old}\n") == 1
        text = text.replace(old, new)
    (shops / "boutique.yaml").write_text(text[: text.index("  warehouse:\n")])
    monkeypatch.setenv("ALMANAC_SHOPS_DIR", str(shops))
    ended = almanac("--days", "3", "--shop", "boutique", "--home", str(home))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {path.name for path in (home / "drops").iterdir()} == {"storefront"}
    days = {path.name for path in (home / "drops" / "storefront" / "orders").iterdir()}
    assert days == {"2025-02-01", "2025-02-02", "2025-02-03"}
    assert json.loads((home / "home.json").read_text()) == {"shop": "boutique"}


def test_a_shop_that_no_system_serves_is_refused(tmp_path: Path) -> None:
    ended = almanac("--days", "3", "--shop", "online_retail", "--home", str(tmp_path / "home"))
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1
    assert "no source of shop online_retail is a system of the simulator (storefront, warehouse)" in ended.stderr
    assert not (tmp_path / "home").exists()


def test_half_of_the_places_is_refused(tmp_path: Path) -> None:
    for option in ("--out", "--key"):
        ended = almanac("--days", "3", option, str(tmp_path / "place"))
        assert ended.returncode == 2
        assert ended.stderr.startswith("almanac: give both --out and --key, or --home (see ")
        assert ended.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_places_the_home_is_that_of_every_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALMANAC_HOME", str(tmp_path / "shop"))
    ended = almanac("--days", "3")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == {"shop", "shop.key"}
    assert (tmp_path / "shop" / "drops").is_dir()


def test_the_systems_are_those_that_the_shop_file_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (PROJECT_ROOT / "shops" / "simulated.yaml").read_text()
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "simulated.yaml").write_text(text.replace("  warehouse:", "  depot:"))
    monkeypatch.setenv("ALMANAC_SHOPS_DIR", str(tmp_path / "shops"))
    ended = almanac("--days", "2", "--home", str(tmp_path / "shop"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [path.name for path in (tmp_path / "shop" / "drops").iterdir()] == ["storefront"]
    chosen = almanac("--days", "2", "--home", str(tmp_path / "other"), "--systems", "storefront,warehouse")
    assert chosen.returncode == 0 and (tmp_path / "other" / "drops" / "warehouse").is_dir()


def test_days_before_the_shop_begins_are_not_written_into_its_home(tmp_path: Path) -> None:
    """No refresh would ever load them."""
    ended = almanac("--days", "1", "--start", "2020-01-01", "--home", str(tmp_path / "home"))
    assert ended.returncode == 2
    assert ended.stderr.startswith("almanac: --start 2020-01-01: shop simulated begins on 2025-01-01")
    assert not (tmp_path / "home").exists()
