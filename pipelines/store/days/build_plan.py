"""What of a build has to run: models whose rows may change, tests of what may have changed.

Belongs here: questions about the manifest's lineage and the ledger's queues. Does not belong here: running dbt
(pipelines.defs.dbt_build), marking what is dirty (dirty_days.py).
A view is its definition: once made, it stands until its code changes. A test of rows that stand says what it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from pipelines.store import built
from pipelines.store.days.dirty_days import models_by_part

# Tables of ours that say what became of files: they change with every batch.
OWN_SCHEMAS = {"ledger", "quality"}
STATED_SCHEMAS = {"ml", "act"}


@dataclass(frozen=True)
class Standing:
    """What the warehouse holds before a build.

    `relations`: its (schema, name) tables and views; `queued`: models with dirty days or to be rebuilt throughout;
    `changed`: raw tables loaded since the part was last built whole, None where that was by other code or never.
    """

    relations: Set[tuple[str, str]]
    queued: Set[str]
    changed: Set[str] | None


def standing(con: duckdb.DuckDBPyConnection, part: str, code: str) -> Standing:
    """Read it of the ledger; `code` names the project and vars that are about to be built."""
    relations = con.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = current_database()"
    ).fetchall()
    queued = con.execute(
        "select table_name from ledger.dirty_days union select table_name from ledger.dirty_tables"
    ).fetchall()
    batch, _, built_code = (built.built_token(con, part) or "").partition(":")
    changed = built.loaded_since(con, int(batch)) if built_code == code else None
    return Standing({(str(row[0]), str(row[1])) for row in relations}, {str(row[0]) for row in queued}, changed)


def tests_of(manifest: Mapping[str, Any], part: str) -> set[str]:
    """The tests (unique ids) that belong to a part: to that of the last built of the models that they look at."""
    parts = models_by_part(manifest)
    nodes = manifest["nodes"]
    found = set()
    for unique_id, node in nodes.items():
        if node["resource_type"] == "test":
            parents = [nodes[parent] for parent in manifest["parent_map"][unique_id] if parent in nodes]
            names = {str(parent.get("alias") or parent["name"]) for parent in parents}
            if names and part == ("reports" if names & parts["reports"] else "marts"):
                found.add(unique_id)
    return found


def nodes_to_run(
    manifest: Mapping[str, Any], models: Iterable[str], tests: Iterable[str], there: Standing
) -> tuple[set[str], set[str]]:
    """Of the given models and tests (unique ids), those that a build must run.

    A view: when its code is queued or it is not there. A day-replaced table: when queued. Any other table: when
    anything above it was loaded, too. A test: when anything above it was loaded, or by other code.
    """
    nodes, parents = manifest["nodes"], manifest["parent_map"]

    @cache
    def may_differ(unique_id: str) -> bool:
        """Whether something that a node stands on was loaded since the part was last built."""
        if unique_id.startswith("source."):
            source = manifest["sources"][unique_id]
            own = source["schema"] in OWN_SCHEMAS | STATED_SCHEMAS
            return own or there.changed is None or source["identifier"] in there.changed
        return any(may_differ(parent) for parent in parents.get(unique_id, ()))

    def must_run(unique_id: str) -> bool:
        node = nodes[unique_id]
        name = str(node.get("alias") or node["name"])
        if name in there.queued or (node["schema"], name) not in there.relations:
            return True
        return node["config"]["materialized"] == "table" and may_differ(unique_id)

    running = {unique_id for unique_id in models if must_run(unique_id)}
    tested = {
        unique_id
        for unique_id in tests
        if there.changed is None or may_differ(unique_id) or running & {*parents.get(unique_id, ())}
    }
    return running, tested
