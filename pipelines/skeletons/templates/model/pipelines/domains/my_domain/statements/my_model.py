"""My model: which mart is read, which pure function called, which table filled.

Does not belong here: any arithmetic (pipelines.domains.my_domain.my_model).
"""

from __future__ import annotations

from pipelines.modeling.statements import Reading, Stated, Statement

# Eight whole weeks: each weekday counts as often as any other, and a median of so many days has a narrow interval.
WINDOW_DAYS = 56


def state(reading: Reading) -> Stated:
    """What a day usually amounts to, by currency."""
    from pipelines.domains.my_domain.my_model import typical_level

    days = reading.con.execute(
        """select my_day as date, amount_currency, my_amount as amount
        from marts.my_mart
        where my_day <= ? order by my_day, amount_currency""",
        [reading.as_of],
    ).df()
    level = typical_level(days, as_of=reading.as_of, n_days=WINDOW_DAYS)
    return Stated({"ml_my_domain__my_model": level})


STATEMENTS = (
    Statement(
        name="my_model",
        needs=("marts.my_mart",),
        tables=("ml_my_domain__my_model",),
        make=state,
        libraries=("numpy", "pandas"),
    ),
)
