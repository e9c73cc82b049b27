"""What a run does to what is published: rerun, refused, failed, rolled back; and one run with nothing left out."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest

from pipelines.definitions import build_definitions
from pipelines.defs.launch import launch
from pipelines.defs.unchanged import NothingArrived, standing_outcome
from pipelines.store.connection import writer_lock
from pipelines.store.published.publication import rollback
from tests.engine.oracle import differences
from tests.engine.story import FRIDAY, MONDAY, SATURDAY, SUNDAY, THURSDAY, calm, calm_sales, sale
from tests.engine.toy import Toy
from tests.lean_runs import whole

pytestmark = pytest.mark.slow


def test_a_rerun_finds_that_nothing_changed(toy: Toy) -> None:
    version, batches = toy.manifest["version"], toy.ledger("select count(*) from ledger.batches")
    again = toy.run("backfill", THURSDAY, SUNDAY)
    assert again.success
    assert again.materialized["published/marts"] == {"version": version, "changed": False}
    assert {told["changed"] for key, told in again.materialized.items() if key.startswith("core/")} == {False}
    assert toy.manifest["version"] == version
    assert toy.ledger("select count(*) from ledger.batches") == batches


def test_days_without_any_file_are_told_before_anything_is_loaded(toy: Toy, new: Callable[[], Toy]) -> None:
    empty = new()
    with pytest.raises(NothingArrived, match="no file arrived from 2024-03-07 to 2024-03-08"):
        standing_outcome(empty.settings, [THURSDAY, FRIDAY])
    calm(empty, FRIDAY)
    assert standing_outcome(empty.settings, [THURSDAY, FRIDAY]) is None
    # A home that has loaded others, and the day on which nothing was to come.
    with pytest.raises(NothingArrived):
        standing_outcome(toy.settings, [MONDAY])
    assert standing_outcome(toy.settings, [SUNDAY]) is not None
    calm(toy, MONDAY)
    assert standing_outcome(toy.settings, [MONDAY]) is None


def test_a_second_writer_is_refused_and_told_who_holds_the_home(toy: Toy) -> None:
    calm(toy, MONDAY)
    version = toy.manifest["version"]
    with writer_lock(toy.settings.home.writer_lock, "somebody"):
        refused = toy.run("refresh", MONDAY)
    assert not refused.success
    assert refused.errors[0][0] == "LockedError"
    assert "(somebody, since " in refused.errors[0][1]
    assert toy.manifest["version"] == version
    assert toy.run("refresh", MONDAY).success
    assert differences(toy) == []


def test_a_failed_test_keeps_what_is_published_until_the_data_are_right(toy: Toy) -> None:
    """The contract admits the row, a test of the fact does not: it stands in the working file alone."""
    version, digest = toy.manifest["version"], toy.manifest["digest"]
    calm(toy, MONDAY)
    toy.put("till.sales", MONDAY, [*calm_sales(MONDAY), sale(60, MONDAY, quantity=-1)])
    failed = toy.run("refresh", MONDAY)
    assert not failed.success
    assert any("units_are_sold" in text for _, text in failed.errors) or "units_are_sold" in str(failed.warnings)
    assert toy.ledger("select quantity from core.fct_order_lines where order_id = 'S060'") == [(-1,)]
    assert (toy.manifest["version"], toy.manifest["digest"]) == (version, digest)
    toy.put("till.sales", MONDAY, calm_sales(MONDAY))
    assert toy.run("refresh", MONDAY).success
    assert differences(toy) == []


def test_a_failed_audit_keeps_what_is_published(toy: Toy) -> None:
    """A row that nobody counted: the books of a day do not close."""
    version = toy.manifest["version"]
    _in_working_file(toy, "update ledger.row_counts set row_count = row_count + 1 where delivery_id like 'till/%08/%'")
    calm(toy, MONDAY)
    failed = toy.run("refresh", MONDAY)
    name, text = failed.errors[0]
    assert name == "PublicationError"
    assert "every physical row is accounted for; first offender: delivery_id=till/sales/2024-03-08" in text
    assert toy.manifest["version"] == version
    _in_working_file(toy, "update ledger.row_counts set row_count = row_count - 1 where delivery_id like 'till/%08/%'")
    assert toy.run("refresh", MONDAY).success
    assert differences(toy) == []


def _in_working_file(toy: Toy, sql: str) -> None:
    with duckdb.connect(str(toy.settings.home.warehouse)) as con:
        con.execute(sql)


def test_a_rollback_shows_an_older_version_until_the_next_refresh(toy: Toy) -> None:
    older, digest = toy.manifest["version"], toy.manifest["digest"]
    calm(toy, MONDAY)
    assert toy.run("refresh", MONDAY).success
    newer = toy.manifest["digest"]
    rollback(toy.settings.home.published, older)
    assert (toy.manifest["version"], toy.manifest["digest"]) == (older, digest)
    assert differences(toy, [THURSDAY, FRIDAY, SATURDAY]) == []
    assert toy.run("refresh", MONDAY).success
    assert toy.manifest["digest"] == newer
    assert differences(toy) == []


def test_a_run_with_all_that_the_command_line_runs(toy: Toy) -> None:
    """With Dagster's history on disk, the second count of the gate and the report: the same tables, and a record."""
    calm(toy, MONDAY)
    with whole():
        definitions = build_definitions(toy.settings, statements=toy.statements)
        outcome = launch(toy.settings, definitions, "refresh", MONDAY, MONDAY)
    assert outcome.success, outcome.errors
    assert differences(toy) == []
    runs = toy.settings.home.dagster / "history" / "runs"
    assert (runs / f"{outcome.run_id}.db").exists()
    pages = list(toy.settings.home.data_docs.rglob("*.html"))
    assert any("till" in page.read_text() for page in pages)
    facts = json.loads((toy.settings.home.published / "current" / "manifest.json").read_text())["facts"]
    assert facts["run_id"] == outcome.run_id
