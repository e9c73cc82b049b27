"""What is wrong with the storefront's rows, and how often: rates are such that each class has at least 250 rows in 120
days of 5,000 customers.

Does not belong here: how a kind of mistake looks in general (simulator.dirt.plants).
"""

from __future__ import annotations

from simulator.dirt.plants import (
    Plant,
    copies,
    future_clocks,
    late_rows,
    missing_keys,
    mojibake,
    odd,
    with_comma,
    wrong_currencies,
    wrong_type,
)

FIRST_ORDER_VERSION = "updated_at::date = ordered_at::date"
NIGHT = f"extract(hour from ordered_at) between 1 and 4 and {FIRST_ORDER_VERSION}"
SPELLING = "if(country = 'CN', city || '市', upper(city))"
OLDER = "updated_at - to_seconds(20 + (u3 * 100)::integer)"
OTHER_CITY = "if(country = 'CN', if(city = '上海', '苏州', '上海'), if(city = 'London', 'New York', 'London'))"
# Only final versions are restated: a correction must not overtake the next change of status.
FINAL = "status in ('delivered', 'cancelled')"
NOT_POSITIVE = "quantity:minimum"

PLANTS: tuple[Plant, ...] = (
    *copies({"orders": 0.003, "order_lines": 0.003, "payments": 0.004}),
    Plant("near_duplicate", "before", "customers", 0.012, "city", SPELLING),
    Plant("near_duplicate", "before", "orders", 0.004, "city", SPELLING),
    Plant("near_duplicate", "before", "orders", 0.003, "updated_at", OLDER, "status = 'shipped'"),
    *late_rows({"customers": 0.012, "order_lines": 0.003, "payments": 0.003}),
    # A late first version of an order makes orphans of what belongs to it.
    Plant("late_row", "late", "orders", 0.009, where=FIRST_ORDER_VERSION),
    Plant("restated_row", "restated", "orders", 0.015, "city", OTHER_CITY, FINAL),
    wrong_type("order_lines", 0.003, "unit_list_price", with_comma("unit_list_price")),
    wrong_type("order_lines", 0.001, "quantity", "'n/a'"),
    wrong_type("payments", 0.004, "amount", with_comma("amount")),
    wrong_type("prices", 0.003, "list_price", with_comma("list_price")),
    wrong_type("customers", 0.010, "registered_at", "'31/02/2025 10:00'"),
    *missing_keys(
        {
            "orders": ("order_id", 0.001),
            "order_lines": ("order_id", 0.002),
            "payments": ("payment_id", 0.004),
            "prices": ("sku", 0.002),
        }
    ),
    Plant("negative_quantity", "wrong", "order_lines", 0.008, "quantity", "if(u3 < 0.3, 0, -quantity)",
          reason=NOT_POSITIVE),
    Plant("negative_quantity", "wrong", "refunds", 0.03, "quantity", "-quantity", reason=NOT_POSITIVE),
    *wrong_currencies({"orders": 0.0015, "order_lines": 0.004, "payments": 0.006, "refunds": 0.02}),
    *future_clocks(
        {"order_lines": ("ordered_at", 0.003), "payments": ("paid_at", 0.004), "refunds": ("refunded_at", 0.01)}
    ),
    *mojibake("city", {"customers": 0.02, "orders": 0.006}),
    Plant("plausible_wrong", "kept", "prices", 0.010, "list_price", "(list_price * 1.1)::decimal(18, 2)"),
    odd("orders", NIGHT),
    odd("order_lines", "quantity >= 40"),
    odd("order_lines", "quantity * unit_list_price - discount_amount = 0.01"),
    odd("prices", "sale_price = 0.01"),
    odd("customers", "length(full_name) > 60"),
)  # fmt: skip
