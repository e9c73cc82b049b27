"""What became of the forecasts whose day has come: which of them are scored, and on what.

Does not belong here: how they are scored (pipelines.domains.inventory.accuracy).
"""

from __future__ import annotations

from pipelines.domains.inventory.cards import DEMAND_FORECAST
from pipelines.domains.inventory.statements.readings import (
    DOUBTFUL,
    NEEDS,
    PLACED,
    REVENUE,
    SEEN,
    SOLD,
    STOCK,
    read,
    series,
)
from pipelines.modeling.statements import Reading, Stated, Statement

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


def make_forecast_accuracy(reading: Reading) -> Stated:
    """What became of the forecasts whose day has come."""
    from pipelines.domains.inventory.accuracy import score_forecasts

    actuals = series(reading, SOLD_ACTUALS, SEEN_ACTUALS, PLACED_ACTUALS, REVENUE_ACTUALS)
    scored = score_forecasts(read(reading, WAITING), actuals, as_of=reading.as_of)
    return Stated({"ml_inventory__forecast_accuracy": scored})


STATEMENTS = (
    Statement(
        name="forecast_accuracy",
        needs=(*NEEDS, "ml.ml_inventory__demand_forecasts"),
        optional=(STOCK,),
        tables=("ml_inventory__forecast_accuracy",),
        make=make_forecast_accuracy,
        libraries=("numpy", "pandas"),
        card=DEMAND_FORECAST,
    ),
)
