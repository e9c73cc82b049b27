"""What must hold for every change, drawn over the project's own contracts."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts.change_limits import bound_direction, limit_direction, subset_direction, type_direction
from pipelines.contracts.changes import Change, compare
from pipelines.contracts.contract import Bound
from tests.contracts.contract_states import ORDERS, SOURCE, project_state

pytestmark = pytest.mark.slow

STATE = project_state()
OPPOSITE = {"added": "removed", "removed": "added", "tightened": "loosened", "loosened": "tightened"}
CONTRACTS = st.sampled_from(sorted(STATE))
# A key nobody has thought of yet, and values of every kind that YAML has.
UNKNOWN = st.sampled_from(["surprise", "x-new", "businessOwner"])
VALUES = st.sampled_from([1, 0, True, False, "text", "", None, 1.5, [1], [], {"a": 1}, {}])


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in plain data: mappings, lists and leaves."""
    yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield from places(value, (*path, key))


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


@settings(deadline=None)
@given(CONTRACTS)
def test_a_state_compared_with_itself_has_no_change(contract: str) -> None:
    assert compare({contract: STATE[contract]}, {contract: copy.deepcopy(STATE[contract])}) == ()


@settings(max_examples=300, deadline=None)
@given(CONTRACTS, UNKNOWN, VALUES, st.data())
def test_an_unknown_key_never_passes_silently(contract: str, key: str, value: Any, data: st.DataObject) -> None:
    """It is found wherever it stands, and breaks both sides unless it is in a text, in examples or the owner's."""
    after = copy.deepcopy(STATE[contract])
    mappings = [path for path in places(after) if isinstance(at(after, path), dict)]
    path = data.draw(st.sampled_from(mappings))
    at(after, path)[key] = value
    found = compare({contract: STATE[contract]}, {contract: after})
    assert found, path
    texts = ("description", "team", "examples")
    if not any(part in texts for part in path):
        assert any(change.step == "major" and change.breaks != "none" for change in found), (path, found)


@settings(max_examples=400, deadline=None)
@given(CONTRACTS, VALUES, st.data())
def test_no_leaf_changes_unseen(contract: str, value: Any, data: st.DataObject) -> None:
    """Any leaf set to any other value is found, unless the file means the same with it."""
    after = copy.deepcopy(STATE[contract])
    leaves = [path for path in places(after) if path and not isinstance(at(after, path), dict | list)]
    leaves = [path for path in leaves if path[-1] != "primaryKeyPosition"]  # its order counts, not its number
    path = data.draw(st.sampled_from(leaves))
    before = at(after, path)
    at(after, path[:-1])[path[-1]] = value
    there = compare({contract: STATE[contract]}, {contract: after})
    back = compare({contract: after}, {contract: STATE[contract]})
    same = value == before and isinstance(value, bool) == isinstance(before, bool)
    assert bool(there) == bool(back)
    if value is None and _is_default(path, before):
        return  # a key without a value is one that is left out, or an odd one: found or not, either is right
    assert bool(there) != same, (path, before, value)


@pytest.mark.parametrize("contract", sorted(STATE))
def test_nothing_is_taken_away_unseen(contract: str) -> None:
    """Every key and entry of every contract, one after the other."""
    before = STATE[contract]
    for path in [path for path in places(before) if path and not _is_default(path, at(before, path))]:
        after = copy.deepcopy(before)
        del at(after, path[:-1])[path[-1]]
        assert compare({contract: before}, {contract: after}), path


def _is_default(path: tuple[Any, ...], value: Any) -> bool:
    """What means the same where it is left out."""
    by_day = {"property": "grain", "value": "arrival_day"}
    if value in (by_day, [by_day]):
        return True
    defaults = {"required": False, "timezone": False, "quote": '"', "escape": '"', "header": True, "unit": "rows"}
    positions = path[-1] == "primaryKeyPosition"  # one key column needs no number
    empty = path[-1] in ("properties",) and value == []
    return bool(path[-1] in defaults and defaults[path[-1]] == value) or positions or empty


ENDS = st.one_of(st.none(), st.integers(-3, 3).map(float))


@given(ENDS, ENDS, st.booleans())
def test_a_limit_that_tightens_one_way_loosens_the_other(before: float | None, after: float | None, low: bool) -> None:
    there, back = limit_direction(before, after, low=low), limit_direction(after, before, low=low)
    assert back == OPPOSITE.get(there, there)


BOUNDS = st.builds(Bound, ENDS, ENDS, st.booleans(), st.booleans())


@given(BOUNDS, BOUNDS)
def test_a_bound_that_tightens_admits_only_what_was_admitted(before: Bound, after: Bound) -> None:
    """The oracle: which of many numbers each bound admits."""
    probes = [number / 2 for number in range(-10, 11)]
    old, new = ({probe for probe in probes if bound.holds(probe)} for bound in (before, after))
    direction = bound_direction(before, after)
    assert bound_direction(after, before) == OPPOSITE.get(direction, direction)
    if direction == "tightened":
        assert new <= old
    if direction == "loosened":
        assert old <= new
    if (new < old and new) or (old < new and old):
        assert direction in ("changed", "tightened" if new < old else "loosened")


WORDS = st.lists(st.sampled_from("abcd"), unique=True)


@given(WORDS, WORDS)
def test_values_tighten_exactly_where_the_set_shrinks(before: list[str], after: list[str]) -> None:
    old, new = set(before), set(after)
    assert (subset_direction(before, after) == "tightened") == (new < old)
    assert (subset_direction(before, after) == "loosened") == (old < new)


DECIMALS = st.tuples(st.integers(1, 9), st.integers(0, 4)).filter(lambda pair: pair[1] <= pair[0])


@given(DECIMALS, DECIMALS)
def test_decimals_widen_where_every_value_fits(before: tuple[int, int], after: tuple[int, int]) -> None:
    """The oracle: the largest value and the smallest step that each type holds."""
    largest = [10.0 ** (p - s) - 10.0**-s for p, s in (before, after)]
    steps = [10.0**-s for _, s in (before, after)]
    direction = type_direction(*(f"number DECIMAL({p},{s})" for p, s in (before, after)))
    if before != after:
        fits = before[0] - before[1] <= after[0] - after[1] and steps[1] <= steps[0]
        assert (direction == "loosened") == fits
        if fits:
            assert largest[1] >= largest[0]


@pytest.mark.parametrize("contract", [SOURCE, ORDERS])
def test_how_a_file_is_written_is_no_change(contract: str) -> None:
    """Defaults spelled out, and types in other letters, mean the same."""
    after = copy.deepcopy(STATE[contract])
    for item in after["schema"][0]["properties"]:
        item["physicalType"] = item["physicalType"].lower()
        item.setdefault("required", False)
        item.setdefault("logicalTypeOptions", {})
    found: tuple[Change, ...] = compare({contract: STATE[contract]}, {contract: after})
    assert found == ()
