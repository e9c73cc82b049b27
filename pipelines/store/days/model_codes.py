"""By which code a dbt model's rows are made: a hash that differs exactly where something that decides them does.

Belongs here: pure functions over dbt's manifest. Does not belong here: what is rebuilt for it (dirty_days.py), and by
which code a raw table was loaded (pipelines.defs.gate_code).
A model answers for the macros that it calls and the vars that it or they name, so that a new domain's macro, setting
or score leaves the tables of the others alone. What no model calls by name (an incremental strategy, which dbt looks
up) may work on any of them, and is part of every hash.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from typing import Any

PROJECT = "almanac"
# Configuration that changes what is said of a model, or who may see it, but none of its rows.
TEXT_CONFIG = {"docs", "tags", "persist_docs", "group", "access", "description", "freshness", "event_time"}
# Evaluated at parse: what came of it stands in the node's configuration.
CONFIG_CALL = re.compile(r"\{\{-?\s*config\(.*?\)\s*-?\}\}", re.DOTALL)
VAR_CALL = re.compile(r"\bvar\(")
VAR_NAMED = re.compile(r"""\bvar\(\s*(['"])(\w+)\1""")


class ByName(dict[str, Any]):
    """A var that holds something for each of many names, such as the entities of a shop. A model answers for those that
    its texts name in quotes, so that one more leaves the tables of the others alone: no model goes through all of
    them. (Of another mapping, such as a domain's settings, it may, and so it answers for the whole.)"""


def model_codes(
    manifest: Mapping[str, Any], raw_codes: Mapping[str, str], settings: Mapping[str, Any]
) -> dict[str, str]:
    """A hash per dbt model over all that decides its rows: SQL, the macros it calls, configuration, column types, the
    vars of `settings` that are named, and the same of everything above it. `raw_codes`: hash per raw table
    (`source__table`)."""
    nodes, macros = manifest["nodes"], _project_macros(manifest)
    called = {unique_id: _closure(macros, _called(node)) for unique_id, node in nodes.items()}
    named = _closure(macros, (name for node in nodes.values() for name in _depended_on(node)))
    everywhere = _closure(macros, macros.keys() - named)

    @cache
    def code(unique_id: str) -> str:
        if unique_id.startswith("source."):
            source = manifest["sources"][unique_id]
            return raw_codes.get(source["identifier"], f"{source['schema']}.{source['identifier']}")
        node = nodes[unique_id]
        texts = [str(macros[name]["macro_sql"]) for name in sorted(called[unique_id] | everywhere)]
        own = {
            "sql": node.get("raw_code") or node.get("checksum"),
            "macros": texts,
            "vars": _named([_body(node), *texts], settings),
            "config": {key: value for key, value in node["config"].items() if key not in TEXT_CONFIG},
            "columns": {name: column.get("data_type") for name, column in node.get("columns", {}).items()},
            "parents": [code(p) for p in sorted(manifest["parent_map"][unique_id]) if not p.startswith("unit_test.")],
        }
        return hashlib.sha256(json.dumps(own, sort_keys=True, default=str).encode()).hexdigest()

    models = {unique_id: node for unique_id, node in nodes.items() if node["resource_type"] == "model"}
    return {str(node.get("alias") or node["name"]): code(unique_id) for unique_id, node in models.items()}


def _project_macros(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The project's macros by id, but for generic tests, which decide no row."""
    return {
        name: macro
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == PROJECT and not name.split(".")[-1].startswith("test_")
    }


def _body(node: Mapping[str, Any]) -> str:
    """The SQL that runs: a model's own without the call of its configuration, and its hooks."""
    hooks = [node["config"].get(hook) for hook in ("pre-hook", "post-hook")]
    return CONFIG_CALL.sub("", node.get("raw_code") or "") + json.dumps(hooks, default=str)


def _called(node: Mapping[str, Any]) -> Set[str]:
    """The macros that a model's SQL calls; one that only its configuration calls has been evaluated."""
    body = _body(node)
    return {name for name in _depended_on(node) if name.rpartition(".")[2] in body}


def _depended_on(node: Mapping[str, Any]) -> Sequence[str]:
    called: Sequence[str] = node.get("depends_on", {}).get("macros", ())
    return called


def _closure(macros: Mapping[str, Mapping[str, Any]], first: Iterable[str]) -> Set[str]:
    """These macros of the project, and those of it that they call in turn."""
    found: set[str] = set()
    waiting = [name for name in first if name in macros]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [item for item in _depended_on(macros[name]) if item in macros]
    return found


def _named(texts: Sequence[str], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The vars that these texts name; all of them where a name is computed."""
    names = set()
    for text in texts:
        found = [name for _, name in VAR_NAMED.findall(text)]
        if len(found) != len(VAR_CALL.findall(text)):
            return settings
        names.update(found)
    return {name: _of_texts(settings[name], texts) for name in sorted(names & settings.keys())}


def _of_texts(value: Any, texts: Sequence[str]) -> Any:
    if not isinstance(value, ByName):
        return value
    return {name: entry for name, entry in value.items() if any(f"'{name}'" in text for text in texts)}
