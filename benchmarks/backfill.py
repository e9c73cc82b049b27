"""What a backfill costs where marts stand already, over one full build of the same days.

Belongs here: homes, whole commands, their CPU seconds and peak memory. Does not belong here: parts of a run (one_day).
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import GIB, Cost, almanac
from pipelines.settings.environment import PROJECT_ROOT

FIRST, LAST, NEWEST = "2010-12-01", "2011-12-08", "2011-12-09"
EXAMPLES = PROJECT_ROOT / "examples" / "online_retail"


def full_build(home: Path) -> Cost:
    """All days but the newest into an empty home, in one run: the demo's backfill."""
    return almanac("backfill", "--from", FIRST, "--to", LAST, home=home)


def one_line_late(home: Path) -> int:
    """Deliver, for each of the 304 days, a second file that repeats the day's first line; the number of files.

    The repeated line supersedes itself, so each day has to be replaced and no figure changes.
    """
    files = [path for path in sorted(EXAMPLES.glob("*.csv.gz")) if path.name <= f"{LAST}.csv.gz"]
    for path in files:
        day = dt.date.fromisoformat(path.name[:10])
        rows = list(csv.reader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))[:2]
        folder = home / "drops" / "online_retail" / "transactions" / day.isoformat()
        folder.mkdir(parents=True)
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        (folder / "late.csv").write_text(text.getvalue())
    return len(files)


def replace_days(home: Path, full: Cost) -> list[Figure]:
    """Backfills over standing marts, in a home that holds the newest day only, then over all their own days again."""
    almanac("refresh", "--date", NEWEST, home=home)
    added = almanac("backfill", "--from", FIRST, "--to", LAST, home=home)
    one_line_late(home)
    replaced = almanac("backfill", "--from", FIRST, "--to", LAST, home=home)
    return [
        _ratio("304-day backfill into standing marts, over a full build (CPU)", added, full),
        _ratio("304 standing days replaced, a late file each, over a full build", replaced, full),
        Figure("peak memory of the demo's backfill (GiB)", full.peak / GIB, 2.0),
        Figure("peak memory of the two others (GiB)", max(added.peak, replaced.peak) / GIB, 2.0),
    ]


def _ratio(name: str, cost: Cost, full: Cost) -> Figure:
    return Figure(name, cost.cpu / full.cpu, 1.5, f"{cost.cpu:.1f} over {full.cpu:.1f} CPU s, start-up in both")
