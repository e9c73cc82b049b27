"""BG/NBD against known answers, brute force, planted customers and bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln, gammaln, hyp2f1

from benchmarks.lifetime_value import cdnow_summary
from pipelines.domains.customers.lifetime_value import BgNbd, fit_bg_nbd
from tests.domains.customers.another_implementation import ANSWERS, TOLERANCE, Answers
from tests.domains.customers.simulated_customers import BUYING, summary_and_future


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    return cdnow_summary()


@pytest.fixture(scope="module")
def cdnow_model(cdnow: pd.DataFrame) -> BgNbd:
    return fit_bg_nbd(cdnow)


def model(r: float, alpha: float, a: float, b: float) -> BgNbd:
    return BgNbd(r, alpha, a, b, log_likelihood=0.0, n_customers=1)


def rows(frequency: object, recency: object, age: object) -> pd.DataFrame:
    return pd.DataFrame({"frequency": frequency, "recency": recency, "age": age})


def test_the_published_answers_on_cdnow(cdnow_model: BgNbd) -> None:
    wanted = {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}
    assert cdnow_model.params == pytest.approx(wanted, abs=6e-5)
    assert cdnow_model.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    assert cdnow_model.at_limit == ()


def test_the_papers_worked_customer(cdnow_model: BgNbd) -> None:
    """Fader, Hardie and Lee's example: x = 2, t_x = 30.43, T = 38.86, 39 weeks ahead: 1.226."""
    assert cdnow_model.expected_purchases(rows([2], [30.43], [38.86]), 39).iloc[0] == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize("name", ["cdnow", "planted"])
def test_another_implementation_agrees(cdnow: pd.DataFrame, name: str) -> None:
    known = cdnow if name == "cdnow" else summary_and_future(2000, horizon=26, seed=11)
    theirs: Answers = ANSWERS["bg_nbd"][name]
    fitted, histories = fit_bg_nbd(known), rows(*np.transpose(theirs["histories"]))
    expected = fitted.expected_purchases(histories, theirs["horizon"])
    assert fitted.params == pytest.approx(theirs["params"], rel=TOLERANCE)
    assert fitted.log_likelihood == pytest.approx(theirs["log_likelihood"], rel=1e-9)
    np.testing.assert_allclose(expected, theirs["expected_purchases"], rtol=TOLERANCE)
    np.testing.assert_allclose(fitted.probability_alive(histories), theirs["probability_alive"], rtol=TOLERANCE)
    ours = {
        "expected_purchases": fitted.expected_purchases(known, theirs["horizon"]).sum(),
        "probability_alive": fitted.probability_alive(known).sum(),
    }
    assert ours == pytest.approx(theirs["all_customers"], rel=TOLERANCE)


def brute_force(known: pd.DataFrame, r: float, alpha: float, a: float, b: float) -> float:
    """The log-likelihood by the trapezoid rule over log(lambda) and the log-odds of p."""
    y, z = np.linspace(-30, 4, 200)[:, None], np.linspace(-60, 60, 250)[None, :]
    rate, p, stays = np.exp(y), 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))
    prior = np.exp(r * np.log(alpha) - gammaln(r) + r * y - alpha * rate)
    prior = prior * np.exp(a * np.log(p) + b * np.log(stays) - betaln(a, b))
    total = 0.0
    for x, recency, age in known[["frequency", "recency", "age"]].itertuples(index=False):
        stayed = stays**x * rate**x * np.exp(-rate * age)
        left = p * stays ** (x - 1) * rate**x * np.exp(-rate * recency) if x else 0.0
        total += np.log(np.trapezoid(np.trapezoid(prior * (stayed + left), z[0], axis=1), y[:, 0]))
    return total


def test_the_likelihood_is_the_integral_it_stands_for_and_the_fit_its_summit() -> None:
    known = summary_and_future(120, horizon=1, seed=3)
    fitted = fit_bg_nbd(known)
    assert fitted.log_likelihood == pytest.approx(brute_force(known, **fitted.params), abs=1e-3)
    for name in fitted.params:
        for factor in (0.9, 1.1):
            beside = {**fitted.params, name: fitted.params[name] * factor}
            assert brute_force(known, **beside) < fitted.log_likelihood


def test_planted_parameters_are_found() -> None:
    found = fit_bg_nbd(summary_and_future(40_000, horizon=1, seed=1)).params
    assert found == pytest.approx(BUYING, rel=0.1)


def test_expectations_and_probabilities_hold_in_a_simulated_future() -> None:
    known = summary_and_future(60_000, horizon=25, seed=2)
    truth = model(**BUYING)
    known["alive"] = truth.probability_alive(known)
    known["expected"] = truth.expected_purchases(known, 25)
    known["late"] = known["recency"] > known["age"] / 2
    groups = known.groupby([known["frequency"].clip(upper=5), "late"])
    assert len(groups) >= 10
    for _, group in groups:
        n = len(group)
        error = (group["n_future"] - group["expected"]).mean()
        assert abs(error) < 4 * group["n_future"].std() / np.sqrt(n) + 1e-3
        assert abs(group["is_alive"].mean() - group["alive"].mean()) < 4 * 0.5 / np.sqrt(n)


@pytest.mark.parametrize(
    ("x", "recency", "age", "horizon"), [(0, 0, 9, 5), (3, 7, 30, 39), (40, 38, 39, 4), (1, 1, 1, 2)]
)
def test_equation_10_with_the_hypergeometric_function(x: int, recency: float, age: float, horizon: float) -> None:
    r, alpha, a, b = 0.4, 6.0, 1.7, 3.1
    f = hyp2f1(r + x, b + x, a + b + x - 1, horizon / (alpha + age + horizon))
    top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + horizon)) ** (r + x) * f)
    bottom = 1 + (a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x) if x else 0)
    expected = model(r, alpha, a, b).expected_purchases(rows([x], [recency], [age]), horizon).iloc[0]
    assert expected == pytest.approx(top / bottom, rel=1e-8)


def test_there_is_no_pole_at_a_of_one() -> None:
    known = rows([0, 4, 300], [0, 20, 900], [30, 30, 1000])
    at, below, above = (model(0.5, 10, a, 2).expected_purchases(known, 90) for a in (1.0, 1 - 1e-6, 1 + 1e-6))
    np.testing.assert_allclose(at, (below + above) / 2, rtol=1e-9)


@pytest.mark.parametrize(("a", "b"), [(1.3, 0.02), (148.0, 2.7), (900.0, 400.0)])
def test_in_the_end_everyone_has_left_and_no_digit_with_them(a: float, b: float) -> None:
    """After endless time a living customer has made E[1/p] = (a + b + x - 1) / (a - 1) purchases more."""
    known = rows([0, 1, 437], [0, 900, 900], [900, 900, 900])
    some_model = model(5e3, 0.05, a, b)
    limit = (a + b + known["frequency"] - 1) / (a - 1) * some_model.probability_alive(known)
    np.testing.assert_allclose(some_model.expected_purchases(known, 1e12), limit, rtol=1e-8 if a > 2 else 1e-2)


def test_customers_who_never_leave_buy_at_their_rate() -> None:
    known = rows([0, 5, 250], [0, 40, 700], [50, 50, 730])
    expected = model(0.5, 10, 1e-5, 1e5).expected_purchases(known, 30)
    np.testing.assert_allclose(expected, (0.5 + known["frequency"]) / (10 + known["age"]) * 30, rtol=1e-5)


PARAMETERS = st.tuples(*[st.floats(-7, 7).map(lambda value: float(np.exp(value)))] * 4)
CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 600), st.floats(0, 1), st.floats(0.001, 5000)), min_size=1, max_size=6
).map(
    lambda drawn: rows(
        [x for x, _, _ in drawn], [share * age if x else 0.0 for x, share, age in drawn], [age for _, _, age in drawn]
    )
)


@settings(max_examples=60, deadline=None)
@given(PARAMETERS, CUSTOMERS, st.floats(0, 5000), st.floats(0, 5000))
def test_whatever_the_customer(params: tuple[float, ...], known: pd.DataFrame, one: float, other: float) -> None:
    any_model = model(*params)
    alive = any_model.probability_alive(known)
    assert alive.between(0, 1).all()
    assert (alive[known["frequency"] == 0] == 1).all()
    short, long = sorted([one, other])
    few, more = any_model.expected_purchases(known, short), any_model.expected_purchases(known, long)
    assert np.isfinite(more).all()
    assert (few >= 0).all()
    assert (more >= few * (1 - 1e-6) - 1e-9).all()
    most = (any_model.r + known["frequency"]) / (any_model.alpha + known["age"]) * long
    assert (more <= alive * most * (1 + 1e-9) + 1e-12).all()


@settings(max_examples=6, deadline=None)
@given(CUSTOMERS)
def test_any_summary_is_fitted_or_refused_in_a_line(known: pd.DataFrame) -> None:
    try:
        fitted = fit_bg_nbd(known)
    except ValueError as error:
        assert "\n" not in str(error)
        return
    assert np.isfinite([*fitted.params.values(), fitted.log_likelihood]).all()
    assert fitted.expected_purchases(known, 10).notna().all()


def test_the_order_of_rows_does_not_matter_and_equal_rows_count_each(cdnow: pd.DataFrame, cdnow_model: BgNbd) -> None:
    assert fit_bg_nbd(cdnow.sample(frac=1, random_state=0)) == cdnow_model
    twice = fit_bg_nbd(pd.concat([cdnow, cdnow]))
    assert twice.params == pytest.approx(cdnow_model.params, rel=1e-5)
    assert twice.log_likelihood == pytest.approx(2 * cdnow_model.log_likelihood, rel=1e-9)


def test_the_unit_of_time_does_not_matter(cdnow: pd.DataFrame, cdnow_model: BgNbd) -> None:
    in_days = cdnow.assign(recency=cdnow["recency"] * 7, age=cdnow["age"] * 7)
    by_day = fit_bg_nbd(in_days)
    assert by_day.alpha == pytest.approx(7 * cdnow_model.alpha, rel=1e-5)
    assert by_day.log_likelihood == pytest.approx(cdnow_model.log_likelihood - cdnow["frequency"].sum() * np.log(7))
    np.testing.assert_allclose(
        by_day.expected_purchases(in_days, 273), cdnow_model.expected_purchases(cdnow, 39), rtol=1e-5
    )


def test_results_stand_at_their_rows(cdnow_model: BgNbd) -> None:
    known = rows([2, 0, 2], [30.43, 0, 30.43], [38.86, 38.86, 38.86]).set_index(pd.Index(["x", "y", "z"]))
    expected = cdnow_model.expected_purchases(known, 39)
    assert list(expected.index) == ["x", "y", "z"]
    assert expected["x"] == expected["z"] != expected["y"]
    assert list(cdnow_model.probability_alive(known).index) == ["x", "y", "z"]
    assert (cdnow_model.expected_purchases(known, 0) == 0).all()


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (rows([1], [1], [2]).drop(columns="age"), "lacks age"),
        (rows([], [], []), "is empty"),
        (rows([1, np.nan], [1, 1], [2, 2]), "frequency is missing or infinite in 1 of 2 rows, first where index is 1"),
        (rows([1, 1], [1, 1], [2, np.inf]), "age is missing or infinite"),
        (
            rows(["1", "many"], [1, 1], [2, 2]),
            "frequency is missing or infinite in 1 of 2 rows, first where index is 1",
        ),
        (rows([1, 1], [-1, 1], [2, 2]), "recency is negative"),
        (rows([1.5], [1], [2]), "not a whole number"),
        (rows([1, 1], [1, 3], [2, 2]).assign(customer_id=["u", "v"]), "greater than age.*customer_id is v"),
        (rows([1, 0], [1, 1], [2, 2]), "above 0 without a repeat"),
        (rows([0, 0], [0, 0], [2, 2]), "no customer has bought again"),
        (rows([0, 1], [0, 0], [0, 0]), "all ages are 0"),
    ],
)
def test_a_bad_summary_is_refused_by_name(summary: pd.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fit_bg_nbd(summary)


@pytest.mark.parametrize("horizon", [-1, np.nan, np.inf])
def test_a_bad_horizon_is_refused(cdnow_model: BgNbd, horizon: float) -> None:
    with pytest.raises(ValueError, match="length of time"):
        cdnow_model.expected_purchases(rows([1], [1], [2]), horizon)
