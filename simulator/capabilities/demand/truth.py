"""What was asked for and what will be: per SKU, location and day, whatever the stock held.

Does not belong here: how it comes about (simulator.demand), how a forecast is held against it (grades.py).
"""

from __future__ import annotations

import duckdb

from simulator.arguments import Arguments
from simulator.clock import DAY, date_of_day
from simulator.ids import SKU_ID
from simulator.world import World

NEEDS = ("storefront", "warehouse")


def truth(con: duckdb.DuckDBPyConnection, world: World) -> dict[str, str]:
    """SQL of its tables of the key."""
    return {"demand": _demand(world.arguments), "future_demand": _future_demand(world.arguments)}


def _demand(arguments: Arguments) -> str:
    """true_demand: units that customers of the location asked for that day. sold: units of orders placed that day that
    come from it (some of customers whom another location serves)."""
    return f"""
        with sold as (
            select o.ordered // {DAY} as day, l.place, sum(l.quantity) as units
            from note_lines as l join note_orders as o on o.i = l."order" group by all
        )
        select
            {SKU_ID.format("p.place // 3")} as sku, c.w0 as location_id,
                {date_of_day("p.day", arguments.start)} as date,
            p.demand::integer as true_demand, coalesce(s.units, 0)::integer as sold,
                p.stockout_minutes > 0 as is_stockout,
            p.stockout_minutes::integer as stockout_minutes
        from note_places as p
        join skus as k on k.i = p.place // 3 and k.launch <= p.day and p.day < k."end"
        join word_location as c on c.i = p.place % 3
        left join sold as s on s.day = p.day and s.place = p.place
        order by p.day, p.place"""


def _future_demand(arguments: Arguments) -> str:
    """What will be asked for on the days after the last one: no file tells of it, and only it can score a forecast."""
    return f"""
        select
            {SKU_ID.format("p.place // 3")} as sku, c.w0 as location_id,
            {date_of_day("p.day", arguments.start)} as date, p.demand::integer as true_demand
        from note_future as p
        join skus as k on k.i = p.place // 3 and k.launch <= p.day and p.day < k."end"
        join word_location as c on c.i = p.place % 3
        order by p.day, p.place"""
