"""The bars of faults: killed publishers, and a part of every kind of `make faults` (which carries out full counts).

Belongs here: how many, and the kills of a publisher alone. Does not belong here: faults (tests/faults).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.proofs.rows import Proof, Row
from tests.faults import damage, disk, kill, reading, writer
from tests.faults.kills import kill_at_any_moment, kill_before_each_name, published_home
from tests.faults.shops import SHOPS

KILLS = 20
REAL = SHOPS["online_retail"]


def killed_publishers(folder: Path) -> Iterator[Row]:
    """Publishers killed at drawn moments, then one before each change of a file name."""
    seen = kill_at_any_moment(published_home(folder / "moments"), KILLS)
    text = f"{seen.kills} killed, {len(seen.problems)} problems, {seen.published} had published"
    yield Row(f"{KILLS} publishers killed at any moment: nothing torn, the next one publishes", text,
              not seen.problems and seen.kills == KILLS)  # fmt: skip
    steps, outcomes = kill_before_each_name(published_home(folder / "names"))
    text = f"{steps.kills} killed, {len(steps.problems)} problems, {steps.published} had published"
    both = {(False, False), (False, True)} <= set(outcomes) and outcomes[-1:] == [(True, True)]
    yield Row("killed before every change of a name: before the swap old, after it new", text,
              both and not steps.problems)  # fmt: skip


def killed_refreshes(folder: Path) -> Iterator[Row]:
    """Four in each stage."""
    yield from kill.rows(REAL, folder / "kill", 20)


def full_disks(folder: Path) -> Iterator[Row]:
    """Half of the full count."""
    yield from disk.rows(REAL, folder / "disk", 6)


def damaged_files(folder: Path) -> Iterator[Row]:
    """A third of the full count."""
    yield from damage.rows(REAL, folder / "damage", 20)


def second_writers(folder: Path) -> Iterator[Row]:
    """The full count."""
    yield from writer.rows(REAL, folder / "writer", 20)


def readers_while_publishing(folder: Path) -> Iterator[Row]:
    """The full count."""
    yield from reading.rows(REAL, folder / "readers", 100)


PROOFS: tuple[Proof, ...] = (
    readers_while_publishing,
    killed_publishers,
    killed_refreshes,
    full_disks,
    damaged_files,
    second_writers,
)
