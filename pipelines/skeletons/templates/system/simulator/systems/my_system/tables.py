"""My system: what its files look like. CSV, in UTC.

Does not belong here: how rows come about (days.py, rows.py), what is wrong with them (plants.py).
"""

from __future__ import annotations

from simulator.clock import UTC
from simulator.system import Form, System

FORM = Form("my_system", "csv", UTC)
SYSTEM = System(
    FORM,
    (
        FORM.table(
            "my_table",
            "my_one_id occurred_at product_id my_one_amount amount_currency",
            key="my_one_id",
            event="occurred_at",
            order="occurred_at, my_one_id",
        ),
    ),
)
