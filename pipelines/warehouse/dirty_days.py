"""Which days of which dbt model must be replaced, and which models throughout.

Belongs here: reading lineage and code out of dbt's manifest (pure functions), and keeping the two queues
`ledger.dirty_days` and `ledger.dirty_tables`. Does not belong here: replacing a day, which is one dbt macro.
A queue row is deleted by the very transaction that rebuilds the day, so a killed run leaves it standing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

PROJECT = "almanac"


@dataclass(frozen=True)
class DirtyPlan:
    """For each raw table (`source__table`), the day-replaced models that stand on it.

    `days` models replace just the dirty days; `onward` models (running results such as weekly snapshots) replace
    every day from the first dirty one.
    """

    days: Mapping[str, tuple[str, ...]]
    onward: Mapping[str, tuple[str, ...]]

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
            found[rebuild].setdefault(raw, []).append(node["name"])
    days, onward = ({raw: tuple(names) for raw, names in kind.items()} for kind in found.values())
    return DirtyPlan(days=days, onward=onward)


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("config", {}).get("meta") or node.get("meta") or {}


def model_codes(
    manifest: Mapping[str, Any], raw_codes: Mapping[str, str], settings: Mapping[str, Any]
) -> dict[str, str]:
    """A hash per dbt model over all that decides its rows: SQL, the project's macros, configuration, column types,
    the shop's settings, and the same of everything above it. `raw_codes`: hash per raw table (`source__table`)."""
    macros = sorted(
        (name, macro["macro_sql"])
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == PROJECT and not name.split(".")[-1].startswith("test_")
    )
    common = json.dumps([macros, settings], sort_keys=True, default=str)
    nodes = manifest["nodes"]

    @cache
    def code(unique_id: str) -> str:
        if unique_id.startswith("source."):
            name = manifest["sources"][unique_id]["identifier"]
            return raw_codes.get(name, name)
        node = nodes[unique_id]
        config = node["config"]
        own = {
            "sql": node.get("raw_code") or node.get("checksum"),
            "config": {key: config.get(key) for key in ("materialized", "incremental_strategy", "meta")},
            "columns": {name: column.get("data_type") for name, column in node.get("columns", {}).items()},
            "parents": [code(p) for p in sorted(manifest["parent_map"][unique_id]) if not p.startswith("unit_test.")],
        }
        return hashlib.sha256((common + json.dumps(own, sort_keys=True, default=str)).encode()).hexdigest()

    return {node["name"]: code(unique_id) for unique_id, node in nodes.items() if node["resource_type"] == "model"}


def queue_changed_models(con: duckdb.DuckDBPyConnection, codes: Mapping[str, str]) -> list[str]:
    """Queue every dbt model whose code differs from the one that built it; returns those that had been built before.

    One transaction: a new code is only remembered together with its queue row.
    """
    known = dict(con.execute("select table_name, code_hash from ledger.table_codes").fetchall())
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


def mark_days(con: duckdb.DuckDBPyConnection, plan: DirtyPlan, raw_table: str, days: Iterable[dt.date]) -> None:
    """Queue the given event days of a raw table for every model on it. Runs inside the caller's transaction."""
    wanted = sorted(set(days))
    if not wanted:
        return
    for model in plan.days.get(raw_table, ()):
        _queue(con, model, "select unnest(?::date[])", [wanted])
    for model in plan.onward.get(raw_table, ()):
        _queue(con, model, "select calendar_date from ledger.calendar_days where calendar_date >= ?", [wanted[0]])


def mark_new_calendar_days(con: duckdb.DuckDBPyConnection, plan: DirtyPlan, after: dt.date | None) -> None:
    """Queue the calendar days after `after` for the onward models: a snapshot may fall on a day without rows."""
    for model in plan.all_onward:
        _queue(
            con,
            model,
            "select calendar_date from ledger.calendar_days where calendar_date > coalesce(?, date '0001-01-01')",
            [after],
        )


def _queue(con: duckdb.DuckDBPyConnection, model: str, days: str, parameters: list[Any]) -> None:
    con.execute(
        f"""insert into ledger.dirty_days
        select ?, new_days.event_date from ({days}) as new_days(event_date)
        where new_days.event_date not in (select event_date from ledger.dirty_days where table_name = ?)""",
        [model, *parameters, model],
    )
