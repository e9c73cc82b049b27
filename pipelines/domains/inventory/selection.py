"""What the daily refresh states: every method's forecast, how each did on the last days, and which one is published.

Belongs here: choosing between the model and its rivals on days that no model has seen. Does not belong here: the
methods themselves, tables and runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from pipelines.domains.inventory.forecast import QUANTILES, Forecaster, fit_forecaster
from pipelines.domains.inventory.rivals import RIVALS, rival_at
from pipelines.domains.inventory.totals import COLUMNS as TOTAL_COLUMNS
from pipelines.domains.inventory.totals import total_frame
from pipelines.modeling import boosting, measures
from pipelines.modeling.inputs import AsOf, as_dates, as_day, as_horizon, as_seed, checked_columns

MODEL = "lightgbm"
SERIES_KINDS = ("product", "revenue", "sku_location")
# Days before the as-of day from which forecasts are imitated and scored: all their targets calibrate, none was learnt.
WINDOWS = (28, 14)
FORECAST_COLUMNS = [
    *("series_kind", "series_id", "target_date", "method", "horizon_days"),
    *("is_open", "mean", "q10", "q50", "q90", "is_published"),
]
At = Callable[[str, int, bool], pd.DataFrame]
SCORE_COLUMNS = ["subject", "method", "measure", "value", "is_published"]


@dataclass(frozen=True)
class StatedForecasts:
    """One day's statement.

    forecasts  series_kind, series_id, target_date, method, horizon_days, is_open, mean, q10, q50, q90 (units of
               the history), is_published; key: the first four; one method per series_kind is published
    scores     subject (the series_kind), method, measure (pinball, wape, bias, share_below_q10, share_above_q90,
               n_scored), value, is_published; empty for a kind whose history is too short to score anything
    totals     series_kind, series_id, method (the published one), horizon_days, mean, lower, upper: the sum over the
               horizon with its 80 % interval, NaN where the history is too short or there are fewer than 20 series
    models     '<series_kind>/<mean, q10, q50 or q90>' -> LightGBM's text (`boosting.from_text` reads it)
    """

    forecasts: pd.DataFrame
    scores: pd.DataFrame
    totals: pd.DataFrame
    models: Mapping[str, str] = field(default_factory=dict)


def state_demand_forecasts(
    history: pd.DataFrame, known: pd.DataFrame | None, *, as_of: AsOf, horizon: int = 28, seed: int = 0
) -> StatedForecasts:
    """Forecasts of all methods for the `horizon` days after `as_of`, and the best of each kind of series.

    history  series_kind ('product', 'revenue' or 'sku_location'), series_id, date, demand and, if stock is known,
             availability (see `forecast_demand`); rows after `as_of` are not read
    known    date and covariates of the whole shop, past and future (as is_open), or the same with series_id; or None

    Scored are forecasts from 28 and 14 days before `as_of`, by models fitted on the days before and without the
    offsets that these days set, on days of which all demand was seen. The method with the least pooled mean pinball
    loss over the levels .1, .5 and .9 is published; with too short a history the seasonal naive. Raises ValueError on
    an unknown kind and what `forecast_demand` refuses.
    """
    checked_columns(history, ("series_kind", "series_id", "date", "demand"), "history")
    unknown = history.loc[~history["series_kind"].isin(SERIES_KINDS), "series_kind"]
    if len(unknown):
        raise ValueError(f"series_kind {unknown.iloc[0]!r} is unknown: give {' or '.join(SERIES_KINDS)}")
    day, horizon, seed = as_day(as_of), as_horizon(horizon), as_seed(seed)
    begun = history[~(as_dates(history["date"], "history") > day)]  # a missing date is refused below
    parts = []
    for kind in SERIES_KINDS:
        rows = begun[begun["series_kind"] == kind].drop(columns="series_kind")
        if len(rows):
            told = _for_each_series(known, rows)
            made = fit_forecaster(rows, as_of=day, horizon=horizon, known=told, seed=seed)
            parts.append(_state_kind(kind, made))
    if not parts:
        none, no_scores, no_totals = (pd.DataFrame(columns=c) for c in (FORECAST_COLUMNS, SCORE_COLUMNS, TOTAL_COLUMNS))
        return StatedForecasts(none, no_scores, no_totals)
    return StatedForecasts(
        forecasts=pd.concat([part.forecasts for part in parts], ignore_index=True),
        scores=pd.concat([part.scores for part in parts], ignore_index=True),
        totals=pd.concat([part.totals for part in parts], ignore_index=True),
        models={name: text for part in parts for name, text in part.models.items()},
    )


def _totals(kind: str, made: Forecaster, at: At, method: str, *, is_scored: bool) -> pd.DataFrame:
    """The published method's totals; their interval comes from the longest window, which it had not seen."""
    back = max(WINDOWS)
    imitated = pd.DataFrame({"series_id": [], "mean": [], "actual": []})
    if is_scored:
        imitated = _with_actual(made, at(method, made.panel.last - back, False))
    frame = total_frame(
        at(method, made.panel.last, True),
        imitated,
        kind=kind,
        method=method,
        horizon=made.panel.horizon,
    )
    return frame if is_scored else frame.assign(lower=np.nan, upper=np.nan)


def _for_each_series(known: pd.DataFrame | None, rows: pd.DataFrame) -> pd.DataFrame | None:
    if known is None or "series_id" in known.columns:
        return known
    return pd.DataFrame({"series_id": sorted(rows["series_id"].astype(str).unique())}).merge(known, how="cross")


def _state_kind(kind: str, made: Forecaster) -> StatedForecasts:
    methods = ([MODEL] if made.fitted.models else []) + list(RIVALS)
    at = _forecasts_of(made)
    scored = _scored(made, at, methods) if made.fitted.models else pd.DataFrame()
    published = _choice(scored)
    forecasts = pd.concat([_stated(made, at, method) for method in methods], ignore_index=True)
    forecasts.insert(0, "series_kind", kind)
    forecasts["is_published"] = forecasts["method"] == published
    order = ["series_id", "target_date", "method"]
    forecasts = forecasts.sort_values(order, kind="stable", ignore_index=True)[FORECAST_COLUMNS]
    return StatedForecasts(
        forecasts=forecasts,
        scores=_score_rows(kind, scored, published),
        totals=_totals(kind, made, at, published, is_scored=not scored.empty),
        models={f"{kind}/{name}": boosting.to_text(model)[0] for name, model in made.fitted.models.items()},
    )


def _forecasts_of(made: Forecaster) -> At:
    """The forecast of a method from an origin, calibrated or not, made once however often it is asked for."""

    @cache
    def at(method: str, origin: int, calibrated: bool) -> pd.DataFrame:
        if method == MODEL:
            return made.at(origin, calibrated=calibrated)
        return rival_at(made.panel, method, origin, made.quantiles)

    return at


def _stated(made: Forecaster, at: At, method: str) -> pd.DataFrame:
    frame = at(method, made.panel.last, True).drop(columns="naive")
    today = made.panel.dates[made.panel.last]
    return frame.rename(columns={"date": "target_date"}).assign(
        method=method, horizon_days=(frame["date"] - today).dt.days.astype("int64"), is_open=_is_open(made, frame)
    )


def _is_open(made: Forecaster, frame: pd.DataFrame) -> np.ndarray:
    row = pd.Index(made.panel.series).get_indexer(pd.Index(frame["series_id"]))
    return np.asarray(made.panel.is_open[row, made.panel.dates.get_indexer(pd.Index(frame["date"]))])


def _scored(made: Forecaster, at: At, methods: list[str]) -> pd.DataFrame:
    """method x measure over the windows, open days only."""
    panel = made.panel
    frames = []
    for method in methods:
        windows = [_with_actual(made, at(method, panel.last - back, False)).assign(method=method) for back in WINDOWS]
        frames += windows
    rows = pd.concat(frames, ignore_index=True)
    return pd.DataFrame({method: _measures(rows[rows["method"] == method]) for method in methods}).T


def _with_actual(made: Forecaster, forecast: pd.DataFrame) -> pd.DataFrame:
    """The forecasts of open days up to the as-of day of which all demand was seen, with `actual`."""
    panel = made.panel
    frame = forecast[forecast["date"] <= panel.dates[panel.last]]
    row = pd.Index(panel.series).get_indexer(pd.Index(frame["series_id"]))
    column = panel.dates.get_indexer(pd.Index(frame["date"]))
    actual = panel.demand[row, column] * panel.unit[row]
    can_tell = panel.is_open[row, column] & panel.is_whole[row, column] & ~np.isnan(actual)
    return frame.assign(actual=actual)[can_tell]


def _measures(rows: pd.DataFrame) -> dict[str, float]:
    if rows.empty:
        return {}
    actual, mean = rows["actual"], rows["mean"]
    return {
        "pinball": float(np.mean([measures.pinball(actual, rows[f"q{100 * q:02.0f}"], q) for q in QUANTILES])),
        "wape": measures.wape(actual, mean),
        "bias": measures.bias(actual, mean),
        "share_below_q10": measures.share_below(actual, rows["q10"]),
        "share_above_q90": measures.share_above(actual, rows["q90"]),
        "n_scored": float(len(rows)),
    }


def _choice(scored: pd.DataFrame) -> str:
    """The published method. Of equals the earlier wins: the model, then the rivals in their order."""
    if scored.empty or "pinball" not in scored:
        return "seasonal_naive"  # the history is too short to compare methods
    return str(scored["pinball"].idxmin())


def _score_rows(kind: str, scored: pd.DataFrame, published: str) -> pd.DataFrame:
    if scored.empty:
        return pd.DataFrame(columns=SCORE_COLUMNS)
    long = scored.rename_axis(index="method").reset_index().melt("method", var_name="measure")
    long = long[np.isfinite(long["value"])]  # a share of nothing has no value and no row
    long = long.assign(subject=kind, is_published=long["method"] == published)
    ordered: pd.DataFrame = long.sort_values(["method", "measure"], ignore_index=True)[SCORE_COLUMNS]
    return ordered
