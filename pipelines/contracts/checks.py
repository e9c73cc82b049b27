"""From the file's shape to a contract that can be trusted: everything unsafe or contradictory is refused by name.

Belongs here: the meaning of the keys, whitelists of names, types, zones and patterns.
Does not belong: the file's shape (odcs.py) and SQL (parse.py, rules.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr, ValidationError

from pipelines.contracts.contract import Column, FileFormat, Parent, SourceContract
from pipelines.contracts.control_totals import CONTROL_PROPERTIES, control_entity, control_rows, control_total
from pipelines.contracts.direct import check_direct_use
from pipelines.contracts.patterns import PatternError, check_format, check_pattern, time_zones, timestamp_regex
from pipelines.contracts.place import SNAKE, Place, check_distinct, custom_properties
from pipelines.contracts.quality_checks import quality_rules
from pipelines.contracts.shapes import ContractFile, Property, Table
from pipelines.contracts.staged import STAGED_AS, TRIMMED, is_trimmed, staged_as

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)
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
COLUMN_PROPERTIES = frozenset({"personalData", STAGED_AS, TRIMMED})
TABLE_PROPERTIES = frozenset(
    {"fileFormat", "rowKey", "documentKey", "eventTimestamp", "sourceUpdatedAt", *CONTROL_PROPERTIES}
)


class _FileFormatShape(BaseModel):
    model_config = ConfigDict(extra="forbid")
    format: StrictStr
    encoding: StrictStr
    delimiter: StrictStr
    quote: StrictStr = '"'
    escape: StrictStr = '"'
    header: StrictBool = True


def to_source_contract(path: Path, file: ContractFile) -> SourceContract:
    """Check `file` (read from `path`) throughout and return the contract. Raises ContractError."""
    table, place = file.tables[0], Place(path)
    _check_names(place, path, file, table)
    at = place.at("schema[0]")
    columns = tuple(_column(at.at(f"properties[{i}]"), item) for i, item in enumerate(table.properties))
    check_distinct(at.at("properties"), [column.name.lower() for column in columns])
    custom = custom_properties(at, table.customProperties, TABLE_PROPERTIES)
    types = {column.name: column.sql_type for column in columns}
    row_rules, day_rules = quality_rules(at, table, types)
    event, updated = (_timestamp_name(at, custom, key, types) for key in ("eventTimestamp", "sourceUpdatedAt"))
    contract = SourceContract(
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
        control_total=control_total(at, custom, types),
        row_rules=row_rules,
        day_rules=day_rules,
        freshness_hours=_freshness(place, file),
        parents=_parents(at, table),
        control_rows=control_rows(at, custom, types),
        control_entity=control_entity(at, custom),
    )
    check_direct_use(at, contract)
    return contract


def _parents(at: Place, table: Table) -> tuple[Parent, ...]:
    """The foreign keys of the properties, each to one column of another table of the source."""
    found = []
    for number, item in enumerate(table.properties):
        for relationship in item.relationships:
            parent_table, _, parent_column = relationship.to.partition(".")
            if not SNAKE.fullmatch(parent_table) or not IDENTIFIER.fullmatch(parent_column):
                raise at.at(f"properties[{number}].relationships[0].to").refuse(
                    f"{relationship.to[:60]!r} is no <table>.<column>", "name a table of the same source, as orders.id"
                )
            if parent_table == table.name:
                raise at.at(f"properties[{number}].relationships[0].to").refuse(
                    "a table cannot wait for itself", "remove the relationship"
                )
            # A waiting row keeps its key as delivered text; of these types one value is written in one way alone.
            if item.logicalType not in ("string", "integer"):
                raise at.at(f"properties[{number}].relationships").refuse(
                    f"rows cannot wait by {item.name}, a {item.logicalType}",
                    "use a key of logicalType string or integer",
                )
            found.append(Parent(item.name, parent_table, parent_column))
    return tuple(found)


def _check_names(place: Place, path: Path, file: ContractFile, table: Table) -> None:
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


def _column(place: Place, item: Property) -> Column:
    """Check one property and turn it into a column."""
    if not IDENTIFIER.fullmatch(item.name):
        raise place.at("name").refuse(
            f"{item.name[:60]!r} is no safe column name", "use letters, digits and _, beginning with a letter"
        )
    _check_type(place, item)
    custom = custom_properties(place, item.customProperties, COLUMN_PROPERTIES)
    personal = custom.get("personalData")
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
    if item.logicalType in ("date", "timestamp"):
        _check_time_options(at, item)  # first: bounds are read by the format
    _check_bounds(at, item)
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
        staged_as=staged_as(place, item, custom),
        is_trimmed=is_trimmed(place, item, custom),
    )


def _check_type(place: Place, item: Property) -> None:
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


def _check_text_options(place: Place, item: Property) -> None:
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


def _check_bounds(place: Place, item: Property) -> None:
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


def _check_time_options(place: Place, item: Property) -> None:
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
    if not offset and options.defaultTimezone not in time_zones():
        zone = str(options.defaultTimezone)[:60]
        raise place.at("defaultTimezone").refuse(
            f"{zone!r} is no time zone", "name the zone of this timestamp, such as Europe/London"
        )


def _file_format(place: Place, custom: dict[str, Any]) -> FileFormat:
    at, given = place.at("customProperties.fileFormat"), custom.get("fileFormat")
    given = given if isinstance(given, dict) else {}
    name = given.get("format")
    if name is not None and name not in ("csv", "jsonl", "parquet"):
        raise at.refuse(f"{str(name)[:40]!r} is no format that can be read", "deliver csv, jsonl or parquet")
    if name == "jsonl" or name == "parquet":
        if more := sorted(map(str, set(given) - {"format"})):
            raise at.refuse(f"{more[0][:40]} says nothing of a {name} file", "remove it: format alone is enough")
        return FileFormat(name)
    try:
        shape = _FileFormatShape.model_validate(given)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise at.refuse(f"{key} {problem['msg']}", "give format, encoding, delimiter, quote, escape, header") from error
    if shape.encoding.lower() not in ("utf-8", "utf8"):
        raise at.refuse("only csv in utf-8 is supported", "deliver that")
    if (shape.quote, shape.escape, shape.header) != ('"', '"', True):
        raise at.refuse('csv is read with quote and escape " and a header', "deliver that")
    if len(shape.delimiter) != 1 or shape.delimiter in '\r\n\0"':
        raise at.refuse("the delimiter is no single, sensible character", "correct it")
    return FileFormat("csv", "utf-8", shape.delimiter, shape.quote, shape.escape, shape.header)


def _key(place: Place, custom: dict[str, Any], key: str, known: set[str]) -> tuple[str, ...]:
    value = custom.get(key)
    named = isinstance(value, list) and value and all(isinstance(name, str) and name in known for name in value)
    if not named or len(set(value)) != len(value):  # type: ignore[arg-type]  # a list: checked the line before
        raise place.at(f"customProperties.{key}").refuse("it is no list of this table's columns", "list column names")
    return tuple(value)  # type: ignore[arg-type]


def _timestamp_name(place: Place, custom: dict[str, Any], key: str, types: dict[str, str]) -> str | None:
    name = custom.get(key)
    if name is not None and (not isinstance(name, str) or types.get(name) not in ("TIMESTAMP", "DATE")):
        raise place.at(f"customProperties.{key}").refuse(
            f"{str(name)[:60]!r} is no timestamp of this table", "name one"
        )
    return name


def _freshness(place: Place, file: ContractFile) -> float | None:
    hours = {"h": 1.0, "hours": 1.0, "d": 24.0, "days": 24.0}
    for i, level in enumerate(file.slaProperties):
        if level.property == "latency":
            at = place.at(f"slaProperties[{i}]")
            if isinstance(level.value, str) or level.value <= 0 or level.unit not in hours:
                raise at.refuse("latency is a positive number of h or d", "correct value and unit")
            return float(level.value) * hours[level.unit]
    return None
