"""Grades of money: every published figure of the margin against the truth, to the last digit.

Belongs here: which published column answers to which true one. Does not belong here: how the truth is added up
(truth.py). Only event days are compared whose rows were all due by the last simulated day.
"""

from __future__ import annotations

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Asked, Capability, Grading, Measured
from simulator.text import Text

NEEDS = ("storefront", "warehouse")
MONEY = Capability("money", Text("Money", "金额"), 30)
# True figure -> published column, its sign there (what lowers revenue is published as a negative amount), its words.
FIGURES = {
    "gmv": ("gmv_amount", 1, Text("orders placed (GMV)", "成交总额")),
    "unpaid": ("unpaid_amount", 1, Text("unpaid orders", "未付款订单")),
    "gross_sales": ("gross_sales_amount", 1, Text("gross sales", "销售总额")),
    "discounts": ("discount_amount", -1, Text("discounts", "折扣")),
    "returns": ("returns_amount", -1, Text("returns", "退货")),
    "net_sales": ("net_sales_amount", 1, Text("net sales", "净销售额")),
    "shipping_income": ("shipping_amount", 1, Text("shipping", "运费收入")),
    "net_revenue": ("net_revenue_amount", 1, Text("net revenue", "净收入")),
    "cogs": ("cost_amount", 1, Text("cost of goods", "商品成本")),
    "cm1": ("cm1_amount", 1, Text("gross margin", "毛利")),
    "shipping_cost": ("shipping_cost_amount", 1, Text("shipping cost", "履约费用")),
    "payment_fees": ("payment_fee_amount", 1, Text("payment fees", "支付手续费")),
    "cm2": ("cm2_amount", 1, Text("contribution margin", "贡献毛利")),
}
# The money of an event day can be right once all rows of these tables that happened on it have come right.
WHOLE_DAYS = """
    select event_date, max(due) as due_date from key.days
    where source || '.' || table_name in (
        'storefront.orders', 'storefront.order_lines', 'storefront.payments', 'storefront.refunds',
        'storefront.fx_rates', 'warehouse.shipments'
    )
    group by event_date
"""
# Refused and late files leave a few days open at the end; with fewer whole days than this the comparison says little.
LEAST_WHOLE_DAYS = 0.5
COMPARED = "event days that could be compared, share"


def _asked() -> list[Asked]:
    """One grade per figure: event days on which it differs from the truth."""
    differ = Text("days that differ from the truth", "与真相不符的天数")
    return [
        *(
            Asked(_name(figure), (text, differ), "at most", 0, "a figure of the margin is off by a cent")
            for figure, (_, _, text) in FIGURES.items()
        ),
        Asked(
            COMPARED, (Text("share of days that could be compared", "可对照天数的比例"),), "at least", LEAST_WHOLE_DAYS,
            "no day is whole", is_share=True,
        ),
    ]  # fmt: skip


def _measure(evidence: Evidence) -> Measured:
    pairs = ", ".join(
        f"count(*) filter (where p.{column} is distinct from {sign} * k.{figure}) as {figure}"
        for figure, (column, sign, _) in FIGURES.items()
    )
    found = evidence.row(
        f"""with whole_days as ({WHOLE_DAYS})
        select count(*) as compared, {pairs}
        from key.money_daily as k inner join whole_days as w using (event_date)
        left join published.rpt_sales_margin_daily as p on k.event_date = p.calendar_date
        where w.due_date <= $last_day""",
        last_day=evidence.last_day,
    )
    compared, days = found.pop("compared"), evidence.number("select count(*) from key.money_daily")
    differing = {_name(figure): count if compared else float("nan") for figure, count in found.items()}
    return Measured(
        {**differing, COMPARED: compared / days},
        printed=(("event days compared", f"{compared:,.0f} of {days:,.0f}"),),
    )


def _name(figure: str) -> str:
    return f"{figure}: event days that differ from the truth"


GRADING = Grading(MONEY, _asked, _measure)
