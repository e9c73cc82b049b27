"""Rows wait for their parent and are let in by the run that accepts it, whatever the order of files and runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import ContractError, load_source_contract
from pipelines.defs.ingest import others_usable
from pipelines.defs.raw import loadable_contracts
from tests.small_home import CONTRACTS, SmallHome

pytestmark = pytest.mark.slow

START = dt.date(2017, 5, 1)
DAYS = [START + dt.timedelta(days=offset) for offset in range(3)]
EXAMPLES = int(os.environ.get("ALMANAC_PROVE_EXAMPLES", "12"))
WAITING = "order_id:waiting_for_parent"
File = tuple[str, int, str, tuple[str, ...]]  # table, day, file name, ids of orders


def order(order_id: str) -> dict[str, str]:
    broken = order_id.endswith("!")
    return {
        "order_id": order_id.rstrip("!"),
        "customer_id": "c1",
        "order_status": "created",
        "order_purchase_timestamp": "yesterday" if broken else f"{START} 12:00:00",
        "order_estimated_delivery_date": f"{START} 00:00:00",
    }


def item(order_id: str) -> dict[str, str]:
    line = {"order_id": order_id, "order_item_id": "1", "product_id": "p", "seller_id": "s"}
    return {**line, "price": "1.50", "freight_value": "0.25"}


files = st.lists(
    st.tuples(
        st.sampled_from(["orders", "order_items"]),
        st.integers(0, 2),
        st.sampled_from(["a.csv", "b.csv"]),
        st.lists(st.sampled_from(["o1", "o2", "o3"]), max_size=3, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=8,
)
steps = st.lists(st.tuples(st.integers(1, 3), st.sets(st.integers(0, 2), min_size=1)), min_size=8, max_size=8)


def home_in(folder: str | Path) -> SmallHome:
    tables = ["orders", "order_items"]
    return SmallHome.make(Path(folder), "olist", tables, first_day=START, time_zone="America/Sao_Paulo", currency="BRL")


def put(home: SmallHome, file: File) -> None:
    table, day, name, ids = file
    home.put(table, DAYS[day], [order(i) if table == "orders" else item(i) for i in ids], name)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files, steps)
def test_what_waits_follows_from_what_has_arrived(delivered: list[File], plan: list[tuple[int, set[int]]]) -> None:
    """After every run: items in are those whose order was accepted by then, all others wait; a correction that takes
    an order back takes its items out again."""
    with tempfile.TemporaryDirectory() as folder:
        home = home_in(folder)
        on_disk: dict[tuple[str, int, str], tuple[str, ...]] = {}
        read: dict[tuple[str, int, str], tuple[str, ...]] = {}
        pending = list(delivered)
        for count, days in [*plan, (8, {0, 1, 2})]:
            for file in pending[:count]:
                put(home, file)
                on_disk[file[:3]] = file[3]
            pending = pending[count:]
            home.run([DAYS[day] for day in sorted(days)])
            read |= {place: ids for place, ids in on_disk.items() if place[1] in days}
            orders = {i for (table, _, _), ids in read.items() if table == "orders" for i in ids}
            items = {i for (table, _, _), ids in read.items() if table == "order_items" for i in ids}
            assert {row[0] for row in home.current("orders")} == orders
            assert {row[0] for row in home.current("order_items")} == items & orders
            waiting = {tuple(reasons) for _, _, reasons in home.held("order_items")}
            assert waiting == ({(WAITING,)} if items - orders else set())
            assert home.unaccounted() == []
        home.close()


def test_the_day_of_a_released_row_is_dirty() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = home_in(folder)
        put(home, ("order_items", 0, "a.csv", ("o1", "o2")))
        home.run(DAYS[:1])
        home.con.execute("delete from ledger.dirty_days")
        put(home, ("orders", 2, "a.csv", ("o1",)))
        home.run(DAYS[2:])
        dirty = home.con.execute("select event_date from ledger.dirty_days where table_name = 'order_items_by_day'")
        assert dirty.fetchall() == [(DAYS[0],)]
        assert home.held("order_items") == [(DAYS[0], 2, [WAITING])]
        home.close()


def test_an_order_in_quarantine_holds_its_items_back_until_it_comes_right() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = home_in(folder)
        put(home, ("orders", 0, "a.csv", ("o1!",)))
        put(home, ("order_items", 0, "a.csv", ("o1",)))
        home.run(DAYS)
        assert [reasons for _, _, reasons in home.held("order_items")] == [[WAITING]]
        put(home, ("orders", 0, "a.csv", ("o1",)))
        home.run(DAYS[:1])
        assert home.held("order_items") == []
        assert [row[0] for row in home.current("order_items")] == ["o1"]
        home.close()


@pytest.mark.parametrize(
    ("child", "parent", "message"),
    [
        ("relationships: [{to: nosuch.order_id}]", "", "which the shop does not load"),
        ("relationships: [{to: orders.nosuch}]", "", "which the shop does not load"),
        ("relationships: [{to: orders.order_purchase_timestamp}]", "", "but one is VARCHAR, the other TIMESTAMP"),
        (None, "relationships: [{to: order_items.order_id}]", "which waits for it in turn"),
        ("relationships: [{to: order_items.order_id}]", "", "a table cannot wait for itself"),
        ("relationships: [{to: orders}]", "", "is no <table>.<column>"),
        ('relationships: [{to: "orders.order_id\'; drop table x"}]', "", "is no <table>.<column>"),
    ],
)
def test_a_parent_that_cannot_be_waited_for_is_refused(
    tmp_path: Path, child: str | None, parent: str, message: str
) -> None:
    folder = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, folder)
    items, orders = (folder / "sources" / "olist" / f"{name}.odcs.yaml" for name in ("order_items", "orders"))
    standing = "relationships: [{to: orders.order_id}]"
    items.write_text(items.read_text().replace(standing, child or standing))
    if parent:
        place = "        description: The order id.\n"
        orders.write_text(orders.read_text().replace(place, f"{place}        {parent}\n", 1))
    home = home_in(tmp_path / "home")
    with pytest.raises(ContractError, match=message):
        loadable_contracts(dataclasses.replace(home.settings, contracts=folder))
    home.close()


def test_rows_wait_by_a_text_or_a_whole_number_alone(tmp_path: Path) -> None:
    """A waiting row keeps what was delivered: `1.5` and `1.50` are one price, and as texts two."""
    folder = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, folder)
    items = folder / "sources" / "olist" / "order_items.odcs.yaml"
    text = "description: The price.\n"
    items.write_text(items.read_text().replace(text, f"{text}        relationships: [{{to: orders.order_id}}]\n"))
    with pytest.raises(ContractError, match="rows cannot wait by price, a number; use a key"):
        load_source_contract(items)


def test_a_broken_table_holds_no_day_back_while_another_is_usable(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    orders, items = home.contracts

    def usable() -> tuple[bool, bool]:
        return tuple(others_usable(home.con, home.settings, contract, DAYS[:1]) for contract in (orders, items))  # type: ignore[return-value]

    assert usable() == (False, False)
    home.put("order_items", DAYS[0], [item("o1")])
    assert usable() == (True, False)  # items are there to be read; of orders nothing has come
    home.run(DAYS[:1])
    assert usable() == (True, False)
    home.close()


def test_files_of_a_day_that_was_missing_so_far_hold_it_open_for_the_other_tables(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    home.put("orders", DAYS[1], [order("o1")])
    home.run(DAYS[1:2])
    assert not others_usable(home.con, home.settings, home.contracts[0], DAYS[:1])
    home.put("order_items", DAYS[0], [item("o1")])
    assert others_usable(home.con, home.settings, home.contracts[0], DAYS[:1])
    home.close()
