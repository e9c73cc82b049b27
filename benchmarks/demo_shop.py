"""What the days of the demo shop cost, in normalised CPU seconds: a new one, one without news, a home's first.

Belongs here: homes, whole commands, how the parts of a refresh are told beside what they were. Does not belong here:
the parts themselves (one_day.py), what a normalised second is (normalised.py), the larger project (more_models.py).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.more_models import larger_project
from benchmarks.normalised import best
from benchmarks.processes import COMMAND, GIB, Cost, almanac, run
from pipelines.settings.environment import PROJECT_ROOT

SHOP = "simulated"
FIRST = dt.date(2025, 1, 1)
DAYS = 120
# A day on which something is still missing ends with this, as the simulator leaves some open.
OPEN = 3

# The parts of a new day: what they were before the day was made cheaper (80 to 86 in all), and which stages they are.
PARTS = {
    "imports": (10.0, ("start of the interpreter", "import ")),
    "run start": (3.0, ("definitions", "start of the run")),
    "loads, counted twice": (24.0, ("load ", "recount")),
    "dbt": (25.0, ("build ",)),
    "models": (9.0, ("state ",)),
    "publication": (9.0, ("publish",)),
    "report": (4.0, ("draw ",)),
}


def measure(folder: Path, unit: float) -> list[Figure]:
    """All figures; `unit` is what a normalised CPU second takes on this machine."""
    before, newest = (FIRST + dt.timedelta(days=DAYS - back) for back in (2, 1))
    home = folder / "demo"
    almanac("simulate", "--days", str(DAYS), home=home)
    almanac("backfill", "--from", f"{FIRST}", "--to", f"{before}", home=home, also=OPEN)
    figures = [demo(folder / "whole", unit), *new_day(home, newest, unit)]
    figures += [nothing_changed(home, newest, unit, 4.0), *commands(home, unit), first_day(folder / "first", unit)]
    return figures + with_more_models(folder, home, before, newest, unit)


def demo(home: Path, unit: float, attempts: int = 2) -> Figure:
    """The command that a newcomer runs first: 120 days simulated, backfilled, refreshed and graded."""

    def once() -> Cost:
        for made in (home, home.with_name(f"{home.name}.key")):
            shutil.rmtree(made, ignore_errors=True)
        return run([*COMMAND, "demo", "--home", str(home)])

    cost = best(once, attempts)
    if cost.code:
        raise RuntimeError(f"the demo failed:\n{cost.output[-2000:]}")
    return Figure("demo (normalised CPU s)", cost.cpu / unit, 120.0, f"{cost.wall:.0f} s by the clock")


def new_day(home: Path, day: dt.date, unit: float, attempts: int = 3) -> list[Figure]:
    """The cheapest of some refreshes of `day` in `home`, which must hold the days before it; the home ends as one that
    holds the day, and a copy of what it was lies beside it."""
    kept = _kept(home)
    seen = [_refreshed(home, kept, day) for _ in range(attempts)]
    cost, found = min(seen, key=lambda pair: pair[0].cpu)
    trained = sum(cpu for name, cpu in found["parts"].items() if name.startswith("state "))
    return [
        *_parts(found["parts"], cost, unit),
        Figure("new day (normalised CPU s)", cost.cpu / unit, 45.0, "aim 30; was 80 to 86"),
        Figure("new day, models apart (wall s)", cost.wall - trained, 25.0, f"{cost.wall:.1f} in all"),
        Figure("new day, dbt invocations", len(found["calls"]), 2.0, ", ".join(found["calls"])),
        Figure("new day, peak memory (GiB)", cost.peak / GIB, 2.0),
    ]


def _parts(stages: dict[str, float], cost: Cost, unit: float) -> list[Figure]:
    of_part = dict.fromkeys(PARTS, 0.0)
    for stage, cpu in stages.items():
        part = next(name for name, (_, begins) in PARTS.items() if stage.startswith(begins))
        of_part[part] += cpu
    rest = cost.cpu - sum(of_part.values())
    return [
        *(
            Figure(f"  {name} (normalised CPU s)", cpu / unit, note=f"was {PARTS[name][0]:g}")
            for name, cpu in of_part.items()
        ),
        Figure("  end of the process (normalised CPU s)", rest / unit),
    ]


def _kept(home: Path) -> Path:
    kept = home.with_name(f"{home.name}-kept")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(home, kept, symlinks=True)
    return kept


def _restored(home: Path, kept: Path) -> None:
    shutil.rmtree(home)
    shutil.copytree(kept, home, symlinks=True)


def _refreshed(home: Path, kept: Path, day: dt.date, project: Path = PROJECT_ROOT) -> tuple[Cost, dict[str, Any]]:
    """A refresh of the home as it was kept, at its own place."""
    _restored(home, kept)
    cost = run([sys.executable, "-m", "benchmarks.one_day", SHOP, str(home), f"{day}"], project=project)
    told = [line for line in cost.output.splitlines() if line.startswith("{")]  # multiprocessing may warn behind it
    found = json.loads(told[-1]) if cost.code == 0 and told else {}
    if not found.get("success"):
        raise RuntimeError(f"the refresh of {day} failed:\n{cost.output[-2000:]}")
    return cost, found


def nothing_changed(
    home: Path, day: dt.date, unit: float, bar: float, *, more: str = "", project: Path = PROJECT_ROOT
) -> Figure:
    """The command on a day that stands already."""
    again = partial(almanac, "refresh", "--date", f"{day}", home=home, project=project, also=OPEN)
    return Figure(f"nothing changed{more} (normalised CPU s)", best(again).cpu / unit, bar, "was 17.5")


def commands(home: Path, unit: float) -> list[Figure]:
    """What a person waits for most often."""
    shown = [
        ("--help", 0.2, partial(run, [*COMMAND, "--help"])),
        ("versions", 0.5, partial(almanac, "versions", home=home)),
        ("report --no-open", 0.8, partial(almanac, "report", "--no-open", home=home)),
    ]
    return [Figure(f"almanac {name} (normalised CPU s)", best(once).cpu / unit, bar) for name, bar, once in shown]


def first_day(home: Path, unit: float, attempts: int = 3) -> Figure:
    """The first day of a new home, by code that has been parsed before."""
    almanac("simulate", "--days", "1", home=home)
    kept = _kept(home)
    cost = min((_refreshed(home, kept, FIRST)[0] for _ in range(attempts)), key=lambda cost: cost.cpu)
    return Figure("first day of a new home (normalised CPU s)", cost.cpu / unit, 30.0)


def with_more_models(folder: Path, home: Path, before: dt.date, day: dt.date, unit: float) -> list[Figure]:
    """A new day, and one without news, of a project with 63 more models, 30 of them published."""
    project = larger_project(folder / "larger")
    kept = home.with_name(f"{home.name}-kept")
    _restored(home, kept)
    almanac("refresh", "--date", f"{before}", home=home, project=project, also=OPEN)
    kept = _kept(home)
    seen = [_refreshed(home, kept, day, project) for _ in range(3)]
    cost, found = min(seen, key=lambda pair: pair[0].cpu)
    return [
        *_parts(found["parts"], cost, unit),
        Figure("new day, 63 models more (normalised CPU s)", cost.cpu / unit, 65.0, "30 of them published"),
        nothing_changed(home, day, unit, 6.0, more=", 63 models more", project=project),
    ]
