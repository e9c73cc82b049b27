"""Which held rows came right in a later file; see test_repairs.py for drawn histories of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.contracts.odcs import load_source_contract
from pipelines.settings.environment import PROJECT_ROOT
from pipelines.store.arrivals import quarantine
from tests.small_home import SmallHome

START = dt.date(2025, 1, 1)
DAYS = [START + dt.timedelta(days=number) for number in range(4)]
Row = dict[str, str | None]
MakeHome = Callable[[str], SmallHome]

PRODUCT: Row = {
    "sku": "SKU00001",
    "updated_at": "2025-01-01 06:00:00",
    "spu": "SPU00001",
    "name": "茶",
    "name_en": "Tea",
    "brand": "B",
    "category_l1": "tea",
    "category_l2": "tea",
    "unit_cost": "1.5000",
    "pack_size": "1",
    "is_eco": "true",
    "launched_on": "2024-12-31",
    "status": "active",
}
PRICE: Row = {
    "sku": "SKU00001",
    "price_date": "2025-01-01",
    "list_price": "49.00",
    "sale_price": "49.00",
    "currency": "CNY",
    "promotion_id": None,
}


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[MakeHome]:
    """Homes of one table of the simulated shop, under its real contract."""
    made = []

    def make(table: str) -> SmallHome:
        home = SmallHome.make(
            tmp_path, "storefront", ["orders"], first_day=START, time_zone="Asia/Shanghai", currency="CNY"
        )
        contract = load_source_contract(PROJECT_ROOT / f"data_contracts/sources/storefront/{table}.odcs.yaml")
        home.contracts = [dataclasses.replace(contract, parents=(), day_rules=())]
        home.settings = dataclasses.replace(home.settings, contracts=PROJECT_ROOT / "data_contracts")
        home.settings = dataclasses.replace(home.settings, shop=home.settings.shop.model_copy(update={"sources": {
            "storefront": {table: home.settings.shop.sources["storefront"]["orders"]}}}))  # fmt: skip
        made.append(home)
        return home

    yield make
    for home in made:
        home.close()


def came_right(home: SmallHome) -> dict[str, tuple[int, int]]:
    home.run(DAYS)
    return {held.rule: (held.rows, held.came_right) for held in quarantine.counts(home.con, home.contracts)}


def test_a_local_time_in_a_key_is_its_moment(make_home: MakeHome) -> None:
    home = make_home("products")
    home.put("products", DAYS[0], [PRODUCT | {"unit_cost": "cheap"}])
    # 06:00 in Shanghai is 22:00 of the day before in UTC; what is written as 14:00 is another version.
    home.put("products", DAYS[1], [PRODUCT | {"updated_at": "2025-01-01 14:00:00"}])
    assert came_right(home) == {"unit_cost:type": (1, 0)}
    home.put("products", DAYS[2], [PRODUCT])
    assert came_right(home) == {"unit_cost:type": (1, 1)}


def test_a_later_row_of_the_same_file_is_no_later_file(make_home: MakeHome) -> None:
    home = make_home("prices")
    home.put("prices", DAYS[0], [PRICE | {"list_price": "abc"}, PRICE])
    assert came_right(home) == {"list_price:type": (1, 0)}
    home.put("prices", DAYS[1], [PRICE], "again.csv")
    assert came_right(home) == {"list_price:type": (1, 1)}


def test_a_row_whose_key_is_doubtful_is_no_other_row(make_home: MakeHome) -> None:
    """A price of the day after tomorrow is wrong, and the true price of that day does not make it right."""
    home = make_home("prices")
    home.put("prices", DAYS[0], [PRICE | {"price_date": f"{DAYS[2]}"}])
    home.put("prices", DAYS[2], [PRICE | {"price_date": f"{DAYS[2]}"}])
    assert came_right(home) == {"row:event_after_arrival": (1, 0)}
