"""From the file's shape to a contract that can be trusted: everything unsafe or contradictory is refused by name.

Belongs here: the meaning of the keys, whitelists of names, types, zones and patterns.
Does not belong: the file's shape (odcs.py) and SQL (parse.py, rules.py).
"""

from __future__ import annotations

import re
import zoneinfo
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr, ValidationError

from pipelines.contracts.contract import ROW_RULE_EXTRAS, Bound, Column, DayRule, FileFormat, RowRule, SourceContract
from pipelines.contracts.errors import ContractError
from pipelines.contracts.expression import (
    AGGREGATES,
    ARITHMETIC,
    Expression,
    ExpressionError,
    build,
    is_plain,
    parse_expression,
    parse_select,
)
from pipelines.contracts.odcs import ContractFile, CustomProperty, Property, Quality, Table
from pipelines.contracts.patterns import PatternError, check_format, check_pattern, timestamp_regex

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)
SNAKE = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}", re.ASCII)
DECIMAL_TYPE = re.compile(r"DECIMAL\(([0-9]{1,2}),([0-9]{1,2})\)", re.ASCII)
TYPES_OF = {
    "string": {"VARCHAR"},
    "integer": {"INTEGER", "BIGINT"},
    "number": {"DOUBLE", "DECIMAL(p,s)"},
    "boolean": {"BOOLEAN"},
    "date": {"DATE"},
    "timestamp": {"TIMESTAMP"},
}
OPTIONS_OF = {
    "string": {"pattern", "minLength", "maxLength"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "boolean": set(),
    "date": {"format", "minimum", "maximum"},
    "timestamp": {"format", "minimum", "maximum", "timezone", "defaultTimezone"},
}
# Doubles hold integers exactly up to here; the second engine counts in doubles.
EXACT_IN_DOUBLE = 2**53
COLUMN_PROPERTIES = frozenset({"personalData"})
TABLE_PROPERTIES = frozenset(
    {"fileFormat", "rowKey", "documentKey", "eventTimestamp", "controlTotal", "sourceUpdatedAt"}
)


class _FileFormatShape(BaseModel):
    model_config = ConfigDict(extra="forbid")
    format: StrictStr
    encoding: StrictStr
    delimiter: StrictStr
    quote: StrictStr = '"'
    escape: StrictStr = '"'
    header: StrictBool = True


class _Place:
    """Where we are in the file, for messages."""

    def __init__(self, path: Path, field: str = "") -> None:
        self.path, self.field = path, field

    def at(self, field: str) -> _Place:
        return _Place(self.path, f"{self.field}.{field}" if self.field else field)

    def refuse(self, what: str, remedy: str) -> ContractError:
        return ContractError(f"{self.path.name}: {self.field}", what, remedy)


def to_source_contract(path: Path, file: ContractFile) -> SourceContract:
    """Check `file` (read from `path`) throughout and return the contract. Raises ContractError."""
    table, place = file.tables[0], _Place(path)
    _check_names(place, path, file, table)
    at = place.at("schema[0]")
    columns = tuple(_column(at.at(f"properties[{i}]"), item) for i, item in enumerate(table.properties))
    _check_distinct(at.at("properties"), [column.name.lower() for column in columns])
    custom = _custom(at, table.customProperties, TABLE_PROPERTIES)
    types = {column.name: column.sql_type for column in columns}
    row_rules, day_rules = _rules(at, table, types)
    event, updated = (_timestamp_name(at, custom, key, types) for key in ("eventTimestamp", "sourceUpdatedAt"))
    return SourceContract(
        source=file.dataProduct,
        table=table.name,
        version=file.version,
        description=table.description,
        row_description=table.dataGranularityDescription,
        columns=columns,
        file_format=_file_format(at, custom),
        row_key=_key(at, custom, "rowKey", {*types, "_row_hash", "_occurrence"}),
        document_key=_key(at, custom, "documentKey", set(types)) if "documentKey" in custom else (),
        event_timestamp=event,
        source_updated_at=updated,
        control_total=_control_total(at, custom, types),
        row_rules=row_rules,
        day_rules=day_rules,
        freshness_hours=_freshness(place, file),
    )


def _check_names(place: _Place, path: Path, file: ContractFile, table: Table) -> None:
    for field, name in (("dataProduct", file.dataProduct), ("schema[0].name", table.name)):
        if not SNAKE.fullmatch(name):
            raise place.at(field).refuse(f"{name[:60]!r} is no safe name", "use lower case letters, digits and _")
    if table.physicalName != f"{file.dataProduct}__{table.name}":
        at = place.at("schema[0].physicalName")
        raise at.refuse(
            f"{table.physicalName[:60]!r} is not <source>__<table>", f"write {file.dataProduct}__{table.name}"
        )
    if not VERSION.fullmatch(file.version):
        raise place.at("version").refuse(f"{file.version[:40]!r} is no version", "write three numbers such as 1.0.0")
    if (path.parent.name, path.name) != (file.dataProduct, f"{table.name}.odcs.yaml"):
        raise place.at("schema[0].name").refuse(
            f"the file is not called {file.dataProduct}/{table.name}.odcs.yaml", "rename the file or the table"
        )


def _check_distinct(place: _Place, names: list[str]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise place.refuse(f"{doubled[0]!r} stands more than once (case is ignored)", "rename or remove one")


def _custom(place: _Place, items: list[CustomProperty], known: frozenset[str]) -> dict[str, Any]:
    at = place.at("customProperties")
    for item in items:
        if item.property not in known:
            raise at.refuse(f"{item.property[:60]!r} is unknown", f"use one of {', '.join(sorted(known))}")
    _check_distinct(at, [item.property for item in items])
    return {item.property: item.value for item in items}


def _column(place: _Place, item: Property) -> Column:
    """Check one property and turn it into a column."""
    if not IDENTIFIER.fullmatch(item.name):
        raise place.at("name").refuse(
            f"{item.name[:60]!r} is no safe column name", "use letters, digits and _, beginning with a letter"
        )
    _check_type(place, item)
    personal = _custom(place, item.customProperties, COLUMN_PROPERTIES).get("personalData")
    if personal not in ("direct", "pseudonym", "none"):
        raise place.at("customProperties").refuse(
            f"{item.name} has no personal-data class", "add personalData: direct, pseudonym or none"
        )
    if not item.description.strip():
        raise place.at("description").refuse(f"{item.name} is not described", "say what it holds")
    options = item.logicalTypeOptions
    at = place.at("logicalTypeOptions")
    given = options.model_dump(exclude_none=True)
    wrong = sorted(set(given) - OPTIONS_OF[item.logicalType])
    if wrong:
        raise at.refuse(f"{wrong[0]} does not fit logicalType {item.logicalType}", "remove it")
    _check_text_options(at, item)
    _check_bounds(at, item)
    if item.logicalType in ("date", "timestamp"):
        _check_time_options(at, item)
    return Column(
        name=item.name,
        sql_type=item.physicalType,
        description=" ".join(item.description.split()),
        required=item.required,
        personal_data=personal,
        pattern=options.pattern,
        min_length=options.minLength,
        max_length=options.maxLength,
        minimum=options.minimum,
        maximum=options.maximum,
        format=options.format,
        zone=options.defaultTimezone,
        has_offset=bool(options.timezone),
    )


def _check_type(place: _Place, item: Property) -> None:
    at, admitted = place.at("physicalType"), TYPES_OF[item.logicalType]
    decimal = DECIMAL_TYPE.fullmatch(item.physicalType)
    if decimal and "DECIMAL(p,s)" in admitted:
        precision, scale = int(decimal[1]), int(decimal[2])
        if not 1 <= precision <= 38 or not 0 <= scale <= min(precision, 18):
            raise at.refuse(f"{item.physicalType} is out of range", "use a precision to 38 and a scale to 18")
        return
    if item.physicalType not in admitted:
        raise at.refuse(
            f"{item.physicalType[:60]!r} is no type of logicalType {item.logicalType}",
            f"use {' or '.join(sorted(admitted))}",
        )


def _check_text_options(place: _Place, item: Property) -> None:
    options = item.logicalTypeOptions
    if item.logicalType != "string":
        return
    if options.maxLength is None or not 1 <= options.maxLength <= 1_000_000:
        raise place.at("maxLength").refuse(f"{item.name} has no limit of length", "add a maxLength from 1 to 1000000")
    if options.minLength is not None and not 0 <= options.minLength <= options.maxLength:
        raise place.at("minLength").refuse("it is not between 0 and maxLength", "correct it")
    if options.pattern is not None:
        try:
            check_pattern(options.pattern)
        except PatternError as error:
            raise place.at("pattern").refuse(str(error), "use a plain regular expression (RE2, ASCII)") from error


def _check_bounds(place: _Place, item: Property) -> None:
    options = item.logicalTypeOptions
    for key in ("minimum", "maximum"):
        value = getattr(options, key)
        if value is None:
            continue
        if item.logicalType in ("integer", "number"):
            if isinstance(value, str) or abs(value) > EXACT_IN_DOUBLE:
                raise place.at(key).refuse(f"{str(value)[:40]!r} is no number up to 2^53", "write a plain number")
        elif not isinstance(value, str) or not re.fullmatch(timestamp_regex(options.format or "yyyy-MM-dd"), value):
            raise place.at(key).refuse(
                f"{str(value)[:40]!r} does not keep the format", "write it in quotes like the data"
            )
    low, high = options.minimum, options.maximum
    if low is not None and high is not None and low > high:  # type: ignore[operator]  # same type: checked above
        raise place.at("minimum").refuse("it is above maximum", "swap them")


def _check_time_options(place: _Place, item: Property) -> None:
    options = item.logicalTypeOptions
    if item.logicalType == "date":
        if options.format not in (None, "yyyy-MM-dd"):
            raise place.at("format").refuse(f"{options.format!r} is not supported", "deliver yyyy-MM-dd")
        return
    try:
        offset = check_format(options.format or "")
    except PatternError as error:
        raise place.at("format").refuse(str(error), "use for example yyyy-MM-dd HH:mm:ss") from error
    if offset != bool(options.timezone):
        raise place.at("timezone").refuse(
            "it contradicts the format", "timezone: true needs XXX in the format, false none"
        )
    if offset and options.defaultTimezone is not None:
        raise place.at("defaultTimezone").refuse("the text carries its own offset", "remove it")
    if not offset and options.defaultTimezone not in zoneinfo.available_timezones():
        zone = str(options.defaultTimezone)[:60]
        raise place.at("defaultTimezone").refuse(
            f"{zone!r} is no time zone", "name the zone of this timestamp, such as Europe/London"
        )


def _rules(place: _Place, table: Table, types: dict[str, str]) -> tuple[tuple[RowRule, ...], tuple[DayRule, ...]]:
    rows: list[RowRule] = []
    days: list[DayRule] = []
    found: list[tuple[_Place, str | None, Quality]] = [
        (place.at(f"properties[{i}].quality[{k}]"), item.name, quality)
        for i, item in enumerate(table.properties)
        for k, quality in enumerate(item.quality)
    ]
    found += [(place.at(f"quality[{k}]"), None, quality) for k, quality in enumerate(table.quality)]
    for at, column, quality in found:
        if not SNAKE.fullmatch(quality.name):
            raise at.at("name").refuse(f"{quality.name[:60]!r} is no safe name", "use lower case letters, digits and _")
        grain = _custom(at, quality.customProperties, frozenset({"grain"})).get("grain", "arrival_day")
        if grain not in ("row", "arrival_day"):
            raise at.at("customProperties").refuse(f"grain {str(grain)[:40]!r} is unknown", "use row or arrival_day")
        if grain == "row":
            rows.append(_row_rule(at, column, quality, types))
        else:
            days.append(_day_rule(at, column, quality, types))
    _check_distinct(place.at("quality"), [rule.name for rule in (*rows, *days)])
    return tuple(rows), tuple(days)


def _row_rule(place: _Place, column: str | None, quality: Quality, types: dict[str, str]) -> RowRule:
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


def _day_rule(place: _Place, column: str | None, quality: Quality, types: dict[str, str]) -> DayRule:
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


def _day_aggregate(place: _Place, column: str | None, quality: Quality, types: dict[str, str]) -> Expression:
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


def _bound(place: _Place, quality: Quality) -> Bound:
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


def _file_format(place: _Place, custom: dict[str, Any]) -> FileFormat:
    at = place.at("customProperties.fileFormat")
    try:
        shape = _FileFormatShape.model_validate(custom.get("fileFormat"))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise at.refuse(f"{key} {problem['msg']}", "give format, encoding, delimiter, quote, escape, header") from error
    if shape.format != "csv" or shape.encoding.lower() not in ("utf-8", "utf8"):
        raise at.refuse("only csv in utf-8 is supported", "deliver that")
    characters = (shape.delimiter, shape.quote, shape.escape)
    if any(len(character) != 1 or character in "\r\n\0" for character in characters) or shape.delimiter == shape.quote:
        raise at.refuse("delimiter, quote and escape are single, sensible characters", "correct them")
    return FileFormat("csv", "utf-8", shape.delimiter, shape.quote, shape.escape, shape.header)


def _key(place: _Place, custom: dict[str, Any], key: str, known: set[str]) -> tuple[str, ...]:
    value = custom.get(key)
    named = isinstance(value, list) and value and all(isinstance(name, str) and name in known for name in value)
    if not named or len(set(value)) != len(value):  # type: ignore[arg-type]  # a list: checked the line before
        raise place.at(f"customProperties.{key}").refuse("it is no list of this table's columns", "list column names")
    return tuple(value)  # type: ignore[arg-type]


def _timestamp_name(place: _Place, custom: dict[str, Any], key: str, types: dict[str, str]) -> str | None:
    name = custom.get(key)
    if name is not None and (not isinstance(name, str) or types.get(name) not in ("TIMESTAMP", "DATE")):
        raise place.at(f"customProperties.{key}").refuse(
            f"{str(name)[:60]!r} is no timestamp of this table", "name one"
        )
    return name


def _control_total(place: _Place, custom: dict[str, Any], types: dict[str, str]) -> Expression | None:
    text = custom.get("controlTotal")
    if text is None:
        return None
    at = place.at("customProperties.controlTotal")
    try:
        total = parse_expression(str(text), types)
    except ExpressionError as error:
        raise at.refuse(f"the expression is refused: {error}", "rewrite it") from error
    inexact = any(types[name] == "DOUBLE" for name in total.columns)
    if total.kind != "number" or any(part.op in AGGREGATES | {"/"} for part in total.walk()) or inexact:
        raise at.refuse(
            "money is added, subtracted and multiplied from exact columns", "use +, -, * on integers and decimals"
        )
    if _scale(total, types) > 4:
        raise at.refuse("it has more than four decimals", "narrow the scale of its columns")
    return total


def _scale(node: Expression, types: dict[str, str]) -> int:
    """Decimals that the exact value of an arithmetic expression may have."""
    if node.op == "column":
        sql_type = types[str(node.value)]
        return int(sql_type[8:-1].split(",")[1]) if sql_type.startswith("DECIMAL") else 0
    if node.op == "literal":
        return max(0, -int(node.value.as_tuple().exponent))  # type: ignore[union-attr]  # numbers are Decimal
    scales = [_scale(child, types) for child in node.args]
    return sum(scales) if node.op == "*" else max(scales)


def _freshness(place: _Place, file: ContractFile) -> float | None:
    hours = {"h": 1.0, "hours": 1.0, "d": 24.0, "days": 24.0}
    for i, level in enumerate(file.slaProperties):
        if level.property == "latency":
            at = place.at(f"slaProperties[{i}]")
            if isinstance(level.value, str) or level.value <= 0 or level.unit not in hours:
                raise at.refuse("latency is a positive number of h or d", "correct value and unit")
            return float(level.value) * hours[level.unit]
    return None
