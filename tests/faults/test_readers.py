"""Readers never see an error or two versions at once, and a killed publication never shows."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from readers import generation_read, publish_generation, read_while_publishing

from pipelines.warehouse.publication import current_version, list_versions, read_manifest, verify_version

pytestmark = pytest.mark.faults

# `make prove` asks for 100.
PUBLICATIONS = int(os.environ.get("ALMANAC_PROVE_PUBLICATIONS", "6"))
KILLS = int(os.environ.get("ALMANAC_PROVE_KILLS", "6"))
MOST_STEPS = 30


def test_readers_see_whole_versions_and_no_error(tmp_path):
    for seen in read_while_publishing(tmp_path, PUBLICATIONS):
        assert (seen.errors, seen.mixtures) == ([], 0)
        assert seen.reads > 1
        assert seen.generations == sorted(set(seen.generations)), "a reader went back in time"
        assert seen.generations[-1] == PUBLICATIONS


def start(folder: Path, generation: int, step: int = 0) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        str(Path(__file__).with_name("killed_publisher.py")),
        str(folder),
        str(generation),
        str(step),
    ]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    return process


def check(published: Path, allowed: set[int]) -> int:
    """Readers see one whole generation out of `allowed`; every version that is listed is sound."""
    generation = generation_read(published)
    assert generation in allowed
    assert read_manifest(published)["facts"]["generation"] == generation
    for version in list_versions(published):
        assert verify_version(version.path) == []
    return generation


@pytest.fixture
def folder(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        for generation in range(3):
            publish_generation(con, tmp_path / "published", generation)
    return tmp_path


def test_killed_at_any_moment(folder):
    began = time.monotonic()
    done = start(folder, 3)
    assert done.communicate(timeout=60)[0] == "done\n"
    longest = time.monotonic() - began
    standing, draw = 3, random.Random(20111209)
    for generation in range(4, 4 + KILLS):
        process = start(folder, generation)
        time.sleep(draw.uniform(0, longest))
        process.kill()
        process.communicate(timeout=60)
        standing = check(folder / "published", {standing, generation})
    assert start(folder, 100).communicate(timeout=60)[0] == "done\n"
    assert check(folder / "published", {100}) == 100


def test_killed_before_each_change_of_a_name(folder):
    standing, outcomes = 2, []
    for step in range(1, MOST_STEPS):
        output, _ = start(folder, generation := 2 + step, step).communicate(timeout=60)
        previous, standing = standing, check(folder / "published", {standing, generation})
        outcomes.append((output == "done\n", standing != previous))
        if output:
            break  # all changes of names are behind us
    assert (False, False) in outcomes  # killed before the swap: the old version stands
    assert (False, True) in outcomes  # killed after it: the new one does
    assert outcomes[-1] == (True, True)
    assert start(folder, 100).communicate(timeout=60)[0] == "done\n"
    assert check(folder / "published", {100}) == 100
    assert not [path.name for path in (folder / "published" / "versions").glob(".*.*")]
    assert current_version(folder / "published") == list_versions(folder / "published")[-1].version
