"""Typed empty tables from the contracts of what is published: a fixture holds exactly the columns that a version does.

Belongs here: contracts to tables. Does not belong here: rows, which each test's file gives.
"""

from __future__ import annotations

import functools
from pathlib import Path

import duckdb
import yaml

CONTRACTS = Path(__file__).parents[2] / "data_contracts" / "published"


@functools.cache
def columns_of(table: str) -> tuple[tuple[str, str], ...]:
    """Name and type of each column of a published table, in order; FileNotFoundError for one that is not published."""
    text = (CONTRACTS / f"{table}.odcs.yaml").read_text(encoding="utf-8")
    contract = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return tuple((column["name"], column["physicalType"]) for column in contract["schema"][0]["properties"])


def create_tables(con: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """The tables without rows; those that are there already stay as they are."""
    for table in tables:
        columns = ", ".join(f"{name} {type_}" for name, type_ in columns_of(table))
        con.execute(f"create table if not exists {table} ({columns})")
