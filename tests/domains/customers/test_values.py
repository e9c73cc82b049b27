"""The statement of customer values: planted shops, leaks, rivals that win, too little history."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pipelines.domains.customers.intervals import Levels, calibrated, intervals
from pipelines.domains.customers.outlooks import outlooks
from pipelines.domains.customers.purchases import purchase_summary, purchases_between
from pipelines.domains.customers.values import StatedValues, choose, state_customer_values
from tests.domains.customers.simulated_customers import shop_days

pytestmark = pytest.mark.slow

AS_OF = "2021-01-25"
COLUMNS = [
    *(
        "customer_id",
        "horizon_days",
        "n_repeat_purchases",
        "first_to_last_purchase_days",
        "tenure_days",
        "probability_alive",
    ),
    *("expected_purchases", "expected_amount", "lower", "upper", "naive_amount", "method"),
]


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    """1500 customers over 482 days; the as-of day is the 391st."""
    return shop_days(1500, n_days=482, seed=5)


@pytest.fixture(scope="module")
def stated(days: pd.DataFrame) -> StatedValues:
    return state_customer_values(days, as_of=AS_OF)


@pytest.fixture(scope="module")
def few_days() -> pd.DataFrame:
    """The same of 400 customers, where a statement is only compared with another one."""
    return shop_days(400, n_days=482, seed=6)


@pytest.fixture(scope="module")
def few_stated(few_days: pd.DataFrame) -> StatedValues:
    found = state_customer_values(few_days, as_of=AS_OF)
    assert {"bg_nbd", "gamma_gamma"} < set(found.models)
    return found


def score(stated: StatedValues, method: str, measure: str) -> float:
    return stated.scores.set_index(["method", "measure"])["value"][method, measure]


def test_every_customer_is_stated_in_the_form_agreed(days: pd.DataFrame, stated: StatedValues) -> None:
    values = stated.values
    assert list(values.columns) == COLUMNS
    assert values["customer_id"].tolist() == sorted(days.loc[days["ordered_date"] <= AS_OF, "customer_id"].unique())
    numbers = values.select_dtypes("number")
    assert np.isfinite(numbers).all().all()
    assert (numbers >= 0).all().all()
    assert (values["probability_alive"] <= 1).all()
    assert (values["lower"] <= values["upper"]).all()
    assert (values["horizon_days"] == 91).all()


def test_the_model_wins_where_its_story_is_true(stated: StatedValues) -> None:
    assert (stated.values["method"] == "bg_nbd").all()
    published = stated.scores[stated.scores["is_published"]]
    assert set(published["method"]) == {"bg_nbd"}
    assert set(stated.scores["method"]) == {"bg_nbd", "historical_rate", "zero"}
    for rival in ("historical_rate", "zero"):
        assert score(stated, "bg_nbd", "rmse") < score(stated, rival, "rmse")
    assert abs(score(stated, "bg_nbd", "bias")) < 0.15
    assert score(stated, "zero", "bias") == -1
    assert score(stated, "bg_nbd", "interval_coverage") > 0.78


def test_the_future_comes_as_stated(days: pd.DataFrame, stated: StatedValues) -> None:
    values = stated.values
    future = purchases_between(days, values["customer_id"], after=AS_OF, until="2021-04-26")
    assert values["expected_purchases"].sum() == pytest.approx(future["n_purchases"].sum(), rel=0.15)
    assert values["expected_amount"].sum() == pytest.approx(future["net_amount"].sum(), rel=0.2)
    inside = future["net_amount"].between(values["lower"], values["upper"])
    assert 0.78 < inside.mean() < 0.97
    often = (values["n_repeat_purchases"] >= 3) & (values["probability_alive"] > 0.7)
    assert often.sum() > 60
    assert 0.68 < inside[often].mean() < 0.92


def test_the_holdouts_figures_are_those_of_the_statement_made_then(days: pd.DataFrame, stated: StatedValues) -> None:
    then = state_customer_values(days, as_of="2020-10-26").values
    assert (then["method"] == "bg_nbd").all()
    came = purchases_between(days, then["customer_id"], after="2020-10-26", until=AS_OF)
    inside = came["net_amount"].between(then["lower"], then["upper"])
    assert score(stated, "bg_nbd", "interval_coverage") == pytest.approx(inside.mean())
    missed = (came["n_purchases"] - then["expected_purchases"]).abs().mean()
    assert score(stated, "bg_nbd", "mae") == pytest.approx(missed)
    assert score(stated, "bg_nbd", "n_scored") == len(then)


def test_later_days_change_nothing(few_days: pd.DataFrame, few_stated: StatedValues) -> None:
    later = few_days["ordered_date"] > pd.Timestamp(AS_OF)
    assert later.any()
    changed = few_days.copy()
    changed.loc[later, "net_sales_amount"] = -1e9
    moved = state_customer_values(pd.concat([changed, changed[later]]), as_of=AS_OF)
    pd.testing.assert_frame_equal(moved.values, few_stated.values)
    pd.testing.assert_frame_equal(moved.scores, few_stated.scores)
    assert moved.models == few_stated.models


def test_the_order_of_rows_and_a_second_run_change_nothing(few_days: pd.DataFrame, few_stated: StatedValues) -> None:
    again = state_customer_values(few_days.sample(frac=1, random_state=3), as_of=AS_OF)
    pd.testing.assert_frame_equal(again.values, few_stated.values)
    pd.testing.assert_frame_equal(again.scores, few_stated.scores)
    assert again.models == few_stated.models


def test_a_seed_moves_the_interval_a_little_and_no_expectation(
    few_days: pd.DataFrame, few_stated: StatedValues
) -> None:
    other = state_customer_values(few_days, as_of=AS_OF, seed=1).values
    pd.testing.assert_series_equal(other["expected_amount"], few_stated.values["expected_amount"])
    assert not other["upper"].equals(few_stated.values["upper"])
    assert other["upper"].sum() == pytest.approx(few_stated.values["upper"].sum(), rel=0.1)


def test_parameters_are_stated_as_text(stated: StatedValues) -> None:
    assert set(stated.models) == {"bg_nbd", "gamma_gamma", "interval"}
    found = json.loads(stated.models["gamma_gamma"])
    assert found["p"] * found["v"] / (found["q"] - 1) == pytest.approx(80, rel=0.1)
    assert json.loads(stated.models["interval"])["method"] == "bg_nbd"


def test_customers_like_clockwork_are_left_to_their_historical_rate() -> None:
    """Each buys every k days and never leaves: nothing is to be learned from the others."""
    rows = [
        (f"c{number}", pd.Timestamp("2020-01-01") + pd.Timedelta(days=day), 1, 10.0 + number)
        for number in range(150)
        for day in range(number % 30, 400, 5 + number % 60)
    ]
    regular = pd.DataFrame(rows, columns=["customer_id", "ordered_date", "n_orders", "net_sales_amount"])
    stated = state_customer_values(regular, as_of="2021-01-31")
    assert (stated.values["method"] == "historical_rate").all()
    assert stated.values["probability_alive"].isna().all()
    assert score(stated, "historical_rate", "rmse") < score(stated, "bg_nbd", "rmse")
    np.testing.assert_allclose(stated.values["expected_amount"], stated.values["naive_amount"])


@pytest.mark.parametrize("as_of", ["2019-01-01", "2020-01-03", "2020-03-01", "2020-05-01"])
def test_too_little_history_gets_the_historical_rate(days: pd.DataFrame, as_of: str) -> None:
    stated = state_customer_values(days.head(300), as_of=as_of)
    assert (stated.values["method"] == "historical_rate").all()
    assert list(stated.values.columns) == COLUMNS
    assert stated.scores.empty
    assert list(stated.scores.columns) == ["subject", "method", "measure", "value", "is_published"]
    numbers = stated.values[["expected_amount", "lower", "upper", "naive_amount"]]
    assert np.isfinite(numbers).all().all()


def test_nobody_ever_bought_again() -> None:
    first = pd.date_range("2020-01-01", periods=250)
    once = pd.DataFrame(
        {"customer_id": first.strftime("%j"), "ordered_date": first, "n_orders": 1, "net_sales_amount": 5.0}
    )
    stated = state_customer_values(once, as_of="2020-09-06")
    assert (stated.values["method"] == "historical_rate").all()
    # Half a purchase over all customers' days: hardly anything, and not nothing.
    expected = stated.values["expected_purchases"]
    np.testing.assert_allclose(expected, 91 * 0.5 / np.maximum(stated.values["tenure_days"], 28).sum(), rtol=1e-6)
    assert "bg_nbd" not in set(stated.scores["method"])


def test_the_fallback_loads_no_scipy() -> None:
    code = """
import sys, pandas as pd
from pipelines.domains.customers.values import state_customer_values
day = pd.DataFrame({"customer_id": ["a"], "ordered_date": ["2020-01-01"], "n_orders": [1], "net_sales_amount": [5.0]})
assert len(state_customer_values(day, as_of="2020-02-01").values) == 1
assert not any(name.split(".")[0] == "scipy" for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_rule_of_publication() -> None:
    model = {"mae": 1.0, "rmse": 2.0}
    assert choose({}) == "historical_rate"
    assert choose({"historical_rate": model, "zero": model}) == "historical_rate"
    assert choose({"bg_nbd": model, "zero": {"mae": 0.5, "rmse": 2.5}}) == "bg_nbd"
    assert choose({"bg_nbd": model, "historical_rate": model, "zero": model}) == "bg_nbd"
    assert choose({"bg_nbd": model, "historical_rate": {"mae": 1.5, "rmse": 1.5}}) == "bg_nbd"
    better = {"mae": 0.9, "rmse": 1.9}
    assert choose({"bg_nbd": model, "historical_rate": better, "zero": {"mae": 0.9, "rmse": 1.8}}) == "zero"


def test_levels_follow_the_places_of_actuals() -> None:
    even = (np.arange(1000) + 0.5) / 1000
    levels = calibrated(even)
    assert (levels.low, levels.high) == pytest.approx((0.1, 0.9), abs=0.002)
    too_low = calibrated(even**0.3)
    assert too_low.high > 0.96
    assert too_low.low > 0.4
    assert calibrated(np.ones(100)) == Levels(0.5, 0.996)


@pytest.mark.parametrize("method", ["bg_nbd", "historical_rate"])
def test_draws_have_the_mean_and_the_places_they_claim(days: pd.DataFrame, method: str) -> None:
    summary = purchase_summary(days, as_of=AS_OF)
    outlook = outlooks(summary, 91)[method]
    draws = outlook.draw(slice(0, len(summary)), 2000, np.random.default_rng(1))
    if method == "bg_nbd":
        assert draws.mean() == pytest.approx(outlook.amount.mean(), rel=0.03)
        often = np.argsort(outlook.amount)[-200:]
        assert draws[often].mean() == pytest.approx(outlook.amount[often].mean(), rel=0.05)
        assert (draws == 0).mean(axis=1)[outlook.alive < 0.01].min(initial=1) > 0.98
    rng = np.random.default_rng(2)
    actual = draws[np.arange(len(draws)), rng.integers(0, 2000, len(draws))]
    found = intervals(outlook, Levels(), seed=0, actual=actual)
    assert np.quantile(found.place, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.05)
    assert ((actual >= found.lower) & (actual <= found.upper)).mean() >= 0.78


def test_a_horizon_of_no_day_is_refused(days: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="whole number from 1"):
        state_customer_values(days, as_of=AS_OF, horizon_days=0)
