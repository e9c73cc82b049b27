"""What a publication costs of a fact of ten million rows of which three days changed, in normalised CPU seconds.

`python -m benchmarks.publication KIND FOLDER` makes the warehouse, publishes it whole and then with three dirty days,
and prints both costs as JSON; KIND is `table` (in the DuckDB file, with Parquet beside it) or `by_day` (Parquet alone).
Does not belong here: judging.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.figures import Figure
from benchmarks.processes import run
from pipelines.store.published.publication import Changes, Publication, PublishedTable, publish, verify_version

ROWS = 10_000_000
FIRST = dt.date(2024, 1, 1)
DAYS = 365
DIRTY = frozenset(FIRST + dt.timedelta(days=day) for day in (40, 300, 364))
COLUMNS = ("event_id", "visitor_id", "event_date", "amount", "sku", "event_at", "quantity", "is_new")
SELECT = f"""
    select i as event_id, 'c' || (i * 7919 % 200000) as visitor_id,
        date '{FIRST}' + (i * {DAYS} // {ROWS})::integer as event_date, (i % 97 * 1.25)::decimal(18, 4) as amount,
        'sku' || (i % 5000) as sku, timestamp '{FIRST}' + interval (i * 3) second as event_at,
        (i % 7)::integer as quantity, i % 3 = 0 as is_new
    from range({ROWS}) as r(i)
"""


def measure(folder: Path, unit: float) -> list[Figure]:
    """The figures of both kinds, each in a process of its own; `unit` as in benchmarks.normalised."""
    figures: list[Figure] = []
    for kind, told in (("table", "in marts.duckdb"), ("by_day", "Parquet by day")):
        cost = run([sys.executable, "-m", "benchmarks.publication", kind, str(folder / f"published-{kind}")])
        if cost.code:
            raise RuntimeError(f"the publication failed:\n{cost.output[-2000:]}")
        found = json.loads(cost.output.splitlines()[-1])
        figures += [
            Figure(f"10M rows, {told}, written whole (normalised CPU s)", found["whole"] / unit),
            Figure(f"10M rows, {told}, three dirty days (normalised CPU s)", min(found["dirty"]) / unit, 5.0,
                   f"{len(found['dirty'])} tries; was 76"),
        ]  # fmt: skip
    return figures


def costs(kind: str, folder: Path, attempts: int = 3) -> dict[str, Any]:
    """CPU seconds of this process: {"whole": of the first publication, "dirty": of each with three days changed}."""
    folder.mkdir(parents=True)
    table = PublishedTable(
        "core", "fct_events", ("event_id",), "Events.", dict.fromkeys(COLUMNS, "A column."), code="a",
        inputs=("fct_events",), day="event_date", by_day=kind == "by_day",
    )  # fmt: skip
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        con.execute("set threads = 2; set TimeZone = 'UTC'; create schema core")
        con.execute(f"create table core.fct_events as {SELECT}")

        def put(changes: Changes | None) -> Publication:
            return publish(con, published_dir=folder / "published", tables=[table], watermark=FIRST,
                           quality_state="complete", facts={}, changes=changes, keep=2)  # fmt: skip

        whole, last = timed(lambda: put(None))
        dirty = []
        for _ in range(attempts):
            days = ", ".join(f"date '{day}'" for day in sorted(DIRTY))
            con.execute(f"update core.fct_events set amount = amount + 1 where event_date in ({days})")
            changes = Changes(last.version, last.manifest["manifest_sha256"], {"fct_events": DIRTY})
            cost, last = timed(lambda changes=changes: put(changes))  # type: ignore[misc]
            dirty.append(cost)
        if problems := verify_version(last.path):
            raise RuntimeError("; ".join(problems))
    return {"whole": whole, "dirty": dirty}


def timed(work: Callable[[], Publication]) -> tuple[float, Publication]:
    """CPU seconds, of all threads, and what the work gave back."""
    before = _cpu()
    done = work()
    return _cpu() - before, done


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    print(json.dumps(costs(sys.argv[1], Path(sys.argv[2]))))
