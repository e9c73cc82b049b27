"""The calendar ends on the same day whichever runs brought the same files."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.scenarios import histories
from tests.shop_under_test import MakeShop, real_rows

pytestmark = pytest.mark.slow

DAYS = histories.days_from(dt.date(2011, 11, 11), 2)  # a Friday and a Saturday, on which the shop is closed


def test_a_closed_last_day_counts_in_a_range_and_by_itself_and_stays(make_shop: MakeShop) -> None:
    history = histories.one_run_and_daily_runs(make_shop, DAYS)
    assert history.whole.digests == history.daily.digests
    assert history.daily.query("select max(calendar_date) from dim_dates") == [(DAYS[-1],)]
    for shop in (history.whole, history.daily):
        shop.deliver(DAYS[0], real_rows(DAYS[0])[:900])
    assert histories.in_one_run(history.whole, DAYS).success
    assert history.daily.run("refresh", DAYS[0]).success
    assert history.whole.digests == history.daily.digests
    assert history.daily.query("select max(calendar_date) from dim_dates") == [(DAYS[-1],)]
