"""The Olist orders as a shop would deliver them day by day: an order is restated whenever its status changes.

Belongs here: turning the file of final states into daily drops. Does not belong here: loading them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

Row = dict[str, str]
ARCHIVE = Path(__file__).resolve().parents[2] / "shared" / "data" / "olist" / "olist_10k.zip"
# What an order is called once the moment in the column has come; the last one known gives its status.
STAGES = (
    ("order_purchase_timestamp", "created"),
    ("order_approved_at", "approved"),
    ("order_delivered_carrier_date", "shipped"),
    ("order_delivered_customer_date", "delivered"),
)


def read_table(name: str, archive: Path = ARCHIVE) -> list[Row]:
    """The rows of one CSV file of the archive."""
    with zipfile.ZipFile(archive) as files:
        text = files.read(f"olist_10k/{name}.csv").decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def daily_restatements(orders: Iterable[Row]) -> dict[dt.date, list[Row]]:
    """Per day the orders that changed on it, each as it was known in the evening; on its last day as in the file.

    Moments need not come in the order of the stages (16 orders reach the carrier before they are approved).
    """
    drops: dict[dt.date, list[Row]] = {}
    for order in orders:
        days = sorted({dt.date.fromisoformat(order[column][:10]) for column, _ in STAGES if order[column]})
        for day in days[:-1]:
            drops.setdefault(day, []).append(_as_known_on(order, day))
        drops.setdefault(days[-1], []).append(order)
    return drops


def _as_known_on(order: Row, day: dt.date) -> Row:
    known = {column: order[column] if order[column][:10] <= day.isoformat() else "" for column, _ in STAGES}
    status = [name for column, name in STAGES if known[column]]
    return {**order, **known, "order_status": (status or ["created"])[-1]}
