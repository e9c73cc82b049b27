"""Checking the contracts against the last release, and releasing them: the state is moved, the changelog told.

Belongs here: what must hold before a release, its order of steps, the table in CHANGELOG.md. Does not belong: classing
changes (changes.py), the files of a state (released.py).

Order of a release: changelog first, then the state. A release that is killed in between is repeated by the next one: it
finds the same changes and writes the same table in the place of the first.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts.canonical import load_canonical, load_vocabulary
from pipelines.contracts.changes import Change, compare
from pipelines.contracts.dbt_text import text_of
from pipelines.contracts.errors import ContractError
from pipelines.contracts.odcs import load_source_contracts
from pipelines.contracts.outputs import load_output_contracts
from pipelines.contracts.published import render_published
from pipelines.contracts.released import (
    RELEASED,
    Release,
    contract_files,
    differing,
    read_release,
    recover,
    replace_release,
)
from pipelines.contracts.shapes import parse_contract_file, read_yaml
from pipelines.contracts.version_steps import Shortfall, parse_version, shortfalls, step_made

SECTION = re.compile(r"^## \[(?P<version>[^\]]+)\]", re.MULTILINE)
# How `almanac new` and `almanac init` mark what they could only guess.
UNSETTLED = re.compile(r"\b(?:SKELETON|DRAFT):")


@dataclass(frozen=True)
class Findings:
    """What differs from the last release (`version`), which versions do not say so, and what is still a guess (a line
    per contract)."""

    version: str
    changes: tuple[Change, ...]
    shortfalls: tuple[Shortfall, ...]
    unsettled: tuple[str, ...]

    @property
    def breaks(self) -> bool:
        """Whether a breaking change stands there without its step of the version."""
        return any(shortfall.breaks for shortfall in self.shortfalls)


def check(directory: Path, models: Path | None = None, version: str | None = None) -> Findings:
    """Compare the contracts of `directory` (data_contracts) with the released ones beside them.

    `models`: dbt's models, when the published contracts are to be compared with what would be generated from them now.
    `version`: the project's, where pyproject.toml beside the directory does not tell it. Raises ContractError when the
    released state is missing or damaged, a changed contract cannot be read, or a published contract is stale.
    """
    if models is not None:
        check_published(directory, models)
    return _findings(directory, read_release(directory), version)


def check_published(directory: Path, models: Path) -> None:
    """Refuse published contracts that are not what their models' YAML says. Raises ContractError."""
    rendered = render_published(models, load_vocabulary(directory / "vocabulary.yaml"))
    there = {path.name.removesuffix(".odcs.yaml"): path for path in (directory / "published").glob("*.odcs.yaml")}
    for name in sorted({*rendered, *there}):
        if name not in there or rendered.get(name) != there[name].read_text(encoding="utf-8"):
            raise ContractError(
                f"published/{name}.odcs.yaml", "it does not follow from its model", "run `make contracts`"
            )


def _findings(directory: Path, release: Release, version: str | None) -> Findings:
    old, new = differing(directory)
    for name in new:
        _check_shape(directory, name)
    changes = compare(old, new)
    now = version or project_version(directory) or release.version
    missing = shortfalls(changes, old, new, (release.version, now))
    return Findings(release.version, changes, tuple(missing), tuple(unsettled(directory)))


def unsettled(directory: Path) -> Iterator[str]:
    """Which present contracts have lines that a skeleton or a draft left to be settled, and which lines."""
    for name, path in contract_files(directory).items():
        lines = [number for number, line in enumerate(text_of(path).splitlines(), 1) if UNSETTLED.search(line)]
        if lines:
            yield f"{name}: line{'s' if lines[1:] else ''} {', '.join(map(str, lines))} marked SKELETON or DRAFT"


def _check_shape(directory: Path, name: str) -> None:
    """Refuse a contract that could not be loaded either: what is unknown is to be corrected, not classed."""
    path = contract_files(directory)[name]
    parse_version(path.name, read_yaml(path).get("version"))
    family = name.split("/", 1)[0]
    if family == "vocabulary":
        load_vocabulary(path)
    elif family == "canonical":
        load_canonical(path.parent)
    else:
        parse_contract_file(path, read_yaml(path))


def project_version(directory: Path) -> str | None:
    """The version in pyproject.toml beside `directory`; None where there is none."""
    file = directory.parent / "pyproject.toml"
    if not file.is_file():
        return None
    version = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {}).get("version")
    return str(version) if version else None


def release(directory: Path, *, today: dt.date, version: str | None = None, models: Path | None = None) -> str:
    """Make the present contracts the released ones under `version` (default: the project's); says what was done.

    The changes are added to CHANGELOG.md beside `directory`. Raises ContractError, having written nothing, when a
    contract cannot be read or has unsettled lines, a version does not say what changed, or `version` was released with
    other contracts.
    """
    recover(directory)
    version = version or project_version(directory)
    if version is None:
        raise ContractError("release", "no version is given and pyproject.toml names none", "give one, as 1.2.0")
    parse_version("release", version)
    _load_all(directory, models)
    if guessed := list(unsettled(directory)):
        raise ContractError("release", "; ".join(guessed), "settle these lines and take the marks away")
    if not (directory / RELEASED).exists():
        changes, told = compare({}, {name: {} for name in contract_files(directory)}), "first released state"
    else:
        found = _findings(directory, read_release(directory), version)
        _refuse(found, version)
        if not found.changes and found.version == version and _is_same(directory):
            return f"{version} is released already and nothing has changed since"
        changes, told = found.changes, f"after {found.version}"
    _write_changelog(directory.parent / "CHANGELOG.md", version, changes, today)
    replace_release(directory, version)
    return f"released {version}, {told}: {len(contract_files(directory))} contracts; changes: {len(changes)}"


def _load_all(directory: Path, models: Path | None) -> None:
    load_source_contracts(directory / "sources")
    load_output_contracts(directory / "outputs")
    load_canonical(directory / "canonical")
    if (directory / "vocabulary.yaml").exists():
        load_vocabulary(directory / "vocabulary.yaml")
    if models is not None:
        check_published(directory, models)


def _refuse(found: Findings, version: str) -> None:
    if found.shortfalls:
        more = f" (and {len(found.shortfalls) - 1} more)" if len(found.shortfalls) > 1 else ""
        raise ContractError("release", f"{found.shortfalls[0]}{more}", "see `almanac contracts check`")
    step = step_made("release", found.version, version)
    if step == "back":
        raise ContractError("release", f"{version} is older than the released {found.version}", "raise the version")
    if step == "none" and found.changes:
        raise ContractError(
            "release", f"{version} is released already, with other contracts", "raise the version in pyproject.toml"
        )


def _is_same(directory: Path) -> bool:
    """Whether the released files are the present ones, comments included."""
    old, new = differing(directory)
    return not old and not new


def render_changes(version: str, changes: Sequence[Change]) -> str:
    """The Markdown block of one release, between two marks by which it is found again."""
    lines = [f"<!-- contract changes {version} -->", "### Contract changes", ""]
    if changes:
        lines += ["| contract | place | change | | breaks | step |", "|---|---|---|---|---|---|"]
        lines += [
            "| "
            + " | ".join(_cell(part) for part in (f"`{c.contract}`", c.place, c.kind, c.text, c.breaks, c.step))
            + " |"
            for c in changes
        ]
    else:
        lines.append("None.")
    return "\n".join([*lines, "<!-- end of contract changes -->"]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<!--", "&lt;!--")


def _write_changelog(file: Path, version: str, changes: Sequence[Change], today: dt.date) -> None:
    text = file.read_text(encoding="utf-8") if file.exists() else "# Changelog\n"
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(with_changes(text, version, changes, today), encoding="utf-8")
    beside.replace(file)


def with_changes(text: str, version: str, changes: Sequence[Change], today: dt.date) -> str:
    """The changelog with the version's block: in place of its earlier one, at the end of the version's section, or in a
    new section before all others."""
    block = render_changes(version, changes)
    before = re.compile(
        rf"<!-- contract changes {re.escape(version)} -->.*?<!-- end of contract changes -->\n", re.DOTALL
    )
    if before.search(text):
        return before.sub(lambda _: block, text, count=1)
    sections = list(SECTION.finditer(text))
    for number, section in enumerate(sections):
        if section["version"] == version:
            end = sections[number + 1].start() if number + 1 < len(sections) else len(text)
            tail = f"\n{text[end:]}" if text[end:] else ""
            return f"{text[:end].rstrip()}\n\n{block}{tail}"
    start = sections[0].start() if sections else len(text)
    head = f"{text[:start].rstrip()}\n\n## [{version}] - {today.isoformat()}\n\n{block}"
    return head + (f"\n{text[start:]}" if text[start:] else "")
