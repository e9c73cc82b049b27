import numpy as np
import pandas as pd
import pytest

from pipelines.domains.inventory.accuracy import COLUMNS, score_forecasts


def _frames(seed=0):
    random = np.random.default_rng(seed)
    days = pd.date_range("2024-05-01", periods=6)
    forecasts = pd.DataFrame(
        [
            ("product", name, day, method, 1 + i % 2, method == "lightgbm")
            for i, day in enumerate(days)
            for name in ("a", "b", "c")
            for method in ("lightgbm", "zero")
        ],
        columns=["series_kind", "series_id", "target_date", "method", "horizon_days", "is_published"],
    )
    bands = np.sort(random.integers(0, 20, size=(len(forecasts), 3)).astype(float), axis=1)
    forecasts[["q10", "q50", "q90"]] = bands
    forecasts["mean"] = bands.mean(axis=1)
    actuals = pd.DataFrame(
        [("product", name, day, float(random.integers(0, 20))) for day in days for name in ("a", "b")],
        columns=["series_kind", "series_id", "date", "demand"],
    )
    return forecasts, actuals[actuals["date"] != days[2]]


def test_scores_are_sums_over_the_rows_of_open_days_that_have_come():
    forecasts, actuals = _frames()
    found = score_forecasts(forecasts, actuals, as_of="2024-05-05")
    assert list(found.columns) == COLUMNS
    assert set(found["target_date"].dt.day) == {1, 2, 4, 5}
    sold = {(row.series_id, row.date): row.demand for row in actuals.itertuples()}
    for row in found.itertuples():
        part = forecasts[(forecasts["target_date"] == row.target_date) & (forecasts["method"] == row.method)]
        pinball = errors = below = above = total = 0.0
        for one in part.itertuples():
            y = sold.get((one.series_id, one.target_date), 0.0)
            total, errors = total + y, errors + abs(y - one.mean)
            below, above = below + (y < one.q10), above + (y > one.q90)
            for level, quantile in ((0.1, one.q10), (0.5, one.q50), (0.9, one.q90)):
                pinball += max(level * (y - quantile), (level - 1) * (y - quantile)) / 3
        assert (row.n_forecasts, row.n_below_q10, row.n_above_q90) == (3, below, above)
        assert (row.actual_total, row.abs_error_total, row.pinball_total) == pytest.approx((total, errors, pinball))
        assert row.forecast_total == pytest.approx(part["mean"].sum())
        assert row.is_published == (row.method == "lightgbm")


def test_what_comes_later_changes_nothing():
    forecasts, actuals = _frames()
    wild = actuals.assign(demand=actuals["demand"].where(actuals["date"] <= "2024-05-04", 1e9))
    pd.testing.assert_frame_equal(
        score_forecasts(forecasts, actuals, as_of="2024-05-04"), score_forecasts(forecasts, wild, as_of="2024-05-04")
    )


def test_nothing_due_gives_no_rows_and_a_day_told_twice_is_refused():
    forecasts, actuals = _frames()
    assert score_forecasts(forecasts, actuals, as_of="2024-04-30").empty
    with pytest.raises(ValueError, match="series a has 2024-05-01"):
        score_forecasts(forecasts, pd.concat([actuals, actuals.head(1)]), as_of="2024-05-05")
