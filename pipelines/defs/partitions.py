"""The partitions of every asset: arrival days in the shop's zone."""

import datetime as dt

import dagster as dg

from pipelines.settings import Shop


def arrival_days(shop: Shop) -> dg.DailyPartitionsDefinition:
    """One partition per arrival day, from the shop's first day to today (a day can be loaded while it lasts)."""
    return dg.DailyPartitionsDefinition(
        start_date=shop.first_day.isoformat(), timezone=shop.time_zone, fmt="%Y-%m-%d", end_offset=1
    )


def days_of(context: dg.AssetExecutionContext) -> list[dt.date]:
    """The arrival days that a run was asked for."""
    return [dt.date.fromisoformat(key) for key in context.partition_keys]
