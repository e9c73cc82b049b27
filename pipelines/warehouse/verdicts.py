"""Verdicts: what became of every arrival day of a raw table.

Belongs here: which files of a day count, which later file stands in for it. Does not belong here: judging rows
(pipelines.contracts.gate) and loading them (loading.py). A verdict follows from the ledger's deliveries and the
calendar alone, never from the run that loaded them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import duckdb

from pipelines.contracts.odcs import SourceContract
from pipelines.warehouse import ledger
from pipelines.warehouse.ledger import Delivery

Verdict = tuple[str, str | None]


def active(entries: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries whose rows are read: of each file name and arrival day the last that could be read."""
    last = {(e.arrival_date, e.file_name): e for e in _in_order(entries) if e.state != "refused"}
    return _in_order(last.values())


def settle_verdicts(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, open_calendar: Sequence[dt.date], batch_id: int
) -> bool:
    """Recompute the verdict of every open day, and of every day with a delivery; True when one changed.

    Runs inside the caller's transaction.
    """
    wanted = day_verdicts(ledger.all_deliveries(con, contract.source, contract.table), open_calendar)
    where = "source = ? and table_name = ?"
    names = [contract.source, contract.table]
    rows = con.execute(f"select arrival_date, verdict, reason from ledger.verdicts where {where}", names).fetchall()
    standing = {day: (verdict, reason) for day, verdict, reason in rows}
    changed = sorted(day for day in {*wanted, *standing} if wanted.get(day) != standing.get(day))
    if not changed:
        return False
    con.execute(
        f"delete from ledger.verdicts where {where} and list_contains(?::date[], arrival_date)", [*names, changed]
    )
    new = [day for day in changed if day in wanted]
    con.execute(
        "insert into ledger.verdicts select ?, ?, unnest(?::date[]), unnest(?::varchar[]), unnest(?::varchar[]), ?",
        [*names, new, [wanted[day][0] for day in new], [wanted[day][1] for day in new], batch_id],
    )
    return True


def day_verdicts(entries: Iterable[Delivery], open_days: Iterable[dt.date]) -> dict[dt.date, Verdict]:
    """Verdict and reason per day, of open days and of days with a delivery.

    An accepted delivery that stands for an earlier day which ended otherwise ends that day's `blocked`, `incomplete`
    or `missing`, and does not stand for the day on which it arrived: an open day with no other file is `incomplete`.
    """
    entries = list(entries)
    expected = set(open_days)
    by_day: dict[dt.date, list[Delivery]] = {}
    for entry in _counted(entries):
        by_day.setdefault(entry.arrival_date, []).append(entry)
    found: dict[dt.date, Verdict] = {}
    later: dict[dt.date, str] = {}
    for day in sorted({*expected, *by_day}):
        files = by_day.get(day, [])
        late = [f for f in files if f.stands_for < day and found.get(f.stands_for, ("accepted",))[0] != "accepted"]
        found[day] = _verdict(files)
        later |= {f.stands_for: f.file_name for f in late if f.state == "accepted"}
        if found[day][0] == "accepted" and day in expected and len(late) == len(files):
            found[day] = ("incomplete", f"only files for other days arrived: {', '.join(f.file_name for f in late)}")
    for day, name in later.items():
        found[day] = ("accepted", f"delivered later: {name}")
    return found


def _counted(entries: Sequence[Delivery]) -> list[Delivery]:
    """Of each file name and arrival day the delivery that is read, and the last one if that was refused."""
    last = {(entry.arrival_date, entry.file_name): entry for entry in _in_order(entries)}
    refused = [entry for entry in last.values() if entry.state == "refused"]
    return _in_order([*active(entries), *refused])


def _in_order(entries: Iterable[Delivery]) -> list[Delivery]:
    return sorted(entries, key=lambda entry: (entry.arrival_date, entry.arrival_seq))


def _verdict(files: Sequence[Delivery]) -> Verdict:
    if not files:
        return "missing", "no file arrived"
    blocked = [entry.reason or "blocked" for entry in files if entry.state == "blocked"]
    if blocked:
        return "blocked", blocked[0]
    refused = [f"{entry.file_name}: {entry.reason}" for entry in files if entry.state == "refused"]
    return ("incomplete", "; ".join(refused)) if refused else ("accepted", None)
