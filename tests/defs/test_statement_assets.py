"""What the words' definitions declare: every output contract by one statement, versions that follow the code."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pipelines.contracts.outputs import load_output_contracts
from pipelines.defs.statements import all_statements, build_statement_assets, code_hash, model_cards
from pipelines.settings.environment import load_settings

SETTINGS = load_settings("online_retail", "/nowhere", environment={})
OUTPUTS = load_output_contracts(SETTINGS.outputs_dir)


def test_a_contract_without_a_statement_is_named() -> None:
    fewer = all_statements()[1:]
    missing = all_statements()[0].tables[0]
    with pytest.raises(ValueError, match=missing):
        build_statement_assets(SETTINGS, Path("manifest.json"), OUTPUTS, fewer)


def test_a_table_is_filled_by_one_statement_only() -> None:
    statements = [*all_statements(), all_statements()[0]]
    with pytest.raises(ValueError, match=statements[0].tables[0]):
        build_statement_assets(SETTINGS, Path("manifest.json"), OUTPUTS, statements)


def test_the_version_of_a_model_follows_its_code() -> None:
    statement = all_statements()[0]
    other = dataclasses.replace(statement, code=("reporting",))
    assert code_hash(statement) == code_hash(statement)
    assert code_hash(statement) != code_hash(other)


def test_every_model_with_scores_has_a_card() -> None:
    scored = {table.split("__")[1].removesuffix("_scores") for table in SETTINGS.score_tables}
    assert scored == {card.model for card in model_cards(all_statements())}
