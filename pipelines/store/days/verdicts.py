"""Verdicts (data-quality gate results): what became of every arrival day of a raw table.

Belongs here: which files of a day count, which later file stands in for it. Does not belong here: judging rows
(pipelines.contracts.gate) and loading them (loading.py). A verdict follows from the ledger's deliveries and the
calendar alone, never from the run that loaded them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.store import ledger
from pipelines.store.ledger import Delivery

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

    A delivery stands for one day alone, that of its name or else of its folder: an open day to which only files of
    other days came is `incomplete`. An accepted one that arrives after its day ends that day's `blocked`, `incomplete`
    or `missing`, and makes good for a file of the same day that was refused before, in whatever folder.
    """
    by_day: dict[dt.date, list[Delivery]] = {}
    later: dict[dt.date, Delivery] = {}
    for entry in _counted(list(entries)):
        by_day.setdefault(entry.arrival_date, []).append(entry)
        if entry.state == "accepted" and entry.stands_for < entry.arrival_date:
            later[entry.stands_for] = entry
    expected = set(open_days)
    found: dict[dt.date, Verdict] = {}
    for day in sorted({*expected, *by_day}):
        files = by_day.get(day, [])
        found[day] = _verdict(files, later)
        if found[day][0] == "accepted" and day in expected and all(file.stands_for != day for file in files):
            found[day] = ("incomplete", f"only files for other days arrived: {', '.join(f.file_name for f in files)}")
        if found[day][0] != "accepted" and day in later:
            found[day] = ("accepted", f"delivered later: {later[day].file_name}")
    return found


def _counted(entries: Sequence[Delivery]) -> list[Delivery]:
    """Of each file name and arrival day the delivery that is read, and the last one if that was refused."""
    last = {(entry.arrival_date, entry.file_name): entry for entry in _in_order(entries)}
    refused = [entry for entry in last.values() if entry.state == "refused"]
    return _in_order([*active(entries), *refused])


def _in_order(entries: Iterable[Delivery]) -> list[Delivery]:
    return sorted(entries, key=lambda entry: (entry.arrival_date, entry.arrival_seq))


def _verdict(files: Sequence[Delivery], later: Mapping[dt.date, Delivery]) -> Verdict:
    if not files:
        return "missing", "no file arrived"
    blocked = [entry.reason or "blocked" for entry in files if entry.state == "blocked"]
    if blocked:
        return "blocked", blocked[0]
    refused = [f"{entry.file_name}: {entry.reason}" for entry in files if _is_refused(entry, later)]
    return ("incomplete", "; ".join(refused)) if refused else ("accepted", None)


def _is_refused(entry: Delivery, later: Mapping[dt.date, Delivery]) -> bool:
    """Refused, and no file for its day was accepted on a day after it."""
    made_good = later.get(entry.stands_for)
    return entry.state == "refused" and not (made_good and made_good.arrival_date > entry.arrival_date)
