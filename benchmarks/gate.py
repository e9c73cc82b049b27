"""The contract gate over a bare read of the same drops, at three shares of bad rows.

The gate: typed parse, predicates, day rules, expectations, row counts and quarantine, from landed text. The bare read:
DuckDB reading the same files, all columns as text, into a table, with nothing checked. Importing Great Expectations
is a fixed cost of a process, so it is measured apart and every ratio is given without and with it.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb

from benchmarks.figures import Figure
from benchmarks.processes import run
from pipelines.contracts.contract import SourceContract
from pipelines.contracts.gate import OUTCOMES, run_gate
from pipelines.contracts.odcs import load_source_contract
from pipelines.contracts.results import GateResult
from pipelines.contracts.validation import quiet_context
from pipelines.settings.environment import PROJECT_ROOT, load_settings
from pipelines.store import ledger
from pipelines.store.arrivals import loading

T = TypeVar("T")
EXAMPLES = PROJECT_ROOT / "examples" / "online_retail"
BARS = {0.0: 20.0, 0.01: 20.0, 1.0: 40.0}


def damaged_copies(folder: Path, share: float) -> list[str]:
    """The real files, unpacked, with an unreadable quantity in the given share of their rows."""
    folder.mkdir()
    every = round(1 / share) if share else 0
    for file in sorted(EXAMPLES.glob("*.csv.gz")):
        lines = gzip.decompress(file.read_bytes()).decode().splitlines()
        if every:
            lines[1:] = [_damaged(line) if n % every == 0 else line for n, line in enumerate(lines[1:])]
        (folder / file.name.removesuffix(".gz")).write_text("\n".join(lines) + "\n")
    return [str(path) for path in sorted(folder.glob("*.csv"))]


def _damaged(line: str) -> str:
    head, stamp, tail = line.rpartition(",20")
    before, _, quantity = head.rpartition(",")
    return f"{before},{quantity}x{stamp}{tail}"


def cheapest(work: Callable[[], T], attempts: int = 3) -> tuple[float, T]:
    """(the fewest CPU seconds of several attempts, the last result)."""
    costs = []
    for _ in range(attempts):
        start = time.process_time()
        result = work()
        costs.append(time.process_time() - start)
    return min(costs), result


IMPORT = """
import time, numpy, pandas
start = time.process_time()
from pipelines.contracts.validation import quiet_context
import great_expectations.expectations
quiet_context()
print(time.process_time() - start)
"""


def import_expectations() -> float:
    """CPU seconds of importing Great Expectations and making a context, in a process that has not done so."""
    cost = run([sys.executable, "-c", IMPORT])
    if cost.code:
        raise RuntimeError(f"Great Expectations cannot be imported:\n{cost.output}")
    return float(cost.output.splitlines()[-1])


def bare_read(con: duckdb.DuckDBPyConnection, contract: SourceContract, files: list[str]) -> None:
    """All columns as text into the table `landed`, with the four columns that the gate needs beside them."""
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in contract.column_names) + "}"
    con.execute(
        f"""create or replace temp table landed as
        select * exclude (file), file as _delivery_id, file[-14:-5]::date as _arrival_date,
            1::integer as _arrival_seq, row_number() over () as _row_number
        from read_csv(?, auto_detect = false, header = true, columns = {columns}, delim = ',', quote = '"',
                      escape = '"', filename = 'file')""",
        [files],
    )


def gate(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> GateResult:
    """Judge `landed` and write the accounting."""
    result = run_gate(con, contract, landed="landed", time_zone="Europe/London", identical_lines="duplicate")
    loading._account(con, contract, [day.arrival_date for day in result.days], batch_id=1)
    return result


def measure(folder: Path) -> list[Figure]:
    """CPU seconds of the gate over CPU seconds of the bare read, at 0, 1 and 100 % bad rows."""
    settings = load_settings("online_retail", folder / "home", environment={})
    contract = load_source_contract(settings.contract_file("online_retail", "transactions"))
    imported = import_expectations()
    quiet_context()  # imports here what no share of bad rows shall pay for
    figures = [Figure("importing Great Expectations (CPU s), once per process", imported)]
    for share, bar in BARS.items():
        files = damaged_copies(folder / f"drops-{share}", share)
        with duckdb.connect(config={"threads": 2}) as con:
            con.execute("set TimeZone = 'UTC'")
            ledger.create_tables(con)
            bare, _ = cheapest(partial(bare_read, con, contract, files))
            cost, result = cheapest(partial(gate, con, contract))
        counts = ", ".join(f"{result.outcome_count(o):,} {o}" for o in OUTCOMES if result.outcome_count(o))
        name = f"gate over bare read, {share:.0%} bad rows"
        figures.append(Figure(f"{name}, import apart", cost / bare, bar, f"{cost:.1f} over {bare:.2f} CPU s; {counts}"))
        figures.append(Figure(f"{name}, import within", (cost + imported) / bare, bar))
    return figures
