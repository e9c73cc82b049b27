"""What is true behind the storefront: its rows, types and tastes of customers, what drives a product, addresses.

Does not belong here: truths that rest on other systems too (capabilities/), the key's folder (simulator.key).
"""

from __future__ import annotations

import duckdb
import numpy as np

from simulator.arguments import Arguments
from simulator.clock import NEVER, date_of_day
from simulator.demand import FAVOURITE_SHARE, PRICE_SENSE, Crowd
from simulator.ids import SKU_ID
from simulator.noted import put
from simulator.systems.storefront.tables import SYSTEM
from simulator.tastes import N_FAVOURITES
from simulator.truth import true_rows
from simulator.words import CATEGORIES, SHELVES
from simulator.world import Columns, World

ROWS = ("orders", "order_lines", "payments", "refunds", "prices", "products", "customers")


def truth(con: duckdb.DuckDBPyConnection, world: World) -> dict[str, str]:
    """SQL of its tables of the key."""
    _put_people(con, world)
    tables = {table.name: table for table in SYSTEM.tables}
    return {
        **{name: true_rows(tables[name], world.arguments) for name in ROWS},
        "customer_types": _customer_types(world),
        "sku_truths": _sku_truths(world.arguments),
        "personal": _personal(),
    }


def _put_people(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """`planted_people`: what only arrays of several columns know of the accounts."""
    n = world.n_accounts
    shares = world.people.tastes[:n].copy()
    shares[:, 1:] -= world.people.tastes[:n, :-1]
    likes = {f"likes_{name}": np.ascontiguousarray(shares[:, index]) for index, name in enumerate(CATEGORIES)}
    left = world.state(Crowd).left
    put(con, "planted_people", {"i": np.arange(n), "left_day": left, **_favourites(world, n), **likes})


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


def _personal() -> str:
    """Every planted e-mail address, telephone number and full name: none may be found where it does not belong."""
    return """
        select 'email' as kind, email as value from clean_storefront__customers
        union select 'email', guest_email from clean_storefront__orders where guest_email is not null
        union select 'phone', phone from clean_storefront__customers where phone is not null
        union select 'full_name', full_name from clean_storefront__customers
        order by kind, value"""
