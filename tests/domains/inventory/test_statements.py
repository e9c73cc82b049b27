"""What the inventory's statements read from the marts: with stock and without, and what of it is scored."""

import dataclasses
import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipelines.contracts.outputs import load_output_contracts
from pipelines.domains.inventory.statements.demand_forecast import make_demand_forecast
from pipelines.domains.inventory.statements.forecast_accuracy import make_forecast_accuracy
from pipelines.domains.inventory.statements.readings import STOCK, known_days
from pipelines.modeling.statements import Reading
from pipelines.settings.environment import PROJECT_ROOT
from pipelines.store.statements import create_output_tables
from tests.domains.inventory.histories import END, many

pytestmark = pytest.mark.slow

LAST = END.date()


@pytest.fixture
def reading():
    """A shop of three products and two locations; the second product is out of stock at Y for the last three weeks."""
    con = duckdb.connect()
    con.execute("create schema core; create schema marts; create schema ml")
    create_output_tables(con, load_output_contracts(PROJECT_ROOT / "data_contracts" / "outputs"))
    rows = pd.concat([many(n_series=3, seed=place).assign(location_id=name) for place, name in enumerate("XY")])
    rows = rows.rename(columns={"series_id": "product_id", "date": "calendar_date"})
    out = (
        (rows["product_id"] == "s01")
        & (rows["location_id"] == "Y")
        & (rows["calendar_date"] > END - pd.Timedelta(21, "D"))
    )
    rows = rows.assign(
        units_demanded=rows["demand"].round().where(~out, 0).astype("int64"),
        available_share=np.where(out, 0.0, 1.0),
        is_censored=out,
    )
    con.register("placed", rows)
    con.execute("""
    create table core.dim_products (product_id varchar, product_status varchar, valid_from date, valid_to date);
    create table marts.location_demand_daily as
        select calendar_date::date as calendar_date, product_id, location_id, units_demanded, available_share,
            is_censored
        from placed;
    create table marts.demand_daily as
        select calendar_date, product_id, sum(units_demanded) as units_demanded from marts.location_demand_daily
        group by calendar_date, product_id;
    create table marts.kpi_daily as
        select calendar_date, sum(units_demanded)::double as net_revenue_amount from marts.demand_daily
        group by calendar_date;
    create table marts.quality_rows_daily (arrival_date date, source_system varchar, verdict varchar)
    """)
    return Reading(con, LAST, dt.date(2024, 1, 1), there={STOCK})


def without_stock(reading):
    """The same shop when it keeps no stock."""
    reading.con.execute(f"drop table {STOCK}")
    return dataclasses.replace(reading, there=frozenset())


def test_a_shop_that_knows_its_stock_gets_a_series_per_product_and_location(reading):
    stated = make_demand_forecast(reading).frames["ml_inventory__demand_forecasts"]
    placed = stated[stated["series_kind"] == "sku_location"]
    assert set(placed["series_id"]) == {f"s0{n}@{place}" for n in range(3) for place in "XY"}
    model = placed[(placed["method"] == "lightgbm") & placed["is_open"]].groupby("series_id")["mean"].mean()
    assert model["s01@Y"] == pytest.approx(model["s01@X"], rel=0.25), "an empty shelf is no lack of demand"


def test_what_is_no_longer_sold_is_not_forecast(reading):
    """A product that is taken up again, or will be taken off tomorrow, is."""
    reading.con.execute(
        """insert into core.dim_products values
            ('s00', 'discontinued', $day - 9, null), ('s01', 'discontinued', $day + 1, null),
            ('s02', 'discontinued', $day - 9, $day - 2), ('s02', 'active', $day - 2, null)""",
        {"day": LAST},
    )
    stated = make_demand_forecast(reading).frames["ml_inventory__demand_forecasts"]
    series = set(stated.loc[stated["series_kind"] != "revenue", "series_id"])
    assert series == {"s01", "s02", *(f"{name}@{place}" for name in ("s01", "s02") for place in "XY")}


def test_a_shop_without_stock_states_what_one_states_in_which_nothing_was_out(reading):
    reading.con.execute("update marts.location_demand_daily set available_share = 1")
    with_stock = make_demand_forecast(reading).frames["ml_inventory__demand_forecasts"]
    without = make_demand_forecast(without_stock(reading)).frames["ml_inventory__demand_forecasts"]
    assert set(without["series_kind"]) == {"product", "revenue"}
    others = with_stock[with_stock["series_kind"] != "sku_location"].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, without, check_exact=True)


def test_a_product_that_is_out_at_a_place_is_wanted_there(reading):
    """Over all places, too: learnt from what was sold, the product would lose the half that the empty place sold."""

    def mean(of):
        rows = of.frames["ml_inventory__demand_forecasts"]
        rows = rows[(rows["method"] == "lightgbm") & rows["is_open"] & (rows["series_kind"] == "product")]
        return rows.groupby("series_id")["mean"].mean()

    wanted = mean(make_demand_forecast(reading))
    sold = mean(make_demand_forecast(without_stock(reading)))
    assert wanted["s01"] > 1.4 * sold["s01"]
    assert wanted["s00"] == pytest.approx(sold["s00"], rel=0.15)


def test_a_place_out_of_stock_is_not_scored(reading):
    reading.con.execute("""
    insert into ml.ml_inventory__demand_forecasts by name
        select $day::date - 1 as as_of_date, 'sku_location' as series_kind,
            product_id || '@' || location_id as series_id, $day::date as target_date, 'lightgbm' as method,
            1 as horizon_days, true as is_open, 5.0 as mean, 1.0 as q10, 5.0 as q50, 9.0 as q90,
            true as is_published, 'm' as model_version
        from marts.location_demand_daily where calendar_date = $day::date
    """, {"day": LAST})  # fmt: skip
    scored = make_forecast_accuracy(reading).frames["ml_inventory__forecast_accuracy"]
    assert scored[["series_kind", "n_forecasts"]].to_numpy().tolist() == [["sku_location", 5]]
    seen = reading.con.execute(
        "select sum(units_demanded) from marts.location_demand_daily where calendar_date = $1 and not is_censored",
        [LAST],
    ).fetchone()
    assert scored["actual_total"].item() == seen[0]


def test_what_another_source_of_the_shop_lacks_closes_no_day(reading):
    """A source that has never delivered lacks every day; what is made of others' rows is stated all the same."""
    reading.con.execute(
        "insert into marts.quality_rows_daily select distinct calendar_date, 'kiosk', 'missing' from marts.kpi_daily"
    )
    own = dataclasses.replace(reading, sources=frozenset({"till"}))
    assert known_days(own)["is_open"].all()
    reading.con.execute("update marts.quality_rows_daily set source_system = 'till' where arrival_date = ?", [LAST])
    assert known_days(own).set_index("date")["is_open"].loc[lambda days: days == 0].index.date.tolist() == [LAST]
    days = known_days(reading).set_index("date")["is_open"]
    traded = reading.con.execute("select distinct calendar_date from marts.kpi_daily").df()["calendar_date"]
    assert not days.loc[traded].any(), "of all sources"
