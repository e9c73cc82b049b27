"""A project of a dozen models and a shop in it, run through the real engine: its folder, its homes, its runs.

Belongs here: making the project out of `project/` and what every project shares (macros, generic tests, the model over
the calendar, dbt's own configuration), feeding a home of it, running it, reading it. Does not belong here: what is
delivered (story.py) and what is proven.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.contracts.generated import render_dbt_files, write_files
from pipelines.definitions import build_definitions
from pipelines.defs.launch import launch
from pipelines.defs.outcome import Outcome
from pipelines.modeling.statements import Statement
from pipelines.settings.environment import PROJECT_ROOT, Settings, load_settings
from pipelines.settings.home import Home
from tests.engine.sales.statements import PACE
from tests.shop_under_test import ShopUnderTest

HERE = Path(__file__).parent / "project"
# What a dbt project of ours has beside the models of its domains.
SHARED = ("dbt_project.yml", "profiles.yml", "macros", "tests", "models/columns.md")
OF_THE_LEDGER = ("_almanac__sources.yml", "stg_ledger__calendar_days.sql", "stg_ledger__calendar_days.yml")
# Of the two tables that come as CSV, in the contracts' order.
COLUMNS = {
    "till.sales": ("sale_id", "line_no", "sold_at", "customer_id", "product_id", "quantity", "unit_price"),
    "web.orders": ("order_id", "updated_at", "ordered_at", "customer_id", "email", "status"),
}
KEY = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"

Row = Mapping[str, Any]
Place = tuple[str, dt.date, str]
"""Where a file arrives: `source.table`, arrival day, name."""


def make_project(root: Path) -> Path:
    """The toy project in `root`: its own models and contracts beside the real macros, tests and configuration, and
    what is generated from the contracts."""
    dbt = root / "dbt_project"
    shutil.copytree(HERE / "models", dbt / "models")
    for part in ("data_contracts", "shops"):
        shutil.copytree(HERE / part, root / part)
    for part in (*SHARED, *(f"models/staging/almanac/{name}" for name in OF_THE_LEDGER)):
        source, target = PROJECT_ROOT / "dbt_project" / part, dbt / part
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    write_files(render_dbt_files(root))
    return root


@dataclasses.dataclass
class Toy(ShopUnderTest):
    """The toy shop in a home of its own, and what was delivered to it, by place: a file that comes again under its
    name is the place's next content, if a run has seen the one before. Its definitions are made once; `changed`
    forgets them."""

    delivered: dict[Place, list[bytes]]
    unseen: set[Place] = dataclasses.field(default_factory=set)
    statements: Sequence[Statement] = (PACE,)
    made: dict[Home, dg.Definitions] = dataclasses.field(default_factory=dict, repr=False)

    @classmethod
    def make(cls, project: Path, home: Path, **changes: Any) -> Toy:
        """The shop of `project` with the home in `home`, new or standing; `changes` to its shop file."""
        told = {
            "ALMANAC_SHOPS_DIR": f"{project / 'shops'}",
            "ALMANAC_PRIVACY_KEY": KEY,
            "ALMANAC_PRIVACY_KEY_ID": "toy",
        }
        settings = load_settings("toy", home, environment=told)
        shop = settings.shop.model_copy(update=changes)
        settings = dataclasses.replace(settings, shop=shop, project_root=project, memory_limit="500MB", threads=1)
        settings.home.prepare(shop.name)
        delivered = {}
        for file in settings.home.drops.glob("*/*/*/*"):
            source, table, day = file.relative_to(settings.home.drops).parts[:3]
            delivered[f"{source}.{table}", dt.date.fromisoformat(day), file.name] = [file.read_bytes()]
        return cls(settings, delivered)

    def copy(self, home: Path) -> Toy:
        """The same in a copy of the home."""
        shutil.copytree(self.settings.home.path, home, symlinks=True)
        return self.fork(home=Home(home))

    def fork(self, **changes: Any) -> Toy:
        """The same with other settings, such as another project, and what is delivered to it from now on its own."""
        settings = dataclasses.replace(self.settings, **changes)
        delivered = {place: list(contents) for place, contents in self.delivered.items()}
        return Toy(settings, delivered, set(self.unseen), self.statements, {} if changes else self.made)

    def put(self, table: str, day: dt.date, content: Iterable[Row] | bytes, name: str | None = None) -> Path:
        """Let a file of `source.table` arrive on the day: rows as the table's contract has them, or any bytes."""
        source, _, short = table.partition(".")
        folder = self.settings.home.drops / source / short / f"{day}"
        path = folder / (name or f"day.{'csv' if table in COLUMNS else 'jsonl'}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else as_file(table, list(content)))
        contents = self.delivered.setdefault((table, day, path.name), [])
        if (table, day, path.name) in self.unseen:
            contents.pop()
        self.unseen.add((table, day, path.name))
        contents.append(path.read_bytes())
        return path

    def take_away(self, table: str, day: dt.date, name: str) -> None:
        """Remove a file that no run has seen."""
        source, _, short = table.partition(".")
        (self.settings.home.drops / source / short / f"{day}" / name).unlink()
        del self.delivered[table, day, name]
        self.unseen.remove((table, day, name))

    def run(self, job: str, first: dt.date, last: dt.date | None = None) -> Outcome:
        """Run a job as the command line does, in this process."""
        self.unseen = {place for place in self.unseen if not first <= place[1] <= (last or first)}
        return self.run_in(self.settings, job, first, last or first)

    def run_in(self, settings: Settings, job: str, first: dt.date, last: dt.date) -> Outcome:
        """Run a job on another home of the shop, such as the scratch home of a replay."""
        if settings.home not in self.made:
            self.made[settings.home] = build_definitions(settings, statements=self.statements)
        return launch(settings, self.made[settings.home], job, first, last)

    def with_own_code(self, root: Path) -> Toy:
        """The same home on a copy of the project, whose files may be changed."""
        shutil.copytree(self.settings.project_root, root)
        return self.fork(project_root=root)

    def changed(self, file: str, old: str, new: str) -> None:
        """Change a file of the project (a path in it) in one place."""
        path = self.settings.project_root / file
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))
        self.made.clear()


def as_file(table: str, rows: Sequence[Row]) -> bytes:
    """The bytes of a file of these rows."""
    if table not in COLUMNS:
        return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS[table], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
