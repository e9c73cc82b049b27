"""memory: a whole shop in little memory. Does not belong here: how dear a run is otherwise (benchmarks)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import COMMAND
from benchmarks.proofs.rows import Row
from pipelines.settings.environment import PROJECT_ROOT
from tests.faults.progress import told
from tests.faults.shops import FaultShop

LIMIT_MB = 500
# What Python's frames, models and libraries may take beside DuckDB's limit.
BESIDE_MB = 1536


def tree_rss(root: int) -> int:
    """Resident bytes of a process and all that it started; what they share is counted in each."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    tree = {root}
    while grown := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= grown
    total = 0
    for pid in tree:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
    return total * os.sysconf("SC_PAGE_SIZE")


def measured(command: list[str], environment: dict[str, str], log: Path) -> tuple[int, int, float]:
    """(exit code, peak resident bytes of the whole tree sampled every 50 ms, seconds)."""
    began, peak = time.monotonic(), 0
    with log.open("w") as output:
        everything = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT), **environment}
        process = subprocess.Popen(command, env=everything, cwd=PROJECT_ROOT, stdout=output, stderr=output)
        while process.poll() is None:
            peak = max(peak, tree_rss(process.pid))
            time.sleep(0.05)
    return process.returncode, peak, time.monotonic() - began


def rows(story: FaultShop, folder: Path, count: int) -> Iterator[Row]:
    """The bar of the shop's whole demo under the limit, `count` times."""
    for number in range(count):
        began, log = time.monotonic(), folder / f"demo{number}.log"
        folder.mkdir(parents=True, exist_ok=True)
        command = [*COMMAND, "demo", story.name, "--home", str(folder / f"home{number}")]
        code, peak, seconds = measured(command, {"ALMANAC_MEMORY_LIMIT": f"{LIMIT_MB}MB"}, log)
        told(f"{number + 1} of {count}", began)
        peak_mb, bar_mb = peak / (1 << 20), LIMIT_MB + BESIDE_MB
        text = f"exit code {code}, peak {peak_mb:,.0f} MB in {seconds:.0f} s"
        if code != 0:
            text += f": {' / '.join(log.read_text().splitlines()[-2:])}"
        bar = f"{story.demo} with memory_limit {LIMIT_MB} MB: completes, peak RSS of the tree <= {bar_mb:,} MB"
        yield Row(bar, text, code == 0 and peak_mb <= bar_mb)
