"""A damaged day goes through the real jobs: every planted row is quarantined by its rule, all others are published."""

import datetime as dt
from pathlib import Path

import pytest
import yaml

from tests.shop_under_test import MakeShop

pytestmark = pytest.mark.slow

DAMAGED = Path(__file__).parents[1] / "fixtures" / "damaged"
DAY = dt.date(2011, 3, 7)


def test_planted_rows_are_set_aside_and_the_others_published(make_shop: MakeShop) -> None:
    content = (DAMAGED / "2011-03-07.csv").read_bytes()
    planted = yaml.safe_load((DAMAGED / "expected.yaml").read_text())
    shop = make_shop(first_day=DAY)
    shop.deliver(DAY, content)
    outcome = shop.run("refresh", DAY)
    assert outcome.success, outcome.errors
    counts = dict(shop.ledger("select outcome, sum(row_count)::bigint from ledger.row_counts group by all"))
    assert counts["quarantined"] == len(planted) >= 20
    assert sum(counts.values()) == shop.ledger("select sum(physical_rows)::bigint from ledger.deliveries")[0][0]
    assert shop.query("select count(*) from fct_order_lines") == [(counts["accepted"],)]
    assert ":" in outcome.materialized["raw/online_retail__transactions"]["quarantined_by"]
