"""Customer features against SQL written for itself, and what they must not depend on."""

from __future__ import annotations

import datetime as dt
import decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.domains.customers.features import FEATURES, checked_customer_days, customer_features
from tests.domains.customers.planted_segments import AS_OF, customer_days, random_days

ORACLE = """
    with known as (from days where ordered_date <= cast($as_of as date)),
    record as (select min(ordered_date) as first_date from known),
    gaps as (
        select customer_id, avg(gap) as gap from (
            select customer_id, ordered_date - lag(ordered_date) over customer as gap
            from known where n_orders > 0 window customer as (partition by customer_id order by ordered_date)
        ) group by customer_id
    )
    select
        customer_id,
        cast($as_of as date) - max(ordered_date) filter (n_orders > 0) as recency_days,
        sum(n_orders) as frequency,
        sum(net_sales_amount) as monetary_amount,
        sum(net_sales_amount) / sum(n_orders) as average_order_amount,
        cast($as_of as date) - min(ordered_date) filter (n_orders > 0) as tenure_days,
        coalesce(any_value(gaps.gap), cast($as_of as date) - any_value(record.first_date)) as gap_days,
        sum(units_sold) / sum(n_orders) as units_per_order,
        sum(n_products) / count(*) filter (n_orders > 0) as products_per_order_day,
        least(-sum(returns_amount) / sum(gross_sales_amount), 1) as return_share,
        coalesce(sum(gross_sales_amount) filter (ordered_date > cast($as_of as date) - 90), 0)
        / sum(gross_sales_amount) as recent_share
    from known left join gaps using (customer_id) cross join record
    group by customer_id having sum(n_orders) > 0 order by customer_id
"""


@pytest.mark.parametrize(("seed", "back"), [(0, 0), (1, 45), (2, 300)])
def test_features_equal_an_independent_query(seed: int, back: int) -> None:
    days, as_of = random_days(60, 300, seed), AS_OF - dt.timedelta(days=back)
    with duckdb.connect() as con:
        con.register("raw_days", days)
        con.execute("create table days as select * replace (cast(ordered_date as date) as ordered_date) from raw_days")
        wanted = con.execute(ORACLE, {"as_of": as_of}).df()
    found = customer_features(days, as_of=as_of)
    assert list(found["customer_id"]) == list(wanted["customer_id"])
    for name in FEATURES:
        np.testing.assert_allclose(found[name], wanted[name].astype(float), rtol=1e-9, atol=1e-9, err_msg=name)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n_rows=st.integers(0, 80), back=st.integers(-40, 420))
def test_features_are_finite_and_blind_to_order_and_later_days(seed: int, n_rows: int, back: int) -> None:
    days, as_of = random_days(12, n_rows, seed), AS_OF - dt.timedelta(days=back)
    found = customer_features(days, as_of=as_of)
    assert np.isfinite(found[list(FEATURES)].to_numpy(dtype=float)).all()
    assert found["return_share"].between(0, 1).all() and found["recent_share"].between(0, 1).all()
    shuffled = days.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(customer_features(shuffled, as_of=as_of), found, check_exact=True)
    known = days[days["ordered_date"] <= as_of]
    if len(known):
        pd.testing.assert_frame_equal(customer_features(known, as_of=as_of), found, check_exact=True)


def test_who_only_cancelled_is_left_out_and_one_order_has_the_longest_gap() -> None:
    day = dt.date(2024, 3, 1)
    days = customer_days([("a", day, 10.0), ("b", day, -4.0), ("c", dt.date(2024, 3, 6), 5.0), ("c", day, 5.0)])
    found = customer_features(days, as_of=dt.date(2024, 3, 11)).set_index("customer_id")
    assert list(found.index) == ["a", "c"]
    assert list(found["gap_days"]) == [10, 5]


def test_decimals_and_timestamps_are_read_like_floats_and_dates() -> None:
    days = random_days(5, 30, 1)
    exact = days.assign(
        ordered_date=pd.to_datetime(days["ordered_date"]),
        net_sales_amount=[decimal.Decimal(str(value)) for value in days["net_sales_amount"]],
    )
    pd.testing.assert_frame_equal(customer_features(exact, as_of=AS_OF), customer_features(days, as_of=AS_OF))


def test_errors_say_what_is_wrong() -> None:
    days = random_days(5, 30, 1)
    with pytest.raises(ValueError, match="lacks the column n_products"):
        checked_customer_days(days.drop(columns=["n_products", "returns_amount"]))
    first = days.iloc[0]
    with pytest.raises(ValueError, match=f"customer {first.customer_id} on {first.ordered_date} stands twice"):
        checked_customer_days(pd.concat([days, days.iloc[[0]]]))
    broken = days.astype({"net_sales_amount": float})
    broken.loc[0, "net_sales_amount"] = np.inf
    with pytest.raises(ValueError, match=f"customer {first.customer_id} on .* missing or infinite"):
        checked_customer_days(broken)
    with pytest.raises(ValueError, match="no customer_id"):
        checked_customer_days(days.assign(customer_id=None))
