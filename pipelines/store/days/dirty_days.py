"""Which days of which dbt model must be replaced, and which models throughout: what makes a build incremental.

Belongs here: reading lineage out of dbt's manifest (pure functions), and keeping the two queues `ledger.dirty_days` and
`ledger.dirty_tables`. Does not belong here: when code differs (model_codes.py); replacing a day, which is a dbt macro.
A queue row is deleted by the very transaction that rebuilds the day, so a killed run leaves it standing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb

from pipelines.store.arrivals.orphans import stands

# Schemas whose tables are not dbt's.
OTHER_SCHEMAS = ("raw", "ledger", "quality", "ml", "act")


@dataclass(frozen=True)
class Child:
    """A raw table whose `column` names a row of another one, by that one's `parent_column`."""

    raw_table: str
    column: str
    parent_column: str


@dataclass(frozen=True)
class DirtyPlan:
    """For each raw table (`source__table`), the day-replaced models that stand on it.

    `days` models replace just the dirty days; `onward` models (running results such as weekly snapshots) replace
    every day from the first dirty one. `children`: the raw tables that name its rows. A model may take from a parent
    what it says of a child on another day (the customer of a refund), so what happens to a parent reaches the days of
    its children, in the models that stand on both.
    """

    days: Mapping[str, tuple[str, ...]]
    onward: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[Child, ...]] = field(default_factory=dict)

    @property
    def all_onward(self) -> list[str]:
        """Every onward model, each once."""
        return sorted({model for models in self.onward.values() for model in models})


def plan_from_manifest(manifest: Mapping[str, Any]) -> DirtyPlan:
    """The plan that the models' `meta.rebuild` and dbt's lineage imply."""
    parents: Mapping[str, list[str]] = manifest["parent_map"]

    @cache
    def raw_tables(unique_id: str) -> frozenset[str]:
        if unique_id.startswith("source."):
            source = manifest["sources"][unique_id]
            return frozenset({source["identifier"]}) if source["schema"] == "raw" else frozenset()
        return frozenset().union(*(raw_tables(parent) for parent in parents.get(unique_id, [])))

    found: dict[str, dict[str, list[str]]] = {"days": {}, "from_first_dirty_day": {}}
    for unique_id, node in sorted(manifest["nodes"].items()):
        rebuild = str(_meta(node).get("rebuild")) if node["resource_type"] == "model" else ""
        for raw in raw_tables(unique_id) if rebuild in found else ():
            found[rebuild].setdefault(raw, []).append(_table(node))
    days, onward = ({raw: tuple(names) for raw, names in kind.items()} for kind in found.values())
    return DirtyPlan(days=days, onward=onward, children=_children(manifest))


def _children(manifest: Mapping[str, Any]) -> dict[str, tuple[Child, ...]]:
    found: dict[str, tuple[Child, ...]] = {}
    for _, source in sorted(manifest["sources"].items()):
        for column, named in _meta(source).get("parents", {}).items():
            parent, _, parent_column = named.partition(".")
            found[parent] = (*found.get(parent, ()), Child(source["identifier"], column, parent_column))
    return found


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("config", {}).get("meta") or node.get("meta") or {}


def _table(node: Mapping[str, Any]) -> str:
    return str(node.get("alias") or node["name"])


def built_codes(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The code that every table and view was last built by."""
    return dict(con.execute("select table_name, code_hash from ledger.table_codes").fetchall())


def queue_changed_models(con: duckdb.DuckDBPyConnection, codes: Mapping[str, str]) -> list[str]:
    """Queue every dbt model whose code differs from the one that built it; returns those that had been built before.

    One transaction: a new code is only remembered together with its queue row.
    """
    known = built_codes(con)
    changed = sorted(name for name, code in codes.items() if known.get(name) != code)
    if not changed:
        return []
    con.execute("begin")
    for name in changed:
        con.execute("delete from ledger.table_codes where table_name = ?", [name])
        con.execute("delete from ledger.dirty_tables where table_name = ?", [name])
        con.execute("insert into ledger.table_codes values (?, ?)", [name, codes[name]])
        con.execute("insert into ledger.dirty_tables values (?)", [name])
    con.execute("commit")
    return [name for name in changed if name in known]


def waiting_above(con: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], selected: Set[str]) -> list[str]:
    """The tables and views that wait in a queue, are not `selected` (names), and stand above a selected one.

    Built now, a selected model would take their old rows and no longer be dirty when they are rebuilt.
    """
    waiting = {
        row[0]
        for row in con.execute(
            "select table_name from ledger.dirty_days union select table_name from ledger.dirty_tables"
        ).fetchall()
    }
    parents = manifest["parent_map"]
    models = {i: _table(node) for i, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    above: set[str] = set()
    ahead = [unique_id for unique_id, name in models.items() if name in selected]
    while ahead:
        fresh = set(parents.get(ahead.pop(), [])) - above
        above |= fresh
        ahead += fresh
    return sorted({models[unique_id] for unique_id in above if unique_id in models} & waiting - selected)


def removed_models(con: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """(schema, name, is a view) of what dbt once built and the manifest no longer holds: a model removed, renamed,
    moved to another schema, or one that the shop has no longer."""
    wanted = _wanted(manifest)
    found = con.execute(
        """select table_schema, table_name, table_type = 'VIEW' from information_schema.tables
        where table_catalog = current_database() and not list_contains(?::varchar[], table_schema)
            and table_name in (select table_name from ledger.table_codes) order by all""",
        [list(OTHER_SCHEMAS)],
    ).fetchall()
    return [row for row in found if (row[0], row[1]) not in wanted]


def _wanted(manifest: Mapping[str, Any]) -> set[tuple[str, str]]:
    nodes = manifest["nodes"].values()
    return {(node["schema"], _table(node)) for node in nodes if node["resource_type"] == "model"}


def drop_removed_models(con: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> list[str]:
    """Drop the removed models and forget their code. Returns the dropped relations. Runs inside the caller's
    transaction."""
    gone, wanted = removed_models(con, manifest), _wanted(manifest)
    for schema, name, is_view in gone:
        con.execute(f'drop {"view" if is_view else "table"} "{schema}"."{name}"')
    for queue in ("dirty_days", "dirty_tables"):
        con.execute(
            f"delete from ledger.{queue} where not list_contains(?::varchar[], table_name)",
            [sorted(name for _, name in wanted)],
        )
    con.execute(
        """delete from ledger.table_codes where not list_contains(?::varchar[], table_name)
            and table_name not in (select table_name from information_schema.tables where table_schema = 'raw')""",
        [sorted(name for _, name in wanted)],
    )
    return [f"{schema}.{name}" for schema, name, _ in gone]


def models_by_part(manifest: Mapping[str, Any]) -> dict[str, set[str]]:
    """The models' names by when they are built: `reports` are those that read statements (`ml`, `act`), directly or
    not; `marts` all others, which are built before the statements are made."""
    parents: Mapping[str, list[str]] = manifest["parent_map"]

    @cache
    def reads_statements(unique_id: str) -> bool:
        if unique_id.startswith("source."):
            return manifest["sources"][unique_id]["schema"] in {"ml", "act"}
        return any(reads_statements(parent) for parent in parents.get(unique_id, []))

    parts: dict[str, set[str]] = {"marts": set(), "reports": set()}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "model":
            parts["reports" if reads_statements(unique_id) else "marts"].add(_table(node))
    return parts


def mark_days(con: duckdb.DuckDBPyConnection, plan: DirtyPlan, raw_table: str, days: Iterable[dt.date]) -> None:
    """Queue the given event days of a raw table for every model on it. Runs inside the caller's transaction."""
    wanted = sorted(set(days))
    if not wanted:
        return
    for model in plan.days.get(raw_table, ()):
        _queue(con, model, "select unnest(?::date[])", [wanted])
    mark_onward(con, plan.onward.get(raw_table, ()), wanted[0])


def days_of_children(
    con: duckdb.DuckDBPyConnection, plan: DirtyPlan, raw_table: str, arrivals: Iterable[dt.date]
) -> set[tuple[str, dt.date]]:
    """(raw table, event day) of the rows that name a row of `raw_table` with a version that arrived on these days."""
    found: set[tuple[str, dt.date]] = set()
    for child in plan.children.get(raw_table, ()):
        if stands(con, child.raw_table):
            days = con.execute(
                f"""select distinct c._event_date from raw."{child.raw_table}" as c
                join raw."{raw_table}" as p on c."{child.column}" = p."{child.parent_column}"
                where c._is_current and list_contains(?::date[], p._arrival_date)""",
                [sorted(set(arrivals))],
            ).fetchall()
            found |= {(child.raw_table, row[0]) for row in days}
    return found


def mark_children(
    con: duckdb.DuckDBPyConnection, plan: DirtyPlan, raw_table: str, reached: Set[tuple[str, dt.date]]
) -> None:
    """Queue `reached`, as `days_of_children` found it, for the models that stand on the child and on `raw_table`."""
    for child in sorted({name for name, _ in reached}):
        both = DirtyPlan(
            {child: tuple(m for m in plan.days.get(child, ()) if m in plan.days.get(raw_table, ()))},
            {child: tuple(m for m in plan.onward.get(child, ()) if m in plan.onward.get(raw_table, ()))},
        )
        mark_days(con, both, child, [day for name, day in reached if name == child])


def mark_onward(con: duckdb.DuckDBPyConnection, models: Iterable[str], first: dt.date) -> None:
    """Queue `first` for the given onward models, which replace every day from their first dirty one."""
    for model in models:
        _queue(con, model, "select ?::date", [first])


def _queue(con: duckdb.DuckDBPyConnection, model: str, days: str, parameters: list[Any]) -> None:
    con.execute(
        f"""insert into ledger.dirty_days
        select ?, new_days.event_date from ({days}) as new_days(event_date)
        where new_days.event_date not in (select event_date from ledger.dirty_days where table_name = ?)""",
        [model, *parameters, model],
    )
