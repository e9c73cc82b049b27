"""Dirt: what the systems deliver wrong, late or twice, laid over the clean stream in a second step."""

from __future__ import annotations

import duckdb

from simulator.arguments import Arguments
from simulator.tables import TABLES
from simulator.write import File


def lay_dirt(con: duckdb.DuckDBPyConnection, arguments: Arguments) -> dict[str, list[File]]:
    """Make `sent_<table>` of every table out of `clean_<table>` and say which files there are."""
    for table in TABLES:
        cast = "::varchar" if table.suffix == "csv" else ""
        cells = ", ".join(f"{column}{cast} as {column}" for column in table.columns)
        con.execute(
            f"create temp table sent_{table.name} as select {cells}, _day as _arrival, _day as _stands_for, "
            f"_row::double as _place from clean_{table.name}"
        )
    con.execute("create temp table dirt (class varchar)")
    return {table.name: [File(table, day, day) for day in range(arguments.days)] for table in TABLES}
