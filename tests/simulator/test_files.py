"""The files: the same bytes for the same arguments, earlier days untouched by later ones, folders that belong."""

from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from simulator.arguments import RELEASE, Arguments, SimulationError
from simulator.key import check_key, read_key
from simulator.run import run
from simulator.systems import all_systems, tables_of
from tests.simulator.conftest import Shop, simulated

pytestmark = pytest.mark.slow

SMALL = Arguments(seed=3, days=12, customers=150)


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder, by its path."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


# The SHA-256 of a line "<path> <sha256>" per file of the drops of `simulate --seed 7 --days 30 --customers 800
# --systems storefront,warehouse`, as they were written before a system was a folder. Another one asks for another
# RELEASE.
FROZEN = "585a0c25fcc35db4fc61f800646c9347cbe6bed4a71e19618d56f65c7de73164"


def test_the_drops_are_still_those_of_their_release(tmp_path: Path) -> None:
    shop = simulated(tmp_path, Arguments(7, SMALL.start, 30, 800), systems=["storefront", "warehouse"])
    lines = "".join(f"{name} {digest}\n" for name, digest in hashes(shop.drops).items())
    assert hashlib.sha256(lines.encode()).hexdigest() == FROZEN
    assert RELEASE == 1


def test_the_bytes_follow_from_the_arguments_whatever_the_threads(tmp_path: Path) -> None:
    one, two = (simulated(tmp_path / str(threads), SMALL, threads) for threads in (1, 2))
    assert hashes(one.drops) == hashes(two.drops)
    assert hashes(one.key_folder) == hashes(two.key_folder)


def test_another_seed_is_another_shop(tmp_path: Path) -> None:
    one, two = (simulated(tmp_path / str(seed), Arguments(seed, SMALL.start, 5, SMALL.customers)) for seed in (3, 4))
    ours, theirs = hashes(one.drops), hashes(two.drops)
    same = {name for name in ours if ours[name] == theirs.get(name)}
    # Only what is not drawn: the locations, and files without a row.
    assert {name.split("/")[1] for name in same} <= {"locations", "promotions", "refunds"}


def test_more_days_leave_the_earlier_files_as_they_are(tmp_path: Path, shop: Shop) -> None:
    arguments = shop.arguments
    shorter = Arguments(arguments.seed, arguments.start, arguments.days - 10, arguments.customers)
    short = simulated(tmp_path, shorter)
    early = {name for name in hashes(shop.drops) if name.split("/")[2] <= shorter.last.isoformat()}
    assert hashes(short.drops) == {name: digest for name, digest in hashes(shop.drops).items() if name in early}
    untouched = {file: file.stat().st_mtime_ns for file in short.drops.rglob("*") if file.is_file()}
    longer = simulated(tmp_path, arguments)
    assert hashes(longer.drops) == hashes(shop.drops)
    assert hashes(longer.key_folder) == hashes(shop.key_folder)
    assert {file: file.stat().st_mtime_ns for file in untouched} == untouched
    assert simulated(tmp_path, arguments).summary.new_files == 0


def test_days_that_come_one_after_the_other_are_those_of_a_long_run(tmp_path: Path) -> None:
    """Of three days few columns hold a null: their files must not differ from those of a run that has met one."""
    short = Arguments(SMALL.seed, SMALL.start, 3, SMALL.customers)
    grown = [simulated(tmp_path / "grown", arguments) for arguments in (short, SMALL)][-1]
    assert hashes(grown.drops) == hashes(simulated(tmp_path / "whole", SMALL).drops)


def test_the_key_is_its_owners_alone_and_never_below_the_drops(tmp_path: Path, shop: Shop) -> None:
    assert stat.S_IMODE(shop.key_folder.stat().st_mode) == 0o700
    assert {path.name for path in shop.drops.iterdir()} == {"storefront", "warehouse"}
    names = {path.stem.split("_20")[0] for path in shop.drops.rglob("*") if path.is_file()}
    assert names == {table.name for table in tables_of(all_systems())}
    for out, key in (
        (tmp_path, tmp_path),
        (tmp_path, tmp_path / "key"),
        (tmp_path / "key" / "drops", tmp_path / "key"),
    ):
        with pytest.raises(SimulationError, match="must not lie"):
            run(SMALL, out, key, progress=lambda stage, done, total: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (Arguments(4, SMALL.start, SMALL.days, SMALL.customers), "the key of another shop"),
        (Arguments(3, SMALL.start, SMALL.days, SMALL.customers + 1), "the key of another shop"),
        (Arguments(3, SMALL.start, SMALL.days - 1, SMALL.customers), f"{SMALL.days} days are there"),
    ],
)
def test_folders_of_another_simulation_are_refused(tmp_path: Path, arguments: Arguments, message: str) -> None:
    shop = simulated(tmp_path, SMALL)
    before = hashes(tmp_path)
    with pytest.raises(SimulationError, match=message):
        run(arguments, shop.drops, shop.key_folder, progress=lambda stage, done, total: None)
    with pytest.raises(SimulationError, match="not of the key"):
        run(SMALL, shop.drops, tmp_path / "new.key", progress=lambda stage, done, total: None)
    assert hashes(tmp_path) == before


def test_a_key_is_not_continued_beside_the_drops_of_another_shop(tmp_path: Path) -> None:
    ours = simulated(tmp_path / "ours", SMALL)
    other = simulated(tmp_path / "other", Arguments(4, SMALL.start, SMALL.days, SMALL.customers))
    before = hashes(tmp_path)
    with pytest.raises(SimulationError, match="of another simulation; choose an empty folder for the drops"):
        run(SMALL, other.drops, ours.key_folder, progress=lambda stage, done, total: None)
    assert hashes(tmp_path) == before


@pytest.mark.parametrize("blocked", ["drops", "key"])
def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path, blocked: str) -> None:
    (tmp_path / blocked).write_text("mine")
    with pytest.raises(SimulationError, match=f"{blocked}: a file; choose a folder"):
        run(SMALL, tmp_path / "drops" / "deep", tmp_path / "key", progress=lambda stage, done, total: None)
    assert [path.name for path in tmp_path.iterdir()] == [blocked]


def test_a_folder_with_other_files_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "letter.txt").write_text("mine")
    with pytest.raises(SimulationError, match="not empty and no key"):
        run(SMALL, tmp_path / "drops", tmp_path / "key", progress=lambda stage, done, total: None)
    for place in (tmp_path / "key", tmp_path / "key" / "letter.txt"):
        with pytest.raises(SimulationError, match="no answer key"):
            read_key(place)


def test_what_a_killed_run_left_of_a_key_is_written_anew(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.mkdir()
    for name in ("orders.parquet", "dirt.parquet.part", "manifest.json.part"):
        (key / name).write_text("half")
    check_key(Arguments(days=3, customers=60), all_systems(), tmp_path / "drops", key)
    (key / "notes.txt").write_text("somebody's")
    with pytest.raises(SimulationError, match="not empty and no key"):
        check_key(Arguments(days=3, customers=60), all_systems(), tmp_path / "drops", key)


@pytest.mark.parametrize(
    "manifest",
    [
        *("[]", "{", '{"version": 1}'),
        '{"version": 2, "last_day": "soon", "tables": {}, "world": {}, "days": 3, "first_file": {}}',
        '{"version": 2, "last_day": "2025-01-03", "tables": {}, "world": {}, "days": 3}',
    ],
)
def test_a_damaged_key_is_told_in_one_line(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(SimulationError) as told:
        read_key(tmp_path)
    assert "\n" not in str(told.value)


def test_the_module_tells_a_mistake_in_one_line(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "simulator",
        "--days",
        "0",
        "--out",
        str(tmp_path / "o"),
        "--key",
        str(tmp_path / "k"),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "simulator: 0 days: choose 1 to 3,650\n"


def test_personal_data_is_unmistakably_made_up(shop: Shop) -> None:
    values = duckdb.sql(f"select kind, value from {shop.key.sql('personal')}").fetchall()
    by_kind = {kind: [value for k, value in values if k == kind] for kind in ("email", "phone", "full_name")}
    assert all(value.endswith(("@example.com", "@example.cn")) for value in by_kind["email"])
    assert all(value.startswith(("100", "+1555010")) for value in by_kind["phone"])
    text = "".join(file.read_text() for file in shop.drops.glob("storefront/orders/*/*.csv"))
    in_orders = {cell for line in text.splitlines() for cell in line.split(",") if "@" in cell}
    assert in_orders and in_orders <= set(by_kind["email"])
