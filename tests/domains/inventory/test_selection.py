import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pipelines.domains.inventory.forecast import forecast_demand
from pipelines.domains.inventory.rivals import rival_forecast
from pipelines.domains.inventory.selection import FORECAST_COLUMNS, SCORE_COLUMNS, state_demand_forecasts
from pipelines.modeling import boosting, measures
from tests.domains.inventory.histories import END, many

pytestmark = pytest.mark.slow

DAYS = pd.date_range(END - pd.Timedelta(days=400), END + pd.Timedelta(days=40))
KNOWN = pd.DataFrame({"date": DAYS, "is_open": 1})


def _shop(n_days=160, **more):
    products = many(n_series=6, n_days=n_days, noise=6.0, **more).assign(series_kind="product")
    revenue = products.groupby("date", as_index=False)["demand"].sum()
    return pd.concat([products, revenue.assign(series_id="revenue", series_kind="revenue")], ignore_index=True)


@pytest.fixture(scope="module")
def stated():
    return state_demand_forecasts(_shop(), KNOWN, as_of=END)


def test_every_method_is_stated_beside_the_others_and_one_per_kind_is_published(stated):
    forecasts = stated.forecasts
    assert list(forecasts.columns) == FORECAST_COLUMNS
    assert not forecasts.duplicated(["series_kind", "series_id", "target_date", "method"]).any()
    assert len(forecasts) == 7 * 28 * 4
    assert (forecasts[forecasts["is_published"]].groupby("series_kind")["method"].nunique() == 1).all()
    assert (forecasts["horizon_days"] == (forecasts["target_date"] - END).dt.days).all()
    products = _shop()[lambda h: h["series_kind"] == "product"].drop(columns="series_kind")
    known = products[["series_id"]].drop_duplicates().merge(KNOWN, how="cross")
    plain = forecast_demand(products, as_of=END, horizon=28, known=known)
    mine = forecasts[(forecasts["series_kind"] == "product") & (forecasts["method"] == "lightgbm")]
    np.testing.assert_array_equal(mine["mean"], plain["mean"])
    np.testing.assert_array_equal(mine["q90"], plain["q90"])


def test_scores_are_those_of_forecasts_made_before_the_scored_days(stated):
    scores = stated.scores
    assert list(scores.columns) == SCORE_COLUMNS
    products = _shop()[lambda h: h["series_kind"] == "product"].drop(columns="series_kind")
    rows = []
    for back in (28, 14):
        origin = END - pd.Timedelta(days=back)
        found = rival_forecast(products, "weekday_quantiles", as_of=origin, horizon=28)
        rows.append(found[found["date"] <= END].merge(products, on=["series_id", "date"]))
    row = pd.concat(rows)
    losses = [measures.pinball(row["demand"], row[f"q{100 * q:02.0f}"], q) for q in (0.1, 0.5, 0.9)]
    mine = scores[(scores["subject"] == "product") & (scores["method"] == "weekday_quantiles")]
    mine = mine.set_index("measure")["value"]
    assert mine["pinball"] == pytest.approx(np.mean(losses)) and mine["n_scored"] == len(row)
    assert mine["wape"] == pytest.approx(measures.wape(row["demand"], row["mean"]))


def test_the_least_loss_is_published(stated):
    pinball = stated.scores[stated.scores["measure"] == "pinball"]
    for _, rows in pinball.groupby("subject"):
        best = rows.loc[rows["value"].idxmin(), "method"]
        assert rows.loc[rows["is_published"], "method"].tolist() == [best]


def test_a_rival_takes_the_models_place_when_it_is_better():
    """Demand repeats itself week by week without noise: nothing beats the naive."""
    days = pd.date_range(end=END, periods=160)
    random = np.random.default_rng(0)
    weeks = random.integers(0, 200, size=7)
    history = pd.DataFrame({"series_kind": "product", "series_id": "p", "date": days, "demand": weeks[days.weekday]})
    found = state_demand_forecasts(history, None, as_of=END, horizon=7)
    assert set(found.forecasts.loc[found.forecasts["is_published"], "method"]) == {"seasonal_naive"}


def test_later_rows_change_nothing_and_a_second_statement_is_the_same(stated):
    later = _shop(n_days=40, end=END + pd.Timedelta(days=40)).assign(demand=np.nan)
    later = later[later["date"] > END]
    again = state_demand_forecasts(pd.concat([later, _shop()]).sample(frac=1, random_state=0), KNOWN, as_of=END)
    pd.testing.assert_frame_equal(again.forecasts, stated.forecasts, check_exact=True)
    pd.testing.assert_frame_equal(again.scores, stated.scores, check_exact=True)
    assert again.models == stated.models


def test_models_are_texts_that_can_be_read_back(stated):
    assert set(stated.models) == {
        f"{kind}/{m}" for kind in ("product", "revenue") for m in ("mean", "q10", "q50", "q90")
    }
    text = stated.models["product/q90"]
    assert boosting.from_text(text, boosting.text_sha256(text)).num_trees() > 0


def test_a_shop_of_a_few_days_gets_the_naive_without_loading_lightgbm():
    program = """
import sys
import pandas as pd
from pipelines.domains.inventory.selection import state_demand_forecasts
days = pd.date_range("2024-01-01", periods=5)
history = pd.DataFrame({"series_kind": "product", "series_id": "p", "date": days, "demand": 3.0})
stated = state_demand_forecasts(history, None, as_of="2024-01-05")
published = stated.forecasts[stated.forecasts["is_published"]]
assert set(published["method"]) == {"seasonal_naive"} and (published["mean"] == 3).all() and stated.scores.empty
assert not stated.models
assert not {"lightgbm", "sklearn", "scipy"} & set(sys.modules), "heavy imports"
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_unknown_kind_is_refused_and_an_empty_shop_states_nothing():
    with pytest.raises(ValueError, match="'margin'"):
        state_demand_forecasts(_shop().assign(series_kind="margin"), None, as_of=END)
    nothing = state_demand_forecasts(_shop(), None, as_of="2000-01-01")
    assert nothing.forecasts.empty and list(nothing.scores.columns) == SCORE_COLUMNS


def test_measures_without_a_value_have_no_row():
    silent = _shop()
    silent.loc[silent["date"] > END - pd.Timedelta(days=28), "demand"] = 0.0
    stated = state_demand_forecasts(silent, KNOWN, as_of=END)
    assert np.isfinite(stated.scores["value"]).all()
    assert "wape" not in set(stated.scores["measure"])
    assert "pinball" in set(stated.scores["measure"])


def test_a_shop_that_is_closed_throughout_is_forecast_as_zero():
    closed = KNOWN.assign(is_open=0)
    forecast = state_demand_forecasts(_shop(), closed, as_of=END).forecasts
    assert (forecast[["mean", "q10", "q50", "q90"]] == 0).all().all()


def test_open_days_may_be_told_as_numbers_flags_or_objects_and_as_nothing_else():
    by_number = state_demand_forecasts(_shop(), KNOWN, as_of=END).forecasts
    for flags in (
        KNOWN["is_open"].astype(bool),
        KNOWN["is_open"].astype(bool).astype(object),
        KNOWN["is_open"].astype(str),
    ):
        pd.testing.assert_frame_equal(
            state_demand_forecasts(_shop(), KNOWN.assign(is_open=flags), as_of=END).forecasts, by_number
        )
    with pytest.raises(ValueError, match="is_open is 'yes' somewhere: give 1 or 0"):
        state_demand_forecasts(_shop(), KNOWN.assign(is_open="yes"), as_of=END)


def test_a_column_that_only_the_future_fills_changes_nothing():
    rows = _shop()
    products = rows[rows["series_kind"] == "product"].drop(columns="series_kind")
    later = products.tail(3).assign(date=END + pd.Timedelta(days=3), series_id=["a", "b", "c"], told=1.0)
    with_future = pd.concat([products, later], ignore_index=True)
    pd.testing.assert_frame_equal(
        forecast_demand(products, as_of=END, horizon=7), forecast_demand(with_future, as_of=END, horizon=7)
    )


def test_covariates_may_have_any_name():
    products = _shop()[lambda h: h["series_kind"] == "product"].drop(columns="series_kind")
    ids = products["series_id"].unique()
    known = KNOWN.assign(**{"x y": 1.0, "x_y": 2.0, '[{":,}]': 3.0}).merge(
        pd.DataFrame({"series_id": ids}), how="cross"
    )
    assert np.isfinite(forecast_demand(products, as_of=END, horizon=3, known=known)["mean"]).all()


def test_what_the_history_lacks_is_named():
    with pytest.raises(ValueError, match="history lacks the column series_kind"):
        state_demand_forecasts(_shop().drop(columns="series_kind"), KNOWN, as_of=END)
