"""Contract files: the part of the Open Data Contract Standard 3.1 that Almanac understands, as pydantic models.

Belongs here: the file's shape, reading it as YAML. An unknown or unsupported key is an error, never ignored. Does not
belong: what the values mean (checks.py decides that) or SQL.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from pipelines.contracts.errors import ContractError

Number = StrictInt | Annotated[float, Field(strict=True, allow_inf_nan=False)]
MAX_DEPTH = 100  # the standard's own files have 8
MAX_FILE_BYTES = 1_000_000  # our largest contract has 16 kB; a megabyte of YAML is no contract


class Shape(BaseModel):
    """Base of all file shapes: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomProperty(Shape):
    """The standard's place for what it does not name itself."""

    property: StrictStr
    value: Any
    description: StrictStr | None = None


class QualityArguments(Shape):
    """Arguments of library metrics."""

    validValues: list[StrictStr] | None = None
    properties: list[StrictStr] | None = None


class Quality(Shape):
    """One quality rule of a property or of the table."""

    name: StrictStr
    type: Literal["library", "sql"]
    description: StrictStr
    dimension: Literal["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"]
    severity: Literal["error", "warning"]
    metric: Literal["rowCount", "nullValues", "invalidValues", "duplicateValues"] | None = None
    arguments: QualityArguments | None = None
    unit: Literal["rows", "percent"] = "rows"
    query: StrictStr | None = None
    mustBe: Number | None = None
    mustBeGreaterThan: Number | None = None
    mustBeGreaterOrEqualTo: Number | None = None
    mustBeLessThan: Number | None = None
    mustBeLessOrEqualTo: Number | None = None
    mustBeBetween: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    customProperties: list[CustomProperty] = []


class LogicalTypeOptions(Shape):
    """Limits of one property; which of them fit is decided by its logical type."""

    pattern: StrictStr | None = None
    minLength: StrictInt | None = None
    maxLength: StrictInt | None = None
    minimum: Number | StrictStr | None = None
    maximum: Number | StrictStr | None = None
    format: StrictStr | None = None
    timezone: StrictBool | None = None
    defaultTimezone: StrictStr | None = None


class Relationship(Shape):
    """A foreign key of one property: `to` is `<table>.<column>` of the same source."""

    to: StrictStr
    type: Literal["foreignKey"] = "foreignKey"


class Property(Shape):
    """One delivered column."""

    name: StrictStr
    logicalType: Literal["string", "integer", "number", "boolean", "date", "timestamp"]
    physicalType: StrictStr
    description: StrictStr
    required: StrictBool = False
    primaryKey: StrictBool = False
    primaryKeyPosition: StrictInt = -1
    businessName: StrictStr | None = None
    examples: list[Any] = []
    relationships: Annotated[list[Relationship], Field(max_length=1)] = []
    logicalTypeOptions: LogicalTypeOptions = LogicalTypeOptions()
    quality: list[Quality] = []
    customProperties: list[CustomProperty] = []


class Table(Shape):
    """The one table of a source contract."""

    name: StrictStr
    physicalName: StrictStr
    physicalType: Literal["file", "table"]
    description: StrictStr
    dataGranularityDescription: StrictStr
    logicalType: Literal["object"] = "object"
    businessName: StrictStr | None = None
    properties: Annotated[list[Property], Field(min_length=1, max_length=500)]
    quality: list[Quality] = []
    customProperties: list[CustomProperty] = []


class TeamMember(Shape):
    """Who produces, consumes or looks after the data."""

    username: StrictStr
    role: StrictStr | None = None
    name: StrictStr | None = None


class Team(Shape):
    """The team behind the contract."""

    name: StrictStr
    description: StrictStr | None = None
    members: list[TeamMember] = []


class ServiceLevel(Shape):
    """One service level, such as how late a delivery may be."""

    property: StrictStr
    value: StrictStr | Number
    unit: StrictStr | None = None
    element: StrictStr | None = None
    description: StrictStr | None = None


class About(Shape):
    """What the data is for."""

    purpose: StrictStr
    usage: StrictStr | None = None
    limitations: StrictStr | None = None


class ContractFile(Shape):
    """A whole contract file."""

    apiVersion: Literal["v3.1.0"]
    kind: Literal["DataContract"]
    id: StrictStr
    version: StrictStr
    status: Literal["proposed", "draft", "active", "deprecated", "retired"]
    dataProduct: StrictStr
    description: About
    name: StrictStr | None = None
    domain: StrictStr | None = None
    tags: list[StrictStr] = []
    team: Team | None = None
    slaProperties: list[ServiceLevel] = []
    tables: Annotated[list[Table], Field(alias="schema", min_length=1, max_length=1)]


# libyaml, where PyYAML was built with it: a tenth of the time (24 contracts: 0.03 instead of 0.28 CPU s).
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(LOADER):  # type: ignore[misc]
    """Safe YAML that refuses a key given twice (YAML keeps the last one silently)."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep))


def _check_events(text: str) -> None:
    """Refuse aliases (bombs) and, before anything recurses into it, what is nested too deeply: libyaml would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):  # type: ignore[no-untyped-call]
        mark: Any = event.start_mark
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="an alias (*) is not admitted", problem_mark=mark)
        if depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested more than {MAX_DEPTH} deep", problem_mark=mark)


def read_yaml(path: Path) -> Any:
    """Plain data of a YAML file (safe subset, at most 1 MB, no aliases, no doubled keys). Raises ContractError."""
    if not path.is_file():
        raise ContractError(str(path), "there is no such file", "write the contract or correct the path")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ContractError(path.name, "the file is larger than 1 MB", "split it or remove what is no contract")
    try:
        text = path.read_text(encoding="utf-8")
        _check_events(text)
        return yaml.load(text, Loader=_UniqueKeyLoader)  # a SafeLoader
    except UnicodeDecodeError as error:
        raise ContractError(path.name, "the file is not UTF-8", "save it as UTF-8") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # ValueError: a day that is in no calendar
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        said = str(error) if isinstance(error, ValueError) else type(error).__name__
        problem = getattr(error, "problem", None) or said
        raise ContractError(f"{path.name}{line}", f"not readable as YAML ({problem})", "correct the YAML") from error


def parse_contract_file(path: Path, data: Any) -> ContractFile:
    """The file's shape out of plain data; `path` is for names and messages. Raises ContractError with one line."""
    if not isinstance(data, dict):
        raise ContractError(path.name, "the file holds no mapping", "begin with apiVersion, kind, id, version")
    try:
        return ContractFile.model_validate(data)
    except ValidationError as error:
        raise first_problem(path, error) from error


def first_problem(path: Path, error: ValidationError) -> ContractError:
    """One line for the first problem; pydantic lists all of them over many lines."""
    problem = error.errors(include_url=False)[0]
    field = ""
    for part in problem["loc"]:
        field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else str(part)
    where = f"{path.name}: {field}"
    if problem["type"] == "extra_forbidden":
        return ContractError(where, "this key is unknown or not supported", "remove it or correct its spelling")
    if problem["type"] == "missing":
        return ContractError(where, "this key is missing", "add it")
    return ContractError(where, f"{problem['msg']}, found {str(problem['input'])[:80]!r}", "correct the value")
