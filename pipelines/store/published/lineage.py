"""What is published, read out of dbt's manifest: which tables, and what their rows follow from.

Belongs here: pure functions over the manifest. Does not belong here: what changed (changes.py), and reading the
warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pipelines.store.days.lineage import raw_tables_above
from pipelines.store.published.tables import PublishedTable

# Tables that are not dbt's, whose changes the queue holds: those of the statements, and by which of their dates is the
# newest, which is written in the same transaction (pipelines.store.statements).
RECORDED_SCHEMAS = frozenset({"ml", "act"})
# The macro by which a model's build says that it changed the table; one without it is compared at every publication.
NOTING = "note_rebuild"
RECORDED_WITH_THEM = frozenset({("ledger", "stated_tables")})


def published_tables(manifest: Mapping[str, Any]) -> list[PublishedTable]:
    """The dimensions and facts of core, and every `rpt_*`, with their keys and descriptions. Their `code` is not
    known here: it is what the working file was built by."""
    return sorted((_table(manifest, unique_id) for unique_id in _published(manifest)), key=lambda table: table.name)


def _published(manifest: Mapping[str, Any]) -> Iterator[str]:
    for unique_id, node in manifest["nodes"].items():
        of_core = node["schema"] == "core" and node["name"].startswith(("dim_", "fct_"))
        if node["resource_type"] == "model" and (of_core or node["name"].startswith("rpt_")):
            yield unique_id


def _table(manifest: Mapping[str, Any], unique_id: str) -> PublishedTable:
    node = manifest["nodes"][unique_id]
    meta = node["config"].get("meta") or {}
    rests_on = meta.get("rests_on", {})
    return PublishedTable(
        schema=node["schema"],
        name=node["name"],
        key=tuple(meta["key"]),
        description=" ".join(node["description"].split()),
        columns={column["name"]: " ".join(column["description"].split()) for column in node["columns"].values()},
        compared=str(meta.get("compared", "true")),
        rests_on=rests_on,
        reads=source_tables(manifest, rests_on),
        inputs=inputs(manifest, unique_id),
        day=meta.get("day") if node["config"]["materialized"] == "incremental" else None,
        by_day=meta.get("publish") == "by_day",
    )


def inputs(manifest: Mapping[str, Any], unique_id: str) -> tuple[str, ...] | None:
    """The tables whose changes are recorded and that a model's rows follow from: itself, where it is a table; of a view
    the nearest tables above it. None where a view reaches a table whose changes nobody records (the ledger's)."""
    nodes, parents = manifest["nodes"], manifest["parent_map"]

    @cache
    def above(name: str) -> frozenset[str] | None:
        if name.startswith("source."):
            source = manifest["sources"][name]
            if source["schema"] in RECORDED_SCHEMAS:
                return frozenset({source["identifier"]})
            return frozenset() if (source["schema"], source["identifier"]) in RECORDED_WITH_THEM else None
        config = nodes[name]["config"]
        if config["materialized"] not in ("view", "ephemeral"):
            recorded = any(NOTING in hook["sql"] for hook in config.get("pre-hook") or ())
            return frozenset({nodes[name].get("alias") or nodes[name]["name"]}) if recorded else None
        found: frozenset[str] = frozenset()
        for parent in parents.get(name, ()):
            reached = above(parent)
            if reached is None:
                return None
            found |= reached
        return found

    reached = above(unique_id)
    return None if reached is None else tuple(sorted(reached))


def source_tables(manifest: Mapping[str, Any], rests_on: Mapping[str, Any]) -> tuple[str, ...]:
    """The raw tables (source.table) behind the conformed entities that a row rests on, sorted; () where it rests on
    none."""
    ends = tuple(f"__{entity}" for entity in entities_behind(rests_on))
    conformed = [name for name in manifest["nodes"] if ".cnf_" in name and name.endswith(ends)]
    return tuple(sorted(table.replace("__", ".", 1) for table in raw_tables_above(manifest, conformed)))


def entities_behind(rests_on: Mapping[str, Any]) -> tuple[str, ...]:
    """The conformed entities that a row rests on, by what its model declares (evidence.py says what that may be)."""
    parts = (rests_on, *rests_on.get("also", ()))
    return tuple(part.get("of", "order_lines") for part in parts if "lines" in part)


def read_in_full(manifest: Mapping[str, Any]) -> frozenset[str]:
    """The tables of statements of which some model reads the whole history, not the newest statement alone: dbt's macro
    `newest_statement` asks `ledger.stated_tables`, and a model that reads without asking reads all dates."""
    sources = manifest["sources"]
    full: set[str] = set()
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] != "model":
            continue
        read = [sources[name] for name in manifest["parent_map"].get(unique_id, ()) if name.startswith("source.")]
        if not any((source["schema"], source["identifier"]) in RECORDED_WITH_THEM for source in read):
            full |= {source["identifier"] for source in read if source["schema"] in RECORDED_SCHEMAS}
    return frozenset(full)
