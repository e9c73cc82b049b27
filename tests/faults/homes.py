"""A home made ready for faults, put back before each, and what must hold in it after one.

Belongs here: preparing, restoring, looking. Does not belong here: faults, nor commands (commands.py).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from pipelines.store.published.publication import current_version, list_versions, verify_version
from tests.command_line import Said
from tests.faults.commands import run
from tests.faults.shops import FaultShop, shop_at
from tests.shop_under_test import ShopUnderTest

# Found by its second half, whose first byte is rare: the first half alone would be tried at every byte of a home.
DOMAIN, ACCOUNT = re.compile(rb"@[\w-]+\.[\w.]+"), re.compile(rb"[\w.+-]+\Z")
EXIT_DATA = 3  # a day of the range is open: a file of it has not come yet
WORKERS = 2  # homes at a time: a refresh leaves half of two cores idle
Task = TypeVar("Task")


@dataclass
class Prepared:
    """A home with all days but the last published and the last one delivered, its copy, and what an undisturbed
    refresh of the last day makes of it: the digests of its tables, and a copy of the home (`done`)."""

    story: FaultShop
    shop: ShopUnderTest
    copy: Path
    digests: dict[str, str]

    @property
    def last(self) -> dt.date:
        """The day that is refreshed."""
        return self.story.days[-1]

    @property
    def done(self) -> Path:
        """The copy of the home after an undisturbed refresh of the last day."""
        return self.copy.with_name("copy-done")

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
        return wrong + torn(self.shop) + rows_lost(self.shop, self.last) + unsplit(self.shop)


def prepared_homes(story: FaultShop, folder: Path, count: int) -> list[Prepared]:
    """As many homes as faults are carried out at a time."""
    with ThreadPoolExecutor(WORKERS) as pool:
        places = [folder / f"shop{number}" for number in range(min(WORKERS, count))]
        return list(pool.map(lambda place: prepared(story, place), places))


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


def prepared(story: FaultShop, folder: Path) -> Prepared:
    """Make the home: backfill, copy, refresh. Takes about a minute."""
    shop = story.of_days(folder, story.days, True)
    first, *_, before, last = story.days
    green(run(shop, "backfill", "--from", f"{first}", "--to", f"{before}"), EXIT_DATA)
    shutil.copytree(shop.settings.home.path, folder / "copy", symlinks=True)
    green(run(shop, "refresh", "--date", f"{last}"))
    home = Prepared(story, shop, folder / "copy", shop.digests)
    home.kept("done")
    wrong = torn(shop) + rows_lost(shop, last) + missing_in(shop, story)
    assert not wrong, wrong
    return home


def taken_up(story: FaultShop, folder: Path) -> Prepared:
    """A copy of a folder that `prepared` has filled: the home as it left it."""
    shop = shop_at(folder, story.name)
    return Prepared(story, shop, folder / "copy", shop.digests)


def missing_in(shop: ShopUnderTest, story: FaultShop) -> list[str]:
    """What the last day does not bring though it should: its story would prove less than it says."""
    if not story.has_private:
        return []
    asked = {
        "a late or corrected file": "select 1 from ledger.deliveries where stands_for < arrival_date",
        "a refused file": "select 1 from ledger.deliveries where state = 'refused'",
        "late rows": "select 1 from ledger.row_counts where outcome = 'accepted' and event_date < arrival_date - 1",
        "quarantined rows": "select 1 from quality.quarantined_rows where state = 'quarantined'",
    }
    return [f"no {what}" for what, sql in asked.items() if not shop.ledger(f"{sql} limit 1")]


def green(ended: Said, *also: int) -> Said:
    """The ended command; raises when it did not end well: with 0, or a code that its story allows."""
    assert ended.code in (0, *also), (ended.code, ended.errors, ended.output)
    return ended


def torn(shop: ShopUnderTest) -> list[str]:
    """What is wrong with the published versions: each must be whole, in bytes and in rows."""
    published = shop.settings.home.published
    if current_version(published) is None:
        return ["nothing is published"]
    return [f"{v.version}: {problem}" for v in list_versions(published) for problem in verify_version(v.path)]


def one_line_of(ended: Said, *words: str) -> list[str]:
    """What is wrong with how a command failed: it must say why in one line that holds the words, and not crash."""
    if ended.code <= 0:
        return [f"it ended with {ended.code}"]
    if len(ended.errors) != 1 or "Traceback" in ended.errors[0]:
        return [f"it said {len(ended.errors)} lines: {' / '.join(ended.errors[-4:])[:400]}"]
    return [f"its line does not say {word!r}: {ended.errors[0][:300]}" for word in words if word not in ended.errors[0]]


def rows_lost(shop: ShopUnderTest, *days: dt.date, tables: int = 1) -> list[str]:
    """Where the working file does not hold what its ledger acknowledged; the `days` must be acknowledged, in so many
    raw tables or more."""
    lost = []
    with duckdb.connect(str(shop.settings.home.warehouse), read_only=True) as con:
        there = {row[0] for row in con.execute("select table_name from duckdb_tables() where schema_name = 'raw'")
                 .fetchall()}  # fmt: skip
        for source, table, _ in shop.settings.shop.raw_tables():
            if f"{source}__{table}" in there:
                lost += _rows_lost(con, source, table)
        known = dict(con.execute(
            "select arrival_date, count(distinct (source, table_name)) from ledger.deliveries "
            "where state = 'accepted' group by all"
        ).fetchall())  # fmt: skip
    return lost + [f"an acknowledged delivery of {day} is gone" for day in days if known.get(day, 0) < tables]


def unsplit(shop: ShopUnderTest) -> list[str]:
    """Where e-mail addresses of the drops are found outside `private/`, and what a split left half done in there."""
    home = shop.settings.home
    known = {text for file in home.drops.rglob("*.csv") for text in _addresses(file.read_bytes())}
    named = {f"{path}" for (path,) in shop.ledger("select raw_path from ledger.deliveries where raw_path is not null")}
    split = {f"{file.relative_to(home.private)}" for file in home.private.rglob("*.parquet")}
    wrong = [f"{name} was left in private/" for name in sorted(split - named)]
    for file in home.path.rglob("*"):
        if not file.is_file() or {home.drops, home.private} & set(file.parents):
            continue
        held = file.read_bytes()
        if file.suffix == ".parquet":
            # One that a kill left half written has no footer: what it holds is what its bytes say.
            with duckdb.connect() as con, contextlib.suppress(duckdb.InvalidInputException):
                held += str(con.execute("from read_parquet(?)", [str(file)]).fetchall()).encode()
        wrong += [f"{file} holds {len(found)} addresses"] if (found := known & _addresses(held)) else []
    return wrong


def _addresses(held: bytes) -> set[bytes]:
    """The e-mail addresses in some bytes."""
    found = set()
    for domain in DOMAIN.finditer(held):
        if account := ACCOUNT.search(held, max(0, domain.start() - 64), domain.start()):
            found.add(account[0] + domain[0])
    return found


def _rows_lost(con: duckdb.DuckDBPyConnection, source: str, table: str) -> list[str]:
    differing = con.execute(
        f"""with acknowledged as (
            select delivery_id, sum(row_count)::bigint as n from ledger.row_counts
            where outcome = 'accepted' and source = ? and table_name = ? group by all
        ),
        there as (select _delivery_id as delivery_id, count(*) as n from raw.{source}__{table} group by 1)
        select delivery_id, coalesce(a.n, 0), coalesce(t.n, 0)
        from acknowledged as a full join there as t using (delivery_id)
        where coalesce(a.n, 0) <> coalesce(t.n, 0) order by all""",
        [source, table],
    ).fetchall()
    return [f"{name}: {said} rows acknowledged, {there} there" for name, said, there in differing]
