import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.modeling import measures

numbers = st.floats(-1e6, 1e6)
pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30)


@given(pairs, st.floats(0.01, 0.99))
def test_measures_are_their_definitions_row_by_row(rows, level):
    actual, predicted = zip(*rows, strict=True)
    n = len(rows)
    errors = [y - p for y, p in rows]
    assert measures.mean_absolute_error(actual, predicted) == pytest.approx(sum(map(abs, errors)) / n)
    assert measures.root_mean_squared_error(actual, predicted) == pytest.approx(
        math.sqrt(sum(e * e for e in errors) / n)
    )
    losses = [level * e if e >= 0 else (level - 1) * e for e in errors]
    assert measures.pinball(actual, predicted, level) == pytest.approx(sum(losses) / n, abs=1e-9)
    assert measures.share_below(actual, predicted) == sum(y < p for y, p in rows) / n
    assert measures.share_above(actual, predicted) == sum(y > p for y, p in rows) / n
    size = sum(map(abs, actual))
    if size:
        assert measures.wape(actual, predicted) == pytest.approx(sum(map(abs, errors)) / size)
    else:
        assert math.isnan(measures.wape(actual, predicted))


def test_bias_is_above_zero_when_too_high_and_nan_without_a_total():
    assert measures.bias([10, 10], [12, 12]) == pytest.approx(0.2)
    assert measures.bias([10, 10], [10, 5]) == pytest.approx(-0.25)
    assert math.isnan(measures.bias([1, -1], [2, 2]))


def test_weights_count_a_row_as_often_as_they_say():
    weighed = measures.weighted_mean_absolute_error([1, 2, 3], [2, 4, 9], [5, 1, 1])
    assert weighed == pytest.approx(measures.mean_absolute_error([1] * 5 + [2, 3], [2] * 5 + [4, 9]))


@pytest.mark.parametrize("actual, predicted", [([], []), ([1], [1, 2]), ([float("nan")], [1]), ([1], [float("inf")])])
def test_what_cannot_be_measured_is_refused(actual, predicted):
    with pytest.raises(ValueError):
        measures.wape(actual, predicted)


def test_a_quantile_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        measures.pinball([1], [1], 1.0)
