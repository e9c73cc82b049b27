"""What the world noted down, put where SQL can read it: one temporary table per kind of note, and the words.

Belongs here: handing arrays and word lists to DuckDB. Does not belong here: the drops' tables (storefront.py and
warehouse.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb
import numpy as np
import numpy.typing as npt

from simulator.arguments import DAYS_AHEAD, Arguments
from simulator.clock import DAY
from simulator.fulfilment import CARRIERS, STAGES
from simulator.orders import CHANNELS as SALES_CHANNELS
from simulator.orders import FEES_E4, METHODS
from simulator.people import CHANNELS, TYPES
from simulator.refunds import REASONS, RESTOCKED
from simulator.tables import BY_NAME
from simulator.words import (
    BRANDS,
    CITIES,
    EMAIL_LATIN,
    FAMILY_NAMES,
    FIRST_NAMES,
    GIVEN,
    LOCATIONS,
    QUALITIES,
    SHELVES,
    SURNAMES,
    VARIANTS,
)
from simulator.world import Columns, World, simulate


def put_notes(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Make `note_<kind>` of every kind of note, `people`, `skus`, `promotions_planned` and the `word_<kind>` lists.

    `i` is the position of a row, from 0.
    """
    for kind, columns in world.notes.items():
        put(con, f"note_{kind}", {"i": np.arange(len(next(iter(columns.values())))), **columns})
    people = {name: column for name, column in vars(world.people).items() if column.ndim == 1}
    put(con, "people", {"i": np.arange(world.people.n), **people})
    skus = {name: column for name, column in vars(world.catalogue).items() if len(column) == world.catalogue.n}
    put(con, "skus", {"i": np.arange(world.catalogue.n), **skus})
    _put_promotions(con, world)
    for kind, rows in _words().items():
        put(con, f"word_{kind}", {"i": np.arange(len(rows)), **_columns(rows)})


def put_future(con: duckdb.DuckDBPyConnection, arguments: Arguments) -> None:
    """Make `note_future` (day, place, demand) of the days after the last one: the same world, lived on a little.
    Nothing that was delivered knows of it."""
    ahead = replace(arguments, days=arguments.days + DAYS_AHEAD)
    places = simulate(ahead, lambda *_: None).notes["places"]
    later = places["day"].astype(np.int64) >= arguments.days
    put(con, "note_future", {name: places[name][later] for name in ("day", "place", "demand")})


def put(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Make a temporary table out of arrays. Texts come as arrays of objects and have no gaps beyond a short list's."""
    con.register("handed_over", dict(columns))  # arrays as they are: Arrow would import pandas, 0.2 CPU seconds
    con.execute(f"create temp table {name} as from handed_over")
    con.unregister("handed_over")


def _put_promotions(con: duckdb.DuckDBPyConnection, world: World) -> None:
    numbers = {
        name: np.array([getattr(p, name) for p in world.plan], dtype=np.int64)
        for name in ("number", "known", "category", "first", "last")
    }
    texts = {name: np.array([getattr(p, name) for p in world.plan], dtype=object) for name in ("name", "kind")}
    depth = np.array([p.depth for p in world.plan], dtype=np.float64)
    put(con, "promotions_planned", {**numbers, **texts, "depth": depth})


def _columns(rows: Sequence[tuple[object, ...]]) -> Columns:
    columns: Columns = {}
    for n, first in enumerate(rows[0]):
        cells = [row[n] for row in rows]
        columns[f"w{n}"] = np.array(cells, dtype=object) if isinstance(first, str) else np.array(cells)
    return columns


def _words() -> dict[str, Sequence[tuple[object, ...]]]:
    """Lists of words by kind; `w0`, `w1` and so on are their columns."""
    return {
        "city": [(city.name, city.country) for city in CITIES],
        "location": LOCATIONS,
        "shelf": [(s.category, s.name, s.nouns[0][0], s.nouns[0][1], s.nouns[1][0], s.nouns[1][1]) for s in SHELVES],
        "brand": BRANDS,
        "quality": QUALITIES,
        "variant": VARIANTS,
        "surname": SURNAMES,
        "given": GIVEN,
        "family": [(name, EMAIL_LATIN.get(name, name).lower()) for name in FAMILY_NAMES],
        "first": [(name, EMAIL_LATIN.get(name, name).lower()) for name in FIRST_NAMES],
        "channel": [(name,) for name in CHANNELS],
        "sales_channel": [(name,) for name in SALES_CHANNELS],
        "method": list(zip(METHODS, map(int, FEES_E4), strict=True)),
        "reason": list(zip(REASONS, map(bool, RESTOCKED), strict=True)),
        "carrier": [(name,) for name in CARRIERS],
        "stage": [(name,) for name in STAGES],
        "type": [(name,) for name in TYPES],
        "gender": [("F",), ("M",), (None,)],
    }


def end_second(world: World) -> int:
    """The first second after the last simulated day."""
    return world.arguments.days * DAY


def versions(source: str, steps: tuple[tuple[str, str], ...], end: int) -> str:
    """SQL: `i, moment, status` of the last change of status of each day; `steps` are (status, column of its moment) in
    the order in which they follow each other."""
    events = " union all ".join(
        f"select i, {moment} as moment, {number} as step, '{status}' as status from {source} where {moment} < {end}"
        for number, (status, moment) in enumerate(steps)
    )
    return f"""
        select i, moment, status from ({events})
        qualify row_number() over (partition by i, moment // {DAY} order by moment desc, step desc) = 1"""


def make_clean(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Make `clean_<name>` out of a select that ends in `_day`; `_row` numbers its rows by day and order in the file."""
    numbered = f"row_number() over (order by _day, {BY_NAME[name].order}) as _row"
    con.execute(f"create temp table clean_{name} as select *, {numbered} from ({sql}) order by _row")
