"""What readers get is what the contracts of the published tables promise: names, types, order, keys, values."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pipelines.contracts.odcs import ContractFile, parse_contract_file, read_yaml
from pipelines.settings.environment import PROJECT_ROOT
from tests import homes
from tests.house import retail
from tests.simulated_home import SimulatedHome

pytestmark = pytest.mark.slow


def test_published_versions_keep_their_contracts(simulated: SimulatedHome) -> None:
    """Each shop publishes the tables that its sources can fill; between them the shops that ship publish all."""
    contracts = sorted((PROJECT_ROOT / "data_contracts" / "published").glob("*.odcs.yaml"))
    promised = {path.name.removesuffix(".odcs.yaml"): parse_contract_file(path, read_yaml(path)) for path in contracts}
    published: set[str] = set()
    for home in (homes.made(retail.restless) / "home", simulated.home):
        with duckdb.connect(str(home / "published" / "current" / "marts.duckdb"), read_only=True) as con:
            names = {row[0] for row in con.execute("select table_name from duckdb_tables()").fetchall()}
            for name in sorted(names):
                _keeps(con, name, promised[name])
        published |= names
    assert published == set(promised)


def _keeps(con: duckdb.DuckDBPyConnection, name: str, contract: ContractFile) -> None:
    def query(sql: str) -> list[tuple[Any, ...]]:
        return con.execute(sql).fetchall()

    [table] = contract.tables
    columns = [(row[0], row[1]) for row in query(f"describe {name}")]
    assert columns == [(item.name, item.physicalType) for item in table.properties], name
    key = sorted((item.primaryKeyPosition, item.name) for item in table.properties if item.primaryKey)
    names = ", ".join(item for _, item in key)
    assert not query(f"select {names} from {name} group by all having count(*) > 1"), name
    for item in table.properties:
        if item.required:
            assert query(f"select count(*) from {name} where {item.name} is null") == [(0,)], (name, item.name)
        for rule in item.quality:
            assert rule.arguments and rule.arguments.validValues
            found = {row[0] for row in query(f"select distinct {item.name} from {name}")} - {None}
            assert found <= set(rule.arguments.validValues), (name, item.name)
