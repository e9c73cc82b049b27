"""Measures of error, once for forecasts, backtests and grades.

Belongs here: formulas over arrays of actuals and predictions. Does not belong here: which rows are scored.
Every function takes arrays of one length and raises ValueError when they are empty, differ in length or are not finite.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.ArrayLike


def wape(actual: Values, predicted: Values) -> float:
    """Sum of absolute errors over the sum of absolute actuals; NaN when all actuals are zero."""
    y, p = _pair(actual, predicted)
    return _ratio(float(np.abs(y - p).sum()), float(np.abs(y).sum()))


def bias(actual: Values, predicted: Values) -> float:
    """Sum of (predicted - actual) over the sum of actuals: above zero = too high; NaN when the actuals sum to zero."""
    y, p = _pair(actual, predicted)
    return _ratio(float((p - y).sum()), float(y.sum()))


def mean_absolute_error(actual: Values, predicted: Values) -> float:
    """Mean of the absolute errors, in the unit of the actuals."""
    y, p = _pair(actual, predicted)
    return float(np.abs(y - p).mean())


def root_mean_squared_error(actual: Values, predicted: Values) -> float:
    """Root of the mean of the squared errors, in the unit of the actuals."""
    y, p = _pair(actual, predicted)
    return float(np.sqrt(np.square(y - p).mean()))


def pinball(actual: Values, predicted: Values, level: float) -> float:
    """Mean quantile loss of predictions of the quantile `level` (Koenker and Bassett 1978), in the actuals' unit."""
    if not 0 < level < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {level}")
    y, p = _pair(actual, predicted)
    return float(np.maximum(level * (y - p), (level - 1) * (y - p)).mean())


def weighted_mean_absolute_error(actual: Values, predicted: Values, weight: Values) -> float:
    """Mean of the absolute errors under weights (Walmart's WMAE weighs holiday weeks by 5)."""
    y, p = _pair(actual, predicted)
    w, _ = _pair(weight, actual)
    return _ratio(float((w * np.abs(y - p)).sum()), float(w.sum()))


def share_below(actual: Values, bound: Values) -> float:
    """Share of actuals below the bound."""
    y, b = _pair(actual, bound)
    return float((y < b).mean())


def share_above(actual: Values, bound: Values) -> float:
    """Share of actuals above the bound."""
    y, b = _pair(actual, bound)
    return float((y > b).mean())


def _pair(first: Values, second: Values) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"arrays of one length are needed, not of shapes {a.shape} and {b.shape}")
    if not a.size:
        raise ValueError("there is nothing to measure")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("a value is missing or infinite")
    return a, b


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
