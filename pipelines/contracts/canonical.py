"""Canonical entities: the columns that every source's orders, order lines, ... are brought to, and their vocabulary.

Belongs here: reading data_contracts/canonical/*.yaml and vocabulary.yaml.
Does not belong: how a source gets there (dbt).
"""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from pipelines.contracts.errors import ContractError
from pipelines.contracts.shapes import read_yaml

Model = TypeVar("Model", bound=BaseModel)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Shape):
    """A shared field: `name` may begin or end with * and then stands for all fields of that ending or beginning."""

    name: StrictStr
    types: tuple[StrictStr, ...]
    personal_data: Literal["pseudonym", "none"]  # behind landing there is no direct personal data, only hashes of it
    description: StrictStr


class Vocabulary(_Shape):
    """Shared field definitions (vocabulary.yaml)."""

    version: StrictStr
    terms: tuple[Term, ...]

    def term(self, name: str) -> Term | None:
        """The term for a field: its exact name first, then the first pattern that fits; None when there is none."""
        exact = [term for term in self.terms if term.name == name]
        return next(iter(exact or [term for term in self.terms if fnmatch.fnmatchcase(name, term.name)]), None)


class CanonicalColumn(_Shape):
    """One column of an entity."""

    name: StrictStr
    type: StrictStr
    description: StrictStr


class CanonicalEntity(_Shape):
    """One entity: what a row is and its columns in order."""

    entity: StrictStr
    version: StrictStr
    description: StrictStr
    columns: tuple[CanonicalColumn, ...]


def load_canonical(directory: Path) -> tuple[CanonicalEntity, ...]:
    """All entities of `directory` (data_contracts/canonical), ordered by name. Raises ContractError."""
    return tuple(_load(path, CanonicalEntity) for path in sorted(directory.glob("*.yaml")))


def canonical_columns(directory: Path, entity: str) -> list[str]:
    """The names of the entity's columns in order. Raises ContractError where `directory` has no such entity."""
    return [column.name for column in load_entity(directory, entity).columns]


def load_entity(directory: Path, entity: str) -> CanonicalEntity:
    """One entity of `directory`. Raises ContractError where there is no such, or its file is none."""
    return _load(directory / f"{entity}.yaml", CanonicalEntity)


def load_vocabulary(path: Path) -> Vocabulary:
    """The shared fields. Raises ContractError."""
    return _load(path, Vocabulary)


def _load(path: Path, shape: type[Model]) -> Model:
    try:
        return shape.model_validate(read_yaml(path))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = f"{path.name}: {'.'.join(str(part) for part in problem['loc'])}"
        raise ContractError(where, problem["msg"], "correct the file") from error
