"""One simulated shop, loaded and graded by the commands that a person would give; made once for all tests of a run.

Belongs here: making it, whichever process comes first. Does not belong here: what is asserted.
"""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.settings.environment import PROJECT_ROOT
from tests.command_line import Said, in_child

# Beyond 28 days forecasts are learnt; two weeks more give the rivals a past to be compared on.
DAYS, CUSTOMERS, SEED = 44, 500, 11
FIRST, LAST = "2025-01-01", "2025-02-13"


@dataclass(frozen=True)
class SimulatedHome:
    """A home whose answer key lay elsewhere while it was loaded, and what was said of it."""

    home: Path
    key: Path
    loaded: str
    graded: str

    @property
    def grades(self) -> list[dict[str, Any]]:
        """What `almanac grade` wrote."""
        return list(json.loads((self.home / "grades.json").read_text()))


def almanac(folder: Path, *arguments: str, **environment: str) -> Said:
    """The command in a process of its own, with the shops that ship with the project."""
    return in_child(folder, *arguments, **{"ALMANAC_SHOPS_DIR": str(PROJECT_ROOT / "shops"), **environment})


def make_simulated_home(folder: Path) -> SimulatedHome:
    """The home in `folder`; made by the first process that asks, the others wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = SimulatedHome(folder / "home", folder / "elsewhere" / "answers", "", "")
    told = folder / "told.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(_make(folder, made)))
    loaded, graded = json.loads(told.read_text())
    return SimulatedHome(made.home, made.key, loaded, graded)


def _make(folder: Path, made: SimulatedHome) -> tuple[str, str]:
    size = ["--days", f"{DAYS}", "--customers", f"{CUSTOMERS}", "--seed", f"{SEED}"]
    simulated = almanac(folder, "simulate", *size, "--out", f"{made.home / 'drops'}", "--key", f"{made.key}")
    assert simulated.code == 0, simulated.err
    where = ["--shop", "simulated", "--home", f"{made.home}"]
    loaded = almanac(folder, "backfill", "--from", FIRST, "--to", LAST, *where)
    assert loaded.code in (0, 3), loaded.err
    graded = almanac(folder, "grade", *where, "--key", f"{made.key}")
    assert graded.code in (0, 1) and not graded.err, graded.err
    return loaded.out, graded.out
