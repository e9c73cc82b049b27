"""The rules of a contract as data and as SQL: one predicate per row rule, one measured number per day rule.

Belongs here: what is checked, under which stable id, in SQL. Does not belong: the same rules for the second engine
(expectations.py), running anything (gate.py).
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Literal

from pipelines.contracts.contract import Column, DayRule, SourceContract
from pipelines.contracts.expression import AGGREGATES, ARITHMETIC, Expression, kind_of, quoted, text_literal, to_sql
from pipelines.contracts.parse import text_name, type_regex, zoned
from pipelines.contracts.patterns import ODD_CHARACTERS, over_scale_regex

CheckKind = Literal[
    "required",
    "type",
    "scale",
    "local_time",
    "characters",
    "min_length",
    "max_length",
    "pattern",
    "minimum",
    "maximum",
    "row",
]
ROW_RULES_TABLE_DOC = {
    "required": "the value is missing",
    "type": "the text is not of the column's type",
    "scale": "more decimals than can be stored without rounding",
    "local_time": "the clock skipped this local time",
    "characters": "control, invisible or replacement characters",
    "min_length": "the text is too short",
    "max_length": "the text is too long",
    "pattern": "the text does not have the agreed form",
    "minimum": "below the agreed range",
    "maximum": "above the agreed range",
}


@dataclass(frozen=True)
class RowCheck:
    """One row rule, ready for both engines: `argument` is a pattern, a length or a number, or `bad` a condition."""

    rule_id: str
    kind: CheckKind
    column: Column | None = None
    argument: str | float | None = None
    bad: Expression | None = None
    description: str = ""


def row_checks(contract: SourceContract) -> tuple[RowCheck, ...]:
    """All row rules of a contract, ordered by rule id (`<column>:<rule>` or `row:<name>`)."""
    found = [check for column in contract.columns for check in _column_checks(column, column in zoned(contract))]
    found += [RowCheck(rule.rule_id, "row", bad=rule.bad, description=rule.description) for rule in contract.row_rules]
    return tuple(sorted(found, key=lambda check: check.rule_id))


def _column_checks(column: Column, is_local: bool) -> list[RowCheck]:
    regex, scale = type_regex(column), column.decimal_scale
    wanted: list[tuple[CheckKind, bool, str | float | None]] = [
        ("required", column.required, None),
        ("type", regex is not None, regex),
        ("scale", scale is not None, over_scale_regex(*scale) if scale else None),
        ("local_time", is_local, column.zone),
        ("characters", column.is_text, ODD_CHARACTERS),
        ("min_length", column.min_length is not None, column.min_length),
        ("max_length", column.max_length is not None, column.max_length),
        ("pattern", column.pattern is not None, column.pattern),
        ("minimum", column.minimum is not None, _limit(column, column.minimum)),
        ("maximum", column.maximum is not None, _limit(column, column.maximum)),
    ]
    return [
        RowCheck(f"{column.name}:{kind}", kind, column, argument, description=ROW_RULES_TABLE_DOC[kind])
        for kind, applies, argument in wanted
        if applies
    ]


def _limit(column: Column, value: float | str | None) -> float | None:
    """A limit as a number; for dates and timestamps seconds since 1970 in UTC (read in the column's own zone)."""
    if not isinstance(value, str):
        return value
    moment = dt.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zoneinfo.ZoneInfo(column.zone or "UTC"), fold=1)
    return moment.timestamp()


def bad_row_sql(check: RowCheck) -> str:
    """Predicate that is true for rows that break the rule (null counts as kept), over the layers of parse.py."""
    if check.bad is not None:
        return to_sql(check.bad)
    assert check.column is not None  # every kind but `row` belongs to a column
    text, name = text_name(check.column), quoted(check.column.name)
    literal = text_literal(check.argument) if isinstance(check.argument, str) else str(check.argument)
    number = f"epoch({name})" if check.column.sql_type in ("DATE", "TIMESTAMP") else name
    return {
        "required": f"{text} is null",
        "type": f"not regexp_full_match({text}, {literal})",
        "scale": f"regexp_full_match({text}, {literal})",
        "local_time": f"{quoted(check.column.name + '#local')} is not null and {name} is null",
        "characters": f"regexp_matches({text}, {literal})",
        "min_length": f"length({text}) < {literal}",
        "max_length": f"length({text}) > {literal}",
        "pattern": f"not regexp_full_match({text}, {literal})",
        "minimum": f"{number} < {literal}",
        "maximum": f"{number} > {literal}",
    }[check.kind]


def reads_landed_text(rule: DayRule, contract: SourceContract) -> bool:
    """Whether a day rule is measured on the delivered text (else on the typed rows)."""
    return rule.column is not None or (bool(rule.properties) and set(rule.properties) != set(contract.column_names))


def day_value_sql(rule: DayRule, contract: SourceContract) -> str:
    """Aggregate over one arrival day that gives the number a day rule looks at, as DOUBLE."""
    if rule.aggregate is not None:
        # Arithmetic inside an aggregate also meets the rows that its filter drops: doubles cannot overflow on them.
        numbers = (
            {c.name for c in contract.columns if kind_of(c.sql_type) == "number"} if _computes(rule.aggregate) else ()
        )
        column = {name: f"cast({quoted(name)} as double)" for name in numbers}
        narrowed = _over_passed_rows(rule.aggregate)
        return f"cast({to_sql(narrowed, lambda name: column.get(name, quoted(name)))} as double)"
    if rule.metric == "rowCount":
        return "cast(count(*) as double)"
    count = _count_sql(rule, contract)
    # Of no rows none is bad; that there are none is for a rule on their number to say.
    return f"100.0 * {count} / greatest(count(*), 1)" if rule.percent else f"cast({count} as double)"


def _computes(node: Expression) -> bool:
    """Whether an aggregate of the expression takes more than a plain column."""
    return any(arg.op in ARITHMETIC for part in node.walk() if part.op in AGGREGATES for arg in part.args)


def _count_sql(rule: DayRule, contract: SourceContract) -> str:
    if rule.column is not None:
        text = f"nullif({quoted(rule.column)}, '')"
        if rule.metric == "nullValues":
            return f"count(*) filter (where {text} is null)"
        if rule.metric == "duplicateValues":
            return f"(count({text}) - count(distinct {text}))"
        known = ", ".join(text_literal(value) for value in rule.valid_values)
        return f"count(*) filter (where {text} not in ({known}))"
    if rule.metric == "invalidValues":
        return "count(*) filter (where _outcome = 'quarantined')"
    if set(rule.properties) == set(contract.column_names):
        return "count(*) filter (where _is_copy)"
    columns = ", ".join(quoted(name) for name in rule.properties)
    return f"(count(*) - count(distinct row({columns})))"


def _over_passed_rows(node: Expression) -> Expression:
    """The aggregate narrowed to rows that broke no row rule and repeat no other row."""
    passed = Expression("column", "boolean", value="_passed")
    if node.kind == "number" and node.op in AGGREGATES:
        where = Expression("and", "boolean", (passed, node.where)) if node.where else passed
        return Expression(node.op, node.kind, node.args, where=where, distinct=node.distinct)
    return Expression(node.op, node.kind, tuple(map(_over_passed_rows, node.args)), node.value)


def day_reason(rule: DayRule, value: float | None) -> str:
    """What a verdict says about a broken day rule: its name first, then the number and the bound."""
    measured = "nothing to measure" if value is None else f"{value:.6g}{' %' if rule.percent else ''}"
    return f"{rule.name}: {measured}, must be {rule.bound}{' %' if rule.percent else ''}"
