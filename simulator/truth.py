"""The tables of the answer key, in SQL over what happened and what was delivered.

Belongs here: what each table of the key says. Does not belong here: the key's folder (key.py), the money (money.py).
Times are as in the drops: local in tables of the storefront, UTC in those of the warehouse.
"""

from __future__ import annotations

import duckdb
import numpy as np

from simulator.arguments import Arguments
from simulator.clock import DAY, NEVER, ZONE_SECONDS, date_of_day
from simulator.demand import FAVOURITE_SHARE, PRICE_SENSE
from simulator.money import money_daily
from simulator.noted import put
from simulator.storefront import SKU_ID
from simulator.tables import BY_NAME, TABLES, Table
from simulator.tastes import N_FAVOURITES
from simulator.words import CATEGORIES, SHELVES
from simulator.world import Columns, World

ROWS = {
    "orders": "orders",
    "order_lines": "order_lines",
    "payments": "payments",
    "refunds": "refunds",
    "shipments": "shipments",
    "stage_times": "stage_times",
    "inventory_daily": "inventory_snapshots",
    "movements": "movements",
    "prices": "prices",
    "products": "products",
    "customers": "customers",
}


def truth_tables(con: duckdb.DuckDBPyConnection, world: World) -> dict[str, str]:
    """SQL of every table of the key, each in a fixed order of rows."""
    arguments = world.arguments
    _put_people(con, world)
    return {
        **{name: _rows(BY_NAME[table], arguments) for name, table in ROWS.items()},
        "dirt": "select * from dirt order by source, table_name, arrival_date, file_name, row_number",
        "demand": _demand(arguments),
        "future_demand": _future_demand(arguments),
        "customer_types": _customer_types(world),
        "sku_truths": _sku_truths(arguments),
        "money_daily": money_daily(arguments),
        "days": " union all ".join(_days(table, arguments) for table in TABLES) + " order by table_name, event_date",
        "files": "select * from planted_files order by source, table_name, stands_for, arrival_date",
        "personal": _personal(),
    }


def _rows(table: Table, arguments: Arguments) -> str:
    """Every true row (of orders and shipments every version) and `due_date`, the arrival day of its right form; null
    where the row never comes right."""
    newer = (
        " replace (coalesce(s.updated_at::timestamp, c.updated_at) as updated_at)"
        if "updated_at" in table.columns
        else ""
    )
    return f"""
        select c.* exclude (_row, _day){newer}, {date_of_day("s._due", arguments.start)} as due_date
        from clean_{table.name} as c left join (select * from sent_{table.name} where _is_right) as s using (_row)
        order by c._row"""


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


def _sku_truths(arguments: Arguments) -> str:
    """elasticity: own, at the first list price. popularity: weight within its category. trend_per_120_days: straight
    growth of that weight. season_peak: day of the year. companion: the SKU that is often bought beside it."""
    shelves = [(shelf.peak, shelf.swing) for shelf in SHELVES]
    return f"""
        select
            {SKU_ID.format("i")} as sku, elasticity, weight as popularity, slope as trend_per_120_days,
            {[peak for peak, _ in shelves]}[shelf + 1]::integer as season_peak,
            {[swing for _, swing in shelves]}[shelf + 1]::double as season_swing,
            {SKU_ID.format("companion")} as companion,
            {date_of_day("if(launch > 0, launch, null)", arguments.start)} as sold_from, days_of_use
        from skus where launch < {arguments.days} + 7 order by i"""


def _put_people(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """`planted_people`: what only arrays of several columns know of the accounts."""
    n = world.n_accounts
    shares = world.people.tastes[:n].copy()
    shares[:, 1:] -= world.people.tastes[:n, :-1]
    likes = {f"likes_{name}": np.ascontiguousarray(shares[:, index]) for index, name in enumerate(CATEGORIES)}
    put(con, "planted_people", {"i": np.arange(n), "left_day": world.left, **_favourites(world, n), **likes})


def _favourites(world: World, n: int) -> Columns:
    return {f"favourite_{k}": np.ascontiguousarray(world.people.favourites[:n, k]) for k in range(N_FAVOURITES)}


def _customer_types(world: World) -> str:
    """rhythm_days: between visits of a loyal replenisher (null for others); visits_per_day: the others' base rate;
    churn_per_day when all goes well; left_on: the day on which the person left for good, if that has come."""
    start = world.arguments.start
    favourites = ", ".join(SKU_ID.format(f"t.favourite_{k}") for k in range(N_FAVOURITES))
    likes = ", ".join(f"round(t.likes_{name}, 6) as likes_{name}" for name in CATEGORIES)
    return f"""
        select
            n.customer_id, w.w0 as type, if(p.kind = 0, p.rhythm, null) as rhythm_days,
            if(p.kind = 0, null, p.rhythm) as visits_per_day, p.churn as churn_per_day,
            {date_of_day(f"nullif(t.left_day, {NEVER})", start)} as left_on,
            {[float(x) for x in PRICE_SENSE]}[p.kind + 1]::double as price_sense,
            {[float(x) for x in FAVOURITE_SHARE]}[p.kind + 1]::double as favourite_share,
            [{favourites}] as favourites, {likes},
            p.moves_to_other_location as accepts_other_location, p.foreign as is_foreign
        from people as p
        join planted_people as t on t.i = p.i
        join persons as n on n.i = p.i
        join word_type as w on w.i = p.kind
        order by p.i"""


def _days(table: Table, arguments: Arguments) -> str:
    """Per table and event day `due`: the arrival day by which all of its rows that happened by the last day were there
    in their right form (those that never come right aside)."""
    event = f"c.{table.event}"
    if table.suffix == "parquet" and not table.event.endswith("_date"):
        event = f"{event} + to_seconds({ZONE_SECONDS})"
    return f"""
        select
            '{table.source}' as source, '{table.name}' as table_name, ({event})::date as event_date,
            {date_of_day("max(s._due)", arguments.start)} as due, count(*) as true_rows
        from clean_{table.name} as c left join (select * from sent_{table.name} where _is_right) as s using (_row)
        group by ({event})::date"""


def _personal() -> str:
    """Every planted e-mail address, telephone number and full name: none may be found where it does not belong."""
    return """
        select 'email' as kind, email as value from clean_customers
        union select 'email', guest_email from clean_orders where guest_email is not null
        union select 'phone', phone from clean_customers where phone is not null
        union select 'full_name', full_name from clean_customers
        order by kind, value"""
