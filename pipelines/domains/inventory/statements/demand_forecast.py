"""The demand forecast: which marts are read, which pure functions called, which tables filled.

Does not belong here: any arithmetic (pipelines.domains.inventory), what became of forecasts (forecast_accuracy.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.domains.inventory.cards import DEMAND_FORECAST
from pipelines.domains.inventory.statements.readings import (
    HORIZON_DAYS,
    NEEDS,
    PLACED_HISTORY,
    REVENUE,
    SEEN_HISTORY,
    SOLD_HISTORY,
    STOCK,
    known_days,
    read,
    series,
)
from pipelines.modeling.statements import Reading, Stated, Statement

if TYPE_CHECKING:
    import pandas as pd


def make_demand_forecast(reading: Reading) -> Stated:
    """What the shop will take, and what will be wanted of its products, by the model and by its rivals."""
    from pipelines.domains.inventory.selection import state_demand_forecasts

    history = series(reading, SOLD_HISTORY, SEEN_HISTORY, PLACED_HISTORY, f"{REVENUE} order by date")
    stated = state_demand_forecasts(history, known_days(reading), as_of=reading.as_of, horizon=HORIZON_DAYS)
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
    history = read(reading, PLACED_HISTORY).drop(columns="series_kind")
    return history, history[["series_id"]].drop_duplicates().merge(known_days(reading), how="cross")


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


STATEMENTS = (
    Statement(
        name="demand_forecast",
        needs=(*NEEDS, "core.dim_products"),
        optional=(STOCK,),
        tables=(
            "ml_inventory__demand_forecasts",
            "ml_inventory__demand_totals",
            "ml_inventory__demand_forecast_scores",
        ),
        make=make_demand_forecast,
        libraries=("lightgbm", "numpy", "pandas", "scipy"),
        card=DEMAND_FORECAST,
    ),
)
