"""Grades of completeness: does every true row stand once in the facts, and none that never was?

Belongs here: keys of published facts against keys of the truth, of rows that were due by the last simulated day. Does
not belong here: amounts (money/grades.py), stock (systems/warehouse/grades.py). A system that brings a fact of its own
asks for it in its own grades.py, by `standing`, under the same capability.
"""

from __future__ import annotations

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Asked, Capability, Grading, Measured
from simulator.text import Text

NEEDS = ("storefront",)
ROWS = Capability("rows", Text("Completeness of the facts", "事实表完整性"), 20)
WRONG = "rows missing, doubled or invented"
FACTS_LOST = "every second row of the facts is lost, one stands twice"
# Published fact: its key, and the truth's (a relation with the same columns and `due_date`). A row that never comes
# right (its due date is null) stands in a wrong form and counts as there.
OF_STOREFRONT = {
    "fct_orders": (
        "order_id",
        # An order stands once one version of it and its lines have come.
        "select order_id, greatest(min(o.due_date), max(coalesce(l.due_date, date '9999-12-31'))) as due_date "
        "from key.orders as o join key.order_lines as l using (order_id) group by order_id "
        "union all select refund_id, due_date from key.refunds",
    ),
    "fct_payments": ("payment_id", "select payment_id, due_date from key.payments"),
    "fct_refund_lines": ("refund_id", "select refund_id, due_date from key.refunds"),
}
OF_WAREHOUSE = {
    "fct_shipments": ("shipment_id", "select shipment_id, min(due_date) as due_date from key.shipments group by all"),
    "fct_fulfilment_stages": ("shipment_id, stage", "select shipment_id, stage, due_date from key.stage_times"),
    "fct_inventory_daily": (
        "product_id, location_id, snapshot_date",
        "select sku as product_id, location_id, snapshot_date, due_date from key.inventory_daily",
    ),
    "fct_inventory_movements": ("movement_id", "select movement_id, due_date from key.movements"),
}
PRICES = {
    "fct_prices_daily": (
        "product_id, price_date",
        "select sku as product_id, price_date, coalesce(due_date, price_date) as due_date from key.prices",
    ),
}
FACTS = {**OF_STOREFRONT, **OF_WAREHOUSE, **PRICES}
LINES = """
    with here as (
        select coalesce(original_order_id, order_id) as order_id, count(*) as n from published.fct_order_lines
        where item_type = 'product' and line_type in ('sale', 'unpaid') group by all
    ),
    there as (
        select order_id, count(*) as n, max(coalesce(due_date, date '9999-12-31')) as due_date
        from key.order_lines group by order_id
    )
    select count(*) filter (where there.due_date <= $last_day and here.n is distinct from there.n)
        + count(*) filter (where there.order_id is null)
    from there full join here using (order_id)
"""
# The same money by another way: what the daily figures and the steps add up must be what the margin adds up.
OTHER_WAYS = {
    "rpt_sales_kpi_daily": """
        select count(*) from published.rpt_sales_margin_daily as m full join published.rpt_sales_kpi_daily as k
        using (calendar_date)
        where (m.gmv_amount, m.net_sales_amount, m.net_revenue_amount)
            is distinct from (k.gmv_amount, k.net_sales_amount, k.net_revenue_amount)
    """,
    "rpt_sales_margin_bridge": """
        with steps as (
            select calendar_date, sum(amount) as amount from published.rpt_sales_margin_bridge group by all
        )
        select count(*) from published.rpt_sales_margin_daily as m left join steps using (calendar_date)
        where coalesce(steps.amount, 0) is distinct from m.cm2_amount
    """,
}
MARGIN = """
    select count(*) - count(distinct calendar_date) + count(*) filter (where event_date is null)
    from published.rpt_sales_margin_daily left join key.money_daily on calendar_date = event_date
"""


def asked_of(table: str, fault: str) -> Asked:
    """The grade of one published table: rows that are missing, stand twice, or never were."""
    return Asked(_name(table), (Text(table, table), Text(WRONG, "缺失、重复或虚构的行")), "at most", 0, fault)


def standing(evidence: Evidence, table: str, key: str, truth: str) -> dict[str, float]:
    """The value of that grade: `key` are the columns that tell its rows apart, `truth` is SQL with these and
    `due_date`."""
    number = evidence.number(
        f"""with here as (select {key}, count(*) as n from published.{table} group by {key}),
        there as (select {key}, min(due_date) as due_date from ({truth}) group by {key})
        select count(*) filter (where there.due_date <= $last_day and coalesce(n, 0) = 0)
            + count(*) filter (where n > 1)
            + count(*) filter (where n > 0 and there.known is null)
        from (select *, true as known from there) as there full join here using ({key})""",
        last_day=evidence.last_day,
    )
    return {_name(table): number}


def _asked() -> list[Asked]:
    another = "the daily figures and the bridge know another truth than the margin"
    return [
        *(asked_of(table, FACTS_LOST) for table in FACTS),
        asked_of("fct_order_lines", "lines of paid orders stand for unpaid ones"),
        *(asked_of(table, another) for table in (*OTHER_WAYS, "rpt_sales_margin_daily")),
    ]


def _measure(evidence: Evidence) -> Measured:
    has_warehouse = "warehouse" in evidence.systems
    facts = FACTS if has_warehouse else {**OF_STOREFRONT, **PRICES}
    values: dict[str, float] = {}
    for table, (key, truth) in facts.items():
        values |= standing(evidence, table, key, truth)
    values[_name("fct_order_lines")] = evidence.number(LINES, last_day=evidence.last_day)
    if has_warehouse:  # whose parcels the margin rests on
        values |= {_name(table): evidence.number(sql) for table, sql in OTHER_WAYS.items()}
        values[_name("rpt_sales_margin_daily")] = evidence.number(MARGIN)
    return Measured(values)


def _name(table: str) -> str:
    return f"{table}: {WRONG}"


GRADING = Grading(ROWS, _asked, _measure)
