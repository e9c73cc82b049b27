"""Split-conformal calibration of quantile forecasts (Romano, Patterson and Candes 2019), one level at a time.

Belongs here: by how much a quantile must be moved so that it holds on rows that no model has seen. Does not belong
here: which rows those are (splits.py, the domains).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def offset(scores: npt.ArrayLike, level: float) -> float:
    """What to add to a forecast of quantile `level`, given scores = (actual - forecast) on calibration rows.

    Above the median it is the conformal order statistic ceil(level * (n + 1)), below it its mirror image, so that an
    interval covers at least what it promises when rows are exchangeable. Raises ValueError without scores.
    """
    if not 0 < level < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {level}")
    ordered = np.sort(np.asarray(scores, dtype=np.float64))
    if not ordered.size or not np.isfinite(ordered).all():
        raise ValueError("calibration needs finite scores, at least one")
    if level < 0.5:
        return -offset(-ordered, 1 - level)
    if level == 0.5:
        return float(np.median(ordered))
    rank = int(np.ceil(np.round(level * (ordered.size + 1), 9)))
    return float(ordered[min(rank, ordered.size) - 1])
