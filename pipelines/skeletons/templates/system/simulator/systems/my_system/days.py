"""A day at my system: my table, drawn from a stream of its own.

Belongs here: what happens, and what is noted down of it. Does not belong here: ids and texts (rows.py).
"""

from __future__ import annotations

import numpy as np

from simulator.clock import DAY
from simulator.systems.my_system.tables import FORM
from simulator.world import Day, Life, Step

# One row a day for a hundred accounts, and never fewer than ten on the mean: a small shop has something every day.
PER_ACCOUNT, LEAST = 0.01, 10
# Amounts are lognormal: most are about 60, one in a hundred is beyond 400.
LOG_MEAN, LOG_SPREAD = 4.1, 0.8


def _enter(life: Life, day: Day) -> None:
    rng = day.rng(FORM.system)
    n = int(rng.poisson(max(life.n_accounts * PER_ACCOUNT, LEAST)))
    life.notes.add(
        "my_system_my_table",
        moment=day.number * DAY + np.sort(rng.integers(0, DAY, n)),
        sku=rng.choice(np.flatnonzero(life.catalogue.on_sale(day.number)), n),
        cents=np.rint(100 * rng.lognormal(LOG_MEAN, LOG_SPREAD, n)).astype(np.int64),
    )


STEPS = (Step("my_system.enter", _enter),)
