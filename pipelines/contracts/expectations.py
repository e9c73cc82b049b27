"""The gate's second opinion: every rule again, as Great Expectations 1.24 expectations on pandas frames.

Two engines that agree on every count are worth more than one: SQL decides, this recounts. Texts are matched, lengths
taken, numbers compared, zones applied (Python's tz data) and row conditions evaluated (predicates.py) without SQL's
answers. Belongs here: frames, expectations, the comparison. Does not belong: static pages (data_docs.py).
How Great Expectations is called is in validation.py.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd

from pipelines.contracts.contract import ROW_RULE_EXTRAS, DayRule, SourceContract
from pipelines.contracts.direct import TEXTS, is_direct
from pipelines.contracts.errors import GateDisagreement
from pipelines.contracts.expression import quoted
from pipelines.contracts.parse import type_regex
from pipelines.contracts.predicates import is_true
from pipelines.contracts.rules import RowCheck, row_checks
from pipelines.contracts.validation import NOT_NULL, Expected, Question, answers

if TYPE_CHECKING:
    from pipelines.contracts.results import GateResult

# What a run holds until its recount; a load that does not fit beside what is held is recounted where it is loaded. So
# many rows of 20 columns take some 125 MB.
HELD_ROWS = 250_000
DAYS = "days"
CHUNK_ROWS = 1_000_000  # a frame of a million rows and 20 columns stays below 1 GB


@dataclass(frozen=True)
class Recount:
    """What Great Expectations is to be asked of one load of a table, and the counts that the gate has found: rows per
    row rule, days per day rule."""

    contract: SourceContract
    days: tuple[dt.date, ...]
    counts: Mapping[str, int]
    questions: tuple[Question, ...]

    @property
    def rows(self) -> int:
        """How many it holds."""
        return max((len(question.frame) for question in self.questions), default=0)


def room_beside(held: Sequence[Recount]) -> int:
    """Rows that a load may have to be held beside the others."""
    return HELD_ROWS - sum(recount.rows for recount in held)


def hold_recount(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    result: GateResult,
    *,
    landed: str,
    texts: duckdb.DuckDBPyConnection | None = None,
) -> Recount:
    """The recount of `result` with all that it reads, taken from table `landed` and temp table gate_rows, of direct
    columns from what `texts` sees."""
    questions = tuple(_questions(con, contract, result, landed, texts))
    return Recount(contract, tuple(day.arrival_date for day in result.days), _counts(contract, result), questions)


def verify_recounts(recounts: Sequence[Recount], data_docs: Path | None = None) -> None:
    """Recount all loads in one pass: alike rules of all tables cost little more than those of one. Raises
    GateDisagreement."""
    found = iter(answers([question for recount in recounts for question in recount.questions]))
    differences: dict[str, tuple[int, int]] = {}
    for recount in recounts:
        outcomes = [next(found) for _ in recount.questions]
        told = _differences(recount.contract, recount.counts, outcomes, data_docs)
        differences |= {f"{recount.contract.raw_table} {rule}": counts for rule, counts in told.items()}
    if differences:
        raise GateDisagreement(differences)


def verify_gate(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    result: GateResult,
    *,
    landed: str,
    texts: duckdb.DuckDBPyConnection | None = None,
    data_docs: Path | None = None,
) -> None:
    """Recount all rules of `result` at once, frame by frame; arguments as of `hold_recount`. Raises GateDisagreement.

    `data_docs` is the directory that keeps the results."""
    outcomes = [answers([question])[0] for question in _questions(con, contract, result, landed, texts)]
    if differences := _differences(contract, _counts(contract, result), outcomes, data_docs):
        raise GateDisagreement(differences)


def _counts(contract: SourceContract, result: GateResult) -> dict[str, int]:
    counts = {check.rule_id: result.rule_counts.get(check.rule_id, 0) for check in row_checks(contract)}
    return counts | {rule.name: _days_broken(rule, result) for rule in contract.day_rules}


def _questions(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    result: GateResult,
    landed: str,
    texts: duckdb.DuckDBPyConnection | None,
) -> Iterator[Question]:
    """Frames of the rows, of the texts of direct columns, and of the days, with the rules on them."""
    checks = row_checks(contract)
    quiet = {rule for rule, count in _counts(contract, result).items() if not count}
    stored = tuple(check for check in checks if not is_direct(check))
    parts = [("rows", stored, frames(con, contract, stored, landed))] if stored else []
    if texts is not None and (direct := tuple(check for check in checks if is_direct(check))):
        parts.append(("texts", direct, text_frames(texts, direct)))
    for name, judged, found in parts:
        rules = [row_expectation(check) for check in judged]
        for number, frame in enumerate(found):
            yield Question(name, f"{name}_{number}", frame, rules, quiet)
    if result.days and contract.day_rules:
        rules = [day_expectation(rule) for rule in contract.day_rules]
        yield Question(DAYS, DAYS, day_frame(contract, result), rules, quiet)


def _differences(
    contract: SourceContract, counts: Mapping[str, int], outcomes: list[Any], data_docs: Path | None
) -> dict[str, tuple[int, int]]:
    """(the gate's count, the recount) of the rules in which they differ; keeps the outcomes for the static pages."""
    recounted = dict.fromkeys(counts, 0)
    for outcome in outcomes:
        _add_counts(recounted, outcome, missing_too=outcome.suite_name == DAYS)
    if data_docs is not None:
        from pipelines.contracts.data_docs import store_results

        store_results(data_docs, contract, outcomes)
    return {rule: (counts[rule], recounted[rule]) for rule in counts if counts[rule] != recounted[rule]}


def _days_broken(rule: DayRule, result: GateResult) -> int:
    said = [text for day in result.days for text in (*day.reasons, *day.warnings)]
    return sum(text.startswith(f"{rule.name}: ") for text in said)


def _add_counts(counts: dict[str, int], outcome: Any, missing_too: bool = False) -> None:
    """Add the unexpected counts of a suite's result; an expectation that failed to run is an error, not a zero.

    Expectations skip nulls; `missing_too` counts them as broken (a day with nothing to measure).
    """
    for single in outcome.results:
        rule = single.expectation_config.meta["rule"]
        if "unexpected_count" not in single.result:
            raise RuntimeError(f"expectation of rule {rule} did not run: {str(single.exception_info)[:300]}")
        counts[rule] += int(single.result["unexpected_count"])
        if missing_too:
            counts[rule] += int(single.result.get("missing_count") or 0)


def row_expectation(check: RowCheck) -> Expected:
    """The expectation of one row rule on the frame of `frames`."""
    whole = rf"^(?:{check.argument})\Z"
    is_kept: dict[str, Any] = {"value_set": [True]}
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "required": (NOT_NULL, {}),
        "type": ("ExpectColumnValuesToMatchRegex", {"regex": whole}),
        "pattern": ("ExpectColumnValuesToMatchRegex", {"regex": whole}),
        "scale": ("ExpectColumnValuesToNotMatchRegex", {"regex": whole}),
        "characters": ("ExpectColumnValuesToNotMatchRegex", {"regex": check.argument}),
        "min_length": ("ExpectColumnValueLengthsToBeBetween", {"min_value": check.argument}),
        "max_length": ("ExpectColumnValueLengthsToBeBetween", {"max_value": check.argument}),
        "minimum": ("ExpectColumnValuesToBeBetween", {"min_value": check.argument}),
        "maximum": ("ExpectColumnValuesToBeBetween", {"max_value": check.argument}),
        "local_time": ("ExpectColumnValuesToBeInSet", is_kept),
        "row": ("ExpectColumnValuesToBeInSet", is_kept),
    }
    kind, arguments = forms[check.kind]
    column = check.rule_id
    if check.column and check.kind != "local_time":
        column = f"{check.column.name}#{'number' if check.kind in ('minimum', 'maximum') else 'text'}"
    return Expected(check.rule_id, kind, column, f"{check.rule_id}: {check.description}", arguments)


def day_expectation(rule: DayRule) -> Expected:
    """The expectation of one day rule on the frame of `day_frame`."""
    limits = {
        "min_value": rule.bound.minimum,
        "max_value": rule.bound.maximum,
        "strict_min": rule.bound.strict_minimum,
        "strict_max": rule.bound.strict_maximum,
    }
    said = f"{rule.severity}: {rule.description} Must be {rule.bound}."
    return Expected(rule.name, "ExpectColumnValuesToBeBetween", rule.name, said, limits)


def day_frame(contract: SourceContract, result: GateResult) -> pd.DataFrame:
    """One row per arrival day, one float column per day rule (NaN: nothing to measure)."""
    rows = [
        [math.nan if (v := day.day_values[rule.name]) is None else v for rule in contract.day_rules]
        for day in result.days
    ]
    columns = [rule.name for rule in contract.day_rules]
    return pd.DataFrame(rows, columns=columns, index=[day.arrival_date for day in result.days], dtype="float64")


def frames(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, checks: tuple[RowCheck, ...], landed: str
) -> Iterator[pd.DataFrame]:
    """Frames of at most CHUNK_ROWS rows with `X#text`, the typed columns that rules name, and one column per rule that
    pandas evaluates itself (local times and row conditions; True means kept).
    """
    by_name = {column.name: column.sql_type for column in contract.columns} | dict(ROW_RULE_EXTRAS)
    texts = {check.column.name for check in checks if check.column and check.kind not in ("minimum", "maximum")}
    bounds = {check.column.name for check in checks if check.column and check.kind in ("minimum", "maximum")}
    named = {name for check in checks if check.bad for name in check.bad.columns}
    wanted = [f"nullif(landed.{quoted(name)}, '') as {quoted(name + '#text')}" for name in sorted(texts)]
    wanted += [f"{_number(name, by_name[name])} as {quoted(name + '#number')}" for name in sorted(bounds)]
    wanted += [f"{_value(name, by_name[name])} as {quoted(name)}" for name in sorted(named)]
    # Both tables hold the same rows; a positional join would trust their order, so join by the row's address.
    rows: Any = con.sql(
        f"select {', '.join(wanted)} from {quoted(landed)} as landed join gate_rows as typed "
        "on landed._delivery_id = typed._delivery_id and landed._row_number = typed._row_number"
    )
    for frame in _gathered(rows.to_arrow_reader(CHUNK_ROWS)):
        for check in checks:
            if check.kind in ("row", "local_time"):
                frame[check.rule_id] = _evaluated(check, frame)
        yield frame


def text_frames(texts: duckdb.DuckDBPyConnection, checks: tuple[RowCheck, ...]) -> Iterator[pd.DataFrame]:
    """Frames of at most CHUNK_ROWS rows with `X#text` of the direct columns; they never leave the memory."""
    names = sorted({check.column.name for check in checks if check.column})
    wanted = ", ".join(f"nullif({quoted(name)}, '') as {quoted(name + '#text')}" for name in names)
    yield from _gathered(texts.sql(f"select {wanted} from {TEXTS}").to_arrow_reader(CHUNK_ROWS))


def _gathered(batches: Iterable[Any]) -> Iterator[pd.DataFrame]:
    """Arrow batches (DuckDB hands out some 120,000 rows at a time) as frames of up to CHUNK_ROWS rows."""
    held: list[pd.DataFrame] = []
    for batch in batches:
        if held and sum(map(len, held)) + batch.num_rows > CHUNK_ROWS:
            yield pd.concat(held, ignore_index=True)
            held = []
        held.append(batch.to_pandas())
    if held and sum(map(len, held)):
        yield pd.concat(held, ignore_index=True)


def _number(name: str, sql_type: str) -> str:
    """A typed column as DOUBLE (times as seconds since 1970): what the vectorised comparison takes."""
    column = f"typed.{quoted(name)}"
    return f"epoch({column})" if sql_type in ("DATE", "TIMESTAMP") else f"cast({column} as double)"


def _value(name: str, sql_type: str) -> str:
    """A typed column for conditions: text and booleans as they are, days as timestamps, numbers as DOUBLE."""
    column = f"typed.{quoted(name)}"
    if sql_type in ("VARCHAR", "BOOLEAN"):
        return column
    return f"cast({column} as timestamp)" if sql_type in ("DATE", "TIMESTAMP") else f"cast({column} as double)"


def _evaluated(check: RowCheck, frame: pd.DataFrame) -> pd.Series:
    if check.bad is not None:
        return ~is_true(check.bad, frame)
    assert check.column is not None  # local_time belongs to a column
    return _exists(frame[f"{check.column.name}#text"], str(type_regex(check.column)), str(check.column.zone))


def _exists(texts: pd.Series, regex: str, zone: str) -> pd.Series:
    """Whether readable local times exist in their zone, by Python's tz data; unreadable ones count as kept."""
    readable = texts.where(texts.str.contains(rf"^(?:{regex})\Z", na=False))
    moments = pd.to_datetime(readable, format="ISO8601")
    skipped = (
        moments.notna()
        & moments.dt.tz_localize(zone, ambiguous=np.zeros(len(moments), dtype=bool), nonexistent="NaT").isna()
    )
    return ~skipped
