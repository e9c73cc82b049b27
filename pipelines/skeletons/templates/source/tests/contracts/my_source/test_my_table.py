"""The rules of my_source.my_table: a bad row is held back by those that it breaks."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.contracts import load_source_contract, run_gate
from pipelines.contracts.rules import row_checks
from tests.contracts.conftest import PROJECT, land

SOURCES = PROJECT / "data_contracts" / "sources"
CONTRACT = load_source_contract(SOURCES / "my_source" / "my_table.odcs.yaml")
GOOD = {
    "my_one_id": "E0000000042",
    "occurred_at": "2011-03-07 08:30:00",
    "product_id": "SKU00042",
    "my_one_amount": "12.50",
    "amount_currency": "CNY",
}
BAD = [
    ({"my_one_id": None}, ["my_one_id:required"]),
    ({"my_one_id": "42"}, ["my_one_id:pattern"]),
    (
        {"my_one_id": "E" * 21},
        ["my_one_id:max_length", "my_one_id:pattern"],
    ),
    (
        {"my_one_id": "E00000\x00042"},
        ["my_one_id:characters", "my_one_id:pattern"],
    ),
    ({"occurred_at": None}, ["occurred_at:required"]),
    ({"occurred_at": "yesterday"}, ["occurred_at:type"]),
    ({"occurred_at": "1999-03-07 08:30:00"}, ["occurred_at:minimum"]),
    ({"occurred_at": "2011-03-09 08:30:00"}, ["row:event_after_arrival"]),
    ({"product_id": None}, ["product_id:required"]),
    ({"product_id": "a mug"}, ["product_id:pattern"]),
    ({"product_id": "A" * 41}, ["product_id:max_length"]),
    ({"product_id": "A\x00"}, ["product_id:characters", "product_id:pattern"]),
    ({"my_one_amount": None}, ["my_one_amount:required"]),
    ({"my_one_amount": "12,50"}, ["my_one_amount:type"]),
    ({"my_one_amount": "-1"}, ["my_one_amount:minimum"]),
    ({"my_one_amount": "100000001"}, ["my_one_amount:maximum"]),
    ({"my_one_amount": "1.23456"}, ["my_one_amount:scale"]),
    ({"amount_currency": None}, ["amount_currency:required"]),
    ({"amount_currency": "rmb"}, ["amount_currency:pattern"]),
    ({"amount_currency": "RMBX"}, ["amount_currency:max_length", "amount_currency:pattern"]),
    ({"amount_currency": "CN\x00"}, ["amount_currency:characters", "amount_currency:pattern"]),
]


def judged(con: duckdb.DuckDBPyConnection, *changes: dict[str, str | None]) -> list[tuple[str, list[str]]]:
    """Outcome and reasons of rows that differ from the good one."""
    land(con, CONTRACT, [GOOD | change for change in changes])
    run_gate(con, CONTRACT, landed="landed", time_zone="UTC", identical_lines="duplicate", verify=False)
    return con.execute("select _outcome, _reasons from gate_rows order by _row_number").fetchall()


def test_a_good_row_is_accepted_and_its_copy_is_a_duplicate(con: duckdb.DuckDBPyConnection) -> None:
    assert judged(con, {}, {}) == [("accepted", []), ("duplicate", [])]


@pytest.mark.parametrize(("change", "reasons"), BAD)
def test_a_bad_row_is_held_back_by_its_rules(
    con: duckdb.DuckDBPyConnection, change: dict[str, str | None], reasons: list[str]
) -> None:
    assert judged(con, change) == [("quarantined", reasons)]


def test_every_rule_is_broken_once() -> None:
    # UTC has every hour once: no local time of it is in doubt.
    rules = {check.rule_id for check in row_checks(CONTRACT)} - {"occurred_at:local_time"}
    assert {reason for _, reasons in BAD for reason in reasons} == rules
