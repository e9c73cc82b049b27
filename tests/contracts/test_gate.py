"""What the gate lets through, keeps and blocks."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.contracts import SourceContract, load_source_contract, run_gate
from pipelines.contracts.expression import parse_expression
from tests.contracts.conftest import DAY, GOOD, PROJECT, land, land_files

pytestmark = pytest.mark.slow

DAMAGED = PROJECT / "tests" / "fixtures" / "damaged"


def gate(con: duckdb.DuckDBPyConnection, contract: SourceContract, **options):  # type: ignore[no-untyped-def]
    defaults = {"landed": "landed", "time_zone": "Europe/London", "identical_lines": "duplicate", "verify": False}
    return run_gate(con, contract, **(defaults | options))


def test_every_real_row_passes(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    land_files(con, contract, str(PROJECT / "examples" / "online_retail" / "*.csv.gz"))
    result = gate(con, contract)
    assert result.physical_rows == 541_909
    assert result.rule_counts == {}
    assert result.outcome_count("duplicate") == 5_268
    assert result.outcome_count("accepted") == 541_909 - 5_268
    assert sum(day.amounts["accepted"] + day.amounts["duplicate"] for day in result.days) == Decimal("9747747.9340")
    assert {day.arrival_date: day.warnings for day in result.days if day.warnings} == {
        dt.date(2011, 8, 30): ("customer_id_missing_high: 87.4498 %, must be at most 80 %",)
    }


def test_each_planted_row_is_caught_by_exactly_its_rules(
    con: duckdb.DuckDBPyConnection, contract: SourceContract
) -> None:
    planted = {item["line"]: item["reasons"] for item in yaml.safe_load((DAMAGED / "expected.yaml").read_text())}
    with (DAMAGED / "2011-03-07.csv").open(encoding="utf-8", newline="") as file:
        rows = [dict(zip(contract.column_names, (v or None for v in row), strict=True)) for row in csv.reader(file)]
    land(con, contract, rows[1:])
    result = gate(con, contract, verify=True)
    found = con.execute("select _row_number + 1, _reasons from gate_rows where _outcome = 'quarantined'").fetchall()
    assert dict(found) == planted
    assert result.outcome_count("accepted") + result.outcome_count("duplicate") == 1971
    assert result.days[0].verdict == "accepted"
    assert result.days[0].warnings == (
        "country_unknown: 4, must be exactly 0",
        "quarantined_some: 2.32904 %, must be at most 1 %",
    )


def test_every_row_rule_is_planted(contract: SourceContract) -> None:
    from pipelines.contracts.rules import row_checks

    planted = {r for item in yaml.safe_load((DAMAGED / "expected.yaml").read_text()) for r in item["reasons"]}
    assert planted == {check.rule_id for check in row_checks(contract)}


def test_identical_lines(con: duckdb.DuckDBPyConnection, contract: SourceContract, judge) -> None:  # type: ignore[no-untyped-def]
    rows = [{}, {"Quantity": "5"}, {}, {}, {"_delivery": "other"}, {"CustomerID": None}, {"CustomerID": ""}]
    assert [outcome for outcome, _ in judge(rows)] == ["accepted"] * 2 + ["duplicate"] * 2 + ["accepted"] * 3
    assert con.execute("select distinct _occurrence from gate_rows").fetchall() == [(1,)]
    assert {outcome for outcome, _ in judge(rows, identical_lines="keep")} == {"accepted"}
    kept = con.execute("select _occurrence from gate_rows order by _row_number").fetchall()
    assert kept == [(1,), (1,), (2,), (3,), (1,), (1,), (1,)]


def test_a_copy_of_a_bad_row_is_a_duplicate_and_the_first_is_quarantined(judge) -> None:  # type: ignore[no-untyped-def]
    assert judge([{"Quantity": "0"}] * 2) == [
        ("quarantined", ["row:quantity_is_zero"]),
        ("duplicate", ["row:quantity_is_zero"]),
    ]


def test_columns_of_the_result(con: duckdb.DuckDBPyConnection, judge) -> None:  # type: ignore[no-untyped-def]
    judge([{"UnitPrice": "1.005"}])
    types = {name: kind for name, kind, *_ in con.execute("describe gate_rows").fetchall()}
    assert types["UnitPrice"] == "DECIMAL(18,4)"
    assert types["_amount"] == "DECIMAL(38,4)"
    assert types["_reasons"] == "VARCHAR[]"
    assert list(types)[8:] == [
        *("_row_hash", "_occurrence", "_is_ambiguous_time", "_own_event_date", "_amount", "_outcome", "_reasons"),
        *("_delivery_id", "_arrival_date", "_arrival_seq", "_row_number"),
    ]
    row = con.execute("select UnitPrice, _amount, InvoiceDate, _own_event_date from gate_rows").fetchone()
    assert row == (Decimal("1.0050"), Decimal("4.0200"), dt.datetime(2011, 3, 7, 8, 30), DAY)


def test_an_absurd_row_does_not_stop_the_load(con: duckdb.DuckDBPyConnection, judge) -> None:  # type: ignore[no-untyped-def]
    rows = judge([{"Quantity": "-2147483648", "UnitPrice": "99999999999999.9999"}, {}], verify=True)
    assert [outcome for outcome, _ in rows] == ["quarantined", "accepted"]
    amounts = con.execute("select _amount from gate_rows order by _row_number").fetchall()
    assert amounts == [(Decimal("-214748364799999999785251.6352"),), (Decimal("34.0000"),)]


def test_a_broken_day_is_blocked_whole_and_alone(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    other = DAY + dt.timedelta(days=1)
    few = [GOOD | {"Quantity": str(i + 1)} for i in range(19)]
    many = [GOOD | {"Quantity": str(i + 1), "_day": other} for i in range(250)]
    land(con, contract, few + many)
    result = gate(con, contract, verify=True)
    assert [day.verdict for day in result.days] == ["blocked", "accepted"]
    assert result.days[0].reasons == ("rows_implausibly_few: 19, must be at least 20",)
    assert result.days[0].outcomes == {"accepted": 0, "quarantined": 0, "duplicate": 0, "blocked": 19}
    assert result.days[1].outcomes["accepted"] == 250
    verdicts = con.execute("select arrival_date, verdict from gate_verdicts order by 1").fetchall()
    assert verdicts == [(DAY, "blocked"), (other, "accepted")]


def test_the_verdict_of_a_day_does_not_depend_on_the_range(
    con: duckdb.DuckDBPyConnection, contract: SourceContract
) -> None:
    days = [DAY + dt.timedelta(days=i) for i in range(6)]
    rows = []
    for n, day in enumerate(days):
        for i in range(30 * (n + 1)):
            price = "900" if n == 3 else "2.5"  # day 3 is in another unit
            country = "uk" if n == 4 and i < 60 else "France"  # day 4 has too many bad rows
            customer = None if n == 5 else "12345"
            change = {"Quantity": str(i + 1), "UnitPrice": price, "Country": country, "CustomerID": customer}
            rows.append(GOOD | change | {"_day": day, "_line": i + 1})
    land(con, contract, rows)
    together = {day.arrival_date: day for day in gate(con, contract).days}
    assert [together[day].verdict for day in days] == ["accepted"] * 3 + ["blocked"] * 3
    for day in days:
        land(con, contract, [row for row in rows if row["_day"] == day])
        assert gate(con, contract).days == (together[day],)


def test_a_day_without_rows_is_judged_when_it_is_named(
    con: duckdb.DuckDBPyConnection, contract: SourceContract
) -> None:
    land(con, contract, [])
    assert gate(con, contract).days == ()
    (day,) = gate(con, contract, arrival_dates=[DAY], verify=True).days
    assert day.verdict == "blocked"
    assert "rows_implausibly_few: 0, must be at least 20" in day.reasons
    assert "median_price_other_unit: nothing to measure, must be between 0.2 and 40" in day.reasons
    # Of no rows none is bad, whether counted or a share, by our own rule or a contract's SQL.
    assert not [text for text in (*day.reasons, *day.warnings) if text.startswith(("quarantined", "repeated"))]
    assert "cancelled_lines_many: nothing to measure, must be at most 15" in day.warnings


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("storefront/order_lines", {"quantity": "abc"}),
        ("storefront/payments", {"amount": "abc"}),
        ("storefront/fx_rates", {"rate": "abc"}),
        ("warehouse/shipments", {"created_at": "yesterday"}),
    ],
)
def test_a_day_whose_money_cannot_be_read_is_blocked_and_one_without_any_is_not(
    con: duckdb.DuckDBPyConnection, table: str, row: dict[str, str]
) -> None:
    of_shop = load_source_contract(PROJECT / "data_contracts" / "sources" / f"{table}.odcs.yaml")
    land(con, of_shop, [row | {of_shop.column_names[0]: f"{number}"} for number in range(3)])
    (day,) = gate(con, of_shop).days
    assert day.verdict == "blocked"
    assert "rows_set_aside_most: 100 %, must be at most 60 %" in day.reasons
    land(con, of_shop, [])
    (day,) = gate(con, of_shop, arrival_dates=[DAY]).days
    assert (day.verdict, day.reasons) == ("accepted", ())
    assert day.warnings == ("rows_none: 0, must be at least 1",)


def test_rows_beside_the_control_total_are_rows_without_money(
    con: duckdb.DuckDBPyConnection, contract: SourceContract
) -> None:
    types = {column.name: column.sql_type for column in contract.columns}
    of_france = dataclasses.replace(contract, day_rules=(), control_rows=parse_expression("Country = 'France'", types))
    land(con, contract, [GOOD, GOOD | {"Country": "France"}, GOOD | {"Country": None}])
    gate(con, of_france)
    found = con.execute("select _outcome, _amount from gate_rows order by _row_number").fetchall()
    assert found == [("accepted", None), ("accepted", Decimal("34.0000")), ("quarantined", None)]


def test_two_engines_that_disagree_stop_the_run(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.contracts import GateDisagreement
    from pipelines.contracts import gate as gate_module

    def blind(check):  # type: ignore[no-untyped-def]
        return "false" if check.rule_id == "Country:pattern" else original(check)

    original = gate_module.bad_row_sql
    monkeypatch.setattr(gate_module, "bad_row_sql", blind)
    land(con, contract, [GOOD, GOOD | {"Country": "uk"}])
    with pytest.raises(GateDisagreement, match="Country:pattern: SQL 0, expectations 1"):
        gate(con, dataclasses.replace(contract, day_rules=()), verify=True)


def test_static_pages_hold_counts_and_no_delivered_values(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.contracts import data_docs

    monkeypatch.setattr(data_docs, "KEPT_RUNS", 2)
    land(con, contract, [GOOD | {"Country": "secretplace"}])
    for _ in range(3):
        gate(con, contract, verify=True, data_docs=tmp_path / "docs")
    data_docs.build_pages(tmp_path / "docs")
    pages = list((tmp_path / "docs" / "site" / "validations").rglob("*.html"))
    assert len(pages) == 2 * 2  # two runs of two suites
    assert (tmp_path / "docs" / "site" / "index.html").exists()
    texts = [path.read_text() for path in (tmp_path / "docs").rglob("*") if path.suffix in (".html", ".json")]
    assert any("Country:pattern" in text for text in texts)
    assert not any("secretplace" in text for text in texts)
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


def test_pages_are_those_of_the_newest_runs_of_each_table(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.contracts import data_docs

    def pages() -> dict[str, int]:
        return {str(page.relative_to(site)): page.stat().st_mtime_ns for page in site.glob("validations/**/*.html")}

    site = tmp_path / "site"
    monkeypatch.setattr(data_docs, "KEPT_RUNS", 2)
    land(con, contract, [GOOD])
    tables = [contract, dataclasses.replace(contract, table="returns"), dataclasses.replace(contract, table="visits")]
    for table in tables:
        gate(con, table, verify=True, data_docs=tmp_path)
    data_docs.build_pages(tmp_path)
    first = pages()
    assert len(first) == len(tables) * 2
    assert all(path in (site / "index.html").read_text() for path in first)

    # What a killed run stored is rendered by the next; pages that stand are not rendered again.
    for _ in range(2):
        gate(con, tables[0], verify=True, data_docs=tmp_path)
    data_docs.build_pages(tmp_path)
    second = pages()
    assert len(second) == len(tables) * 2 + 2
    kept = {path: at for path, at in first.items() if tables[0].raw_table not in path}
    assert kept.items() <= second.items() and not {*first} - {*kept} & {*second}
    data_docs.build_pages(tmp_path)
    assert pages() == second


@pytest.mark.parametrize("wrong", [{"landed": "elsewhere"}, {"identical_lines": "drop"}, {"time_zone": "Mars/Base"}])
def test_wrong_arguments(con: duckdb.DuckDBPyConnection, contract: SourceContract, wrong: dict[str, str]) -> None:
    land(con, contract, [GOOD])
    con.execute("create temp table elsewhere as select 1 as InvoiceNo")
    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        gate(con, contract, **wrong)
