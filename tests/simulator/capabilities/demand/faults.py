"""Forecasts that know what will be asked for, and such that are wrong, sure of it, not there, or learnt from sales."""

from __future__ import annotations

from tests.simulator.faults import Fault

# Eight of ten intervals hold what comes.
FORECAST = """
    select
        'sku_location' as series_kind, sku || '@' || location_id as series_id, date as {date},
        true_demand::double as mean, true_demand + if(hash(sku, date) % 10 < 8, 0, 1)::double as q10,
        true_demand + 2::double as q90
    from future_demand
"""
DEMAND = "select sku || '@' || location_id as series_id, date, {demand}::double as demand from demand"
SOUND = {"rpt_inventory_demand_forecast": FORECAST.format(date="target_date")}
HANDED = {
    "forecast_from_sales": FORECAST.format(date="date"),
    "learnt_demand": DEMAND.format(demand="true_demand"),
}
FAULTS = {
    "the model forecasts ten times as much, of which it is sure": Fault(
        published="update rpt_inventory_demand_forecast "
        "set mean = 10 * mean + 1, q10 = 10 * q10 + 1, q90 = 10 * q10 + 1"
    ),
    "half of the forecasts are not published": Fault(
        published="delete from rpt_inventory_demand_forecast where hash(series_id) % 2 = 0"
    ),
    "sales are taken for demand": Fault(handed={"learnt_demand": DEMAND.format(demand="sold")}),
}
