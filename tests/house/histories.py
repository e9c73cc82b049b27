"""Two ways to the same arrivals, told once: the proofs compare them over a month (`make prove PART=refresh`).

Belongs here: what is delivered when, and run in which order. Does not belong here: what must be equal in the end.
Days without a real file are days on which the shop was closed: nothing is delivered, and a daily replay runs anyway.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.shop_under_test import EXAMPLES, MakeShop, ShopUnderTest, as_csv, real_rows

# What counts by arrival, not by event day: it must differ when the same rows arrive on other days.
BY_ARRIVAL = frozenset({"rpt_quality_rows_daily", "rpt_quality_reasons_daily", "rpt_quality_scorecard"})
# The tables that are replaced day by day and depend on nothing but the day's own rows.
DAY_LOCAL = ("customer_days", "demand_daily", "fct_order_lines", "fct_orders", "kpi_daily")
Days = Sequence[dt.date]


@dataclass(frozen=True)
class History:
    """Two homes with the same arrivals, and what their runs said."""

    whole: ShopUnderTest
    daily: ShopUnderTest
    whole_run: Any
    daily_runs: list[Any]

    @property
    def equal(self) -> bool:
        """True when every published table holds the same."""
        return self.whole.digests == self.daily.digests


def days_from(first: dt.date, count: int) -> list[dt.date]:
    """`count` calendar days."""
    return [first + dt.timedelta(days=offset) for offset in range(count)]


def delivered(make_shop: MakeShop, days: Days, **overrides: Any) -> ShopUnderTest:
    """A shop that opened on the first of the days, with the real files of all of them."""
    shop = make_shop(first_day=days[0], **overrides)
    for day in days:
        if (EXAMPLES / f"{day}.csv.gz").exists():
            shop.deliver(day)
    return shop


def in_one_run(shop: ShopUnderTest, days: Days) -> Any:
    """Backfill all days in one run."""
    return shop.run("backfill", days[0], days[-1])


def day_by_day(shop: ShopUnderTest, days: Days) -> list[Any]:
    """Refresh the days one after the other."""
    return [shop.run("refresh", day) for day in days]


def without(digests: dict[str, str], names: frozenset[str] = BY_ARRIVAL) -> dict[str, str]:
    """The digests of all other tables."""
    return {name: digest for name, digest in digests.items() if name not in names}


def played(whole: ShopUnderTest, daily: ShopUnderTest, days: Days) -> History:
    """One home in one run, the other day by day."""
    return History(whole, daily, in_one_run(whole, days), day_by_day(daily, days))


def one_run_and_daily_runs(make_shop: MakeShop, days: Days) -> History:
    """The plain case."""
    return played(delivered(make_shop, days), delivered(make_shop, days), days)


def a_blocked_day(make_shop: MakeShop, days: Days, bad_day: dt.date) -> History:
    """No quantity of `bad_day` is a number."""
    shops = [delivered(make_shop, days) for _ in range(2)]
    for shop in shops:
        shop.deliver(bad_day, [[*row[:3], "many", *row[4:]] for row in real_rows(bad_day)])
    return played(shops[0], shops[1], days)


def late_rows(make_shop: MakeShop, days: Days, day: dt.date, arrives: dt.date, count: int = 40) -> History:
    """`count` rows of `day` come in a file of their own on a later day."""
    rows = real_rows(day)
    late = [row for row in rows if rows.count(row) == 1][100 : 100 + count]
    assert len(late) == count
    shops = [delivered(make_shop, days) for _ in range(2)]
    for shop in shops:
        shop.deliver(day, [row for row in rows if row not in late])
        shop.deliver(arrives, as_csv(late), name="late.csv")
    return played(shops[0], shops[1], days)


@dataclass(frozen=True)
class MovedOrder:
    """A history in which the order `order_id` moved; where it stood, as (day, orders), before and after."""

    history: History
    order_id: str
    before: list[tuple[Any, ...]]
    after: list[tuple[Any, ...]]


def a_moved_order(make_shop: MakeShop, days: Days, day: dt.date) -> MovedOrder:
    """The day after `day` brings a line of an order of `day` that carries an earlier time: the order moves to the day
    before."""
    row = real_rows(day)[-1]
    earlier, later = day - dt.timedelta(days=1), day + dt.timedelta(days=1)
    shops = [delivered(make_shop, days) for _ in range(2)]
    for shop in shops:
        shop.deliver(later, as_csv([[*row[:4], f"{earlier} 09:00:00", *row[5:]]]), name="late.csv")
    whole, daily = shops
    where = f"select ordered_date, count(*) from fct_orders where order_id = '{row[0]}' group by all order by all"
    split = list(days).index(later)
    runs = day_by_day(daily, days[:split])
    before = daily.query(where)
    runs += day_by_day(daily, days[split:])
    history = History(whole, daily, in_one_run(whole, days), runs)
    return MovedOrder(history, row[0], before, daily.query(where))


@dataclass(frozen=True)
class NewerCode:
    """A history whose daily home was begun by older code; its digests before the code changed."""

    history: History
    before: dict[str, str]


def an_older_codes_home(make_shop: MakeShop, days: Days, kept: int) -> NewerCode:
    """The first `kept` days are built by a core fact that counts returned units otherwise (and passes its tests), the
    rest come by refreshes of today's."""
    old = delivered(make_shop, days, own_code=True)
    model = old.settings.dbt_project_dir / "models" / "core" / "fct_orders.sql"
    newest = model.read_text()
    model.write_text(newest.replace("-sum(quantity) filter", "-sum(quantity + 1) filter"))
    assert newest != model.read_text()
    runs = [in_one_run(old, days[:kept])]
    before = old.digests
    model.write_text(newest)
    clean = delivered(make_shop, days)
    whole_run = in_one_run(clean, days)
    runs += day_by_day(old, days[kept:])
    return NewerCode(History(clean, old, whole_run, runs), before)


@dataclass(frozen=True)
class LateDays:
    """A standing home into which one file brings late rows of many days, and a home built clean from the same files.

    `replaced`: (table, event day, rows deleted, rows inserted) of the run that took the late file in.
    """

    standing: ShopUnderTest
    clean: ShopUnderTest
    runs: list[Any]
    late: Days
    replaced: list[tuple[Any, ...]]


def late_days(make_shop: MakeShop, days: Days, late: Days, arrives: dt.date, count: int = 5) -> LateDays:
    """`count` rows of each of the `late` days come in one file on `arrives`, a day of its own after `days`: all files
    of an arrival day are loaded together, so beside others it would have their days replaced too."""
    shops = [delivered(make_shop, days) for _ in range(2)]
    missing: list[list[str]] = []
    for day in late:
        rows = real_rows(day)
        held_back = [row for row in rows if rows.count(row) == 1][-count:]
        missing += held_back
        for shop in shops:
            shop.deliver(day, [row for row in rows if row not in held_back])
    standing, clean = shops
    runs = [standing.run("backfill", days[0], days[-1])]
    known = "select count(*) from ledger.replaced_days"
    [(before,)] = standing.ledger(known)
    for shop in shops:
        shop.deliver(arrives, as_csv(missing), name="late.csv")
    runs += [standing.run("refresh", arrives), clean.run("backfill", days[0], arrives)]
    replaced = standing.ledger(
        f"""select table_name, event_date, rows_deleted, rows_inserted from ledger.replaced_days
        qualify row_number() over (order by rowid) > {before} order by all"""
    )
    return LateDays(standing, clean, runs, late, replaced)
