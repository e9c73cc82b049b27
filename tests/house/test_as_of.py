"""What a statement makes of a day whose data has not come. When statements are made: test_week.py."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from tests.house.histories import days_from, delivered, in_one_run
from tests.shop_under_test import MakeShop

pytestmark = pytest.mark.slow


def test_a_day_without_data_is_not_taken_for_a_day_without_demand(make_shop: MakeShop) -> None:
    days = days_from(dt.date(2011, 3, 6), 9)  # two Sundays; the shop is closed on Saturdays
    shop = delivered(make_shop, [day for day in days if day != days[1]])
    shop.settings = dataclasses.replace(
        shop.settings, shop=shop.settings.shop.model_copy(update={"first_day": days[0]})
    )
    assert in_one_run(shop, days).success
    where = f"series_kind = 'revenue' and target_date = date '{days[1] + dt.timedelta(days=14)}'"
    [(naive,)] = shop.query(f"select naive from rpt_inventory_demand_forecast where {where}")
    assert naive > 0
