"""The bars of faults: readers beside publications, killed publishers.

Belongs here: counting what went wrong. Does not belong here: readers, kills (tests/faults).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.proofs.rows import Proof, Row
from tests.faults.kills import kill_at_any_moment, kill_before_each_name, published_home
from tests.faults.readers import faults_seen, read_while_publishing

READERS, PUBLICATIONS, KILLS = 4, 100, 20


def readers_while_publishing(folder: Path) -> Iterator[Row]:
    """Readers open, read and close the current version while it is replaced again and again."""
    place = folder / "readers"
    place.mkdir()
    everything = read_while_publishing(place, PUBLICATIONS, READERS)
    errors, mixtures = sum(len(seen.errors) for seen in everything), sum(seen.mixtures for seen in everything)
    others = [fault for seen in everything for fault in faults_seen(seen, PUBLICATIONS)]
    reads = sum(seen.reads for seen in everything)
    text = f"{errors} errors, {mixtures} mixtures in {reads:,} reads"
    if others:
        text += f"; {others[0]}"
    bar = f"{READERS} readers, {PUBLICATIONS} publications: 0 errors, 0 mixtures"
    yield Row(bar, text, not others and reads >= READERS)


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


PROOFS: tuple[Proof, ...] = (readers_while_publishing, killed_publishers)
