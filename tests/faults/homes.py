"""A home made ready for faults, put back before each, and what must hold in it after one.

Belongs here: preparing, restoring, looking. Does not belong here: faults, nor commands (commands.py).
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from pipelines.warehouse.publication import current_version, list_versions, verify_version
from tests.faults.commands import Ended, run, shop_of_days
from tests.shop_under_test import ShopUnderTest, real_rows

# Three days in a row of the real shop (a Sunday and two working days); the last also brings late lines of the first.
DAYS = (dt.date(2011, 3, 6), dt.date(2011, 3, 7), dt.date(2011, 3, 8))
LATE_LINES = 20
WORKERS = 2  # homes at a time: a refresh leaves half of two cores idle
Task = TypeVar("Task")


@dataclass
class Prepared:
    """A home with all days but the last published and the last one delivered, its copy, and what an undisturbed
    refresh of the last day makes of it: the digests of its tables."""

    shop: ShopUnderTest
    copy: Path
    last: dt.date
    digests: dict[str, str]

    def restored(self, copy: Path | None = None) -> ShopUnderTest:
        """Put the home back to how it was before the last day, or to another copy."""
        shutil.rmtree(self.shop.settings.home.path)
        shutil.copytree(copy or self.copy, self.shop.settings.home.path, symlinks=True)
        return self.shop

    def kept(self, name: str) -> Path:
        """Copy the home as it is now; the copy."""
        copy = self.copy.with_name(f"copy-{name}")
        shutil.copytree(self.shop.settings.home.path, copy, symlinks=True)
        return copy

    def refresh(self) -> list[str]:
        """Refresh the last day, undisturbed; what is wrong then: it must be green and equal, with no row lost."""
        ended = run(self.shop, "refresh", "--date", f"{self.last}")
        if ended.code != 0:
            return [f"the next run ended with {ended.code}: {' / '.join(ended.errors[-3:])}"]
        wrong = [] if self.shop.digests == self.digests else ["the next run's digests differ"]
        return wrong + torn(self.shop) + rows_lost(self.shop, self.last)


def prepared_homes(folder: Path, count: int) -> list[Prepared]:
    """As many homes as faults are carried out at a time."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(prepared, [folder / f"shop{number}" for number in range(min(WORKERS, count))]))


def share(homes: Sequence[Prepared], tasks: Iterable[Task], work: Callable[[Prepared, Task], object]) -> None:
    """Carry out all tasks, each in the next home that is free; tasks are drawn one by one, when a home is."""
    lock, left = threading.Lock(), iter(tasks)

    def next_task() -> list[Task]:
        with lock:
            return list(itertools.islice(left, 1))

    def work_on(home: Prepared) -> None:
        while task := next_task():
            work(home, task[0])

    with ThreadPoolExecutor(len(homes)) as pool:
        for done in [pool.submit(work_on, home) for home in homes]:
            done.result()


def prepared(folder: Path) -> Prepared:
    """Make the home: backfill, copy, refresh. Takes about a minute."""
    shop = shop_of_days(folder, DAYS[0])
    late = real_rows(DAYS[0])[:LATE_LINES]
    for day in DAYS:
        rows = real_rows(day)
        shop.deliver(day, rows[LATE_LINES:] if day == DAYS[0] else [*rows, *late] if day == DAYS[-1] else rows)
    green(run(shop, "backfill", "--from", f"{DAYS[0]}", "--to", f"{DAYS[-2]}"))
    shutil.copytree(shop.settings.home.path, folder / "copy", symlinks=True)
    green(run(shop, "refresh", "--date", f"{DAYS[-1]}"))
    home = Prepared(shop, folder / "copy", DAYS[-1], shop.digests)
    wrong = torn(shop) + rows_lost(shop, DAYS[-1])
    assert not wrong, wrong
    return home


def green(ended: Ended) -> Ended:
    """The ended command; raises when it did not end well."""
    assert ended.code == 0, (ended.code, ended.errors, ended.output)
    return ended


def torn(shop: ShopUnderTest) -> list[str]:
    """What is wrong with the published versions: each must be whole, in bytes and in rows."""
    published = shop.settings.home.published
    if current_version(published) is None:
        return ["nothing is published"]
    return [f"{v.version}: {problem}" for v in list_versions(published) for problem in verify_version(v.path)]


def one_line_of(ended: Ended, *words: str) -> list[str]:
    """What is wrong with how a command failed: it must say why in one line that holds the words, and not crash."""
    if ended.code <= 0:
        return [f"it ended with {ended.code}"]
    if len(ended.errors) != 1 or "Traceback" in ended.errors[0]:
        return [f"it said {len(ended.errors)} lines: {' / '.join(ended.errors[-4:])[:400]}"]
    return [f"its line does not say {word!r}: {ended.errors[0][:300]}" for word in words if word not in ended.errors[0]]


def rows_lost(shop: ShopUnderTest, *days: dt.date) -> list[str]:
    """Where the working file does not hold what its ledger acknowledged; the `days` must be acknowledged."""
    with duckdb.connect(str(shop.settings.home.warehouse), read_only=True) as con:
        differing = con.execute(
            """with acknowledged as (
                select delivery_id, sum(row_count)::bigint as n from ledger.row_counts
                where outcome = 'accepted' group by all
            ),
            there as (select _delivery_id as delivery_id, count(*) as n from raw.online_retail__transactions group by 1)
            select delivery_id, coalesce(a.n, 0), coalesce(t.n, 0)
            from acknowledged as a full join there as t using (delivery_id)
            where coalesce(a.n, 0) <> coalesce(t.n, 0) order by all"""
        ).fetchall()
        known = {row[0] for row in con.execute(
            "select arrival_date from ledger.deliveries where state = 'accepted'"
        ).fetchall()}  # fmt: skip
    lost = [f"{name}: {said} rows acknowledged, {there} there" for name, said, there in differing]
    return lost + [f"the acknowledged delivery of {day} is gone" for day in days if day not in known]
