"""Publishers that are killed, and what readers find after it; for the tests and the proof.

Belongs here: starting, killing, looking. Does not belong here: the publisher itself (killed_publisher.py).
"""

from __future__ import annotations

import functools
import random
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import duckdb

from pipelines.store.published.publication import list_versions, read_manifest, verify_version
from tests.command_line import warm_server
from tests.faults import killed_publisher
from tests.faults.readers import generation_read, publish_generation


@dataclass
class Kills:
    """How many publishers were killed, how often the new version stood after it, and all that was wrong."""

    kills: int = 0
    published: int = 0
    problems: list[str] = field(default_factory=list)


def published_home(folder: Path, generations: int = 3) -> Path:
    """A folder with a working file and this many publications, numbered from 0."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        for generation in range(generations):
            publish_generation(con, folder / "published", generation)
    return folder


@dataclass
class Publisher:
    """A publisher under way."""

    process: BaseProcess
    answers: Connection

    def ended(self) -> tuple[int | None, bool]:
        """Wait for its end; (exit code, negative for the signal that ended it, whether it said that it was done)."""
        self.process.join(60)
        try:
            return self.process.exitcode, self.answers.recv() == "done"
        except EOFError:
            return self.process.exitcode, False


def start(folder: Path, generation: int, step: int = 0) -> Publisher:
    """A publisher that has opened the working file and begins now; forked with its imports behind it."""
    context = warm_server()
    answers, theirs = context.Pipe()
    process = context.Process(target=killed_publisher.main, args=(folder, generation, step, theirs))
    process.start()
    theirs.close()
    assert answers.recv() == "ready"
    answers.send("go")
    return Publisher(process, answers)


def publish_undisturbed(folder: Path, generation: int) -> float:
    """Publish in a process of its own, to its end; the seconds from its beginning to publish."""
    publisher = start(folder, generation)
    began = time.monotonic()
    assert publisher.ended() == (0, True)
    return time.monotonic() - began


def look(published: Path, allowed: set[int]) -> tuple[int | None, list[str]]:
    """(the generation that readers see, what is wrong): one whole generation out of `allowed`, all versions sound."""
    generation = generation_read(published)
    wrong = [] if generation in allowed else [f"readers see generation {generation}, not one of {sorted(allowed)}"]
    said = read_manifest(published)["facts"]["generation"]
    if said != generation:
        wrong.append(f"the manifest says generation {said}, the tables {generation}")
    for version in list_versions(published):
        wrong += [f"{version.version}: {problem}" for problem in _problems(version.path, _stamps(version.path))]
    return generation, wrong


@functools.cache
def _problems(version: Path, _as_it_is: tuple[tuple[str, int, int], ...]) -> list[str]:
    """What is wrong with a version. One that nobody has touched since it was looked at is not read once more."""
    return verify_version(version)


def _stamps(version: Path) -> tuple[tuple[str, int, int], ...]:
    """(path, inode, change of content or inode) of each file: the kernel sets the last, no process can."""
    files = sorted(version.rglob("*"))
    return tuple((f"{file}", (stat := file.lstat()).st_ino, stat.st_ctime_ns) for file in files)


def kill_at_any_moment(folder: Path, kills: int, seed: int = 20111209) -> Kills:
    """Kill publishers at moments drawn over the length of a whole publication, then let one finish.

    A publisher that was done before its moment came is not counted; another one takes its place.
    """
    longest, standing, draw = publish_undisturbed(folder, 3), 3, random.Random(seed)
    seen = Kills()
    for generation in range(4, 4 + 5 * kills):
        if seen.kills == kills:
            break
        publisher = start(folder, generation)
        time.sleep(draw.uniform(0, longest))
        publisher.process.kill()
        code, _ = publisher.ended()
        found, wrong = look(folder / "published", {standing, generation})
        seen.kills += code == -signal.SIGKILL
        seen.published += found == generation
        seen.problems += wrong
        standing = standing if found is None else found
    publish_undisturbed(folder, 1000)
    seen.problems += look(folder / "published", {1000})[1]
    return seen


def kill_before_each_name(folder: Path, most_steps: int = 60) -> tuple[Kills, list[tuple[bool, bool]]]:
    """Kill a publisher before its first change of a file name, the next before its second, until one comes through.

    Also returns per publisher (it came through, its version stands).
    """
    standing, seen, outcomes = 2, Kills(), []
    for step in range(1, most_steps):
        generation = 2 + step
        code, is_done = start(folder, generation, step).ended()
        found, wrong = look(folder / "published", {standing, generation})
        seen.kills += code == -signal.SIGKILL
        if code not in (0, -signal.SIGKILL):
            wrong.append(f"step {step}: ended by itself with {code}")
        seen.published += found == generation
        seen.problems += wrong
        outcomes.append((is_done, found == generation))
        standing = standing if found is None else found
        if is_done:
            break  # all changes of names are behind us
    publish_undisturbed(folder, 1000)
    seen.problems += look(folder / "published", {1000})[1]
    return seen, outcomes
