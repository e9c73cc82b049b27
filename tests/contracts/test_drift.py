"""Contract drift is named: what changed, how much of it, and no word of a person."""

from __future__ import annotations

import dataclasses

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import SourceContract, run_gate
from pipelines.contracts.check_classes import class_of
from pipelines.contracts.drift import Evidence, header_words, name_drift, renamed, shape_of
from tests.contracts.conftest import GOOD, land

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


def with_name(old: str, new: str) -> list[str]:
    return [new if name == old else name for name in COLUMNS]


@pytest.mark.parametrize(
    ("found", "pairs"),
    [
        (with_name("UnitPrice", "Price"), [("UnitPrice", "Price")]),
        (with_name("CustomerID", "customer_id"), [("CustomerID", "customer_id")]),
        (with_name("Country", "Ship To"), [("Country", "Ship To")]),  # by its place alone
        ([*COLUMNS[:-1]], []),
        ([*COLUMNS, "Channel"], []),
        (["Region", *COLUMNS[:-1]], []),  # gone at the end, new at the beginning, nothing alike
        (list(reversed(COLUMNS)), []),
        ([*with_name("UnitPrice", "Price"), "UnitPriceNet"], [("UnitPrice", "UnitPriceNet")]),
    ],
)
def test_a_renamed_column_is_told_from_one_that_is_gone(found: list[str], pairs: list[tuple[str, str]]) -> None:
    assert renamed(COLUMNS, found) == pairs
    assert header_words(COLUMNS, found) == (f"looks renamed: {pairs[0][0]} -> {pairs[0][1]}" if pairs else "")


@given(st.permutations(COLUMNS), st.integers(0, 7), st.text(min_size=1, max_size=30))
def test_only_missing_and_unknown_names_are_paired_and_each_once(names: list[str], place: int, new: str) -> None:
    found = [*names[:place], new, *names[place + 1 :]]
    pairs = renamed(COLUMNS, found)
    assert len(pairs) <= 1
    for old, other in pairs:
        assert (old, other) == (names[place], new)


@given(st.text())
def test_a_shape_holds_no_letter_and_no_digit_of_the_value(value: str) -> None:
    assert not {char for char in shape_of(value) if char.isalnum()} - {"a", "9"}


def gated(con: duckdb.DuckDBPyConnection, contract: SourceContract, change: dict[str, str | None], share: float = 1.0):  # type: ignore[no-untyped-def]
    rows: list[dict[str, object]] = [
        {**GOOD, "Quantity": str(n + 1), **(change if n < 300 * share else {})} for n in range(300)
    ]
    land(con, contract, rows)
    result = run_gate(con, contract, landed="landed", time_zone="Europe/London", identical_lines="keep", verify=False)
    return result.days[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"UnitPrice": "2,55"}, "drift: UnitPrice is no longer DECIMAL(18,4) in 100 % of rows, e.g. 9,99"),
        ({"UnitPrice": "2.123456"}, "drift: UnitPrice is no longer DECIMAL(18,4) in 100 % of rows, e.g. 9.999999"),
        ({"InvoiceDate": "07/03/2011 08:30"},
         "drift: InvoiceDate is no longer TIMESTAMP in 100 % of rows, e.g. 99/99/9999 99:99"),
        ({"InvoiceNo": "INV-536365-X"},
         "drift: key InvoiceNo has lost its agreed form in 100 % of rows, e.g. aaa-999999-a"),
        ({"CustomerID": "Jo Smith"}, "drift: CustomerID has lost its agreed form in 100 % of rows, e.g. aa aaaaa"),
        ({"Country": None}, "drift: Country is empty in 100 % of rows"),
    ],
)  # fmt: skip
def test_a_drifted_column_blocks_its_day_and_is_named(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, change: dict[str, str | None], said: str
) -> None:
    day = gated(con, contract, change)
    assert day.verdict == "blocked"
    assert [reason for reason in day.reasons if reason.startswith("drift")] == [said]
    assert "Smith" not in " ".join(day.reasons)
    checks = con.execute("select check_class, is_broken from gate_checks where rule like 'drift:%'").fetchall()
    assert checks == [("schema", True)]


def test_slips_are_no_drift(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    day = gated(con, contract, {"UnitPrice": "2,55"}, share=0.3)
    assert not [text for text in (*day.reasons, *day.warnings) if text.startswith("drift")]


def test_new_values_are_named_and_the_day_is_read(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    day = gated(con, contract, {"Country": "Atlantis"}, share=0.1)
    assert day.verdict == "accepted"
    assert "drift: Country has new values: Atlantis (30)" in day.warnings


def test_new_values_of_a_person_are_only_counted(contract: SourceContract) -> None:
    evidence = Evidence(100, {}, {}, {"CustomerID": {"Jo Smith": 2, "Ann Lee": 1}})
    assert [drift.text for drift in name_drift(contract, evidence)] == ["drift: CustomerID has 2 new values in 3 rows"]


def test_a_key_that_repeats_is_named(contract: SourceContract) -> None:
    keyed = dataclasses.replace(contract, row_key=("InvoiceNo", "StockCode"))
    [found] = name_drift(keyed, Evidence(100, {}, {}, {}, repeated_keys=98))
    assert found.text == "drift: key InvoiceNo, StockCode is no longer unique: 98 % of rows repeat another's"
    assert name_drift(contract, Evidence(100, {}, {}, {}, repeated_keys=98)) == ()  # its key needs the loader's numbers


def test_every_day_rule_has_its_class(contract: SourceContract) -> None:
    found = {rule.name: class_of(rule, contract) for rule in contract.day_rules}
    assert found == {
        **dict.fromkeys(("rows_few", "rows_implausibly_few", "rows_many", "rows_implausibly_many"), "volume"),
        **dict.fromkeys(("repeated_lines_many", "repeated_lines_half"), "volume"),
        **dict.fromkeys(("quarantined_some", "quarantined_too_many", "country_unknown"), "schema"),
        **dict.fromkeys(("customer_id_missing_high", "customer_id_missing_almost_all"), "distribution"),
        **dict.fromkeys(("median_price_unusual", "median_price_other_unit", "mean_price_unusual"), "distribution"),
        "cancelled_lines_many": "distribution",
    }
