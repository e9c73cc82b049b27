"""Output contracts: what a table of statements (`ml_*`, `act_*`) holds, and the dbt sources that follow from them.

Belongs here: reading `data_contracts/outputs/<table>.odcs.yaml` and rendering their dbt sources. Does not belong: the
tables themselves (pipelines.store.statements), nor what is delivered to the shop (odcs.py, checks.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts.place import Place, check_distinct, custom_properties
from pipelines.contracts.shapes import Property, Table, parse_contract_file, read_yaml

TYPES = {"boolean", "integer", "bigint", "double", "date", "varchar", "decimal(18, 4)"}
NAME = re.compile(r"(ml|act)_([a-z][a-z0-9_]*?)__([a-z][a-z0-9_]{0,60})", re.ASCII)
# What the writer of statements adds to every row: (name, type, description). The first leads every key.
AS_OF = ("as_of_date", "date", "The day whose knowledge the statement rests on; nothing later was read.")
MADE = (
    ("model_version", "varchar", "Name of the method and hash of the code that made the statement."),
    ("run_id", "varchar", "The run that made the statement; for audit only."),
    ("made_at", "timestamp", "When the statement was made, UTC; for audit only."),
)
GRADED_WITH = "gradedWith"
FUNCTION = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
HEADER = "# Generated from data_contracts/outputs by `make contracts`. Edit the contract, not this file.\n"


@dataclass(frozen=True)
class OutputColumn:
    """One column of a table of statements; `type` is DuckDB's."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True)
class OutputContract:
    """One table of statements. `columns` are the model's own; the writer's stand around them in the table.

    `domain` is whose statement it is; `model` names the model in scores and cards; `key` is the whole key, the as-of
    date first. `graded_with` names functions that stand beside the model's statement: each makes, of what the statement
    is made of, a frame that a grade needs and nobody is told.
    """

    table: str
    domain: str
    model: str
    version: str
    description: str
    columns: tuple[OutputColumn, ...]
    key: tuple[str, ...]
    graded_with: tuple[str, ...] = ()

    @property
    def schema(self) -> str:
        """`ml` for predictions, `act` for actions: the first part of the table's name."""
        return self.table.split("_", 1)[0]

    @property
    def all_columns(self) -> tuple[OutputColumn, ...]:
        """The table's columns in order, the writer's included."""
        first, *rest = (OutputColumn(name, kind, True, text) for name, kind, text in (AS_OF, *MADE))
        return (first, *self.columns, *rest)


def load_output_contract(path: Path) -> OutputContract:
    """Read and check one contract. Raises ContractError with one clear line."""
    file = parse_contract_file(path, read_yaml(path))
    [table] = file.tables
    place = Place(path, "schema[0]")
    named = NAME.fullmatch(table.name)
    if not named or f"{table.name}.odcs.yaml" != path.name:
        raise place.at("name").refuse(
            f"{table.name!r} is not the file's name or not ml_<domain>__<prediction>",
            f"rename {path.name} or the table",
        )
    if file.domain is None or file.domain != named[2]:
        said = "no domain is named" if file.domain is None else f"{file.domain!r} is not the domain of {table.name}"
        raise Place(path, "domain").refuse(said, f"write domain: {named[2]}, or rename the table")
    added = [AS_OF[0], *(name for name, _, _ in MADE)]
    check_distinct(place.at("properties"), [*added, *(item.name.lower() for item in table.properties)])
    keys = sorted((item.primaryKeyPosition, item.name) for item in table.properties if item.primaryKey)
    return OutputContract(
        table=table.name,
        domain=file.domain,
        model=file.dataProduct,
        version=file.version,
        description=" ".join(f"{table.description} {table.dataGranularityDescription}".split()),
        columns=tuple(_column(place.at(f"properties[{n}]"), item) for n, item in enumerate(table.properties)),
        key=(AS_OF[0], *(name for _, name in keys)),
        graded_with=_graded_with(place, table),
    )


def _graded_with(place: Place, table: Table) -> tuple[str, ...]:
    names = custom_properties(place, table.customProperties, frozenset({GRADED_WITH})).get(GRADED_WITH, [])
    at = place.at(f"customProperties.{GRADED_WITH}")
    if not isinstance(names, list) or not all(isinstance(name, str) and FUNCTION.fullmatch(name) for name in names):
        raise at.refuse("it is no list of names of functions", "list functions beside the model's statement")
    check_distinct(at, names)
    return tuple(names)


def _column(place: Place, item: Property) -> OutputColumn:
    kind = item.physicalType.lower()
    if kind not in TYPES:
        raise place.at("physicalType").refuse(f"{item.physicalType!r} is unknown", f"use one of {sorted(TYPES)}")
    required = item.required or item.primaryKey
    return OutputColumn(item.name, kind, required, " ".join(item.description.split()))


def load_output_contracts(directory: Path) -> tuple[OutputContract, ...]:
    """All output contracts of a folder, ordered by table; none when there is no such folder. Raises ContractError."""
    return tuple(load_output_contract(path) for path in sorted(directory.glob("*.odcs.yaml")))


def render_output_sources(contracts: Iterable[OutputContract]) -> str:
    """YAML text of the dbt sources `ml` and `act` of one domain (`contracts` are all of it), every column with type and
    description."""
    schemas: dict[str, list[dict[str, Any]]] = {}
    for contract in sorted(contracts, key=lambda contract: contract.table):
        schemas.setdefault(contract.schema, []).append(
            {
                "name": contract.table,
                "description": contract.description,
                "config": {"meta": {"contract": f"outputs/{contract.table}", "key": list(contract.key)}},
                "columns": [
                    {"name": column.name, "data_type": column.type, "description": column.description}
                    for column in contract.all_columns
                ],
            }
        )
    sources = [{"name": schema, "schema": schema, "tables": tables} for schema, tables in sorted(schemas.items())]
    return HEADER + yaml.dump({"version": 2, "sources": sources}, sort_keys=False, width=110, allow_unicode=True)


def output_sources_path(models: Path, domain: str) -> Path:
    """Where the generated file of a domain lies below dbt_project/models."""
    return models / "published" / domain / f"_{domain}__outputs.yml"
