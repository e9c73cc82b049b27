"""What a builder of features gives to the models: one block per origin, stacked rows for training.

Belongs here: the shape that daily.py and weekly.py share, and choosing rows. Does not belong here: the features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipelines.domains.inventory.panel import Bools, Floats, Panel

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Forecast rows: features (rows x columns), a structural `base`, its `scale` (> 0), own quantiles (rows x levels).

    `weight` says how much a row's error matters, `target` and `series` are positions in the panel.
    """

    features: Floats
    base: Floats
    scale: Floats
    own: Floats
    weight: Floats
    series: Positions
    target: Positions
    origin: Positions

    def __len__(self) -> int:
        return len(self.base)

    def take(self, rows: npt.NDArray[np.int64] | Bools) -> Block:
        """Only these rows."""
        return Block(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class Builder(Protocol):
    """Features of one panel, from any origin: what it gives for an origin never reads demand after that origin."""

    panel: Panel
    names: list[str]

    def block(self, origin: int, targets: Positions) -> Block:
        """All series x targets, series by series."""
        ...


def stack(blocks: Sequence[Block]) -> Block:
    """All rows of several blocks."""
    return Block(*(np.concatenate([getattr(b, name) for b in blocks]) for name in blocks[0].__dataclass_fields__))


def training_rows(
    builder: Builder, origins: Sequence[int], until: int, *, minimum: int, limit: int, seed: int
) -> tuple[Block, Floats] | None:
    """At most about `limit` rows (and their demand) with targets up to `until` on open days, drawn evenly.

    A series takes part once it has `minimum` periods at the origin. None when there are no rows.
    """
    panel = builder.panel
    share = _share(panel, origins, until, limit)
    draw = np.random.default_rng(seed)
    blocks = []
    for origin in origins:
        targets = np.arange(origin + 1, min(origin + panel.horizon, until) + 1)
        targets = targets[panel.is_open[:, targets].any(axis=0)]
        if not len(targets):
            continue
        block = builder.block(origin, targets)
        old = (~np.isnan(panel.demand[:, : origin + 1])).sum(axis=1) >= minimum
        keep = old[block.series] & panel.is_open[block.series, block.target]
        keep &= draw.random(len(block)) < share
        blocks.append(block.take(keep))
    if not sum(map(len, blocks)):
        return None
    rows = stack(blocks)
    return rows, panel.demand[rows.series, rows.target]


def _share(panel: Panel, origins: Sequence[int], until: int, limit: int) -> float:
    n_targets = sum(max(min(panel.horizon, until - origin), 0) for origin in origins)
    open_share = float(panel.is_open[:, : until + 1].mean())
    return min(limit / max(n_targets * len(panel.series) * max(open_share, 1e-9), 1.0), 1.0)
