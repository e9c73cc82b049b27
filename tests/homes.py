"""Homes that are dear to make and the same for every test: each is made once per code, by whichever process asks first.

Belongs here: keeping them, under a name that is a hash over the code and the recipe, and handing out copies. Does not
belong here: recipes (they stand beside the tests of their shop), nor what is asserted.
They lie in a folder of this user below the system's temporary one, so that a next run with the same code finds them.
Two runs may start at once: a home is made under a lock, and homes of other code go only when no run uses them.
A copy owes nothing to the home that it was taken from: whatever a home says of its place, a run writes anew.
"""

from __future__ import annotations

import ast
import fcntl
import functools
import hashlib
import inspect
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipelines.settings.environment import PROJECT_ROOT

Recipe = Callable[[Path], None]
"""Fills an empty folder; its name and its module's text are part of what the home is kept under."""

# All that decides what a home holds, beside the recipe and what its module imports of the tests.
DECIDING = ("pipelines", "simulator", "dbt_project", "data_contracts", "shops", "requirements/core.txt")
DECIDING += ("tests/engine/project",)
# Folders among them that say nothing of the code: bytecode, dbt's parse.
MADE_ANEW = {"__pycache__", "target", "logs"}
# Homes of other code that nobody has asked for in so long are removed: somebody who works on the code makes new ones
# every few minutes, at some 200 MB each.
UNUSED_SECONDS = 3600
COMPLETE = "complete"
# The same in every process of a run of the tests.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"process {os.getpid()}")


def made(recipe: Recipe) -> Path:
    """The folder that the recipe filled. For reading alone: who runs something in it takes a copy."""
    folder = _of_this_code(inspect.getsourcefile(recipe) or "") / recipe.__name__
    with _locked(folder.with_name(f"{folder.name}.lock")):
        if not (folder / COMPLETE).exists():
            failed = folder.with_name(f"{folder.name}.failed")
            assert not failed.exists() or failed.read_text() != RUN, f"{recipe.__name__} has failed already in this run"
            failed.write_text(RUN)  # a home that cannot be made costs its minutes once, not for each test that asks
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            recipe(folder)
            (folder / COMPLETE).touch()
            failed.unlink()
    return folder


def copy_of(recipe: Recipe, to: Path) -> Path:
    """A copy of the folder that the recipe filled, to be changed at will: no file is shared."""
    shutil.copytree(made(recipe), to, symlinks=True, ignore=lambda *_: {COMPLETE}, dirs_exist_ok=True)
    return to


@functools.cache
def _of_this_code(recipes: str) -> Path:
    """The folder of the homes of this code and these recipes; this process holds it until it ends."""
    root = Path(tempfile.gettempdir()) / f"almanac-homes-of-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    assert root.lstat().st_uid == os.getuid() and not root.is_symlink(), f"{root} is somebody else's: remove it"
    folder = root / _key(Path(recipes))
    _USED.append(_hold(folder))
    for other in root.iterdir():
        if other != folder:
            _remove_unused(other)
    return folder


_USED: list[IO[str]] = []  # open as long as this process lives


def _hold(folder: Path) -> IO[str]:
    """A shared lock on the folder, which says that a run uses it; made anew when another run has just removed it."""
    while True:
        folder.mkdir(exist_ok=True)
        try:
            used = (folder / "used").open("w")
            fcntl.flock(used, fcntl.LOCK_SH)
            if os.fstat(used.fileno()).st_ino == (folder / "used").stat().st_ino:
                return used
        except FileNotFoundError:
            continue


def _remove_unused(folder: Path) -> None:
    try:
        with (folder / "used").open() as used:
            if time.time() - os.fstat(used.fileno()).st_mtime > UNUSED_SECONDS:
                fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # in use, or gone


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(recipes: Path) -> str:
    """Names the code, the recipes and the interpreter."""
    digest = hashlib.sha256(f"{sys.version} {os.environ.get('DEMO_HOME', '')}".encode())
    paths = [PROJECT_ROOT / part for part in DECIDING]
    files = {file for path in paths for file in [path, *path.rglob("*")]} | _behind(recipes, set())
    for file in sorted(files):
        if file.is_file() and not MADE_ANEW & {*file.parts}:
            digest.update(f"{file.relative_to(PROJECT_ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _behind(file: Path, known: set[Path]) -> set[Path]:
    """The file, and those of the tests that it imports, however far."""
    if file in known or not file.is_file():
        return known
    known.add(file)
    for node in ast.walk(ast.parse(file.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        whence = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
        for name in [whence.rstrip("."), *(f"{whence}{name}" for name in names)]:
            if name.startswith("tests."):
                _behind(PROJECT_ROOT / f"{name.replace('.', '/')}.py", known)
    return known
