"""Readers against publications: the loop behind test_readers.py, also run by itself with more publications.

`python -m tests.faults.readers 100` publishes a hundred times while four processes read. Every published table carries
the number of its generation in every row, so a reader that ever saw two versions at once would see two numbers.
"""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import sys
import tempfile
from dataclasses import asdict, dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb

from pipelines.store.connection import transaction
from pipelines.store.published import changes
from pipelines.store.published.publication import Publication, PublishedTable, publish

COLUMNS = {"k": "Row number.", "generation": "Of the content."}
TABLES = tuple(
    PublishedTable("core", name, ("k",), f"The {name}.", COLUMNS, code="a", inputs=(table,))
    for name, table in (("fct_small", "fct_small"), ("fct_large", "fct_large"), ("rpt_view", "fct_large"))
)
# What no generation changes, and what each changes on one day alone.
STILL = PublishedTable("core", "dim_still", ("k",), "Still.", {"k": "Row number."}, code="a", inputs=("dim_still",))
DAILY = PublishedTable(
    "core", "fct_daily", ("k",), "Daily.", {**COLUMNS, "day": "Its day."}, code="a", inputs=("fct_daily",), day="day"
)
ROWS = {"fct_small": 10, "fct_large": 50_000, "rpt_view": 50_000, "dim_still": 1000, "fct_daily": 3000}
DIRTY = dt.date(2011, 12, 9)


@dataclass
class Seen:
    """What readers saw: reads made, errors (texts), reads that mixed generations, the generations."""

    reads: int
    errors: list[str]
    mixtures: int
    generations: list[int]


def prepare(con: duckdb.DuckDBPyConnection, generation: int) -> None:
    """Bring the working file to a generation, in one transaction."""
    con.execute("begin; create schema if not exists core")
    for name in ("fct_small", "fct_large"):
        select = f"select k, {int(generation)} as generation from range({ROWS[name]}) as r(k)"
        con.execute(f"create or replace table core.{name} as {select}")
    con.execute("create or replace view core.rpt_view as from core.fct_large")
    con.execute(f"create table if not exists core.dim_still as select k from range({ROWS['dim_still']}) as r(k)")
    con.execute(
        f"create or replace table core.fct_daily as select k, date '{DIRTY}' - (k % 30)::integer as day, "
        f"case when k % 30 = 0 then {int(generation)} end as generation from range({ROWS['fct_daily']}) as r(k)"
    )
    con.execute(changes.TABLES)
    for name in ("fct_small", "fct_large"):
        changes.note_rebuilt(con, name)
    con.execute("insert into ledger.unpublished_changes values ('fct_daily', ?)", [DIRTY])
    con.execute("commit")


def publish_generation(con: duckdb.DuckDBPyConnection, published_dir: Path, generation: int) -> Publication:
    """Rewrite the working tables as `generation` and publish them, by what changed since the last one."""
    prepare(con, generation)
    made = publish(
        con,
        published_dir=published_dir,
        tables=[*TABLES, STILL, DAILY],
        changes=changes.unpublished(con),
        watermark=dt.date(2011, 12, 9),
        quality_state="complete",
        facts={"generation": generation},
        keep=3,
    )
    with transaction(con):
        changes.settle_published(con, made.version, made.manifest["manifest_sha256"])
    return made


def generation_read(published_dir: Path) -> int | None:
    """The generation of the current version as a BI tool would see it; None when tables do not agree on one."""
    with duckdb.connect(str(published_dir / "current" / "marts.duckdb"), read_only=True) as con:
        found = [
            con.execute(f"select min(generation), max(generation), count(*) from {table.name}").fetchall()[0]
            for table in (*TABLES, DAILY)
        ]
        still = con.execute("select count(*) from dim_still").fetchall()
    generation = found[0][0]
    whole = [(generation, generation, ROWS[table.name]) for table in (*TABLES, DAILY)]
    if still != [(ROWS["dim_still"],)]:
        return None
    return generation if found == whole else None


def read_until(published_dir: Path, stop: Event, results: Queue[Seen]) -> None:
    """Open, read and close the current version until told to stop."""
    seen = Seen(0, [], 0, [])
    while True:
        last = stop.is_set()  # one more read after the last publication
        try:
            generation = generation_read(published_dir)
        except Exception as error:
            seen.errors.append(f"{type(error).__name__}: {error}")
        else:
            seen.reads += 1
            seen.mixtures += generation is None
            if generation is not None and generation not in seen.generations[-1:]:
                seen.generations.append(generation)
        if last:
            break
    results.put(seen)


def read_while_publishing(folder: Path, publications: int, readers: int = 4) -> list[Seen]:
    """Publish `publications` generations while `readers` processes read; one Seen per reader."""
    spawn = multiprocessing.get_context("spawn")
    stop, results = spawn.Event(), spawn.Queue()
    published = folder / "published"
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        publish_generation(con, published, 0)
        processes = [spawn.Process(target=read_until, args=(published, stop, results)) for _ in range(readers)]
        for process in processes:
            process.start()
        try:
            for generation in range(1, publications + 1):
                publish_generation(con, published, generation)
        finally:
            stop.set()
            seen = [results.get(timeout=60) for _ in processes]
            for process in processes:
                process.join(timeout=60)
    return seen


def faults_seen(seen: Seen, last: int) -> list[str]:
    """What is wrong with a reader's view of `last` publications; nothing in a sound one."""
    wrong = list(seen.errors)
    if seen.mixtures:
        wrong.append(f"{seen.mixtures} reads mixed versions")
    if seen.generations != sorted(set(seen.generations)):
        wrong.append("went back in time")
    if seen.generations[-1:] != [last]:
        wrong.append(f"ended at {seen.generations[-1:]}, not at {last}")
    return wrong


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        everything = read_while_publishing(Path(temporary), int(sys.argv[1]))
    print(json.dumps([asdict(seen) for seen in everything]))
    sys.exit(any(seen.errors or seen.mixtures for seen in everything))
