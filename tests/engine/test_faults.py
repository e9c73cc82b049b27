"""A full disk, readers beside a publication, a working file from before the last run: nothing that readers see is torn,
and the way back is named and works.

The kills are in test_kills.py; the full counts, on the real shops, are `make faults`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.terminal import explained
from tests.engine.oracle import differences
from tests.engine.story import MONDAY, THURSDAY, calm, sale
from tests.engine.toy import Toy
from tests.faults.disk import CAUSE, resize, small_disk, used
from tests.faults.homes import torn
from tests.faults.reading import counts_of, misread, reading

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_on_a_full_disk_the_cause_is_named_and_the_next_run_is_green(toy: Toy, tmp_path: Path) -> None:
    """The disk has room for a share of what a refresh adds to a home; Dagster's history lies elsewhere, and is that of
    tests/test_cli.py."""
    calm(toy, MONDAY)
    undisturbed = toy.copy(tmp_path / "undisturbed")
    before = _size(undisturbed.settings.home.path)
    assert undisturbed.run("refresh", MONDAY).success
    growth = _size(undisturbed.settings.home.path) - before
    disk = tmp_path / "disk"
    with small_disk(disk) as mounted:
        if not mounted:
            pytest.skip("mounting a small file system is not permitted")
        for share in (0.02, 0.5):
            shop = toy.copy(disk / f"home{share}")
            seen = shop.manifest
            resize(disk, used(disk) + int(share * growth))
            full = shop.run("refresh", MONDAY)
            assert not full.success
            assert CAUSE in explained(full.errors[0][1])
            assert shop.manifest == seen
            assert torn(shop) == []
            resize(disk, 2 << 30)
            assert shop.run("refresh", MONDAY).success
            assert shop.digests == undisturbed.digests
            assert torn(shop) + differences(shop) == []


def _size(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if not file.is_symlink())


def test_readers_beside_publications_see_whole_versions_and_no_error(toy: Toy) -> None:
    known = {counts_of(toy)}
    with reading(toy.settings.home.published, 2) as seen:
        for number in (1, 2):
            toy.put("till.sales", MONDAY, [sale(100 * number + line, MONDAY) for line in range(9)], f"{number}.csv")
            assert toy.run("refresh", MONDAY).success
            known.add(counts_of(toy))
    assert misread(seen, known) + torn(toy) == []
    assert all(read.reads > 1 for read in seen)


def test_an_older_working_file_is_refused_and_can_be_rebuilt(toy: Toy, tmp_path: Path) -> None:
    warehouse = toy.settings.home.warehouse
    older = shutil.copy(warehouse, tmp_path / "older.duckdb")
    calm(toy, MONDAY)
    assert toy.run("refresh", MONDAY).success
    digests, version = toy.digests, toy.manifest["version"]
    shutil.copy(older, warehouse)
    refused = toy.run("refresh", MONDAY)
    assert not refused.success
    assert all(words in refused.errors[0][1] for words in ("not what the last run left", "move it away"))
    assert toy.manifest["version"] == version
    warehouse.parent.rename(tmp_path / "damaged")
    assert toy.run("backfill", THURSDAY, MONDAY).success
    assert toy.digests == digests
    assert differences(toy) == []
