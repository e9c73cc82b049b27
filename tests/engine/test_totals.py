"""Control totals: each is held against the rows of its own table, and against the facts of the entity that its contract
names; money of a table that names none is none of theirs.

On the toy project with a table of payments, and the accounts of the real one (`quality_rows_daily`).
"""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts.errors import ContractError
from pipelines.contracts.generated import render_dbt_files, write_files
from pipelines.settings.environment import PROJECT_ROOT
from tests.engine.story import FRIDAY, SATURDAY, THURSDAY, calm
from tests.engine.toy import Row, Toy, make_project

pytestmark = pytest.mark.slow

ACCOUNTS = (
    "marts/quality/quality_rows_daily",
    *(f"staging/almanac/stg_ledger__{name}" for name in ("deliveries", "row_counts", "row_versions", "verdicts")),
)
PAYMENTS = """\
apiVersion: v3.1.0
kind: DataContract
id: web-payments
version: 1.0.0
status: active
dataProduct: web
description: {purpose: What was paid.}
schema:
  - name: payments
    physicalName: web__payments
    physicalType: file
    description: Payments.
    dataGranularityDescription: One row per payment.
    customProperties:
      - {property: fileFormat, value: {format: jsonl}}
      - {property: rowKey, value: [payment_id]}
      - {property: eventTimestamp, value: paid_at}
      - {property: controlTotal, value: amount}
    properties:
      - name: payment_id
        logicalType: string
        physicalType: VARCHAR
        required: true
        description: Number of the payment.
        logicalTypeOptions: {maxLength: 4}
        customProperties: [{property: personalData, value: none}]
      - name: paid_at
        logicalType: timestamp
        physicalType: TIMESTAMP
        required: true
        description: When it was paid.
        logicalTypeOptions: {format: "yyyy-MM-dd HH:mm:ss", timezone: false, defaultTimezone: Europe/Berlin}
        customProperties: [{property: personalData, value: none}]
      - name: amount
        logicalType: number
        physicalType: DECIMAL(18,4)
        required: true
        description: What was paid.
        logicalTypeOptions: {minimum: 0}
        customProperties: [{property: personalData, value: none}]
"""
# As the fact of the real project has it.
TOTAL_OF_LINES = """
      - same_total:
          name: lines_add_up_to_the_accepted_rows_that_stand
          arguments:
            expression: sum(line_amount)
            other: ref('quality_rows_daily')
            other_expression: sum(accepted_amount) - sum(superseded_amount)
            control_entity: order_lines"""


def payment(number: int, amount: str) -> Row:
    return {"payment_id": f"P{number:03d}", "paid_at": f"{THURSDAY} 14:00:00", "amount": amount}


@pytest.fixture
def paid(tmp_path: Path) -> Toy:
    """A new home of the project with payments; Thursday has come, with two of them."""
    project = make_project(tmp_path / "project")
    for name in (f"{model}.{ending}" for model in ACCOUNTS for ending in ("sql", "yml")):
        target = project / "dbt_project" / "models" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / "dbt_project" / "models" / name, target)
    (project / "data_contracts/sources/web/payments.odcs.yaml").write_text(PAYMENTS)
    for file, old, more in (
        ("shops/toy.yaml", "lines: {}", ", payments: {}"),
        ("dbt_project/models/core/fct_order_lines.yml", "arguments: {columns: *key}", TOTAL_OF_LINES),
    ):
        path = project / file
        assert path.read_text().count(old) == 1
        path.write_text(path.read_text().replace(old, old + more))
    write_files(render_dbt_files(project))
    toy = calm(Toy.make(project, tmp_path / "home"), THURSDAY)
    toy.put("web.payments", THURSDAY, [payment(1, "10.00"), payment(2, "5.50")])
    return toy


def tamper(toy: Toy, sql: str) -> None:
    with duckdb.connect(str(toy.settings.home.warehouse)) as con:
        con.execute(sql)


def amounts(toy: Toy) -> list[tuple[Any, ...]]:
    return toy.ledger(
        "select arrival_date, accepted_amount, superseded_amount, current_amount from marts.quality_rows_daily "
        "where source_system = 'web' and table_name = 'payments' order by all"
    )


def test_a_total_of_its_own_is_held_against_its_own_rows(paid: Toy) -> None:
    assert paid.run("refresh", THURSDAY).success
    calm(paid, FRIDAY)
    paid.put("web.payments", FRIDAY, [payment(2, "7.00")])
    assert paid.run("refresh", FRIDAY).success
    ten, five, seven, whole, none = map(Decimal, ("10", "5.5", "7", "15.5", "0"))
    assert amounts(paid) == [(THURSDAY, whole, five, ten), (FRIDAY, seven, none, seven)]
    version = paid.manifest["version"]
    # A cent goes from a row that stands.
    tamper(paid, "update raw.web__payments set amount = amount - 0.01 where payment_id = 'P001'")
    calm(paid, SATURDAY)
    paid.put("web.payments", SATURDAY, [payment(3, "1.00")])
    failed = paid.run("refresh", SATURDAY)
    assert not failed.success
    assert "every_delivered_row_is_accounted_for" in f"{failed.errors} {failed.warnings}"
    assert paid.manifest["version"] == version
    tamper(paid, "update raw.web__payments set amount = amount + 0.01 where payment_id = 'P001'")
    assert paid.run("refresh", SATURDAY).success


def test_a_total_that_names_an_entity_is_held_against_its_facts(paid: Toy) -> None:
    """A cent less in the lines of one source, while those of the other and the payments are right."""
    model = "dbt_project/models/conformed/web/cnf_web__order_lines.sql"
    money = "lines.quantity * lines.unit_price"
    paid.changed(model, money, f"{money} - 0.01")
    failed = paid.run("refresh", THURSDAY)
    assert not failed.success
    assert "lines_add_up_to_the_accepted_rows_that_stand" in f"{failed.errors} {failed.warnings}"


def test_a_source_of_which_no_contract_tells_the_money_is_named_before_anything_is_loaded(paid: Toy) -> None:
    """A contract of before totals named an entity: dbt's test would fail, and say neither source nor remedy."""
    contract = "data_contracts/sources/till/sales.odcs.yaml"
    paid.changed(contract, "      - {property: controlEntity, value: order_lines}\n", "")
    with pytest.raises(ContractError, match="sources/till: no contract says how much money of order_lines") as told:
        paid.run("refresh", THURSDAY)
    assert "controlEntity: order_lines" in told.value.remedy
    assert not paid.settings.home.warehouse.exists()
