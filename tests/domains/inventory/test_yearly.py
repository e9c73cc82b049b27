import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pipelines.domains.inventory.yearly import easter, growth, year_profile


@pytest.mark.parametrize(
    "day", [(2010, 4, 4), (2011, 4, 24), (2012, 4, 8), (2024, 3, 31), (2025, 4, 20), (2038, 4, 25), (1818, 3, 22)]
)
def test_easter(day):
    assert easter(day[0]) == dt.date(*day)


def _year(demand, n_weeks=120, end="2012-02-03"):
    dates = pd.date_range(end=end, periods=n_weeks, freq="7D")
    return dates, np.array([[demand(day) for day in dates]])


def test_a_feast_at_easter_is_expected_at_easter():
    dates, values = _year(lambda day: 50.0 if 0 <= (easter(day.year) - day.date()).days < 7 else 10.0)
    origin = int(dates.get_loc(pd.Timestamp("2012-02-03")))
    ahead = pd.date_range(dates[0], periods=len(dates) + 20, freq="7D")
    targets = np.arange(origin + 1, origin + 21)
    profile = year_profile(values, values, ahead, origin, targets)[0]
    truth = [50.0 if 0 <= (easter(day.year) - day.date()).days < 7 else 10.0 for day in ahead[targets]]
    np.testing.assert_allclose(profile, truth)


def test_days_before_christmas_move_one_week_on_as_the_year_goes():
    """Each day from 18 to 24 December sells 10: what a week gets depends on the weekday of Christmas Eve."""
    days = lambda day: [(day - pd.Timedelta(days=back)) for back in range(7)]  # noqa: E731
    sold = lambda day: sum(10.0 for one in days(day) if one.month == 12 and 18 <= one.day <= 24)  # noqa: E731
    dates = pd.date_range(end="2011-12-30", periods=110, freq="7D")
    values = np.array([[sold(day) for day in dates]])
    origin = int(dates.get_loc(pd.Timestamp("2011-09-30")))
    targets = np.arange(origin + 1, len(dates))
    profile = year_profile(values[:, : origin + 1], values[:, : origin + 1], dates, origin, targets)[0]
    np.testing.assert_allclose(profile, values[0, targets])
    assert not np.allclose(values[0, targets - 52], values[0, targets])


def test_growth_is_found_shrunk_and_only_where_there_is_a_year_before():
    dates = np.arange(104)
    values = np.vstack([100 * 1.2 ** (dates // 52), 100 * 1.0 ** (dates // 52), np.where(dates < 80, 0, 50.0)])
    seen = np.ones(values.shape, dtype=bool)
    seen[2, :80] = False
    logs, factor = growth(values, seen, 103, np.arange(104, 110))
    assert logs[0, 0] == pytest.approx(np.log(1.2)) and logs[1, 0] == pytest.approx(0)
    assert 1.1 < factor[0, -1] < 1.2 and 1.0 <= factor[1, -1] < 1.05
    assert logs[2, 0] == logs[2, 2]
    none, ones = growth(values, seen, 51, np.arange(52, 55))
    assert np.isnan(none).all() and (ones == 1).all()
