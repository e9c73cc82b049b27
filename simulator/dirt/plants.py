"""What is planted into single rows: which class, in which table, how often, what is written, the fate it deserves.

Belongs here: the list. Does not belong here: whole files (files.py), choosing rows (rows.py). Rates are such that each
class has at least 250 rows in 120 days of 5,000 customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# late: comes with a later file. wrong: wrong now, right in a later file. copy: the line again. before: a poor version
# of the row just before it. restated: accepted as it is, a newer version follows. kept: never put right. odd: nothing
# is wrong.
Kind = Literal["late", "wrong", "copy", "before", "restated", "kept", "odd"]
FATES: dict[Kind, str] = {
    "late": "accepted",
    "wrong": "quarantined",
    "copy": "duplicate",
    "before": "superseded",
    "restated": "superseded",
    "kept": "not detectable",
    "odd": "accepted",
}


@dataclass(frozen=True)
class Plant:
    """One way of being wrong.

    rate: share of the table's rows that are drawn; those that do not meet `where` stay clean. column, text: the cell
    that is changed and its new content (SQL over the clean row, and `u3`, uniform in 0 to 1). reason: the code by which
    the row is quarantined, if it is.
    """

    name: str
    kind: Kind
    table: str
    rate: float
    column: str = ""
    text: str = ""
    where: str = "true"
    reason: str | None = None

    @property
    def fate(self) -> str:
        """What the row deserves."""
        return FATES[self.kind]


def _copies() -> list[Plant]:
    rates = {"orders": 0.003, "order_lines": 0.003, "payments": 0.004, "movements": 0.002, "stage_times": 0.0008}
    return [Plant("exact_duplicate", "copy", table, rate) for table, rate in rates.items()]


def _near_copies() -> list[Plant]:
    spelling = "if(country = 'CN', city || '市', upper(city))"
    older = "updated_at - to_seconds(20 + (u3 * 100)::integer)"
    return [
        Plant("near_duplicate", "before", "customers", 0.012, "city", spelling),
        Plant("near_duplicate", "before", "orders", 0.004, "city", spelling),
        Plant("near_duplicate", "before", "orders", 0.003, "updated_at", older, "status = 'shipped'"),
        Plant("near_duplicate", "before", "shipments", 0.003, "promised_at", "promised_at - interval 1 hour"),
    ]


FIRST_ORDER_VERSION = "updated_at::date = ordered_at::date"
FIRST_PARCEL_VERSION = "status in ('created', 'handed_over') and updated_at - created_at < interval 2 hours"


def _late() -> list[Plant]:
    """A late first version of an order or a parcel makes orphans of what belongs to it."""
    rates = {
        "customers": 0.012,
        "order_lines": 0.003,
        "payments": 0.003,
        "movements": 0.001,
        "stage_times": 0.0008,
        "inventory_snapshots": 0.0008,
    }
    return [
        *(Plant("late_row", "late", table, rate) for table, rate in rates.items()),
        Plant("late_row", "late", "orders", 0.009, where=FIRST_ORDER_VERSION),
        Plant("late_row", "late", "shipments", 0.006, where=FIRST_PARCEL_VERSION),
    ]


def _restated() -> list[Plant]:
    """Only of final versions: a correction must not overtake the next change of status."""
    final = "status in ('delivered', 'cancelled')"
    other_city = "if(country = 'CN', if(city = '上海', '苏州', '上海'), if(city = 'London', 'New York', 'London'))"
    other_carrier = "if(carrier = 'sf', 'zto', 'sf')"
    return [
        Plant("restated_row", "restated", "orders", 0.015, "city", other_city, final),
        Plant("restated_row", "restated", "shipments", 0.012, "carrier", other_carrier, "status = 'delivered'"),
    ]


def _wrong_types() -> list[Plant]:
    def comma(column: str) -> str:
        return f"""'"' || replace({column}::varchar, '.', ',') || '"'"""

    def plant(table: str, rate: float, column: str, text: str) -> Plant:
        return Plant("wrong_type", "wrong", table, rate, column, text, reason=f"{column}:type")

    return [
        plant("order_lines", 0.003, "unit_list_price", comma("unit_list_price")),
        plant("order_lines", 0.001, "quantity", "'n/a'"),
        plant("payments", 0.004, "amount", comma("amount")),
        plant("prices", 0.003, "list_price", comma("list_price")),
        plant("customers", 0.010, "registered_at", "'31/02/2025 10:00'"),
    ]


def _missing_keys() -> list[Plant]:
    columns = {
        "orders": ("order_id", 0.001),
        "order_lines": ("order_id", 0.002),
        "payments": ("payment_id", 0.004),
        "prices": ("sku", 0.002),
        "movements": ("movement_id", 0.002),
        "inventory_snapshots": ("sku", 0.0008),
    }
    return [
        Plant("missing_key", "wrong", table, rate, column, "null", reason=f"{column}:required")
        for table, (column, rate) in columns.items()
    ]


def _negative_quantities() -> list[Plant]:
    reason = "quantity:minimum"
    return [
        Plant(
            "negative_quantity", "wrong", "order_lines", 0.008, "quantity", "if(u3 < 0.3, 0, -quantity)", reason=reason
        ),
        Plant("negative_quantity", "wrong", "refunds", 0.03, "quantity", "-quantity", reason=reason),
    ]


def _wrong_currencies() -> list[Plant]:
    text = "if(currency = 'CNY' and u3 < 0.6, 'RMB', 'EUR')"
    rates = {"orders": 0.0015, "order_lines": 0.004, "payments": 0.006, "refunds": 0.02}
    return [
        Plant("wrong_currency", "wrong", table, rate, "currency", text, reason="currency:pattern")
        for table, rate in rates.items()
    ]


def _future_clocks() -> list[Plant]:
    columns = {
        "order_lines": ("ordered_at", 0.003),
        "payments": ("paid_at", 0.004),
        "refunds": ("refunded_at", 0.01),
        "movements": ("moved_at", 0.002),
        "inventory_snapshots": ("snapshot_date", 0.0008),
    }
    return [
        Plant("future_clock", "wrong", table, rate, column, _later(column), reason="row:event_after_arrival")
        for table, (column, rate) in columns.items()
    ]


def _later(column: str) -> str:
    """SQL: days later than any right form may come."""
    days = "(6 + (u3 * 300)::integer)"
    return f"{column} + {days}" if column == "snapshot_date" else f"{column} + to_days({days})"


def _mojibake() -> list[Plant]:
    broken = "left(city, 1) || if(u3 < 0.6, chr(65533) || chr(65533), chr(146) || 'ã')"
    return [
        Plant("mojibake", "wrong", table, rate, "city", broken, reason="city:characters")
        for table, rate in (("customers", 0.02), ("orders", 0.006))
    ]


def _odd() -> list[Plant]:
    """Values that look like mistakes and are none; all of them are listed."""
    night = f"extract(hour from ordered_at) between 1 and 4 and {FIRST_ORDER_VERSION}"
    return [
        Plant("odd_but_right", "odd", "orders", 1, where=night),
        Plant("odd_but_right", "odd", "order_lines", 1, where="quantity >= 40"),
        Plant("odd_but_right", "odd", "order_lines", 1, where="quantity * unit_list_price - discount_amount = 0.01"),
        Plant("odd_but_right", "odd", "prices", 1, where="sale_price = 0.01"),
        Plant("odd_but_right", "odd", "customers", 1, where="length(full_name) > 60"),
    ]


PLANTS: tuple[Plant, ...] = (
    *_copies(),
    *_near_copies(),
    *_late(),
    *_restated(),
    *_wrong_types(),
    *_missing_keys(),
    *_negative_quantities(),
    *_wrong_currencies(),
    *_future_clocks(),
    *_mojibake(),
    Plant("plausible_wrong", "kept", "prices", 0.010, "list_price", "(list_price * 1.1)::decimal(18, 2)"),
    *_odd(),
)
