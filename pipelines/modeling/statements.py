"""What a domain declares of each of its models: what it needs (upstream tables), what it states, and by which function.

Belongs here: the form of a declaration, and which declarations hold in a shop. Does not belong here: when a statement
is made and how it is stored (Dagster and the store), nor what any domain states.
A statement exists where the relations that it needs do: where one is missing the shop has no asset of it, no table and
no report on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.modeling.cards import ModelCard

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


def _every_day(day: dt.date) -> bool:
    return True


@dataclass(frozen=True)
class Reading:
    """What a statement is made from.

    `con` reads the marts; nothing after `as_of` may be read. `there` are the `optional` relations (`schema.table`) that
    the shop has. `sources` are those of the shop's sources that feed what the statement needs and uses (None: all of
    them): a day on which another one is missing is none of its business. `first_day` is the first of the shop's
    calendar, `is_open` tells whether a day, also one to come, is one of its working days. `settings` is the domain's
    section of the shop file (the dataclass of its settings.py), None for a domain that has none.
    """

    con: duckdb.DuckDBPyConnection
    as_of: dt.date
    first_day: dt.date
    is_open: Callable[[dt.date], bool] = _every_day
    there: Set[str] = frozenset()
    settings: Any = None
    sources: Set[str] | None = None


@dataclass(frozen=True)
class Stated:
    """What one model says at one as-of date: a frame per table, and its models' texts by name."""

    frames: Mapping[str, pd.DataFrame]
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """One model as its domain declares it.

    `needs` are the relations (`schema.table` of dbt's models and of other statements) without which there is nothing to
    state; `optional` those that are used where the shop has them; `tables` the output contracts that it fills. `make`
    reads, calls pure functions and returns frames. `libraries`: the distributions whose release decides the numbers, so
    that another one makes another model version. A model whose scores are published has a `card`; what measures without
    foretelling has none.
    """

    name: str
    needs: tuple[str, ...]
    tables: tuple[str, ...]
    make: Callable[[Reading], Stated]
    optional: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    card: ModelCard | None = None


def relations_read(statement: Statement, makers: Mapping[str, Statement]) -> frozenset[str]:
    """What a statement needs or may use, and what the statements need and may use that make it (`makers`: by
    relation), however far up."""
    read: set[str] = set()
    ahead = [*statement.needs, *statement.optional]
    while ahead:
        if (name := ahead.pop()) not in read:
            read.add(name)
            ahead += [*makers[name].needs, *makers[name].optional] if name in makers else []
    return frozenset(read)


def statements_there(
    statements: Iterable[Statement], relations: Set[str], schema_of: Mapping[str, str]
) -> tuple[Statement, ...]:
    """The statements whose needs exist in a shop, in the given order.

    `relations` are the `schema.table` of the shop's marts; what a statement states counts as well, so one that needs
    the table of an absent statement is absent too. `schema_of`: the schema of each table that a statement fills.
    """
    left = list(statements)
    while True:
        there = {*relations, *(f"{schema_of[table]}.{table}" for item in left for table in item.tables)}
        kept = [item for item in left if there.issuperset(item.needs)]
        if len(kept) == len(left):
            return tuple(kept)
        left = kept
