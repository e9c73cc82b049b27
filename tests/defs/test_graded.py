"""What grades need of models is found by the names in the output contracts, and handed over under them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pipelines.contracts.outputs import OutputContract, load_output_contract, load_output_contracts
from pipelines.contracts.place import ContractError
from pipelines.defs.graded import GradedError, graded_functions
from pipelines.defs.statements import all_statements
from pipelines.modeling.statements import Stated, Statement
from pipelines.settings.environment import PROJECT_ROOT
from simulator.capabilities.demand.grades import FROM_SALES, LEARNT

OUTPUTS = PROJECT_ROOT / "data_contracts" / "outputs"


def beside(reading: object) -> str:
    return "a frame"


NOT_A_FUNCTION = "text"


def stated(*tables: str) -> Statement:
    def make(reading: object) -> Stated:
        return Stated({}, {})

    return replace(all_statements()[0], tables=tables, make=make)


def contract(table: str, *names: str) -> OutputContract:
    return replace(load_output_contracts(OUTPUTS)[0], table=table, graded_with=names)


def test_the_projects_contracts_name_what_the_grades_ask_for() -> None:
    found = graded_functions(load_output_contracts(OUTPUTS), all_statements())
    assert {FROM_SALES, LEARNT} <= found.keys()


def test_a_function_beside_the_statement_is_found_and_none_of_a_statement_that_is_absent() -> None:
    contracts = [contract("ml_a__b", "beside"), contract("ml_c__d", "beside")]
    statement = stated("ml_a__b")
    assert graded_functions(contracts, [statement]) == {"beside": (contracts[0].domain, statement, beside)}
    assert graded_functions(contracts, []) == {}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("nobody",), r"ml_a__b: gradedWith names nobody, which is no function of \S*test_graded$"),
        (("NOT_A_FUNCTION",), "names NOT_A_FUNCTION, which is no function"),
    ],
)
def test_a_name_that_is_no_function_is_told(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(GradedError, match=message):
        graded_functions([contract("ml_a__b", *names)], [stated("ml_a__b")])


def test_a_name_that_two_contracts_give_is_told() -> None:
    twice = [contract("ml_a__b", "beside"), contract("ml_c__d", "beside")]
    with pytest.raises(GradedError, match="ml_c__d: gradedWith names beside, as another contract does"):
        graded_functions(twice, [stated("ml_a__b", "ml_c__d")])


@pytest.mark.parametrize("value", ["learnt", ["Learnt"], ["os.system"], [1], ["learnt", "learnt"]])
def test_what_is_no_list_of_functions_is_refused(tmp_path: Path, value: object) -> None:
    file = "ml_inventory__demand_forecasts.odcs.yaml"
    content = yaml.safe_load((OUTPUTS / file).read_text())
    content["schema"][0]["customProperties"][0]["value"] = value
    (tmp_path / file).write_text(yaml.safe_dump(content))
    with pytest.raises(ContractError, match="gradedWith"):
        load_output_contract(tmp_path / file)
