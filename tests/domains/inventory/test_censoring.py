"""Demand is learnt where stock was short: filled-in days, what is learnt from them, and what is not scored."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.domains.inventory.accuracy import score_forecasts
from pipelines.domains.inventory.censoring import RATE_HALF_LIFE, day_shape, expected_demand
from pipelines.domains.inventory.forecast import fit_forecaster, forecast_demand
from pipelines.domains.inventory.panel import as_panel
from pipelines.domains.inventory.rivals import RIVALS, rival_forecast
from pipelines.domains.inventory.selection import state_demand_forecasts
from tests.domains.inventory.histories import END, many
from tests.domains.inventory.stocked import stocked_shop

pytestmark = pytest.mark.slow

NUMBERS = ["mean", "q10", "q50", "q90", "naive"]
days = st.tuples(st.integers(0, 30), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))


def _by_hand(sold: list[int], share: list[float], shape: float) -> list[float]:
    """The posterior mean, day by day and from the definition: weights of all earlier days, no running sums."""
    found: list[float] = []
    for day, (now, part) in enumerate(zip(sold, share, strict=True)):
        seen = [earlier for earlier in range(day) if share[earlier] > 0]
        weight = [0.5 ** (rank / RATE_HALF_LIFE) for rank in range(len(seen))][::-1]
        rate = float(np.average([found[earlier] for earlier in seen], weights=weight)) if seen else 0.0
        told = max(part, 1 / 24) if now else part
        own = (shape + now) / (shape / rate + told) if rate else 0.0
        found.append(now + (1 - part) * own)
    return found


@settings(deadline=None)
@given(st.lists(days, min_size=1, max_size=25), st.sampled_from([0.3, 1.0, 7.0]))
def test_a_day_is_filled_with_the_posterior_mean_of_what_was_not_seen(history, shape):
    sold, share = [list(values) for values in zip(*history, strict=True)]
    filled = expected_demand(np.array([sold], dtype=float), np.array([share]), shape)[0]
    np.testing.assert_allclose(filled, _by_hand(sold, share, shape), rtol=1e-9)


@settings(deadline=None)
@given(st.lists(days, min_size=2, max_size=25), st.data())
def test_later_days_change_nothing_and_sales_are_a_lower_bound(history, data):
    sold, share = (np.array([values], dtype=float) for values in zip(*history, strict=True))
    filled = expected_demand(sold, share, 2.0)
    assert (filled >= sold).all()
    assert np.array_equal(filled[share == 1], sold[share == 1])
    cut = data.draw(st.integers(1, len(history)))
    assert np.array_equal(expected_demand(sold[:, :cut], share[:, :cut], 2.0), filled[:, :cut])


@pytest.mark.parametrize("shape", [0.7, 2.0, np.inf])
def test_a_planted_rate_is_found_although_the_shelf_empties_the_earlier_the_more_is_wanted(shape):
    """Buyers through the day, three units on the shelf: the day ends with the third. Days differ as planted."""
    random = np.random.default_rng(5)
    rate = 2.5 * (random.gamma(shape, 1 / shape, (60, 400)) if np.isfinite(shape) else np.ones((60, 400)))
    arrivals = np.cumsum(random.exponential(1, (60, 400, 60)), axis=2) / rate[:, :, None]
    wanted = (arrivals < 1).sum(axis=2)
    sold = np.minimum(wanted, 3).astype(float)
    share = np.where(wanted >= 3, np.minimum(arrivals[:, :, 2], 1.0), 1.0)
    assert sold.mean() < 0.85 * wanted.mean()
    found = day_shape(sold, share)
    assert found == pytest.approx(shape, rel=0.5) if np.isfinite(shape) else found > 8
    assert expected_demand(sold, share, found)[:, 30:].mean() == pytest.approx(wanted[:, 30:].mean(), rel=0.03)


def test_a_day_that_nothing_is_known_of_is_given_the_rate_of_the_days_before_and_an_empty_past_gives_nothing():
    sold, share = np.array([[0.0, 4.0, 4.0, 0.0, np.nan]]), np.array([[0.0, 1.0, 1.0, 0.0, 1.0]])
    found = expected_demand(sold, share, 1.0)[0]
    assert found[0] == 0 and found[3] == pytest.approx(4.0) and np.isnan(found[4])


def test_without_shortage_the_column_changes_no_bit():
    history = many(n_series=5)
    as_of = END - pd.Timedelta(days=20)
    plain = forecast_demand(history, as_of=as_of, horizon=9)
    for whole in (1.0, np.where(np.arange(len(history)) % 2, 1.0, np.nan), "1"):
        found = forecast_demand(history.assign(availability=whole), as_of=as_of, horizon=9)
        pd.testing.assert_frame_equal(found, plain, check_exact=True)
    # What is told of later days is not read, however wrong.
    later = np.where(history["date"] > as_of, 7.0, 1.0)
    found = forecast_demand(history.assign(availability=later), as_of=as_of, horizon=9)
    pd.testing.assert_frame_equal(found, plain, check_exact=True)


@pytest.mark.parametrize("share", [-0.1, 1.5, np.inf])
def test_what_is_no_share_is_refused_by_name(share):
    history = many(n_series=2, n_days=40).assign(availability=1.0)
    history.loc[history.index[3], "availability"] = share
    with pytest.raises(ValueError, match="series s00 has an availability on 2024-05-23 that is no share: give 0 to 1"):
        forecast_demand(history, as_of=END, horizon=3)


def _emptied(n_days=21):
    """Series of 10, 20 ... a day, of which the first has been out of stock for three weeks."""
    history = many(n_series=25, n_days=160)
    out = (history["series_id"] == "s00") & (history["date"] > END - pd.Timedelta(days=n_days))
    return history.assign(demand=history["demand"].where(~out, 0.0), availability=np.where(out, 0.0, 1.0))


def test_an_empty_shelf_sinks_no_forecast_of_any_method():
    history = _emptied()
    first = forecast_demand(history, as_of=END, horizon=14).set_index("series_id").loc["s00"]
    blind = forecast_demand(history.drop(columns="availability"), as_of=END, horizon=14)
    assert first["mean"].mean() == pytest.approx(80 / 7, rel=0.2)
    assert blind.set_index("series_id").loc["s00", "mean"].mean() < 5
    for rival in set(RIVALS) - {"zero"}:
        found = rival_forecast(history, rival, as_of=END, horizon=14).set_index("series_id").loc["s00"]
        assert found["mean"].mean() == pytest.approx(80 / 7, rel=0.25), rival


def test_days_out_of_stock_are_not_taken_for_the_truth_when_methods_are_compared():
    history = _emptied().assign(series_kind="sku_location")
    stated = state_demand_forecasts(history, None, as_of=END)
    told = stated.scores.set_index(["method", "measure"])["value"]
    # Windows of 28 and 14 days of 25 series, in which one series was out for 21 and 14 days.
    assert told["seasonal_naive", "n_scored"] == 25 * (28 + 14) - 21 - 14
    assert told["lightgbm", "bias"] == pytest.approx(0, abs=0.05)
    wrong = history.assign(demand=history["demand"].where(history["availability"] == 1, 5.0))
    other = state_demand_forecasts(wrong, None, as_of=END).scores
    pd.testing.assert_frame_equal(other, stated.scores)


def test_a_stored_forecast_of_a_day_out_of_stock_is_not_scored():
    forecasts = pd.DataFrame(
        {"series_kind": "sku_location", "series_id": ["A@X", "B@X", "C@X"], "target_date": END, "method": "lightgbm",
         "horizon_days": 1, "mean": 2.0, "q10": 1.0, "q50": 2.0, "q90": 3.0, "is_published": True}
    )  # fmt: skip
    actuals = pd.DataFrame(
        {"series_kind": "sku_location", "series_id": ["A@X", "B@X"], "date": END, "demand": [0.0, 4.0],
         "availability": [0.5, 1.0]}
    )  # fmt: skip
    scored = score_forecasts(forecasts, actuals, as_of=END).iloc[0]
    assert scored["n_forecasts"] == 2 and scored["actual_total"] == 4 and scored["n_below_q10"] == 1
    every = score_forecasts(forecasts, actuals.drop(columns="availability"), as_of=END).iloc[0]
    assert every["n_forecasts"] == 3
    # A series kind that knows no stock stands beside it with a missing value.
    product = actuals.assign(series_kind="product", availability=np.nan)
    both = score_forecasts(forecasts.assign(series_kind="product"), pd.concat([product, actuals]), as_of=END).iloc[0]
    assert both["n_forecasts"] == 3


def test_a_closed_day_is_no_day_without_demand_for_the_filling():
    history = many(n_series=2, n_days=120, noise=0.5)
    shut = history["date"].dt.weekday >= 3
    history = history[~shut].assign(availability=1.0)
    last = history["date"] == history["date"].max()
    history = history.assign(
        demand=history["demand"].where(~last, 0.0), availability=history["availability"].where(~last, 0.1)
    )
    span = pd.date_range(history["date"].min(), END + pd.Timedelta(days=7))
    known = pd.DataFrame({"series_id": ["s00", "s01"]}).merge(
        pd.DataFrame({"date": span, "is_open": (span.weekday < 3).astype(int)}), how="cross"
    )
    panel = as_panel(history, known, as_of=END, horizon=7, frequency="D")
    at = panel.dates.get_loc(history["date"].max())
    # Mondays sell twice as much as Tuesdays and Wednesdays: the level of open days is four thirds of theirs.
    filled = panel.demand[:, at] * panel.unit
    assert filled[0] > 2.5, "with four closed days of seven the rate would be less than half"
    assert not panel.is_whole[:, at].any() and panel.is_open[:, at].all()


def test_weeks_without_stock_are_filled_in_too():
    weeks = pd.date_range(end="2024-06-28", periods=80, freq="7D")
    history = pd.DataFrame({"series_id": "s", "date": weeks, "demand": 50.0, "availability": 1.0})
    history.loc[70:75, ["demand", "availability"]] = [0.0, 0.0]
    found = forecast_demand(history, as_of=weeks[-1], horizon=8, frequency="W")
    np.testing.assert_allclose(found[NUMBERS], 50.0, rtol=0.05)


@pytest.mark.slow
def test_on_a_shop_with_stock_demand_is_found_that_sales_do_not_show():
    """What learning from everything that was wanted would forecast is the yardstick; the coming weeks are noise."""
    totals = []
    for seed in (101, 102, 103, 104):
        shop = stocked_shop(seed)
        as_of, known = shop.day(28), shop.known.drop(columns="discount")
        told = {
            "wanted": shop.seen(as_of, "truth").assign(demand=lambda rows: rows["truth"]).drop(columns="truth"),
            "stock known": shop.seen(as_of, "availability"),
            "minutes known": shop.seen(as_of, "minutes_share").rename(columns={"minutes_share": "availability"}),
            "sold": shop.seen(as_of),
        }
        totals.append(
            {
                way: fit_forecaster(rows, as_of=as_of, horizon=28, known=known).at(shop.n_days - 29)["mean"].sum()
                for way, rows in told.items()
            }
        )
    found = pd.DataFrame(totals).sum()
    missed = 1 - found / found["wanted"]
    # These four shops: 11 % missed by sales, 3 % with the stock known; the seven of the benchmark: 7.5 % and 1 %.
    assert missed["sold"] > 0.04
    for way in ("stock known", "minutes known"):
        assert abs(missed[way]) < min(0.045, 0.5 * missed["sold"])
