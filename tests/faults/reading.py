"""readers: readers beside publications, of a synthetic version many times and of the real refresh a few.

Belongs here: readers of a real version, and the bars. Does not belong here: readers of the synthetic one (readers.py).
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path

import duckdb

from benchmarks.proofs.rows import Row
from pipelines.store.published.publication import list_versions
from tests.command_line import PATIENCE_SECONDS
from tests.faults.commands import run
from tests.faults.homes import Prepared, green, prepared, torn
from tests.faults.progress import told
from tests.faults.readers import faults_seen, read_while_publishing
from tests.faults.shops import FaultShop
from tests.shop_under_test import ShopUnderTest

READERS = 4


@dataclass
class Read:
    """What one reader saw: its reads, errors, and the row counts of all tables that it found together."""

    reads: int = 0
    errors: list[str] = field(default_factory=list)
    counts: set[str] = field(default_factory=set)


def read_until(published: Path, stop: Event, results: Queue[Read], begun: Semaphore) -> None:
    """Open the current version, count every table, close, say that it has begun; until told to stop."""
    seen = Read()
    while True:
        last = stop.is_set()
        try:
            with duckdb.connect(str(published / "current" / "marts.duckdb"), read_only=True) as con:
                names = sorted(row[0] for row in con.execute("select table_name from duckdb_tables()").fetchall())
                found = {name: con.execute(f'select count(*) from "{name}"').fetchall()[0][0] for name in names}
        except Exception as error:
            seen.errors.append(f"{type(error).__name__}: {error}")
        else:
            seen.reads += 1
            seen.counts.add(json.dumps(found))
        begun.release()
        if last:
            break
        time.sleep(0.05)
    results.put(seen)


@contextmanager
def reading(published: Path, readers: int) -> Iterator[list[Read]]:
    """So many processes read until the block ends, each having read once before it begins; then what each saw."""
    spawn = multiprocessing.get_context("spawn")
    stop, results, begun = spawn.Event(), spawn.Queue(), spawn.Semaphore(0)
    processes = [spawn.Process(target=read_until, args=(published, stop, results, begun)) for _ in range(readers)]
    for process in processes:
        process.start()
    seen: list[Read] = []
    try:
        for _ in processes:
            assert begun.acquire(timeout=PATIENCE_SECONDS), "a reader has not begun"
        yield seen
    finally:
        stop.set()
        seen += [results.get(timeout=120) for _ in processes]
        for process in processes:
            process.join(timeout=60)


def read_while_refreshing(home: Prepared, publications: int, readers: int = READERS) -> tuple[list[Read], list[str]]:
    """(what readers saw, what is wrong) while the real refresh publishes again and again, each time with some lines
    more."""
    shop, began = home.restored(), time.monotonic()
    known = {counts_of(shop)}
    with reading(shop.settings.home.published, readers) as seen:
        for number in range(publications):
            home.story.more(shop, home.last, number)
            green(run(shop, "refresh", "--date", f"{home.last}"))
            known.add(counts_of(shop))
            told(f"{number + 1} of {publications} real publications", began)
    return seen, misread(seen, known) + torn(shop)


def misread(seen: Sequence[Read], known: set[str]) -> list[str]:
    """What readers must not have seen: an error, or tables together that no version of `known` has."""
    wrong = [error for read in seen for error in read.errors]
    return wrong + [f"tables of no version: {counts}" for read in seen for counts in read.counts - known]


def counts_of(shop: ShopUnderTest) -> str:
    """The rows of every table of the newest version."""
    tables = list_versions(shop.settings.home.published)[-1].manifest["tables"]
    return json.dumps({name: tables[name]["rows"] for name in sorted(tables)})


def rows(story: FaultShop, folder: Path, count: int) -> Iterator[Row]:
    """The bars of `count` synthetic publications and a twentieth as many real ones."""
    place = folder / "synthetic"
    place.mkdir(parents=True)
    everything = read_while_publishing(place, count, READERS)
    errors, mixtures = sum(len(seen.errors) for seen in everything), sum(seen.mixtures for seen in everything)
    others = [fault for seen in everything for fault in faults_seen(seen, count)]
    reads = sum(seen.reads for seen in everything)
    text = "; ".join([f"{errors} errors, {mixtures} mixtures in {reads:,} reads", *others[:1]])
    bar = f"{READERS} readers, {count} publications: 0 errors, 0 torn"
    yield Row(bar, text, not others and reads >= READERS)
    real = max(2, count // 20)
    seen, wrong = read_while_refreshing(prepared(story, folder / "shop"), real)
    reads = sum(read.reads for read in seen)
    text = "; ".join([f"{len(wrong)} problems in {reads:,} reads of every table", *wrong[:2]])
    yield Row(f"{READERS} readers, {real} publications of the real refresh: 0 errors, 0 torn", text,
              not wrong and reads >= READERS)  # fmt: skip
