"""dbt's unit tests: the logic of each model on a handful of planted rows. Parents are built empty, from nothing; what
is generated of staging and conformed models tells their columns as they then are."""

from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.contracts.dbt_text import portable_type
from pipelines.contracts.odcs import load_source_contract
from pipelines.contracts.outputs import load_output_contracts
from pipelines.defs.dbt_build import invoke
from pipelines.defs.manifest import held_manifest
from pipelines.settings.environment import Settings, load_settings
from pipelines.store import ledger
from pipelines.store.arrivals import loading
from pipelines.store.connection import open_warehouse
from pipelines.store.statements import create_output_tables

pytestmark = pytest.mark.slow


def columns_built(warehouse: Path) -> dict[str, list[tuple[str, str]]]:
    """Name and type of the columns of every staging and conformed view of the shop's sources, in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute(
            """select table_name, column_name, data_type from information_schema.columns
            where table_schema in ('staging', 'conformed') and not starts_with(table_name, 'stg_ledger__')
                and not starts_with(table_name, 'stg_quality__')
            order by table_name, ordinal_position"""
        ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, []).append((column, portable_type(kind)))
    return found


def columns_told(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """The same as the generated YAML says."""
    models = settings.dbt_project_dir / "models"
    files = [file for source in settings.shop.sources for file in models.glob(f"*/{source}/_{source}__*.yml")]
    told = [model for file in files for model in yaml.safe_load(file.read_text()).get("models", [])]
    return {model["name"]: [(c["name"], c["data_type"]) for c in model["columns"]] for model in told}


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
    assert columns_built(home.warehouse) == columns_told(settings)
    result = invoke(settings, target, ["test", "--select", "test_type:unit"], parsed=parsed)
    failed = {node.node.name: node.message for node in result.result.results if str(node.status) != "pass"}
    assert failed == {}
    assert len(result.result.results) >= least
