"""A dbt model as its YAML describes it: columns with types, what its rows rest on.

Belongs here: the part of the YAML that skeletons are made from, and refusing one that lacks it. Does not belong here:
reading YAML (pipelines.contracts.dbt_text), which model is meant (project.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from pipelines.contracts.dbt_text import read_dbt_yaml
from pipelines.contracts.errors import ContractError
from pipelines.contracts.shapes import first_problem
from pipelines.store.published.lineage import entities_behind


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Lines(_Read):
    of: StrictStr = "order_lines"
    lines: dict[str, Any] = {}


class _RestsOn(_Lines):
    also: tuple[_Lines, ...] = ()


class _Meta(_Read):
    rests_on: _RestsOn = _RestsOn()


class _Config(_Read):
    meta: _Meta = _Meta()


class ModelColumn(_Read):
    """A column of a dbt model as its YAML declares it."""

    name: StrictStr
    type: StrictStr = Field(alias="data_type")


class DbtModel(_Read):
    """A dbt model: its columns, and what its `config.meta` says that rows follow from."""

    columns: tuple[ModelColumn, ...]
    config: _Config = _Config()

    @property
    def entities_behind(self) -> tuple[str, ...]:
        """The conformed entities that its rows rest on."""
        return entities_behind(self.config.meta.rests_on.model_dump(exclude_unset=True))


def read_model(file: Path, name: str) -> DbtModel:
    """The model of a name out of a YAML file. Raises ContractError."""
    told = next((model for model in read_dbt_yaml(file).get("models") or [] if model["name"] == name), None)
    if told is None:
        raise ContractError(file.name, f"it describes no model {name}", "correct the name below its models")
    try:
        return DbtModel.model_validate(told)
    except ValidationError as error:
        raise first_problem(file, error) from error
