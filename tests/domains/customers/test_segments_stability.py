"""Agreement over resamples and weeks: against another implementation, and on planted noise and change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipelines.domains.customers.segment_models import fit_grid
from pipelines.domains.customers.segment_stability import (
    UNKNOWN,
    adjusted_rand_index,
    bootstrap,
    confirmed,
    damped,
    flip_rate,
)

CODES = arrays(np.int64, st.tuples(st.just(2), st.integers(2, 40)), elements=st.integers(0, 5))


@settings(deadline=None)
@given(CODES)
def test_adjusted_rand_index_equals_another_implementation(codes: np.ndarray) -> None:
    from sklearn.metrics import adjusted_rand_score

    assert adjusted_rand_index(codes[0], codes[1]) == pytest.approx(adjusted_rand_score(codes[0], codes[1]), abs=1e-12)


def test_unrelated_partitions_agree_by_chance_only() -> None:
    random = np.random.default_rng(0)
    assert abs(adjusted_rand_index(random.integers(0, 5, 4000), random.integers(0, 5, 4000))) < 0.01


def test_resamples_of_clear_groups_agree_and_of_noise_do_not() -> None:
    from functools import partial

    from pipelines.domains.customers.segment_models import _STARTS, fit_clusters

    random = np.random.default_rng(0)
    clear = _STARTS.repeat(50, axis=0) + 0.05 * random.normal(size=(300, 4))
    noise = random.normal(size=(300, 4))
    trusts = []
    for matrix in (clear, noise):
        fit = partial(fit_clusters, n_clusters=6)
        model = fit(matrix)
        assert model is not None
        trusts.append(bootstrap(fit, matrix, model.codes(matrix), n_resamples=5, seed=0))
    assert trusts[0].lowest_ari > 0.99 and min(trusts[0].jaccard.values()) > 0.99
    assert trusts[1].ari < 0.6 and min(trusts[1].jaccard.values()) < 0.6


def test_a_resample_without_a_fit_counts_nothing() -> None:
    matrix = np.zeros((10, 4))
    trust = bootstrap(lambda sample: None, matrix, np.zeros(10, dtype=np.int64), n_resamples=3, seed=0)
    assert (trust.ari, trust.jaccard) == (0.0, {"champions": 0.0})


def test_noise_flips_less_and_a_change_shows_one_week_late() -> None:
    random = np.random.default_rng(0)
    weekly = np.repeat(random.integers(0, 3, 500)[None], 30, axis=0)
    noisy = np.where(random.random(weekly.shape) < 0.08, 3 + weekly % 2, weekly)
    assert flip_rate(damped(noisy, 5)) < 0.4 * flip_rate(noisy[4:])
    weekly[20:, :100] = 5
    found = damped(weekly, 5)  # row 0 is week 4
    assert (found[20 - 4, :100] != 5).all()
    assert (found[21 - 4 :, :100] == 5).all()
    assert (found[:, 100:] == weekly[4:, 100:]).all()


def test_a_clear_change_shows_at_once_and_a_slight_one_does_not() -> None:
    weekly = np.array([[0, 0, 1], [1, 1, 1], [1, 1, 1], [2, 2, 1]])
    distances = np.ones((4, 3, 6))
    distances[3, 0, 2], distances[3, 1, 2] = 0.4, 0.6
    assert list(confirmed(weekly, distances)) == [2, 1, 1]


def test_who_ordered_in_the_week_changes_at_once() -> None:
    """The first ordered in the week of the change, the second in the week before it, the third in neither."""
    weekly = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 2, 0]])
    ordered = np.array([[False] * 4, [False, True, False, False], [True, False, False, False]])
    assert list(confirmed(weekly, None, ordered)) == [1, 0, 0, 0]


def test_new_customers_and_vanished_segments_are_followed() -> None:
    weekly = np.array([[UNKNOWN, 4, 0], [UNKNOWN, 4, 0], [2, 1, 0]])
    assert list(confirmed(weekly)) == [2, 1, 0]
    assert flip_rate(weekly) == pytest.approx(1 / 4)
    assert np.isnan(flip_rate(weekly[:1]))


@given(arrays(np.int64, st.tuples(st.integers(2, 7), st.integers(1, 6)), elements=st.integers(0, 3)))
def test_what_two_weeks_say_is_what_is_stated(weekly: np.ndarray) -> None:
    found = confirmed(weekly)
    agree = weekly[-1] == weekly[-2]
    assert (found[agree] == weekly[-1][agree]).all()
    assert all(code in weekly[:, place] for place, code in enumerate(found))


def test_the_grid_scores_equal_values_alike() -> None:
    matrix = np.column_stack(
        [np.repeat([5.0, 1.0], 5), np.repeat([1.0, 2.0], 5), np.repeat([1.0, 2.0], 5), np.ones(10)]
    )
    codes = fit_grid(matrix).codes(matrix)
    assert len(set(codes[:5].tolist())) == len(set(codes[5:].tolist())) == 1
