"""The quality rules of a contract file, checked: which rows are bad, what a day must measure.

Belongs here: the meaning of `quality` entries; their SQL is parsed, never trusted.
Does not belong: columns (checks.py).
"""

from __future__ import annotations

from typing import Any

from pipelines.contracts.contract import ROW_RULE_EXTRAS, Bound, DayRule, RowRule
from pipelines.contracts.expression import (
    AGGREGATES,
    ARITHMETIC,
    Expression,
    ExpressionError,
    build,
    is_plain,
    parse_select,
)
from pipelines.contracts.place import SNAKE, Place, check_distinct, custom_properties
from pipelines.contracts.shapes import Quality, Table


def quality_rules(place: Place, table: Table, types: dict[str, str]) -> tuple[tuple[RowRule, ...], tuple[DayRule, ...]]:
    """All quality rules of the file: those with grain `row`, then those of an arrival day. Raises ContractError."""
    rows: list[RowRule] = []
    days: list[DayRule] = []
    found: list[tuple[Place, str | None, Quality]] = [
        (place.at(f"properties[{i}].quality[{k}]"), item.name, quality)
        for i, item in enumerate(table.properties)
        for k, quality in enumerate(item.quality)
    ]
    found += [(place.at(f"quality[{k}]"), None, quality) for k, quality in enumerate(table.quality)]
    for at, column, quality in found:
        if not SNAKE.fullmatch(quality.name):
            raise at.at("name").refuse(f"{quality.name[:60]!r} is no safe name", "use lower case letters, digits and _")
        grain = custom_properties(at, quality.customProperties, frozenset({"grain"})).get("grain", "arrival_day")
        if grain not in ("row", "arrival_day"):
            raise at.at("customProperties").refuse(f"grain {str(grain)[:40]!r} is unknown", "use row or arrival_day")
        if grain == "row":
            rows.append(_row_rule(at, column, quality, types))
        else:
            days.append(_day_rule(at, column, quality, types))
    check_distinct(place.at("quality"), [*(rule.name for rule in rows), *(rule.name for rule in days)])
    return tuple(rows), tuple(days)


def _row_rule(place: Place, column: str | None, quality: Quality, types: dict[str, str]) -> RowRule:
    """`select count(*) from ${object} where <bad>` that must be 0."""
    if column or quality.type != "sql" or quality.query is None or quality.metric or quality.arguments:
        raise place.refuse(
            "a row rule is a table-level sql rule", "move it to the table's quality with type sql and a query"
        )
    if _bound(place, quality) != Bound(0, 0) or quality.severity != "error" or quality.unit != "rows":
        raise place.refuse("a row rule quarantines every row it counts", "set mustBe: 0 and severity: error")
    known = {**types, **dict(ROW_RULE_EXTRAS)}
    try:
        node = _object_select(quality.query)
        head = build(node["select_list"][0], known)
        if head != Expression("count_star", "number") or node["where_clause"] is None:
            raise ExpressionError("it is not: select count(*) from ${object} where <what a bad row meets>")
        bad = build(node["where_clause"], known)
        if bad.kind != "boolean" or any(part.op in AGGREGATES | ARITHMETIC for part in bad.walk()):
            raise ExpressionError("its condition must compare single columns and constants")
        if not bad.columns:
            raise ExpressionError("its condition names no column")
    except ExpressionError as error:
        raise place.at("query").refuse(f"the query is refused: {error}", "rewrite it") from error
    return RowRule(quality.name, bad, " ".join(quality.description.split()), quality.dimension)


def _object_select(query: str) -> dict[str, Any]:
    """Parse tree of a one-column select from ${object} and nothing else."""
    if query.count("${object}") != 1:
        raise ExpressionError("it does not read ${object} exactly once")
    node = parse_select(query.replace("${object}", '"${object}"'))
    source = node["from_table"]
    read = source["type"] == "BASE_TABLE" and source["table_name"] == "${object}" and not source["sample"]
    qualified = read and (source["schema_name"] or source["catalog_name"] or source["at_clause"] or source["alias"])
    if not read or qualified or not is_plain(node) or len(node["select_list"]) != 1:
        raise ExpressionError("it is not a plain select of one value from ${object}")
    return node


def _day_rule(place: Place, column: str | None, quality: Quality, types: dict[str, str]) -> DayRule:
    aggregate, arguments = None, quality.arguments
    if quality.type == "sql":
        aggregate = _day_aggregate(place, column, quality, types)
    elif quality.metric is None or quality.query is not None:
        raise place.refuse("a library rule has a metric and no query", "add metric: rowCount or another")
    elif (quality.metric in ("rowCount",) and column) or (quality.metric == "nullValues" and not column):
        raise place.at("metric").refuse(
            f"{quality.metric} does not fit here", "rowCount is of the table, nullValues of a property"
        )
    properties = tuple((arguments and arguments.properties) or ())
    values = tuple((arguments and arguments.validValues) or ())
    unknown = [name for name in properties if name not in types]
    if unknown or bool(properties) != (quality.metric == "duplicateValues" and not column):
        raise place.at("arguments").refuse(
            "properties are for duplicateValues of the table", "list its column names there only"
        )
    if bool(values) != (quality.metric == "invalidValues" and bool(column)) or (
        column and values and types[column] != "VARCHAR"
    ):
        raise place.at("arguments").refuse(
            "validValues are for invalidValues of a text property", "list them there only"
        )
    return DayRule(
        name=quality.name,
        metric=quality.metric or "sql",
        bound=_bound(place, quality),
        severity=quality.severity,
        percent=quality.unit == "percent",
        description=" ".join(quality.description.split()),
        dimension=quality.dimension,
        column=column,
        properties=properties,
        valid_values=values,
        aggregate=aggregate,
    )


def _day_aggregate(place: Place, column: str | None, quality: Quality, types: dict[str, str]) -> Expression:
    if column or quality.query is None or quality.metric or quality.arguments or quality.unit != "rows":
        raise place.refuse("an sql rule belongs to the table and has a query only", "remove metric, arguments and unit")
    try:
        node = _object_select(quality.query)
        if node["where_clause"] is not None:
            raise ExpressionError("a day's value is narrowed by filter (where ...) in the aggregate, not by where")
        aggregate = build(node["select_list"][0], types)
        _check_aggregated(aggregate)
        if aggregate.kind != "number":
            raise ExpressionError("its value is no number")
    except ExpressionError as error:
        raise place.at("query").refuse(f"the query is refused: {error}", "rewrite it") from error
    return aggregate


def _check_aggregated(node: Expression) -> None:
    if node.op == "column":
        raise ExpressionError(f"{node.value} stands outside an aggregate")
    if node.op not in AGGREGATES:
        for child in node.args:
            _check_aggregated(child)


def _bound(place: Place, quality: Quality) -> Bound:
    given = {key: value for key, value in quality.model_dump(exclude_none=True).items() if key.startswith("mustBe")}
    if len(given) != 1:
        raise place.refuse("a rule has exactly one comparison (mustBe...)", "add it or remove the others")
    ((key, value),) = given.items()
    if key == "mustBeBetween":
        if value[0] >= value[1]:
            raise place.at(key).refuse("the smaller number stands first", "swap them")
        return Bound(value[0], value[1])
    return {
        "mustBe": Bound(value, value),
        "mustBeGreaterThan": Bound(minimum=value, strict_minimum=True),
        "mustBeGreaterOrEqualTo": Bound(minimum=value),
        "mustBeLessThan": Bound(maximum=value, strict_maximum=True),
        "mustBeLessOrEqualTo": Bound(maximum=value),
    }[key]
