import warnings

import numpy as np
import pandas as pd
import pytest

from pipelines.domains.inventory.rivals import RIVALS, quantiles_of_rows, rival_forecast
from tests.domains.inventory.histories import END, many, weekly


def test_weekday_quantiles_are_those_of_the_last_eight_same_weekdays():
    history = many(n_series=3, n_days=100, noise=3.0)
    history = history[history["date"].dt.day != 9]
    lookup = {(row.series_id, row.date): row.demand for row in history.itertuples()}
    for row in rival_forecast(history, "weekday_quantiles", as_of=END, horizon=16).itertuples():
        day = row.date
        while day > END:
            day -= pd.Timedelta(days=7)
        same = [lookup.get((row.series_id, day - pd.Timedelta(weeks=back)), 0.0) for back in range(8)]
        assert row.mean == pytest.approx(np.mean(same))
        assert [row.q10, row.q50, row.q90] == pytest.approx(np.quantile(same, [0.1, 0.5, 0.9]))


@pytest.mark.parametrize("shape", [(400, 8), (60, 56), (50, 1)])
@pytest.mark.parametrize("law", ["counts", "sizes", "signed"])
def test_quantiles_of_rows_are_numpys_to_the_last_bit(shape, law):
    """The published forecasts and their scores rest on them."""
    rng = np.random.default_rng(len(law))
    for told in (0.05, 0.5, 1.0):
        values = {"counts": rng.poisson(0.5, shape) * 1.0, "sizes": rng.gamma(0.3, 1, shape)}.get(law)
        values = rng.normal(size=shape) * 1e6 if values is None else values
        values[rng.random(shape) > told] = np.nan
        levels = (0.0, 0.1, 0.25, 0.5, 2 / 3, 0.9, 1.0, *rng.random(3))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # rows of which nothing is told
            wanted = np.nanquantile(values, levels, axis=1).T
        np.testing.assert_array_equal(quantiles_of_rows(values, levels), wanted)


def test_weekly_they_are_those_of_the_last_eight_weeks():
    history = weekly(n_weeks=30, n_series=1)
    found = rival_forecast(history, "weekday_quantiles", as_of="2012-01-27", horizon=3, frequency="W")
    last = history["demand"].tail(8)
    np.testing.assert_allclose(found["mean"], last.mean())
    np.testing.assert_allclose(found["q90"], np.quantile(last, 0.9))


def test_the_seasonal_naive_is_wide_where_it_errs():
    calm, wild = many(n_series=1, noise=0.5), many(n_series=1, noise=4.0, seed=2).assign(series_id="wild")
    found = rival_forecast(pd.concat([calm, wild]), "seasonal_naive", as_of=END, horizon=7)
    assert (found["mean"] == found["naive"]).all()
    width = (found["q90"] - found["q10"]).groupby(found["series_id"]).mean()
    assert width["wild"] > 4 * width["s00"]


@pytest.mark.parametrize("method", list(RIVALS))
@pytest.mark.parametrize("n_days", [1, 9, 80])
def test_all_have_the_forecasts_columns_and_never_cross(method, n_days):
    found = rival_forecast(many(n_series=2, n_days=n_days), method, as_of=END, horizon=30, quantiles=(0.2, 0.8))
    assert list(found.columns) == ["series_id", "date", "mean", "q20", "q80", "naive"] and len(found) == 60
    assert np.isfinite(found[["mean", "q20", "q80", "naive"]]).all(axis=None) and (found["q20"] <= found["q80"]).all()
    assert method != "zero" or not found[["mean", "q20", "q80"]].any(axis=None)


def test_an_unknown_rival_is_refused():
    with pytest.raises(ValueError, match="seasonal_naive"):
        rival_forecast(many(), "oracle", as_of=END, horizon=1)
