"""Customers of six kinds, planted far apart, as customer days; for the tests of features and segments."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

AS_OF = dt.date(2024, 11, 20)
# kind: (orders lie this many days before AS_OF: from, to, step), net sales of an order
KINDS: dict[str, tuple[tuple[int, int, int], float]] = {
    "champions": ((380, 2, 9), 500.0),
    "loyal": ((300, 12, 48), 220.0),
    "new": ((24, 23, 30), 120.0),
    "at_risk": ((370, 150, 44), 210.0),
    "slipping": ((110, 109, 30), 80.0),
    "hibernating": ((350, 349, 30), 60.0),
}


def planted_days(n_each: int = 25, seed: int = 0) -> tuple[pd.DataFrame, dict[str, str]]:
    """(customer_days, the kind of each customer)."""
    random = np.random.default_rng(seed)
    rows, truth = [], {}
    for kind, ((first, last, step), amount) in KINDS.items():
        for number in range(n_each):
            customer = f"{kind[:2]}{number:04d}"
            truth[customer] = kind
            shift = int(random.integers(0, 7))
            for back in range(first + shift, last - 1, -step):
                rows.append((customer, AS_OF - dt.timedelta(days=back), amount * float(random.lognormal(0, 0.15))))
    return customer_days(rows), truth


def customer_days(rows: list[tuple[str, dt.date, float]]) -> pd.DataFrame:
    """One sale order of ten units and four products per (customer, day, net sales); negative: a cancellation alone."""
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_date", "net_sales_amount"])
    is_sale = frame["net_sales_amount"] >= 0
    return frame.assign(
        n_orders=is_sale.astype(int),
        n_cancellations=(~is_sale).astype(int),
        units_sold=10 * is_sale,
        units_returned=1 * ~is_sale,
        n_products=4 * is_sale,
        gross_sales_amount=frame["net_sales_amount"].clip(lower=0),
        returns_amount=frame["net_sales_amount"].clip(upper=0),
    )


def random_days(n_customers: int, n_rows: int, seed: int, last: dt.date = AS_OF, n_days: int = 400) -> pd.DataFrame:
    """Any mixture of sale days, days with a cancellation too, cancellations alone and charges alone."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": random.integers(0, n_customers, n_rows).astype(str),
            "ordered_date": [last - dt.timedelta(days=int(back)) for back in random.integers(-30, n_days, n_rows)],
        }
    ).drop_duplicates(ignore_index=True)
    size = len(frame)
    orders = random.integers(0, 3, size)
    cancellations = random.integers(0, 2, size)
    gross = (orders * random.integers(1, 9000, size) / 16).round(4)
    returns = -(cancellations * random.integers(0, 9000, size) / 64).round(4)
    return frame.assign(
        n_orders=orders,
        n_cancellations=cancellations,
        units_sold=orders * random.integers(1, 50, size),
        units_returned=cancellations * random.integers(0, 9, size),
        n_products=orders * random.integers(1, 9, size),
        gross_sales_amount=gross,
        returns_amount=returns,
        net_sales_amount=gross + returns,
    )
