"""The linter of dependencies finds what is planted, by the package's name, and nothing in the project itself."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from linters.dependencies.declared import PROJECT, Declared, undeclared_imports, wrongly_declared
from linters.dependencies.licences import EXCEPTIONS, is_allowed, refused


def plant(folder: Path, *fields: str, name: str = "planted") -> Path:
    """A folder with one installed distribution of these fields of metadata."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *fields, ""]))
    return folder


OSI = "Classifier: License :: OSI Approved"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (["License-Expression: GPL-3.0-or-later"], "GPL-3.0-or-later is not allowed"),
        (["License-Expression: MIT AND (AGPL-3.0-only OR LGPL-2.1-only)"], "AGPL-3.0-only"),
        ([f"{OSI} :: GNU General Public License v3 (GPLv3)"], "GNU General Public License v3 (GPLv3) is not allowed"),
        ([f"{OSI} :: MIT License", f"{OSI} :: GNU Affero General Public License v3"], "Affero"),
        (["License: GPL"], "GPL is not allowed"),
        (["License: Ask the author"], "Ask the author is not allowed"),
        (["License: UNKNOWN", OSI], "tells no licence"),
        ([], "tells no licence"),
    ],
)
def test_a_licence_that_is_not_allowed_or_not_known_is_named(tmp_path: Path, fields: list[str], words: str) -> None:
    (line,) = refused(distributions(path=[str(plant(tmp_path, *fields))]))
    assert line.startswith("planted 1.0: ") and words in line and "\n" not in line


@pytest.mark.parametrize(
    "fields",
    [
        ["License-Expression: MIT"],
        ["License-Expression: (GPL-3.0-only OR MIT) AND Apache-2.0"],
        [f"{OSI} :: MIT License", f"{OSI} :: Apache Software License"],
        ["License: MPL-2.0 AND MIT"],
        [f"License: Copyright somebody\n        all rights reserved\n{OSI} :: BSD License"],
    ],
)
def test_an_allowed_licence_passes(tmp_path: Path, fields: list[str]) -> None:
    assert list(refused(distributions(path=[str(plant(tmp_path, *fields))]))) == []


@pytest.mark.parametrize("told", ["", "MIT OR", "(MIT", "MIT)", "MIT MIT", "AND MIT", "MIT WITH something"])
def test_a_broken_expression_is_no_permission(told: str) -> None:
    assert not is_allowed(told)


def test_every_exception_is_still_installed_and_needed() -> None:
    installed = {name: found for found in distributions() if (name := found.name.lower()) in EXCEPTIONS}
    assert installed.keys() == EXCEPTIONS.keys()
    for name in EXCEPTIONS:
        assert "GNU" in str(installed[name].metadata)


@pytest.mark.parametrize("line", ["x", "x>=1", "x<2", "x!=3", "x @ file:///x.whl"])
def test_an_open_requirement_is_named(line: str) -> None:
    declared = Declared(core=(Requirement("y>=1,<2"), Requirement("z==1")), extras=(Requirement(line),), build=())
    (found,) = wrongly_declared(declared)
    assert "pyproject.toml: x: " in found


def test_an_import_that_is_not_declared_is_named(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "module.py").write_text("import json\nimport duckdb\nfrom yaml import safe_load\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_module.py").write_text("import pytest\nfrom pipelines import module\n")
    declared = Declared(core=(Requirement("duckdb"),), extras=(Requirement("pyyaml"),), build=())
    assert list(undeclared_imports(declared, tmp_path)) == [
        "pipelines/module.py: imports yaml: declare pyyaml in pyproject.toml",
        "tests/test_module.py: imports pytest: declare pytest in pyproject.toml",
    ]


def test_a_planted_package_fails_the_whole_linter(tmp_path: Path) -> None:
    plant(tmp_path, "License-Expression: GPL-2.0-only")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "linters.dependencies"]
    said = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    planted, summary = said.stdout.splitlines()
    assert planted.startswith("planted 1.0: GPL-2.0-only is not allowed")
    assert (said.returncode, summary.endswith("1 findings")) == (1, True)


def test_no_file_names_the_address_of_a_package_host() -> None:
    for path in (PROJECT / "pyproject.toml", *(PROJECT / "requirements").glob("*.txt")):
        assert "://" not in path.read_text(), path
