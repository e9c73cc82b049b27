"""`almanac new` keeps its word: one of each kind is added by the commands of CONTRIBUTING.md, and all of it works.

In a copy of the project the page's commands run, and those of a second source that brings the same entity; then the
lines that they name go into the shop file, and a small simulated shop is refreshed and graded. No other file that stood
is changed by any of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest

from pipelines.settings.environment import PROJECT_ROOT

pytestmark = pytest.mark.slow

PAGE = (PROJECT_ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMES = {"domain": "clubs", "source": "till", "entity": "stamps", "mart": "stamps_daily", "model": "stamp_level"}
NAMES |= {"section": "stamps_seen", "grade": "stamps_told"}
# A source beside the first that brings the same entity, with files of its own.
ALMANAC = ".venv/bin/almanac"
SECOND = f"{ALMANAC} new source kiosk --entity stamps\n{ALMANAC} new entity stamps --source kiosk\n"
SHOP = "shops/simulated.yaml"
DAYS, LAST = 9, "2025-01-09"
NEW = {"fct_stamps", "rpt_clubs_stamps_daily", "rpt_clubs_stamp_level"}
HEADER = "stamp_id,occurred_at,product_id,stamp_amount,amount_currency\n"
PATHS = ("pipelines", "simulator", "tests", "dbt_project", "data_contracts", "docs", "shops", "pyproject.toml")
PATHS += ("Makefile", "linters", "README.md", "CONTRIBUTING.md", ".sqlfluff", ".sqlfluffignore")
# Which models a shop has, and which of them it publishes.
PUBLISHED = """
import sys
from pipelines.contracts.outputs import load_output_contracts
from pipelines.defs.lineage import shop_lineage
from pipelines.defs.manifest import held_manifest
from pipelines.defs.statements import all_statements
from pipelines.settings.environment import load_settings
from pipelines.store.published.lineage import published_tables
settings = load_settings("online_retail", sys.argv[1])
lineage = shop_lineage(held_manifest(settings), load_output_contracts(settings.outputs_dir), all_statements())
print(sorted(table.name for table in published_tables(lineage.held.content)))
"""


@dataclass(frozen=True)
class Project:
    """A copy of the project, what its files were, and what the commands printed."""

    folder: Path
    before: dict[str, str]
    told: str
    graded: str = ""

    def run(self, script: str, code: int = 0) -> str:
        """What a script prints; it must end with the code."""
        done = run(self.folder, script)
        assert done.returncode == code, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of a query on what the shop published."""
        with duckdb.connect(str(self.folder / "home/published/current/marts.duckdb"), read_only=True) as con:
            return con.execute(sql).fetchall()


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    keep = {
        name: value for name, value in os.environ.items() if not name.startswith(("ALMANAC_", "DAGSTER_", "SLIPCOVER_"))
    }
    # Modules and commands of this environment, the code of the copy.
    keep |= {"PYTHONPATH": str(folder), "PATH": f"{Path(sys.executable).parent}:{keep['PATH']}"}
    keep |= {"PYTHONDONTWRITEBYTECODE": "1"}
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=keep, capture_output=True, text=True, timeout=600)


def fingerprints(folder: Path) -> dict[str, str]:
    paths = [path for part in PATHS for path in [folder / part, *(folder / part).rglob("*")]]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file() and not {"__pycache__", "target"} & {*path.parts}
    }


def commands() -> str:
    """The page's recipe with a name in every place, as it is typed in a checkout."""
    (recipe,) = re.findall(r"^## How to add a part\n.*?^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return re.sub(r"<(\w+)>", lambda place: NAMES[place[1]], recipe)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The copy, with one of each kind, the second source, and the shop file as the commands say."""
    folder = tmp_path_factory.mktemp("new") / "project"
    folder.mkdir()
    for name in PATHS:
        if (PROJECT_ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "target")
            shutil.copytree(PROJECT_ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy2(PROJECT_ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    before = fingerprints(folder)
    *added, contracts = commands().splitlines()
    assert contracts == "make contracts"
    done = run(folder, "\n".join([*added, SECOND, "python -m pipelines.contracts"]))
    assert done.returncode == 0, done.stdout + done.stderr
    lines = dict.fromkeys(re.findall(r"below sources:\n(  \w+:\n    \w+: \{\}\n)", done.stdout))
    assert len(lines) == 2
    shop = (folder / SHOP).read_text()
    (folder / SHOP).write_text(shop.replace("sources:\n", "sources:\n" + "".join(lines), 1))
    return Project(folder, before, done.stdout)


@pytest.fixture(scope="module")
def refreshed(project: Project) -> Project:
    """The copy whose simulated shop was refreshed, with a file from the kiosk, and graded; with what that printed."""
    file = project.folder / f"home/drops/kiosk/stamps/{LAST}/day.csv"
    file.parent.mkdir(parents=True)
    rows = ["E0000000001,{} 10:00:00,MUG1,2.50,USD", "E0000000002,{} 11:00:00,MUG2,many,USD"]
    file.write_text(HEADER + "".join(f"{row.format(LAST)}\n" for row in rows))
    simulate = f"almanac simulate --days {DAYS} --customers 200 --home home"
    loaded = run(project.folder, f"{simulate} && almanac backfill --from 2025-01-01 --to {LAST} --home home")
    assert loaded.returncode in (0, 3), loaded.stdout + loaded.stderr
    return replace(project, graded=run(project.folder, "almanac grade --home home").stdout)


def test_no_file_that_stood_is_changed_but_the_shop_file(project: Project) -> None:
    after = fingerprints(project.folder)
    assert [name for name, told in project.before.items() if after.get(name) != told] == [SHOP]
    written = {*re.findall(r"^wrote (\S+)$", project.told, re.MULTILINE)}
    assert written and {name.removeprefix(f"{project.folder}/") for name in written} == after.keys() - project.before


def test_where_something_is_written_and_what_it_reads_is_said_first(project: Project) -> None:
    told = project.told.splitlines()
    assert told[0] == f"in {project.folder}:"
    assert told.count(told[0]) == len(commands().splitlines()) - 1 + SECOND.count("\n")
    assert "it reads rpt_clubs_stamps_daily: calendar_date, n_stamps, stamp_amount, amount_currency" in told


def test_a_name_that_is_taken_and_what_is_not_there_are_told_in_one_line(project: Project) -> None:
    before = fingerprints(project.folder)
    for command, said in (
        ("domain clubs", "the domain 'clubs' is there already"),
        ("source till --entity stamps", "the source 'till' is there already"),
        ("entity stamps --source till", "the entity 'stamps' is there already"),
        ("mart stamps_daily --domain clubs --entity stamps", "the mart 'stamps_daily' is there already"),
        ("mart kpi_daily --domain clubs --entity stamps", "there is a dbt model 'kpi_daily' already"),
        ("mart more --domain clubs --entity nothing", "there is no entity 'nothing'"),
        ("mart more --domain nowhere --entity stamps", "there is no domain 'nowhere'"),
        ("mart more --domain clubs --entity locations", "no fct_* in dbt_project/models/core unites the entity"),
        ("mart more --domain clubs --entity fulfilment_stages", "fct_fulfilment_stages has no column that is"),
        ("model stamp_level --domain clubs --mart stamps_daily", "the model 'stamp_level' is there already"),
        ("section kpi --domain clubs", "there is a section 'kpi' already"),
        ("section more --domain sales --table rpt_x", "there is no published table 'rpt_x'"),
        ("system till", "the system 'till' is there already"),
        ("system storefront --table orders", "storefront.orders has other columns than the skeleton"),
        ("grade more --system warehouse --table rpt_clubs_stamps_daily", "system warehouse has no table with"),
        ("grade stamps_told --system till --table rpt_clubs_stamps_daily", "the grade 'stamps_told' is there already"),
        ("grade more --system till --table rpt_clubs_stamps_daily", "is graded already"),
        ("grade more --system till --table rpt_sales_kpi_daily", "source till, 'rpt_sales_kpi_daily'"),
        ("entity other --source nowhere", "there is no source 'nowhere'"),
        ("domain select", "is a reserved word"),
    ):  # fmt: skip
        done = run(project.folder, f"{ALMANAC} new {command}")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert done.stderr.startswith("almanac: ") and said in done.stderr, done.stderr
    assert fingerprints(project.folder) == before


def test_what_was_written_is_in_form_and_its_tests_pass(project: Project) -> None:
    project.run("ruff check . && ruff format --check . && lint-imports --no-cache")
    models = "dbt_project/models"
    project.run(f"sqlfluff lint {models}/marts/clubs {models}/published/clubs {models}/conformed/till "
                f"{models}/core/fct_stamps.sql && python -m linters.portable_sql")  # fmt: skip
    # As the commands have printed it, but for what is left to be written and what is graded below.
    printed = re.findall(r"^  \d\. \.venv/bin/python -m pytest (.*)$", project.told, re.MULTILINE)
    tests = dict.fromkeys(path for line in printed for path in line.split())
    left = {"tests/reporting/test_texts.py", "tests/simulator/test_grading.py"}
    assert len(tests) == 7 and left < tests.keys()
    more = "tests/defs/test_statement_assets.py tests/reporting/test_text_use.py"
    command = f".venv/bin/python -m pytest -p no:cacheprovider {' '.join([*tests.keys() - left, more])}"
    assert "100%" in project.run(command)


def test_what_is_left_to_be_written_is_named_and_stops_a_release(project: Project) -> None:
    said = project.run(".venv/bin/python -m pytest -p no:cacheprovider tests/reporting/test_texts.py", code=1)
    for name in ("stamps_seen.title", "stamps_seen.short", "clubs: PAGE.title", "clubs: PAGE.about", "stamps told"):
        assert f"'{name}" in said, name
    assert "2 failed" in said
    before = fingerprints(project.folder)
    done = run(project.folder, f"{ALMANAC} contracts release 9.9.9")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert re.search(r"sources/kiosk/stamps: lines .*; sources/till/stamps: lines [\d, ]+ marked", done.stderr)
    assert fingerprints(project.folder) == before


def test_the_grade_passes_without_a_fault_and_fails_on_its_own(project: Project) -> None:
    tests = "tests/simulator/test_grading.py -k 'faultless or stamps_told or stamps_daily'"
    assert "100%" in project.run(f"python -m pytest -p no:cacheprovider {tests}")


def test_the_new_tables_are_published_from_both_sources(refreshed: Project) -> None:
    names = {name for (name,) in refreshed.query("select table_name from duckdb_tables()")}
    assert names >= NEW
    counted = refreshed.query("select source_system, count(*) from fct_stamps group by all order by all")
    (kiosk, n_kiosk), (till, n_till) = counted
    assert (kiosk, n_kiosk, till) == ("kiosk", 1, "till") and int(str(n_till)) > 5 * DAYS
    told = "select sum(n_stamps), sum(stamp_amount) from rpt_clubs_stamps_daily"
    assert refreshed.query(told) == refreshed.query("select count(*), sum(stamp_amount) from fct_stamps")
    levels = "select amount_currency, as_of_date::varchar, lower <= level and level <= upper from rpt_clubs_stamp_level"
    assert refreshed.query(levels) == [("CNY", LAST, True)]


def test_a_number_is_explained_and_a_bad_row_held_back(refreshed: Project) -> None:
    said = refreshed.run("almanac explain rpt_clubs_stamps_daily amount_currency=USD --home home")
    assert re.findall(r"(\w+\.stamps)  (\S+)  (\S+)", said) == [("kiosk.stamps", LAST, "day.csv")]
    assert "till.stamps" in refreshed.run("almanac explain rpt_clubs_stamp_level amount_currency=CNY --home home")
    assert "stamp_amount:type" in refreshed.run("almanac quarantine list --table kiosk.stamps --home home")


def test_the_report_draws_the_section_in_both_languages(refreshed: Project) -> None:
    pages = [file.read_text() for file in (refreshed.folder / "home/published/current/report").glob("*.html")]
    assert sum(page.count('id="stamps_seen"') for page in pages) == 2


def test_the_grade_notices_the_one_day_that_is_not_the_tills(refreshed: Project) -> None:
    """Days of the till agree with the truth; what the kiosk alone sold, in its currency, never was in the till."""
    (line,) = re.findall(r"^ *stamps told .*$", refreshed.graded, re.MULTILINE)
    assert re.search(r" 1  at most 0 +FAIL  to beat: the day before's [4-9]$", line), line


def test_a_shop_that_has_none_of_it_publishes_what_it_did(project: Project, tmp_path: Path) -> None:
    told = []
    for folder in (project.folder, PROJECT_ROOT):
        keep = {**os.environ, "PYTHONPATH": str(folder)}
        command = [sys.executable, "-c", PUBLISHED, str(tmp_path)]
        done = subprocess.run(command, cwd=tmp_path, env=keep, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told[0] == told[1] and "fct_orders" in told[0] and "stamps" not in told[0]
