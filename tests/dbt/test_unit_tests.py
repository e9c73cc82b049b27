"""dbt's unit tests: the logic of each model on a handful of planted rows. Parents are built empty, from nothing."""

from pathlib import Path

import pytest

from pipelines.contracts.odcs import load_source_contract
from pipelines.contracts.outputs import load_output_contracts
from pipelines.defs.dbt_build import invoke
from pipelines.defs.manifest import held_manifest
from pipelines.settings.environment import load_settings
from pipelines.store import ledger
from pipelines.store.arrivals import loading
from pipelines.store.connection import open_warehouse
from pipelines.store.statements import create_output_tables

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("shop", "least"), [("online_retail", 30), ("simulated", 27)])
def test_every_dbt_unit_test_passes(tmp_path: Path, shop: str, least: int) -> None:
    settings = load_settings(shop, tmp_path, environment={})
    home = settings.home
    home.prepare(shop)
    with open_warehouse(home.warehouse, temp_directory=home.tmp, memory_limit="1GB", threads=2) as con:
        ledger.create_tables(con)
        create_output_tables(con, load_output_contracts(settings.outputs_dir))
        for source, table, _ in settings.shop.raw_tables():
            loading.create_raw_table(con, load_source_contract(settings.contract_file(source, table)))
    target, parsed = home.dbt / "target", held_manifest(settings).parsed
    assert invoke(settings, target, ["run", "--empty"], parsed=parsed).success
    result = invoke(settings, target, ["test", "--select", "test_type:unit"], parsed=parsed)
    failed = {node.node.name: node.message for node in result.result.results if str(node.status) != "pass"}
    assert failed == {}
    assert len(result.result.results) >= least
