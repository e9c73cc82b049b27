"""Nothing is written outside the home: not into the project, the user's home, the current folder or the temporary one.

dbt (target, logs, .user.yml), Great Expectations, Dagster, DuckDB and tempfile each have places of their own that they
write to unless told otherwise. Python's bytecode and dbt's parse of the project (dbt_project/target/held) are left out:
they belong to the installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings.environment import PROJECT_ROOT
from tests.command_line import SHOP

DROPS = "drops: 'examples/online_retail/{arrival_date}.csv.gz'"
# What others may change in the project while the test runs: version control, tools' caches, the environment.
NOT_OURS = {".git", ".venv", ".almanac", ".hypothesis", "__pycache__", "held"}
Tree = dict[str, tuple[int, int]]


def tree(folder: Path) -> Tree:
    """(time of change, size) of every file and folder below, by path; what is not ours left out."""
    found: Tree = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [n for n in folders if n not in NOT_OURS and not n.endswith(("_cache", ".egg-info", ".key"))]
        for name in [*folders, *files]:
            path = Path(place, name)
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            # A folder's time changes with what is in it, which is listed anyhow.
            found[str(path)] = (0, 0) if path.is_dir() else (status.st_mtime_ns, status.st_size)
    return found


def clean_environment(folder: Path) -> dict[str, str]:
    """Only what a process needs, every place of its own below `folder`; HOME does not exist."""
    for name in ("tmp", "cwd"):
        (folder / name).mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "absent"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(PROJECT_ROOT),
    }


@pytest.mark.slow
def test_a_refresh_writes_into_its_home_only(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path)
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "online_retail.yaml").write_text(
        SHOP.replace("transactions: {}", f"transactions: {{{DROPS}}}")
    )
    home = tmp_path / "home"
    before_here, before_project = tree(tmp_path), tree(PROJECT_ROOT)
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import program; program()", "refresh", "--date", "2010-12-01"],
        cwd=tmp_path / "cwd",
        env=environment | {"ALMANAC_SHOPS_DIR": str(tmp_path / "shops"), "ALMANAC_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    outside = {path: facts for path, facts in tree(tmp_path).items() if not Path(path).is_relative_to(home)}
    assert outside == before_here
    changed = {path for path, facts in tree(PROJECT_ROOT).items() if before_project.get(path) != facts}
    assert _written_by_tools(changed) == set()
    assert (home / "published" / "current" / "marts.duckdb").is_file()
    assert not list((home / "tmp").iterdir())  # what is temporary is gone at the end


def _written_by_tools(changed: set[str]) -> set[str]:
    """Of the changed files those that a run could have written; somebody may be editing the sources meanwhile."""
    edited = {".py", ".md", ".sql", ".yml", ".toml"}
    return {path for path in changed if Path(path).suffix not in edited or Path(path).name == ".user.yml"}


@pytest.mark.slow
@pytest.mark.parametrize("given", [True, False])
def test_dagster_finds_the_definitions_in_a_clean_environment(tmp_path: Path, given: bool) -> None:
    environment = clean_environment(tmp_path)
    if given:
        environment["ALMANAC_HOME"] = str(tmp_path / "home")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dagster")),
            *("definitions", "validate", "-w", str(PROJECT_ROOT / "workspace.yaml")),
        ],
        cwd=tmp_path / "cwd",
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful for code location" in done.stdout + done.stderr
    made = tmp_path / "home" if given else tmp_path / "cwd" / ".almanac" / "online_retail"
    assert (made / "home.json").is_file()
    left = {path.name for path in (tmp_path / "cwd").iterdir()}
    assert left == (set() if given else {".almanac"})
