"""What decides that a model is rebuilt, what waits above a selection, and what is left of removed models."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from pipelines.settings.environment import load_settings
from pipelines.store import built, ledger
from pipelines.store.days import dirty_days
from pipelines.store.days.model_codes import ByName, model_codes

Manifest = dict[str, Any]
RAW = {"s__t": "raw code"}
SHOP = {"time_zone": "Europe/London", "currency": "GBP", "stock": {"days": 7}, "sources": ["s"]}


def model(name: str, schema: str, **config: Any) -> dict[str, Any]:
    return {
        "name": name,
        "alias": name,
        "resource_type": "model",
        "schema": schema,
        "raw_code": f"select * from {name}_parent",
        "description": "words",
        "config": {"materialized": "table", "meta": {"rebuild": "days"}, **config},
        "columns": {"a": {"name": "a", "data_type": "integer", "description": "words"}},
    }


def macro(sql: str, *called: str) -> dict[str, Any]:
    return {"package_name": "almanac", "macro_sql": sql, "depends_on": {"macros": [*called, "macro.dbt.run_query"]}}


@pytest.fixture
def manifest() -> Manifest:
    seed = {"name": "zones", "resource_type": "seed", "schema": "seeds", "raw_code": "", "checksum": "1", "config": {}}
    names = {"stg": "model.almanac.stg", "fct": "model.almanac.fct", "rpt": "model.almanac.rpt"}
    fct = model("fct", "core")
    fct["raw_code"] = "{{ config(enabled=has_it('x')) }} select {{ in_base('a') }}, '{{ var(\"stock\")[\"days\"] }}'"
    fct["depends_on"] = {"macros": ["macro.almanac.has_it", "macro.almanac.in_base"]}
    return {
        "nodes": {
            names["stg"]: model("stg", "staging"),
            names["fct"]: fct,
            names["rpt"]: model("rpt", "marts"),
            "seed.almanac.zones": seed,
        },
        "sources": {"source.almanac.raw.s__t": {"identifier": "s__t", "schema": "raw"}},
        "macros": {
            "macro.almanac.looked_up": macro("1"),
            "macro.almanac.in_base": macro("var('currency')", "macro.almanac.rounded"),
            "macro.almanac.rounded": macro("1"),
            "macro.almanac.has_it": macro("var('sources')"),
            "macro.almanac.test_holds": macro("1"),
            "macro.dbt.run_query": macro("1") | {"package_name": "dbt"},
        },
        "parent_map": {
            names["stg"]: ["source.almanac.raw.s__t"],
            names["fct"]: [names["stg"], "seed.almanac.zones"],
            names["rpt"]: [names["fct"]],
            "seed.almanac.zones": [],
        },
    }


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        ledger.create_tables(connection)
        yield connection


def changed(manifest: Manifest, edit: Callable[[Manifest], object]) -> list[str]:
    other = copy.deepcopy(manifest)
    edit(other)
    before = model_codes(manifest, RAW, SHOP)
    after = model_codes(other, RAW, SHOP)
    return sorted(name for name, code in after.items() if before[name] != code)


EDITS: dict[str, tuple[Callable[[Manifest], object], list[str]]] = {
    "description": (lambda m: m["nodes"]["model.almanac.fct"].update(description="other"), []),
    "column description": (lambda m: m["nodes"]["model.almanac.fct"]["columns"]["a"].update(description="other"), []),
    "docs": (lambda m: m["nodes"]["model.almanac.fct"]["config"].update(docs={"show": False}), []),
    "SQL": (lambda m: m["nodes"]["model.almanac.fct"].update(raw_code="select 2"), ["fct", "rpt"]),
    "column type": (
        lambda m: m["nodes"]["model.almanac.fct"]["columns"]["a"].update(data_type="bigint"),
        ["fct", "rpt"],
    ),
    "configuration": (
        lambda m: m["nodes"]["model.almanac.fct"]["config"].update({"pre-hook": ["set x"]}),
        ["fct", "rpt"],
    ),
    "seed": (lambda m: m["nodes"]["seed.almanac.zones"].update(checksum="2"), ["fct", "rpt"]),
    "seed types": (
        lambda m: m["nodes"]["seed.almanac.zones"]["config"].update(column_types={"a": "date"}),
        ["fct", "rpt"],
    ),
    "macro called": (lambda m: m["macros"]["macro.almanac.in_base"].update(macro_sql="2"), ["fct", "rpt"]),
    "macro that one calls": (lambda m: m["macros"]["macro.almanac.rounded"].update(macro_sql="2"), ["fct", "rpt"]),
    "macro looked up": (lambda m: m["macros"]["macro.almanac.looked_up"].update(macro_sql="2"), ["fct", "rpt", "stg"]),
    "test": (lambda m: m["macros"]["macro.almanac.test_holds"].update(macro_sql="2"), []),
}


@pytest.mark.parametrize("kind", EDITS)
def test_a_change_rebuilds_what_it_decides_and_all_below(manifest: Manifest, kind: str) -> None:
    edit, rebuilt = EDITS[kind]
    assert changed(manifest, edit) == rebuilt


@pytest.mark.parametrize(
    ("setting", "other", "rebuilt"),
    [
        ("currency", "EUR", ["fct", "rpt"]),  # named by a macro that fct calls
        ("stock", {"days": 8}, ["fct", "rpt"]),
        ("time_zone", "Asia/Shanghai", []),
        ("sources", ["s", "t"], []),  # decides which models there are, which stands in their configuration
        ("loyalty", {"days": 1}, []),  # the settings of another domain
    ],
)
def test_a_setting_rebuilds_what_names_it_and_all_below(
    manifest: Manifest, setting: str, other: object, rebuilt: list[str]
) -> None:
    before, after = (model_codes(manifest, RAW, shop) for shop in (SHOP, {**SHOP, setting: other}))
    assert sorted(name for name, code in after.items() if before[name] != code) == rebuilt


def test_a_model_that_computes_the_name_of_a_setting_answers_for_all(manifest: Manifest) -> None:
    manifest["nodes"]["model.almanac.stg"]["raw_code"] = "select {{ var(name) }}"
    before, after = (model_codes(manifest, RAW, shop) for shop in (SHOP, {**SHOP, "loyalty": 1}))
    assert all(before[name] != code for name, code in after.items())


def test_the_contract_rebuilds_everything_below(manifest: Manifest) -> None:
    before, after = (model_codes(manifest, raw, SHOP) for raw in (RAW, {"s__t": "other"}))
    assert all(before[name] != code for name, code in after.items())


def test_an_entity_rebuilds_what_names_it_and_what_stands_on_that(manifest: Manifest) -> None:
    manifest["nodes"]["model.almanac.fct"]["raw_code"] = "{{ union_sources('orders') }} {{ var('entities') }}"
    orders = {"sources": ["web"], "columns": ["order_id"]}
    before = model_codes(manifest, RAW, SHOP | {"entities": ByName(orders=orders)})
    more = model_codes(manifest, RAW, SHOP | {"entities": ByName(orders=orders, visits=orders)})
    wider = {"sources": ["web"], "columns": ["order_id", "city"]}
    other = model_codes(manifest, RAW, SHOP | {"entities": ByName(orders=wider)})
    assert more == before
    assert {name for name in before if other[name] != before[name]} == {"fct", "rpt"}


def test_a_model_answers_for_all_of_a_mapping_that_it_may_go_through(manifest: Manifest) -> None:
    manifest["nodes"]["model.almanac.fct"]["raw_code"] = "{% for name in var('stock') %} {{ name }} {% endfor %}"
    before = model_codes(manifest, RAW, SHOP | {"stock": {"days": 8}})
    other = model_codes(manifest, RAW, SHOP | {"stock": {"days": 8, "share": 2}})
    assert {name for name in before if other[name] != before[name]} == {"fct", "rpt"}


def test_what_a_shop_brings_by_name_is_answered_for_by_name() -> None:
    brought = load_settings("simulated", environment={}).dbt_vars
    assert {name for name, value in brought.items() if isinstance(value, ByName)} == {"entities", "control_totals"}
    lines = ["storefront.order_lines", "storefront.orders", "storefront.refunds"]
    assert brought["control_totals"] == {"order_lines": lines}


def test_what_waits_above_a_selection_is_named(manifest: Manifest, con: duckdb.DuckDBPyConnection) -> None:
    dirty_days.queue_changed_models(con, model_codes(manifest, RAW, SHOP))
    assert dirty_days.waiting_above(con, manifest, {"rpt"}) == ["fct", "stg"]
    assert dirty_days.waiting_above(con, manifest, {"rpt", "fct", "stg"}) == []
    assert dirty_days.waiting_above(con, manifest, {"stg"}) == []
    con.execute("delete from ledger.dirty_tables")
    con.execute("insert into ledger.dirty_days values ('fct', '2011-06-01')")
    assert dirty_days.waiting_above(con, manifest, {"rpt"}) == ["fct"]
    assert dirty_days.waiting_above(con, manifest, {"fct"}) == []


def test_removed_renamed_and_moved_models_leave_nothing_behind(
    manifest: Manifest, con: duckdb.DuckDBPyConnection
) -> None:
    codes = model_codes(manifest, RAW, SHOP)
    dirty_days.queue_changed_models(con, {**codes, "old": "1", "old_view": "1"})
    built.remember_code(con, {"s__t": "raw code"})
    for schema in ("core", "staging", "marts", "ml"):
        con.execute(f"create schema {schema}")
    for table in ("raw.s__t", "core.fct", "core.old", "marts.stg", "core.hand_made", "ml.predictions"):
        con.execute(f"create table {table} (a integer)")
    con.execute("create view staging.old_view as select 1 as a")
    assert dirty_days.drop_removed_models(con, manifest) == ["core.old", "marts.stg", "staging.old_view"]
    left = con.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema not in ('ledger', 'quality') order by all"
    ).fetchall()
    assert left == [("core.fct",), ("core.hand_made",), ("ml.predictions",), ("raw.s__t",)]
    known = con.execute("select table_name from ledger.table_codes order by all").fetchall()
    assert known == [("fct",), ("rpt",), ("s__t",), ("stg",)]


def two_tables(manifest: Manifest) -> Manifest:
    """`s__t`, whose rows name rows of `s__p` by their order; `fct` stands on both, `own` on the child alone."""
    meta = {"meta": {"parents": {"order_id": "s__p.id"}}}
    manifest["sources"]["source.almanac.raw.s__t"]["config"] = meta
    manifest["sources"]["source.almanac.raw.s__p"] = {"identifier": "s__p", "schema": "raw"}
    manifest["parent_map"]["model.almanac.fct"].append("source.almanac.raw.s__p")
    manifest["nodes"]["model.almanac.own"] = model("own", "core")
    manifest["parent_map"]["model.almanac.own"] = ["model.almanac.stg"]
    return manifest


def test_what_happens_to_a_parent_reaches_the_days_of_its_children(
    manifest: Manifest, con: duckdb.DuckDBPyConnection
) -> None:
    plan = dirty_days.plan_from_manifest(two_tables(manifest))
    assert plan.children == {"s__p": (dirty_days.Child("s__t", "order_id", "id"),)}
    assert dirty_days.days_of_children(con, plan, "s__p", [dt.date(2025, 1, 9)]) == set()  # no child has come yet
    con.execute("create schema if not exists raw")
    con.execute("create table raw.s__p (id varchar, _arrival_date date)")
    con.execute("insert into raw.s__p values ('a', '2025-01-01'), ('a', '2025-01-09'), ('b', '2025-01-02')")
    con.execute("create table raw.s__t (order_id varchar, _event_date date, _is_current boolean)")
    con.execute(
        """insert into raw.s__t values ('a', '2025-01-04', true), ('a', '2025-01-05', false), ('b', '2025-01-06', true),
        (null, '2025-01-07', true)"""
    )
    reached = dirty_days.days_of_children(con, plan, "s__p", [dt.date(2025, 1, 9)])
    assert reached == {("s__t", dt.date(2025, 1, 4))}
    dirty_days.mark_children(con, plan, "s__p", reached)
    found = con.execute("select table_name, event_date from ledger.dirty_days order by all").fetchall()
    assert found == [(name, dt.date(2025, 1, 4)) for name in ("fct", "rpt")]
