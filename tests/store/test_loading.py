"""Any history of deliveries comes to what a second definition in Python says, step by step and in the end."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings

from tests.store.arrivals import File, History, Oracle, RealHome, histories

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("ALMANAC_PROVE_EXAMPLES", "15"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_a_history_comes_to_what_the_oracle_says(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, oracle = RealHome.make(Path(folder), history), Oracle(history)
        before: list[tuple[object, ...]] = []
        for step in history.steps:
            days = [history.day(offset) for offset in step.days]
            for file in step.files:
                home.put(history.day(file.day), file)
                oracle.disk[history.day(file.day), file.name] = file
            home.code += "x" * step.new_code
            known = {day for day, files in oracle.seen.items() if files}
            touched_before = {day: oracle.documents({day}) for day in history.all_days}
            home.run(days)
            regated = step.new_code and step is not history.steps[0]
            loaded = oracle.see([*days, *known] if regated else days)
            loaded |= {*days, *known} if regated else set()
            touched = oracle.documents(loaded) | {d for day in loaded for d in touched_before[day]}
            check(home, oracle)
            check_dirty(home, before, touched)
            before = home.current()
        home.con.close()


def check(home: RealHome, oracle: Oracle) -> None:
    assert home.current() == oracle.current()
    assert home.counts() == oracle.counts()
    assert home.fates() == oracle.fates()
    assert home.verdicts() == oracle.verdicts(home.settings.shop.calendar.is_open, home.calendar())
    gaps = home.con.execute(
        """select delivery_id from ledger.deliveries left join ledger.row_counts using (delivery_id)
        group by delivery_id, state, physical_rows
        having coalesce(sum(row_count), 0) <> if(state in ('refused', 'replaced'), 0, physical_rows)"""
    ).fetchall()
    assert gaps == []
    untraced = home.con.execute(
        """select batch_id from ledger.verdicts union select batch_id from ledger.deliveries
        union select _batch_id from raw.online_retail__transactions
        except select batch_id from ledger.batches"""
    ).fetchall()
    assert untraced == []


def check_dirty(home: RealHome, before: list[tuple[object, ...]], touched: set[str]) -> None:
    """Every event day whose current rows differ is dirty, and none on which no touched invoice stands or stood."""
    after = home.current()
    needed = {row[4] for row in {row[:6] for row in before} ^ {row[:6] for row in after}}
    allowed = {row[4] for row in (*before, *after) if row[0] in touched}
    dirty, first_onward = home.take_dirty()
    event(f"dirty days: {len(dirty)}")
    assert needed <= dirty <= allowed
    assert not needed or (first_onward is not None and first_onward <= min(needed))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_a_history_without_corrections_equals_a_clean_load(history: History) -> None:
    """A correction leaves its trace by design (a refused one does not undo the file before it)."""
    last: dict[tuple[int, str], File] = {}
    for step in history.steps:
        for file in step.files:
            last.setdefault((file.day, file.name), file)
    with tempfile.TemporaryDirectory() as folder:
        stepwise = RealHome.make(Path(folder, "stepwise"), history)
        clean = RealHome.make(Path(folder, "clean"), history)
        for step in history.steps:
            for file in step.files:
                stepwise.put(history.day(file.day), last[file.day, file.name])
            stepwise.run([history.day(offset) for offset in step.days])
        for file in last.values():
            clean.put(history.day(file.day), file)
        clean.run(history.all_days)
        # Which of two equal rows of one arrival day stands depends on which file was seen first, and shows nowhere.
        assert [row[:6] for row in stepwise.current()] == [row[:6] for row in clean.current()]
        assert stepwise.counts() == clean.counts()
        assert stepwise.verdicts() == clean.verdicts()
        stepwise.con.close()
        clean.con.close()
