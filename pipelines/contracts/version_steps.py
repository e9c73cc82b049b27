"""Which step a contract's version made, and whether that is enough for what changed.

Belongs here: reading versions, comparing steps. Does not belong: finding changes (changes.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.contracts.change_rules import Step
from pipelines.contracts.changes import Change
from pipelines.contracts.errors import ContractError

VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})", re.ASCII)
STEPS: tuple[Step, ...] = ("none", "patch", "minor", "major")


@dataclass(frozen=True)
class Shortfall:
    """A contract whose version does not say what changed. `breaks`: readers or producers would be broken unwarned."""

    contract: str
    version: str
    made: Step | Literal["back"]
    needed: Step

    @property
    def breaks(self) -> bool:
        """Whether this must not pass: a breaking change without its step, or a version that went back."""
        return self.needed == "major" or self.made == "back"

    def __str__(self) -> str:
        """One line: what is there, what is to be done."""
        if self.made == "back":
            return f"{self.contract}: version {self.version} is older than the released one; raise it"
        remedy = "the project's version in pyproject.toml" if self.version.startswith("project ") else "it"
        return f"{self.contract}: version {self.version} needs a {self.needed} step, has {self.made}; raise {remedy}"


def parse_version(where: str, text: Any) -> tuple[int, int, int]:
    """The three numbers of a version. Raises ContractError."""
    match = VERSION.fullmatch(str(text))
    if not match:
        raise ContractError(f"{where}: version", f"{str(text)[:40]!r} is no version", "write three numbers as 1.0.0")
    major, minor, patch = map(int, match.groups())
    return major, minor, patch


def step_made(where: str, before: Any, after: Any) -> Step | Literal["back"]:
    """The step from one version to the other. Below 1.0.0 a minor step is the one that breaks, as semver has it.

    Raises ContractError when one of them is no version."""
    old, new = parse_version(where, before), parse_version(where, after)
    if new < old:
        return "back"
    if new[0] > old[0]:
        return "major"
    if new[1] > old[1]:
        return "major" if old[0] == 0 else "minor"
    return "patch" if new[2] > old[2] else "none"


def shortfalls(
    changes: Iterable[Change],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    project: tuple[str, str],
) -> list[Shortfall]:
    """Contracts whose version made a smaller step than its changes need, ordered by name.

    `project` is the released and the present version of the whole project: a contract that is no more has no version of
    its own to raise. Raises ContractError when a version is none.
    """
    needed: dict[str, Step] = {}
    for change in changes:
        needed[change.contract] = max(needed.get(change.contract, "none"), change.step, key=STEPS.index)
    found = []
    for name, step in sorted(needed.items()):
        if name not in before:
            continue  # a new contract begins at whatever version it says
        if name in after:
            version = str(after[name].get("version"))
            made = step_made(name, before[name].get("version"), version)
        else:
            version, made = f"project {project[1]}", step_made("project", *project)
        if made == "back" or STEPS.index(made) < STEPS.index(step):
            found.append(Shortfall(name, version, made, step))
    return found
