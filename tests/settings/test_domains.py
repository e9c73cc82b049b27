"""What a shop file says of domains: one is off, another has settings; a mistake is told by file and key in one line."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.defs.statements import reading_of
from pipelines.domains import domain_names
from pipelines.settings.domains import domain_settings
from pipelines.settings.environment import Settings, load_settings
from pipelines.settings.errors import SettingsError
from pipelines.settings.home import Home
from pipelines.settings.shop import load_shop
from tests.command_line import SHOP
from tests.planted_domain import Plant, planting

FORM = '''
"""What a shop may set of moods."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """Not of this module's making when it is imported elsewhere."""


del Window


@dataclass(frozen=True)
class MoodSettings:
    """Settings of moods."""

    horizon_days: int = 28
    share: float = 0.5
    kinds: tuple[str, ...] = ("glad",)

    def __post_init__(self) -> None:
        if self.horizon_days < 1:
            raise ValueError("horizon_days must be at least 1")
'''


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    with planting(tmp_path / "domains", monkeypatch) as plant:
        yield plant


def shop_file(folder: Path, domains: str) -> Path:
    path = folder / "online_retail.yaml"
    path.write_text(f"{SHOP}domains: {domains}\n")
    return path


def settings(folder: Path, domains: str) -> Settings:
    path = shop_file(folder, domains)
    return Settings(shop=load_shop(path), shop_file=path, home=Home(folder / "home"))


def test_a_shop_that_says_nothing_has_all_domains_as_they_are() -> None:
    shipped = load_settings("online_retail", "/nowhere", environment={})
    assert shipped.domains_off == frozenset()
    assert shipped.dbt_vars["domains_off"] == []
    assert {"customers", "inventory", "quality", "sales"} <= {*domain_names()}


@pytest.mark.parametrize("off", ["off", "false", "Off", "no"])
def test_off_and_false_switch_a_domain_off(tmp_path: Path, off: str) -> None:
    found = settings(tmp_path, f"{{inventory: {off}}}")
    assert found.domains_off == {"inventory"}
    assert found.dbt_vars["domains_off"] == ["inventory"]


def test_settings_reach_statements_and_sql(tmp_path: Path, plant: Plant) -> None:
    plant("moods", {"settings": FORM})
    found = settings(tmp_path, "{moods: {horizon_days: 14, kinds: [glad, sad]}}")
    values = found.domain_settings["moods"]
    assert (type(values).__name__, values.horizon_days, values.share) == ("MoodSettings", 14, 0.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        values.horizon_days = 1
    assert found.dbt_vars["moods"] == {"horizon_days": 14, "share": 0.5, "kinds": ("glad", "sad")}
    with duckdb.connect() as con:
        assert reading_of(found, con, dt.date(2011, 3, 1), "moods").settings == values
        assert reading_of(found, con, dt.date(2011, 3, 1), "sales").settings is None
    assert settings(tmp_path, "{}").domain_settings["moods"].horizon_days == 28
    off = settings(tmp_path, "{moods: off}")
    assert "moods" not in off.domain_settings and "moods" not in off.dbt_vars


@pytest.mark.parametrize(
    ("domains", "said"),
    [
        ("{mods: off}", "domains.mods: there is no such domain: write one of "),
        ("{moods: on}", "domains.moods: is True: write off, or the domain's settings by name"),
        ("{moods: 3}", "domains.moods: is 3: write off, or"),
        ("{sales: {horizon_days: 3}}", "domains.sales: this domain has no settings: write off, or remove the key"),
        ("{moods: {horizon: 3}}", "domains.moods.horizon: this key is unknown: correct its spelling or remove it"),
        ("{moods: {horizon_days: soon}}", "domains.moods.horizon_days: Input should be a valid integer"),
        ("{moods: {horizon_days: 0}}", "domains.moods: horizon_days must be at least 1"),
        ("{moods: {share: .nan}}", "domains.moods.share: Input should be a finite number"),
        (
            "{sales: off, customers: off, inventory: off, quality: off, moods: off}",
            "domains: all of them are off: leave",
        ),
        ("[moods]", "domains: Input should be a valid dictionary"),
        ("{Moods: off}", "domains.Moods: 'Moods' is not a name"),
    ],
)
def test_a_mistake_is_told_by_file_and_key(tmp_path: Path, plant: Plant, domains: str, said: str) -> None:
    plant("moods", {"settings": FORM})
    path = shop_file(tmp_path, domains)
    with pytest.raises(SettingsError) as caught:
        load_shop(path)
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "form",
    [
        "",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\n",
        FORM + "\n@dataclass(frozen=True)\nclass Second:\n    x: int = 1\n",
    ],
    ids=["none", "not frozen", "two"],
)
def test_a_form_that_is_none_is_told(tmp_path: Path, plant: Plant, form: str) -> None:
    plant("moods", {"settings": form})
    with pytest.raises(SettingsError, match="does not hold one frozen dataclass") as caught:
        domain_settings(tmp_path / "s.yaml", {})
    assert "\n" not in str(caught.value)


def test_a_name_that_dbt_knows_already_is_no_domain_with_settings(tmp_path: Path, plant: Plant) -> None:
    plant("currency", {"settings": FORM})
    found: dict[str, Any] = {}
    with pytest.raises(SettingsError, match="currency"):
        found = settings(tmp_path, "{}").dbt_vars
    assert found == {}
