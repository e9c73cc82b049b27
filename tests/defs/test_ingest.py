"""Ingestion of one raw table: single cases that random histories seldom draw, and kills between its steps."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts.contract import Column
from pipelines.defs import gate_code, ingest
from pipelines.settings.shop import Calendar
from pipelines.sources import csv_files, files, jsonl_files, parquet_files, parquet_texts, readers
from pipelines.store import built, ledger
from pipelines.store.arrivals import loading, orphans, raw_files, repairs, row_versions
from pipelines.store.days import verdicts
from tests.store.arrivals import File, History, RealHome

pytestmark = pytest.mark.slow

START = dt.date(2011, 6, 1)
DAYS = [START + dt.timedelta(days=offset) for offset in range(4)]
HISTORY = History("Europe/London", START, ())
MakeHome = Callable[..., RealHome]


def line(invoice: str = "500001", day: int = 0, stock: str = "A1", time: str = "12:00:00") -> tuple[str, ...]:
    return (invoice, stock, "X", "3", f"{DAYS[day]} {time}", "1.5", "", "France")


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[MakeHome]:
    made: list[RealHome] = []

    def make(name: str = "home", history: History = HISTORY) -> RealHome:
        made.append(RealHome.make(tmp_path / name, history))
        return made[-1]

    yield make
    for home in made:
        home.con.close()


def put(home: RealHome, day: int, *rows: tuple[str, ...], name: str = "a.csv", refused: bool = False) -> None:
    home.put(DAYS[day], File(day, name, None if refused else rows))


def everything(home: RealHome) -> dict[str, list[Any]]:
    """All that the ledger, the quarantine and the raw table hold, moments of loading apart."""
    tables = home.con.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = current_database() "
        "and table_schema in ('ledger', 'quality', 'raw') order by all"
    ).fetchall()
    found = {}
    for schema, name in tables:
        without = {"batches": "exclude (opened_at)", "deliveries": "exclude (loaded_at)"}.get(name, "")
        found[name] = home.con.execute(f"select * {without} from {schema}.{name} order by all").fetchall()
    return found


def states(home: RealHome) -> list[tuple[Any, ...]]:
    return home.con.execute(
        "select file_name, state, replaces from ledger.deliveries order by arrival_date, arrival_seq"
    ).fetchall()


def test_a_refused_correction_between_two_readable_ones_leaves_no_rows_twice(make_home: MakeHome) -> None:
    home = make_home()
    for rows, refused in (([line(stock="A1")], False), ([], True), ([line(stock="B2")], False)):
        put(home, 0, *rows, refused=refused)
        home.run(DAYS[:1])
    assert [row[1] for row in home.current()] == ["B2"]
    first = f"online_retail/transactions/{START}/001"
    assert states(home) == [("a.csv", "replaced", None), ("a.csv", "refused", first), ("a.csv", "accepted", first)]
    assert home.verdicts() == {START: "accepted"}


def test_a_refused_correction_leaves_the_file_before_it_and_names_the_day(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, line())
    home.run(DAYS[:1])
    put(home, 0, refused=True)
    outcome = home.run(DAYS[:1])
    assert len(home.current()) == 1
    assert [row[2] for row in outcome.open_days] == ["incomplete"]


def test_a_reader_that_was_mended_reads_what_was_refused(make_home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make_home()
    put(home, 0, line())
    put(home, 0, line("500002"), name="b.csv")

    def refuse(path: Path, form: csv_files.CsvForm) -> int:
        if path.name == "b.csv":
            raise files.RefusedFile("header", "the reader is wrong")
        return inspect(path, form)

    inspect = csv_files.inspect_csv
    with monkeypatch.context() as patched:
        patched.setattr(csv_files, "inspect_csv", refuse)
        home.run(DAYS[:1])
    assert home.verdicts() == {START: "incomplete"}
    home.code = "mended"
    assert home.run(DAYS[1:2]).new_files == 0
    assert len(home.current()) == 2
    assert home.verdicts()[START] == "accepted"


def test_a_late_file_does_not_stand_for_the_day_on_which_it_arrives(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, line())
    put(home, 2, line("500002", 1), name=f"late-{DAYS[1]}.csv")
    home.run(DAYS[:3])
    assert home.verdicts() == dict(zip(DAYS, ["accepted", "accepted", "incomplete"], strict=False))
    put(home, 3, line("500003", 2), name=f"late-{DAYS[2]}.csv")
    put(home, 3, line("500004", 3), name="own.csv")
    home.run(DAYS[3:])
    assert set(home.verdicts().values()) == {"accepted"}


def test_a_day_needs_a_file_of_its_own_whatever_became_of_the_day_that_its_files_stand_for(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, line())
    put(home, 1, line("500001", 1), name=f"late-{DAYS[0]}.csv")  # a day that was accepted long ago
    put(home, 2, line("500002", 2), name=f"early-{DAYS[3]}.csv")
    put(home, 3, line("500003", 3))
    home.run(DAYS[:4])
    assert home.verdicts() == dict(zip(DAYS, ["accepted", "incomplete", "incomplete", "accepted"], strict=False))
    # A file for one day, put into its folder afterwards, says nothing of another day.
    other = make_home("other")
    put(other, 1, line("500001", 1), name=f"late-{DAYS[0]}.csv")
    other.run(DAYS[:2])
    assert other.verdicts() == {DAYS[0]: "accepted", DAYS[1]: "incomplete"}
    put(other, 0, line())
    other.run(DAYS[:1])
    assert other.verdicts() == {DAYS[0]: "accepted", DAYS[1]: "incomplete"}


def test_a_refused_late_file_is_made_good_by_a_later_one_for_its_day(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, line())
    put(home, 2, name=f"late-{DAYS[1]}.csv", refused=True)
    put(home, 2, line("500002", 2), name="own.csv")
    home.run(DAYS[:3])
    assert home.verdicts() == dict(zip(DAYS, ["accepted", "missing", "incomplete"], strict=False))
    put(home, 3, line("500001", 1), name=f"late-{DAYS[1]}.csv")
    put(home, 3, line("500003", 3), name="own.csv")
    home.run(DAYS[3:4])
    assert {*home.verdicts().values()} == {"accepted"}


def test_a_file_cannot_stand_for_a_day_to_come(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, line(), name=f"late-{DAYS[1]}.csv")
    home.run(DAYS[:2])
    assert home.verdicts() == {DAYS[0]: "incomplete", DAYS[1]: "missing"}


def test_a_day_without_files_is_a_new_state(make_home: MakeHome) -> None:
    """A day that only moves the calendar on must be published too: its batch differs from the last one's."""
    home = make_home()
    put(home, 0, line())
    home.run(DAYS[:1])
    batch = ledger.last_batch(home.con)
    home.run([DAYS[0], DAYS[3]])  # a Saturday, closed; the two days between are missing
    assert ledger.last_batch(home.con) == batch + 1
    judged = home.con.execute("select distinct batch_id from ledger.verdicts where verdict = 'missing'").fetchall()
    assert judged == [(batch + 1,)]
    home.run([DAYS[0], DAYS[3]])
    assert ledger.last_batch(home.con) == batch + 1


@pytest.mark.parametrize("step", ["set_calendar", "replace_rows", "mark_days", "settle_verdicts", "remember_code"])
@pytest.mark.parametrize("new_code", [False, True])
def test_a_run_that_dies_between_two_steps_leaves_nothing_and_its_rerun_all(
    make_home: MakeHome, monkeypatch: pytest.MonkeyPatch, step: str, new_code: bool
) -> None:
    died, clean = make_home("died"), make_home("clean")
    for home in (died, clean):
        put(home, 0, line())
        home.run(DAYS[:1])
        put(home, 0, line(stock="B2"))
        put(home, 1, line(), line("500002", 1))
        home.code += "x" * new_code
    before = everything(died)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    modules = {"settle_verdicts": verdicts, "replace_rows": loading, "mark_days": loading, "remember_code": built}
    module = modules.get(step, ledger)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, step, die)
        died.run(DAYS[:2])
    assert everything(died) == before
    died.runs -= 1
    for home in (died, clean):
        home.run(DAYS[:2])
    assert everything(died) == everything(clean)


@pytest.mark.parametrize("first", [-10, 2])
def test_a_calendar_that_changes_is_taken_over(make_home: MakeHome, first: int) -> None:
    home = make_home()
    put(home, 3, line("500001", 0))
    home.run(DAYS)
    home.take_dirty()
    new_first = START + dt.timedelta(days=first)
    changes = {"first_day": new_first, "calendar": Calendar()}
    home.settings = dataclasses.replace(home.settings, shop=home.settings.shop.model_copy(update=changes))
    home.run([DAYS[3]])
    calendar = [
        row[0] for row in home.con.execute("select calendar_date from ledger.calendar_days order by 1").fetchall()
    ]
    assert (calendar[0], calendar[-1]) == (new_first, DAYS[3])
    assert home.take_dirty()[1] == min(new_first, START)


def test_rows_older_than_the_calendar_are_held_until_the_shop_begins_earlier(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, ("500001", "A1", "X", "3", "2011-05-01 12:00:00", "1.5", "", "France"))
    home.run(DAYS[:1])
    held = "select reasons from quality.quarantined_rows where state = 'quarantined'"
    assert home.con.execute(held).fetchall() == [(["InvoiceDate:before_first_day"],)]
    shop = home.settings.shop.model_copy(update={"first_day": dt.date(2011, 5, 1)})
    home.settings, home.code = dataclasses.replace(home.settings, shop=shop), "another first day"
    home.run(DAYS[:1])
    assert home.con.execute(held).fetchall() == []
    assert home.take_dirty() == ({dt.date(2011, 5, 1)}, dt.date(2011, 5, 1))


def landed_file(home: RealHome) -> Path:
    return next(home.settings.home.raw.rglob("*.parquet"))


@pytest.mark.parametrize("damage", ["missing", "bit", "cut"])
def test_a_raw_file_that_is_lost_or_damaged_is_named_with_a_remedy(make_home: MakeHome, damage: str) -> None:
    home = make_home()
    put(home, 0, line())
    home.run(DAYS[:1])
    drop = next(home.settings.home.drops.rglob("a.csv"))
    kept = drop.read_bytes()
    drop.unlink()
    file, content = landed_file(home), bytearray(landed_file(home).read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(bytes(content) if damage == "bit" else bytes(content[:-5]))
    if damage == "missing":
        file.unlink()
    put(home, 0, line("500002"), name="b.csv")
    with pytest.raises(raw_files.RawFileError, match=rf"{file.name}.*a\.csv of {START}.*among the drops"):
        home.run(DAYS[:1])
    drop.write_bytes(kept)
    file.unlink(missing_ok=True)
    home.run(DAYS[:1])
    assert len(home.current()) == 2


@pytest.mark.parametrize("name", ["a [1] home", 'it\'s "quoted"', "ünï čødé 家", "star*"])
def test_a_home_may_have_any_name(make_home: MakeHome, name: str) -> None:
    home = make_home(name)
    put(home, 0, line(), name="odd [name]'s.csv")
    home.run(DAYS[:1])
    put(home, 0, line("500002"), name="b.csv")
    home.run(DAYS[:1])
    assert len(home.current()) == 2


def test_a_file_that_cannot_be_opened_is_refused_and_read_when_it_can(
    make_home: MakeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home()
    put(home, 0, line())

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "fingerprint", denied)
        patched.setattr(csv_files, "inspect_csv", denied)
        home.run(DAYS[:1])
        home.run(DAYS[:1])
    assert home.verdicts() == {START: "incomplete"}
    home.run(DAYS[:1])
    assert home.verdicts() == {START: "accepted"}
    assert [state for _, state, _ in states(home)] == ["refused", "accepted"]


def test_a_file_that_changes_while_it_is_read_is_taken_by_the_next_run(
    make_home: MakeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home()
    put(home, 0, line())

    def landing(*arguments: Any, **named: Any) -> Any:
        found = readers.land_files(*arguments, **named)
        put(home, 0, line(), line("500002"))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "land_files", landing)
        home.run(DAYS[:1])
    assert states(home) == []
    home.run(DAYS[:1])
    assert len(home.current()) == 2


def test_a_contract_without_documents_and_with_a_plain_date(make_home: MakeHome) -> None:
    """Each row is then a document of its own; a date is a day already and belongs to no zone."""
    home = make_home(history=History("America/New_York", START, ()))
    column = home.contract.column("InvoiceDate")
    plain = dataclasses.replace(column, sql_type="DATE", format="yyyy-MM-dd", zone=None, minimum=None)
    columns = tuple(plain if c.name == "InvoiceDate" else c for c in home.contract.columns)
    home.contract = dataclasses.replace(home.contract, columns=columns, document_key=(), row_rules=())
    rows = [(*line()[:4], f"{DAYS[day]}", *line()[5:]) for day in (0, 1)]
    put(home, 1, *rows)
    home.run(DAYS[:2])
    assert [row[4] for row in home.current()] == DAYS[:2]


def test_a_row_that_moves_to_another_document_stands_once(make_home: MakeHome) -> None:
    home = make_home()
    home.contract = dataclasses.replace(home.contract, row_key=("StockCode",), document_key=("InvoiceNo",))
    put(home, 0, line("500001", 0, "A1"), line("500001", 0, "B2", "11:00:00"))
    put(home, 1, line("500002", 1, "B2"))
    put(home, 2, line("500003", 2, "C3"), line("500002", 2, "D4"))
    for day in (1, 0, 2):
        home.run([DAYS[day]])
    assert [(row[0], row[1], row[4]) for row in home.current()] == [
        ("500001", "A1", DAYS[0]),
        ("500002", "B2", DAYS[1]),
        ("500002", "D4", DAYS[1]),
        ("500003", "C3", DAYS[2]),
    ]


def test_rows_without_a_document_number_are_one_document(make_home: MakeHome) -> None:
    home = make_home()
    columns = tuple(dataclasses.replace(c, required=False) for c in home.contract.columns)
    home.contract = dataclasses.replace(home.contract, columns=columns)
    put(home, 0, line("", 0))
    put(home, 1, line("", 1))
    for day in (1, 0):
        home.run([DAYS[day]])
    assert [row[4] for row in home.current()] == [DAYS[0], DAYS[0]]


def test_a_column_that_the_contract_gains_is_null_in_older_files(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, line())
    home.run(DAYS[:1])
    new = Column("Channel", "VARCHAR", "Where it was sold.", False, "none")
    home.contract = dataclasses.replace(home.contract, columns=(*home.contract.columns, new))
    home.code = "new contract"
    home.run(DAYS[:1])
    assert home.con.execute("select InvoiceNo, Channel from raw.online_retail__transactions").fetchall() == [
        ("500001", None)
    ]


def test_two_tables_in_one_run_share_its_batch(make_home: MakeHome) -> None:
    home = make_home()
    put(home, 0, line())
    home.run(DAYS[:1])
    home.runs -= 1
    other = dataclasses.replace(home.contract, table="returns")
    spec = home.settings.shop.sources["online_retail"]["transactions"]
    sources = {"online_retail": {"transactions": spec, "returns": spec}}
    home.settings = dataclasses.replace(home.settings, shop=home.settings.shop.model_copy(update={"sources": sources}))
    home.contract = other
    home.run(DAYS[:1])
    assert home.con.execute("select table_name, verdict, batch_id from ledger.verdicts order by 1").fetchall() == [
        ("returns", "missing", 1),
        ("transactions", "accepted", 1),
    ]


def test_the_code_of_row_versions_and_verdicts_gates_anew() -> None:
    parts = {Path(part).stem for part in gate_code.GATE_CODE}
    deciding = (loading, orphans, raw_files, repairs, row_versions, verdicts)
    deciding += (csv_files, files, jsonl_files, parquet_files, parquet_texts, readers)
    assert {Path(str(module.__file__)).stem for module in deciding} <= parts


@pytest.mark.parametrize("order", [[[0, 1, 2, 3]], [[0], [1], [2], [3]], [[3], [1], [0], [2]]], ids=str)
def test_the_calendar_runs_on_over_closed_days_in_whatever_order_days_are_asked_for(
    make_home: MakeHome, order: list[list[int]]
) -> None:
    home = make_home()
    calendar = Calendar(closed_dates=frozenset(DAYS[2:]))
    home.settings = dataclasses.replace(
        home.settings, shop=home.settings.shop.model_copy(update={"calendar": calendar})
    )
    for day in (0, 1):
        put(home, day, line(day=day))
    for days in order:
        home.run([DAYS[day] for day in days])
    assert max(home.calendar()) == DAYS[3]
    assert set(home.verdicts().values()) == {"accepted"}


@pytest.mark.parametrize("last", [START + dt.timedelta(days=9), START + dt.timedelta(days=4002)])
def test_a_day_asked_for_by_mistake_leaves_no_trace(make_home: MakeHome, last: dt.date) -> None:
    home = make_home()
    put(home, 0, line())
    home.run(DAYS[:1])
    before = everything(home)
    asked = home.run([last])
    assert [(row[1], row[2]) for row in asked.open_days] == [(last, "missing")]
    assert asked.usable_days == 0
    assert everything(home) == before
