"""The way back out of quarantine, as a person goes it: show, correct, repair, replay.

That all is published then as if the row had been right on its first day is asked on the toy project
(tests/engine/test_repairs.py)."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests import homes
from tests.command_line import Command, Said
from tests.house import retail
from tests.house.retail import BROKEN_AT, DAYS, Place
from tests.shop_under_test import real_rows

pytestmark = pytest.mark.slow

RIGHT = real_rows(DAYS[3])[BROKEN_AT]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The restless week, in which a row is held back."""
    return Place(homes.copy_of(retail.restless, tmp_path_factory.mktemp("quarantine")))


def said(place: Place, *arguments: str) -> Said:
    return place.run("quarantine", *arguments)


def test_a_row_is_shown_corrected_repaired_and_let_in(place: Place, tmp_path: Path) -> None:
    assert f"quarantined  online_retail.transactions  Quantity:type  {DAYS[3]}" in said(place, "list").out
    assert "Quantity=many" in said(place, "show", "--rule", "Quantity:type").out
    assert "many" not in said(place, "show", "--rule", "UnitPrice:type").out

    file = tmp_path / "held.csv"
    assert said(place, "show", "--export", str(file)).code == 0
    again = said(place, "show", "--export", str(file))
    assert (again.code, "is there already" in again.line) == (2, True)
    too_long = said(place, "show", "--export", "x" * 300)
    assert (too_long.code, "cannot be written (File name too long)" in too_long.line) == (2, True)

    refused = said(place, "repair", str(file), "--why", "nothing was corrected")
    assert (refused.code, "is unchanged" in refused.line) == (2, True)

    with file.open(newline="") as opened:
        header, line = list(csv.reader(opened))
    assert int(line[1]) == BROKEN_AT + 1
    _write(file, header, [*line[:3], *RIGHT[:3], "three", *RIGHT[4:]])
    refused = said(place, "repair", str(file), "--why", "it is still wrong")
    assert (refused.code, "would still break" in refused.line) == (2, True)
    assert "nothing has been recorded" in refused.line
    assert said(place, "replay").out == "no repair waits\n"

    _write(file, header, [*line[:3], *RIGHT])
    done = said(place, "repair", str(file), "--who", "Ada", "--why", "the till was fixed by hand")
    assert (done.code, "repair 1 recorded: 1 row of" in done.out) == (0, True)
    assert "by Ada" in said(place, "list").out
    assert "1 row waits for: almanac quarantine replay" in said(place, "list").out

    replayed = said(place, "replay")
    assert replayed.code == 0, replayed.err
    assert replayed.out.startswith(f"quarantine replay online_retail {DAYS[3]} to {DAYS[4]}\n")
    listed = said(place, "list").out
    assert listed.startswith("nothing is held back\nrepair 1 of online_retail.transactions: 1 row, by Ada on ")
    assert "the till was fixed by hand (replayed)" in listed
    assert said(place, "replay").out == "no repair waits\n"
    # What came is still there as it came.
    with duckdb.connect() as con:
        raw = con.execute(
            "select count(*) from read_parquet(?) where Quantity = 'many'",
            [str(place.folder / "home" / "raw" / "online_retail" / "transactions" / f"{DAYS[3]}" / "*.parquet")],
        ).fetchone()
    assert raw == (1,)
    # The clean week is the same one without this line.
    sold = "select count(*), sum(quantity)::int, sum(line_amount) from fct_order_lines"
    [(n_lines, units, amount)] = Place(homes.made(retail.clean)).shop.query(sold)
    assert place.shop.query(sold) == [(n_lines + 1, units + 3, amount + 3 * Decimal(RIGHT[5]))]


def _write(file: Path, header: list[str], line: list[str]) -> None:
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([header, line])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["repair", "--why", "x"], "give either a file of corrected rows or --rule"),
        (["repair", "nosuch.csv", "--why", " "], "--why is empty"),
        (["repair", "nosuch.csv", "--why", "x"], "cannot be read"),
        (["repair", "/dev/zero", "--why", "x"], "/dev/zero is no file"),
        (["repair", "--rule", "Quantity:type'; drop table x", "--why", "x"], "no row of online_retail.transactions"),
        (["show", "--table", "nosuch.table"], "is no table of online_retail"),
        (["show", "--from", "2010-13-01"], "is not a day"),
    ],
)
def test_mistakes_are_one_line(place: Place, arguments: list[str], expected: str) -> None:
    done = said(place, *arguments)
    assert (done.code, expected in done.line) == (2, True)


def test_a_home_without_a_warehouse_says_so(almanac: Command, shop: Path) -> None:
    done = almanac("quarantine", "list", "--home", "nothing")
    assert (done.code, "nothing has been loaded yet" in done.line) == (2, True)
    assert not (shop / "nothing").exists()
