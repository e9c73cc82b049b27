"""My model: a known answer, an interval that holds what it promises, and no look into the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.domains.my_domain.my_model import COVERAGE, outer_place, typical_level

AS_OF = "2025-01-20"


def days(amounts: list[float], currency: str = "CNY", last: str = AS_OF) -> pd.DataFrame:
    dates = pd.date_range(end=last, periods=len(amounts))
    return pd.DataFrame({"date": dates, "amount_currency": currency, "amount": amounts})


def test_the_level_is_the_median_of_the_window_by_currency() -> None:
    history = pd.concat([days([900, 5, 1, 4, 2, 3]), days([7, 7, 7, 7, 8, 90], "USD")])
    found = typical_level(history, as_of=AS_OF, n_days=5)
    assert found.to_dict("list") == {
        "amount_currency": ["CNY", "USD"],
        "n_days": [5, 5],
        "level": [3.0, 7.0],
        "lower": [1.0, 7.0],
        "upper": [5.0, 90.0],
    }


@pytest.mark.parametrize("n", [0, 1, 4])
def test_of_too_few_days_nothing_is_stated(n: int) -> None:
    assert typical_level(days([1.0] * n), as_of=AS_OF, n_days=56).empty


def test_the_future_is_not_read() -> None:
    history = days([float(n) for n in range(30)], last="2025-02-01")
    known = history[history["date"] <= AS_OF]
    found, expected = (typical_level(frame, as_of=AS_OF, n_days=20) for frame in (history, known))
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("n", [5, 8, 20, 56])
def test_the_interval_holds_the_true_median_as_often_as_promised_and_no_wider_one_is_given(n: int) -> None:
    rng, place = np.random.default_rng(n), outer_place(n)
    drawn = np.sort(rng.lognormal(size=(4000, n)), axis=1)
    holds = (drawn[:, place - 1] <= 1) & (drawn[:, -place] >= 1)  # the median of a standard lognormal is 1
    assert holds.mean() > COVERAGE - 0.02
    if 2 * (place + 1) <= n:
        assert ((drawn[:, place] <= 1) & (drawn[:, -place - 1] >= 1)).mean() < COVERAGE + 0.02
