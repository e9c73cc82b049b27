import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.modeling.conformal import offset
from pipelines.modeling.splits import time_split


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_the_offset_is_a_score_and_mirrors(scores, level):
    found = offset(scores, level)
    assert offset([-score for score in scores], 1 - level) == pytest.approx(-found, abs=1e-6)
    if level != 0.5:
        assert found in scores


@given(st.integers(5, 200), st.sampled_from([0.6, 0.8, 0.9]))
def test_at_least_the_promised_share_of_calibration_scores_lies_below(n, level):
    scores = np.random.default_rng(n).permutation(n).astype(float)
    assert (scores <= offset(scores, level)).mean() >= min(level, 1.0)


@pytest.mark.parametrize("level", [0.1, 0.9])
def test_new_rows_fall_beyond_as_rarely_as_promised(level):
    """A forecaster that is far off holds on average once it is moved: what conformal prediction guarantees."""
    random = np.random.default_rng(3)
    shares = []
    for _ in range(400):
        draw = random.lognormal(size=400)
        forecast = 0.3
        moved = forecast + offset(draw[:34] - forecast, level)
        shares.append((draw[34:] <= moved).mean())
    promised = np.ceil(0.9 * 35) / 35
    assert np.mean(shares) == pytest.approx(promised if level > 0.5 else 1 - promised, abs=0.006)


@pytest.mark.parametrize("scores, level", [([], 0.5), ([float("nan")], 0.5), ([1.0], 0.0)])
def test_what_cannot_calibrate_is_refused(scores, level):
    with pytest.raises(ValueError):
        offset(scores, level)


@given(st.integers(0, 60), st.integers(30, 400), st.integers(1, 60), st.integers(1, 9), st.integers(1, 9))
def test_nothing_that_calibrates_was_learnt_from(first, last, calibration, step, calibration_step):
    arguments = {"first": first, "last": last, "calibration": calibration, "step": step}
    if last - calibration - 1 < first:
        with pytest.raises(ValueError, match="too few"):
            time_split(**arguments, calibration_step=calibration_step)
        return
    split = time_split(**arguments, calibration_step=calibration_step)
    assert all(first <= origin < split.fit_until for origin in split.fit_origins)
    assert all(split.fit_until <= origin < last for origin in split.calibration_origins)
    assert split.fit_origins and split.calibration_origins and split.fit_until == last - calibration
