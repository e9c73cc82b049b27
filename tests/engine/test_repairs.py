"""A corrected row lands, and is published, as if it had been right the first day; so does what an edited file holds."""

from __future__ import annotations

import pytest

from pipelines.contracts.odcs import load_source_contract
from pipelines.store.arrivals.quarantine import quarantined
from pipelines.store.arrivals.repair_files import CorrectedRow
from pipelines.store.arrivals.repairs import record_rows
from pipelines.store.connection import open_warehouse, transaction, writer_lock
from tests.engine.oracle import differences
from tests.engine.story import FRIDAY, SATURDAY, calm, calm_sales
from tests.engine.toy import Toy

pytestmark = pytest.mark.slow


def corrected(toy: Toy, **right: str) -> None:
    """Record a repair of every row of the till that is held back."""
    settings = toy.settings
    contract = load_source_contract(settings.contract_file("till", "sales"))
    with writer_lock(settings.home.writer_lock, "a repair"), open_warehouse(**settings.working_file) as con:
        rows = [
            CorrectedRow(row.delivery_id, row.row_number, {**row.values, **right}, number)
            for number, row in enumerate(quarantined(con, "till", "sales"), 2)
        ]
        with transaction(con):
            record_rows(
                con,
                contract,
                rows,
                made_by="Ada",
                reason="the till was fixed by hand",
                raw_dir=settings.home.raw,
                private_dir=settings.home.private,
                time_zone=settings.shop.time_zone,
                first_day=settings.shop.first_day,
            )


def test_repaired_rows_are_published_as_if_they_had_been_right(toy: Toy, standing: Toy) -> None:
    broken = [{**row, "quantity": "many"} for row in calm_sales(FRIDAY)]
    toy.put("till.sales", FRIDAY, broken)
    assert toy.run("backfill", FRIDAY, SATURDAY).success
    assert toy.query("select count(*) from fct_order_lines where ordered_date = '2024-03-08'") == [(2,)]
    assert differences(toy) == []
    corrected(toy, quantity="1")
    assert toy.run("backfill", FRIDAY, SATURDAY).success
    assert toy.digests == standing.digests
    calm(toy, FRIDAY)  # the till's own correction, of equal rows, takes the place of the repair
    assert toy.run("backfill", FRIDAY, SATURDAY).success
    assert toy.digests == standing.digests
    assert differences(toy) == []
