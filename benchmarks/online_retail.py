"""Online Retail for the models' benchmarks, straight from the example's files.

Belongs here: the frames that models learn from, by the warehouse's rules in short and independently of it. Does not
belong here: any model.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd

DROPS = Path(__file__).parents[1] / "examples" / "online_retail"
NOT_PRODUCTS = ("POST", "DOT", "C2", "AMAZONFEE", "BANK CHARGES", "CRUK", "D", "M", "S", "B")
NEWEST = dt.date(2011, 12, 9)


def customer_days() -> pd.DataFrame:
    """customer_days out of the example's files, by the rules of the warehouse in short: equal lines count once, an
    order with a product sold is a sale, net sales are products sold and returned and discounts."""
    with duckdb.connect() as connection:
        return connection.execute(f"""
        with lines as (
            select
                InvoiceNo as order_id,
                regexp_replace(CustomerID, '[.]0$', '') as customer_id,
                cast(cast(InvoiceDate as timestamp) as date) as ordered_date,
                upper(trim(StockCode)) as product_id,
                cast(Quantity as integer) as n_units,
                n_units * cast(UnitPrice as double) as amount,
                InvoiceNo like 'C%' as is_cancellation,
                product_id not in {NOT_PRODUCTS} as is_product,
                is_product and not is_cancellation and amount > 0 as is_sold,
                is_product and is_cancellation as is_returned
            from (select distinct * from read_csv('{DROPS}/*.csv.gz', all_varchar = true))
            where CustomerID is not null
        )
        select
            customer_id,
            ordered_date,
            count(distinct order_id) filter (is_sold) as n_orders,
            count(distinct order_id) filter (is_cancellation) as n_cancellations,
            coalesce(sum(n_units) filter (is_sold), 0) as units_sold,
            coalesce(-sum(n_units) filter (is_returned), 0) as units_returned,
            count(distinct product_id) filter (is_sold) as n_products,
            coalesce(sum(amount) filter (is_sold), 0) as gross_sales_amount,
            coalesce(sum(amount) filter (is_returned), 0) as returns_amount,
            coalesce(sum(amount) filter (is_product or product_id = 'D'), 0) as net_sales_amount
        from lines
        group by all
        order by all
    """).df()
