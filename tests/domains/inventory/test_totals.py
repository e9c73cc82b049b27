"""Totals over the horizon: the interval holds what it says, per size, and is nothing where nothing is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domains.inventory.totals import COLUMNS, total_frame, total_intervals


def planted(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(expected, came): the small scatter three times as much as the large."""
    draw = np.random.default_rng(seed)
    expected = np.exp(draw.uniform(2, 8, n))
    spread = np.where(expected < np.exp(5), 0.9, 0.3)
    return expected, expected * np.exp(draw.normal(0, spread))


@pytest.mark.parametrize("size", ["small", "large"])
def test_eight_of_ten_totals_fall_inside_whatever_their_size(size: str) -> None:
    inside = []
    for seed in range(60):
        imitated, actual = planted(seed, 300)
        coming, came = planted(seed + 1000, 300)
        lower, upper = total_intervals(coming, imitated, actual)
        chosen = coming < np.exp(4) if size == "small" else coming > np.exp(6)
        inside.append(((came >= lower) & (came <= upper))[chosen].mean())
    assert 0.77 < float(np.mean(inside)) < 0.86


@given(
    totals=st.lists(st.tuples(*[st.floats(0, 1e9)] * 3), min_size=1, max_size=60),
)
def test_an_interval_is_finite_ordered_and_holds_the_mean_or_is_not_there(totals: list[tuple[float, ...]]) -> None:
    coming, imitated, actual = (np.array(column) for column in zip(*totals, strict=True))
    lower, upper = total_intervals(coming, imitated, actual)
    if len(totals) < 20:
        assert np.isnan(lower).all() and np.isnan(upper).all()
    else:
        assert np.isfinite(lower).all() and np.isfinite(upper).all()
        assert (lower >= 0).all() and (lower <= coming).all() and (coming <= upper).all()


def test_a_frame_has_one_row_per_series_and_sums_its_days() -> None:
    forecast = pd.DataFrame({"series_id": ["b", "a", "b"], "mean": [1.0, 5.0, 2.0]})
    imitated = pd.DataFrame({"series_id": ["a"], "mean": [3.0], "actual": [4.0]})
    frame = total_frame(forecast, imitated, kind="product", method="zero", horizon=2)
    assert list(frame.columns) == COLUMNS
    assert frame[["series_id", "mean", "horizon_days"]].to_numpy().tolist() == [["a", 5.0, 2], ["b", 3.0, 2]]
    assert frame["lower"].isna().all()


def test_totals_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one total per series"):
        total_intervals(np.zeros(2), np.zeros(2), np.zeros(3))
