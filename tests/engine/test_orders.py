"""Whatever arrives, in whatever order and batches it is loaded: the end is a clean build's, and what the files tell.

The histories hold late, restated, moved and doubled rows, rows that are held back, children before their parents,
blocked days, refused, missing and corrected files.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.oracle import differences
from tests.engine.story import DAYS, SUNDAY, THURSDAY, TUESDAY, calm, line, order, sale
from tests.engine.toy import Place, Row, Toy

pytestmark = pytest.mark.slow

# An example is some six runs: about ten CPU seconds.
EXAMPLES = int(os.environ.get("ALMANAC_PROVE_EXAMPLES", "3"))
OPEN = [day for day in DAYS if day != SUNDAY]
REFUSED = b"no such header\n1\n"
Days = tuple[dt.date, dt.date]

customers, products = st.sampled_from(["C1", "C2", "C3"]), st.sampled_from(["P1", "P2"])
quantities = st.sampled_from([1, 1, 1, 2, 3, "many"])


@dataclass
class History:
    """Files by place, the second content of some, and the ranges of days of the runs in their order."""

    files: dict[Place, bytes | list[Row]] = field(default_factory=dict)
    corrections: dict[Place, bytes | list[Row]] = field(default_factory=dict)
    runs: list[Days] = field(default_factory=list)


def happened(arrival: dt.date) -> st.SearchStrategy[dt.date]:
    """The day of an event that a file of this arrival day tells of: mostly the same, else one before it."""
    before = [THURSDAY - dt.timedelta(days=1), *[day for day in OPEN if day <= arrival]]
    return st.sampled_from([arrival, arrival, *before])


@st.composite
def sales(draw: Any, arrival: dt.date, low: int) -> list[Row]:
    """Lines of five receipts from `low` on, each key at most once, but for exact doubles; now and then a flood."""
    keys = draw(st.lists(st.tuples(st.integers(low, low + 4), st.integers(1, 2)), min_size=1, max_size=6, unique=True))
    rows = [
        sale(
            number,
            draw(happened(arrival)),
            line_no,
            customer_id=f"C{number % 3}",
            product_id=draw(products),
            quantity=draw(quantities),
        )
        for number, line_no in keys
    ]
    doubled = draw(st.lists(st.sampled_from(rows), max_size=2))
    flood = draw(st.integers(0, 9)) == 0
    return [*rows, *doubled, *([sale(number, arrival) for number in range(300, 331)] if flood else [])]


@st.composite
def orders(draw: Any, arrival: dt.date) -> list[Row]:
    """Versions of five orders, each written at a moment of its own, now and then before one that came earlier."""
    rows = []
    for number in draw(st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True)):
        written = f"{draw(happened(arrival))} {draw(st.integers(10, 19))}:{arrival.day:02d}:00"
        status = draw(st.sampled_from(["placed", "paid", "cancelled"]))
        told = {"updated_at": written, "status": status, "customer_id": draw(customers)}
        rows.append(order(number, draw(happened(arrival)), **told))
    return rows


@st.composite
def lines(draw: Any, arrival: dt.date) -> list[Row]:
    """Lines of six orders, of which the last never comes."""
    keys = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 2)), min_size=1, max_size=6, unique=True))
    return [
        line(number, draw(happened(arrival)), line_no, product_id=draw(products), quantity=draw(quantities))
        for number, line_no in keys
    ]


@st.composite
def histories(draw: Any) -> History:
    """A week of files, and some runs over it."""
    history = History()
    for day in OPEN:
        contents = {
            ("till.sales", day, "day.csv"): sales(day, 1),
            ("till.sales", day, "more.csv"): sales(day, 11),
            ("web.orders", day, "day.csv"): orders(day),
            ("web.lines", day, "day.jsonl"): lines(day),
        }
        for place, rows in contents.items():
            kind = draw(
                st.sampled_from(["comes"] * 6 + ["is refused", "is missing", "is corrected", "is refused first"])
            )
            if kind == "is missing" and place[0] != "till.sales":
                continue
            history.files[place] = REFUSED if kind.startswith("is refused") else draw(rows)
            if kind in ("is corrected", "is refused first"):
                history.corrections[place] = draw(rows)
    cuts = sorted(draw(st.sets(st.integers(1, len(DAYS) - 1), max_size=2)))
    pieces = [(DAYS[low], DAYS[high - 1]) for low, high in zip([0, *cuts], [*cuts, len(DAYS)], strict=True)]
    history.runs = draw(st.permutations(pieces))
    return history


def play(history: History, toy: Toy) -> Toy:
    """Piece by piece, then the corrections all at once, as a range that holds everything."""
    calm(toy, THURSDAY)  # a day of which something is usable: without any nothing is published at all
    for place, content in history.files.items():
        if place[1] != THURSDAY:
            toy.put(*place[:2], content, place[2])
    for first, last in history.runs:
        toy.run("backfill", first, last)  # a piece of which nothing is usable fails, and its rows stay out
    for place, content in history.corrections.items():
        if place[1] != THURSDAY:
            toy.put(*place[:2], content, place[2])
    outcome = toy.run("backfill", THURSDAY, TUESDAY)
    assert outcome.success, outcome.errors
    return toy


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
def test_every_history_ends_as_a_clean_build_and_as_the_files_tell(standing: Toy, history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        toy = play(history, Toy.make(standing.settings.project_root, Path(folder, "in pieces")))
        assert differences(toy) == []
        clean = Toy.make(standing.settings.project_root, Path(folder, "at once"))
        for (table, day, name), contents in toy.delivered.items():
            readable = [content for content in contents if content != REFUSED] or contents
            clean.put(table, day, readable[-1], name)
        assert clean.run("backfill", THURSDAY, TUESDAY).success
        assert toy.digests == clean.digests


def test_daily_runs_in_any_order_equal_one_run(standing: Toy, tmp_path: Path) -> None:
    daily = calm(standing.copy(tmp_path / "daily"), *DAYS[4:])
    for day in (TUESDAY, DAYS[4], TUESDAY):  # statements are made at the newest day alone, from all that is known
        assert daily.run("refresh", day).success
    clean = calm(Toy.make(standing.settings.project_root, tmp_path / "whole"), *DAYS)
    assert clean.run("backfill", THURSDAY, TUESDAY).success
    assert daily.digests == clean.digests
    assert daily.manifest["digest"] == clean.manifest["digest"]
    assert daily.manifest["quality_state"] == clean.manifest["quality_state"] == "complete"
    assert differences(daily) == []
