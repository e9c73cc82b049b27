"""Interpreters with an old DuckDB, and what they read out of a published file; for the test and the proof.

Belongs here: making such an interpreter, running old_client.py in it. Does not belong here: what must be equal.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

CLIENT = Path(__file__).with_name("old_client.py")
VERSIONS = ("1.0.0", "1.4.*", "1.5.*")


class Unavailable(Exception):
    """An old DuckDB cannot be installed here."""


def old_python(version: str, folder: Path) -> Path:
    """An interpreter with this DuckDB, kept in `folder` between calls. Raises Unavailable."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise Unavailable("uv is not there to make an environment")
    environment = folder / version.replace("*", "x")
    python = environment / "bin" / "python"
    if (environment / "complete").exists():
        return python
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    install = ["pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(python), f"duckdb=={version}"]
    for command in (["venv", "--quiet", "--clear", "--python", ours, str(environment)], install):
        made = subprocess.run([uv, *command], capture_output=True, text=True, timeout=300, check=False)
        if made.returncode:
            raise Unavailable(f"duckdb {version} cannot be installed: {made.stderr.strip()[-300:]}")
    (environment / "complete").touch()
    return python


def figures(python: Path | str, database: Path) -> dict[str, Any]:
    """What this interpreter reads: DuckDB's version and per table rows, comments and a figure per column."""
    command = [str(python), "-I", str(CLIENT), str(database)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-500:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found
