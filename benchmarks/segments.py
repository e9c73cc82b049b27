"""Customer segments of Online Retail: agreement over resamples, flips from week to week, and what stating them costs.

`python -m benchmarks.segments` prints every figure with its bar; exit code 1 when one misses it.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from itertools import pairwise

import duckdb
import pandas as pd

from benchmarks.lifetime_value import DROPS, NEWEST, NOT_PRODUCTS, Measured, at_most
from pipelines.customers.segments import ARI_FLOOR, StatedSegments, state_segments

AS_OFS = (NEWEST, dt.date(2011, 9, 9), dt.date(2011, 6, 10))
# Weekly statements from the first full quarter with clusters on.
PATH_WEEKS = 30
BOUNCE_WEEKS = 4


def run() -> list[Measured]:
    """All figures of customer segments, printed as they come."""
    days = online_retail_days()
    rows: list[Measured] = []
    state_segments(days, as_of=NEWEST)  # imports apart
    for part in (_of_one_day, _of_a_path):
        found = part(days)
        print(*(_line(row) for row in found), sep="\n", flush=True)
        rows += found
    return rows


def _of_one_day(days: pd.DataFrame) -> list[Measured]:
    rows = []
    for as_of in AS_OFS:
        before = time.process_time()
        stated = state_segments(days, as_of=as_of)
        seconds = time.process_time() - before
        for method, measure, value, is_published in stated.scores.drop(columns="subject").itertuples(index=False):
            has_bar = measure == "bootstrap_ari" and is_published
            bar = f">= {ARI_FLOOR:g}" if has_bar else None
            name = f"{as_of} {measure} {method}{' (published)' if is_published else ''}"
            rows.append(Measured(name, float(value), bar, value >= ARI_FLOOR if has_bar else True))
        rows.append(Measured(f"{as_of} least stability of a segment", float(stated.profiles["stability"].min())))
        rows.append(at_most(f"{as_of} CPU seconds for {len(stated.memberships)} customers", seconds, 3.0))
    return rows


def _of_a_path(days: pd.DataFrame) -> list[Measured]:
    """What a reader of every week's statement sees: each is made for itself, from the customer days alone."""
    weeks = [NEWEST - dt.timedelta(weeks=back) for back in reversed(range(PATH_WEEKS))]
    path = [state_segments(days, as_of=week) for week in weeks]
    kinds = {(tuple(stated.profiles["segment"]), stated.profiles["method"].iat[0]) for stated in path}
    rates = {column: _flips(path, column) for column in ("segment", "undamped_segment")}
    (damped, damped_back, worst), (undamped, undamped_back, undamped_worst) = rates.values()
    name = f"{PATH_WEEKS} weekly statements:"
    return [
        Measured(f"{name} different lists of names", float(len(kinds))),
        Measured(f"{name} flips per week undamped", undamped),
        at_most(f"{name} flips per week", damped, undamped),
        Measured(f"{name} flips in the worst week undamped", undamped_worst),
        Measured(f"{name} flips in the worst week", worst),
        Measured(f"{name} share of flips taken back undamped", undamped_back),
        at_most(f"{name} share of flips taken back within {BOUNCE_WEEKS} weeks", damped_back, undamped_back),
    ]


def _flips(path: list[StatedSegments], column: str) -> tuple[float, float, float]:
    """(share of customers that flip per week, share of flips taken back, share that flips in the worst week)."""
    table = pd.concat([stated.memberships.set_index("customer_id")[column] for stated in path], axis=1).to_numpy()
    n_flips = n_known = n_back = 0
    worst = 0.0
    for week, (before, now) in enumerate(pairwise(table.T), start=1):
        known = ~pd.isna(before) & ~pd.isna(now)
        flips = known & (before != now)
        later = table[:, week + 1 : week + 1 + BOUNCE_WEEKS]
        n_back += int((flips & (later == before[:, None]).any(axis=1)).sum())
        n_flips, n_known = n_flips + int(flips.sum()), n_known + int(known.sum())
        worst = max(worst, float(flips.sum() / known.sum()))
    return n_flips / n_known, n_back / n_flips, worst


def online_retail_days() -> pd.DataFrame:
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


def _line(row: Measured) -> str:
    verdict = "" if row.bar is None else ("pass" if row.passes else "FAIL")
    return f"{row.measure:66} {row.value:10.4f}  {row.bar or '':>10}  {verdict}".rstrip()


if __name__ == "__main__":
    sys.exit(int(not all(row.passes for row in run())))
