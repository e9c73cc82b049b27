"""What pyproject.toml declares: bounds on every dependency, no address, and nothing imported that is not declared.

Does not belong here: what is installed (licences.py).
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[2]
# Who may import what is declared only for development.
CORE, DEVELOPMENT = ("pipelines", "simulator"), ("benchmarks", "linters", "tests")
# What `almanac new` writes is looked at where it lands.
TEMPLATES = "templates"
LOWER, UPPER = {">=", ">", "~=", "=="}, {"<", "<=", "~=", "=="}


@dataclass(frozen=True)
class Declared:
    """The requirements of a pyproject.toml: what a refresh needs, each extra's, and what builds the package."""

    core: tuple[Requirement, ...]
    extras: tuple[Requirement, ...]
    build: tuple[Requirement, ...]

    @classmethod
    def read(cls, folder: Path = PROJECT) -> Declared:
        """What the folder's pyproject.toml declares."""
        told = tomllib.loads((folder / "pyproject.toml").read_text())
        extras = [line for lines in told["project"].get("optional-dependencies", {}).values() for line in lines]
        lists = (told["project"]["dependencies"], extras, told["build-system"]["requires"])
        return cls(*(tuple(Requirement(line) for line in lines) for lines in lists))

    @property
    def all(self) -> tuple[Requirement, ...]:
        """Every requirement."""
        return (*self.core, *self.extras, *self.build)


def wrongly_declared(declared: Declared) -> Iterator[str]:
    """A line for every requirement that is open above or below, or names an address."""
    for requirement in declared.all:
        operators = {specifier.operator for specifier in requirement.specifier}
        if requirement.url:
            yield f"pyproject.toml: {requirement.name}: named by address; name a release"
        elif not operators & LOWER or not operators & UPPER:
            bounds = str(requirement.specifier) or "any release"
            yield f"pyproject.toml: {requirement.name}: {bounds}; give it a lower and an upper bound, or pin it"


def undeclared_imports(declared: Declared, folder: Path = PROJECT) -> Iterator[str]:
    """A line for every installed package that the project's own code imports and pyproject.toml does not declare."""
    core = {canonicalize_name(requirement.name) for requirement in declared.core}
    development = core | {canonicalize_name(requirement.name) for requirement in declared.extras}
    homes = packages_distributions()
    for roots, allowed in ((CORE, core), (DEVELOPMENT, development)):
        for module, path in sorted(_imported(folder / root for root in roots)):
            found = {canonicalize_name(name) for name in homes.get(module, ())}
            if found and not found & allowed:
                where = path.relative_to(folder)
                yield f"{where}: imports {module}: declare {' or '.join(sorted(found))} in pyproject.toml"


def _imported(roots: Iterable[Path]) -> set[tuple[str, Path]]:
    """(top-level module, a file that imports it), of others than the standard library and the project."""
    first: dict[str, Path] = {}
    files = (path for root in roots for path in sorted(root.rglob("*.py")))
    for path in (path for path in files if TEMPLATES not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                first.setdefault(name.partition(".")[0], path)
    known = {*sys.stdlib_module_names, *CORE, *DEVELOPMENT}
    return {(module, path) for module, path in first.items() if module not in known}
