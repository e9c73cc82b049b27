"""Grades of money: every published figure of the margin against the truth, to the last digit.

Belongs here: which published column answers to which true one. Does not belong here: how the truth is added up
(simulator.money). Only event days are compared whose rows were all due by the last simulated day.
"""

from __future__ import annotations

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Grade, Marks, Printed

# True figure -> published column and its sign there: what lowers revenue is published as a negative amount.
FIGURES = {
    "gmv": ("gmv_amount", 1),
    "unpaid": ("unpaid_amount", 1),
    "gross_sales": ("gross_sales_amount", 1),
    "discounts": ("discount_amount", -1),
    "returns": ("returns_amount", -1),
    "net_sales": ("net_sales_amount", 1),
    "shipping_income": ("shipping_amount", 1),
    "net_revenue": ("net_revenue_amount", 1),
    "cogs": ("cost_amount", 1),
    "cm1": ("cm1_amount", 1),
    "shipping_cost": ("shipping_cost_amount", 1),
    "payment_fees": ("payment_fee_amount", 1),
    "cm2": ("cm2_amount", 1),
}
# Refused and late files leave a few days open at the end; with fewer whole days than this the comparison says little.
LEAST_WHOLE_DAYS = 0.5


def grade_money(evidence: Evidence) -> Marks:
    """One grade per figure: event days on which it differs from the truth."""
    pairs = ", ".join(
        f"count(*) filter (where p.{column} is distinct from {sign} * k.{figure})::double as {figure}"
        for figure, (column, sign) in FIGURES.items()
    )
    found = evidence.con.execute(
        f"""select count(*)::double as compared, {pairs}
        from key.money_daily as k inner join key.whole_days as w using (event_date)
        left join published.rpt_sales_margin_daily as p on k.event_date = p.calendar_date
        where w.due_date <= ?""",
        [evidence.last_day],
    ).fetchone()
    assert found is not None  # an aggregate has one row
    compared, *differing = found
    wrong = {
        f"{figure}: event days that differ from the truth": count if compared else float("nan")
        for figure, count in zip(FIGURES, differing, strict=True)
    }
    grades = [Grade("money", measure, count, "at most", 0) for measure, count in wrong.items()]
    days = evidence.number("select count(*) from key.money_daily")
    grades.append(
        Grade("money", "event days that could be compared, share", compared / days, "at least", LEAST_WHOLE_DAYS)
    )
    return Marks(tuple(grades), (Printed("money", "event days compared", f"{compared:,.0f} of {days:,.0f}"),))
