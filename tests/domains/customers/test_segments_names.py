"""Names of clusters: unique, true to their words, and unmoved by small changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipelines.domains.customers.segment_models import _STARTS
from pipelines.domains.customers.segment_names import SEGMENT_LABELS, SEGMENT_MEANINGS, SEGMENTS, name_centres

# Six centres of the shop's last month, columns recency, frequency, money, tenure; in the order of SEGMENTS.
REAL = np.array(
    [
        (-1.04, 1.89, 1.50, 0.83),
        (-0.97, 0.48, 0.39, 0.10),
        (-0.97, -0.68, -0.47, -2.05),
        (0.41, 0.40, 0.39, 0.67),
        (0.36, -0.76, -0.52, -0.54),
        (1.39, -0.76, -0.80, 0.66),
    ]
)


@given(
    shifts=arrays(np.float64, (6, 4), elements=st.floats(-0.09, 0.09)),
    order=st.permutations(range(6)),
    n_clusters=st.integers(4, 6),
)
def test_a_centre_that_moves_a_little_keeps_its_name(shifts: np.ndarray, order: list[int], n_clusters: int) -> None:
    kept = {4: [0, 1, 2, 5], 5: [0, 1, 2, 3, 5], 6: list(range(6))}[n_clusters]
    places = [place for place in order if place in kept]
    codes, is_true = name_centres((REAL + shifts)[places])
    assert list(codes) == places
    assert is_true


@given(arrays(np.float64, st.tuples(st.integers(4, 6), st.just(4)), elements=st.floats(-5, 5)))
def test_every_centre_gets_a_name_of_its_own(centres: np.ndarray) -> None:
    codes, _ = name_centres(centres)
    assert len(set(codes.tolist())) == len(centres)
    assert all(0 <= code < len(SEGMENTS) for code in codes)


def test_a_fifth_cluster_of_one_time_buyers_is_slipping() -> None:
    codes, is_true = name_centres(REAL[[0, 1, 2, 4, 5]])
    assert [SEGMENTS[code] for code in codes] == ["champions", "loyal", "new", "slipping", "hibernating"]
    assert is_true


def test_names_that_would_lie_are_told() -> None:
    asleep_champions = REAL.copy()
    asleep_champions[0, 0] = 1.2
    assert not name_centres(asleep_champions)[1]
    old_newcomers = REAL.copy()
    old_newcomers[:, 3] = np.abs(old_newcomers[:, 3])
    assert not name_centres(old_newcomers)[1]


def test_clusters_start_where_their_names_are() -> None:
    codes, is_true = name_centres(_STARTS)
    assert is_true
    assert sorted(codes) == list(range(6))


def test_other_numbers_of_centres_are_refused() -> None:
    with pytest.raises(ValueError, match="4 to 6 centres"):
        name_centres(REAL[:3])


def test_every_segment_has_words_in_both_languages() -> None:
    assert set(SEGMENT_LABELS) == set(SEGMENT_MEANINGS) == set(SEGMENTS)
    for text in (*SEGMENT_LABELS.values(), *SEGMENT_MEANINGS.values()):
        assert text.en and any("\u4e00" <= sign <= "\u9fff" for sign in text.zh)
