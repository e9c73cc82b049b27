"""The pace of sales: all of the window counts, nothing outside it does."""

from __future__ import annotations

import pandas as pd

from pipelines.domains.inventory.sales_pace import sales_pace

DEMAND = pd.DataFrame(
    {
        "date": pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-04", "2025-01-05", "2025-01-04"]),
        "product_id": ["a", "a", "a", "a", "b"],
        "units": [100, 3, 5, 100, 1],
    }
)


def test_units_of_the_window_are_spread_over_its_days() -> None:
    found = sales_pace(DEMAND, as_of="2025-01-04", n_days=3)
    assert found.to_dict("list") == {"product_id": ["a", "b"], "n_days": [3, 3], "units_per_day": [8 / 3, 1 / 3]}


def test_the_future_is_not_read() -> None:
    known = DEMAND[DEMAND["date"] <= "2025-01-04"]
    pd.testing.assert_frame_equal(
        sales_pace(DEMAND, as_of="2025-01-04", n_days=3), sales_pace(known, as_of="2025-01-04", n_days=3)
    )
