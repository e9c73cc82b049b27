"""Output contracts: what is read, what is refused in one line, what follows from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts.errors import ContractError
from pipelines.contracts.outputs import load_output_contract, load_output_contracts, render_output_sources
from tests.contracts.conftest import PROJECT

NAME = "ml_customers__moods"


def contract(**changes: Any) -> dict[str, Any]:
    table = {
        "name": NAME,
        "physicalName": NAME,
        "physicalType": "table",
        "description": "Moods.",
        "dataGranularityDescription": "One row per customer.",
        "properties": [
            {
                "name": "customer_id",
                "logicalType": "string",
                "physicalType": "varchar",
                "primaryKey": True,
                "primaryKeyPosition": 1,
                "description": "Who.",
            },
            {"name": "mood", "logicalType": "number", "physicalType": "double", "description": "How."},
        ],
    }
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "moods",
        "version": "1.0.0",
        "status": "active",
        "domain": "customers",
        "dataProduct": "moods",
        "description": {"purpose": "Test."},
        "schema": [{**table, **changes}],
    }


def written(folder: Path, data: dict[str, Any], name: str = NAME) -> Path:
    path = folder / f"{name}.odcs.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return path


def test_the_writers_columns_stand_around_the_models_own(tmp_path: Path) -> None:
    found = load_output_contract(written(tmp_path, contract()))
    assert [column.name for column in found.all_columns] == [
        *("as_of_date", "customer_id", "mood", "model_version", "run_id", "made_at")
    ]
    assert (found.key, found.schema) == (("as_of_date", "customer_id"), "ml")
    assert [column.required for column in found.columns] == [True, False]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "moods"}, "is not the file's name"),
        ({"name": "ml_customers__other"}, "is not the file's name"),
        (
            {"properties": [{"name": "x", "logicalType": "string", "physicalType": "text", "description": "x"}]},
            "unknown",
        ),
        (
            {
                "properties": [
                    {"name": "run_id", "logicalType": "string", "physicalType": "varchar", "description": "x"}
                ]
            },
            "stands more than once",
        ),
        ({"surprise": 1}, "unknown or not supported"),
    ],
    ids=["no domain", "other name", "type", "the writer's column", "key"],
)
def test_a_contract_that_cannot_be_kept_is_refused_in_one_line(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError, match=said) as caught:
        load_output_contract(written(tmp_path, contract(**changes)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        (None, "no domain is named; write domain: customers"),
        ("sales", "'sales' is not the domain of ml_customers__moods"),
    ],
)
def test_the_domain_is_the_contracts_and_the_name_agrees(tmp_path: Path, domain: str | None, said: str) -> None:
    assert load_output_contract(written(tmp_path, contract())).domain == "customers"
    data = {name: value for name, value in {**contract(), "domain": domain}.items() if value is not None}
    with pytest.raises(ContractError, match=said):
        load_output_contract(written(tmp_path, data))


def test_a_domain_may_have_several_words_in_its_name(tmp_path: Path) -> None:
    name = "act_store_front__offers"
    data = {**contract(name=name, physicalName=name), "domain": "store_front"}
    found = load_output_contract(written(tmp_path, data, name))
    assert (found.domain, found.schema) == ("store_front", "act")


def test_every_contract_of_the_project_describes_its_columns() -> None:
    contracts = load_output_contracts(PROJECT / "data_contracts" / "outputs")
    assert contracts
    sources = yaml.safe_load(render_output_sources(contracts))["sources"]
    columns = [column for source in sources for table in source["tables"] for column in table["columns"]]
    assert all(column["description"] and column["data_type"] for column in columns)
