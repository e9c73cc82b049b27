"""The gate's second opinion, given once a run: no load is published, or forgotten, without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import GateDisagreement, expectations
from pipelines.contracts import gate as gate_module
from pipelines.contracts.expectations import Recount
from pipelines.defs import ingest, publish
from pipelines.defs.resources import Writer, silent
from pipelines.store.days.recounts import waiting_days
from pipelines.store.published.publication import PublicationError, audit
from tests.store.arrivals import PLAN, File, History, RealHome

pytestmark = pytest.mark.slow

START = dt.date(2011, 6, 1)
DAYS = [START + dt.timedelta(days=offset) for offset in range(3)]


def line(day: int, country: str = "France", stock: str = "A1") -> tuple[str, ...]:
    return ("500001", stock, "X", "3", f"{DAYS[day]} 12:00:00", "1.5", "", country)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[RealHome]:
    made = RealHome.make(tmp_path / "home", History("Europe/London", START, ()))
    yield made
    made.con.close()


def put(home: RealHome, day: int, *rows: tuple[str, ...]) -> None:
    home.put(DAYS[day], File(day, "a.csv", rows))


def load(home: RealHome, days: list[dt.date], later: list[Recount] | None) -> ingest.Ingested:
    home.runs += 1
    return ingest.ingest(home.con, home.settings, home.contract, days, PLAN, f"run{home.runs}", later)


def waiting(home: RealHome) -> list[dt.date]:
    return waiting_days(home.con, home.contract.source, home.contract.table)


def may_publish(home: RealHome) -> bool:
    [recounted] = [check for check in publish.AUDITS if "days_to_recount" in check[1]]
    try:
        audit(home.con, [recounted])
    except PublicationError:
        return False
    return True


def writer_of(home: RealHome, later: list[Recount]) -> Writer:
    writer = Writer(home.settings, silent)
    writer.recounts = later
    return writer


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A gate that does not see one rule; undo it and it sees."""
    real = gate_module.bad_row_sql
    unseen = "Country:pattern"
    monkeypatch.setattr(gate_module, "bad_row_sql", lambda c: "false" if c.rule_id == unseen else real(c))
    return monkeypatch


def test_a_load_waits_for_its_recount_and_is_published_after_it(home: RealHome) -> None:
    put(home, 0, line(0))
    put(home, 1, line(1), line(1, country="uk", stock="B2"))
    later: list[Recount] = []
    load(home, DAYS[:2], later)
    assert len(later) == 1 and waiting(home) == DAYS[:2] and not may_publish(home)
    writer = writer_of(home, later)
    writer.verify_loads(home.con)
    assert writer.recounts == [] and waiting(home) == [] and may_publish(home)
    pages = [path.name for path in home.settings.home.data_docs.rglob("*.json")]
    assert sorted(pages) == ["days.json", "rows_0.json"]


def test_a_failed_recount_stops_publication_until_the_engines_agree(home: RealHome, blind: pytest.MonkeyPatch) -> None:
    put(home, 0, line(0), line(0, country="uk", stock="B2"))
    later: list[Recount] = []
    load(home, DAYS[:1], later)
    with pytest.raises(GateDisagreement, match=r"transactions Country:pattern: SQL 0, expectations 1"):
        writer_of(home, later).verify_loads(home.con)
    assert waiting(home) == DAYS[:1] and not may_publish(home)

    # The next run, though it asks for another day, judges the day anew, and again does not pass.
    put(home, 1, line(1))
    later = []
    assert load(home, DAYS[1:2], later).loaded_days == DAYS[:2]
    with pytest.raises(GateDisagreement):
        writer_of(home, later).verify_loads(home.con)
    assert waiting(home) == DAYS[:2] and not may_publish(home)

    blind.undo()
    later = []
    assert load(home, DAYS[:1], later).loaded_days == DAYS[:2]
    writer_of(home, later).verify_loads(home.con)
    assert waiting(home) == [] and may_publish(home)
    assert [row[1] for row in home.current()] == ["A1", "A1"]


def test_what_a_killed_run_loaded_is_recounted_by_the_next(home: RealHome) -> None:
    put(home, 0, line(0))
    load(home, DAYS[:1], [])  # killed here: its list is lost
    later: list[Recount] = []
    assert load(home, DAYS[1:], later).loaded_days == DAYS[:1]
    assert [recount.days for recount in later] == [(DAYS[0],)]
    writer_of(home, later).verify_loads(home.con)
    assert load(home, DAYS[:1], []).loaded_days == [] and waiting(home) == []


def test_a_large_load_is_recounted_before_it_is_committed(
    home: RealHome, blind: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expectations, "HELD_ROWS", 1)
    put(home, 0, line(0), line(0, country="uk", stock="B2"))
    later: list[Recount] = []
    with pytest.raises(GateDisagreement):
        load(home, DAYS[:1], later)
    assert later == [] and may_publish(home)
    assert home.con.execute("select count(*) from ledger.deliveries").fetchone() == (0,)


def test_loads_are_held_until_together_they_are_large(home: RealHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectations, "HELD_ROWS", 3)
    later: list[Recount] = []
    for day in range(3):
        put(home, day, line(day), line(day, stock="B2"))
        load(home, [DAYS[day]], later)
    assert [recount.days for recount in later] == [(DAYS[0],)] and waiting(home) == []


def test_several_tables_are_recounted_each_by_its_own_rules(home: RealHome, blind: pytest.MonkeyPatch) -> None:
    """A find in the pile of one load is not laid to another's."""
    later: list[Recount] = []
    for day, country in ((0, "France"), (1, "uk")):
        put(home, day, line(day, country=country), line(day, stock="B2"))
        load(home, [DAYS[day]], later)
    found: dict[str, Any] = {}
    with pytest.raises(GateDisagreement) as raised:
        expectations.verify_recounts(later)
    found |= raised.value.differences
    assert found == {"online_retail__transactions Country:pattern": (0, 1)}
    expectations.verify_recounts(later[:1])
