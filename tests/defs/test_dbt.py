"""dbt inside Dagster: a parse is held for all homes, is whole or not there, and builds leave it alone; on the toy
project, which parses in a second."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.defs import manifest as manifests
from pipelines.defs.manifest import HeldManifest, held_manifest
from pipelines.settings.environment import Settings
from pipelines.settings.home import Home
from tests.command_line import warm_server
from tests.engine.story import MONDAY, THURSDAY, calm
from tests.engine.toy import Toy, make_project
from tests.lean_runs import lean

pytestmark = pytest.mark.slow


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """An empty home of a project of its own, which nobody has parsed."""
    return Toy.make(make_project(tmp_path / "project"), tmp_path / "home")


def stamps(held: HeldManifest) -> dict[str, tuple[bytes, int]]:
    return {
        name: ((held.folder / name).read_bytes(), (held.folder / name).stat().st_mtime_ns)
        for name in (manifests.PARSED, manifests.MANIFEST)
    }


@lean()
def test_builds_leave_the_parse_alone_and_a_torn_one_is_made_anew(toy: Toy) -> None:
    held = held_manifest(toy.settings)
    before = stamps(held)
    (held.folder.parent / "parsing").mkdir()  # as a killed parse leaves it
    assert calm(toy, THURSDAY).run("refresh", THURSDAY).success
    assert stamps(held) == before
    for name in (manifests.PARSED, manifests.MANIFEST):
        whole = before[name][0]
        (held.folder / name).write_bytes(whole[: len(whole) // 3])
        again = held_manifest(toy.settings)
        assert {*again.content["nodes"]} == {*again.parsed.nodes} == {*held.content["nodes"]}
    toy.made.clear()
    assert calm(toy, MONDAY).run("refresh", MONDAY).success
    assert [path.name for path in held.folder.parent.iterdir() if path.is_dir()] == [held.folder.name]


def test_homes_share_a_parse_and_changed_code_has_its_own(
    toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = held_manifest(toy.settings)
    monkeypatch.setattr(manifests, "_parse", lambda *_: pytest.fail("parsed once more"))
    elsewhere = Settings(**{**vars(toy.settings), "home": Home(tmp_path / "other"), "threads": 2})
    assert held_manifest(elsewhere) is held
    monkeypatch.undo()
    model = toy.settings.dbt_project_dir / "models" / "core" / "dim_customers.sql"
    model.write_text(model.read_text() + "-- the same, said otherwise\n")
    changed = held_manifest(toy.settings)
    assert changed.folder.parent == held.folder.parent
    assert changed.code != held.code


def test_an_installation_that_cannot_be_written_parses_into_the_home(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    writable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "held" not in str(path) and writable(path, mode))
    held = held_manifest(toy.settings)
    assert held.folder.parent == toy.settings.home.dbt


def parse(settings: Settings, counted: Path) -> None:
    once = manifests._parse

    def counting(*arguments: object) -> None:
        with counted.open("a") as file:
            file.write("parsed\n")
        once(*arguments)  # type: ignore[arg-type]

    manifests._parse = counting  # type: ignore[assignment]
    held = held_manifest(settings)
    assert held.content["nodes"]
    assert held.parsed.nodes


def test_of_two_processes_that_start_together_one_parses(toy: Toy, tmp_path: Path) -> None:
    elsewhere = Toy.make(toy.settings.project_root, tmp_path / "other").settings
    assert not (toy.settings.dbt_project_dir / "target").exists()
    both = [warm_server().Process(target=parse, args=(s, tmp_path / "parses")) for s in (toy.settings, elsewhere)]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
    assert [process.exitcode for process in both] == [0, 0]
    assert (tmp_path / "parses").read_text() == "parsed\n"
