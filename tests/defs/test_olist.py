"""Real orders, restated for weeks: whatever the order of arrival and of loading, the end equals the file."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import pytest

from tests.olist import ARCHIVE, STAGES, daily_restatements, read_table
from tests.small_home import SmallHome

pytestmark = [
    pytest.mark.slow,
    pytest.mark.shared_data,
    pytest.mark.skipif(not ARCHIVE.exists(), reason="the development data are not beside the project"),
]
TIMES = [column for column, _ in STAGES] + ["order_estimated_delivery_date"]


@pytest.mark.parametrize("seed", [1, 2])
def test_daily_restatements_in_any_order_end_as_the_file(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    orders, items = read_table("orders"), read_table("order_items")
    drops = daily_restatements(orders)
    purchased = {order["order_id"]: dt.date.fromisoformat(order["order_purchase_timestamp"][:10]) for order in orders}
    first = min(drops) - dt.timedelta(days=3)
    home = SmallHome.make(
        tmp_path, "olist", ["orders", "order_items"], first_day=first, time_zone="America/Sao_Paulo", currency="BRL"
    )
    for day, rows in drops.items():
        draw.shuffle(rows)
        half = len(rows) // 2
        home.put("orders", day, rows[:half], "morning.csv")
        home.put("orders", day, rows[half:], "evening.csv")
    by_day: dict[dt.date, list[dict[str, str]]] = {}
    for item in items:  # some lines come before their order, some long after
        shift = draw.choice([-3, 0, 0, 0, 40])
        by_day.setdefault(purchased[item["order_id"]] + dt.timedelta(days=shift), []).append(item)
    for day, rows in by_day.items():
        home.put("order_items", day, rows)
    days = sorted({*drops, *by_day})
    draw.shuffle(days)
    for start in range(0, len(days), 150):
        home.run(sorted(days[start : start + 150]))
    assert home.held("orders") == home.held("order_items") == []
    assert home.unaccounted() == []

    local = [f"strftime(timezone('America/Sao_Paulo', timezone('UTC', {name})), '%Y-%m-%d %H:%M:%S')" for name in TIMES]
    found = home.con.execute(
        f"""select order_id, customer_id, order_status,
            {", ".join(local)}
        from raw.olist__orders where _is_current order by order_id"""
    ).fetchall()
    wanted = [
        (order["order_id"], order["customer_id"], order["order_status"], *(order[column] or None for column in TIMES))
        for order in sorted(orders, key=lambda order: order["order_id"])
    ]
    assert found == wanted
    money = home.con.execute(
        "select sum(price + freight_value), count(*) from raw.olist__order_items where _is_current"
    )
    assert money.fetchone() == (sum(Decimal(i["price"]) + Decimal(i["freight_value"]) for i in items), len(items))
    dates = home.con.execute(
        "select distinct _event_date from raw.olist__orders where _is_current order by 1"
    ).fetchall()
    assert [row[0] for row in dates] == sorted(set(purchased.values()))
    home.close()
