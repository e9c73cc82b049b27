"""Published facts with the rows that are due, and facts that lost, doubled or mistook some."""

from __future__ import annotations

from simulator.capabilities.rows.grades import FACTS
from tests.simulator.faults import Fault

# What stands beside its key in a fact is declared by the grades that look at it.
SOUND = {
    "fct_orders": """
        select order_id from orders inner join order_lines using (order_id) group by order_id
        having greatest(min(orders.due_date), max(coalesce(order_lines.due_date, date '9999-12-31'))) <= last()
        union all select refund_id from refunds where due_date <= last()
    """,
    "fct_payments": "select payment_id from payments where due_date <= last()",
    "fct_refund_lines": "select refund_id from refunds where due_date <= last()",
    "fct_shipments": "select shipment_id from shipments group by all having min(due_date) <= last()",
    "fct_prices_daily": """
        select sku as product_id, price_date from prices where coalesce(due_date, price_date) <= last()
    """,
    "fct_order_lines": """
        with sold as (select order_id, max(paid_at) is not null as is_paid from orders group by order_id)
        select
            order_id, null::varchar as original_order_id, 'product' as item_type,
            if(is_paid, 'sale', 'unpaid') as line_type
        from order_lines inner join sold using (order_id) where due_date <= last()
    """,
}
FAULTS = {
    "every second row of the facts is lost, one stands twice": Fault(
        published="; ".join(
            f"create temp table kept as from {name} where hash({key}) % 2 = 0; "
            f"delete from {name} where hash({key}) % 2 = 1; insert into {name} from kept limit 1; drop table temp.kept"
            for name, (key, _) in FACTS.items()
        )
    ),
    "lines of paid orders stand for unpaid ones": Fault(
        published="delete from fct_order_lines where item_type = 'product' and line_type = 'unpaid'"
    ),
    "the daily figures and the bridge know another truth than the margin": Fault(
        published="update rpt_sales_kpi_daily set gmv_amount = gmv_amount + 1; "
        "update rpt_sales_margin_bridge set amount = amount - 1 where part = 'returns'; "
        "insert into rpt_sales_margin_daily from rpt_sales_margin_daily limit 1"
    ),
}
