"""The import rules see what is planted in a copy of the code, though no rule names it.

Each offence must be told by the rule that is there for it; the code as it stands is judged by `make lint`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings.environment import PROJECT_ROOT

# Offender -> (its content, how lint-imports tells it).
PLANTED = {
    "pipelines/domains/rogue/__init__.py": ('"""A domain that knows too much."""', ""),
    "pipelines/domains/rogue/wired.py": ("import dagster", "pipelines.domains.rogue.wired -> dagster"),
    "pipelines/domains/rogue/building.py": ("import dbt.cli", "pipelines.domains.rogue.building -> dbt"),
    "pipelines/domains/rogue/near.py": (
        "from pipelines.domains.customers import segments",
        "pipelines.domains.rogue is not allowed to import pipelines.domains.customers",
    ),
    "pipelines/domains/rogue/storing.py": (
        "def late():\n    from pipelines.store import ledger\n    return ledger",
        "pipelines.domains is not allowed to import pipelines.store",
    ),
    "pipelines/domains/rogue/reading.py": (
        "from pipelines.contracts import odcs",
        "pipelines.domains is not allowed to import pipelines.contracts",
    ),
    "pipelines/domains/rogue/set.py": (
        "from pipelines.settings.shop import Shop",
        "pipelines.domains is not allowed to import pipelines.settings",
    ),
    "pipelines/domains/rogue/drawing.py": (
        "from pipelines.reporting import markup",
        "pipelines.domains.rogue.drawing -> pipelines.reporting.markup",
    ),
    "pipelines/domains/rogue/report/__init__.py": ('"""Its page."""', ""),
    "pipelines/domains/rogue/report/page.py": ("from pipelines.reporting import markup", ""),
    "pipelines/modeling/rogue.py": (
        "from pipelines.domains.customers import segments",
        "pipelines.modeling is not allowed to import pipelines.domains",
    ),
    "pipelines/store/rogue.py": (
        "from pipelines.settings.shop import Shop",
        "pipelines.store is not allowed to import pipelines.settings",
    ),
    "pipelines/sources/rogue.py": ("import great_expectations", "pipelines.sources.rogue -> great_expectations"),
    "pipelines/defs/rogue.py": ("import simulator.run", "pipelines.defs.rogue -> simulator.run"),
    "simulator/rogue.py": (
        "from pipelines.contracts import odcs",
        "simulator.rogue -> pipelines.contracts.odcs",
    ),
    "pipelines/unplaced/__init__.py": ('"""A package of no layer."""', "- pipelines.unplaced"),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What lint-imports says of a copy with all of it."""
    folder = tmp_path_factory.mktemp("imports")
    for name in ("pipelines", "simulator"):
        shutil.copytree(PROJECT_ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(PROJECT_ROOT / "pyproject.toml", folder)
    for name, (content, _) in PLANTED.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{content}\n")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", [name for name, (_, told) in PLANTED.items() if told])
def test_what_is_planted_is_told(said: str, name: str) -> None:
    assert PLANTED[name][1] in said


def test_the_report_of_a_domain_may_know_reporting(said: str) -> None:
    assert "rogue.report" not in said


def test_nothing_else_is_told(said: str) -> None:
    told = [line for line in said.splitlines() if line.strip().startswith(("- pipelines.", "- simulator."))]
    assert [line for line in told if "rogue" not in line and "unplaced" not in line] == []
