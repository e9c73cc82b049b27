"""writer: second writers beside a refresh, a daily refresh beside a backfill, and the writer's own handles.

Belongs here: who else wants to write, and how they are told no. Does not belong here: homes and commands.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.proofs.rows import Row
from tests.command_line import PATIENCE_SECONDS, Running
from tests.faults.commands import run, start
from tests.faults.homes import EXIT_DATA, Prepared, green, one_line_of, prepared, rows_lost, torn
from tests.faults.places import Kill, watch
from tests.faults.progress import told
from tests.faults.shops import FaultShop
from tests.shop_under_test import ShopUnderTest

EXIT_LOCKED = 4
# Where the first writer is held while the others come: the transaction of the load, dbt, a model's write, publication.
HELD_AT = ("load", "dbt", "writing", "publishing")


@contextmanager
def held(home: Prepared, place: str) -> Iterator[Running]:
    """A real refresh, stopped at a place with all its locks; afterwards it goes on to its end. Its handles on the
    working file are told."""
    shop, trace = home.restored(), home.copy.with_name(f"trace-held-{place}")
    trace.unlink(missing_ok=True)
    stop = partial(stopped_and_watched, trace, _handles(home), shop.settings.home.warehouse, Kill(place))
    running = start(shop, "refresh", "--date", f"{home.last}", prepare=stop)
    wait_until(lambda: state_of(running.process.pid) == "T")
    try:
        yield running
    finally:
        os.kill(running.process.pid or 0, signal.SIGCONT)


def stopped_and_watched(trace: Path, told_in: Path, warehouse: Path, pause: Kill) -> None:
    """What the process of a held refresh does first."""
    watch_handles(told_in, warehouse)
    watch(trace, warehouse, pause=pause)


def _handles(home: Prepared) -> Path:
    return home.copy.with_name("handles")


def wait_until(is_so: Any) -> None:
    """Look until something is so; raises TimeoutError when it takes too long."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > limit:
            raise TimeoutError("what was waited for did not come")
        time.sleep(0.05)


def state_of(pid: int | None) -> str:
    """A process's state letter: R, S, T (stopped) ..."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def other_writers(home: Prepared, count: int) -> Iterator[list[str]]:
    """`count` ways to begin to write."""
    first = home.story.days[0]
    ways = [
        ["refresh", "--date", f"{home.last}"],
        ["backfill", "--from", f"{first}", "--to", f"{home.last}"],
        ["refresh"],
        ["rollback", "v0001"],
        ["refresh", "--date", f"{first}"],
    ]
    for number in range(count):
        yield ways[number % len(ways)]


def refused(home: Prepared, place: str, count: int) -> tuple[int, list[str]]:
    """(writers that were refused, what is wrong) beside a refresh held at a place, which then ends well."""
    wrong, refusals = [], 0
    with held(home, place) as first:
        pid = first.process.pid
        for command in other_writers(home, count):
            ended = run(home.shop, *command)
            said = one_line_of(ended, f"process {pid} (run ", "since 2", "try later")
            said += [] if ended.code == EXIT_LOCKED else [f"its exit code is {ended.code}"]
            refusals += not said
            wrong += [f"{' '.join(command)} beside {place}: {problem}" for problem in said]
        if not opened_elsewhere(home.shop) and place == "load":
            wrong.append("another program could open the working file while the load was under way")
    ended = first.wait()
    if ended.code != 0:
        wrong.append(f"the first writer, held at {place}, ended with {ended.code}: {' / '.join(ended.errors[-2:])}")
        return refusals, wrong
    wrong += [] if home.shop.digests == home.digests else [f"held at {place}: its digests differ"]
    return refusals, wrong + torn(home.shop) + rows_lost(home.shop, *home.story.days)


def opened_elsewhere(shop: ShopUnderTest) -> bool:
    """True when DuckDB refuses the working file to another program."""
    code = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True)"
    command = [sys.executable, "-c", code, str(shop.settings.home.warehouse)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode != 0 and "lock" in ended.stderr


def watch_handles(told_in: Path, warehouse: Path) -> None:
    """Write down every opening of the working file in this process but by `duckdb.connect`, and every one of these
    that finds another handle open: closing either of two handles drops DuckDB's lock."""
    import duckdb

    real, handle = duckdb.connect, os.open(told_in, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    name = str(warehouse)

    def handles() -> int:
        links = []
        for entry in Path("/proc/self/fd").iterdir():
            try:
                links.append(os.readlink(entry))  # noqa: PTH115 - the link's own text, also of a file that is gone
            except OSError:
                continue
        return links.count(name)

    def connect(*arguments: Any, **named: Any) -> Any:
        database = str(arguments[0] if arguments else named.get("database", ""))
        if database == name:
            os.write(handle, f"connect {handles()}\n".encode())
        return real(*arguments, **named)

    def hook(event: str, arguments: Any) -> None:
        if event in {"open", "os.rename", "os.link", "shutil.copyfile"} and name in [str(a) for a in arguments[:2]]:
            os.write(handle, f"{event} {arguments[:2]}\n".encode())

    sys.addaudithook(hook)
    duckdb.connect = connect


def handles_of_held(home: Prepared) -> list[str]:
    """Lines of `watch_handles` over all refreshes that were held, each of which came to its end."""
    return _handles(home).read_text().splitlines()


def backfill_beside_a_refresh(story: FaultShop, folder: Path, partitions: int) -> tuple[str, list[str]]:
    """(how the refresh was answered, what is wrong): a backfill of the partitions, a refresh of the last of them
    started beside it and again after it; compared with both one after the other."""
    days = story.in_a_row(partitions)
    span, last = ["--from", f"{days[0]}", "--to", f"{days[-2]}"], ["refresh", "--date", f"{days[-1]}"]
    serial, both = story.of_days(folder / "serial", days, False), story.of_days(folder / "beside", days, False)
    for command in (["backfill", *span], last):
        green(run(serial, *command), EXIT_DATA)
    backfill = start(both, "backfill", *span)
    wait_until(lambda: both.settings.home.writer_lock.exists() and both.settings.home.writer_lock.read_text())
    answered = run(both, *last)
    wrong = [] if backfill.process.is_alive() else ["the backfill was done before the refresh was answered"]
    wrong += one_line_of(answered, f"process {backfill.process.pid} (run ")
    wrong += [] if answered.code == EXIT_LOCKED else [f"the refresh's exit code is {answered.code}"]
    green(backfill.wait(), EXIT_DATA)
    green(run(both, *last), EXIT_DATA)
    wrong += [] if both.digests == serial.digests else ["its digests differ from the serial ones"]
    return f"refused with code {answered.code}, then green", wrong + torn(both)


def rows(story: FaultShop, folder: Path, count: int) -> Iterator[Row]:
    """The bars of `count` second writers, and of a backfill of 30 partitions beside a refresh (of 4 for less than 20
    writers)."""
    home, began = prepared(story, folder / "shop"), time.monotonic()
    refusals, wrong = 0, list[str]()
    places = HELD_AT[: max(1, count // 5)]
    for place in places:
        found, problems = refused(home, place, count // len(places))
        refusals, wrong = refusals + found, wrong + problems
        told(f"{refusals} refused: held at {place}", began)
    asked = count // len(places) * len(places)
    text = "; ".join([f"{refusals} of {asked} refused with exit code 4, held at {', '.join(places)}", *wrong[:2]])
    yield Row(f"{asked} second writers refused, the holder named, the first ends green and equal", text,
              not wrong and refusals == asked)  # fmt: skip
    lines = handles_of_held(home)
    second = [line for line in lines if line != "connect 0"]
    text = "; ".join([f"{len(lines)} openings, {len(second)} beside another handle or past DuckDB", *second[:2]])
    yield Row("the writer never opens or copies its working file beside DuckDB", text, bool(lines) and not second)
    partitions = 30 if count >= 20 else 4
    answer, wrong = backfill_beside_a_refresh(story, folder, partitions)
    yield Row(f"{partitions}-partition backfill and a refresh beside it: refused clearly, equals serial",
              "; ".join([answer, *wrong]), not wrong)  # fmt: skip
