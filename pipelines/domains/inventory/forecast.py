"""Demand forecasts with intervals, per series and period.

Belongs here: the public function and the form of its result. Does not belong here: features, training, rivals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.domains.inventory.design import Builder
from pipelines.domains.inventory.direct import Fit, builder_of, fit, predict, quantile_name
from pipelines.domains.inventory.panel import Floats, Panel, as_panel
from pipelines.domains.inventory.seasonal_naive import naive_values, wide_quantiles
from pipelines.modeling.inputs import AsOf, as_seed

QUANTILES = (0.1, 0.5, 0.9)
# A series observed for less than four weeks (or a quarter, weekly) has shown no rhythm to learn.
FEWEST_PERIODS = {"D": 28, "W": 13}


@dataclass(frozen=True)
class Forecaster:
    """A panel, its features and the models fitted on it: forecasts from its end and, for scoring, from before."""

    panel: Panel
    quantiles: tuple[float, ...]
    builder: Builder
    fitted: Fit

    def at(self, origin: int, *, calibrated: bool = True) -> pd.DataFrame:
        """Forecasts of the `horizon` periods after the period at position `origin`, as `forecast_demand` gives them."""
        targets = np.arange(origin + 1, min(origin + self.panel.horizon, len(self.panel.dates) - 1) + 1)
        block = self.builder.block(origin, targets)
        mean, bands = predict(self.fitted, block, self.quantiles, calibrated=calibrated)
        shape = (len(self.panel.series), len(targets))
        values = _young_get_naive(self, origin, targets, mean.reshape(shape), bands.reshape(*shape, -1))
        return forecast_frame(self.panel, origin, targets, self.quantiles, values[:, :, 0], values[:, :, 1:])


def forecast_demand(
    history: pd.DataFrame,
    *,
    as_of: AsOf,
    horizon: int,
    frequency: str = "D",
    quantiles: Sequence[float] = QUANTILES,
    known: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecasts of `horizon` periods after `as_of` for every series with a row at or before it.

    history    series_id, date, demand (finite); a period without a row after a series' first one is zero demand. Other
               columns that never change within a series describe it; those that change are only of use in `known`.
               Rows after `as_of` are not read. An optional column `availability` (0 to 1, missing: 1) says which
               share of the day's demand could be seen; a day with less than 1 needs a row even when nothing was sold.
               Demand is then learnt, not sales: what was not seen is filled in (`censoring.expected_demand`), a day
               of which nothing was seen is left out. Without the column sales are taken for demand.
    known      series_id, date and covariates known ahead, for past and coming periods. `is_open` = 0 marks periods on
               which nothing can be sold: not learnt from, forecast as zero. Without it, days on which none of 20 or
               more series sold anything count as closed.
    frequency  'D', or 'W': the weeks' weekday is that of the history.

    Returns series_id, date, mean, one column per quantile (q10 for 0.1 ...), naive (same weekday last observed; weekly
    the same week last year, else the last value), ordered by series_id and date; quantiles never cross, everything is
    finite, and nothing is below zero unless the series was. A series with less than 28 days (13 weeks) gets the naive
    with wide intervals. Raises ValueError, naming series and date, on duplicate keys or demand that is not finite.

    LightGBM on all series together, horizon by horizon (direct), as a correction of a structural forecast; quantiles
    are moved by split-conformal offsets (Romano, Patterson and Candes 2019) taken on the last periods, which no
    model saw.
    """
    forecaster = fit_forecaster(
        history, as_of=as_of, horizon=horizon, frequency=frequency, quantiles=quantiles, known=known, seed=seed
    )
    return forecaster.at(forecaster.panel.last)


def fit_forecaster(
    history: pd.DataFrame,
    *,
    as_of: AsOf,
    horizon: int,
    frequency: str = "D",
    quantiles: Sequence[float] = QUANTILES,
    known: pd.DataFrame | None = None,
    seed: int = 0,
) -> Forecaster:
    """What `forecast_demand` forecasts with; the arguments are the same."""
    levels, seed = quantile_levels(quantiles), as_seed(seed)
    panel = as_panel(history, known, as_of=as_of, horizon=horizon, frequency=frequency)
    builder = builder_of(panel, levels)
    learnable = (panel.n_observed >= FEWEST_PERIODS[frequency]).any() and np.nan_to_num(panel.demand).any()
    return Forecaster(panel, levels, builder, fit(builder, levels, seed) if learnable else Fit())


def quantile_levels(quantiles: Sequence[float]) -> tuple[float, ...]:
    """The levels in ascending order. Raises ValueError when one is not between 0 and 1 or two share a column."""
    levels = tuple(sorted(float(level) for level in quantiles))
    if not levels or not all(0 < level < 1 for level in levels):
        raise ValueError(f"quantiles are {list(quantiles)}: give at least one, each between 0 and 1")
    if len({quantile_name(level) for level in levels}) < len(levels):
        raise ValueError(f"quantiles are {list(quantiles)}: two of them would share one column")
    return levels


def _young_get_naive(made: Forecaster, origin: int, targets: np.ndarray, mean: Floats, bands: Floats) -> Floats:
    """(series x targets x [mean, quantiles]) with the naive and wide intervals for series that are too young."""
    panel = made.panel
    naive = naive_values(panel, origin, targets)
    young = (~np.isnan(panel.demand[:, : origin + 1])).sum(axis=1) < FEWEST_PERIODS[panel.frequency]
    wide = wide_quantiles(panel, origin, naive, made.quantiles)
    model = np.concatenate([mean[:, :, None], bands], axis=2)
    return np.where(young[:, None, None], np.concatenate([naive[:, :, None], wide], axis=2), model)


def forecast_frame(
    panel: Panel, origin: int, targets: np.ndarray, quantiles: tuple[float, ...], mean: Floats, bands: Floats
) -> pd.DataFrame:
    """The result's frame: quantiles ordered, nothing below zero unless the series was, zero on closed days."""
    past = panel.demand[:, : origin + 1]
    negative = np.asarray((np.nan_to_num(past) < 0).any(axis=1))
    floor = np.where(negative, -np.inf, 0.0)[:, None]
    mean, bands = np.maximum(mean, floor), np.maximum(np.sort(bands, axis=2), floor[:, :, None])
    naive = naive_values(panel, origin, targets)
    ever = np.asarray(np.nan_to_num(past).any(axis=1))
    nothing = ~panel.is_open[:, targets] | ~ever[:, None]
    values = {"mean": mean, **{quantile_name(q): bands[:, :, i] for i, q in enumerate(quantiles)}, "naive": naive}
    frame = pd.DataFrame(
        {
            "series_id": pd.Series(np.repeat(np.asarray(panel.series, dtype=object), len(targets)), dtype="str"),
            "date": np.tile(panel.dates[targets].to_numpy(), len(panel.series)),
            **{name: _in_unit(panel, np.where(nothing, 0.0, value)) for name, value in values.items()},
        }
    )
    begun = np.asarray((~np.isnan(past)).any(axis=1))
    return frame[np.repeat(begun, len(targets))].reset_index(drop=True)


def _in_unit(panel: Panel, values: Floats) -> Floats:
    """The values in the unit of the history, clipped so that the product stays finite however large the unit is."""
    unit = panel.unit[:, None]
    largest = np.finfo(np.float64).max / 4 / np.maximum(unit, 1.0)  # a unit below 1 makes nothing larger
    return np.asarray((np.clip(values, -largest, largest) * unit).ravel())
