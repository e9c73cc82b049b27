"""Histories with a known law, for the tests of the forecast."""

import numpy as np
import pandas as pd

END = pd.Timestamp("2024-06-28")


def many(n_series=4, n_days=160, seed=0, noise=2.0, end=END):
    """Series of 10, 20 ... units, twice as much on Mondays, with Gaussian noise."""
    random = np.random.default_rng(seed)
    days = pd.date_range(end=end, periods=n_days)
    factor = np.where(days.weekday == 0, 2.0, 1.0)
    frames = [
        pd.DataFrame(
            {
                "series_id": f"s{number:02d}",
                "date": days,
                "demand": 10.0 * (number + 1) * factor + random.normal(0, noise, n_days),
            }
        )
        for number in range(n_series)
    ]
    return pd.concat(frames, ignore_index=True)


def weekly(n_weeks=90, n_series=3, seed=0, end="2012-01-27"):
    """Weekly series with a year's wave and a tenth of growth per year."""
    random = np.random.default_rng(seed)
    weeks = pd.date_range(end=end, periods=n_weeks, freq="7D")
    position = np.arange(n_weeks)
    wave = (1 + 0.5 * np.sin(2 * np.pi * position / 52)) * 1.1 ** (position / 52)
    frames = [
        pd.DataFrame(
            {"series_id": f"s{i}", "date": weeks, "demand": 100.0 * (i + 1) * wave * random.lognormal(0, 0.05, n_weeks)}
        )
        for i in range(n_series)
    ]
    return pd.concat(frames, ignore_index=True)
