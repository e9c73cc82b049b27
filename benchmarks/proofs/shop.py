"""The bars of the simulated shop: bytes, speed, grades on seeds that nobody has seen, equality, the demo's time.

Belongs here: whole commands on shops drawn at run time. Does not belong here: a grade (simulator.grading), its faults
(tests/simulator/test_grading.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterator
from math import log
from pathlib import Path

import duckdb

from benchmarks.processes import COMMAND, GIB, Cost, run
from benchmarks.proofs.rows import Proof, Row
from benchmarks.proofs.tested import tested

FIRST = dt.date(2025, 1, 1)
SEEDS, PLANTED_ROWS = 3, 200
DEMO_SECONDS, DEMO_BYTES = 300, 4 * GIB
REPLAYED_DAYS, REPLAYED_CUSTOMERS = 30, 1000
SIZES = (2_500, 5_000, 10_000, 20_000)


def simulate(folder: Path, *, key: Path | None = None, seed: int = 7, days: int = 120, customers: int = 5000) -> Cost:
    """Simulate a shop into the home in `folder`; raises RuntimeError when that fails."""
    where = ["--out", str(folder / "drops"), "--key", str(key or folder.with_name(f"{folder.name}.key"))]
    size = ["--seed", f"{seed}", "--days", f"{days}", "--customers", f"{customers}"]
    done = run([*COMMAND, "simulate", *size, *where])
    if done.code:
        raise RuntimeError(done.output)
    return done


def load(home: Path, job: str, first: dt.date, last: dt.date) -> Cost:
    """Backfill or refresh the simulated shop; days that the simulator left open are no failure."""
    days = ["--date", f"{last}"] if job == "refresh" else ["--from", f"{first}", "--to", f"{last}"]
    done = run([*COMMAND, job, *days, "--shop", "simulated", "--home", str(home)])
    if done.code not in (0, 3):
        raise RuntimeError(done.output)
    return done


def digests(home: Path) -> dict[str, str]:
    """The digest of every published table over what must be equal, and that of the version."""
    manifest = json.loads((home / "published" / "current" / "manifest.json").read_text())
    return {
        **{name: table["compared_digest"] for name, table in manifest["tables"].items()},
        "version": manifest["digest"],
    }


def bytes_of(folder: Path) -> dict[str, str]:
    """The fingerprint of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f"{path.relative_to(folder)}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def same_bytes(folder: Path) -> Iterator[Row]:
    """The same arguments twice, and more days of them."""
    simulate(folder / "once", days=60)
    simulate(folder / "again", days=60)
    simulate(folder / "longer", days=90)
    once, again, longer = (bytes_of(folder / name / "drops") for name in ("once", "again", "longer"))
    yield Row("the same arguments give the same bytes", f"{len(once):,} files", once == again)
    changed = sorted(name for name, digest in once.items() if longer.get(name) != digest)
    seen = f"{len(once):,} of {len(longer):,} files" + (f"; changed: {changed[:3]}" if changed else "")
    yield Row("more days leave the earlier files as they are", seen, not changed and len(longer) > len(once))


def speed(folder: Path) -> Iterator[Row]:
    """CPU seconds over the shop's size."""
    costs, orders = [], []
    for customers in SIZES:
        home = folder / f"size-{customers}"
        costs.append(simulate(home, customers=customers).cpu)
        with duckdb.connect() as con:
            key = str(home.with_name(f"{home.name}.key") / "orders.parquet")
            found = con.execute("select count(distinct order_id) from read_parquet(?)", [key]).fetchall()
        orders.append(found[0][0])
    told = ", ".join(f"{n:,} orders {1000 * c / n:.2f} CPU s per 1,000" for n, c in zip(orders, costs, strict=True))
    exponent = log(costs[-1] / costs[0]) / log(orders[-1] / orders[0])
    yield Row("cost of simulate grows at most linearly in orders (exponent <= 1.1)", f"{exponent:.2f}; {told}",
              exponent <= 1.1)  # fmt: skip


def unseen_seeds(folder: Path) -> Iterator[Row]:
    """The demo on seeds drawn now: what `almanac grade` says of each."""
    for _ in range(SEEDS):
        seed = secrets.randbelow(1_000_000)
        home = folder / f"seed-{seed}"
        done = run([*COMMAND, "demo", "--seed", f"{seed}", "--home", str(home)])
        parts = (done.output.strip().splitlines() or [""])[-1].strip()
        told = f"exit {done.code}, {done.cpu:.0f} CPU s, {parts}"
        yield Row(f"seed {seed}: the demo ends with 0", told, done.code == 0)
        yield Row(f"seed {seed}: within {DEMO_SECONDS} s", f"{done.wall:.0f} s", done.wall <= DEMO_SECONDS)
        peak = f"{done.peak / GIB:.2f} GiB"
        yield Row(f"seed {seed}: peak memory under 4 GiB", peak, done.peak < DEMO_BYTES)
        yield from _graded(seed, home)
        for line in done.output.splitlines():
            if line.strip().startswith(("demand: ", "customers: ")):
                print(f"    {line.strip()}", flush=True)


def _graded(seed: int, home: Path) -> Iterator[Row]:
    grades = json.loads((home / "grades.json").read_text())
    for capability in dict.fromkeys(grade["capability"] for grade in grades):
        of_it = [grade for grade in grades if grade["capability"] == capability]
        missed = [f"{grade['measure']} {grade['value']}" for grade in of_it if not grade["pass"]]
        seen = f"{len(of_it) - len(missed)} of {len(of_it)}" + (f"; missed: {'; '.join(missed)}" if missed else "")
        yield Row(f"seed {seed}: grades of {capability}", seen, not missed)
    with duckdb.connect() as con:
        counted = con.execute(
            "select class, count(*) from read_parquet(?) group by class order by 2",
            [str(home.with_name(f"{home.name}.key") / "dirt.parquet")],
        ).fetchall()
    seen = f"{len(counted)} classes, the least {counted[0][0]} {counted[0][1]:,}"
    yield Row(f"seed {seed}: {PLANTED_ROWS} planted rows of each class", seen, counted[0][1] >= PLANTED_ROWS)


def one_run_equals_daily_runs(folder: Path) -> Iterator[Row]:
    """Thirty days in one run without the key, the same day by day with the key beside the home."""
    last = FIRST + dt.timedelta(days=REPLAYED_DAYS - 1)
    whole, daily = folder / "whole", folder / "daily"
    seed = secrets.randbelow(1_000_000)
    for home, key in ((whole, folder / "elsewhere" / "key"), (daily, None)):
        simulate(home, key=key, seed=seed, days=REPLAYED_DAYS, customers=REPLAYED_CUSTOMERS)
    (whole / "private").mkdir(mode=0o700)
    load(whole, "backfill", FIRST, last)
    (daily / "private").mkdir(mode=0o700, exist_ok=True)
    for file in (whole / "private").glob("*key*"):  # hashes are compared: both homes hash with one key
        (daily / "private" / file.name).write_bytes(file.read_bytes())
        (daily / "private" / file.name).chmod(0o600)
    for number in range(REPLAYED_DAYS):
        load(daily, "refresh", FIRST, FIRST + dt.timedelta(days=number))
    here, there = digests(whole), digests(daily)
    differ = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
    seen = f"differ: {', '.join(differ)}" if differ else f"{len(here)} tables, digest {here['version'][:12]}"
    yield Row(f"{REPLAYED_DAYS} days in one run without the key = day by day beside it", seen, not differ)


def claims(folder: Path) -> Iterator[Row]:
    """What is shown by tests."""
    yield tested("every grade has a fault that it catches", ["tests/simulator/test_grading.py"])
    yield tested("the drops agree with the key, read a second time", ["tests/simulator"], names="not grading")
    yield tested(
        "no planted address outside private/",
        ["tests/house/test_personal_data.py", "tests/end_to_end/test_simulated_shop.py"],
        names="address or person",
    )
    yield tested("a source and a model are added by the page", ["tests/end_to_end/test_contributing.py"])


PROOFS: tuple[Proof, ...] = (same_bytes, speed, unseen_seeds, one_run_equals_daily_runs, claims)
