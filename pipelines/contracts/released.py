"""The two states of the contracts on disk: what stands in data_contracts, and what was last released beside it.

Belongs here: reading both, noticing damage, and putting a new released state in place of the old one as a whole.
Does not belong: what differs between them (changes.py) and whether it may be released (release.py).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts.errors import ContractError
from pipelines.contracts.normal_form import Family
from pipelines.contracts.shapes import read_yaml

# Folder of data_contracts -> its files.
PATTERNS: Mapping[Family, str] = {
    "sources": "sources/*/*.odcs.yaml",
    "canonical": "canonical/*.yaml",
    "outputs": "outputs/*.odcs.yaml",
    "published": "published/*.odcs.yaml",
    "vocabulary": "vocabulary.yaml",
}
RELEASED, MANIFEST = "released", "release.yaml"
REMEDY = "take data_contracts/released from version control, or run `make release` where none was made yet"


@dataclass(frozen=True)
class Release:
    """What `released/release.yaml` says: the project's version and the sha256 of every file of the state."""

    version: str
    files: Mapping[str, str]


def contract_files(directory: Path) -> dict[str, Path]:
    """All contract files of a state by name: `sources/<source>/<table>`, `vocabulary`. Raises ContractError, also for a
    YAML file in one of their folders that nobody would read: it has another ending, or lies elsewhere."""
    files: dict[str, Path] = {}
    for pattern in PATTERNS.values():
        for path in sorted(directory.glob(pattern)):
            name = path.relative_to(directory).as_posix().removesuffix(".yaml").removesuffix(".odcs")
            if name in files:
                raise ContractError(f"{name}.yaml", f"{files[name].name} is the same contract", "remove one of them")
            files[name] = path
    for family, pattern in PATTERNS.items():
        for path in sorted((directory / family).rglob("*.y*ml")):
            if path.suffix in (".yaml", ".yml") and path not in files.values():
                place = path.relative_to(directory)
                raise ContractError(str(place), "nothing reads a file of this name", f"move it to a place as {pattern}")
    return files


def sha256(path: Path) -> str:
    """Fingerprint of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_release(directory: Path) -> Release:
    """The released state below `directory` (data_contracts). Raises ContractError when it is missing or damaged."""
    folder = directory / RELEASED
    if not (folder / MANIFEST).is_file():
        raise ContractError(f"{directory.name}/{RELEASED}", f"no released state is there ({MANIFEST})", REMEDY)
    content = read_yaml(folder / MANIFEST)
    version, files = (content.get("version"), content.get("files")) if isinstance(content, dict) else (None, None)
    if not isinstance(version, str) or not isinstance(files, dict):
        raise ContractError(f"{directory.name}/{RELEASED}/{MANIFEST}", "it names no version and files", REMEDY)
    found = {path.relative_to(folder).as_posix(): sha256(path) for path in contract_files(folder).values()}
    wrong = sorted(name for name in {*found, *files} if found.get(name) != files.get(name))
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        problem = "is not the file that was released" if wrong[0] in found else "is missing"
        raise ContractError(f"{directory.name}/{RELEASED}/{wrong[0]}{more}", f"it {problem}", REMEDY)
    return Release(version, files)


def differing(directory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """(released, present) contents, by name, of the contracts whose files are not byte for byte the same.

    Equal files cannot hold a change, and reading YAML is what takes time. Raises ContractError."""
    before, after = contract_files(directory / RELEASED), contract_files(directory)
    names = {name for name in {*before, *after} if not _equal(before.get(name), after.get(name))}
    old, new = ({name: _mapping(files[name]) for name in sorted(names & files.keys())} for files in (before, after))
    return old, new


def _equal(before: Path | None, after: Path | None) -> bool:
    return before is not None and after is not None and before.read_bytes() == after.read_bytes()


def _mapping(path: Path) -> dict[str, Any]:
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ContractError(path.name, "the file holds no mapping", "correct the contract")
    return content


def recover(directory: Path) -> None:
    """Finish what a killed `replace_release` left: without a released state the old one stands again."""
    folder, old = directory / RELEASED, directory / f".{RELEASED}.old"
    if old.is_dir() and not folder.exists():
        old.rename(folder)
    for rest in (old, directory / f".{RELEASED}.new"):
        shutil.rmtree(rest, ignore_errors=True)


def replace_release(directory: Path, version: str) -> Path:
    """Copy the present state to `released/` under `version`, as a whole: it is made beside and moved in."""
    recover(directory)
    folder, new, old = (directory / name for name in (RELEASED, f".{RELEASED}.new", f".{RELEASED}.old"))
    files: dict[str, str] = {}
    for path in contract_files(directory).values():
        name = path.relative_to(directory).as_posix()
        copy = new / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        files[name] = sha256(copy)
    text = yaml.safe_dump({"version": version, "files": dict(sorted(files.items()))}, sort_keys=False)
    header = "# The last released state of the contracts. Written by `make release`; never edit what lies here.\n"
    (new / MANIFEST).write_text(header + text, encoding="utf-8")
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder
