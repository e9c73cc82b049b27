"""The shops that faults are carried out on: the real one, days of Online Retail, and the simulated one, whose fourteen
raw tables wait for each other and hold personal data.

Belongs here: their homes, which days, what arrives late. Does not belong here: commands and faults.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.settings.environment import PROJECT_ROOT, load_settings
from tests.shop_under_test import EXAMPLES, ShopUnderTest, real_rows

LATE_LINES = 20
MORE_LINES = 40
# Of seeds 1 to 399 the one whose fourth day brings a corrected file, late rows, rows that are quarantined, a restated
# order and lines that were held, and is itself whole; homes.py asserts the first four of a home.
SEED, CUSTOMERS = 235, 1000


@dataclass(frozen=True)
class FaultShop:
    """A shop under faults.

    `days`: those of a prepared home, of which the last is refreshed; `many_days_from`: where a long range begins.
    `of_days`: the shop in a new home with the files of the given days, in which the first's come in part on the last
    where `is_late`. `more`: let a further file of some tables (`more_of`) arrive for a day; each number brings others.
    `demo`: what `almanac demo` takes, in words.
    """

    name: str
    days: tuple[dt.date, ...]
    many_days_from: dt.date
    of_days: Callable[[Path, Sequence[dt.date], bool], ShopUnderTest]
    more: Callable[[ShopUnderTest, dt.date, int], None]
    more_of: tuple[str, ...]
    has_private: bool
    demo: str

    def in_a_row(self, count: int) -> list[dt.date]:
        """So many days for a long range, files or not."""
        return [self.many_days_from + dt.timedelta(days=number) for number in range(count)]


def shop_in(folder: Path, name: str, **changes: Any) -> ShopUnderTest:
    """A shop in a new home below `folder`, with a shop file of its own that any command can be given: the project's
    with `changes`."""
    content = yaml.safe_load((PROJECT_ROOT / "shops" / f"{name}.yaml").read_text())
    shops = folder / "shops"
    shops.mkdir(parents=True, exist_ok=True)
    (shops / f"{name}.yaml").write_text(yaml.safe_dump({**content, **changes}))
    shop = shop_at(folder, name)
    shop.settings.home.prepare(name)
    return shop


def shop_at(folder: Path, name: str) -> ShopUnderTest:
    """The shop whose file and home stand below `folder`."""
    environment = {"ALMANAC_SHOPS_DIR": str(folder / "shops")}
    return ShopUnderTest(load_settings(name, folder / "home", environment=environment))


def _real_days(folder: Path, days: Sequence[dt.date], is_late: bool) -> ShopUnderTest:
    sources: dict[str, Any] = {"online_retail": {"transactions": {}}}  # only what is delivered to the home arrives
    shop = shop_in(folder, "online_retail", first_day=days[0], sources=sources)
    late = real_rows(days[0])[:LATE_LINES] if is_late else []
    for day in days:
        if (EXAMPLES / f"{day}.csv.gz").exists():
            rows = real_rows(day)
            shop.deliver(day, rows[len(late) :] if day == days[0] else [*rows, *late] if day == days[-1] else rows)
    return shop


def _more_lines(shop: ShopUnderTest, day: dt.date, number: int) -> None:
    lines = real_rows(day)[MORE_LINES * number + 1 : MORE_LINES * (number + 1)]
    shop.deliver(day, lines, f"more{number}.csv")


def _simulated_days(folder: Path, days: Sequence[dt.date], is_late: bool) -> ShopUnderTest:
    """Late rows come by themselves: `is_late` changes nothing."""
    from simulator.arguments import Arguments
    from simulator.run import run

    shop = shop_in(folder, "simulated", first_day=days[0])
    arguments = Arguments(SEED, days[0], len(days), CUSTOMERS)
    run(arguments, shop.settings.home.drops, folder / "key", progress=lambda *_: None)
    return shop


# The keys of a further file's rows, and how those begin that the simulator never gives.
NEW_KEYS = {"customers": ("customer_id", "C9"), "orders": ("order_id", "O9"), "order_lines": ("order_id", "O9")}


def _more_orders(shop: ShopUnderTest, day: dt.date, number: int) -> None:
    """The day's accounts and orders once more, under other keys."""
    for table, (column, mark) in NEW_KEYS.items():
        folder = shop.settings.home.drops / "storefront" / table / f"{day}"
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        place = header.index(column)
        for row in rows:
            row[place] = f"{mark}{number}{row[place][3:]}"
        with (folder / f"more{number}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])


SHOPS = {
    "online_retail": FaultShop(
        name="online_retail",
        # Three days in a row (a Sunday and two working days); the last also brings late lines of the first.
        days=(dt.date(2011, 3, 6), dt.date(2011, 3, 7), dt.date(2011, 3, 8)),
        many_days_from=dt.date(2011, 1, 4),
        of_days=_real_days,
        more=_more_lines,
        more_of=("transactions",),
        has_private=False,
        demo="305 days",
    ),
    "simulated": FaultShop(
        name="simulated",
        days=tuple(dt.date(2025, 1, day) for day in range(1, 5)),
        many_days_from=dt.date(2025, 1, 1),
        of_days=_simulated_days,
        more=_more_orders,
        more_of=tuple(NEW_KEYS),
        has_private=True,
        demo="120 days of 5,000 customers",
    ),
}
