"""A simulation from its arguments to the files: live, make the tables, lay the dirt over them, write drops and key.

Belongs here: the order of steps, the folders' checks, what is told at the end. Does not belong here: how a person is
shown it (`__main__.py` and the command line of whoever calls).
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from simulator.arguments import Arguments
from simulator.dirt import lay_dirt
from simulator.key import check_drops, check_key, write_key
from simulator.noted import make_clean, put_future, put_notes
from simulator.steps import lived_steps
from simulator.systems import chosen_systems, seed_of, tables_of
from simulator.world import Progress, simulate
from simulator.write import first_file, write_files


@dataclass(frozen=True)
class Summary:
    """What a run wrote: files of the drops (and how many of them are new), rows in them, orders, planted rows by class,
    CPU seconds of the process so far (of a command: all of it)."""

    files: int
    new_files: int
    rows: int
    orders: int
    planted: dict[str, int]
    cpu_seconds: float

    def lines(self) -> list[str]:
        """The summary in words."""
        dear = f", {self.cpu_seconds / self.orders * 1000:.3f} CPU seconds per 1,000 orders" if self.orders else ""
        planted = ", ".join(f"{count:,} {name}" for name, count in sorted(self.planted.items()))
        return [
            f"{self.files:,} files ({self.new_files:,} new), {self.rows:,} rows, {self.orders:,} orders",
            f"planted rows: {planted or 'none'}",
            f"{self.cpu_seconds:.1f} CPU seconds: {self.rows / self.cpu_seconds:,.0f} rows a CPU second{dear}",
        ]


def run(
    arguments: Arguments,
    out: Path,
    key: Path,
    *,
    systems: Collection[str] | None = None,
    threads: int = 2,
    progress: Progress,
) -> Summary:
    """Write the drops of the systems (None: of all) below `out` and the answer key into `key`.

    `progress(stage, done, total)` is told how far it is. Raises SimulationError for systems that are not or lack one
    that they need, and for folders that belong to another simulation; nothing is written then.
    """
    chosen = chosen_systems(systems)
    tables, steps = tables_of(chosen), lived_steps(chosen)
    check_key(arguments, chosen, out, key)
    drawn = replace(arguments, seed=seed_of(arguments.seed, chosen))
    world = simulate(drawn, steps, progress)
    with duckdb.connect(config={"threads": threads}) as con:
        put_notes(con, world, chosen)
        put_future(con, world, drawn, steps)
        make_clean(con, world, chosen)
        progress("lay dirt", 0, 1)
        files = lay_dirt(con, drawn, chosen)
        progress("lay dirt", 1, 1)
        first = first_file(con, arguments, tables[0], files[tables[0]])
        check_drops(out, *first)
        write_key(con, world, arguments, chosen, key, first)
        new = 0
        for done, table in enumerate(tables):
            progress("write drops", done, len(tables))
            new += write_files(con, arguments, table, files[table], out)
        progress("write drops", len(tables), len(tables))
        return Summary(
            files=sum(file.arrival < arguments.days for of_table in files.values() for file in of_table),
            new_files=new,
            rows=sum(_count(con, f"{table.sent} where _arrival < {arguments.days}") for table in tables),
            orders=_count(con, "note_orders") if "orders" in world.notes else 0,
            planted=dict(con.execute("select class, count(*) from dirt group by class").fetchall()),
            cpu_seconds=time.process_time(),
        )


def _count(con: duckdb.DuckDBPyConnection, source: str) -> int:
    row = con.execute(f"select count(*) from {source}").fetchone()
    return int(row[0]) if row else 0
