"""The toy's one statement: how fast each product sold over the last three days.

Belongs here: what a domain's `statements.py` holds. Does not belong here: tests, since every file of this folder is
part of the statement's version.
"""

from __future__ import annotations

from pipelines.modeling.statements import Reading, Stated, Statement

DAYS = 3


def pace(reading: Reading) -> Stated:
    """Units per day of each product over the days up to the as-of date."""
    frame = reading.con.execute(
        """select product_id, sum(quantity) / $days::double as units_per_day
        from core.fct_order_lines
        where not is_cancelled and ordered_date between $as_of::date - $days::integer + 1 and $as_of::date
        group by product_id order by product_id""",
        {"days": DAYS, "as_of": reading.as_of},
    ).df()
    return Stated({"ml_sales__pace": frame}, {"pace": f"units of {DAYS} days up to {reading.as_of}\n"})


PACE = Statement(name="pace", needs=("core.fct_order_lines",), tables=("ml_sales__pace",), make=pace)
