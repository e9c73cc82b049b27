"""Grades of completeness: does every true row stand once in the facts, and none that never was?

Belongs here: keys of published facts against keys of the truth, of rows that were due by the last simulated day. Does
not belong here: amounts (money.py), stock (stock.py).
"""

from __future__ import annotations

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Grade, Marks

# Published fact: its key, and the truth's (a relation with the same columns). A row that never comes right (its due
# date is null) stands in a wrong form and counts as there.
FACTS = {
    "fct_orders": (
        "order_id",
        # An order stands once one version of it and its lines have come.
        "select order_id, greatest(min(o.due_date), max(coalesce(l.due_date, date '9999-12-31'))) as due_date "
        "from key.orders as o join key.order_lines as l using (order_id) group by order_id "
        "union all select refund_id, due_date from key.refunds",
    ),
    "fct_payments": ("payment_id", "select payment_id, due_date from key.payments"),
    "fct_refund_lines": ("refund_id", "select refund_id, due_date from key.refunds"),
    "fct_shipments": ("shipment_id", "select shipment_id, min(due_date) as due_date from key.shipments group by all"),
    "fct_fulfilment_stages": ("shipment_id, stage", "select shipment_id, stage, due_date from key.stage_times"),
    "fct_inventory_daily": (
        "product_id, location_id, snapshot_date",
        "select sku as product_id, location_id, snapshot_date, due_date from key.inventory_daily",
    ),
    "fct_inventory_movements": ("movement_id", "select movement_id, due_date from key.movements"),
    "fct_prices_daily": (
        "product_id, price_date",
        "select sku as product_id, price_date, coalesce(due_date, price_date) as due_date from key.prices",
    ),
}
LINES = """
    select order_id, count(*) as n, max(coalesce(due_date, date '9999-12-31')) as due_date
    from key.order_lines group by order_id
"""


def grade_rows(evidence: Evidence) -> Marks:
    """One grade per fact: rows that are missing, stand twice, or never were."""
    wrong = {name: evidence.number(_wrong(name), last_day=evidence.last_day) for name in FACTS}
    wrong["fct_order_lines"] = evidence.number(
        f"""with here as (
            select coalesce(original_order_id, order_id) as order_id, count(*) as n from published.fct_order_lines
            where item_type = 'product' and line_type in ('sale', 'unpaid') group by all
        ), there as ({LINES})
        select count(*) filter (where there.due_date <= $last_day and here.n is distinct from there.n)
            + count(*) filter (where there.order_id is null)
        from there full join here using (order_id)""",
        last_day=evidence.last_day,
    )
    # The same money by another way: what the daily figures add up must be what the margin adds up.
    wrong["rpt_sales_kpi_daily"] = evidence.number(
        """select count(*) from published.rpt_sales_margin_daily as m full join published.rpt_sales_kpi_daily as k
        using (calendar_date)
        where (m.gmv_amount, m.net_sales_amount, m.net_revenue_amount)
            is distinct from (k.gmv_amount, k.net_sales_amount, k.net_revenue_amount)"""
    )
    wrong["rpt_sales_margin_bridge"] = evidence.number(
        """with steps as (
            select calendar_date, sum(amount) as amount from published.rpt_sales_margin_bridge group by all
        )
        select count(*) from published.rpt_sales_margin_daily as m left join steps using (calendar_date)
        where coalesce(steps.amount, 0) is distinct from m.cm2_amount"""
    )
    wrong["rpt_sales_margin_daily"] = evidence.number(
        """select count(*) - count(distinct calendar_date) + count(*) filter (where event_date is null)
        from published.rpt_sales_margin_daily left join key.money_daily on calendar_date = event_date"""
    )
    return Marks(
        tuple(Grade("rows", f"{name}: rows missing, doubled or invented", n, "at most", 0) for name, n in wrong.items())
    )


def _wrong(name: str) -> str:
    key, truth = FACTS[name]
    return f"""
        with here as (select {key}, count(*) as n from published.{name} group by {key}),
        there as (select {key}, min(due_date) as due_date from ({truth}) group by {key})
        select count(*) filter (where there.due_date <= $last_day and coalesce(n, 0) = 0)
            + count(*) filter (where n > 1)
            + count(*) filter (where n > 0 and there.known is null)
        from (select *, true as known from there) as there full join here using ({key})"""
