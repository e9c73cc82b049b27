"""The demand history as one matrix: checked, zeros filled in, cut at the as-of day.

Belongs here: what a valid history is and how its rows become arrays. Does not belong here: features, models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domains.inventory.censoring import day_shape, expected_demand
from pipelines.modeling.inputs import AsOf, as_dates, as_day, as_horizon, as_numbers, checked_columns

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAYS = {"D": 1, "W": 7}
# Fewer series than this may all have a day without a sale although the shop was open.
SERIES_THAT_SHOW_CLOSED_DAYS = 20
WEEKS_THAT_SHOW_A_CLOSED_WEEKDAY = 8
SALE_SHARE_OF_OPEN_DAYS = 0.8


@dataclass(frozen=True)
class Panel:
    """`series` x periods, the last `horizon` of which lie after the as-of day.

    demand    series x past periods, each series divided by its `unit`; NaN before its first row, 0 without a row;
              of a period seen in part the demand to be expected
    unit      largest absolute demand of each series (1 for a series of zeros)
    is_open   series x all periods: False = closed (or, in the past, nothing was to be had), neither learnt from nor
              expected to sell
    is_whole  series x past periods: False = demand is an estimate, against which no forecast is scored
    known     covariate -> series x all periods (NaN = not told)
    """

    series: tuple[str, ...]
    dates: pd.DatetimeIndex
    frequency: str
    horizon: int
    demand: Floats
    unit: Floats
    is_open: Bools
    is_whole: Bools
    known: Mapping[str, Floats]

    @property
    def last(self) -> int:
        """Position of the last period at or before the as-of day."""
        return int(self.demand.shape[1]) - 1

    @property
    def n_observed(self) -> npt.NDArray[np.int64]:
        """Periods from each series' first row to the as-of day."""
        return np.asarray((~np.isnan(self.demand)).sum(axis=1), dtype=np.int64)


def as_panel(history: pd.DataFrame, known: pd.DataFrame | None, *, as_of: AsOf, horizon: int, frequency: str) -> Panel:
    """The panel of all series with a row at or before `as_of`. Raises ValueError, naming the series."""
    if frequency not in DAYS:
        raise ValueError(f"frequency {frequency!r} is unknown: give 'D' or 'W'")
    horizon = as_horizon(horizon)
    day = as_day(as_of)
    rows = _past(history, day)
    dates, n_past = _grid(rows, day, horizon, frequency)
    series = tuple(sorted(rows["series_id"].unique()))
    demand = _matrix(rows, "demand", series, dates[:n_past], fill=0.0)
    first = (rows.groupby("series_id")["date"].min().loc[list(series)] - dates[0]).dt.days.to_numpy() // DAYS[frequency]
    demand[np.arange(n_past)[None, :] < first[:, None]] = np.nan
    covariates = _covariates(rows, known, series, dates, n_past)
    told = covariates.pop("is_open", None)
    scaled, unit = _scaled(demand)
    is_open = _inferred_open(scaled, dates, n_past, frequency) if told is None else ~(told == 0)
    share = _seen_share(rows, series, dates[:n_past])
    is_whole = share >= 1
    if not is_whole.all():
        sold = np.where(is_open[:, :n_past], demand, np.nan)
        wanted = expected_demand(sold, share, day_shape(sold, share))
        scaled, unit = _scaled(np.where(np.isnan(wanted), demand, wanted))
        if frequency == "D":  # A week is too much to lose: one without stock is taken as it is to be expected.
            is_open[:, :n_past] &= share > 0
    return Panel(series, dates, frequency, horizon, scaled, unit, is_open, is_whole, covariates)


def _scaled(demand: Floats) -> tuple[Floats, Floats]:
    """(demand in units of each series' largest, these units)."""
    unit = np.nan_to_num(np.abs(demand)).max(axis=1)
    unit = np.where(unit > 0, unit, 1.0)
    return demand / unit[:, None], unit


def _seen_share(rows: pd.DataFrame, series: tuple[str, ...], dates: pd.DatetimeIndex) -> Floats:
    """Series x past periods: the share of demand that could be seen; 1 without a row or a value."""
    if "availability" not in rows.columns:
        return np.ones((len(series), len(dates)))
    share = as_numbers(rows["availability"], "history").fillna(1.0)
    wrong = ~share.between(0, 1)
    if wrong.any():
        row = rows[wrong].iloc[0]
        raise ValueError(
            f"history: series {row['series_id']} has an availability on {row['date'].date()} that is no share: "
            "give 0 to 1"
        )
    return _matrix(rows.assign(availability=share), "availability", series, dates, fill=1.0)


def _keyed(frame: pd.DataFrame, columns: tuple[str, ...], name: str) -> pd.DataFrame:
    checked_columns(frame, columns, name)
    date = as_dates(frame["date"], name)
    if date.isna().any() or frame["series_id"].isna().any():
        raise ValueError(f"{name} has a row without series_id or date")
    return frame.assign(series_id=frame["series_id"].astype(str), date=date)


def _unique(frame: pd.DataFrame, name: str) -> None:
    twice = frame.duplicated(["series_id", "date"])
    if twice.any():
        row = frame[twice].sort_values(["series_id", "date"]).iloc[0]
        raise ValueError(f"{name}: series {row['series_id']} has {row['date'].date()} more than once")


def _past(history: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    checked_columns(history, ("series_id", "date", "demand"), "history")
    if not len(history):
        raise ValueError("history is empty: there is nothing to forecast from")
    rows = _keyed(history, ("series_id", "date", "demand"), "history")
    rows = rows[rows["date"] <= day]
    if rows.empty:
        raise ValueError(f"history has no row at or before {day.date()}: there is nothing to forecast from")
    _unique(rows, "history")
    demand = as_numbers(rows["demand"], "history")
    wrong = ~np.isfinite(demand.to_numpy())
    if wrong.any():
        row = rows[wrong].sort_values(["series_id", "date"]).iloc[0]
        raise ValueError(f"history: series {row['series_id']} has a demand on {row['date'].date()} that is not finite")
    return rows.assign(demand=demand).sort_values(["series_id", "date"], kind="stable", ignore_index=True)


def _grid(rows: pd.DataFrame, day: pd.Timestamp, horizon: int, frequency: str) -> tuple[pd.DatetimeIndex, int]:
    step = DAYS[frequency]
    first = rows["date"].min()
    off = (rows["date"] - first).dt.days % step != 0
    if off.any():
        row = rows[off].iloc[0]
        raise ValueError(
            f"history: series {row['series_id']} has {row['date'].date()}, which is no multiple of 7 days after "
            f"{first.date()}: weekly dates must all fall on one weekday"
        )
    n_past = (day - first).days // step + 1
    return pd.date_range(first, periods=n_past + horizon, freq=f"{step}D"), n_past


def _matrix(
    rows: pd.DataFrame, column: str, series: tuple[str, ...], dates: pd.DatetimeIndex, fill: float = np.nan
) -> Floats:
    matrix = np.full((len(series), len(dates)), fill)
    at_row, at_column = (
        pd.Index(series).get_indexer(pd.Index(rows["series_id"])),
        dates.get_indexer(pd.Index(rows["date"])),
    )
    inside = (at_row >= 0) & (at_column >= 0)
    matrix[at_row[inside], at_column[inside]] = rows[column].to_numpy(dtype=np.float64)[inside]
    return matrix


def _numbers(values: pd.Series) -> pd.Series | None:
    """Numbers for a model: as they are, or codes in the order of the sorted texts; None for what is neither."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        return values.astype("float64").replace([np.inf, -np.inf], np.nan)
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        return None
    numbers = pd.to_numeric(values, errors="coerce")
    if (numbers.notna() == values.notna()).all():
        return numbers.astype("float64")
    text = values.map(lambda value: None if pd.isna(value) else str(value), na_action=None)
    codes = {name: float(code) for code, name in enumerate(sorted(text.dropna().unique()))}
    return text.map(codes).astype("float64")


def _flags(values: pd.Series) -> pd.Series:
    """`is_open` as 1 and 0. A text or an object that is no such flag would quietly close every day."""
    flags = pd.to_numeric(values.map({True: 1, False: 0}).fillna(values), errors="coerce")
    wrong = values[flags.isna() & values.notna() | ~flags.isna() & ~flags.isin([0, 1])]
    if len(wrong):
        raise ValueError(f"known: is_open is {wrong.iloc[0]!r} somewhere: give 1 or 0")
    return flags.astype("float64")


def _covariates(
    rows: pd.DataFrame, known: pd.DataFrame | None, series: tuple[str, ...], dates: pd.DatetimeIndex, n_past: int
) -> dict[str, Floats]:
    """What is known ahead, by name; of the history's own covariates only those that never change within a series."""
    found: dict[str, Floats] = {}
    if known is not None:
        told = _keyed(known, ("series_id", "date"), "known")
        told = told[told["series_id"].isin(series) & told["date"].isin(dates)]
        _unique(told, "known")
        for column in sorted(set(told.columns) - {"series_id", "date", "demand"}):
            values = _flags(told[column]) if column == "is_open" else _numbers(told[column])
            if values is not None:
                found[column] = _matrix(told.assign(**{column: values}), column, series, dates)
    for column in sorted(set(rows.columns) - {"series_id", "date", "demand", "availability", *found}):
        values = _numbers(rows[column])
        if (
            values is not None
            and values.notna().any()
            and (values.groupby(rows["series_id"]).nunique(dropna=False) == 1).all()
        ):
            each = values.groupby(rows["series_id"]).first().loc[list(series)].to_numpy(dtype=np.float64)
            if column != "is_open" and len(series) > 1:
                found[column] = np.repeat(each[:, None], len(dates), axis=1)
    return found


def _inferred_open(demand: Floats, dates: pd.DatetimeIndex, n_past: int, frequency: str) -> Bools:
    """Days on which none of many series sold anything were closed, and so are weekdays that were closed for weeks."""
    shape = (len(demand), len(dates))
    begun = (~np.isnan(demand)).sum(axis=0)
    if frequency != "D":
        return np.ones(shape, dtype=np.bool_)
    if begun.max() < SERIES_THAT_SHOW_CLOSED_DAYS:
        return _open_by_weekday(demand, len(dates))
    sold = (np.nan_to_num(demand) != 0).any(axis=0) | (begun < SERIES_THAT_SHOW_CLOSED_DAYS)
    is_open = np.concatenate([sold, np.ones(len(dates) - n_past, dtype=np.bool_)])
    for position in range(n_past, len(dates)):
        earlier = np.arange(position - 7 * ((position - n_past) // 7 + 1), -1, -7)[:WEEKS_THAT_SHOW_A_CLOSED_WEEKDAY]
        is_open[position] = len(earlier) < WEEKS_THAT_SHOW_A_CLOSED_WEEKDAY // 2 or bool(sold[earlier].any())
    return np.broadcast_to(is_open, shape).copy()


def _open_by_weekday(demand: Floats, n_dates: int) -> Bools:
    """A weekday on which a series that sells on nearly all others has sold nothing for weeks is its closed weekday."""
    is_open = np.ones((len(demand), n_dates), dtype=np.bool_)
    sold = np.nan_to_num(demand) != 0
    weekday = np.arange(n_dates) % 7
    for row, past in enumerate(demand):
        seen = ~np.isnan(past)
        for day in range(7):
            same = seen & (weekday[: len(past)] == day)
            other = seen & ~same
            latest = np.flatnonzero(same)[-WEEKS_THAT_SHOW_A_CLOSED_WEEKDAY:]
            enough = len(latest) >= WEEKS_THAT_SHOW_A_CLOSED_WEEKDAY // 2
            if enough and not sold[row, latest].any() and sold[row, other].mean() >= SALE_SHARE_OF_OPEN_DAYS:
                is_open[row, weekday == day] = False
                is_open[row, : len(past)] |= sold[row]
    return is_open
