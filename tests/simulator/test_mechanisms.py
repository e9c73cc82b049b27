"""Single mechanisms: filling from stock, sharing a coupon out, calendars, and that the shop looks like one."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.arguments import Arguments, SimulationError
from simulator.catalogue import make_catalogue
from simulator.dirt.files import days_for_rows, strikes
from simulator.festivals import festival_on, is_quiet, span
from simulator.orders import _share_out
from simulator.people import TYPES, make_people
from simulator.stock import Stock
from simulator.streams import stream
from simulator.systems import all_systems, tables_of
from tests.simulator.conftest import Shop

pytestmark = pytest.mark.slow

ORDERS = next(table for table in tables_of(all_systems()) if (table.system, table.name) == ("storefront", "orders"))
SMALL = Arguments(days=5, customers=100)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=30),
    st.lists(st.integers(0, 20), min_size=4, max_size=4),
)
def test_stock_gives_in_the_order_of_requests_down_to_nothing(wishes: list[tuple[int, int]], held: list[int]) -> None:
    stock = Stock(SMALL, make_catalogue(SMALL.seed))
    stock.available[:4] = held
    given_units = stock.fill(
        np.array([place for place, _ in wishes], dtype=np.int64),
        np.array([units for _, units in wishes], dtype=np.int64),
    )
    left, expected = list(held), []
    for place, units in wishes:
        expected.append(min(units, left[place]))
        left[place] -= expected[-1]
    assert given_units.tolist() == expected
    assert stock.available[:4].tolist() == left


@given(st.lists(st.lists(st.integers(100, 100_000), min_size=1, max_size=6), min_size=1, max_size=8), st.floats(0, 0.3))
def test_a_coupon_is_shared_out_to_the_cent_and_no_line_below_nothing(orders: list[list[int]], share: float) -> None:
    order = np.array([n for n, lines in enumerate(orders) for _ in lines])
    worth = np.array([cents for lines in orders for cents in lines])
    total = np.array([sum(lines) for lines in orders])
    coupon = (total * share).astype(np.int64)
    parts = _share_out(coupon, order, worth, total)
    assert np.bincount(order, parts, len(orders)).astype(np.int64).tolist() == coupon.tolist()
    assert (parts >= 0).all() and (parts <= worth).all()


def test_festivals_and_quiet_days() -> None:
    assert festival_on(dt.date(2025, 6, 18)) is not None and festival_on(dt.date(2025, 6, 20)) is None
    assert span(dt.date(2025, 11, 8)) == (dt.date(2025, 11, 5), dt.date(2025, 11, 11))
    assert [is_quiet(dt.date(2025, 1, 29) + dt.timedelta(days=n)) for n in (-2, -1, 0, 6, 7)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert festival_on(dt.date(2025, 1, 20)) is festival_on(dt.date(2026, 2, 8))
    with pytest.raises(ValueError, match="no festival"):
        span(dt.date(2025, 3, 20))


def test_a_stream_follows_from_seed_system_and_day_alone() -> None:
    assert stream(7, "storefront", 3).random() == stream(7, "storefront", 3).random()
    draws = {
        stream(*which).random()
        for which in ((7, "storefront", 3), (8, "storefront", 3), (7, "warehouse", 3), (7, "storefront", 4))
    }
    assert len(draws) == 4


def test_more_days_add_people_and_change_none() -> None:
    catalogue = make_catalogue(7)
    short, long = (make_people(Arguments(days=days, customers=500), catalogue) for days in (10, 30))
    assert long.n > short.n
    for name, column in vars(short).items():
        assert (getattr(long, name)[: short.n] == column).all(), name


@given(st.integers(0, 10**6), st.integers(0, 200))
def test_a_late_row_has_a_file_to_come_with(seed: int, day: int) -> None:
    struck = strikes(Arguments(seed=seed), ORDERS, 230)
    days = days_for_rows(day, struck)
    assert days and not set(days) & set(struck) and min(days) > day


@pytest.mark.parametrize("wrong", [{"days": 0}, {"customers": 10}, {"seed": -1}])
def test_arguments_that_cannot_be_simulated_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SimulationError, match="choose"):
        Arguments(**wrong)  # type: ignore[arg-type]


def test_the_shop_looks_like_one(shop: Shop) -> None:
    """Wide bounds on what everybody would look at first."""
    final = f"""select * from {shop.key.sql("orders")}
        qualify row_number() over (partition by order_id order by updated_at desc) = 1"""
    usd, guests, unpaid = duckdb.sql(
        f"""select avg((currency = 'USD')::int), avg((customer_id is null)::int), avg((paid_at is null)::int)
        from ({final})"""
    ).fetchall()[0]
    assert 0.07 < usd < 0.17 and 0.05 < guests < 0.12 and 0.02 < unpaid < 0.08
    stockouts, lost = duckdb.sql(
        f"select avg(is_stockout::int), 1 - sum(sold) / sum(true_demand) from {shop.key.sql('demand')}"
    ).fetchall()[0]
    assert 0.005 < stockouts < 0.08 and 0.005 < lost < 0.15
    repeats = dict(
        duckdb.sql(
            f"""select type, avg((n > 1)::int) from {shop.key.sql("customer_types")}
            join (select customer_id, count(*) as n from ({final}) group by customer_id) using (customer_id)
            group by type"""
        ).fetchall()
    )
    assert set(repeats) == set(TYPES) and repeats["gift_buyer"] < 0.35 < 0.5 < repeats["big_basket"]
