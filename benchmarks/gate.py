"""The contract gate over a bare read of the same drops, at three shares of bad rows.

The gate: typed parse, predicates, accounting tables and expectations, from landed text. The bare read: DuckDB reading
the same files, all columns as text, into a table, with nothing checked.
"""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import duckdb

from pipelines.contracts.gate import run_gate
from pipelines.contracts.odcs import load_source_contract
from pipelines.settings import PROJECT_ROOT, load_settings

EXAMPLES = PROJECT_ROOT / "examples" / "online_retail"


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


def measure(folder: Path) -> list[tuple[str, float, float]]:
    """(name, CPU seconds of the gate over CPU seconds of the bare read, bar) at 0, 1 and 100 % bad rows."""
    settings = load_settings("online_retail", folder / "home", environment={})
    contract = load_source_contract(settings.contract_file("online_retail", "transactions"))
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in contract.column_names) + "}"
    results = []
    for share, bar in ((0.0, 20.0), (0.01, 20.0), (1.0, 40.0)):
        files = damaged_copies(folder / f"drops-{share}", share)
        with duckdb.connect(config={"threads": 2}) as con:
            con.execute("set TimeZone = 'UTC'")
            bare = []
            for _ in range(3):
                start = time.process_time()
                con.execute(
                    f"""create or replace temp table landed as
                    select * exclude (file), file as _delivery_id, file[-14:-5]::date as _arrival_date,
                        1::integer as _arrival_seq, row_number() over () as _row_number
                    from read_csv(?, auto_detect = false, header = true, columns = {columns}, delim = ',', quote = '"',
                                  escape = '"', filename = 'file')""",
                    [files],
                )
                bare.append(time.process_time() - start)
            start = time.process_time()
            run_gate(con, contract, landed="landed", time_zone="Europe/London", identical_lines="duplicate")
            gate = time.process_time() - start
        results.append((f"gate over bare read, {share:.0%} bad rows", gate / min(bare), bar))
    return results
