"""Differences: where two published versions that should hold the same do not.

Belongs here: comparing digests table by table, and finding the first row that differs. Does not belong here: how the
two came about (pipelines.defs.replay).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.expression import quoted, text_literal
from pipelines.store.published.digest import AUDIT_COLUMNS
from pipelines.store.published.verification import relation_of
from pipelines.store.published.versions import DATABASE, load_manifest


@dataclass(frozen=True)
class TableDifference:
    """A table whose content differs: rows here and there, and the first differing row in words."""

    table: str
    rows: int
    other_rows: int
    first: str


def differing_tables(version: Path, other: Path, skipped: Collection[str] = ()) -> list[str]:
    """The tables of two version folders whose compared content differs, or that only one of them has; facts and
    dimensions first, since the others follow from them."""
    here, there = (load_manifest(path)["tables"] for path in (version, other))
    names = {*here, *there} - {*skipped}
    digests = [{name: table["compared_digest"] for name, table in tables.items()} for tables in (here, there)]
    return sorted(
        (name for name in names if digests[0].get(name) != digests[1].get(name)),
        key=lambda name: (not name.startswith(("fct_", "dim_")), name),
    )


def describe(version: Path, other: Path, table: str) -> TableDifference:
    """The first row, by key, in which a table differs between two version folders."""
    here, there = (load_manifest(path)["tables"].get(table) for path in (version, other))
    if here is None or there is None:
        one, two = (0 if entry is None else int(entry["rows"]) for entry in (here, there))
        return TableDifference(
            table, one, two, f"the table is only in {'the published version' if here else 'the replay'}"
        )
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for name, path in (("here", version), ("there", other)):
            con.execute(f"attach {text_literal(str(path.resolve() / DATABASE))} as {name} (read_only)")
        sides = {
            side: relation_of(path.resolve(), table, entry, side)
            for side, path, entry in (("here", version, here), ("there", other, there))
        }
        found = _first_row(con, sides, [str(name) for name in here["key"]], str(here.get("compared", "true")))
        return TableDifference(table, int(here["rows"]), int(there["rows"]), found)


def _first_row(con: duckdb.DuckDBPyConnection, relations: Mapping[str, str], key: list[str], where: str) -> str:
    """The first key that one side lacks or holds with other values, and what differs there."""
    columns = {side: _columns(con, relations[side]) for side in ("here", "there")}
    if columns["here"] != columns["there"]:
        odd = sorted({*columns["here"]} ^ {*columns["there"]}) or ["their order"]
        return f"the columns differ: {', '.join(odd)}"
    names = [name for name in columns["here"] if name.lower() not in AUDIT_COLUMNS]
    listed = ", ".join(quoted(name) for name in names)
    sides = {side: f"select {listed} from {relations[side]} where {where}" for side in ("here", "there")}
    by = ", ".join(quoted(name) for name in key)
    only = {
        side: f"select * from (({sides[side]}) except all ({sides[other]})) order by {by} limit 1"
        for side, other in (("here", "there"), ("there", "here"))
    }
    rows = {side: con.execute(sql).fetchone() for side, sql in only.items()}
    keys = {side: tuple(str(row[names.index(name)]) for name in key) for side, row in rows.items() if row is not None}
    if not keys:  # doubles beyond the digits that count, which the digest leaves out
        return "no row differs in its values; only the digests do"
    first = min(keys.values())
    place = ", ".join(f"{name}={value}" for name, value in zip(key, first, strict=True))
    if keys.get("here") != keys.get("there"):
        side = "the published version" if keys.get("here") == first else "the replay"
        return f"{place}: only in {side}"
    return f"{place}: {'; '.join(_values(names, rows['here'] or (), rows['there'] or ()))}"


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [str(name) for name, *_ in con.execute(f"from {relation} limit 0").description]


def _values(names: list[str], here: Iterable[Any], there: Iterable[Any]) -> list[str]:
    """What differs, column by column; personal texts are never long, values are cut all the same."""
    return [
        f"{name} is {str(one)[:60]}, the replay has {str(other)[:60]}"
        for name, one, other in zip(names, here, there, strict=True)
        if one != other
    ][:5]
