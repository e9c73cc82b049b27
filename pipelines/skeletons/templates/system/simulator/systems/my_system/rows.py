"""The true rows of my system, in SQL over the world's notes: what its files hold before any dirt.

Belongs here: ids and forms. Does not belong here: what happens (days.py), dirt.
"""

from __future__ import annotations

from simulator.clock import DAY
from simulator.ids import CENTS, SKU_ID
from simulator.systems.my_system.tables import FORM
from simulator.world import World


def clean_rows(world: World) -> dict[str, str]:
    """SQL of every table's true rows: its columns, and `_day`, the number of the day whose file brings the row."""
    moment = FORM.time("moment", world.arguments.start)
    return {
        "my_table": f"""
            select
                'E' || lpad((i + 1)::varchar, 10, '0') as my_one_id, {moment} as occurred_at,
                {SKU_ID.format("sku")} as product_id, {CENTS.format("cents")} as my_one_amount,
                'CNY' as amount_currency, moment // {DAY} as _day
            from note_my_system_my_table"""
    }
