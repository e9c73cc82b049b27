"""disk: refreshes that run out of disk, by a limit on the size of a file and on a small file system.

Belongs here: how full, and what such a refresh may leave. Does not belong here: homes and commands.
"""

from __future__ import annotations

import itertools
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.proofs.rows import Row
from tests.command_line import Prepare
from tests.faults.commands import run
from tests.faults.homes import Prepared, one_line_of, prepared, torn
from tests.faults.places import Kill, watch
from tests.faults.progress import told
from tests.faults.shops import FaultShop

CAUSE = "the disk is full or a file may not grow"
MEGABYTE = 1 << 20
# Less than any Parquet file of a split has, and room for the line that a person is told.
NEXT_TO_NOTHING = 1024


def limit_files(size: int) -> None:
    """No file of this process may grow beyond `size` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A file system in memory mounted on the folder `place`; False when that is not permitted."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=2g", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)


def used(place: Path) -> int:
    """Bytes in use on the file system of the folder."""
    return shutil.disk_usage(place).used


def resize(place: Path, size: int) -> None:
    """Give the mounted file system another size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


def refresh_on_a_full_disk(home: Prepared, prepare: Prepare | None = None) -> tuple[bool, list[str]]:
    """(it failed, what is wrong): it names the cause and leaves what is published, or it published all the same."""
    shop = home.shop
    before = shop.manifest
    ended = run(shop, "refresh", "--date", f"{home.last}", prepare=prepare)
    if ended.code == 0:
        return False, torn(shop) + ([] if shop.digests == home.digests else ["it published other digests"])
    kept = [] if shop.manifest == before else ["the published version was replaced"]
    return True, one_line_of(ended, CAUSE) + kept + torn(shop)


def with_limits(home: Prepared, count: int) -> Iterator[tuple[str, bool, list[str]]]:
    """(fault, it failed, what is wrong) at `count` limits, from a hundredth of the working file to nearly all of it."""
    home.restored()
    whole = home.shop.settings.home.warehouse.stat().st_size
    for number in range(count):
        limit = int(whole * (0.01 + 0.98 * number / max(1, count - 1)))
        home.restored()
        failed, wrong = refresh_on_a_full_disk(home, partial(limit_files, limit))
        yield f"no file above {limit / MEGABYTE:.1f} MB", failed, wrong + home.refresh()


def while_splitting(home: Prepared, count: int) -> Iterator[tuple[str, bool, list[str]]]:
    """The same when the disk becomes full while the raw and the private file of a drop are written."""
    for number in range(1, count + 1):
        shop, trace = home.restored(), home.copy.with_name(f"trace-full-{number}")
        full = Kill("writing a split", number), partial(limit_files, NEXT_TO_NOTHING)
        failed, wrong = refresh_on_a_full_disk(home, partial(watch, trace, shop.settings.home.warehouse, act=full))
        yield f"full when file {number} of a split is written", failed, wrong + home.refresh()


def on_small_disks(home: Prepared, count: int) -> Iterator[tuple[str, bool, list[str]]]:
    """The same with a home on a file system that has room for a part of what a refresh writes."""
    place = home.shop.settings.home.path
    shutil.rmtree(place)
    with small_disk(place) as mounted:
        if not mounted:
            return
        fill(home)
        before = used(place)
        home.refresh()
        growth = used(place) - before
        for number in range(count):
            room = int(growth * (0.02 + 0.75 * number / max(1, count - 1)))
            fill(home)
            resize(place, used(place) + room)
            failed, wrong = refresh_on_a_full_disk(home)
            resize(place, 2 << 30)
            yield f"a disk with {room / MEGABYTE:.1f} MB left", failed, wrong + home.refresh()


def fill(home: Prepared) -> None:
    """Put the home back in place: the folder itself is where the disk is mounted and stays."""
    place = home.shop.settings.home.path
    for entry in place.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    shutil.copytree(home.copy, place, symlinks=True, dirs_exist_ok=True)


def rows(story: FaultShop, folder: Path, count: int) -> Iterator[Row]:
    """The bars of `count` full disks, half by a limit and half on a small file system, where that may be mounted."""
    home, began = prepared(story, folder / "shop"), time.monotonic()
    found = []
    for fault in on_small_disks(home, count // 2):
        found.append(fault)
        told(f"{len(found)} of {count}: {fault[0]}", began)
    mounted = len(found)
    home.shop.settings.home.path.mkdir(exist_ok=True)
    splits = max(2, count // 6) if story.has_private else 0
    for fault in itertools.chain(while_splitting(home, splits), with_limits(home, count - mounted - splits)):
        found.append(fault)
        told(f"{len(found)} of {count}: {fault[0]}", began)
    failed = sum(fault[1] for fault in found)
    problems = [f"{name}: {problem}" for name, _, wrong in found for problem in wrong]
    how = f"{mounted} on a small disk" if mounted else "none on a small disk: mounting is not permitted"
    text = f"{failed} failed, {len(found) - failed} had room enough ({how}); {len(problems)} problems"
    bar = f"{count} full disks: cause named in one line, published version unharmed, rerun green and equal"
    yield Row(bar, "; ".join([text, *problems[:2]]), not problems and len(found) == count and failed > count // 2)
