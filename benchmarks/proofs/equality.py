"""Bars on histories that must end equal: the same arrivals at any pace, late, blocked, moved, or under newer code.

Belongs here: comparing. Does not belong here: what is delivered and run (tests/house/histories.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from benchmarks.proofs.rows import Proof, Row
from tests.house import histories
from tests.house.histories import History, days_from
from tests.shop_under_test import shop_maker

MONTH = days_from(dt.date(2011, 11, 1), 30)  # the busiest month; closed on its four Saturdays
WEEK = days_from(dt.date(2011, 11, 6), 7)  # Sunday to Saturday, closed on the last


def _compared(bar: str, history: History, *conditions: tuple[str, bool]) -> Row:
    """One row: equal in every published table, and all further conditions hold."""
    left, right = history.whole.digests, history.daily.digests
    differ = sorted(name for name in {*left, *right} if left.get(name) != right.get(name))
    broken = [text for text, holds in conditions if not holds]
    seen = f"{len(left)} tables equal, version digest {history.whole.manifest['digest'][:12]}"
    if differ:
        seen = f"differ: {', '.join(differ)}"
    elif history.whole.manifest["digest"] != history.daily.manifest["digest"]:
        seen, differ = "tables equal, digests of the versions differ", ["version"]
    return Row(bar, "; ".join([seen, *(f"not so: {text}" for text in broken)]), not differ and not broken)


def _ran(history: History, failing: int = 0) -> tuple[str, bool]:
    failed = sum(not run.success for run in history.daily_runs)
    return f"{failing} of {len(history.daily_runs)} daily runs fail", history.whole_run.success and failed == failing


def month_in_one_run(folder: Path) -> Iterator[Row]:
    """Thirty days in one run, the same day by day, and the one run again."""
    history = histories.one_run_and_daily_runs(shop_maker(folder / "month"), MONTH)
    complete = history.whole.manifest["quality_state"] == "complete"
    yield _compared(
        "30 days in one run = 30 daily refreshes", history, _ran(history), ("version is complete", complete)
    )
    before = history.whole.manifest
    again = histories.in_one_run(history.whole, MONTH)
    after = history.whole.manifest
    holds = again.success and after["digest"] == before["digest"] and after["version"] == before["version"]
    yield Row("= a rerun of the one run", f"{after['version']} still, digest {after['digest'][:12]}", holds)


def blocked_day(folder: Path) -> Iterator[Row]:
    """A file without one readable quantity."""
    bad = WEEK[2]
    history = histories.a_blocked_day(shop_maker(folder / "blocked"), WEEK, bad)
    manifest = history.whole.manifest
    named = [entry["day"] for entry in manifest["facts"]["open_days"]] == [bad.isoformat()]
    state = manifest["quality_state"] == "incomplete"
    empty = history.whole.query(f"select count(*) from fct_orders where ordered_date = '{bad}'") == [(0,)]
    conditions = (_ran(history, failing=1), ("day named", named), ("incomplete", state), ("day left out", empty))
    yield _compared("a range with one blocked day = its daily replay", history, *conditions)


def late_rows(folder: Path) -> Iterator[Row]:
    """Forty rows that come three days late."""
    make = shop_maker(folder / "late")
    history = histories.late_rows(make, WEEK, WEEK[1], WEEK[4])
    on_time = histories.delivered(make, WEEK)
    histories.in_one_run(on_time, WEEK)
    lines = "select ordered_date, count(*) from fct_order_lines group by all order by all"
    own_days = history.daily.query(lines) == on_time.query(lines)
    conditions = (_ran(history), ("lines per day as if on time", own_days))
    yield _compared("40 rows three days late = a clean build, on their own day", history, *conditions)


def moved_order(folder: Path) -> Iterator[Row]:
    """An order that changes its date."""
    moved = histories.a_moved_order(shop_maker(folder / "moved"), WEEK, WEEK[2])
    once = moved.before == [(WEEK[2], 1)] and moved.after == [(WEEK[1], 1)]
    row = _compared("an order that changes its date stands once", moved.history, _ran(moved.history), ("once", once))
    days = f"{moved.before[0][0]} -> {', '.join(str(day) for day, _ in moved.after)}"
    yield Row(row.bar, f"{days}; {row.seen}", row.passed)


def newer_code(folder: Path) -> Iterator[Row]:
    """A home begun by older code."""
    newer = histories.an_older_codes_home(shop_maker(folder / "code"), WEEK, kept=5)
    differed = newer.before["fct_orders"] != newer.history.whole.digests["fct_orders"]
    conditions = (_ran(newer.history), ("the older code built something else", differed))
    yield _compared("an older code's home, refreshed by newer code = a clean build", newer.history, *conditions)


PROOFS: tuple[Proof, ...] = (month_in_one_run, blocked_day, late_rows, moved_order, newer_code)
