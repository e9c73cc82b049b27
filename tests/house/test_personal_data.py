"""A shop whose buyers are known by their addresses: through all commands none of them leaves `private/`.

The real shop, its account numbers replaced by e-mail addresses that a search can tell from everything else.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
import stat
from functools import partial
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit
from typing import Any

import duckdb
import pytest

from pipelines.hash_keys import KEY, KEY_ID
from pipelines.settings.environment import PROJECT_ROOT
from tests.command_line import SHOP, Said, deliver, in_child
from tests.file_contents import contents, files_of, packed
from tests.shop_under_test import as_csv, real_rows

pytestmark = pytest.mark.slow

DAYS = [dt.date(2010, 12, day) for day in (1, 2, 3, 5, 6)]
MAIL = "[A-Za-z0-9._-]+@[a-z-]+[.][a-z]+"
PLANTED = b"planted.example"


def rows_of(day: dt.date) -> list[list[str]]:
    """The real rows, each buyer's number as an address; without one of ten buyers' rows in plain spelling."""
    rows = real_rows(day)
    for number, row in enumerate(rows):
        if row[6]:
            name = f"Buyer{row[6][:5]}" if number % 10 == 0 else f"buyer{row[6][:5]}"
            row[6] = f"{name}@planted.example"
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's files, and a home that met wrong rows, refused files, a blocked day, a crash and a repair."""
    folder = tmp_path_factory.mktemp("privacy")
    (folder / "shops").mkdir()
    (folder / "shops" / "online_retail.yaml").write_text(f"{SHOP}demo_key: true\n")
    shutil.copytree(PROJECT_ROOT / "data_contracts", folder / "contracts")
    contract = folder / "contracts" / "sources" / "online_retail" / "transactions.odcs.yaml"
    text = contract.read_text().replace("'[0-9]{5}(?:\\.0)?'", f"'{MAIL}'").replace("value: pseudonym", "value: direct")
    contract.write_text(text.replace("maxLength: 20", "maxLength: 60"))
    home = folder / "home"
    for day in DAYS[:3]:
        rows = rows_of(day)
        if day == DAYS[1]:
            rows[4][6] = "eve at planted.example"
            rows[5][6] = "mallory@planted.example\u200b"
            rows[6][3] = "many"
            lines = as_csv(rows_of(day)[:50]).split(b"\n", 1)[1]
            deliver(home, f"{day}", lines, "headless.csv")
            deliver(home, f"{day}", as_csv(rows_of(day)[:9]) + b'"open,planted.example\n', "torn.csv")
            deliver(home, f"{day}", as_csv(rows_of(day)[:9]) + b"planted.example,short\n", "ragged.csv")
        deliver(home, f"{day}", as_csv(rows), "day.csv")
    deliver(home, f"{DAYS[3]}", as_csv(rows_of(DAYS[3])[:5]), "day.csv")  # far too few rows: blocked
    return folder


def almanac(folder: Path, *arguments: str, home: str = "home", **more: Any) -> Said:
    contracts = str(folder / "contracts")
    return in_child(folder, *arguments, "--home", home, ALMANAC_CONTRACTS_DIR=contracts, **more)


def planted_in(*files: Path) -> list[str]:
    """The files that hold a planted address, and the packed tables that do."""
    found = [f"{file}" for file in files if any(PLANTED in content.lower() for content in contents(file))]
    return [*found, *packed(files, [PLANTED.decode()], PLANTED.decode())]


def test_no_address_leaves_the_private_folder(folder: Path) -> None:
    first = almanac(folder, "backfill", "--from", f"{DAYS[0]}", "--to", f"{DAYS[3]}")
    assert first.code == 3, first.err  # a blocked day, an incomplete one
    assert f"made a random key for the hashes of personal data: {folder / 'home' / 'private' / 'demo.key'}" in first.out
    assert "quarantined by:" in first.out and "CustomerID:pattern" in first.out and "CustomerID:characters" in first.out
    assert f"{DAYS[3]} blocked: rows_implausibly_few" in first.out
    said = [first]

    deliver(folder / "home", f"{DAYS[4]}", as_csv(rows_of(DAYS[4])), "day.csv")
    # Disk full at several sizes: somewhere in the midst of landing, loading, publishing.
    for limit in (4_000, 60_000):
        broken = almanac(folder, "refresh", prepare=partial(setrlimit, RLIMIT_FSIZE, (limit, limit)))
        assert broken.code not in (0, 3), broken.out
        said.append(broken)
    assert list((folder / "home" / "logs").glob("crash-*.log"))
    second = almanac(folder, "refresh")
    assert second.code == 0, second.err
    assert "random key" not in second.out
    said.append(second)

    said += [almanac(folder, "quarantine", "list"), almanac(folder, "quarantine", "show", "--limit", "100")]
    file = folder / "held.csv"
    said.append(almanac(folder, "quarantine", "show", "--rule", "CustomerID:pattern", "--export", str(file)))
    assert "CustomerID is shown as its hash" in said[-1].out
    mend(file)
    said.append(almanac(folder, "quarantine", "repair", str(file), "--why", "asked them"))
    assert said[-1].code == 0, said[-1].err
    file.unlink()
    said += [almanac(folder, "quarantine", "replay"), almanac(folder, "doctor")]
    assert said[-2].code in (0, 3), said[-2].err
    assert "private files are there" in said[-1].out and "BAD" not in said[-1].out

    home = folder / "home"
    drops, private = files_of(home / "drops"), files_of(home / "private")
    assert len(planted_in(*drops)) == len(drops) and planted_in(*private)  # the search finds what is there
    others = [path for path in files_of(home) if path not in {*drops, *private}]
    assert {".parquet", ".duckdb", ".html", ".log", ".json", ".db"} <= {path.suffix for path in others}
    assert planted_in(*others) == []
    assert not [
        line for done in said for line in (done.out + done.err).splitlines() if PLANTED.decode() in line.lower()
    ]
    key = (home / "private" / "demo.key").read_text().strip()
    secret = (key.encode(), bytes.fromhex(key))
    assert not [path for path in others if any(part in path.read_bytes() for part in secret)]
    assert not [done for done in said if key in done.out + done.err]


def mend(file: Path) -> None:
    with file.open(newline="") as opened:
        header, *lines = list(csv.reader(opened))
    place = header.index("CustomerID")
    for line in lines:
        assert re.fullmatch("[0-9a-f]{64}", line[place])
        line[place] = "eve@planted.example"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([header, *lines])


def test_the_buyers_are_the_same_people_as_under_their_numbers(folder: Path) -> None:
    """Hashing changes what a buyer is called, not who bought what: each number has one hash and the reverse."""
    published = folder / "home" / "published" / "current" / "marts.duckdb"
    with duckdb.connect(str(published), read_only=True) as con:
        found = con.execute(
            """select customer_id, ordered_date, sum(n_orders) from (
                select customer_id, ordered_date, count(*) as n_orders from fct_orders
                where customer_id is not null and ordered_date = date '2010-12-03' group by all
            ) group by all"""
        ).fetchall()
    assert all(re.fullmatch("[0-9a-f]{64}", row[0]) for row in found)
    bought = {row[6] for row in real_rows(DAYS[2]) if row[6]}
    assert len(found) == len(bought)


def test_private_files_are_closed_and_a_run_with_another_key_is_refused(folder: Path) -> None:
    private = folder / "home" / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files_of(private)} == {0o600}
    assert json.loads((private / "key.json").read_text())["key_id"] == "demo"
    other = {KEY: "5a17" * 16, KEY_ID: "k2"}
    done = almanac(folder, "refresh", **other)
    assert done.code == 2 and "was hashed with key 'demo', this run has key 'k2'" in done.line
    assert "5a17" not in done.out + done.err
    (folder / "shops" / "online_retail.yaml").write_text(SHOP)
    deliver(folder / "empty", f"{DAYS[0]}", as_csv(rows_of(DAYS[0])[:5]), "day.csv")
    try:
        done = almanac(folder, "refresh", "--date", f"{DAYS[0]}", home="empty")
        assert done.code == 2 and "CustomerID is direct personal data and there is no key" in done.line
        assert not (folder / "empty" / "warehouse" / "warehouse.duckdb").exists()
    finally:
        (folder / "shops" / "online_retail.yaml").write_text(f"{SHOP}demo_key: true\n")
