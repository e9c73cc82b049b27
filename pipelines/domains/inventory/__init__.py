"""Inventory: pure functions that forecast demand and judge the forecasts. No Dagster, no paths, no clock."""
