"""The bars of bad and late data: properties over drawn histories, hostile files, late days, replays.

Belongs here: whole measurements and whole tests as one row each. Does not belong here: what the tests look at (tests/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import COMMAND, run
from benchmarks.proofs.refresh import demo_home, the_demo
from benchmarks.proofs.rows import Proof, Row
from benchmarks.proofs.tested import tested
from tests.house.histories import DAY_LOCAL, late_days
from tests.shop_under_test import EXAMPLES, shop_maker

LATE_DAYS = 40
HISTORIES = 100


def properties(folder: Path) -> Iterator[Row]:
    """Drawn histories against an oracle, a clean load, rows that were right from the first day."""
    for claim, place in (
        (
            "every row and every money is in one place, state is a function of arrivals",
            "tests/store/test_loading.py",
        ),
        ("orphans wait and are released by the run that accepts the parent", "tests/store/test_orphans.py"),
        ("repaired rows land as if right the first day", "tests/store/test_repairs.py"),
        ("damage at random is refused or read whole", "tests/sources/test_fuzz.py"),
    ):
        yield tested(f"{claim} ({HISTORIES} drawn histories)", [place], examples=HISTORIES)
    yield tested("real orders restated for weeks end as their file", ["tests/defs/test_olist.py"])
    yield tested("features and statements never read later data", ["tests/domains"],
                 names="later or leak or after_as_of or after_the_as_of")  # fmt: skip


def hostile_input(folder: Path) -> Iterator[Row]:
    """Hostile files, injection payloads."""
    yield tested("hostile files: 0 crashes, 0 rows unaccounted for", ["tests/sources/test_hostile_corpus.py"])
    yield tested("injection payloads: 0 executed, each refused by name", ["tests/end_to_end/test_injection.py"],
                 at_least=50)  # fmt: skip


def quarantine_and_replay(folder: Path) -> Iterator[Row]:
    """The way back, the replay, the evidence."""
    yield tested("repaired through the command line = right from the first day", ["tests/house/test_quarantine.py"])
    yield tested(
        "verify-replay and the weekly job find a planted difference",
        ["tests/house/test_verify_replay.py", "tests/engine/test_replay.py"],
    )
    yield tested("explain names every delivery behind a row", ["tests/house/test_explain.py"])
    yield tested("every command of the runbooks does as they say", ["tests/end_to_end/test_runbooks.py"])


def whole_shop_replayed(folder: Path) -> Iterator[Row]:
    """verify-replay over the last 30 days of the whole shop."""
    days = [dt.date.fromisoformat(file.name[:10]) for file in sorted(EXAMPLES.glob("*.csv.gz"))]
    home = str(demo_home(folder))
    done = run([*COMMAND, "verify-replay", "--from", f"{days[-30]}", "--to", f"{days[-1]}", "--home", home])
    seen = f"exit {done.code} in {done.wall:.0f} s: {(done.output.splitlines() or [''])[-1].strip()}"
    yield Row("30 days of the whole shop replayed in another order are equal", seen, done.code == 0)


def late_rows_of_many_days(folder: Path) -> Iterator[Row]:
    """One delivery brings late rows of 40 of the 304 days before the newest."""
    days = [dt.date.fromisoformat(file.name[:10]) for file in sorted(EXAMPLES.glob("*.csv.gz"))]
    span = [days[0] + dt.timedelta(days=offset) for offset in range((days[-1] - days[0]).days + 1)]
    late = days[3:-1:7][:LATE_DAYS]
    history = late_days(shop_maker(folder / "late-days"), span, late, days[-1] + dt.timedelta(days=1))
    touched = {table: {row[1] for row in history.replaced if row[0] == table} for table in DAY_LOCAL}
    wrong = sorted(table for table, found in touched.items() if found != {*late})
    rows = [(gone, added) for table, _, gone, added in history.replaced if table == "fct_order_lines"]
    gone, added = (sum(counts) for counts in zip(*rows, strict=True))
    seen = f"{len(late)} days, {gone:,} lines deleted, {added:,} inserted"
    yield Row(
        f"late rows of {LATE_DAYS} days: day-local tables replace these days alone",
        f"{seen}; other days in {', '.join(wrong)}" if wrong else seen,
        not wrong and len(late) == LATE_DAYS and all(run.success for run in history.runs),
    )
    here, there = history.standing.digests, history.clean.digests
    differ = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
    yield Row(
        "and the whole equals a clean build", f"differ: {differ}" if differ else f"{len(here)} tables equal", not differ
    )


PROOFS: tuple[Proof, ...] = (
    properties,
    hostile_input,
    quarantine_and_replay,
    late_rows_of_many_days,
    the_demo,
    whole_shop_replayed,
)
