import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.domains.inventory.forecast import forecast_demand
from pipelines.domains.inventory.panel import as_panel
from tests.domains.inventory.histories import END, many, weekly

pytestmark = pytest.mark.slow

CASES = {"D": (many(), END - pd.Timedelta(days=20)), "W": (weekly(), pd.Timestamp("2011-12-02"))}


def _same(first, second):
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert all(first[c].to_numpy().tobytes() == second[c].to_numpy().tobytes() for c in ("mean", "q10", "q50", "q90"))


@pytest.mark.parametrize("frequency", ["D", "W"])
def test_rows_after_the_as_of_day_change_nothing(frequency):
    history, as_of = CASES[frequency]
    history = history.assign(price=np.arange(len(history)) % 7)
    plain = forecast_demand(history, as_of=as_of, horizon=9, frequency=frequency)
    later = history["date"] > as_of
    _same(plain, forecast_demand(history[~later], as_of=as_of, horizon=9, frequency=frequency))
    wild = history.assign(demand=history["demand"].where(~later, np.nan), price=history["price"].where(~later, 1e9))
    new = pd.DataFrame({"series_id": ["new"], "date": [as_of + pd.Timedelta(days=3)], "demand": [1.0]})
    _same(plain, forecast_demand(pd.concat([wild, wild[later], new]), as_of=as_of, horizon=9, frequency=frequency))


@pytest.mark.parametrize("frequency", ["D", "W"])
def test_order_of_rows_type_of_dates_and_a_second_call_change_nothing(frequency):
    history, as_of = CASES[frequency]
    history = history[history["date"] <= as_of]
    plain = forecast_demand(history, as_of=as_of, horizon=9, frequency=frequency)
    mixed = history.sample(frac=1, random_state=3)
    _same(plain, forecast_demand(mixed, as_of=as_of.date(), horizon=9, frequency=frequency))
    texts = history.assign(date=history["date"].dt.strftime("%Y-%m-%d"))
    _same(plain, forecast_demand(texts, as_of=str(as_of.date()), horizon=9, frequency=frequency))
    objects = history.assign(date=history["date"].dt.date)
    _same(plain, forecast_demand(objects, as_of=as_of, horizon=9, frequency=frequency))


def test_columns_that_are_no_numbers_do_not_disturb():
    history, as_of = CASES["D"]
    named = history.assign(name=history["series_id"].str.upper(), note=None, seen=history["date"])
    found = forecast_demand(named, as_of=as_of, horizon=5)
    assert len(found) == 20 and np.isfinite(found[["mean", "q10", "q50", "q90", "naive"]]).all(axis=None)


def test_form_of_the_result():
    history, as_of = CASES["D"]
    found = forecast_demand(history, as_of=as_of, horizon=3, quantiles=(0.95, 0.05))
    assert list(found.columns) == ["series_id", "date", "mean", "q05", "q95", "naive"]
    assert found["date"].min() == as_of + pd.Timedelta(days=1) and found["date"].max() == as_of + pd.Timedelta(days=3)
    weeks = forecast_demand(CASES["W"][0], as_of="2011-12-05", horizon=2, frequency="W")
    assert set(weeks["date"].dt.strftime("%Y-%m-%d")) == {"2011-12-09", "2011-12-16"}


values = st.one_of(
    st.floats(-1e3, 1e3), st.just(0.0), st.sampled_from([1e-300, 1e300, -1e300, 1e15]), st.integers(0, 3).map(float)
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(1, 200), st.lists(values, min_size=1, max_size=9)), min_size=1, max_size=4),
    st.integers(1, 30),
    st.sampled_from(["D", "W"]),
    st.integers(1, 5),
)
def test_quantiles_never_cross_and_all_is_finite(series, horizon, frequency, every):
    end = pd.Timestamp("2024-03-01")
    step = 1 if frequency == "D" else 7
    frames = []
    for number, (length, cycle) in enumerate(series):
        dates = pd.date_range(end=end, periods=length, freq=f"{step}D")[::-every][::-1]
        frames.append(pd.DataFrame({"series_id": f"s{number}", "date": dates, "demand": np.resize(cycle, len(dates))}))
    history = pd.concat(frames)
    found = forecast_demand(history, as_of=end, horizon=horizon, frequency=frequency)
    assert len(found) == horizon * len(series)
    numbers = found[["mean", "q10", "q50", "q90", "naive"]]
    assert np.isfinite(numbers).all(axis=None)
    assert (found["q10"] <= found["q50"]).all() and (found["q50"] <= found["q90"]).all()
    never_negative = history.groupby("series_id")["demand"].min() >= 0
    assert (numbers[found["series_id"].map(never_negative)] >= 0).all(axis=None)


def test_a_constant_and_a_series_of_zeros():
    days = pd.date_range("2024-01-01", periods=150)
    history = pd.concat(
        [pd.DataFrame({"series_id": name, "date": days, "demand": value}) for name, value in (("c", 7.0), ("z", 0.0))]
    )
    found = forecast_demand(history, as_of=days[-1], horizon=7).set_index("series_id")
    assert (found.loc["z", ["mean", "q10", "q50", "q90", "naive"]] == 0).all(axis=None)
    np.testing.assert_allclose(found.loc["c", ["mean", "q10", "q50", "q90", "naive"]], 7.0, rtol=0.02)


def test_missing_days_are_zero_demand():
    history = many(n_series=2, noise=3.0)
    sparse = history[(history["date"].dt.day % 3 == 0) | (history["date"] == history["date"].min())]
    days = history[["series_id", "date"]]
    full = days.merge(sparse, how="left", on=["series_id", "date"]).fillna({"demand": 0.0})
    _same(forecast_demand(sparse, as_of=END, horizon=8), forecast_demand(full, as_of=END, horizon=8))


@pytest.mark.parametrize("frequency, n", [("D", 27), ("W", 12)])
def test_a_young_series_gets_the_naive_with_wide_intervals(frequency, n):
    history, as_of = CASES[frequency]
    history = history[history["date"] <= as_of]
    step = 1 if frequency == "D" else 7
    random = np.random.default_rng(0)
    dates = pd.date_range(end=history["date"].max(), periods=n, freq=f"{step}D")
    young = pd.DataFrame({"series_id": "young", "date": dates, "demand": 50 + random.normal(size=n)})
    found = forecast_demand(pd.concat([history, young]), as_of=as_of, horizon=10, frequency=frequency)
    found = found[found["series_id"] == "young"]
    assert (found["mean"] == found["naive"]).all() and (found["q50"] == found["naive"]).all()
    assert (found["q90"] - found["q10"] > 40).all()
    older = pd.concat([young, young.tail(1).assign(date=dates[0] - pd.Timedelta(days=step))])
    grown = forecast_demand(pd.concat([history, older]), as_of=as_of, horizon=10, frequency=frequency)
    grown = grown[grown["series_id"] == "young"]
    assert not (grown["mean"] == grown["naive"]).all()


def test_the_daily_naive_is_the_same_weekday_last_observed():
    history = many(n_series=3, n_days=60)
    history = history[history["date"] != END - pd.Timedelta(days=2)]
    lookup = {(row.series_id, row.date): row.demand for row in history.itertuples()}
    for row in forecast_demand(history, as_of=END, horizon=20).itertuples():
        day = row.date
        while day > END:
            day -= pd.Timedelta(days=7)
        assert row.naive == pytest.approx(lookup.get((row.series_id, day), 0.0))


def test_the_weekly_naive_is_the_same_week_last_year_else_the_last_value():
    history = pd.concat(
        [weekly(n_weeks=70, n_series=2), weekly(n_weeks=30, n_series=1, seed=9).assign(series_id="new")]
    )
    end = history["date"].max()
    lookup = {(row.series_id, row.date): row.demand for row in history.itertuples()}
    for row in forecast_demand(history, as_of=end, horizon=60, frequency="W").itertuples():
        then = row.date - pd.Timedelta(weeks=52)
        while then > end:
            then -= pd.Timedelta(weeks=52)
        assert row.naive == pytest.approx(lookup.get((row.series_id, then), lookup[row.series_id, end]))


def _broken(change):
    history = many(n_series=2, n_days=40)
    return change(history)


@pytest.mark.parametrize(
    "change, arguments, words",
    [
        (lambda h: pd.concat([h, h[h["series_id"] == "s01"].tail(1)]), {}, "s01"),
        (lambda h: h.assign(demand=h["demand"].mask(h["series_id"] == "s01")), {}, "s01"),
        (lambda h: h.assign(demand=h["demand"].where(h["series_id"] != "s00", np.inf)), {}, "s00"),
        (lambda h: h.drop(columns="demand"), {}, "lacks the column demand"),
        (lambda h: h.head(0), {}, "empty"),
        (lambda h: h.assign(date="no day"), {}, "cannot be read"),
        (lambda h: h, {"horizon": 0}, "horizon"),
        (lambda h: h, {"frequency": "M"}, "'D' or 'W'"),
        (lambda h: h, {"frequency": "W"}, "one weekday"),
        (lambda h: h, {"quantiles": (0.5, 1.0)}, "between 0 and 1"),
        (lambda h: h, {"quantiles": (0.5, 0.501)}, "share one column"),
        (lambda h: h, {"as_of": "1999-01-01"}, "no row at or before 1999-01-01"),
        (lambda h: h, {"known": pd.DataFrame({"date": [END]})}, "series_id"),
        (lambda h: h, {"known": pd.DataFrame({"series_id": "s00", "date": [END, END]})}, "known: series s00"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(change, arguments, words):
    with pytest.raises(ValueError, match=words) as refused:
        forecast_demand(_broken(change), **{"as_of": END, "horizon": 3, **arguments})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("frequency", ["D", "W"])
@pytest.mark.parametrize("unit", [1e-300, 0.02, 1.0, 1e300])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_units_however_small_or_large_give_finite_forecasts_of_that_size_without_a_warning(unit, frequency):
    history, as_of = CASES[frequency]
    found = forecast_demand(
        history.assign(demand=history["demand"] * unit), as_of=as_of, horizon=3, frequency=frequency
    )
    plain = forecast_demand(history, as_of=as_of, horizon=3, frequency=frequency)
    for column in ("mean", "q10", "q50", "q90", "naive"):
        np.testing.assert_allclose(found[column] / unit, plain[column], rtol=0.2)


def test_negative_demand_is_taken_as_it_stands():
    history = many(n_series=2, n_days=120)
    history["demand"] = np.where(history["series_id"] == "s00", -history["demand"], history["demand"])
    found = forecast_demand(history, as_of=END, horizon=7).set_index("series_id")
    assert (found.loc["s00", "mean"] < -5).all() and (found.loc["s01", "q10"] > 5).all()


def test_closed_days_are_forecast_as_zero_and_not_learnt_from():
    history = many(n_series=3, n_days=150)
    shut = history["date"].dt.weekday.isin([5]) | (history["date"] == END - pd.Timedelta(days=3))
    history = history[~shut]
    days = pd.date_range(history["date"].min(), END + pd.Timedelta(days=20))
    holiday = END + pd.Timedelta(days=5)
    closed = (days.weekday == 5) | (days == holiday) | (days == END - pd.Timedelta(days=3))
    known = pd.DataFrame({"date": days, "is_open": 1 - closed.astype(int)})
    known = pd.DataFrame({"series_id": ["s00", "s01", "s02"]}).merge(known, how="cross")
    found = forecast_demand(history, as_of=END, horizon=14, known=known)
    is_shut = (found["date"].dt.weekday == 5) | (found["date"] == holiday)
    assert (found.loc[is_shut, ["mean", "q90", "naive"]] == 0).all(axis=None)
    # The last Tuesday was closed: the naive goes back to the one before, and the level does not sink.
    assert (found.loc[~is_shut, "naive"] > 5).all() and (found.loc[~is_shut, "q10"] > 4).all()


def test_many_series_without_a_row_show_a_closed_day():
    history = many(n_series=25, n_days=70)
    history = history[history["date"].dt.weekday != 6]
    panel = as_panel(history, None, as_of=END, horizon=14, frequency="D")
    assert np.array_equal(panel.is_open[0], panel.dates.weekday != 6)
    few = as_panel(history[history["series_id"] <= "s01"], None, as_of=END, horizon=14, frequency="D")
    assert np.array_equal(few.is_open[0], few.dates.weekday != 6)
    rare = history[(history["series_id"] == "s00") & (history["date"].dt.day % 4 == 0)]
    assert as_panel(rare, None, as_of=END, horizon=14, frequency="D").is_open.all()


def test_a_planted_promotion_and_the_weekday_are_learnt():
    history = many(n_series=8, n_days=240, noise=1.0)
    days = pd.date_range(history["date"].min(), END + pd.Timedelta(days=28))
    promoted = pd.Series(np.random.default_rng(1).random(len(days)) < 0.2, index=days)
    history["demand"] *= np.where(history["date"].map(promoted), 3.0, 1.0)
    known = pd.DataFrame({"date": days, "promotion": promoted.to_numpy()})
    known = pd.DataFrame({"series_id": history["series_id"].unique()}).merge(known, how="cross")
    found = forecast_demand(history, as_of=END, horizon=28, known=known)
    truth = 10.0 * (found["series_id"].str[1:].astype(int) + 1) * np.where(found["date"].dt.weekday == 0, 2.0, 1.0)
    promotion = found["date"].map(promoted).to_numpy(dtype=bool)
    truth = truth * np.where(promotion, 3.0, 1.0)
    # The level is measured on promoted and plain days alike, so the mean keeps some of its noise; the median does not.
    for column, within in (("q50", 0.1), ("mean", 0.25)):
        ratio = found[column] / truth
        assert ratio[promotion].mean() == pytest.approx(1, abs=within), column
        assert ratio[~promotion].mean() == pytest.approx(1, abs=within), column
    without = forecast_demand(history, as_of=END, horizon=28)
    assert (found["q50"] - truth).abs().sum() < 0.3 * (without["q50"] - truth).abs().sum()


def test_intervals_hold_on_stationary_noise():
    whole = many(n_series=30, n_days=240, noise=8.0, seed=4, end=END + pd.Timedelta(days=28))
    found = forecast_demand(whole, as_of=END, horizon=28).merge(whole, on=["series_id", "date"])
    inside = ((found["demand"] >= found["q10"]) & (found["demand"] <= found["q90"])).mean()
    assert inside == pytest.approx(0.8, abs=0.06)
    assert found["mean"].sum() == pytest.approx(found["demand"].sum(), rel=0.03)


def test_a_yearly_wave_with_growth_is_followed_better_than_by_last_year():
    whole = weekly(n_weeks=110, n_series=12)
    as_of = whole["date"].max() - pd.Timedelta(weeks=20)
    found = forecast_demand(whole, as_of=as_of, horizon=20, frequency="W").merge(whole, on=["series_id", "date"])
    error = {c: (found[c] - found["demand"]).abs().sum() for c in ("q50", "mean", "naive")}
    assert error["q50"] < 0.6 * error["naive"] and error["mean"] < 0.6 * error["naive"]
