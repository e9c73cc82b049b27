"""How stored forecasts did, once their day has come.

Belongs here: comparing stored forecasts with actual demand. Does not belong here: making or storing them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.modeling.inputs import AsOf, as_day

KEY = ["target_date", "series_kind", "method", "horizon_days"]
LEVELS = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
COLUMNS = [
    *KEY,
    *("n_forecasts", "actual_total", "forecast_total", "abs_error_total", "pinball_total"),
    *("n_below_q10", "n_above_q90", "is_published"),
]


def score_forecasts(forecasts: pd.DataFrame, actuals: pd.DataFrame, *, as_of: AsOf) -> pd.DataFrame:
    """One row per target date, series_kind, method and horizon_days of the forecasts whose open day has come.

    forecasts  series_kind, series_id, target_date, method, horizon_days, mean, q10, q50, q90, is_published
    actuals    series_kind, series_id, date, demand; every open day has a row of some series at least: a target date
               without any is closed (or not yet there) and not scored; a series without a row then sold nothing. A
               row whose `availability` (optional; missing: 1) is below 1 tells less than was wanted: its forecasts
               are not scored

    Returns n_forecasts, sums of actual demand, of `mean` and of its absolute errors, pinball_total (sum over rows of
    the mean pinball loss at .1, .5 and .9), n_below_q10, n_above_q90, is_published. Rows after `as_of` are not read.
    Raises ValueError when actuals name a series and day twice.
    """
    day = as_day(as_of)
    sold = _dated(actuals, "date")
    sold = sold[sold["date"] <= day]
    key = ["series_kind", "series_id", "date"]
    if sold.duplicated(key).any():
        row = sold[sold.duplicated(key)].iloc[0]
        raise ValueError(f"actuals: series {row['series_id']} has {row['date'].date()} more than once")
    due = _dated(forecasts, "target_date")
    due = due[(due["target_date"] <= day) & due["target_date"].isin(sold["date"])]
    if "availability" in sold.columns:
        part = sold.loc[sold["availability"] < 1, key].rename(columns={"date": "target_date"})
        due = due.merge(part, how="left_anti", on=["series_kind", "series_id", "target_date"])
    if due.empty:
        return pd.DataFrame(columns=COLUMNS)
    sold = sold[[*key, "demand"]].rename(columns={"date": "target_date"})
    rows = due.merge(sold, how="left", on=["series_kind", "series_id", "target_date"])
    return _summed(rows, rows["demand"].fillna(0.0).to_numpy(dtype=np.float64))


def _summed(rows: pd.DataFrame, actual: np.ndarray) -> pd.DataFrame:
    mean = rows["mean"].to_numpy(dtype=np.float64)
    bands = {name: rows[name].to_numpy(dtype=np.float64) for name in LEVELS}
    losses = [np.maximum(q * (actual - bands[name]), (q - 1) * (actual - bands[name])) for name, q in LEVELS.items()]
    measured = rows[KEY].assign(
        n_forecasts=1,
        actual_total=actual,
        forecast_total=mean,
        abs_error_total=np.abs(actual - mean),
        pinball_total=np.mean(losses, axis=0),
        n_below_q10=(actual < bands["q10"]).astype(np.int64),
        n_above_q90=(actual > bands["q90"]).astype(np.int64),
        is_published=rows["is_published"].astype(bool),
    )
    sums = dict.fromkeys(COLUMNS[len(KEY) : -1], "sum")
    return measured.groupby(KEY, as_index=False, sort=True).agg({**sums, "is_published": "max"})[COLUMNS]


def _dated(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: pd.to_datetime(frame[column]).dt.normalize().astype("datetime64[ns]")})
