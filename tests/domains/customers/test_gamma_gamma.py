"""Gamma-Gamma against another implementation, planted values and bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from benchmarks.lifetime_value import cdnow as cdnow_customers
from pipelines.domains.customers.gamma_gamma import GammaGamma, fit_gamma_gamma
from tests.domains.customers.another_implementation import ANSWERS, TOLERANCE, Answers
from tests.domains.customers.simulated_customers import WORTH, planted_values


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    return cdnow_customers()


def test_the_known_answers_on_cdnow(cdnow: pd.DataFrame) -> None:
    fitted = fit_gamma_gamma(cdnow["frequency"], cdnow["mean_repeat_value"])
    assert fitted.params == pytest.approx({"p": 6.2488, "q": 3.7446, "v": 15.4477}, abs=2e-4)
    assert fitted.n_customers == 946
    assert fitted.population_mean == pytest.approx(35.171, abs=0.001)


@pytest.mark.parametrize("name", ["cdnow", "planted"])
def test_another_implementation_agrees(cdnow: pd.DataFrame, name: str) -> None:
    known = cdnow if name == "cdnow" else planted_values(2000, seed=12)
    theirs: Answers = ANSWERS["gamma_gamma"][name]
    fitted = fit_gamma_gamma(known["frequency"], known["mean_repeat_value"])
    everybody = fitted.expected_value(known["frequency"], known["mean_repeat_value"])
    assert fitted.params == pytest.approx(theirs["params"], rel=TOLERANCE)
    assert fitted.log_likelihood == pytest.approx(theirs["log_likelihood"], rel=1e-9)
    np.testing.assert_allclose(
        fitted.expected_value(*np.transpose(theirs["histories"])), theirs["expected_value"], rtol=TOLERANCE
    )
    assert everybody.sum() == pytest.approx(theirs["all_customers"]["expected_value"], rel=TOLERANCE)


def test_the_likelihood_is_the_integral_it_stands_for() -> None:
    rng = np.random.default_rng(0)
    n = rng.integers(1, 5, 200)
    mean = rng.gamma(WORTH["p"] * n, 1 / rng.gamma(WORTH["q"], 1 / WORTH["v"], 200)) / n
    fitted = fit_gamma_gamma(n, mean)
    p, q, v = fitted.p, fitted.q, fitted.v
    nu = np.exp(np.linspace(-15, 3, 2000))
    total = 0.0
    for k, m in zip(n, mean, strict=True):
        density = gamma.pdf(m, p * k, scale=1 / (nu * k)) * gamma.pdf(nu, q, scale=1 / v)
        total += np.log(np.trapezoid(density * nu, np.log(nu)))
    assert fitted.log_likelihood == pytest.approx(total, abs=1e-4)


def test_planted_parameters_and_means_are_found() -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(1, 8, 30_000)
    nu = rng.gamma(WORTH["q"], 1 / WORTH["v"], len(n))
    mean = rng.gamma(WORTH["p"] * n, 1 / nu) / n
    fitted = fit_gamma_gamma(n, mean)
    assert fitted.params == pytest.approx(WORTH, rel=0.05)
    truth, expected = WORTH["p"] / nu, fitted.expected_value(n, mean)
    for k in range(1, 8):
        assert expected[n == k].mean() == pytest.approx(truth[n == k].mean(), rel=0.03)
    assert np.square(truth - expected).mean() < np.square(truth - mean).mean()


def test_nothing_known_means_the_populations_mean() -> None:
    fitted = GammaGamma(p=4, q=4, v=60, log_likelihood=0, n_customers=1)
    assert fitted.population_mean == 80
    np.testing.assert_allclose(fitted.expected_value([0, 3, 3, 10**9], [50, 0, -9, 50]), [80, 80, 80, 50], rtol=1e-6)


def test_rows_without_evidence_and_their_order_do_not_change_the_fit(cdnow: pd.DataFrame) -> None:
    fitted = fit_gamma_gamma(cdnow["frequency"], cdnow["mean_repeat_value"])
    mixed = cdnow[cdnow["frequency"] > 0].sample(frac=1, random_state=1)
    assert fit_gamma_gamma(mixed["frequency"], mixed["mean_repeat_value"]) == fitted
    in_cents = fit_gamma_gamma(cdnow["frequency"], cdnow["mean_repeat_value"] * 100)
    assert in_cents.params == pytest.approx({**fitted.params, "v": fitted.v * 100}, rel=1e-5)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=10, deadline=None)
@example([(1, 4.0), (1, 5e-324)])
@given(st.lists(st.tuples(st.integers(0, 400), st.floats(-10, 1e7)), min_size=1, max_size=8))
def test_any_values_are_fitted_or_refused_in_a_line(drawn: list[tuple[int, float]]) -> None:
    n, mean = [k for k, _ in drawn], [value for _, value in drawn]
    try:
        fitted = fit_gamma_gamma(n, mean)
    except ValueError as error:
        assert "\n" not in str(error)
        return
    assert np.isfinite([*fitted.params.values(), fitted.log_likelihood]).all()
    assert fitted.q > 1
    assert (fitted.expected_value(n, mean) > 0).all()


@pytest.mark.parametrize(
    ("n", "mean", "words"),
    [
        ([1, 2], [1.0], "one length"),
        ([1, -2], [1.0, 2.0], "row 1"),
        ([1, 2], [1.0, np.nan], "row 1"),
        ([], [], "needs 2 customers"),
        ([0, 2, 2], [5.0, -1.0, 3.0], "needs 2 customers"),
        ([2, 3, 4], [3.0, 3.0, 3.0], "that differ"),
    ],
)
def test_bad_values_are_refused(n: list[float], mean: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fit_gamma_gamma(n, mean)
