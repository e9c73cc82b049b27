"""Random histories of deliveries, and what must come of them by a second definition in plain Python.

Belongs here: the generator, the model of a home (files, what was seen when, versions, event days), and loading a
history through the real ingestion. Does not belong here: what is asserted (test_loading.py).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from hypothesis import strategies as st

from pipelines.contracts.contract import Bound, DayRule, SourceContract
from pipelines.contracts.gate import run_gate
from pipelines.contracts.odcs import load_source_contract
from pipelines.defs import ingest
from pipelines.settings.environment import PROJECT_ROOT, Settings, load_settings
from pipelines.settings.home import Home
from pipelines.settings.shop import SourceTable
from pipelines.store.arrivals.fates import make_row_fates
from pipelines.store.days.dirty_days import DirtyPlan
from tests.shop_under_test import as_csv

CONTRACT_ZONE = ZoneInfo("Europe/London")
# Four days each, with a change of the clock of London or New York among them, and one without.
STARTS = [dt.date(2011, 3, 25), dt.date(2011, 10, 28), dt.date(2011, 3, 11), dt.date(2011, 11, 4), dt.date(2011, 6, 1)]
ZONES = ["Europe/London", "Asia/Shanghai", "America/New_York"]
MOST_ROWS = 8
PLAN = DirtyPlan({"online_retail__transactions": ("by_day",)}, {"online_retail__transactions": ("onward",)})
Row = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class File:
    """A file of the history: the offset of its arrival day, its name and rows; without rows one that is refused."""

    day: int
    name: str
    rows: tuple[Row, ...] | None


@dataclasses.dataclass(frozen=True)
class Step:
    """Files are put down (over others of their name), then one run loads the days; `new_code` gates all anew."""

    files: tuple[File, ...]
    days: tuple[int, ...]
    new_code: bool = False


@dataclasses.dataclass(frozen=True)
class History:
    """A shop's zone and first day, and what happens to it."""

    zone: str
    start: dt.date
    steps: tuple[Step, ...]

    def day(self, offset: int) -> dt.date:
        return self.start + dt.timedelta(days=offset)

    @property
    def all_days(self) -> list[dt.date]:
        return [self.day(offset) for offset in range(4)]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Late files and rows, invoices over several days, identical lines, files twice, corrected, refused, empty."""
    start = draw(st.sampled_from(STARTS))
    clock = st.sampled_from(["00:30:00", "01:30:00", "04:30:00", "12:00:00", "23:30:00"])
    invoice = st.sampled_from(["500001", "500002", "500003", "C500004"])

    def row(days: st.SearchStrategy[int]) -> st.SearchStrategy[Row]:
        return st.builds(
            lambda number, stock, good, offset, time, price: (
                number,
                stock,
                "X",
                ("-2" if number[0] == "C" else "3") if good else "many",
                f"{start + dt.timedelta(days=offset)} {time}",
                price,
                "",
                "France",
            ),
            invoice,
            st.sampled_from(["A1", "B2"]),
            st.sampled_from([True] * 7 + [False]),
            days,
            clock,
            st.sampled_from(["1.5", "0.125"]),
        )

    @st.composite
    def file(draw_file: st.DrawFn) -> File:
        day = draw_file(st.integers(0, 3))
        stands_for = start + dt.timedelta(days=draw_file(st.integers(0, 3)))
        name = draw_file(st.sampled_from(["a.csv", "b.csv", f"late-{stands_for}.csv"]))
        if draw_file(st.integers(0, 9)) == 0:
            return File(day, name, None)
        around = st.sampled_from([day, day, day, max(day - 1, 0), max(day - 2, 0), day + 1])
        rows = draw_file(st.lists(row(around), max_size=5))
        copies = draw_file(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
        return File(day, name, (*rows, *copies))

    files = draw(st.lists(file(), min_size=1, max_size=7))
    again = draw(st.lists(st.sampled_from(files), max_size=1))
    moved = [dataclasses.replace(f, day=draw(st.integers(0, 3))) for f in again]
    pending, steps = [*files, *moved], []
    while pending:
        size = draw(st.integers(1, len(pending)))
        days = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
        steps.append(Step(tuple(pending[:size]), tuple(days), draw(st.integers(0, 5)) == 0))
        pending = pending[size:]
    steps.append(Step((), (0, 1, 2, 3)))
    return History(draw(st.sampled_from(ZONES)), start, tuple(steps))


@functools.cache
def shop_settings() -> Settings:
    """The real shop's settings; its home is replaced."""
    return load_settings("online_retail", PROJECT_ROOT, environment={})


@functools.cache
def small_contract() -> SourceContract:
    """The shop's own contract with one day rule: a day of no rows, or of too many, is blocked."""
    path = shop_settings().contract_file("online_retail", "transactions")
    rule = DayRule("rows", "rowCount", Bound(1, MOST_ROWS), "error", False, "as many as can be", "completeness")
    return dataclasses.replace(load_source_contract(path), day_rules=(rule,))


@dataclasses.dataclass
class RealHome:
    """A home in a folder, loaded by the real ingestion with the second opinion of the gate left out."""

    settings: Settings
    contract: SourceContract
    con: duckdb.DuckDBPyConnection
    runs: int = 0
    code: str = "0"

    @classmethod
    def make(cls, folder: Path, history: History) -> RealHome:
        settings = shop_settings()
        sources = {"online_retail": {"transactions": SourceTable(drops=None)}}
        changes = {"sources": sources, "first_day": history.start, "time_zone": history.zone}
        settings = dataclasses.replace(settings, shop=settings.shop.model_copy(update=changes), home=Home(folder))
        settings.home.prepare(settings.shop.name)
        con = duckdb.connect(str(settings.home.warehouse))
        con.execute("set TimeZone = 'UTC'")
        con.execute("set threads = 1")
        return cls(settings, small_contract(), con)

    def put(self, day: dt.date, file: File) -> None:
        path = self.settings.home.drops / "online_retail" / "transactions" / f"{day}" / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no such header\n1\n" if file.rows is None else as_csv([list(row) for row in file.rows]))

    def run(self, days: list[dt.date]) -> ingest.Ingested:
        self.runs += 1
        real_gate, real_code = ingest.run_gate, ingest.raw_code
        ingest.run_gate = functools.partial(run_gate, verify=False)  # type: ignore[assignment]
        ingest.raw_code = lambda *_: self.code
        try:
            return ingest.ingest(self.con, self.settings, self.contract, days, PLAN, f"run{self.runs}")
        finally:
            ingest.run_gate, ingest.raw_code = real_gate, real_code

    def current(self) -> list[tuple[Any, ...]]:
        """(invoice, stock code, quantity, price, event date, arrival date, delivery) of the current rows."""
        return self.con.execute(
            """select InvoiceNo, StockCode, Quantity, UnitPrice, _event_date, _arrival_date, _delivery_id
            from raw.online_retail__transactions where _is_current order by all"""
        ).fetchall()

    def counts(self) -> dict[tuple[dt.date, str], tuple[int, Decimal]]:
        """(rows, money) per arrival day and outcome, current and superseded among them."""
        rows = self.con.execute(
            """select arrival_date, outcome, sum(row_count)::bigint, coalesce(sum(amount), 0)
            from ledger.row_counts group by all
            union all
            select _arrival_date, if(_is_current, 'current', 'superseded'), count(*),
                sum(cast(Quantity * UnitPrice as decimal(38, 4)))
            from raw.online_retail__transactions group by all"""
        ).fetchall()
        return {(day, outcome): (count, money) for day, outcome, count, money in rows}

    def fates(self) -> list[tuple[dt.date, str, int, str]]:
        """(arrival day, file name, row number, fate) of every row that is read."""
        make_row_fates(self.con, [self.contract])
        return self.con.execute(
            """select arrival_date, file_name, row_number, fate from row_fates
            where fate not in ('refused', 'replaced') order by all"""
        ).fetchall()

    def verdicts(self) -> dict[dt.date, str]:
        return dict(self.con.execute("select arrival_date, verdict from ledger.verdicts").fetchall())

    def calendar(self) -> list[dt.date]:
        return [row[0] for row in self.con.execute("select calendar_date from ledger.calendar_days").fetchall()]

    def take_dirty(self) -> tuple[set[dt.date], dt.date | None]:
        """(dirty days, first day of running results), and the queues emptied."""
        days = self.con.execute("select event_date from ledger.dirty_days where table_name = 'by_day'").fetchall()
        first = self.con.execute("select min(event_date) from ledger.dirty_days where table_name = 'onward'").fetchone()
        self.con.execute("delete from ledger.dirty_days")
        return {row[0] for row in days}, first[0] if first else None


class Oracle:
    """The same home in plain Python: lists and sorting, no SQL, nothing kept but what was seen."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.disk: dict[tuple[dt.date, str], File] = {}
        self.seen: dict[dt.date, list[File]] = {}

    def see(self, days: list[dt.date]) -> set[dt.date]:
        """Take in what lies on disk for the days; returns those with something new."""
        fresh = set()
        for (day, name), file in sorted(self.disk.items(), key=lambda item: item[0]):
            of_day = self.seen.setdefault(day, [])
            namesakes = [f.rows for f in of_day if f.name == name]
            if day in days and (not namesakes or namesakes[-1] != file.rows):
                of_day.append(file)
                fresh.add(day)
        return fresh

    def own_day(self, row: Row, arrival: dt.date) -> dt.date | None:
        """The row's event day in the shop's zone, None when it must be quarantined."""
        local = dt.datetime.fromisoformat(row[4]).replace(tzinfo=CONTRACT_ZONE, fold=1)
        exists = local.astimezone(dt.UTC).astimezone(CONTRACT_ZONE).replace(tzinfo=None) == local.replace(tzinfo=None)
        day = local.astimezone(ZoneInfo(self.history.zone)).date()
        return day if exists and self.history.start <= day <= arrival and row[3] != "many" else None

    def read(self, day: dt.date) -> dict[int, File]:
        """The files of the day that are read, by their number: the last readable one of each name."""
        last = {f.name: number for number, f in enumerate(self.seen.get(day, []), 1) if f.rows is not None}
        return {number: self.seen[day][number - 1] for number in sorted(last.values())}

    def blocked(self, day: dt.date) -> bool:
        rows = sum(len(f.rows or ()) for f in self.read(day).values())
        return bool(self.read(day)) and not 1 <= rows <= MOST_ROWS

    def outcomes(self) -> list[tuple[dt.date, int, int, str, Row]]:
        """(arrival day, file number, row number, outcome, row) of every row that is read."""
        found = []
        for day in sorted(self.seen):
            for number, file in self.read(day).items():
                met: set[Row] = set()
                for line, row in enumerate(file.rows or (), 1):
                    outcome = "accepted" if self.own_day(row, day) else "quarantined"
                    outcome = "blocked" if self.blocked(day) else "duplicate" if row in met else outcome
                    met.add(row)
                    found.append((day, number, line, outcome, row))
        return found

    def standing(self) -> dict[Row, tuple[dt.date, int, int]]:
        """Where the version of each row that stands was delivered: arrival day, file number, row number."""
        found: dict[Row, tuple[dt.date, int, int]] = {}
        for day, number, line, outcome, row in self.outcomes():
            if outcome == "accepted":
                found[row] = max(found.get(row, (dt.date.min, 0, 0)), (day, number, line))
        return found

    def fates(self) -> list[tuple[dt.date, str, int, str]]:
        """(arrival day, file name, row number, fate) of every row that is read."""
        standing = self.standing()
        return sorted(
            (
                day,
                self.seen[day][number - 1].name,
                line,
                outcome
                if outcome != "accepted"
                else "current"
                if standing[row] == (day, number, line)
                else "superseded",
            )
            for day, number, line, outcome, row in self.outcomes()
        )

    def current(self) -> list[tuple[Any, ...]]:
        standing = self.standing()
        dates: dict[str, dt.date] = {}
        for row, (day, _, _) in standing.items():
            own = self.own_day(row, day)
            assert own is not None
            dates[row[0]] = min(dates.get(row[0], dt.date.max), own)
        return sorted(
            (row[0], row[1], int(row[3]), Decimal(row[5]), dates[row[0]], day, _delivery(day, number))
            for row, (day, number, _) in standing.items()
        )

    def counts(self) -> dict[tuple[dt.date, str], tuple[int, Decimal]]:
        rows: Counter[tuple[dt.date, str]] = Counter()
        money: dict[tuple[dt.date, str], Decimal] = {}
        standing = Counter((row[5], row[6]) for row in self.current())
        for day, _, _, outcome, row in self.outcomes():
            rows[day, outcome] += 1
            amount = Decimal(0) if row[3] == "many" else int(row[3]) * Decimal(row[5])
            money[day, outcome] = money.get((day, outcome), Decimal(0)) + amount
        for (day, _), count in standing.items():
            rows[day, "current"] += count
        for row in self.current():
            money[row[5], "current"] = money.get((row[5], "current"), Decimal(0)) + row[2] * row[3]
        for day in {day for day, outcome in rows if outcome == "accepted"}:
            left = rows[day, "accepted"] - rows[day, "current"]
            if left:
                rows[day, "superseded"] = left
                money[day, "superseded"] = money[day, "accepted"] - money.get((day, "current"), Decimal(0))
        return {key: (count, money[key]) for key, count in rows.items() if count}

    def verdicts(self, is_open: Any, calendar: list[dt.date]) -> dict[dt.date, str]:
        found: dict[dt.date, str] = {}
        mended = {
            (_stands_for(f, day), day)
            for day in self.seen for f in self.read(day).values()
            if _stands_for(f, day) < day and not self.blocked(day)
        }  # fmt: skip
        for day in sorted({d for d in calendar if is_open(d)} | {d for d, files in self.seen.items() if files}):
            last = {f.name: f for f in self.seen.get(day, [])}
            refused = [
                f for f in last.values()
                if f.rows is None and not any(s == _stands_for(f, day) and at > day for s, at in mended)
            ]  # fmt: skip
            own = [f for f in last.values() if _stands_for(f, day) == day]
            if not last:
                found[day] = "missing"
            elif self.blocked(day):
                found[day] = "blocked"
            elif refused or (is_open(day) and not own):
                found[day] = "incomplete"
            else:
                found[day] = "accepted"
        return {day: "accepted" if day in {s for s, _ in mended} else verdict for day, verdict in found.items()}

    def documents(self, days: set[dt.date]) -> set[str]:
        """The invoices with an accepted row of one of these arrival days."""
        return {row[0] for day, _, _, outcome, row in self.outcomes() if outcome == "accepted" and day in days}


def _delivery(day: dt.date, number: int) -> str:
    return f"online_retail/transactions/{day}/{number:03d}"


def _stands_for(file: File, arrival: dt.date) -> dt.date:
    return dt.date.fromisoformat(file.name[5:15]) if file.name.startswith("late-") else arrival
