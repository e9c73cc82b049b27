"""Splits in time: what is learnt from, what calibrates, never a random half.

Belongs here: positions of origins and targets. Does not belong here: rows and models.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeSplit:
    """Positions of periods: models learn from targets up to `fit_until`, later ones up to `last` calibrate.

    `fit_origins` and `calibration_origins` are the periods from which forecasts are imitated.
    """

    fit_origins: tuple[int, ...]
    fit_until: int
    calibration_origins: tuple[int, ...]
    last: int


def time_split(*, first: int, last: int, calibration: int, step: int, calibration_step: int) -> TimeSplit:
    """Origins from `first` on, every `step` periods back from the end; the last `calibration` periods are kept apart.

    No calibration target is learnt from, and no forecast is imitated from a day that its model has not seen the end of.
    Raises ValueError when nothing is left to learn from.
    """
    fit_until = last - calibration
    if min(calibration, step, calibration_step) < 1 or fit_until - 1 < first:
        raise ValueError(f"{last + 1} periods are too few: {calibration} calibrate, {first} precede the first origin")
    return TimeSplit(
        fit_origins=tuple(sorted(range(fit_until - 1, first - 1, -step))),
        fit_until=fit_until,
        calibration_origins=tuple(range(fit_until, last, calibration_step)),
        last=last,
    )
