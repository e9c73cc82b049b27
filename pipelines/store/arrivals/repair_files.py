"""Files of repairs: corrected rows judged before they are recorded, and written where a loaded day finds them.

Belongs here: the raw file of a repair and its private counterpart. Does not belong here: which rows may be repaired and
what is remembered of it (repairs.py).
Connections of their own in memory, which put nothing on the disk: a corrected row holds direct personal data as text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.contracts.contract import DELIVERY_COLUMNS, SourceContract
from pipelines.contracts.direct import TEXTS, hashed_select, private_select
from pipelines.contracts.expression import quoted, text_literal
from pipelines.contracts.gate import run_gate
from pipelines.store.arrivals.orphans import hold_early_rows
from pipelines.store.arrivals.private_files import opened_texts, texts_of
from pipelines.store.arrivals.raw_files import raw_sha256
from pipelines.store.ledger import deliveries

if TYPE_CHECKING:
    from pipelines.store.arrivals.quarantine import Quarantined


@dataclass(frozen=True)
class CorrectedRow:
    """One corrected row: the delivered row it stands in for, and its text per contract column (None: empty)."""

    delivery_id: str
    row_number: int
    values: Mapping[str, str | None]
    line: int


@dataclass(frozen=True)
class RepairFiles:
    """Where a repair lies below the folders of raw and private files, and the fingerprints of both."""

    path: Path
    raw_sha256: str
    private_sha256: str | None


@contextmanager
def _in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("set temp_directory = ''")
        con.execute("set TimeZone = 'UTC'")
        yield con


def with_texts(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    rows: Sequence[CorrectedRow],
    held: Mapping[tuple[str, int], Quarantined],
    raw_dir: Path,
    private_dir: Path,
) -> list[CorrectedRow]:
    """The rows with the delivered text of direct personal data that was left as it was shown, which is its hash."""
    if not contract.direct_columns:
        return list(rows)
    days = sorted({held[row.delivery_id, row.row_number].arrival_date for row in rows})
    named = {row.delivery_id for row in rows}
    entries = [e for e in deliveries(con, contract.source, contract.table, days) if e.delivery_id in named]
    with opened_texts(con, contract, raw_dir, private_dir, entries, days) as texts:
        assert texts is not None  # the contract has direct columns
        known = texts_of(texts, contract, [(row.delivery_id, row.row_number) for row in rows])
    found = []
    for row in rows:
        place = (row.delivery_id, row.row_number)
        shown = held[place].values
        kept = {name: text for name, text in known[place].items() if row.values[name] == shown.get(name)}
        found.append(replace(row, values={**row.values, **kept}))
    return found


def still_broken(
    contract: SourceContract,
    rows: Sequence[CorrectedRow],
    days: Mapping[str, dt.date],
    time_zone: str,
    first_day: dt.date,
) -> dict[int, tuple[str, ...]]:
    """The row rules that corrected rows would still break, by line; `days` is the arrival day per delivery. Whether a
    parent stands is not asked: it may come later."""
    names = [column.name for column in contract.columns]
    columns = ", ".join(
        [*(f"{quoted(name)} varchar" for name in names), *(" ".join(pair) for pair in DELIVERY_COLUMNS)]
    )
    with _in_memory() as con:
        con.execute(f"create temp table landed ({columns})")
        con.executemany(
            f"insert into landed values ({', '.join('?' * (len(names) + 4))})",
            [
                [*(row.values[name] for name in names), row.delivery_id, days[row.delivery_id], 1, row.line]
                for row in rows
            ],
        )
        con.execute(f"create temp view {TEXTS} as from landed")
        run_gate(con, contract, landed="landed", time_zone=time_zone, identical_lines="keep", texts=con, verify=False)
        hold_early_rows(con, contract, first_day)
        found = con.execute("select _row_number, _reasons from gate_rows where len(_reasons) > 0").fetchall()
    return {line: tuple(reasons) for line, reasons in sorted(found)}


def write_repair(
    contract: SourceContract,
    rows: Sequence[CorrectedRow],
    repair_id: int,
    raw_dir: Path,
    private_dir: Path,
    pads: tuple[bytes, bytes] | None,
) -> RepairFiles:
    """Write the files of a repair, the private one first; one that a rollback left is replaced. `pads` are those of
    the home's key; they are needed where the contract has direct personal data."""
    names = contract.column_names
    direct = bool(contract.direct_columns)
    folder = Path(contract.source, contract.table, "repairs")
    (raw_dir / folder).mkdir(parents=True, exist_ok=True)
    partial = raw_dir / folder / f"{repair_id:04d}.part"
    columns = ", ".join(f"{quoted(name)} varchar" for name in names)
    with _in_memory() as con:
        con.execute(f"create table repair (_delivery_id varchar, _row_number bigint, {columns})")
        con.executemany(
            f"insert into repair values ({', '.join('?' * (len(names) + 2))})",
            [(row.delivery_id, row.row_number, *(row.values[name] for name in names)) for row in rows],
        )
        stored = f"select _delivery_id, _row_number, {hashed_select(contract)} from repair"
        _copy(con, stored, partial, {"outer": pads[0], "inner": pads[1]} if pads and direct else {})
        sha256 = raw_sha256(partial)
        path = folder / f"{repair_id:04d}-{sha256[:12]}.parquet"
        private_sha256 = _write_private(con, contract, private_dir / path) if direct else None
    partial.replace(raw_dir / path)
    return RepairFiles(path, sha256, private_sha256)


def _write_private(con: duckdb.DuckDBPyConnection, contract: SourceContract, target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    _copy(con, f"select {private_select(contract)} from repair", partial, {})
    partial.chmod(0o600)
    partial.replace(target)
    return raw_sha256(target)


def _copy(con: duckdb.DuckDBPyConnection, query: str, target: Path, values: Mapping[str, bytes]) -> None:
    con.execute(f"copy ({query}) to {text_literal(str(target))} (format parquet, compression zstd)", dict(values))
