"""kill: refreshes killed (-9) inside every stage, and inside every kind of commit; nothing may be lost or torn.

Belongs here: drawing the moments, and what a killed refresh may leave. Does not belong here: the places (places.py).
"""

from __future__ import annotations

import itertools
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.proofs.rows import Row
from pipelines.store.published.publication import current_version
from tests.faults.commands import run
from tests.faults.homes import Prepared, prepared_homes, rows_lost, share, torn, unsplit
from tests.faults.places import PLACES, STAGE_OF, Kill, Passed, read_trace, watch, where_it_stood
from tests.faults.progress import told
from tests.faults.shops import FaultShop

SEED = 20110306
COMMITS = [place for place in STAGE_OF if place.startswith("commit")]
LOGGED = [place for place in COMMITS if place not in ("commit of the new file", "commit of a split")]


@dataclass
class Killed:
    """What a series of kills came to."""

    by_stage: Counter[str] = field(default_factory=Counter)
    by_place: Counter[str] = field(default_factory=Counter)
    commits: list[str] = field(default_factory=list)
    published: int = 0
    missed: int = 0
    problems: list[str] = field(default_factory=list)


def undisturbed(home: Prepared) -> list[Passed]:
    """What an undisturbed refresh passes, and how long each place takes."""
    shop, trace = home.restored(), home.copy.parent / "trace-undisturbed"
    run(shop, "refresh", "--date", f"{home.last}", prepare=partial(watch, trace, shop.settings.home.warehouse))
    return read_trace(trace)


def draws(passed: list[Passed], stage: str, seed: int = SEED) -> Iterator[Kill]:
    """Moments of a stage without end: its places in turn, each at a drawn passage and a drawn moment within it; every
    second one of a commit at the very moment in which it is written, of a split between its two files."""
    draw = random.Random(f"{seed} {stage}")
    places = sorted(PLACES[stage], key=lambda place: place not in COMMITS)  # commits first: a short series has them too
    passages = {place: [p for p in passed if p.place == place and p.seconds is not None] for place in places}
    turn = 0
    while True:
        for place, found in passages.items():
            if not found:
                continue
            chosen = draw.choice(found)
            moment = draw.uniform(0, 1000 * (chosen.seconds or 0))
            if place == "commit of a split" and turn % 2 == 0:  # the private file is in place, the raw one is not
                yield Kill(place, chosen.nth + chosen.nth % 2)
            else:
                yield Kill(place, chosen.nth, moment, at_write=place in LOGGED and turn % 2 == 0)
        turn += 1


def kill_once(home: Prepared, kill: Kill, seen: Killed, number: int) -> str | None:
    """Kill a refresh, look, let the next one run; the stage in which it died, None when it was done before."""
    shop, trace = home.restored(), home.copy.parent / f"trace-{number}"
    old = current_version(shop.settings.home.published)
    watched = partial(watch, trace, shop.settings.home.warehouse, kill)
    ended = run(shop, "refresh", "--date", f"{home.last}", prepare=watched)
    if ended.code != -signal.SIGKILL:
        seen.missed += 1
        if ended.code != 0:
            seen.problems.append(f"{kill.name}: ended by itself with {ended.code}: {' / '.join(ended.errors[-2:])}")
        return None
    passed = read_trace(trace)
    place = where_it_stood(passed)
    # Every raw table is a transaction of its own: those that were committed stay, the others come with the next run.
    loads = sum(p.place == "commit of the load" and p.seconds is not None for p in passed)
    wrong = torn(shop) + rows_lost(shop, *home.story.days[:-1]) + rows_lost(shop, home.last, tables=loads)
    wrong += [problem for problem in unsplit(shop) if "was left in private/" not in problem]  # the next run tidies up
    version = current_version(shop.settings.home.published)
    if version != old:
        seen.published += 1
        if shop.digests != home.digests:
            wrong.append("a version with other digests was published")
    wrong += home.refresh()
    seen.problems += [f"{kill.name} (in {place}): {problem}" for problem in wrong]
    if place is None:
        seen.missed += 1
        return None
    seen.by_place[place] += 1
    seen.by_stage[STAGE_OF[place]] += 1
    return STAGE_OF[place]


def kill_in_stages(homes: Sequence[Prepared], each: int) -> Killed:
    """Kill `each` refreshes in every stage, in as many homes at a time. A kill that fell into another stage counts
    there, and another one is drawn here."""
    passed, began = undisturbed(homes[0]), time.monotonic()
    seen = Killed(commits=[place for place in COMMITS if any(p.place == place for p in passed)])
    moments = {stage: draws(passed, stage) for stage in PLACES}
    wanted = (
        next(moments[stage]) for _ in range(4 * each) for stage in PLACES if seen.by_stage[stage] < each
    )  # a stage after the other, so that a series that is stopped has seen them all
    numbers = itertools.count(1)

    def work(home: Prepared, kill: Kill) -> None:
        known = len(seen.problems)
        kill_once(home, kill, seen, number := next(numbers))
        wanted_so_far = f"{sum(seen.by_stage.values())} of {each * len(PLACES)} wanted, {len(seen.problems)} problems"
        told(f"{number} killed, {wanted_so_far}: {kill.name}", began)
        for problem in seen.problems[known:]:
            print(f"\n    problem: {problem}", flush=True)

    share(homes, wanted, work)
    return seen


def rows(story: FaultShop, folder: Path, count: int) -> Iterator[Row]:
    """The bars of `count` kills, a fifth in each stage."""
    each = max(1, count // len(PLACES))
    seen = kill_in_stages(prepared_homes(story, folder, count), each)
    stages = ", ".join(f"{stage} {seen.by_stage[stage]}" for stage in PLACES)
    whole = all(seen.by_stage[stage] >= each for stage in PLACES)
    yield Row(f"{each * len(PLACES)} refreshes killed, {each} in each stage", f"{stages}; {seen.missed} missed", whole)
    commits = {place: seen.by_place[place] for place in seen.commits}
    text = ", ".join(f"{place.removeprefix('commit of ')} {n}" for place, n in commits.items())
    yield Row("at least one killed inside each commit", text, all(commits.values()) or each < 2 * len(COMMITS))
    text = f"{len(seen.problems)} problems, {seen.published} had published"
    if seen.problems:
        text += f"; {seen.problems[0]}"
    yield Row("0 acknowledged rows lost, 0 torn, next run green and equal", text, not seen.problems)
