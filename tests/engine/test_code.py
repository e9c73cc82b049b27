"""What a change of the code makes of a standing home: it ends as a home that never knew another code."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.settings.shop import Calendar
from tests.engine.oracle import differences
from tests.engine.story import MONDAY, SATURDAY, THURSDAY, calm
from tests.engine.toy import Toy

pytestmark = pytest.mark.slow

LINES = "dbt_project/models/conformed/till/cnf_till__order_lines.sql"
CUSTOMERS = "dbt_project/models/core/dim_customers"
FACT = "dbt_project/models/core/fct_order_lines"
SALES = "data_contracts/sources/till/sales.odcs.yaml"


def test_a_changed_model_is_rebuilt_throughout_with_all_that_stands_on_it(toy: Toy, tmp_path: Path) -> None:
    """The older code counts a unit too many; the newer has nothing to load but Monday."""
    older = toy.with_own_code(tmp_path / "project")
    older.changed(LINES, "        quantity,\n", "        quantity + 1 as quantity,\n")
    assert older.run("refresh", SATURDAY).success
    wrong = differences(older)
    assert {text.split()[0] for text in wrong} == {"fct_order_lines", "rpt_sales_pace"}
    older.changed(LINES, "        quantity + 1 as quantity,\n", "        quantity,\n")
    calm(older, MONDAY)
    assert older.run("refresh", MONDAY).success
    assert differences(older) == []


def test_a_changed_contract_judges_all_days_anew(toy: Toy, tmp_path: Path) -> None:
    stricter = toy.with_own_code(tmp_path / "project")
    stricter.changed(SALES, "logicalTypeOptions: {minimum: 0}", "logicalTypeOptions: {minimum: 3}")
    assert stricter.run("refresh", SATURDAY).success
    held = "select count(*), min(arrival_date), max(arrival_date) from quality.quarantined_rows"
    assert stricter.ledger(held) == [(9, THURSDAY, SATURDAY)]
    assert stricter.query("select count(*) from fct_order_lines where source_system = 'till'") == [(0,)]
    stricter.changed(SALES, "logicalTypeOptions: {minimum: 3}", "logicalTypeOptions: {minimum: 0}")
    assert stricter.run("refresh", SATURDAY).success
    assert stricter.ledger(held) == [(0, None, None)]
    assert differences(stricter) == []


def test_a_removed_model_leaves_nothing_behind_and_one_with_another_column_is_made_anew(
    toy: Toy, tmp_path: Path
) -> None:
    other = toy.with_own_code(tmp_path / "project")
    root = other.settings.project_root
    kept = {suffix: (root / f"{CUSTOMERS}.{suffix}").read_text() for suffix in ("sql", "yml")}
    for suffix in kept:
        (root / f"{CUSTOMERS}.{suffix}").unlink()
    assert other.run("refresh", SATURDAY).success
    tables = "select table_name from duckdb_tables() where schema_name = 'core' order by all"
    assert other.ledger(tables) == [("fct_order_lines",), ("fct_orders_lifecycle",)]
    assert "dim_customers" not in other.manifest["tables"]
    for suffix, text in kept.items():
        (root / f"{CUSTOMERS}.{suffix}").write_text(text)
    other.changed(
        f"{CUSTOMERS}.sql", "        count(*) as n_orders\n", "        count(*) as n_orders,\n        1 as one\n"
    )
    other.changed(
        f"{CUSTOMERS}.yml",
        "      - {name: n_orders,",
        "      - {name: one, data_type: integer, description: One.}\n      - {name: n_orders,",
    )
    assert other.run("refresh", SATURDAY).success
    assert other.query("select distinct one from dim_customers") == [(1,)]
    assert [text for text in differences(other) if not text.startswith("dim_customers")] == []


def test_another_calendar_of_the_shop_is_taken_over(toy: Toy) -> None:
    """The shop turns out to have been open on Sunday: no file came on it."""
    opened = Toy.make(toy.settings.project_root, toy.settings.home.path, calendar=Calendar())
    calm(opened, MONDAY)
    assert opened.run("refresh", MONDAY).success
    missing = [(entry["table"], entry["day"]) for entry in opened.manifest["facts"]["open_days"]]
    assert missing == [(table, "2024-03-10") for table in ("till.sales", "web.lines", "web.orders")]
    assert differences(opened) == []


def test_another_description_is_read_from_the_next_day_on_and_the_others_stay(toy: Toy, tmp_path: Path) -> None:
    """Of a table whose days are replaced, and which keeps the comments that it has."""
    other = toy.with_own_code(tmp_path / "project")
    said = """select column_name, comment from duckdb_columns()
        where table_name = 'fct_order_lines' and comment is not null order by all"""
    table = "select comment from duckdb_tables() where table_name = 'fct_order_lines'"
    before = dict(other.ledger(said))
    assert before["quantity"] == "Units."
    other.changed(f"{FACT}.yml", "description: Units.", "description: Pieces; that's all.")
    other.changed(f"{FACT}.yml", "One row per line of an order. Replaced", "One line a row. Replaced")
    calm(other, MONDAY)
    assert other.run("refresh", MONDAY).success
    for read in (other.ledger, other.query):
        assert dict(read(said)) == {**before, "quantity": "Pieces; that's all."}
        assert read(table) == [("One line a row. Replaced by ordered_date.",)]
