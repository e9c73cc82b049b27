"""What the inventory's statements read from the marts: what was wanted of products, where, and what of it was seen.

Belongs here: SQL and the frames that several statements share. Does not belong here: any arithmetic on them
(pipelines.domains.inventory).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pipelines.modeling.statements import Reading

if TYPE_CHECKING:
    import pandas as pd

# The marts that every statement here needs, and the one that only a shop has which knows its stock.
NEEDS = ("marts.demand_daily", "marts.kpi_daily", "marts.quality_rows_daily")
STOCK = "marts.location_demand_daily"

HORIZON_DAYS = 28
# Best-selling by units ordered in the year before: of the shipped shop's 3,804 products these make 44 % of the units. A
# product younger than 28 days is left out: from its own past only its last day could be repeated (one order of 80,995
# pieces of a new article would be forecast for every day to come).
PRODUCTS, SELECTION_DAYS, YOUNGEST_DAYS = 200, 365, 28

# All pairs of a shop of 500 products at three locations; beyond, the ones that sell most.
PAIRS = 1500

REVENUE = """
    select 'revenue' as series_kind, 'revenue' as series_id, calendar_date as date, net_revenue_amount as demand
    from marts.kpi_daily where calendar_date <= $as_of
"""
# Nobody can want what the shop has taken off its shelves.
DISCONTINUED = """
    select product_id from core.dim_products
    where product_status = 'discontinued' and valid_from <= $as_of and (valid_to is null or valid_to > $as_of)
"""
BEST = f"""
    best as (
        select product_id from marts.demand_daily
        where calendar_date <= $as_of and calendar_date > $as_of::date - {SELECTION_DAYS}
            and product_id not in ({DISCONTINUED})
        group by product_id having min(calendar_date) <= $as_of::date - {YOUNGEST_DAYS}
        order by sum(units_demanded) desc, product_id limit {PRODUCTS}
    )
"""
SOLD = """
    select 'product' as series_kind, product_id as series_id, calendar_date as date, units_demanded as demand
    from marts.demand_daily
"""
# Beside what was sold the share of the demand that could be seen: each location counts by what it sells.
SEEN = """
    weights as (
        select product_id, location_id, sum(units_demanded) + 1 as weight
        from marts.location_demand_daily where calendar_date <= $as_of group by all
    ),
    seen as (
        select product_id, calendar_date, sum(weight * coalesce(available_share, 0)) / sum(weight) as availability
        from marts.location_demand_daily inner join weights using (product_id, location_id)
        where calendar_date <= $as_of group by all
    ),
    known as (
        select 'product' as series_kind, product_id as series_id, calendar_date as date,
            coalesce(units_demanded, 0) as demand, coalesce(availability, 0) as availability
        from marts.demand_daily full join seen using (product_id, calendar_date) where calendar_date <= $as_of
    )
"""
SOLD_HISTORY = f"with {BEST} {SOLD} inner join best using (product_id) where calendar_date <= $as_of order by all"
SEEN_HISTORY = f"with {BEST}, {SEEN} select known.* from known inner join best on series_id = product_id order by all"
# What of a day's demand could be seen; where no stock record says, nothing was.
PLACED = """
    select 'sku_location' as series_kind, product_id || '@' || location_id as series_id, calendar_date as date,
        units_demanded as demand, coalesce(available_share, 0) as availability
    from marts.location_demand_daily
"""
PLACED_HISTORY = f"""
    with most as (
        select product_id, location_id from marts.location_demand_daily
        where calendar_date <= $as_of and product_id not in ({DISCONTINUED})
        group by product_id, location_id having min(calendar_date) <= $as_of::date - {YOUNGEST_DAYS}
        order by sum(units_demanded) desc, product_id, location_id limit {PAIRS}
    )
    {PLACED} inner join most using (product_id, location_id) where calendar_date <= $as_of
    order by series_id, date
"""
# Days whose data are not whole: nothing is learnt from them and nothing scored on them. What another source of the shop
# lacks, of which nothing here is made, makes no day doubtful.
DOUBTFUL = """
    select distinct arrival_date as date from marts.quality_rows_daily
    where verdict <> 'accepted' and arrival_date <= $as_of
        and ($sources is null or list_contains($sources::varchar[], source_system))
"""


def read(reading: Reading, sql: str) -> pd.DataFrame:
    """The rows of a query in which `$as_of` stands for the as-of date and `$sources` for the names of the sources that
    feed the statement."""
    sources = None if reading.sources is None else sorted(reading.sources)
    named = {"as_of": reading.as_of, "sources": sources}
    return reading.con.execute(sql, {name: value for name, value in named.items() if f"${name}" in sql}).df()


def series(reading: Reading, sold: str, seen: str, placed: str, revenue: str) -> pd.DataFrame:
    """Products and revenue; in a shop that knows its stock, with what of the demand could be seen, and by location."""
    import pandas as pd

    queries = (seen, revenue, placed) if STOCK in reading.there else (sold, revenue)
    return pd.concat([read(reading, sql) for sql in queries], ignore_index=True)


def known_days(reading: Reading) -> pd.DataFrame:
    """`date, is_open` (0 or 1) from the shop's first day to the end of the horizon: known ahead.

    A day on which something was ordered although the calendar has it closed was open. A day whose data are missing,
    blocked or incomplete counts as closed: what it would show is no demand, and models would learn that nothing sells.
    """
    import pandas as pd

    traded = set(read(reading, f"select distinct date::date as date from ({REVENUE})")["date"].dt.date)
    doubtful = set(read(reading, DOUBTFUL)["date"].dt.date)
    days = pd.date_range(reading.first_day, reading.as_of + dt.timedelta(days=HORIZON_DAYS))
    is_open = [float((reading.is_open(day) or day in traded) and day not in doubtful) for day in days.date]
    return pd.DataFrame({"date": days, "is_open": is_open})
