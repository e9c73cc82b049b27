"""The generated counts of row versions: every table of the source, its money as the contract says it."""

from __future__ import annotations

import dataclasses

import jinja2
import pytest

from pipelines.contracts import load_source_contracts
from pipelines.contracts.contract import SourceContract
from pipelines.contracts.expression import Expression
from pipelines.contracts.row_versions import render_row_versions
from tests.contracts.conftest import PROJECT

CONTRACTS = load_source_contracts(PROJECT / "data_contracts" / "sources")


def counted(*contracts: SourceContract) -> tuple[str, dict[str, str | None]]:
    """What the model gives to its macro: the source, and the money of each table as SQL."""
    found: list[tuple[str, dict[str, str | None]]] = []

    def row_versions(source: str, tables: dict[str, str | None]) -> str:
        found.append((source, tables))
        return ""

    model = render_row_versions(contracts)
    jinja2.Template(model).render(config=lambda **_: "", var=lambda _: [], row_versions=row_versions, none=None)
    (one,) = found
    return one


def of(source: str) -> list[SourceContract]:
    return [contract for contract in CONTRACTS if contract.source == source]


@pytest.mark.parametrize("source", sorted({contract.source for contract in CONTRACTS}))
def test_every_table_is_counted_and_has_money_where_its_contract_names_a_total(source: str) -> None:
    told, tables = counted(*reversed(of(source)))
    assert told == source
    assert list(tables) == sorted(contract.table for contract in of(source))
    assert {name for name, money in tables.items() if money} == {
        contract.table for contract in of(source) if contract.control_total
    }


def test_money_counts_only_the_rows_that_the_contract_counts() -> None:
    _, tables = counted(*of("storefront"))
    assert tables["refunds"] == "case when (currency = 'CNY') then (0 - amount) end"


@pytest.mark.parametrize(
    ("name", "written"), [("paid", "paid"), ("UnitPrice", "UnitPrice"), ("order", '"order"'), ("a b", '"a b"')]
)
def test_a_name_that_sql_would_misread_is_quoted(name: str, written: str) -> None:
    contract = dataclasses.replace(of("online_retail")[0], control_total=Expression("column", "number", value=name))
    assert counted(contract)[1] == {"transactions": written}
