"""What counts as a purchase, what it is worth, and that later days are not read."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domains.customers.purchases import (
    historical_purchases,
    historical_rate,
    purchase_summary,
    purchases_between,
)

DAYS = pd.DataFrame(
    [
        ("b", "2020-03-01", 2, "10.00"),
        ("b", "2020-03-11", 1, "50.00"),
        ("b", "2020-03-20", 0, "-15.00"),
        ("a", "2020-03-05", 1, "7.50"),
        ("returns_only", "2020-03-06", 0, "-7.50"),
        ("b", "2020-04-01", 1, "100.00"),
        ("late", "2020-04-02", 1, "1.00"),
    ],
    columns=["customer_id", "ordered_date", "n_orders", "net_sales_amount"],
).assign(
    ordered_date=lambda rows: rows["ordered_date"].map(dt.date.fromisoformat),
    net_sales_amount=lambda rows: rows["net_sales_amount"].map(Decimal),
)
MARCH = dt.date(2020, 3, 31)


def test_a_purchase_is_a_day_with_a_sale_and_returns_lower_its_worth() -> None:
    summary = purchase_summary(DAYS, as_of=MARCH)
    assert summary.to_dict("list") == {
        "customer_id": ["a", "b"],
        "frequency": [0, 1],
        "recency_days": [0, 10],
        "age_days": [26, 30],
        "mean_amount": [7.5, 22.5],
        "n_purchase_days": [1, 2],
    }


def test_the_as_of_day_itself_is_read_and_no_later_one() -> None:
    assert purchase_summary(DAYS, as_of="2020-04-01").set_index("customer_id").loc["b", "frequency"] == 2
    changed = DAYS.copy()
    later = changed["ordered_date"] > MARCH
    changed.loc[later, ["n_orders", "net_sales_amount"]] = [-5, Decimal("NaN")]
    changed = pd.concat([changed, changed[later]])
    pd.testing.assert_frame_equal(purchase_summary(changed, as_of=MARCH), purchase_summary(DAYS, as_of=MARCH))


def test_what_customers_did_after_a_day() -> None:
    customers = pd.Series(["returns_only", "b", "a"])
    done = purchases_between(DAYS, customers, after="2020-03-05", until="2020-03-31")
    assert done["n_purchases"].tolist() == [0, 1, 0]
    assert done["net_amount"].tolist() == [-7.5, 35, 0]


def test_a_young_customers_rate_is_not_that_of_her_first_days() -> None:
    summary = pd.DataFrame({"frequency": [1, 1, 0], "age_days": [1, 56, 0]})
    few = historical_purchases(summary, 28)
    assert few[0] < 1.1 and few[2] > 0
    assert historical_purchases(summary.assign(age_days=[28, 56, 28]), 28) == pytest.approx(few)


@pytest.mark.parametrize(("a", "b"), [(0.4, 60.0), (2.0, 100.0)])
def test_rates_are_drawn_to_the_shops_as_a_planted_law_says(a: float, b: float) -> None:
    """Rates of Gamma(a, b): the prior is found, and what is expected is right for those who bought once too."""
    generator = np.random.default_rng(1)
    age = generator.integers(28, 400, 40_000)
    rates = generator.gamma(a, 1 / b, len(age))
    summary = pd.DataFrame({"frequency": generator.poisson(rates * age), "age_days": age})
    known = historical_rate(summary)
    assert (known.days - age).mean() == pytest.approx(b, rel=0.15)
    assert (known.shape - summary["frequency"]).mean() == pytest.approx(a, rel=0.15)
    coming = generator.poisson(rates * 91)
    expected = historical_purchases(summary, 91)
    once = (summary["frequency"] == 0).to_numpy()
    assert expected[once].mean() == pytest.approx(coming[once].mean(), rel=0.1)
    own = (summary["frequency"] / age * 91).to_numpy()
    assert np.square(coming - expected).mean() < np.square(coming - own).mean()


def test_customers_who_do_not_differ_have_the_shops_rate() -> None:
    summary = pd.DataFrame({"frequency": [4] * 10, "age_days": [100] * 10})
    np.testing.assert_allclose(historical_purchases(summary, 100), 4.05)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5000)), min_size=1, max_size=30), st.randoms())
def test_a_rate_lies_between_ones_own_and_the_shops(rows: list[tuple[int, int]], mixer: random.Random) -> None:
    summary = pd.DataFrame(rows, columns=["frequency", "age_days"])
    rate, age = historical_rate(summary).mean, summary["age_days"].clip(lower=28)
    own, shop = summary["frequency"] / age, (summary["frequency"].sum() + 0.5) / age.sum()
    assert (rate > 0).all()
    assert (rate >= np.minimum(own, shop) * (1 - 1e-9)).all() and (rate <= np.maximum(own, shop) * (1 + 1e-9)).all()
    order = list(range(len(rows)))
    mixer.shuffle(order)
    assert historical_rate(summary.iloc[order]).mean.tobytes() == rate[order].tobytes()


def test_before_the_first_day_there_is_nobody() -> None:
    assert purchase_summary(DAYS, as_of="2020-02-01").empty
    assert purchase_summary(DAYS.head(0), as_of=MARCH).empty


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (DAYS.drop(columns="n_orders"), "lacks the column n_orders"),
        (pd.concat([DAYS, DAYS.iloc[[3]]]), "customer a on 2020-03-05 is there twice"),
        (DAYS.assign(n_orders=-1), "negative n_orders"),
        (DAYS.assign(net_sales_amount=np.inf), "customer a on 2020-03-05 has a missing or infinite net_sales_amount"),
        (DAYS.assign(customer_id=None), "customer_id is missing in 5 rows"),
        (DAYS.assign(ordered_date=pd.NaT), "ordered_date is missing in 7 rows"),
    ],
)
def test_bad_days_are_refused_by_name(days: pd.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        purchase_summary(days, as_of=MARCH)
