"""Inventory in Dagster: the demand forecast, and what became of earlier ones.

Belongs here: which marts are read, which pure functions called. Does not belong here: any arithmetic
(pipelines.domains.inventory).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pipelines.defs.statements import Reading, Statement
from pipelines.domains.inventory.cards import DEMAND_FORECAST
from pipelines.store.statements import Stated

if TYPE_CHECKING:
    import pandas as pd

HORIZON_DAYS = 28
# Best-selling by units ordered in the year before: of the shipped shop's 3,804 products these make 44 % of the units. A
# product younger than 28 days is left out: from its own past only its last day could be repeated (one order of 80,995
# pieces of a new article would be forecast for every day to come).
PRODUCTS, SELECTION_DAYS, YOUNGEST_DAYS = 200, 365, 28

# All pairs of a shop of 500 products at three locations; beyond, the ones that sell most.
PAIRS = 1500

REVENUE = """
    select 'revenue' as series_kind, 'revenue' as series_id, calendar_date as date, net_revenue_amount as demand
    from marts.kpi_daily where calendar_date <= $as_of
"""
# Nobody can want what the shop has taken off its shelves.
DISCONTINUED = """
    select product_id from core.dim_products
    where product_status = 'discontinued' and valid_from <= $as_of and (valid_to is null or valid_to > $as_of)
"""
BEST = f"""
    best as (
        select product_id from marts.demand_daily
        where calendar_date <= $as_of and calendar_date > $as_of::date - {SELECTION_DAYS}
            and product_id not in ({DISCONTINUED})
        group by product_id having min(calendar_date) <= $as_of::date - {YOUNGEST_DAYS}
        order by sum(units_demanded) desc, product_id limit {PRODUCTS}
    )
"""
SOLD = """
    select 'product' as series_kind, product_id as series_id, calendar_date as date, units_demanded as demand
    from marts.demand_daily
"""
# Beside what was sold the share of the demand that could be seen: each location counts by what it sells.
SEEN = """
    weights as (
        select product_id, location_id, sum(units_demanded) + 1 as weight
        from marts.location_demand_daily where calendar_date <= $as_of group by all
    ),
    seen as (
        select product_id, calendar_date, sum(weight * coalesce(available_share, 0)) / sum(weight) as availability
        from marts.location_demand_daily inner join weights using (product_id, location_id)
        where calendar_date <= $as_of group by all
    ),
    known as (
        select 'product' as series_kind, product_id as series_id, calendar_date as date,
            coalesce(units_demanded, 0) as demand, coalesce(availability, 0) as availability
        from marts.demand_daily full join seen using (product_id, calendar_date) where calendar_date <= $as_of
    )
"""
SOLD_HISTORY = f"with {BEST} {SOLD} inner join best using (product_id) where calendar_date <= $as_of order by all"
SEEN_HISTORY = f"with {BEST}, {SEEN} select known.* from known inner join best on series_id = product_id order by all"
# What of a day's demand could be seen; where no stock record says, nothing was.
PLACED = """
    select 'sku_location' as series_kind, product_id || '@' || location_id as series_id, calendar_date as date,
        units_demanded as demand, coalesce(available_share, 0) as availability
    from marts.location_demand_daily
"""
PLACED_HISTORY = f"""
    with most as (
        select product_id, location_id from marts.location_demand_daily
        where calendar_date <= $as_of and product_id not in ({DISCONTINUED})
        group by product_id, location_id having min(calendar_date) <= $as_of::date - {YOUNGEST_DAYS}
        order by sum(units_demanded) desc, product_id, location_id limit {PAIRS}
    )
    {PLACED} inner join most using (product_id, location_id) where calendar_date <= $as_of
    order by series_id, date
"""
# Days whose data are not whole: nothing is learnt from them and nothing scored on them.
DOUBTFUL = """
    select distinct arrival_date as date from marts.quality_rows_daily
    where verdict <> 'accepted' and arrival_date <= $as_of
"""
# Forecasts of earlier days that nobody has scored yet, although their day has come.
WAITING = """
    select f.series_kind, f.series_id, f.target_date, f.method, f.horizon_days, f.mean, f.q10, f.q50, f.q90,
        f.is_published
    from ml.ml_inventory__demand_forecasts as f
    anti join (select * from ml.ml_inventory__forecast_accuracy where as_of_date <> $as_of) as scored
        using (target_date, series_kind, method, horizon_days)
    where f.target_date <= $as_of and f.as_of_date < $as_of
    order by all
"""
DUE = f"""
    (select distinct target_date from ml.ml_inventory__demand_forecasts
    where target_date <= $as_of and target_date not in (select date from ({DOUBTFUL})))
"""
SOLD_ACTUALS = f"{SOLD} where calendar_date in {DUE} order by all"
SEEN_ACTUALS = f"with {SEEN} from known where date in {DUE} order by all"
REVENUE_ACTUALS = f"{REVENUE} and calendar_date not in (select date from ({DOUBTFUL})) order by all"
PLACED_ACTUALS = f"{PLACED} where calendar_date in {DUE} order by series_id, date"


def _read(reading: Reading, sql: str) -> pd.DataFrame:
    return reading.con.execute(sql, {"as_of": reading.as_of}).df()


def _series(reading: Reading, sold: str, seen: str, placed: str, revenue: str) -> pd.DataFrame:
    """Products and revenue; in a shop that knows its stock, with what of the demand could be seen, and by location."""
    import pandas as pd

    knows_stock = reading.con.execute("from duckdb_tables() where table_name = 'location_demand_daily'").fetchall()
    return pd.concat(
        [_read(reading, sql) for sql in ((seen, revenue, placed) if knows_stock else (sold, revenue))],
        ignore_index=True,
    )


def _known(reading: Reading) -> pd.DataFrame:
    """`date, is_open` (0 or 1) from the shop's first day to the end of the horizon: known ahead.

    A day on which something was ordered although the calendar has it closed was open. A day whose data are missing,
    blocked or incomplete counts as closed: what it would show is no demand, and models would learn that nothing sells.
    """
    import pandas as pd

    traded = set(_read(reading, f"select distinct date::date as date from ({REVENUE})")["date"].dt.date)
    doubtful = set(_read(reading, DOUBTFUL)["date"].dt.date)
    days = pd.date_range(reading.shop.first_day, reading.as_of + dt.timedelta(days=HORIZON_DAYS))
    is_open = [
        float((reading.shop.calendar.is_open(day) or day in traded) and day not in doubtful) for day in days.date
    ]
    return pd.DataFrame({"date": days, "is_open": is_open})


def make_demand_forecast(reading: Reading) -> Stated:
    """What the shop will take, and what will be wanted of its products, by the model and by its rivals."""
    from pipelines.domains.inventory.selection import state_demand_forecasts

    history = _series(reading, SOLD_HISTORY, SEEN_HISTORY, PLACED_HISTORY, f"{REVENUE} order by date")
    stated = state_demand_forecasts(history, _known(reading), as_of=reading.as_of, horizon=HORIZON_DAYS)
    return Stated(
        {
            "ml_inventory__demand_forecasts": stated.forecasts,
            "ml_inventory__demand_totals": stated.totals,
            "ml_inventory__demand_forecast_scores": stated.scores,
        },
        stated.models,
    )


def _placed(reading: Reading) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The history by product and location, and what is known ahead of its series."""
    history = _read(reading, PLACED_HISTORY).drop(columns="series_kind")
    return history, history[["series_id"]].drop_duplicates().merge(_known(reading), how="cross")


def forecast_from_sales(reading: Reading) -> pd.DataFrame:
    """The forecasts by product and location that would be learnt from sales alone, as if every day had been seen whole:
    what a shop gets that does not look at its stock. Columns as `forecast_demand` gives them."""
    from pipelines.domains.inventory.forecast import forecast_demand

    history, known = _placed(reading)
    sold = history.drop(columns="availability")
    return forecast_demand(sold, as_of=reading.as_of, horizon=HORIZON_DAYS, known=known)


def learnt_demand(reading: Reading) -> pd.DataFrame:
    """What the forecast takes for the demand of the past: series_id, date, demand, by product and location; without the
    days of which nothing could be seen."""
    import numpy as np
    import pandas as pd

    from pipelines.domains.inventory.panel import as_panel

    history, known = _placed(reading)
    panel = as_panel(history, known, as_of=reading.as_of, horizon=HORIZON_DAYS, frequency="D")
    past = panel.dates[: panel.last + 1]
    frame = pd.DataFrame(
        {
            "series_id": np.repeat(np.asarray(panel.series, dtype=object), len(past)),
            "date": np.tile(past.to_numpy(), len(panel.series)),
            "demand": (panel.demand * panel.unit[:, None]).ravel(),
        }
    )
    return frame.dropna(subset="demand").reset_index(drop=True)


def make_forecast_accuracy(reading: Reading) -> Stated:
    """What became of the forecasts whose day has come."""
    from pipelines.domains.inventory.accuracy import score_forecasts

    actuals = _series(reading, SOLD_ACTUALS, SEEN_ACTUALS, PLACED_ACTUALS, REVENUE_ACTUALS)
    scored = score_forecasts(_read(reading, WAITING), actuals, as_of=reading.as_of)
    return Stated({"ml_inventory__forecast_accuracy": scored}, {})


STATEMENTS = [
    Statement(
        name="demand_forecast",
        reads=(
            "core.dim_products",
            "marts.demand_daily",
            "marts.location_demand_daily",
            "marts.kpi_daily",
            "marts.quality_rows_daily",
        ),
        tables=(
            "ml_inventory__demand_forecasts",
            "ml_inventory__demand_totals",
            "ml_inventory__demand_forecast_scores",
        ),
        code=("domains/inventory",),
        make=make_demand_forecast,
        card=DEMAND_FORECAST,
    ),
    Statement(
        name="forecast_accuracy",
        reads=(
            "marts.demand_daily",
            "marts.location_demand_daily",
            "marts.kpi_daily",
            "marts.quality_rows_daily",
            "ml.ml_inventory__demand_forecasts",
        ),
        tables=("ml_inventory__forecast_accuracy",),
        code=("domains/inventory",),
        make=make_forecast_accuracy,
        card=DEMAND_FORECAST,
    ),
]
