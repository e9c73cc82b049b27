"""Every command of every runbook is run, in order, in a home as the runbook finds it, and ends as the runbook says.

A line of a block `sh` that ends in `# ends with N` must have that exit code; all others must have 0.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings.environment import PROJECT_ROOT
from pipelines.settings.home import Home
from tests import homes
from tests.command_line import PATIENCE_SECONDS
from tests.house import retail
from tests.house.retail import DAYS
from tests.shop_under_test import as_csv, real_rows
from tests.warm_command import WarmCommand

pytestmark = pytest.mark.slow

RUNBOOKS = PROJECT_ROOT / "docs" / "runbooks"
COPIED = (
    "pipelines",
    "data_contracts",
    "dbt_project",
    "shops",
    "pyproject.toml",
    "Makefile",
    "CHANGELOG.md",
    "requirements",
)


def scripts(page: Path) -> list[str]:
    """The blocks to be run, in order, with what they must end with made a check of bash."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^( *)(?:\d+\. )?```(?:sh|console)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^(.*\S) +# ends with (\d+)$", _ending, _flush(block), flags=re.MULTILINE) for _, block in blocks]


def _flush(block: str) -> str:
    indents = [len(line) - len(line.lstrip()) for line in block.splitlines() if line.strip()]
    return "\n".join(line[min(indents, default=0) :] for line in block.splitlines())


def _ending(found: re.Match[str]) -> str:
    return f"code=0; {found[1]} || code=$?; test $code -eq {found[2]}"


class Place:
    """The folder that the commands are run in: it looks like a clone of the project whose shop has a home."""

    def __init__(self, folder: Path, warm_command: WarmCommand, recipe: homes.Recipe = retail.restless) -> None:
        made = homes.made(recipe)
        self.folder = folder
        self.home = Home(folder / ".almanac" / "online_retail")
        shutil.copytree(made / "shops", folder / "shops")
        shutil.copytree(made / "home", self.home.path, symlinks=True)
        warm_command.put_into(folder / ".venv")
        self.found = int(str(self.manifest()["version"])[1:])

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script; bash stops at the first command that fails."""
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("ALMANAC_", "DAGSTER_"))}
        root = self.folder if (self.folder / "pipelines").exists() else PROJECT_ROOT
        keep |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
        if root is PROJECT_ROOT:
            keep["ALMANAC_SHOPS_DIR"] = str(self.folder / "shops")
        # The environment is there: making it anew would replace the one that runs this test.
        script = re.sub(r"^make ", "make -o .venv/dev.stamp -o .venv/core.stamp ", script, flags=re.MULTILINE)
        command = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=self.folder, env=keep, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )

    def must(self, script: str) -> str:
        """Run a script that must come to its end; returns what it printed."""
        done = self.run(script)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def deliver(self, day: dt.date, rows: list[list[str]], name: str) -> None:
        """Put a file among the home's drops."""
        path = self.home.drops / "online_retail" / "transactions" / f"{day}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_csv(rows))

    def manifest(self, home: Path | None = None) -> dict[str, object]:
        """What readers see."""
        found: dict[str, object] = json.loads(
            ((home or self.home.path) / "published" / "current" / "manifest.json").read_text()
        )
        return found

    def digest(self, table: str, home: Path | None = None) -> str:
        """The digest of a published table."""
        tables = self.manifest(home)["tables"]
        assert isinstance(tables, dict)
        return str(tables[table]["compared_digest"])


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, warm_command: WarmCommand) -> Place:
    """A place with the home of the restless week: several versions, a row in quarantine, replaced files. The drops that
    are written back from raw files are those of a week without replaced ones, as that runbook says."""
    recipe = retail.clean if "restore.md" in request.node.name else retail.restless
    return Place(tmp_path / "clone", warm_command, recipe)


def moved(day: dt.date, to: dt.date) -> list[list[str]]:
    """The rows of a real day as if they were another's."""
    return [[*row[:4], row[4].replace(f"{day}", f"{to}"), *row[5:]] for row in real_rows(day)]


def with_open_days(place: Place) -> None:
    """2011-12-11 is blocked, on 2011-12-12 a file was refused, 2011-12-13 is missing; the sound files lie in sound/."""
    open_days = [dt.date(2011, 12, day) for day in (11, 12, 13)]
    (place.folder / "sound").mkdir()
    for day in open_days:
        (place.folder / "sound" / f"{day}.csv").write_bytes(as_csv(moved(DAYS[3], day)))
    damaged = [[*row[:3], "many", *row[4:]] for row in moved(DAYS[3], open_days[0])]
    place.deliver(open_days[0], damaged, f"{open_days[0]}.csv")
    place.deliver(open_days[1], [["too", "few"]], f"{open_days[1]}.csv")
    done = place.run(f".venv/bin/almanac backfill --from {open_days[0]} --to {open_days[2]}")
    assert done.returncode == 3, done.stderr


def pruned(place: Place) -> None:
    """All that is not needed is gone: the raw file that was replaced, the history of runs, the caches, the logs."""
    place.home.cache.mkdir(exist_ok=True)  # as a home has it that an earlier release has begun
    (place.home.cache / "bundle.js").touch()
    for path in (*place.home.raw.rglob("*.parquet"), *place.home.logs.glob("*.log"), *place.home.cache.iterdir()):
        os.utime(path, (0, 0))
    with sqlite3.connect(place.home.dagster / "history" / "runs.db") as history:
        history.execute("update runs set end_time = 1")
    said = place.must(".venv/bin/almanac prune --yes")
    for what in ("raw file of a replaced delivery", "run in the history", "log", "cache"):
        assert re.search(rf"[1-9] x {what}", said), said


def a_copy_of_the_project(place: Place) -> None:
    """The commands change the project itself: they get a copy, whose last release is before that of the runbook."""
    almanac = place.folder / ".venv" / "bin" / "almanac"
    almanac.unlink()
    almanac.symlink_to(Path(sys.prefix) / "bin" / "almanac")
    for name in COPIED:
        path = PROJECT_ROOT / name
        if path.is_dir():
            shutil.copytree(path, place.folder / name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy2(path, place.folder / name)
    for name, form in (("data_contracts/released/release.yaml", "version: {}"), ("pyproject.toml", 'version = "{}"')):
        file = place.folder / name
        old = r"^" + re.escape(form).replace(r"\{\}", r"[0-9.]+") + "$"
        new = form.format("0.0.1" if "released" in name else "0.1.0")
        file.write_text(re.sub(old, new, file.read_text(), count=1, flags=re.MULTILINE))


def nothing(place: Place) -> None:
    """The home as it was made."""


def is_built_anew(place: Place, printed: str) -> None:
    """The scratch home has what the home has."""
    scratch = place.folder / "scratch_home"
    assert f"nothing changed; current is still v{place.found:04}" in printed
    assert place.digest("fct_order_lines", scratch) == place.digest("fct_order_lines")
    assert place.digest("rpt_sales_kpi_daily", scratch) == place.digest("rpt_sales_kpi_daily")


def is_complete(place: Place, printed: str) -> None:
    """No day is open any more."""
    assert place.manifest()["quality_state"] == "complete"


def is_let_in(place: Place, printed: str) -> None:
    """No row is held back, and the repair is told."""
    said = place.must(".venv/bin/almanac quarantine list")
    assert said.startswith("nothing is held back") and "by Ada" in said


def is_equal(place: Place, printed: str) -> None:
    """The replay found nothing, after all that may go had gone."""
    assert "tables are equal" in printed
    assert not list(place.home.tmp.iterdir())


def is_restored(place: Place, printed: str) -> None:
    """All ways lead to the same orders."""
    assert printed.count("nothing changed") == 3
    assert place.digest("fct_order_lines") == place.digest("fct_order_lines", place.folder / "rescued")


def is_first(place: Place, printed: str) -> None:
    """Readers see the first version."""
    assert place.manifest()["version"] == "v0001"


def is_new(place: Place, printed: str) -> None:
    """The refresh after the rollback has published a new version."""
    assert place.manifest()["version"] == f"v{place.found + 1:04}"


def is_tidy(place: Place, printed: str) -> None:
    """Nothing changed for readers."""
    assert f"nothing changed; current is still v{place.found:04}" in printed
    assert "all is well" in printed


def is_released(place: Place, printed: str) -> None:
    """The copy has two new releases, the project itself none."""
    assert "released 0.1.0, after 0.0.1" in printed
    assert "version: 1.0.0" in (place.folder / "data_contracts" / "released" / "release.yaml").read_text()


Told = tuple[Callable[[Place], None], Callable[[Place, str], None]]
# How a home is found by its runbook, and how it is left.
STORIES: dict[str, Told] = {
    "backfill.md": (nothing, is_built_anew),
    "blocked-day.md": (with_open_days, is_complete),
    "care.md": (nothing, is_tidy),
    "changed-contract.md": (a_copy_of_the_project, is_released),
    "quarantine.md": (nothing, is_let_in),
    "replay.md": (pruned, is_equal),
    "restore.md": (nothing, is_restored),
    "rollback.md": (nothing, is_new),
    "upgrade.md": (nothing, is_first),
}


def test_every_runbook_has_its_story() -> None:
    assert sorted(path.name for path in RUNBOOKS.glob("*.md")) == sorted(STORIES)
    assert all(scripts(RUNBOOKS / name) for name in STORIES)


@pytest.mark.parametrize("name", STORIES)
def test_the_commands_of_a_runbook(place: Place, name: str) -> None:
    before, after = STORIES[name]
    before(place)
    printed = "".join(place.must(script) for script in scripts(RUNBOOKS / name))
    after(place, printed)


@pytest.mark.parametrize("name", STORIES)
def test_links_of_a_runbook_lead_somewhere(name: str) -> None:
    text = (RUNBOOKS / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (RUNBOOKS / link).exists()] == []
