"""`almanac new` as a person types it: what cannot be is one line that names the option, its value and what to give."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.settings.environment import PROJECT_ROOT
from pipelines.skeletons.project import MARKS

Refused = Callable[..., str]

NEEDED = {
    "source": ["--entity"],
    "entity": ["--source"],
    "mart": ["--domain", "--entity"],
    "model": ["--domain", "--mart"],
    "section": ["--domain"],
    "system": [],
    "grade": ["--system", "--table"],
}
MORE = {"entity": ["--table"], "section": ["--table"], "system": ["--table"]}


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs `almanac new` in a folder of its own, or one that is named; gives the line in which it is refused."""

    def run(*arguments: str, folder: Path = tmp_path) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["almanac", "new", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code, out, err.count("\n")) == (2, "", 1), err
        assert err.startswith("almanac: "), err
        return err.removeprefix("almanac: ")

    return run


@pytest.mark.parametrize("kind", NEEDED)
def test_an_option_that_is_empty_or_left_out_is_told(refused: Refused, kind: str) -> None:
    needed = NEEDED[kind]
    for option in [*needed, *MORE.get(kind, [])]:
        given = [word for other in needed if other != option for word in (other, "sales")]
        for value in ("", " "):
            told = refused(kind, "late", *given, option, value)
            assert f"Invalid value for '{option}': {value!r} is empty: give a name (see " in told
    for option in needed:
        given = [word for other in needed if other != option for word in (other, "sales")]
        assert f"Missing option '{option}'" in refused(kind, "late", *given)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["source", "till", "--entity", "a b"], "--entity 'a b' cannot name this entity: use lower-case letters"),
        (["source", "Till", "--entity", "stamps"], "NAME 'Till' cannot name this source: use lower-case letters"),
        (["domain", ""], "NAME '' cannot name this domain: use lower-case letters"),
        (["entity", "late", "--source", "till"], "--source: there is no source 'till' (there are: online_retail, "),
        (["entity", "late", "--source", "warehouse", "--table", "x"], "--table: there is no table 'x' (there are: "),
        (["mart", "late", "--domain", "x", "--entity", "orders"], "--domain: there is no domain 'x' (there are: "),
        (["mart", "late", "--domain", "sales", "--entity", "x"], "--entity: there is no entity 'x' (there are: "),
        (["model", "late", "--domain", "sales", "--mart", "x"], "--mart: there is no mart 'x' (there are: "),
        (["section", "late", "--domain", "sales", "--table", "x"], "--table: there is no published table 'x' ("),
        (["system", "till"], "NAME: there is no source 'till' (there are: online_retail, "),
        (["grade", "late", "--system", "x", "--table", "x"], "--system: there is no system 'x' (there are: "),
    ],
)
def test_a_name_that_is_none_or_is_not_there_is_told(refused: Refused, arguments: list[str], told: str) -> None:
    assert refused(*arguments).startswith(told)


def test_in_another_checkout_than_the_commands_nothing_is_added(refused: Refused, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for mark in MARKS:
        (other / mark).mkdir(parents=True)
    before = sorted(PROJECT_ROOT.glob("*/domains/*"))
    told = refused("domain", "till", folder=other / "tests")
    assert f"adds to {PROJECT_ROOT}, and {other} is another checkout: run .venv/bin/almanac there" in told
    assert sorted(PROJECT_ROOT.glob("*/domains/*")) == before
