"""What the world noted down, put where SQL can read it: one temporary table per kind of note, the people, the words.

Belongs here: handing arrays and word lists to DuckDB; names of people, whom several systems know. Does not belong here:
the drops' tables and the words of one system alone (systems/<system>/rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb
import numpy as np
import numpy.typing as npt

from simulator.arguments import DAYS_AHEAD, Arguments, SimulationError
from simulator.clock import DAY
from simulator.people import TYPES
from simulator.refunds import REASONS, RESTOCKED
from simulator.system import System
from simulator.systems import part_of
from simulator.words import (
    BRANDS,
    CITIES,
    EMAIL_LATIN,
    FAMILY_NAMES,
    FIRST_NAMES,
    GIVEN,
    LOCATIONS,
    LONG_NAME,
    QUALITIES,
    SHELVES,
    SURNAMES,
    VARIANTS,
)
from simulator.world import Columns, Step, World, simulate

Words = Mapping[str, Sequence[tuple[object, ...]]]


def put_notes(con: duckdb.DuckDBPyConnection, world: World, systems: Sequence[System]) -> None:
    """Make `note_<kind>` of every kind of note, `people`, `persons`, `skus`, `promotions_planned` and the lists
    `word_<kind>`: those of everybody, and WORDS of each system's rows.

    `i` is the position of a row, from 0. Raises SimulationError for words that are there already.
    """
    for kind, columns in world.notes.items():
        put(con, f"note_{kind}", {"i": np.arange(len(next(iter(columns.values())))), **columns})
    people = {name: column for name, column in vars(world.people).items() if column.ndim == 1}
    put(con, "people", {"i": np.arange(world.people.n), **people})
    skus = {name: column for name, column in vars(world.catalogue).items() if len(column) == world.catalogue.n}
    put(con, "skus", {"i": np.arange(world.catalogue.n), **skus})
    _put_promotions(con, world)
    words = dict(_words())
    for system in systems:
        own: Words = getattr(part_of(system, "rows"), "WORDS", {})
        if twice := sorted(own.keys() & words.keys()):
            raise SimulationError(f"systems/{system.name}: there are words {twice[0]} already; give them another name")
        words.update(own)
    for kind, rows in words.items():
        put(con, f"word_{kind}", {"i": np.arange(len(rows)), **_columns(rows)})
    _put_persons(con, world)


def put_future(con: duckdb.DuckDBPyConnection, world: World, arguments: Arguments, steps: Sequence[Step]) -> None:
    """Make `note_future` (day, place, demand) of the days after the last one: the same world, lived on a little.
    Nothing that was delivered knows of it. A world in which nothing is asked for anywhere has none."""
    if "places" not in world.notes:
        return
    ahead = replace(arguments, days=arguments.days + DAYS_AHEAD)
    places = simulate(ahead, steps, lambda *_: None).notes["places"]
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


def _words() -> Words:
    """Lists of words by kind that several systems use; `w0`, `w1` and so on are their columns."""
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
        "reason": list(zip(REASONS, map(bool, RESTOCKED), strict=True)),
        "type": [(name,) for name in TYPES],
    }


def _put_persons(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """`persons`: name, e-mail address and id of accounts and guests, by index; addresses in example.com and .cn."""
    con.execute(f"""create temp table persons as
        select
            p.i, p.i >= {world.n_accounts} as is_guest,
            case when p.i < {world.n_accounts} then 'C' || lpad((p.i + 1)::varchar, 7, '0') end as customer_id,
            case when p.long_name then '{LONG_NAME}' when p.foreign then e.w0 || ' ' || f.w0 else s.w0 || g.w0
                end as full_name,
            case when p.foreign then e.w1 || '.' || f.w1 else g.w1 || '.' || s.w1 end
                || if(p.i < {world.n_accounts}, '.' || (p.i + 1), '.g' || (p.i - {world.n_accounts} + 1))
                || case when p.foreign then '@example.com' else '@example.cn' end as email
        from people as p
        left join word_surname as s on s.i = p.family and not p.foreign
        left join word_given as g on g.i = p.given and not p.foreign
        left join word_family as f on f.i = p.family and p.foreign
        left join word_first as e on e.i = p.given and p.foreign""")


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


def make_clean(con: duckdb.DuckDBPyConnection, world: World, systems: Sequence[System]) -> None:
    """Make every table's relation `clean` out of what its system's `rows` say: its columns, typed, `_day`, and `_row`,
    which numbers the rows by day and order in the file. Raises SimulationError for tables that they do not tell."""
    for system in systems:
        module = part_of(system, "rows")
        told: dict[str, str] = module.clean_rows(world) if module else {}
        if odd := sorted({table.name for table in system.tables} ^ {*told}):
            raise SimulationError(f"systems/{system.name}: tables.py and rows.py differ in {', '.join(odd)}")
        for table in system.tables:
            numbered = f"row_number() over (order by _day, {table.order}) as _row"
            con.execute(
                f"create temp table {table.clean} as select *, {numbered} from ({told[table.name]}) order by _row"
            )
