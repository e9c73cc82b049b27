"""The partitions of every raw asset: arrival days in the shop's zone."""

import datetime as dt

import dagster as dg

from pipelines.settings.shop import Shop


def arrival_days(shop: Shop) -> dg.DailyPartitionsDefinition:
    """One partition per arrival day, from the shop's first day to today (a day can be loaded while it lasts)."""
    return dg.DailyPartitionsDefinition(
        start_date=shop.first_day.isoformat(), timezone=shop.time_zone, fmt="%Y-%m-%d", end_offset=1
    )


def last_day_of_run(context: dg.AssetExecutionContext) -> dt.date | None:
    """The last arrival day that the run was asked for, None when it was asked for none (an unpartitioned run)."""
    tags = context.run.tags
    key = tags.get("dagster/partition") or tags.get("dagster/asset_partition_range_end")
    return dt.date.fromisoformat(key) if key else None


def days_of(context: dg.AssetExecutionContext) -> list[dt.date]:
    """The arrival days that a run was asked for."""
    return [dt.date.fromisoformat(key) for key in context.partition_keys]
