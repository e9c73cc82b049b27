"""Two homes of simulated shops, each made once for all tests: a small one, by the commands that a person would give,
and the demo's, which the readme goes on with.

Belongs here: making them. Does not belong here: what is asserted.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.settings.environment import PROJECT_ROOT
from tests import homes
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


def small_simulated(folder: Path) -> None:
    """A small shop, loaded in one run and graded."""
    home, key = folder / "home", folder / "elsewhere" / "answers"
    size = ["--days", f"{DAYS}", "--customers", f"{CUSTOMERS}", "--seed", f"{SEED}"]
    simulated = almanac(folder, "simulate", *size, "--out", f"{home / 'drops'}", "--key", f"{key}")
    assert simulated.code == 0, simulated.err
    where = ["--shop", "simulated", "--home", f"{home}"]
    loaded = almanac(folder, "backfill", "--from", FIRST, "--to", LAST, *where)
    assert loaded.code in (0, 3), loaded.err
    graded = almanac(folder, "grade", *where, "--key", f"{key}")
    assert graded.code in (0, 1) and not graded.err, graded.err
    (folder / "told.json").write_text(json.dumps([loaded.out, graded.out]))


def simulated_home() -> SimulatedHome:
    """The small shop's home, to be read."""
    place = homes.made(small_simulated)
    loaded, graded = json.loads((place / "told.json").read_text())
    return SimulatedHome(place / "home", place / "elsewhere" / "answers", loaded, graded)


def demo(folder: Path) -> None:
    """`almanac demo`. Where it has just been run, $DEMO_LOG names what it printed and $DEMO_HOME the home that it left,
    with the key beside it: it is not run once more."""
    if "DEMO_HOME" in os.environ:
        left = Path(os.environ["DEMO_HOME"])
        shutil.copytree(left, folder / "home", symlinks=True)
        shutil.copytree(left.with_name(f"{left.name}.key"), folder / "home.key")
        shutil.copy(os.environ["DEMO_LOG"], folder / "said.txt")
        return
    done = almanac(folder, "demo", "--home", f"{folder / 'home'}")
    assert (done.code, done.err) == (0, ""), done
    (folder / "said.txt").write_text(done.out)
