"""Repairs: corrected rows that stand in for quarantined ones, with who made them and why.

Belongs here: recording a repair, laying corrected rows over delivered ones while a day is loaded, what still waits.
Does not belong here: what is held back (quarantine.py), the file a person edits (pipelines.sources.corrections), the
files of a repair (repair_files.py).
Nothing is edited in place: the raw file of a delivery stays as it came, a repair is a raw file of its own beside it,
and a day that is loaded again reads both. So a repaired row lands as if it had been right the first day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.expression import escape_glob, quoted
from pipelines.store.arrivals.quarantine import Quarantined, quarantined
from pipelines.store.arrivals.raw_files import raw_sha256
from pipelines.store.arrivals.repair_files import CorrectedRow, RepairFiles, still_broken, with_texts, write_repair

MOST_TOLD = 5


class RepairError(ValueError):
    """A repair that cannot be taken; the message says what, where and what to do. Nothing has been recorded."""


@dataclass(frozen=True)
class Repair:
    """One entry of the history of repairs; `waiting` rows are not yet in the warehouse."""

    repair_id: int
    kind: str
    source: str
    table_name: str
    rule: str | None
    made_by: str
    reason: str
    made_at: dt.datetime
    row_count: int
    waiting: int


def record_rows(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    rows: Sequence[CorrectedRow],
    *,
    made_by: str,
    reason: str,
    raw_dir: Path,
    private_dir: Path,
    time_zone: str,
    first_day: dt.date,
    pads: tuple[bytes, bytes] | None = None,
) -> int:
    """Write the corrected rows to a raw file and record them as a repair; returns its number.

    Direct personal data that stands there as the hash it was shown as keeps its delivered text; any other value is a
    new text, hashed by `pads`. Runs inside the caller's transaction. Raises RepairError when there is no row, or one
    that is not in quarantine, is named twice, is unchanged or would break a row rule again.
    """
    if not rows:
        raise RepairError("the file holds no row: leave the lines in that you correct")
    held = _check_rows(con, contract, rows)
    days = {row.delivery_id: held[row.delivery_id, row.row_number].arrival_date for row in rows}
    whole = with_texts(con, contract, rows, held, raw_dir, private_dir)
    if broken := still_broken(contract, whole, days, time_zone, first_day):
        told = [f"line {line} would still break {', '.join(reasons)}" for line, reasons in broken.items()]
        more = [f"and {len(told) - MOST_TOLD:,} more lines"] if len(told) > MOST_TOLD else []
        raise RepairError(f"{'; '.join([*told[:MOST_TOLD], *more])}: nothing has been recorded")
    repair_id = _next_id(con)
    files = write_repair(contract, whole, repair_id, raw_dir, private_dir, pads)
    _insert(con, contract, repair_id, "rows", None, made_by, reason, len(rows), files)
    con.executemany(
        "insert into ledger.repaired_rows values (?, ?, ?, ?, null)",
        [(repair_id, row.delivery_id, days[row.delivery_id], row.row_number) for row in rows],
    )
    return repair_id


def record_rule(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, rule: str, *, made_by: str, reason: str
) -> tuple[int, int]:
    """Record that a rule was changed in the contract; returns (number of the repair, rows the old rule holds back).

    Runs inside the caller's transaction. Raises RepairError when no row is held back by the rule, or all of them were
    judged by the contract as it stands.
    """
    held = con.execute(
        """select count(*), count(*) filter (where contract_version <> ?) from quality.quarantined_rows
        where source = ? and table_name = ? and list_contains(reasons, ?)""",
        [contract.version, contract.source, contract.table, rule],
    ).fetchone()
    rows, older = held or (0, 0)
    name = f"{contract.source}.{contract.table}"
    if not rows:
        raise RepairError(f"no row of {name} is held back by {rule}: see almanac quarantine list")
    if not older:
        raise RepairError(
            f"the contract of {name} is still version {contract.version}, which judged these rows: "
            "change the rule, raise the version, and come back"
        )
    repair_id = _next_id(con)
    _insert(con, contract, repair_id, "rule", rule, made_by, reason, int(rows))
    con.execute(
        """insert into ledger.repaired_rows
        select ?, delivery_id, arrival_date, row_number, null from quality.quarantined_rows
        where source = ? and table_name = ? and list_contains(reasons, ?)""",
        [repair_id, contract.source, contract.table, rule],
    )
    return repair_id, int(rows)


def _next_id(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute("select coalesce(max(repair_id), 0) + 1 from ledger.repairs").fetchone()
    return int(row[0]) if row else 1


def _insert(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    repair_id: int,
    kind: str,
    rule: str | None,
    made_by: str,
    reason: str,
    rows: int,
    files: RepairFiles | None = None,
) -> None:
    values = [repair_id, kind, contract.source, contract.table, rule, made_by, reason, contract.version, rows]
    con.execute(
        """insert into ledger.repairs (repair_id, kind, source, table_name, rule, made_by, reason, contract_version,
            row_count, raw_path, raw_sha256, private_sha256, made_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(now() as timestamp))""",
        [*values, *((str(files.path), files.raw_sha256, files.private_sha256) if files else (None, None, None))],
    )


def _check_rows(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, rows: Sequence[CorrectedRow]
) -> dict[tuple[str, int], Quarantined]:
    """What is held back, by delivery and row; raises RepairError for a row that cannot be repaired."""
    held = {(row.delivery_id, row.row_number): row for row in quarantined(con, contract.source, contract.table)}
    seen: dict[tuple[str, int], int] = {}
    for row in rows:
        place = (row.delivery_id, row.row_number)
        where = f"line {row.line}: row {row.row_number} of {row.delivery_id}"
        if place in seen:
            raise RepairError(f"{where} stands in line {seen[place]} too: leave one of them")
        if place not in held:
            raise RepairError(f"{where} is not in quarantine: write the file with almanac quarantine show --export")
        if held[place].state == "blocked" and (again := _delivered_later(con, contract, held[place].arrival_date)):
            raise RepairError(f"{where}: its day was {again}; a repair would let the same rows in twice: take it out")
        if dict(row.values) == dict(held[place].values):
            raise RepairError(f"{where} is unchanged: correct it or take the line out")
        seen[place] = row.line
    return held


def _delivered_later(con: duckdb.DuckDBPyConnection, contract: SourceContract, day: dt.date) -> str | None:
    """What the verdict says where another file has ended a blocked day, None where none has."""
    row = con.execute(
        """select reason from ledger.verdicts
        where source = ? and table_name = ? and arrival_date = ? and verdict = 'accepted'""",
        [contract.source, contract.table, day],
    ).fetchone()
    return str(row[0]) if row else None


def apply_repairs(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, raw_dir: Path, days: Sequence[dt.date]
) -> None:
    """Lay the corrected rows of the arrival days over the temporary table `landed`, the newest repair of a row last.

    Raises RepairError where the raw file of a repair is missing or damaged.
    """
    files = con.execute(
        """select r.repair_id, r.raw_path, r.raw_sha256 from ledger.repairs as r
        where r.source = ? and r.table_name = ? and r.kind = 'rows' and exists (
            select 1 from ledger.repaired_rows as rows
            where rows.repair_id = r.repair_id and list_contains(?::date[], rows.arrival_date)
        ) order by r.repair_id""",
        [contract.source, contract.table, list(days)],
    ).fetchall()
    for repair_id, raw_path, sha256 in files:
        path = raw_dir / str(raw_path)
        if not path.exists() or raw_sha256(path) != sha256:
            raise RepairError(
                f"the raw file of repair {repair_id}, {path.resolve()}, is missing or damaged: restore it"
            )
        names = [column.name for column in contract.columns]
        there = {
            row[0] for row in con.execute("describe select * from read_parquet(?)", [escape_glob(path)]).fetchall()
        }
        # A column that the contract has gained since keeps what was delivered.
        changes = ", ".join(f"{quoted(name)} = c.{quoted(name)}" for name in names if name in there)
        con.execute(
            f"""update landed set {changes}
            from read_parquet(?) as c join ledger.repaired_rows as r
                on r.repair_id = ? and r.delivery_id = c._delivery_id and r.row_number = c._row_number
            where landed._delivery_id = c._delivery_id and landed._row_number = c._row_number""",
            [escape_glob(path), repair_id],
        )


def waiting_days(con: duckdb.DuckDBPyConnection, source: str, table: str) -> list[dt.date]:
    """The arrival days with a repaired row that has not been judged anew, oldest first."""
    rows = con.execute(
        """select distinct rows.arrival_date
        from ledger.repaired_rows as rows join ledger.repairs as r using (repair_id)
        where r.source = ? and r.table_name = ? and rows.applied_batch_id is null order by 1""",
        [source, table],
    ).fetchall()
    return [row[0] for row in rows]


def settle(con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date], batch_id: int) -> None:
    """Remember that the repairs of the arrival days are in the warehouse. Runs inside the caller's transaction."""
    con.execute(
        """update ledger.repaired_rows set applied_batch_id = ?
        where applied_batch_id is null and list_contains(?::date[], arrival_date)
            and repair_id in (select repair_id from ledger.repairs where source = ? and table_name = ?)""",
        [batch_id, list(days), source, table],
    )


def history(con: duckdb.DuckDBPyConnection) -> list[Repair]:
    """All repairs, oldest first."""
    rows = con.execute(
        """select r.repair_id, kind, source, table_name, rule, made_by, reason, made_at, row_count,
            (select count(*) from ledger.repaired_rows as rows
            where rows.repair_id = r.repair_id and rows.applied_batch_id is null)
        from ledger.repairs as r order by r.repair_id"""
    ).fetchall()
    return [Repair(*row) for row in rows]
