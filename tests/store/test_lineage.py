"""The manifest of a shop: whatever is absent takes with it all that stands on it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipelines.store.days.lineage import domain_of, relations_of, sources_above, without_absent

DOMAINS = ("sales", "journey", "market")


def node(name: str, folders: list[str], meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "schema": folders[0],
        "resource_type": "model",
        "fqn": ["almanac", *folders, name],
        "config": {"meta": dict(meta or {})},
    }


def graph(parents: Mapping[str, list[str]], nodes: Mapping[str, Any], sources: list[str]) -> dict[str, Any]:
    """A manifest as dbt writes it, from who stands on whom."""
    names = [*nodes, *sources, *(name for name in parents if name not in nodes)]
    children: dict[str, list[str]] = {name: [] for name in names}
    for child, above in parents.items():
        for parent in above:
            children[parent].append(child)
    return {
        "nodes": {name: {**item, "depends_on": {"nodes": parents.get(name, [])}} for name, item in nodes.items()},
        "sources": {name: {"identifier": name.rpartition(".")[2]} for name in sources},
        "exposures": {name: {} for name in parents if name.startswith("exposure.")},
        "unit_tests": {name: {} for name in parents if name.startswith("unit_test.")},
        "parent_map": {name: list(parents.get(name, [])) for name in names},
        "child_map": children,
    }


@st.composite
def manifests(draw: st.DrawFn) -> tuple[dict[str, Any], set[str], set[str]]:
    """Models over models and statements, in domains or shared; which statements are absent, which domains off."""
    tables = [f"source.almanac.ml.ml_t{n}" for n in range(4)]
    nodes: dict[str, Any] = {}
    parents: dict[str, list[str]] = {}
    for n in range(draw(st.integers(1, 12))):
        folders = draw(st.sampled_from([["core"], *(["marts", name] for name in DOMAINS)]))
        takes = draw(st.booleans())
        name = f"model.almanac.m{n}"
        parents[name] = draw(st.lists(st.sampled_from([*tables, *nodes]), max_size=3, unique=True))
        nodes[name] = node(f"m{n}", folders, {"takes_what_is_there": takes} if takes else None)
    for kind in ("unit_test.almanac.u", "exposure.almanac.e"):
        parents[kind] = draw(st.lists(st.sampled_from([*nodes]), min_size=1, max_size=2, unique=True))
    absent = draw(st.sets(st.sampled_from([name.rpartition(".")[2] for name in tables])))
    return graph(parents, nodes, tables), absent, draw(st.sets(st.sampled_from(DOMAINS)))


def stands(manifest: Mapping[str, Any], name: str, absent: set[str], off: set[str]) -> bool:
    """The rule, said once more: there is what is neither absent nor off and finds all that it needs."""
    if name.startswith("source."):
        return name.rpartition(".")[2] not in absent
    item = manifest["nodes"].get(name, {"fqn": ["almanac", "core", ""], "config": {}})
    if domain_of(item) in off:
        return False
    above = manifest["parent_map"][name]
    if (item["config"].get("meta") or {}).get("takes_what_is_there"):
        above = [parent for parent in above if not parent.startswith("source.")]
    return all(stands(manifest, parent, absent, off) for parent in above)


@given(manifests())
def test_what_stands_is_there_and_nothing_else(drawn: tuple[dict[str, Any], set[str], set[str]]) -> None:
    manifest, absent, off = drawn
    found = without_absent(manifest, absent, off)
    kinds = ("nodes", "sources", "exposures", "unit_tests")
    wanted = {name for kind in kinds for name in manifest[kind] if stands(manifest, name, absent, off)}
    assert {name for kind in kinds for name in found[kind]} == wanted
    for lineage in ("parent_map", "child_map"):
        assert found[lineage].keys() == wanted
        assert {other for others in found[lineage].values() for other in others} <= wanted
    for name, item in found["nodes"].items():
        assert item["depends_on"]["nodes"] == found["parent_map"][name]
    assert without_absent(found, absent, off) == found


@given(manifests())
def test_nothing_absent_leaves_all_and_the_given_one_alone(drawn: tuple[dict[str, Any], set[str], set[str]]) -> None:
    manifest, absent, off = drawn
    before = repr(manifest)
    without_absent(manifest, absent, off)
    assert repr(manifest) == before
    assert without_absent(manifest, set()) == manifest


def test_relations_and_domains_are_read_from_schema_and_folder() -> None:
    nodes = {
        "model.a": node("kpi_daily", ["marts", "sales"]),
        "model.b": {**node("cut", ["core"]), "alias": "dim_cuts"},
        "test.c": {**node("unique", ["marts", "sales"]), "resource_type": "test"},
    }
    assert relations_of({"nodes": nodes}) == {"marts.kpi_daily", "core.dim_cuts"}
    assert [domain_of(item) for item in nodes.values()] == ["sales", None, "sales"]


def test_the_sources_above_a_relation_are_those_whose_rows_feed_it() -> None:
    """A source whose rows only the ledger counts is none of them, nor is one that feeds another table."""
    rows = {"stg_till": "till", "stg_kiosk": "kiosk"}
    nodes = {
        **{f"model.{name}": node(name, ["staging", source]) for name, source in rows.items()},
        "model.stg_ledger__rows": node("stg_ledger__rows", ["staging", "almanac"]),
        "model.fct_lines": node("fct_lines", ["core"]),
        "model.quality": node("quality", ["marts", "quality"]),
        "model.demand": node("demand", ["marts", "sales"]),
        "model.visits": node("visits", ["marts", "journey"]),
    }
    parents = {
        **{f"model.{name}": [f"source.{source}__rows"] for name, source in rows.items()},
        "model.stg_ledger__rows": ["source.row_counts", "model.stg_till", "model.stg_kiosk"],
        "model.fct_lines": ["model.stg_till"],
        "model.quality": ["model.stg_ledger__rows"],
        "model.demand": ["model.fct_lines", "model.stg_ledger__rows"],
        "model.visits": ["model.stg_kiosk", "model.demand"],
    }
    made = graph(parents, nodes, [f"source.{name}" for name in ("till__rows", "kiosk__rows", "row_counts")])
    for name, source in made["sources"].items():
        source["schema"] = "ledger" if name == "source.row_counts" else "raw"
    assert sources_above(made, {"marts.demand", "marts.quality"}) == {"till"}
    assert sources_above(made, {"marts.visits"}) == {"till", "kiosk"}
    assert sources_above(made, {"marts.quality", "ml.unknown"}) == frozenset()
