"""How much of the demand of stock-out days a simulated shop's history holds, seed by seed: what the bar of that grade
(simulator.capabilities.demand.grades.FOUND_OFF) stands on.

`python -m benchmarks.found_demand [SEED ...]` prints every seed and their spread (default: 16 seeds, about two
minutes); exit code 1 when one misses the bar. The history is made from the answer key by the function that fills in the
pipeline's own, so a seed takes seconds; a whole demo differs from it by less than a hundredth.

Does not belong here: what a forecast makes of it (stock_outs.py).
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.measured import Measured, at_most, printed
from pipelines.domains.inventory.censoring import day_shape, expected_demand
from simulator.arguments import Arguments
from simulator.capabilities.demand.grades import FOUND_OFF
from simulator.key import read_key
from simulator.run import run as simulate

SEEDS = range(1, 17)
START, DAYS, CUSTOMERS = dt.date(2025, 1, 1), 120, 5000
DAY_MINUTES = 24 * 60


def known_and_sold(seed: int) -> tuple[float, float]:
    """Of all that was wanted on days with a stock-out: the share that the history holds, and that which was sold."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder, "key")
        simulate(Arguments(seed, START, DAYS, CUSTOMERS), Path(folder, "drops"), key, progress=lambda *_: None)
        with duckdb.connect() as con:
            rows = con.execute(f"from {read_key(key).sql('demand')}").df()
    rows["series"] = rows["sku"] + "@" + rows["location_id"]
    wide = rows.pivot(index="series", columns="date", values=["sold", "true_demand", "stockout_minutes"]).astype(float)
    sold, wanted, minutes = (wide[name].to_numpy() for name in ("sold", "true_demand", "stockout_minutes"))
    share = np.where(np.isnan(minutes), 1.0, 1 - minutes / DAY_MINUTES)
    held, is_out = expected_demand(sold, share, day_shape(sold, share)), minutes > 0
    return float(held[is_out].sum() / wanted[is_out].sum()), float(sold[is_out].sum() / wanted[is_out].sum())


def run(seeds: Sequence[int] = SEEDS) -> list[Measured]:
    """All figures, printed as they come."""
    found: list[tuple[float, float]] = []
    rows = []
    for seed in seeds:
        found.append(known_and_sold(seed))
        known, sold = found[-1]
        rows += printed([
            at_most(f"seed {seed}: known of the demand of stock-out days, off by", abs(known - 1), FOUND_OFF),
            Measured(f"seed {seed}: known", known),
            Measured(f"seed {seed}: sold", sold),
        ])  # fmt: skip
    shares = np.array([share for share, _ in found])
    spread = {
        "mean": shares.mean(),
        "standard deviation": shares.std(ddof=1),
        "least": shares.min(),
        "most": shares.max(),
    }
    return rows + printed(Measured(f"known, {name} of {len(found)} seeds", float(n)) for name, n in spread.items())


if __name__ == "__main__":
    sys.exit(int(not all(row.passes for row in run([int(seed) for seed in sys.argv[1:]] or SEEDS))))
