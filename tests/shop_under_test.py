"""A shop in a temporary home, fed file by file and run through the real jobs; for tests and proofs alike.

Belongs here: making, feeding, running and reading such a shop. Does not belong here: what is told of it (house/).
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb

from pipelines.settings.environment import PROJECT_ROOT, Settings, load_settings
from pipelines.settings.home import Home
from pipelines.settings.shop import SourceTable

EXAMPLES = PROJECT_ROOT / "examples" / "online_retail"
HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]


def real_rows(day: dt.date) -> list[list[str]]:
    """The rows of one real day, without the header."""
    text = gzip.decompress((EXAMPLES / f"{day}.csv.gz").read_bytes()).decode()
    return list(csv.reader(io.StringIO(text)))[1:]


def as_csv(rows: Iterable[list[str]]) -> bytes:
    """A file of these rows, under the header."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    return text.getvalue().encode()


@dataclasses.dataclass
class ShopUnderTest:
    """The real shop's settings and code, with a home of its own and only the files that a test delivers."""

    settings: Settings

    def deliver(self, day: dt.date, content: bytes | list[list[str]] | None = None, name: str = "day.csv") -> Path:
        """Put a file into the home's drops; without content the real day's."""
        if content is None:
            content = real_rows(day)
        path = self.settings.home.drops / "online_retail" / "transactions" / day.isoformat() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else as_csv(content))
        return path

    def run(self, job: str, first: dt.date, last: dt.date | None = None) -> Any:
        """Run a job as the command line does, in this process."""
        from pipelines.definitions import build_definitions
        from pipelines.defs.launch import launch

        return launch(self.settings, build_definitions(self.settings), job, first, last or first)

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the current published version."""
        content = (self.settings.home.published / "current" / "manifest.json").read_text()
        manifest: dict[str, Any] = json.loads(content)
        return manifest

    @property
    def digests(self) -> dict[str, str]:
        """Digest per published table, over what two homes with the same arrivals must share."""
        return {name: table["compared_digest"] for name, table in self.manifest["tables"].items()}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the published file."""
        with duckdb.connect(str(self.settings.home.published / "current" / "marts.duckdb"), read_only=True) as con:
            return con.execute(sql).fetchall()

    def ledger(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the working file, between runs."""
        with duckdb.connect(str(self.settings.home.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()


MakeShop = Callable[..., ShopUnderTest]


def shop_maker(folder: Path) -> MakeShop:
    """Makes shops, each in a new home below `folder`; `first_day` cuts the calendar, so that a few days have no
    missing ones; with `own_code` a shop gets a copy of the models and contracts that may be changed."""
    made = 0

    def make(*, own_code: bool = False, **overrides: Any) -> ShopUnderTest:
        nonlocal made
        made += 1
        settings = load_settings("online_retail", folder / f"home{made}", environment={})
        sources = {"online_retail": {"transactions": SourceTable(drops=None)}}
        shop = settings.shop.model_copy(update={"sources": sources, **overrides})
        root = settings.project_root
        if own_code:
            root = folder / f"project{made}"
            for part in ("dbt_project", "data_contracts"):
                shutil.copytree(PROJECT_ROOT / part, root / part, ignore=shutil.ignore_patterns("target"))
        settings = dataclasses.replace(settings, shop=shop, project_root=root, home=Home(settings.home.path))
        settings.home.prepare(shop.name)
        return ShopUnderTest(settings)

    return make
