"""Jobs and the schedule. Does not belong here: what a run does."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.defs.partitions import arrival_days
from pipelines.settings import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

# A refresh of one day takes well under a minute; six hours is what a full rebuild of a large shop may take. After it,
# run monitoring fails a run whose process died.
MAX_RUNTIME_SECONDS = 6 * 3600


def build_jobs(settings: Settings) -> list[UnresolvedAssetJobDefinition]:
    """`refresh` (one day) and `backfill` (a range in one run): the same assets under two names, for the run history."""
    partitions = arrival_days(settings.shop)
    tags = {"dagster/max_runtime": str(MAX_RUNTIME_SECONDS)}
    return [
        dg.define_asset_job(
            name,
            selection=dg.AssetSelection.all(),
            partitions_def=partitions,
            description=description,
            tags={**tags, "dagster/max_retries": retries},
        )
        for name, description, retries in (
            ("refresh", "Load one arrival day, rebuild what it changed, publish.", "2"),
            ("backfill", "Load a range of arrival days in one run, rebuild what they changed, publish once.", "0"),
        )
    ]


def build_schedule(settings: Settings, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Refresh the day before, every day, at the time that the shop file names, in the shop's zone.

    It starts by itself for a live shop, one with a freshness limit; an archive would only gather missing days.
    """
    is_live = settings.shop.freshness_limit_hours is not None

    @dg.schedule(
        name="daily_refresh",
        job=job,
        cron_schedule=settings.shop.schedule,
        execution_timezone=settings.shop.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING if is_live else dg.DefaultScheduleStatus.STOPPED,
        description="The daily refresh: what arrived yesterday in the shop's zone.",
    )
    def daily_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        local = context.scheduled_execution_time.astimezone(ZoneInfo(settings.shop.time_zone))
        day = (local.date() - dt.timedelta(days=1)).isoformat()
        return dg.RunRequest(run_key=day, partition_key=day)

    return daily_refresh
