"""Rules asked of Great Expectations together are answered as if each had been asked alone."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.contracts import validation
from pipelines.contracts.validation import Expected, Question, answers, validate

pytestmark = pytest.mark.slow

TEXT, NUMBER = "ExpectColumnValuesToMatchRegex", "ExpectColumnValuesToBeBetween"
# Alike expectations over several columns, single ones, and every kind of frame's column: text, number, truth.
RULES = [
    Expected("a:required", validation.NOT_NULL, "a", "a:required: it is there"),
    Expected("b:required", validation.NOT_NULL, "b", "b:required: it is there"),
    *(Expected(f"{name}:type", TEXT, name, f"{name}:type: digits", {"regex": r"^(?:\d+)\Z"}) for name in "abc"),
    Expected("c:pattern", TEXT, "c", "c:pattern: few digits", {"regex": r"^(?:\d{1,4})\Z"}),
    Expected("c:max_length", "ExpectColumnValueLengthsToBeBetween", "c", "short", {"max_value": 4}),
    Expected("n:minimum", NUMBER, "n", "n:minimum: positive", {"min_value": 0}),
    Expected("m:minimum", NUMBER, "m", "m:minimum: positive", {"min_value": 0}),
    *(Expected(f"row:{name}", "ExpectColumnValuesToBeInSet", name, name, {"value_set": [True]}) for name in ("k", "l")),
]


def frame(seed: int, *, broken: float, missing: float, rows: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for name in "abc":
        values = np.where(rng.random(rows) < broken, "x", rng.integers(0, 2000, rows).astype(str)).astype(object)
        values[rng.random(rows) < missing] = None
        columns[name] = pd.Series(values, dtype="str")
    for name in "nm":
        columns[name] = np.where(rng.random(rows) < missing, np.nan, rng.integers(0, 9, rows) - 4 * (broken > 0))
    for name in "kl":
        columns[name] = rng.random(rows) >= broken
    return pd.DataFrame(columns)


def told(outcome: Any) -> list[tuple[Any, ...]]:
    """All that a result says of each rule, in the rules' order."""
    found = {one.expectation_config.meta["rule"]: one for one in outcome.results}
    return [
        (
            *(rule.rule, found[rule.rule].success, found[rule.rule].result),
            found[rule.rule].expectation_config.to_json_dict(),
            *(found[rule.rule].exception_info, found[rule.rule].meta),
        )
        for rule in RULES
    ]


@pytest.mark.parametrize("missing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("broken", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("said", ["truth", "all quiet"])
def test_together_says_what_each_alone_says(broken: float, missing: float, said: str) -> None:
    """Whatever the gate says of a rule: a rule that is broken against its word is found all the same."""
    given = frame(7, broken=broken, missing=missing)
    alone = validate("rows", "rows_0", given, RULES)
    truly = {one.expectation_config.meta["rule"] for one in alone.results if not one.result["unexpected_count"]}
    quiet = truly if said == "truth" else {rule.rule for rule in RULES}
    [together] = answers([Question("rows", "rows_0", given, RULES, quiet)])
    assert told(together) == told(alone)
    assert (together.success, together.statistics) == (alone.success, alone.statistics)
    assert (together.suite_name, together.asset_name) == (alone.suite_name, alone.asset_name)
    assert [one.expectation_config.meta["rule"] for one in together.results] == [rule.rule for rule in RULES]


def test_a_single_broken_row_in_any_column_of_a_pile_is_found() -> None:
    whole = frame(3, broken=0, missing=0)
    for rule in ("a:type", "b:type", "c:type", "n:minimum", "m:minimum", "row:k", "row:l", "a:required", "b:required"):
        name = rule.removeprefix("row:")[0]
        for place in (0, len(whole) - 1):
            bad: Any = {"type": "x", "minimum": -1.0, "required": None}.get(rule.partition(":")[2], False)
            given = whole.astype({name: object}) if name in "kl" else whole.copy()
            given.loc[place, name] = bad
            [outcome] = answers([Question("rows", "rows_0", given, RULES, {one.rule for one in RULES})])
            found = {one.expectation_config.meta["rule"]: one.result["unexpected_count"] for one in outcome.results}
            assert found[rule] == 1, (rule, place)


def test_what_several_frames_are_held_to_is_asked_once_and_a_find_is_laid_to_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    real = validation.validate

    def counted(suite: str, batch: str, given: pd.DataFrame, expected: list[Expected]) -> Any:
        asked.append(len(expected))
        return real(suite, batch, given, expected)

    monkeypatch.setattr(validation, "validate", counted)
    quiet = {rule.rule for rule in RULES}
    frames = [frame(seed, broken=0, missing=0.2, rows=rows) for seed, rows in ((3, 12), (4, 40), (5, 1))]
    frames = [given.assign(**{name: given[name].fillna("7") for name in "ab"}) for given in frames]
    questions = [Question("rows", f"rows_{n}", given, RULES, quiet) for n, given in enumerate(frames)]
    assert all(outcome.success for outcome in answers(questions))
    assert sum(asked) == 6  # required, digits, few digits, short, positive, true
    frames[1].loc[17, "b"] = "x"
    questions[1] = Question("rows", "rows_1", frames[1], RULES, quiet)
    found = [
        {one.expectation_config.meta["rule"]: one.result["unexpected_count"] for one in outcome.results}
        for outcome in answers(questions)
    ]
    assert [sum(counts.values()) for counts in found] == [0, 1, 0] and found[1]["b:type"] == 1


class Watched(pd.DataFrame):
    """A frame that can be told to be gone."""


def test_no_frame_outlives_its_validation() -> None:
    seen = []
    for batch in ("rows_0", "rows_1", "rows_0"):
        judged = Watched(frame(1, broken=0.1, missing=0.1))
        validate("rows", batch, judged, RULES)
        seen.append(weakref.ref(judged))
        del judged
        gc.collect()
    assert [at() for at in seen] == [None] * 3
