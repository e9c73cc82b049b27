"""Segment statements: planted kinds are found, later days and row order change nothing, small shops get the rule."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pipelines.domains.customers.features import FEATURES, customer_features
from pipelines.domains.customers.segment_card import CUSTOMER_SEGMENTS
from pipelines.domains.customers.segment_drivers import drivers_text, rank_drivers
from pipelines.domains.customers.segment_frames import MEMBERSHIP_COLUMNS, PROFILE_COLUMNS, SCORE_COLUMNS
from pipelines.domains.customers.segment_names import SEGMENTS
from pipelines.domains.customers.segment_stability import adjusted_rand_index
from pipelines.domains.customers.segments import MODEL_NAME, StatedSegments, state_segments
from pipelines.modeling import boosting
from tests.domains.customers.planted_segments import AS_OF, KINDS, customer_days, planted_days, random_days

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, dict[str, str]]:
    return planted_days()


@pytest.fixture(scope="module")
def stated(planted: tuple[pd.DataFrame, dict[str, str]]) -> StatedSegments:
    return state_segments(planted[0], as_of=AS_OF)


def assert_same(one: StatedSegments, other: StatedSegments) -> None:
    for name in ("memberships", "profiles", "scores"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.models == other.models


def scores(stated: StatedSegments, method: str) -> dict[str, float]:
    rows = stated.scores[stated.scores["method"] == method]
    return dict(zip(rows["measure"], rows["value"], strict=True))


def test_planted_kinds_are_found_under_their_names(
    planted: tuple[pd.DataFrame, dict[str, str]], stated: StatedSegments
) -> None:
    truth = stated.memberships["customer_id"].map(planted[1])
    found = stated.memberships["segment"]
    places = {name: place for place, name in enumerate(SEGMENTS)}
    assert set(stated.memberships["method"]) == {"kmeans"}
    assert adjusted_rand_index(truth.map(places).to_numpy(), found.map(places).to_numpy()) > 0.95
    assert (truth == found).mean() > 0.98
    assert scores(stated, "kmeans")["bootstrap_ari"] > 0.9
    assert scores(stated, "kmeans")["silhouette"] > scores(stated, "rfm_grid")["silhouette"]


def test_frames_hold_what_they_promise(stated: StatedSegments) -> None:
    memberships, profiles = stated.memberships, stated.profiles
    assert tuple(memberships.columns) == MEMBERSHIP_COLUMNS
    assert tuple(profiles.columns) == PROFILE_COLUMNS
    assert tuple(stated.scores.columns) == SCORE_COLUMNS
    assert memberships["customer_id"].is_unique and profiles["segment"].is_unique
    assert not stated.scores.duplicated(["subject", "method", "measure"]).any()
    assert profiles["customer_share"].sum() == pytest.approx(1) and profiles["sales_share"].sum() == pytest.approx(1)
    counts = memberships["segment"].value_counts()
    assert dict(zip(profiles["segment"], profiles["n_customers"], strict=True)) == counts.to_dict()
    assert profiles["stability"].between(0, 1).all()
    assert np.isfinite(memberships[["distance", "margin"]].to_numpy()).all()
    assert stated.scores.groupby("method")["is_published"].agg(set).to_dict() == {"kmeans": {True}, "rfm_grid": {False}}


def test_drivers_say_how_the_planted_kinds_differ(stated: StatedSegments) -> None:
    drivers = stated.profiles.set_index("segment")["drivers"].str.split(",")
    assert all(len(set(text)) == 3 for text in drivers)
    assert {"frequency:high", "monetary_amount:high", "gap_days:low", "average_order_amount:high"} & set(
        drivers["champions"]
    )
    assert {"tenure_days:low", "recency_days:low", "recent_share:high"} & set(drivers["new"])
    assert "recency_days:high" in drivers["hibernating"]
    assert scores(stated, "kmeans")["description_accuracy"] > 0.97


def test_the_describing_trees_can_be_read_back(stated: StatedSegments) -> None:
    text = stated.models[MODEL_NAME]
    assert boosting.from_text(text, boosting.text_sha256(text)).feature_name() == list(FEATURES)


def test_later_days_and_row_order_change_nothing(
    planted: tuple[pd.DataFrame, dict[str, str]], stated: StatedSegments
) -> None:
    days = planted[0]
    as_of = AS_OF - dt.timedelta(days=9)
    then = state_segments(days, as_of=as_of)
    later = days["ordered_date"] > as_of
    assert later.any()
    moved = days.assign(net_sales_amount=days["net_sales_amount"].where(~later, 1e6), n_orders=days["n_orders"] + later)
    extra = customer_days([("nobody", AS_OF, 5.0)])
    assert_same(state_segments(pd.concat([moved, extra]).sample(frac=1, random_state=1), as_of=as_of), then)
    newest = days["ordered_date"] == days.loc[~later, "ordered_date"].max()
    changed = state_segments(days.assign(n_orders=days["n_orders"] + 9 * newest), as_of=as_of)
    assert not changed.memberships.equals(then.memberships)


def test_two_runs_give_the_same_bytes_on_any_number_of_threads(
    planted: tuple[pd.DataFrame, dict[str, str]], stated: StatedSegments
) -> None:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=3):
        assert_same(state_segments(planted[0], as_of=AS_OF), stated)


def test_who_comes_back_leaves_at_risk_within_a_week(planted: tuple[pd.DataFrame, dict[str, str]]) -> None:
    days, truth = planted
    back = [name for name, kind in truth.items() if kind == "at_risk"][:5]
    orders = [(name, AS_OF - dt.timedelta(days=ago), 210.0) for name in back for ago in (8, 1)]
    stated = state_segments(pd.concat([days, customer_days(orders)]), as_of=AS_OF)
    now = stated.memberships.set_index("customer_id")["segment"]
    assert set(now[back]) <= {"loyal", "champions"}
    assert (now[[name for name, kind in truth.items() if kind == "at_risk"][5:]] == "at_risk").mean() > 0.95


@pytest.mark.parametrize("days", [planted_days()[0], random_days(60, 1500, 5)], ids=["clusters", "rule"])
def test_damping_holds_nobody_who_ordered_within_a_week(days: pd.DataFrame) -> None:
    n_held = 0
    for back in (0, 7, 14):
        found = state_segments(days, as_of=AS_OF - dt.timedelta(days=back)).memberships
        held = found[found["segment"] != found["undamped_segment"]]
        assert (held["recency_days"] >= 7).all()
        n_held += len(held)
    assert n_held or "kmeans" in set(found["method"])  # a test in which damping never holds shows nothing


def test_without_structure_the_plain_rule_is_published() -> None:
    random = np.random.default_rng(0)
    rows = [
        (str(number), AS_OF - dt.timedelta(days=int(back)), float(amount))
        for number, (back, amount) in enumerate(
            zip(random.integers(0, 200, 300), random.lognormal(3, 1, 300), strict=True)
        )
    ]
    stated = state_segments(customer_days(rows), as_of=AS_OF)
    assert set(stated.memberships["method"]) == {"rfm_grid"}
    published = stated.scores.groupby("method")["is_published"].all()
    assert published["rfm_grid"] and not published.get("kmeans", False)


@pytest.mark.parametrize(("n_customers", "n_rows"), [(1, 1), (3, 5), (45, 1500)])
def test_few_customers_get_the_plain_rule(n_customers: int, n_rows: int) -> None:
    days = random_days(n_customers, n_rows, 3)
    stated = state_segments(days, as_of=AS_OF)
    known = customer_features(days, as_of=AS_OF)
    assert list(stated.memberships["customer_id"]) == list(known["customer_id"])
    assert set(stated.memberships["method"]) <= {"rfm_grid"} and stated.models == {}
    assert stated.scores["is_published"].all() and np.isfinite(stated.scores["value"]).all()
    if len(known):
        assert stated.profiles["customer_share"].sum() == pytest.approx(1)


def test_one_day_of_equal_customers_is_stated() -> None:
    stated = state_segments(customer_days([(str(n), AS_OF, 10.0) for n in range(200)]), as_of=AS_OF)
    assert len(stated.memberships) == 200
    assert stated.profiles["n_customers"].sum() == 200


def test_before_all_data_and_without_sales_frames_are_empty() -> None:
    days = planted_days(2)[0]
    filled = state_segments(days, as_of=AS_OF)
    for empty in (
        state_segments(days, as_of=dt.date(2001, 1, 1)),
        state_segments(days.iloc[:0], as_of=AS_OF),
        state_segments(customer_days([("a", AS_OF, -5.0)]), as_of=AS_OF),
    ):
        assert len(empty.memberships) == len(empty.profiles) == len(empty.scores) == 0
        for name in ("memberships", "profiles", "scores"):
            assert getattr(empty, name).dtypes.to_dict() == getattr(filled, name).dtypes.to_dict()
        assert empty.models == {}


def test_small_shops_pay_no_heavy_import() -> None:
    code = (
        "import sys; from tests.domains.customers.planted_segments import AS_OF, random_days;"
        "from pipelines.domains.customers.segments import state_segments;"
        "assert len(state_segments(random_days(40, 300, 0), as_of=AS_OF).memberships);"
        "assert not {'sklearn', 'lightgbm', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_rank_drivers_are_the_farthest_ranks() -> None:
    features = customer_features(random_days(40, 300, 5), as_of=AS_OF)
    codes = (features["recency_days"] > features["recency_days"].median()).to_numpy().astype(np.int64)
    assert "recency_days:high" in rank_drivers(features, codes)[SEGMENTS[1]].split(",")
    level = np.linspace(-1, 1, len(FEATURES))
    assert drivers_text(level, level).split(",")[0] == f"{FEATURES[-1]}:high"


def test_the_card_is_whole_in_both_languages() -> None:
    assert CUSTOMER_SEGMENTS.model == MODEL_NAME
    texts = [value for name, value in vars(CUSTOMER_SEGMENTS).items() if name != "model"]
    assert all(text.en.isascii() and any("\u4e00" <= sign <= "\u9fff" for sign in text.zh) for text in texts)
    assert set(KINDS) == set(SEGMENTS)
