"""The homes of Online Retail that the tests of this folder share: one week, told twice.

Belongs here: what is delivered when, run in which order, and what was seen on the way. Does not belong here: what must
be so. In `clean` every file comes on time and one run loads all. In `restless` the same sales come as they do in bad
weeks: a day blocked at first, a corrected file, rows and a line that come late, a file twice, a row that no gate lets
through, a home begun by older code; in the end both shops have sold the same. Each run leaves a version.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.settings.environment import PROJECT_ROOT, load_settings
from tests.command_line import SHOP, Prepare, Said, deliver, in_child
from tests.lean_runs import lean, leanly
from tests.shop_under_test import ShopUnderTest, as_csv, real_rows

# Monday to Friday; on Saturday the shop is closed. The runbooks speak of these days.
DAYS = [dt.date(2011, 12, day) for day in (5, 6, 7, 8, 9)]
CLOSED = dt.date(2011, 12, 10)
# An invoice of the first day that comes on the last, and one of the fourth whose late line has a time on the third.
LATE_INVOICE = [row[0] for row in real_rows(DAYS[0]) if row[6] and row[0][0] != "C"][-1]
LATE = [row for row in real_rows(DAYS[0]) if row[0] == LATE_INVOICE]
LAST_OF_FOURTH = real_rows(DAYS[3])[-1]
MOVED = [*LAST_OF_FOURTH[:4], f"{DAYS[2]} 09:00:00", *LAST_OF_FOURTH[5:]]
# Of the fourth day a sale of three pieces, whose number arrives as a word.
BROKEN_AT = next(number for number, row in enumerate(real_rows(DAYS[3])) if row[3] == "3" and row[0][0] != "C")
WHOLE_SHOP = SHOP.replace("2010-12-01", f"{DAYS[0]}") + "keep_versions: 9\n"


def rows_of(number: int) -> list[list[str]]:
    """The right rows of a day's own file: without what comes late and what is not let through."""
    rows = real_rows(DAYS[number])
    if number == 3:
        del rows[BROKEN_AT]
    return [row for row in rows if row not in LATE] if number == 0 else rows


@dataclass(frozen=True)
class Place:
    """A folder with the shop's file and its home, in which commands are run; it keeps what they said and what was
    seen between them."""

    folder: Path

    @classmethod
    def new(cls, folder: Path) -> Place:
        """An empty one."""
        (folder / "shops").mkdir()
        (folder / "shops" / "online_retail.yaml").write_text(WHOLE_SHOP)
        return cls(folder)

    @property
    def shop(self) -> ShopUnderTest:
        """The shop, to be looked into."""
        environment = {"ALMANAC_SHOPS_DIR": str(self.folder / "shops")}
        return ShopUnderTest(load_settings("online_retail", self.folder / "home", environment=environment))

    def deliver(self, day: dt.date, rows: list[list[str]], name: str = "day.csv") -> None:
        """Let a file arrive, or another one of its name."""
        deliver(self.folder / "home", f"{day}", as_csv(rows), name)

    def run(self, *arguments: str, prepare: Prepare | None = None) -> Said:
        """Run a command in the home."""
        return in_child(self.folder, *arguments, "--home", "home", prepare=prepare)

    def versions(self) -> list[dict[str, Any]]:
        """The manifest of each version, oldest first."""
        found = (self.folder / "home" / "published" / "versions").glob("*/manifest.json")
        return [json.loads(file.read_text()) for file in sorted(found)]

    def note(self, name: str, seen: Any) -> None:
        """Keep what was seen or said."""
        (self.folder / f"{name}.json").write_text(json.dumps(seen, default=str))

    def noted(self, name: str) -> Any:
        """What was kept under the name."""
        return json.loads((self.folder / f"{name}.json").read_text())


def clean(folder: Path) -> None:
    """All that was sold, on time, in one run that ends on the closed day."""
    place = Place.new(folder)
    for number, day in enumerate(DAYS):
        place.deliver(day, [*rows_of(number), *(LATE if number == 0 else [])])
    place.deliver(DAYS[4], [MOVED], "late.csv")
    done = place.run("backfill", "--from", f"{DAYS[0]}", "--to", f"{CLOSED}")
    assert (done.code, done.err) == (0, ""), done


FORECASTS = "select as_of_date, min(made_at) from ml.ml_inventory__demand_forecasts group by all order by all"
WHERE_IT_STANDS = f"select ordered_date, count(*) from fct_orders where order_id = '{MOVED[0]}' group by all"
REPLACED = "select table_name, event_date, rows_deleted, rows_inserted from ledger.replaced_days order by rowid"


def restless(folder: Path) -> None:
    """The same sales as they come in a bad week."""
    place = Place.new(folder)
    _begun_by_older_code(place)
    place.note("forecasts of the first run", place.shop.ledger(FORECASTS))

    place.deliver(DAYS[0], rows_of(0))
    place.deliver(DAYS[1], rows_of(1))
    _told(place, "earlier days", "backfill", "--from", f"{DAYS[0]}", "--to", f"{DAYS[1]}", prepare=leanly)
    place.note("forecasts of the second run", place.shop.ledger(FORECASTS))
    place.note("the order before", place.shop.query(WHERE_IT_STANDS))

    [(known,)] = place.shop.ledger("select count(*) from ledger.replaced_days")
    place.deliver(DAYS[4], rows_of(4)[:-20])
    place.deliver(DAYS[4], [*LATE, MOVED], "late.csv")
    place.deliver(DAYS[4], rows_of(0)[:30], "again.csv")
    _told(place, "late rows", "refresh", "--date", f"{DAYS[4]}", prepare=leanly)
    place.note("the order after", place.shop.query(WHERE_IT_STANDS))
    place.note("replaced", place.shop.ledger(REPLACED)[known:])

    _told(place, "closed day", "refresh", "--date", f"{CLOSED}")
    place.note("calendar", place.shop.query("select max(calendar_date) from dim_dates"))
    place.deliver(DAYS[4], rows_of(4))
    _told(place, "last day", "refresh")
    place.note("forecasts of the last run", place.shop.ledger(FORECASTS))
    _told(place, "once more", "refresh")


def _told(place: Place, name: str, *arguments: str, prepare: Prepare | None = None) -> None:
    done = place.run(*arguments, prepare=prepare)
    place.note(name, dataclasses.astuple(done))
    assert done.code == 0, done


def _begun_by_older_code(place: Place) -> None:
    """The second day is no sale at all, the first one is wrong, and a core fact counts returned units otherwise (and
    passes its tests)."""
    code = place.folder / "older code"
    for part in ("dbt_project", "data_contracts"):
        shutil.copytree(PROJECT_ROOT / part, code / part, ignore=shutil.ignore_patterns("target"))
    model = code / "dbt_project" / "models" / "core" / "fct_orders.sql"
    newest = model.read_text()
    model.write_text(newest.replace("-sum(quantity) filter", "-sum(quantity + 1) filter"))
    assert newest != model.read_text()
    wrong = [[*row[:3], "7", *row[4:]] if row[0][0] != "C" else row for row in rows_of(0)]
    place.deliver(DAYS[0], wrong)
    place.deliver(DAYS[1], [[*row[:3], "many", *row[4:]] for row in rows_of(1)])
    place.deliver(DAYS[2], rows_of(2))
    fourth = real_rows(DAYS[3])
    fourth[BROKEN_AT][3] = "many"
    place.deliver(DAYS[3], fourth)
    shop = place.shop
    shop.settings = dataclasses.replace(shop.settings, project_root=code)
    with lean():
        outcome = shop.run("backfill", DAYS[0], DAYS[3])
    assert outcome.success, outcome.errors
    place.note("warnings of the first run", list(outcome.warnings))
    place.note(
        "orders of the blocked day", shop.query(f"select count(*) from fct_orders where ordered_date = '{DAYS[1]}'")
    )
    shutil.rmtree(code)
