"""The way back out of quarantine, as a person goes it: show, correct, repair, replay; then all is as if right."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest

from tests.command_line import SHOP, Said, deliver, in_child
from tests.shop_under_test import as_csv, real_rows

pytestmark = pytest.mark.slow

DAYS = [dt.date(2010, 12, day) for day in (1, 2, 3)]
BROKEN = {4: (3, "many"), 9: (5, "12,75"), 11: (4, "2010-12-02T08:45")}  # row: (column, text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two homes of one shop: in `broken` three lines of the second day came damaged, in `right` they did not. In both
    the third day is open, for a file that was refused."""
    folder = tmp_path_factory.mktemp("quarantine")
    (folder / "shops").mkdir()
    (folder / "shops" / "online_retail.yaml").write_text(SHOP)
    for day in DAYS:
        rows = real_rows(day)
        deliver(folder / "right", f"{day}", as_csv(rows), "day.csv")
        if day == DAYS[1]:
            for number, (column, text) in BROKEN.items():
                rows[number][column] = text
        deliver(folder / "broken", f"{day}", as_csv(rows), "day.csv")
    for home in ("right", "broken"):
        deliver(folder / home, f"{DAYS[2]}", b"no such header\n", "part2.csv")
        done = in_child(folder, "backfill", "--from", f"{DAYS[0]}", "--to", f"{DAYS[2]}", "--home", home)
        assert done.code == 3, done.err
    return folder


def said(folder: Path, *arguments: str) -> Said:
    return in_child(folder, "quarantine", *arguments, "--home", "broken")


def digests(folder: Path, home: str) -> dict[str, str]:
    manifest = json.loads((folder / home / "published" / "current" / "manifest.json").read_text())
    return {name: table["compared_digest"] for name, table in manifest["tables"].items()}


def test_a_repaired_row_lands_as_if_it_had_been_right_the_first_day(folder: Path) -> None:
    assert digests(folder, "broken") != digests(folder, "right")
    listed = said(folder, "list").out
    for rule in ("Quantity:type", "UnitPrice:type", "InvoiceDate:type"):
        assert f"quarantined  online_retail.transactions  {rule}  {DAYS[1]}" in listed

    shown = said(folder, "show", "--rule", "UnitPrice:type").out
    assert "UnitPrice=12,75" in shown
    assert "many" not in shown

    file = folder / "held.csv"
    assert said(folder, "show", "--export", str(file)).code == 0
    again = said(folder, "show", "--export", str(file))
    assert (again.code, "is there already" in again.line) == (2, True)
    too_long = said(folder, "show", "--export", "x" * 300)
    assert (too_long.code, "cannot be written (File name too long)" in too_long.line) == (2, True)

    refused = said(folder, "repair", str(file), "--why", "nothing was corrected")
    assert (refused.code, "is unchanged" in refused.line) == (2, True)

    wanted = real_rows(DAYS[1])
    with file.open(newline="") as opened:
        header, *lines = list(csv.reader(opened))
    for line in lines:
        line[3:] = wanted[int(line[1]) - 1]
    half = [*lines[:2], [*lines[2][:3], *lines[2][3:8], "still wrong", *lines[2][9:]]]
    _write(file, header, half)
    refused = said(folder, "repair", str(file), "--why", "one is wrong")
    assert (refused.code, "would still break" in refused.line) == (2, True)
    assert "nothing has been recorded" in refused.line
    assert said(folder, "replay").out == "no repair waits\n"

    _write(file, header, lines)
    done = said(folder, "repair", str(file), "--who", "Ada", "--why", "the till was fixed by hand")
    assert (done.code, "repair 1 recorded: 3 rows" in done.out) == (0, True)
    assert "by Ada" in said(folder, "list").out
    assert "3 rows wait for: almanac quarantine replay" in said(folder, "list").out

    replayed = said(folder, "replay")
    assert replayed.code == 0, replayed.err  # the repaired day is whole; the open one is none of its business
    assert replayed.out.startswith(f"quarantine replay online_retail {DAYS[1]} to {DAYS[2]}\n")
    assert digests(folder, "broken") == digests(folder, "right")
    listed = said(folder, "list").out
    assert listed.startswith("nothing is held back\nrepair 1 of online_retail.transactions: 3 rows, by Ada on ")
    assert "the till was fixed by hand (replayed)" in listed
    assert said(folder, "replay").out == "no repair waits\n"
    # What came is still there as it came.
    with duckdb.connect() as con:
        raw = con.execute(
            "select count(*) from read_parquet(?) where Quantity = 'many'",
            [str(folder / "broken" / "raw" / "online_retail" / "transactions" / f"{DAYS[1]}" / "*.parquet")],
        ).fetchone()
    assert raw == (1,)


def _write(file: Path, header: list[str], lines: list[list[str]]) -> None:
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([header, *lines])


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
def test_mistakes_are_one_line(folder: Path, arguments: list[str], expected: str) -> None:
    done = said(folder, *arguments)
    assert (done.code, expected in done.line) == (2, True)


def test_a_home_without_a_warehouse_says_so(folder: Path) -> None:
    done = in_child(folder, "quarantine", "list", "--home", "nothing")
    assert (done.code, "nothing has been loaded yet" in done.line) == (2, True)
    assert not (folder / "nothing").exists()
