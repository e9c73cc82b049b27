"""Each single change of change_cases*.py gets the class that is written there, and its reverse the reverse."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pipelines.contracts import change_rules
from pipelines.contracts.changes import compare
from tests.contracts.change_cases import SOURCE_CASES, file_format, swap, text
from tests.contracts.change_cases_behind import CASES_BEHIND, TEXTS
from tests.contracts.contract_states import (
    CANONICAL,
    ORDERS,
    SOURCE,
    VALUES,
    VOCABULARY,
    changed,
    column,
    columns,
    drop,
    project_state,
)

STATE = project_state()
CASES = {**SOURCE_CASES, **CASES_BEHIND}


@pytest.mark.parametrize("name", CASES)
def test_one_change_gets_its_class(name: str) -> None:
    contract, change, kind, breaks, step = CASES[name]
    found = compare(STATE, changed(STATE, contract, change))
    worst = [item for item in found if item.kind == kind]
    assert worst, [(item.place, item.kind) for item in found]
    assert {(item.contract, item.breaks, item.step) for item in worst} == {(contract, breaks, step)}
    assert all("\n" not in item.text and len(item.text) < 140 for item in found)
    # what else the change says of itself is never worse than the change
    order = ("none", "patch", "minor", "major")
    assert max(order.index(item.step) for item in found) == order.index(step)


@pytest.mark.parametrize("name", CASES)
def test_the_way_back_goes_the_other_way(name: str) -> None:
    contract, change, *_ = CASES[name]
    other = {"added": "removed", "tightened": "loosened"}
    other |= {was: now for now, was in other.items()}
    after = changed(STATE, contract, change)
    there, back = compare(STATE, after), compare(after, STATE)
    directions = sorted((item.place if "->" not in item.text else "", item.direction) for item in there)
    renamed = any("renamed" in item.kind for item in there)
    if not renamed:  # the place of a renamed thing is its old name
        assert sorted((i.place if "->" not in i.text else "", other.get(i.direction, i.direction)) for i in back) == (
            directions
        )
    assert len(there) == len(back)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_breaks_nobody(name: str) -> None:
    [change] = compare(STATE, changed(STATE, *TEXTS[name]))
    assert (change.kind, change.breaks, change.step) == ("description changed", "none", "patch")


def test_every_rule_has_a_change_that_it_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule without one here could say anything."""
    used: set[tuple[str, ...]] = set()

    def noted(place: tuple[str, ...], judge: Any) -> Any:
        return lambda family, difference: (used.add(place), judge(family, difference))[1]

    rules = change_rules.RULES
    monkeypatch.setattr(change_rules, "RULES", tuple((place, noted(place, judge)) for place, judge in rules))
    compare(STATE, {})
    for contract, change, *_ in [*CASES.values(), *TEXTS.values()]:
        compare({contract: STATE[contract]}, {contract: changed(STATE, contract, change)[contract]})
    assert [place for place, _ in rules if place not in used] == []


@pytest.mark.parametrize(
    ("form", "added", "reorder"),
    [("csv", "producers", "producers"), ("parquet", "producers", "none"), ("jsonl", "none", "none")],
)
def test_what_a_file_without_the_column_means_depends_on_its_format(form: str, added: str, reorder: str) -> None:
    """A CSV header is compared whole, a Parquet file must have every column, a JSON line may leave a key out."""
    state = changed(STATE, SOURCE, lambda d: file_format(d).update(format=form))
    optional = compare(state, changed(state, SOURCE, lambda d: columns(d).append(text("Coupon"))))
    required = {**text("Coupon"), "required": True}
    needed = compare(state, changed(state, SOURCE, lambda d: columns(d).append(required)))
    moved = compare(state, changed(state, SOURCE, lambda d: swap(columns(d), 2, 7)))
    gone = compare(state, changed(state, SOURCE, lambda d: drop(columns(d), "Description")))
    assert [found[0].breaks for found in (optional, needed, moved, gone)] == [added, "producers", reorder, "both"]


@pytest.mark.parametrize(
    ("contract", "breaks"),
    [(SOURCE, "both"), (ORDERS, "consumers"), (VALUES, "both"), (CANONICAL, "both"), (VOCABULARY, "both")],
)
def test_a_contract_that_is_no_more(contract: str, breaks: str) -> None:
    less = {name: data for name, data in STATE.items() if name != contract}
    [gone], [come] = compare(STATE, less), compare(less, STATE)
    assert (gone.kind, gone.breaks, gone.step) == ("contract removed", breaks, "major")
    assert (come.kind, come.breaks, come.step) == ("contract added", "none", "minor")


def test_a_renamed_key_column_is_one_change() -> None:
    after = copy.deepcopy(STATE)
    column(after[ORDERS], "order_id")["name"] = "document_id"
    assert [(item.place, item.kind, item.text) for item in compare(STATE, after)] == [
        ("column order_id", "column renamed", "order_id -> document_id")
    ]


def test_a_column_of_another_type_in_the_same_place_is_not_a_rename() -> None:
    after = changed(STATE, ORDERS, lambda d: column(d, "country").update(name="mood", physicalType="BIGINT"))
    assert sorted(item.kind for item in compare(STATE, after)) == ["column removed", "optional column added"]
