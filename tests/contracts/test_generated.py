"""What is generated from contracts stands as they say, and contracts keep what all of them keep."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from pipelines.contracts.canonical import load_canonical, load_vocabulary
from pipelines.contracts.generated import found_generated, render_generated
from tests.contracts.conftest import PROJECT

pytestmark = pytest.mark.slow

ENTITIES = load_canonical(PROJECT / "data_contracts" / "canonical")
GENERATED = {str(path.relative_to(PROJECT)): text for path, text in render_generated(PROJECT).items()}


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_follows_the_contracts(name: str) -> None:
    path = PROJECT / name
    assert path.is_file() and path.read_text(encoding="utf-8") == GENERATED[name], "run `make contracts`"


def test_no_generated_file_is_left_over() -> None:
    found = {str(path.relative_to(PROJECT)) for path in found_generated(PROJECT)}
    assert found == set(GENERATED), "run `make contracts`"


def test_canonical_columns_keep_the_vocabulary() -> None:
    vocabulary = load_vocabulary(PROJECT / "data_contracts" / "vocabulary.yaml")
    wrong = [
        f"{entity.entity}.{column.name}: {column.type}"
        for entity in ENTITIES
        for column in entity.columns
        if (term := vocabulary.term(column.name)) and column.type not in term.types
    ]
    assert wrong == []


@pytest.mark.parametrize("path", sorted((PROJECT / "data_contracts").rglob("*.odcs.yaml")), ids=str)
def test_contracts_keep_the_standards_own_schema(path: Path) -> None:
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(yaml.safe_load(path.read_text()))
