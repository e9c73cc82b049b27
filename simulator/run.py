"""A simulation from its arguments to the files: live, make the tables, lay the dirt over them, write drops and key.

Belongs here: the order of steps, the folders' checks, what is told at the end. Does not belong here: how a person is
shown it (`__main__.py` and the command line of whoever calls).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from simulator.arguments import Arguments
from simulator.dirt import lay_dirt
from simulator.key import check_drops, check_key, write_key
from simulator.noted import put_future, put_notes
from simulator.storefront import make_storefront
from simulator.tables import TABLES
from simulator.warehouse import make_warehouse
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
        per_thousand = self.cpu_seconds / max(self.orders, 1) * 1000
        planted = ", ".join(f"{count:,} {name}" for name, count in sorted(self.planted.items()))
        return [
            f"{self.files:,} files ({self.new_files:,} new), {self.rows:,} rows, {self.orders:,} orders",
            f"planted rows: {planted or 'none'}",
            f"{self.cpu_seconds:.1f} CPU seconds: {self.rows / self.cpu_seconds:,.0f} rows a CPU second, "
            f"{per_thousand:.3f} CPU seconds per 1,000 orders",
        ]


def run(arguments: Arguments, out: Path, key: Path, *, threads: int = 2, progress: Progress) -> Summary:
    """Write the drops below `out` and the answer key into `key`.

    `progress(stage, done, total)` is told how far it is. Raises SimulationError for folders that belong to another
    simulation; nothing is written then.
    """
    check_key(arguments, out, key)
    world = simulate(arguments, progress)
    with duckdb.connect(config={"threads": threads}) as con:
        put_notes(con, world)
        put_future(con, arguments)
        make_storefront(con, world)
        make_warehouse(con, world)
        progress("lay dirt", 0, 1)
        files = lay_dirt(con, arguments)
        progress("lay dirt", 1, 1)
        first = first_file(con, arguments, TABLES[0], files[TABLES[0].name])
        check_drops(out, *first)
        write_key(con, world, key, *first)
        new = 0
        for done, table in enumerate(TABLES):
            progress("write drops", done, len(TABLES))
            new += write_files(con, arguments, table, files[table.name], out)
        progress("write drops", len(TABLES), len(TABLES))
        return Summary(
            files=sum(file.arrival < arguments.days for of_table in files.values() for file in of_table),
            new_files=new,
            rows=sum(_count(con, f"sent_{table.name} where _arrival < {arguments.days}") for table in TABLES),
            orders=_count(con, "note_orders"),
            planted=dict(con.execute("select class, count(*) from dirt group by class").fetchall()),
            cpu_seconds=time.process_time(),
        )


def _count(con: duckdb.DuckDBPyConnection, source: str) -> int:
    row = con.execute(f"select count(*) from {source}").fetchone()
    return int(row[0]) if row else 0
