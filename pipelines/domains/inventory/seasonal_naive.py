"""The naive forecast: what was observed the same weekday, or the same week a year ago.

Belongs here: the naive value and its wide interval. Does not belong here: rivals as frames (rivals.py).
"""

from __future__ import annotations

import numpy as np

from pipelines.domains.inventory.panel import Floats, Panel

WEEKS_IN_A_YEAR = 52


def naive_values(panel: Panel, origin: int, targets: np.ndarray) -> Floats:
    """Series x targets, in units of the panel.

    Daily: the demand of the last same weekday at or before `origin` on which the series was open; weekly: of 52 weeks
    before the target (104 when that lies ahead too). Where there is none: the last open value.
    """
    season = 7 if panel.frequency == "D" else WEEKS_IN_A_YEAR
    past = np.where(panel.is_open[:, : origin + 1], panel.demand[:, : origin + 1], np.nan)
    last = _last_value(past)
    columns = []
    for target in targets:
        back = np.arange(target - season * -(-(target - origin) // season), -1, -season)
        if panel.frequency == "W":
            back = back[:1]
        columns.append(_last_value(past[:, back[::-1]], last) if len(back) else last)
    return np.stack(columns, axis=1)


def _last_value(values: Floats, otherwise: Floats | None = None) -> Floats:
    seen = ~np.isnan(values)
    at = values.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    found = values[np.arange(len(values)), at]
    instead = np.zeros(len(values)) if otherwise is None else otherwise
    return np.where(seen.any(axis=1), found, instead)


def wide_quantiles(panel: Panel, origin: int, naive: Floats, quantiles: tuple[float, ...]) -> Floats:
    """Series x targets x quantiles around the naive value: a logistic law as wide as all that the series has shown."""
    past = panel.demand[:, : origin + 1]
    seen = np.maximum((~np.isnan(past)).sum(axis=1), 1)
    size = np.nan_to_num(np.abs(past)).sum(axis=1) / seen
    mean = np.nan_to_num(past).sum(axis=1) / seen
    spread = np.sqrt(np.where(np.isnan(past), 0.0, (past - mean[:, None]) ** 2).sum(axis=1) / seen)
    width = np.maximum(size, spread)
    law = np.log(np.asarray(quantiles) / (1 - np.asarray(quantiles)))
    return np.asarray(naive[:, :, None] + 0.75 * width[:, None, None] * law)
