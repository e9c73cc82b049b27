"""The contracts of published tables: they are exactly what the models' YAML says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts.canonical import load_vocabulary
from pipelines.contracts.errors import ContractError
from pipelines.contracts.published import render_published
from pipelines.contracts.shapes import parse_contract_file, read_yaml
from tests.contracts.conftest import PROJECT

MODELS = PROJECT / "dbt_project" / "models"
FOLDER = PROJECT / "data_contracts" / "published"
VOCABULARY = load_vocabulary(PROJECT / "data_contracts" / "vocabulary.yaml")


def test_every_published_table_has_its_contract_and_none_is_left_over() -> None:
    there = {path.name.removesuffix(".odcs.yaml"): path.read_text() for path in FOLDER.glob("*.odcs.yaml")}
    assert there == render_published(MODELS, VOCABULARY), "run `make contracts`"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.odcs.yaml")), ids=lambda path: path.name)
def test_it_has_the_form_that_all_contracts_have(path: Path) -> None:
    file = parse_contract_file(path, read_yaml(path))
    [table] = file.tables
    assert any(item.primaryKey for item in table.properties)
    assert all(item.description.strip() for item in table.properties)


def models_with(tmp_path: Path, **model: Any) -> Path:
    """A folder with one published model: a key column and what `model` says."""
    shutil.copytree(MODELS, tmp_path / "models", ignore=shutil.ignore_patterns("*.yml", "*.sql"))
    columns = [
        {"name": "day", "data_type": "date", "description": "{{ doc('arrival_date') }}"},
        {"name": "customer_id", "data_type": "string", "description": "Who."},
        {"name": "paid_amount", "data_type": "decimal(18, 4)", "description": "Paid."},
        {"name": "amount_currency", "data_type": "string", "description": "Currency.", "data_tests": ["not_null"]},
        {
            "name": "kind",
            "data_type": "string",
            "description": "Kind.",
            "data_tests": [{"accepted_values": {"arguments": {"values": ["a", "b"]}}}],
        },
    ]
    given = {"name": "rpt_x_days", "description": "One row per day.", "columns": columns}
    given |= {"config": {"meta": {"key": ["day"], "version": "2.1.0", "freshness_hours": 30}}}
    file = tmp_path / "models" / "published" / "x" / "rpt_x_days.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"version": 2, "models": [given | model]}))
    return tmp_path / "models"


def test_what_a_model_says_stands_in_its_contract(tmp_path: Path) -> None:
    data = yaml.safe_load(render_published(models_with(tmp_path), VOCABULARY)["rpt_x_days"])
    assert (data["version"], data["domain"], data["slaProperties"][0]["value"]) == ("2.1.0", "x", 30)
    [table] = data["schema"]
    found = {item["name"]: item for item in table["properties"]}
    custom = {
        name: {entry["property"]: entry["value"] for entry in item["customProperties"]} for name, item in found.items()
    }
    assert found["day"]["description"].startswith("Day on which the delivery arrived")
    assert (found["day"]["primaryKey"], found["day"]["required"]) == (True, True)
    assert custom["customer_id"]["personalData"] == "pseudonym"
    assert custom["paid_amount"]["currencyColumn"] == "amount_currency"
    assert (found["paid_amount"]["physicalType"], found["paid_amount"]["required"]) == ("DECIMAL(18,4)", False)
    assert found["amount_currency"]["required"] is True
    assert found["kind"]["quality"][0]["arguments"]["validValues"] == ["a", "b"]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"config": {}}, "config.meta.key"),
        ({"config": {"meta": {"key": ["other"]}}}, "config.meta.key"),
        ({"config": {"meta": {"key": ["day"], "version": 1.1}}}, "is no version"),
        ({"description": ""}, "not described"),
        ({"description": "{{ doc('nowhere') }}"}, "doc.*is not there"),
        ({"columns": [{"name": "day", "data_type": "blob", "description": "x"}]}, "data_type"),
        ({"columns": [{"name": "day", "data_type": "date"}]}, "not described"),
    ],
)
def test_a_model_that_says_too_little_is_refused(tmp_path: Path, model: dict[str, Any], said: str) -> None:
    given = {"config": {"meta": {"key": ["day"]}}} | model
    with pytest.raises(ContractError, match=said):
        render_published(models_with(tmp_path, **given), VOCABULARY)


@pytest.mark.parametrize("text", ["- a", "5", "models: 5", "models: [a]", "models: [{columns: []}]", "a: [", "\udcff"])
def test_a_models_yaml_of_another_shape_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "staging" / "shop" / "hand.yml"
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ContractError, match=r"hand\.yml"):
        render_published(tmp_path, VOCABULARY)
