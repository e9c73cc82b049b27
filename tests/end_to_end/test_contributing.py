"""CONTRIBUTING.md keeps its word: a source beside another is added by the files that it names, and by no other.

The example is copied into a copy of the project, file by file as the page's table lists them; then the page's
commands run. What is told of the new shop is read from its published version and through the command.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.settings.environment import PROJECT_ROOT
from tests.shop_under_test import as_csv, real_rows

pytestmark = pytest.mark.slow

PAGE = (PROJECT_ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE = PROJECT_ROOT / "examples" / "contributing" / "source"
NAMES = {"source": ["marketplace"], "table": ["sold_lines"], "entity": ["order_lines", "orders", "products"]}
NAMES |= {"shop": ["gift_shop"]}
DAYS = [dt.date(2011, 12, 5), dt.date(2011, 12, 6)]
COPIED = ("pipelines", "data_contracts", "dbt_project", "shops", "tests", "docs", "pyproject.toml", "Makefile")
HEADER = ["sale_no", "line_no", "sold_at", "article", "title", "quantity", "unit_price", "country"]


def section(title: str) -> str:
    """The text below a heading of the page."""
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def named_files(text: str) -> dict[str, set[str]]:
    """The files in the section's table: those written by hand, and those that a command writes."""
    rows = re.findall(r"^\| `([^`]+)` \| (hand|`make contracts`) \|", text, re.MULTILINE)
    found: dict[str, set[str]] = {"hand": set(), "make contracts": set()}
    for pattern, by in rows:
        found[by.strip("`")] |= set(written_out(pattern))
    return found


def written_out(pattern: str) -> list[str]:
    """A pattern with every name that its <placeholder> stands for."""
    place = re.search(r"<(\w+)>", pattern)
    if place is None:
        return [pattern]
    return [path for name in NAMES[place[1]] for path in written_out(pattern.replace(place[0], name))]


SOURCE = named_files(section("How to add a source"))


@dataclass(frozen=True)
class Project:
    """A copy of the project, and what its files were before anything was added."""

    folder: Path
    before: dict[str, str]

    def files(self) -> dict[str, str]:
        """sha256 of every file of the project."""
        return fingerprints(self.folder)

    def run(self, script: str) -> str:
        """What a script prints; it must come to its end."""
        keep = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ALMANAC_", "DAGSTER_", "SLIPCOVER_"))
        }
        keep |= {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        # The environment is there: making it anew would replace the one that runs this test.
        script = re.sub(r"^make ", "make -o .venv/dev.stamp -o .venv/core.stamp ", script, flags=re.MULTILINE)
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=self.folder, env=keep, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of a query on what the new shop published."""
        file = self.folder / ".almanac" / "gift_shop" / "published" / "current" / "marts.duckdb"
        with duckdb.connect(str(file), read_only=True) as con:
            return con.execute(sql).fetchall()


def fingerprints(folder: Path) -> dict[str, str]:
    """sha256 of every file below the copied parts of a project, by its path there."""
    paths = [path for part in COPIED for path in [folder / part, *(folder / part).rglob("*")]]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file() and not {"__pycache__", "target"} & {*path.parts}
    }


def deliver(home: Path) -> None:
    """Two days of files of both sources; a marketplace row of the second day has no readable quantity."""
    for day in DAYS:
        sold = [
            [f"S{day.day:02}000{n}", "1", f"{day} 10:0{n}:00", f"MUG{n}", f"Mug {n}", f"{n}", "2.50", "Spain"]
            for n in range(1, 5)
        ]
        if day == DAYS[1]:
            sold.append([f"S{day.day:02}0009", "1", f"{day} 12:00:00", "MUG1", "Mug 1", "many", "2.50", "Spain"])
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([HEADER, *sold])
        for table, content in (
            ("marketplace/sold_lines", text.getvalue().encode()),
            ("online_retail/transactions", as_csv(real_rows(day)[:200])),
        ):
            file = home / "drops" / table / f"{day}" / "day.csv"
            file.parent.mkdir(parents=True)
            file.write_bytes(content)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The copy, with the source added and the page's commands run."""
    folder = tmp_path_factory.mktemp("contributing")
    for name in COPIED:
        path = PROJECT_ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, folder / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    made = Project(folder, fingerprints(folder))
    for name in sorted(SOURCE["hand"]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(EXAMPLE / name, folder / name)
    deliver(folder / ".almanac" / "gift_shop")
    (script,) = re.findall(r"^```sh\n(.*?)^```$", section("How to add a source"), re.MULTILINE | re.DOTALL)
    (script,) = written_out(script.replace("<first day>", f"{DAYS[0]}").replace("<last day>", f"{DAYS[1]}"))
    made.run(re.sub(r"^#.*\n", "", script, flags=re.MULTILINE))
    return made


def test_the_example_has_just_the_files_that_the_page_names() -> None:
    there = {str(path.relative_to(EXAMPLE)) for path in EXAMPLE.rglob("*") if path.is_file()}
    assert {name for name in there if "__pycache__" not in name} == SOURCE["hand"]


def test_nothing_else_was_touched(project: Project) -> None:
    after = project.files()
    changed = {name for name in after.keys() | project.before.keys() if after.get(name) != project.before.get(name)}
    by_hand, generated = SOURCE["hand"], SOURCE["make contracts"]
    assert changed == by_hand | generated
    assert not by_hand & project.before.keys()


def test_both_sources_stand_in_the_facts(project: Project) -> None:
    found = project.query(
        """select source_system, count(*), count(distinct ordered_date), sum(line_amount)
        from fct_order_lines group by source_system order by source_system"""
    )
    (market, n_lines, n_days, amount), (other, n_others, *_) = found
    assert (market, n_lines, n_days, amount) == ("marketplace", 8, 2, 2 * 2.5 * (1 + 2 + 3 + 4))
    assert other == "online_retail" and int(str(n_others)) > 300
    assert project.query("select count(*) from dim_products where source_system = 'marketplace'") == [(4,)]


def test_the_bad_row_is_held_back_with_its_reason(project: Project) -> None:
    said = project.run(".venv/bin/almanac quarantine list --shop gift_shop")
    assert re.findall(r"(\d+) +quarantined +marketplace\.sold_lines +(\S+) +(\S+)", said) == [
        ("1", "quantity:type", f"{DAYS[1]}")
    ]
    assert project.query(
        """select arrival_date, physical_rows, accepted_rows, quarantined_rows, accounting_gap, version_gap,
            cast(current_amount as double)
        from rpt_quality_rows_daily where table_name = 'sold_lines' order by arrival_date"""
    ) == [(DAYS[0], 4, 4, 0, 0, 0, 25.0), (DAYS[1], 5, 4, 1, 0, 0, 25.0)]


def test_the_scorecard_judges_the_table(project: Project) -> None:
    found = project.query(
        """select distinct arrival_date from rpt_quality_scorecard
        where source_system = 'marketplace' and table_name = 'sold_lines' order by arrival_date"""
    )
    assert found == [(day,) for day in DAYS]


def test_explain_names_the_file(project: Project) -> None:
    said = project.run(f".venv/bin/almanac explain fct_orders order_id=MP-S{DAYS[1].day:02}0004 --shop gift_shop")
    found = re.findall(r"(marketplace\.sold_lines)  (\S+)  (\S+)  sha256", said)
    assert found == [("marketplace.sold_lines", f"{DAYS[1]}", "day.csv")]


def test_what_was_added_passes_the_tests_that_hold_all_to_the_rules(project: Project) -> None:
    tests = "tests/contracts/test_generated.py tests/contracts/test_published_contracts.py"
    tests += " tests/defs/test_statement_assets.py tests/modeling/test_cards.py"
    said = project.run(f".venv/bin/python -m pytest -p no:cacheprovider -q {tests}")
    assert "100%" in said
