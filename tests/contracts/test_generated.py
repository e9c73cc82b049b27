"""What is generated from contracts, or must agree with them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from pipelines.contracts import load_source_contracts
from pipelines.contracts.canonical import load_canonical, load_vocabulary
from pipelines.contracts.dbt_sources import render_dbt_sources, sources_path
from pipelines.contracts.dictionary import render_data_dictionary
from pipelines.contracts.outputs import load_output_contracts, output_sources_path, render_output_sources
from pipelines.contracts.published import render_published
from pipelines.contracts.row_versions import render_row_versions, row_versions_paths
from tests.contracts.conftest import PROJECT

CONTRACTS = load_source_contracts(PROJECT / "data_contracts" / "sources")
ENTITIES = load_canonical(PROJECT / "data_contracts" / "canonical")
OUTPUTS = load_output_contracts(PROJECT / "data_contracts" / "outputs")
MODELS = PROJECT / "dbt_project" / "models"


@pytest.mark.parametrize("source", sorted({contract.source for contract in CONTRACTS}))
def test_dbt_sources_follow_the_contracts(source: str) -> None:
    members = [contract for contract in CONTRACTS if contract.source == source]
    assert sources_path(MODELS, source).read_text() == render_dbt_sources(members), "run `make contracts`"


@pytest.mark.parametrize("source", sorted({contract.source for contract in CONTRACTS}))
def test_the_counts_of_row_versions_follow_the_contracts(source: str) -> None:
    members = [contract for contract in CONTRACTS if contract.source == source]
    found = tuple(path.read_text() for path in row_versions_paths(MODELS, source))
    assert found == render_row_versions(members), "run `make contracts`"


def test_the_sources_of_statements_follow_the_contracts() -> None:
    assert output_sources_path(MODELS).read_text() == render_output_sources(OUTPUTS), "run `make contracts`"


def test_the_data_dictionary_follows_the_contracts() -> None:
    page = (PROJECT / "docs" / "data_dictionary.md").read_text()
    vocabulary = load_vocabulary(PROJECT / "data_contracts" / "vocabulary.yaml")
    published = [yaml.safe_load(text) for text in render_published(MODELS, vocabulary).values()]
    assert page == render_data_dictionary(CONTRACTS, ENTITIES, OUTPUTS, published), "run `make contracts`"


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.entity)
def test_conformed_models_output_the_canonical_columns(entity) -> None:  # type: ignore[no-untyped-def]
    paths = sorted((MODELS / "conformed").glob(f"*/cnf_*__{entity.entity}.yml"))
    assert paths
    for path in paths:
        (model,) = yaml.safe_load(path.read_text())["models"]
        found = [(column["name"], column["data_type"]) for column in model["columns"]]
        assert found == [(column.name, column.type) for column in entity.columns], path.name


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
