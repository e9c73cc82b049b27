"""A small history of the simulated shop's systems: what they deliver, day by day, and what it comes to.

Belongs here: rows with planted trouble (an order paid late, a rate that comes late, a customer corrected after the
refund) and the money that must follow, reckoned in Python from the same orders. Does not belong here: running the shop.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.odcs import load_source_contract
from pipelines.settings.environment import Settings

FIRST = dt.date(2025, 1, 1)
DAYS = [FIRST + dt.timedelta(days=number) for number in range(6)]
SKUS, CUSTOMERS = [f"SKU{number:05d}" for number in range(1, 5)], [f"C{number:07d}" for number in range(1, 6)]
RATES = {day: Decimal("7.1001") + Decimal("0.0377") * number for number, day in enumerate(DAYS)}
# The rate of this day arrives two days later; orders in dollars stand without amounts until then.
LATE_RATE, LATE_RATE_ARRIVES = DAYS[1], DAYS[3]
# Nothing of this day's own is delivered later: only the orders of others reach its refunds.
QUIET_DAY = DAYS[2]
PARTS = ("gmv", "unpaid", "discount", "returns", "shipping", "cost", "shipping_cost", "payment_fee")
Row = dict[str, Any]


@dataclass
class History:
    """Rows by (source, table, arrival day), and the true money by day and part, positive."""

    rows: dict[tuple[str, str, dt.date], list[Row]] = field(default_factory=lambda: defaultdict(list))
    money: dict[dt.date, dict[str, Decimal]] = field(
        default_factory=lambda: {day: dict.fromkeys(PARTS, Decimal(0)) for day in DAYS}
    )

    def say(self, source: str, table: str, day: dt.date, **row: Any) -> None:
        """Let a row arrive on a day of the history; what comes later is not seen."""
        if day in DAYS:
            self.rows[source, table, day].append(row)

    def count(self, day: dt.date, part: str, amount: Decimal, currency: str = "CNY") -> None:
        """Add money to the truth, one amount at a time, as each is rounded by itself."""
        rate = Decimal(1) if currency == "CNY" else RATES[day]
        self.money[day][part] += (amount * rate).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def make_history(seed: int) -> History:
    """Six days with six orders each; every order is placed, most are paid, some a day later, some never."""
    draw, history = random.Random(seed), History()
    _catalogue(history)
    for number in range(6 * len(DAYS)):
        _order(history, draw, number)
    return history


def _at(day: dt.date, hour: int) -> str:
    return f"{day} {hour:02d}:30:00"


def _catalogue(history: History) -> None:
    for number, sku in enumerate(SKUS):
        names = {"spu": f"SPU{number}", "name": f"杯子{number}", "name_en": f"Cup {number}", "brand": "Hearth"}
        kind = {"category_l1": "home", "category_l2": "cups", "pack_size": 1, "is_eco": "false"}
        rest = {"unit_cost": Decimal(20 + number), "launched_on": FIRST, "status": "active"}
        history.say("storefront", "products", FIRST, sku=sku, updated_at=_at(FIRST, 1), **names, **kind, **rest)
        for day in DAYS:
            price = {"list_price": Decimal(50), "sale_price": Decimal(45), "currency": "CNY", "promotion_id": None}
            history.say("storefront", "prices", day, sku=sku, price_date=day, **price)
            stock = {"on_hand": 9, "reserved": 2, "available": 7, "on_order": 0, "in_transit": 0, "damaged": 0}
            stock |= {"stockout_minutes": 60 * number, "unit_cost": Decimal(20)}
            place = {"sku": sku, "location_id": "SHA", "snapshot_date": day}
            history.say("warehouse", "inventory_snapshots", day, **place, **stock)
    for number, customer in enumerate(CUSTOMERS):
        person = {
            "full_name": "甲",
            "email": f"a{number}@example.com",
            "phone": None,
            "gender": None,
            "birth_year": 1987,
        }
        said = {"country": "CN", "city": "上海", "acquisition_channel": "direct", "accepts_marketing": "true"}
        when = {"updated_at": _at(FIRST, 1), "registered_at": _at(FIRST, 1), "allows_personalisation": "true"}
        history.say("storefront", "customers", FIRST, customer_id=customer, **when, **person, **said)
    for day, rate in RATES.items():
        arrives = LATE_RATE_ARRIVES if day == LATE_RATE else day
        history.say("storefront", "fx_rates", arrives, currency="USD", rate_date=day, rate=rate)


def _order(history: History, draw: random.Random, number: int) -> None:
    day, order_id = DAYS[number // 6], f"O{number:010d}"
    currency = "USD" if number % 3 == 1 else "CNY"
    # Paid at once, paid on the next day, or never; what is paid after the last day is not paid yet. All that happens on
    # QUIET_DAY is known on it.
    late = day if day == QUIET_DAY else day + dt.timedelta(days=1)
    paid_on = {4: late, 5: None}.get(number % 6, day)
    is_paid = paid_on is not None and paid_on in DAYS
    lines = [
        (line_no, draw.choice(SKUS), draw.randint(1, 4), Decimal(draw.randint(100, 9999)) / 100,
         Decimal(draw.choice([0, 0, 37, 91])) / 100, Decimal(draw.randint(10_000, 300_000)) / 10_000)
        for line_no in range(1, draw.randint(1, 3) + 1)
    ]  # fmt: skip
    goods = sum((quantity * price for _, _, quantity, price, _, _ in lines), Decimal(0))
    off, fee = sum((off for *_, off, _ in lines), Decimal(0)), Decimal(draw.choice([0, 6, 12]))
    order: Row = {
        "order_id": order_id, "ordered_at": _at(day, 9), "customer_id": draw.choice(CUSTOMERS), "guest_email": None,
        "country": "CN", "city": "上海", "sales_channel": "web", "currency": currency, "goods_amount": goods,
        "discount_amount": off, "shipping_fee": fee, "total_amount": goods - off + fee,
    }  # fmt: skip
    placed = {"updated_at": _at(day, 9), "status": "placed", "paid_at": None}
    history.say("storefront", "orders", day, **order, **placed)
    for line_no, sku, quantity, price, line_off, cost in lines:
        what = {"sku": sku, "location_id": "SHA", "quantity": quantity, "unit_list_price": price, "unit_cost": cost}
        rest = {"discount_amount": line_off, "currency": currency, "promotion_id": None}
        key = {"order_id": order_id, "line_no": line_no, "ordered_at": _at(day, 9)}
        history.say("storefront", "order_lines", day, **key, **what, **rest)
        history.count(day, "gmv", quantity * price, currency)
        if not is_paid:
            history.count(day, "unpaid", quantity * price, currency)
            continue
        history.count(day, "discount", line_off, currency)
        history.count(day, "cost", quantity * cost)
    if is_paid and paid_on:
        history.count(day, "shipping", fee, currency)
        _after_payment(history, draw, order, paid_on, lines[0])


def _after_payment(history: History, draw: random.Random, order: Row, paid_on: dt.date, line: tuple[Any, ...]) -> None:
    """The payment, the parcel, and for some orders a refund; then, for some of these, a correction of the customer."""
    order_id, currency, number = order["order_id"], order["currency"], int(order["order_id"][1:])
    paid = {"updated_at": _at(paid_on, 10), "status": "paid", "paid_at": _at(paid_on, 10)}
    history.say("storefront", "orders", paid_on, **order, **paid)
    fee = Decimal(draw.randint(1, 60_000)) / 10_000
    payment = {"payment_id": f"PAY{number:010d}", "order_id": order_id, "paid_at": _at(paid_on, 10), "method": "card"}
    history.say(
        "storefront",
        "payments",
        paid_on,
        **payment,
        amount=order["total_amount"] + 9,
        fee_amount=fee,
        currency=currency,
    )
    history.count(paid_on, "payment_fee", fee, currency)
    cost = Decimal(draw.randint(50_000, 200_000)) / 10_000
    moments = {"updated_at": f"{paid_on} 05:00:00", "created_at": f"{paid_on} 05:00:00"}
    parcel = {"shipment_id": f"S{number:010d}", "order_id": order_id, "location_id": "SHA", "carrier": "sf"}
    ends = {"promised_at": f"{paid_on} 23:00:00", "handed_over_at": None, "delivered_at": None, "status": "created"}
    history.say("warehouse", "shipments", paid_on, **parcel, **moments, **ends, shipping_cost=cost)
    history.count(paid_on, "shipping_cost", cost)
    refunded_on = paid_on + dt.timedelta(days=1)
    if number % 6 not in (0, 1) or refunded_on not in DAYS:
        return
    _, sku, quantity, price, line_off, unit_cost = line
    amount, is_restocked = quantity * price - line_off, number % 12 < 6
    given = {"refund_id": f"R{number:010d}", "order_id": order_id, "line_no": 1, "sku": sku, "quantity": quantity}
    why = {"amount": amount, "unit_cost": unit_cost, "currency": currency, "reason": "size"}
    when = {"refunded_at": _at(refunded_on, 11), "is_restocked": str(is_restocked).lower()}
    history.say("storefront", "refunds", refunded_on, **given, **why, **when)
    history.count(refunded_on, "returns", amount, currency)
    if is_restocked:
        history.count(refunded_on, "cost", -quantity * unit_cost)
    if paid_on < QUIET_DAY:
        # Days after the refund the order turns out to be another account's: the refund's day is reached too.
        other = CUSTOMERS[CUSTOMERS.index(order["customer_id"]) - 1]
        corrected = order | paid | {"customer_id": other, "updated_at": _at(refunded_on, 20)}
        history.say("storefront", "orders", refunded_on + dt.timedelta(days=2), **corrected)


def write_drops(history: History, settings: Settings) -> None:
    """A file for every table and day, without rows where nothing happened."""
    for source, table, _ in settings.shop.raw_tables():
        contract = load_source_contract(settings.contract_file(source, table))
        for day in DAYS:
            rows = history.rows.get((source, table, day), [])
            suffix = "parquet" if source == "warehouse" else "csv"
            path = settings.home.drops / source / table / f"{day}" / f"{table}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            if suffix == "csv":
                path.write_text(_as_csv(contract.column_names, rows))
            else:
                _write_parquet(path, {column.name: column.sql_type for column in contract.columns}, rows)


def _as_csv(columns: tuple[str, ...], rows: list[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _write_parquet(path: Path, types: Mapping[str, str], rows: list[Row]) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table t ({', '.join(f'{name} {sql_type}' for name, sql_type in types.items())})")
        if rows:
            places = ", ".join("?" for _ in types)
            con.executemany(f"insert into t values ({places})", [[row[name] for name in types] for row in rows])
        con.execute(f"copy t to '{path}' (format parquet)")
