"""dbt's unit tests: the logic of each model on a handful of planted rows. Parents are built empty, from nothing."""

import pytest

from pipelines.contracts.odcs import load_source_contract
from pipelines.contracts.outputs import load_output_contracts
from pipelines.defs.dbt import invoke, target_path
from pipelines.warehouse import ledger, loading
from pipelines.warehouse.connection import open_warehouse
from pipelines.warehouse.statements import create_output_tables
from tests.shop_under_test import MakeShop

pytestmark = pytest.mark.slow


def test_every_dbt_unit_test_passes(make_shop: MakeShop) -> None:
    settings = make_shop().settings
    contract = load_source_contract(settings.contract_file("online_retail", "transactions"))
    home = settings.home
    with open_warehouse(home.warehouse, temp_directory=home.tmp, memory_limit="1GB", threads=2) as con:
        ledger.create_tables(con)
        create_output_tables(con, load_output_contracts(settings.outputs_dir))
        loading.create_raw_table(con, contract)
    target = target_path(settings)
    assert invoke(settings, target, ["run", "--empty"]).success
    result = invoke(settings, target, ["test", "--select", "test_type:unit"])
    failed = {node.node.name: node.message for node in result.result.results if str(node.status) != "pass"}
    assert failed == {}
    assert len(result.result.results) >= 17
