"""The models that a shop has: dbt's manifest without what has something upstream that the shop does not have.

Belongs here: pure functions over the manifest. Does not belong here: which statements there are, and parsing.
dbt parses the project whole but for the entities that no source brings (`has_entities`). What depends on more than the
sources, the statements that find their marts and the domains that the shop file switches off, is left out here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

# Layers whose folders are domains.
OF_DOMAINS = ("marts", "published")
# The schema of raw tables (`<source>__<table>`), and staging of the project's own ledger.
RAW = "raw"
OF_THE_LEDGER = "stg_ledger__"
# A model with this in its meta is built from whichever of its sources there are.
TAKES_WHAT_IS_THERE = "takes_what_is_there"


def domain_of(node: Mapping[str, Any]) -> str | None:
    """The domain whose folder a dbt node lies in; None for one of a layer that all domains share."""
    folders = list(node["fqn"][1:-1])
    return str(folders[1]) if len(folders) > 1 and folders[0] in OF_DOMAINS else None


def relations_of(manifest: Mapping[str, Any]) -> set[str]:
    """`schema.table` of every model of the manifest."""
    return {
        f"{node['schema']}.{node.get('alias') or node['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def sources_above(manifest: Mapping[str, Any], relations: Set[str]) -> frozenset[str]:
    """The shop's sources whose raw tables feed the models that make the relations (`schema.table`)."""
    making = [name for name, node in manifest["nodes"].items() if relations_of({"nodes": {name: node}}) & relations]
    return frozenset(table.partition("__")[0] for table in raw_tables_above(manifest, making))


def raw_tables_above(manifest: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    """The raw tables (`<source>__<table>`) that feed the nodes of these names, however far up.

    What the ledger tells of the rows of all sources is not followed: it speaks of them, and is not made of them.
    """
    nodes, sources = manifest["nodes"], manifest["sources"]
    ahead, seen = [*names], set()
    while ahead:
        if (name := ahead.pop()) not in seen:
            seen.add(name)
            parents = manifest["parent_map"].get(name, ())
            ahead += [one for one in parents if not nodes.get(one, {"name": ""})["name"].startswith(OF_THE_LEDGER)]
    raw = (sources[name] for name in seen & sources.keys())
    return frozenset(str(source["identifier"]) for source in raw if source["schema"] == RAW)


def without_absent(manifest: Mapping[str, Any], tables: Set[str], domains: Set[str] = frozenset()) -> dict[str, Any]:
    """The manifest without the tables of statements named in `tables`, the models of `domains`, and all that stands on
    one of these (models, tests, unit tests, exposures): a copy, with lineage that names nothing that is left out.

    A model whose meta says `takes_what_is_there` stays where a source of its is missing, and stands on the others.
    """
    gone = _gone(manifest, tables, domains)
    copy = dict(manifest)
    for kind in ("nodes", "sources", "exposures", "unit_tests"):
        copy[kind] = {name: _left(item, gone) for name, item in manifest.get(kind, {}).items() if name not in gone}
    for lineage in ("parent_map", "child_map"):
        copy[lineage] = {
            name: [other for other in others if other not in gone]
            for name, others in manifest[lineage].items()
            if name not in gone
        }
    return copy


def _left(item: Mapping[str, Any], gone: Set[str]) -> Mapping[str, Any]:
    """The node as it is, or, where it stands on something that is gone, a copy that no longer names that."""
    above = item.get("depends_on", {}).get("nodes", ())
    if gone.isdisjoint(above):
        return item
    return {**item, "depends_on": {**item["depends_on"], "nodes": [name for name in above if name not in gone]}}


def _gone(manifest: Mapping[str, Any], tables: Set[str], domains: Set[str]) -> set[str]:
    nodes, children = manifest["nodes"], manifest["child_map"]
    gone = {name for name, source in manifest["sources"].items() if source["identifier"] in tables}
    gone |= {name for name, node in nodes.items() if domain_of(node) in domains}
    ahead = sorted(gone)
    while ahead:
        parent = ahead.pop()
        for child in children.get(parent, ()):
            optional = parent.startswith("source.") and _takes_what_is_there(nodes.get(child, {}))
            if child not in gone and not optional:
                gone.add(child)
                ahead.append(child)
    return gone


def _takes_what_is_there(node: Mapping[str, Any]) -> bool:
    return bool((node.get("config", {}).get("meta") or {}).get(TAKES_WHAT_IS_THERE))
