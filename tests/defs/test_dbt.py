"""dbt inside Dagster: a parse is held for all homes, is whole or not there, and builds leave it alone."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from pipelines.defs import manifest as manifests
from pipelines.defs.manifest import HeldManifest, held_manifest
from pipelines.settings.environment import Settings
from tests.shop_under_test import MakeShop

pytestmark = pytest.mark.slow

DAYS = [dt.date(2010, 12, day) for day in (1, 2)]


def stamps(held: HeldManifest) -> dict[str, tuple[bytes, int]]:
    return {
        name: ((held.folder / name).read_bytes(), (held.folder / name).stat().st_mtime_ns)
        for name in (manifests.PARSED, manifests.MANIFEST)
    }


def test_builds_leave_the_parse_alone_and_a_torn_one_is_made_anew(make_shop: MakeShop) -> None:
    shop = make_shop(first_day=DAYS[0], own_code=True)
    held = held_manifest(shop.settings)
    before = stamps(held)
    (held.folder.parent / "parsing").mkdir()  # as a killed parse leaves it
    shop.deliver(DAYS[0])
    assert shop.run("refresh", DAYS[0]).success
    assert stamps(held) == before
    for name in (manifests.PARSED, manifests.MANIFEST):
        whole = before[name][0]
        (held.folder / name).write_bytes(whole[: len(whole) // 3])
        again = held_manifest(shop.settings)
        assert {*again.content["nodes"]} == {*again.parsed.nodes} == {*held.content["nodes"]}
    shop.deliver(DAYS[1])
    assert shop.run("refresh", DAYS[1]).success
    assert [path.name for path in held.folder.parent.iterdir() if path.is_dir()] == [held.folder.name]


def test_homes_share_a_parse_and_changed_code_has_its_own(make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, other = make_shop(own_code=True), make_shop()
    held = held_manifest(shop.settings)
    monkeypatch.setattr(manifests, "_parse", lambda *_: pytest.fail("parsed once more"))
    elsewhere = Settings(**{**vars(shop.settings), "home": other.settings.home, "threads": 1})
    assert held_manifest(elsewhere) is held
    monkeypatch.undo()
    model = next(shop.settings.dbt_project_dir.glob("models/core/dim_dates.sql"))
    model.write_text(model.read_text() + "-- the same, said otherwise\n")
    changed = held_manifest(shop.settings)
    assert changed.folder.parent == held.folder.parent
    assert changed.code != held.code


def test_an_installation_that_cannot_be_written_parses_into_the_home(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(own_code=True)
    writable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "held" not in str(path) and writable(path, mode))
    held = held_manifest(shop.settings)
    assert held.folder.parent == shop.settings.home.dbt


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


def test_of_two_processes_that_start_together_one_parses(make_shop: MakeShop, tmp_path: Path) -> None:
    shop, other = make_shop(own_code=True), make_shop()
    elsewhere = Settings(**{**vars(shop.settings), "home": other.settings.home})
    shutil.rmtree(shop.settings.dbt_project_dir / "target", ignore_errors=True)
    started = multiprocessing.get_context("spawn")
    both = [started.Process(target=parse, args=(s, tmp_path / "parses")) for s in (shop.settings, elsewhere)]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
    assert [process.exitcode for process in both] == [0, 0]
    assert (tmp_path / "parses").read_text() == "parsed\n"
