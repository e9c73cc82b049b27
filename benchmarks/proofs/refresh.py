"""The bars of the refresh on the 305 real files: rows, pennies, holes, old clients, readers, cost, style.

Belongs here: whole commands and what they leave behind. Does not belong here: histories that must end equal
(equality.py), kills (faults.py).
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb

from benchmarks import backfill, demo_shop, gate
from benchmarks.normalised import unit_of_this_machine
from benchmarks.processes import COMMAND, run
from benchmarks.proofs import equality
from benchmarks.proofs.faults import readers_while_publishing
from benchmarks.proofs.rows import Proof, Row, from_figures
from tests.end_to_end.old_clients import VERSIONS, figures, old_python
from tests.house.histories import delivered
from tests.shop_under_test import EXAMPLES, shop_maker

DEMO_SECONDS = 300
PHYSICAL, QUARANTINED, DUPLICATES = 541_909, 0, 5_268
TOTAL, TOTAL_OF_DUPLICATES = Decimal("9747747.9340"), Decimal("21740.9800")
HOLE = dt.date(2011, 6, 15)


def demo_home(folder: Path) -> Path:
    """Where `the_demo` leaves its home for the proofs after it."""
    return folder / "demo"


def the_demo(folder: Path) -> Iterator[Row]:
    """The demo in a fresh home, then once more."""
    first = run([*COMMAND, "demo", "online_retail", "--home", str(demo_home(folder))])
    yield Row("demo in a fresh home: exit 0", f"exit {first.code}" + _tail(first.output, first.code), first.code == 0)
    seen = f"{first.wall:.0f} s wall, {first.cpu:.0f} s CPU"
    yield Row(f"demo <= {DEMO_SECONDS} s", seen, first.wall <= DEMO_SECONDS)
    again = run([*COMMAND, "demo", "online_retail", "--home", str(demo_home(folder))])
    said = again.output.count("nothing changed")
    seen = f"exit {again.code}, said of {said} of 2 runs, {again.wall:.0f} s" + _tail(again.output, again.code)
    yield Row("a second demo says that nothing changed", seen, again.code == 0 and said == 2)


def _tail(output: str, code: int) -> str:
    return f": {' '.join(output.split())[-200:]}" if code else ""


def every_row_and_penny(folder: Path) -> Iterator[Row]:
    """The ledger of the demo's home, to the row and the cent, and the same out of the published version."""
    with duckdb.connect(str(demo_home(folder) / "warehouse" / "warehouse.duckdb"), read_only=True) as con:
        physical = con.execute("select sum(physical_rows)::bigint from ledger.deliveries").fetchall()[0][0]
        found = con.execute("select outcome, sum(row_count)::bigint, sum(amount) from ledger.row_counts group by all")
        by_outcome = {outcome: (rows, amount) for outcome, rows, amount in found.fetchall()}
        kept = con.execute("select count(*) from quality.quarantined_rows").fetchall()[0][0]
    yield _rows_add_up("the ledger", physical, {name: rows for name, (rows, _) in by_outcome.items()})
    total = sum((amount for _, amount in by_outcome.values()), Decimal(0))
    of_copies = by_outcome["duplicate"][1]
    bar = f"quantity x price {TOTAL:,}, {TOTAL_OF_DUPLICATES:,} of it in duplicates"
    yield Row(bar, f"{total:,}, {of_copies:,}", (total, of_copies) == (TOTAL, TOTAL_OF_DUPLICATES))
    with duckdb.connect(str(demo_home(folder) / "published" / "current" / "marts.duckdb"), read_only=True) as con:
        lines = con.execute("select count(*) from fct_order_lines").fetchall()[0][0]
    accepted = PHYSICAL - DUPLICATES - QUARANTINED
    yield Row(f"{accepted:,} published lines, {QUARANTINED} rows in quarantine", f"{lines:,}, {kept}",
              (lines, kept) == (accepted, QUARANTINED))  # fmt: skip


def _rows_add_up(where: str, physical: int, rows: dict[str, int]) -> Row:
    parts = {name: rows.get(name, 0) for name in ("accepted", "quarantined", "duplicate", "blocked")}
    holds = physical == PHYSICAL == sum(parts.values())
    holds = holds and (parts["quarantined"], parts["duplicate"], parts["blocked"]) == (QUARANTINED, DUPLICATES, 0)
    seen = f"{physical:,} = " + " + ".join(f"{count:,} {name}" for name, count in parts.items())
    bar = f"{PHYSICAL:,} physical = accepted + {QUARANTINED} quarantined + {DUPLICATES:,} duplicates"
    return Row(f"{bar} ({where})", seen, holds)


def a_missing_file_is_named(folder: Path) -> Iterator[Row]:
    """All files but one, in one run; then the missing one."""
    shop = delivered(shop_maker(folder / "hole"), [dt.date.fromisoformat(p.name[:10]) for p in _files()])
    file = shop.settings.home.drops / "online_retail" / "transactions" / HOLE.isoformat() / "day.csv"
    content = file.read_bytes()
    file.unlink()
    outcome = shop.run("backfill", shop.settings.shop.first_day, dt.date.fromisoformat(_files()[-1].name[:10]))
    state = shop.manifest["quality_state"]
    named = [(entry["day"], entry["verdict"]) for entry in shop.manifest["facts"]["open_days"]]
    holds = outcome.success and state == "incomplete" and named == [(HOLE.isoformat(), "missing")]
    yield Row(f"without the file of {HOLE}: incomplete, the day named", f"{state}, {named}", holds)
    file.write_bytes(content)
    mended = shop.run("refresh", HOLE)
    seen = f"{shop.manifest['quality_state']}, open days {len(shop.manifest['facts']['open_days'])}"
    yield Row("its file delivered after all: complete", seen, mended.success and seen == "complete, open days 0")


def _files() -> list[Path]:
    return sorted(EXAMPLES.glob("*.csv.gz"))


def old_clients(folder: Path) -> Iterator[Row]:
    """The demo's published file in the DuckDB versions that BI tools ship."""
    published = demo_home(folder) / "published" / "current"
    wanted = {name: t["rows"] for name, t in json.loads((published / "manifest.json").read_text())["tables"].items()}
    ours = figures(sys.executable, published / "marts.duckdb")
    for version in VERSIONS:
        old = figures(old_python(version, folder / "clients"), published / "marts.duckdb")
        same = old["tables"] == ours["tables"] and {n: t["rows"] for n, t in old["tables"].items()} == wanted
        seen = f"{old['version']}: {len(old['tables'])} tables, {sum(t['rows'] for t in old['tables'].values()):,} rows"
        yield Row(f"DuckDB {version} reads every published table alike", seen, same)


def cost(folder: Path) -> Iterator[Row]:
    """The figures of `make bench` that have a bar."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as name:
        place = Path(name)
        full = backfill.full_build(place / "full")
        yield from from_figures(backfill.replace_days(place / "standing", full))
        yield from from_figures(demo_shop.measure(place, unit_of_this_machine()))
        yield from from_figures(gate.measure(place))


def style(folder: Path) -> Iterator[Row]:
    """Linters, types, layers, and Dagster's own look at the code location."""
    programs = Path(sys.executable).parent
    home = folder / "validated"
    for command in (
        "ruff check .",
        "ruff format --check .",
        "mypy",
        "sqlfluff lint dbt_project",
        "lint-imports",
        "dagster definitions validate -w workspace.yaml",
    ):
        program, *arguments = command.split()
        (home / "dagster").mkdir(parents=True, exist_ok=True)
        done = run(
            [str(programs / program), *arguments],
            {"ALMANAC_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), "ALMANAC_SHOP": "online_retail"},
        )
        yield Row(command, f"exit {done.code}" + _tail(done.output, done.code), done.code == 0)


PROOFS: tuple[Proof, ...] = (
    the_demo,
    every_row_and_penny,
    a_missing_file_is_named,
    *equality.PROOFS,
    old_clients,
    readers_while_publishing,
    cost,
    style,
)
