"""My system: rows of every day, of articles of the catalogue, in files beside those of the others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from simulator.arguments import Arguments
from tests.simulator.conftest import Shop, simulated
from tests.simulator.test_files import hashes

SMALL = Arguments(seed=5, days=12, customers=120)
TRUTH = "my_system_my_table"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return simulated(tmp_path_factory.mktemp("small"), SMALL, systems=["storefront", "my_system"])


def test_the_truth_has_rows_of_every_day_and_files_hold_them(small: Shop) -> None:
    (found,) = duckdb.sql(f"""
        select count(distinct cast(occurred_at + interval 8 hours as date)), count(*),
            count(distinct my_one_id),
            min(my_one_amount) > 0, bool_and(amount_currency = 'CNY')
        from {small.key.sql(TRUTH)}
    """).fetchall()
    n_days, n_rows, n_ids, *holds = found
    assert (n_days, n_rows, holds) == (SMALL.days, n_ids, [True, True])
    files = (small.drops / "my_system" / "my_table").glob("*/*.csv")
    sent = "\n".join(file.read_text() for file in files)
    due = f"select my_one_id from {small.key.sql(TRUTH)} where due_date <= '{SMALL.last}'"
    ids = [row_id for (row_id,) in duckdb.sql(due).fetchall()]
    assert ids and all(row_id in sent for row_id in ids)


def test_its_articles_are_those_of_the_catalogue(small: Shop) -> None:
    unknown = f"""
        select count(*) from {small.key.sql(TRUTH)} anti join {small.key.sql("sku_truths")} on product_id = sku
    """
    assert duckdb.sql(unknown).fetchall() == [(0,)]


def test_the_files_of_the_others_are_the_same_without_it(small: Shop, tmp_path: Path) -> None:
    alone = simulated(tmp_path, SMALL, systems=["storefront"])
    theirs = {name: told for name, told in hashes(small.drops).items() if "my_system/" not in name}
    assert hashes(alone.drops) == theirs
