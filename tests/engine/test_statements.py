"""When the statement is made, what it replaces, and what never touches it again."""

from __future__ import annotations

import dataclasses
from typing import Any

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from tests.engine.oracle import differences
from tests.engine.sales.statements import PACE
from tests.engine.story import MONDAY, SATURDAY, TUESDAY, calm, calm_sales, sale
from tests.engine.toy import Toy

pytestmark = pytest.mark.slow


def stated(toy: Toy) -> list[tuple[Any, ...]]:
    """All that was ever stated, and when."""
    return toy.ledger("select as_of_date, product_id, units_per_day, made_at from ml.ml_sales__pace order by all")


def test_late_data_restate_the_marts_and_no_statement_of_an_earlier_day(toy: Toy) -> None:
    before = stated(toy)
    assert {row[0] for row in before} == {SATURDAY}
    calm(toy, MONDAY)
    toy.put("till.sales", MONDAY, [*calm_sales(MONDAY), sale(70, SATURDAY, quantity=9)])
    assert toy.run("refresh", MONDAY).success
    after = stated(toy)
    assert [row for row in after if row[0] == SATURDAY] == before
    assert {row[0] for row in after} == {SATURDAY, MONDAY}
    assert differences(toy) == []


def test_a_statement_of_the_newest_day_is_replaced(toy: Toy) -> None:
    before = stated(toy)
    toy.put("till.sales", SATURDAY, [sale(70, SATURDAY, quantity=9)], "more.csv")
    assert toy.run("refresh", SATURDAY).success
    after = stated(toy)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert after != before
    assert differences(toy) == []


def test_a_run_that_ends_before_the_newest_arrival_restates_state_and_states_nothing(toy: Toy) -> None:
    calm(toy, MONDAY)
    assert toy.run("refresh", MONDAY).success
    before = stated(toy)
    toy.put("till.sales", SATURDAY, [sale(70, SATURDAY, quantity=9)], "more.csv")
    earlier = toy.run("refresh", SATURDAY)
    assert stated(toy) == before
    assert (
        earlier.materialized["ml/ml_sales__pace"]["stated"]
        == "no: the run ends on 2024-03-09, before the newest arrival"
    )
    assert toy.query("select quantity from fct_order_lines where order_id = 'S070'") == [(9,)]
    assert toy.manifest["facts"]["statements_are_stale"] is True
    assert toy.run("refresh", MONDAY).success
    assert [row[:2] for row in stated(toy)] == [row[:2] for row in before]
    assert toy.manifest["facts"]["statements_are_stale"] is False
    assert differences(toy) == []


def test_nothing_is_stated_twice_for_the_same_state_and_a_new_method_states_anew(toy: Toy) -> None:
    before, version = stated(toy), toy.query("select distinct model_version from rpt_sales_pace")
    assert toy.run("refresh", SATURDAY).success
    assert stated(toy) == before
    newer = dataclasses.replace(toy, statements=[dataclasses.replace(PACE, libraries=("pandas",))], made={})
    assert newer.run("refresh", SATURDAY).success
    assert [row[:3] for row in stated(toy)] == [row[:3] for row in before]
    assert stated(toy) != before
    assert newer.query("select distinct model_version from rpt_sales_pace") != version


def test_statements_are_not_made_of_marts_that_lag_behind(toy: Toy) -> None:
    calm(toy, MONDAY)
    definitions = build_definitions(toy.settings, statements=toy.statements)
    with dg.DagsterInstance.ephemeral() as instance:
        for schema, succeeds in (("raw", True), ("ml", False)):
            chosen = [asset for asset in definitions.assets or [] if any(key.path[0] == schema for key in asset.keys)]
            result = dg.materialize(
                chosen,
                instance=instance,
                resources=definitions.resources,
                partition_key=f"{MONDAY}" if schema == "raw" else None,
                raise_on_error=False,
            )
            assert result.success is succeeds
    calm(toy, TUESDAY)
    assert toy.run("refresh", TUESDAY).success
    assert differences(toy) == []
