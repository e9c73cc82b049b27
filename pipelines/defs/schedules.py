"""Jobs and schedules. Does not belong here: what a run does."""

import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.defs.partitions import arrival_days
from pipelines.settings.environment import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition


def build_jobs(settings: Settings) -> "list[UnresolvedAssetJobDefinition]":
    """`refresh` (one day) and `backfill` (a range in one run): the same assets under two names, for the run history."""
    partitions = arrival_days(settings.shop)
    tags = {"dagster/max_runtime": str(settings.max_runtime_seconds)}
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


def build_replay_job(settings: Settings) -> dg.JobDefinition:
    """`verify_replay`: the last week's arrivals replayed in another order and compared with the published version.

    The command runs as a process of its own: it runs jobs itself, and a run cannot run another one inside it.
    """

    @dg.op(name="replay_and_compare", description="Runs almanac verify-replay; fails when a table differs.")
    def replay_and_compare(context: dg.OpExecutionContext) -> None:
        command = [sys.executable, "-m", "pipelines.cli", "verify-replay", "--shop", settings.shop.name]
        done = subprocess.run(
            [*command, "--home", str(settings.home.path)], cwd=settings.project_root, capture_output=True, text=True
        )
        context.log.info(done.stdout)
        if done.returncode:
            raise dg.Failure(f"{done.stderr.strip()}\n{done.stdout.strip()}".strip())

    @dg.job(
        name="verify_replay",
        description="Replay the last seven arrival days from raw in another order and compare every published table.",
        tags={"dagster/max_runtime": str(settings.max_runtime_seconds), "dagster/max_retries": "0"},
        executor_def=dg.in_process_executor,
    )
    def verify_replay() -> None:
        replay_and_compare()

    return verify_replay


def build_replay_schedule(settings: Settings, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """The replay, every Sunday at noon in the shop's zone: far from the daily refresh, whose lock it needs a moment."""
    is_live = settings.shop.freshness_limit_hours is not None
    return dg.ScheduleDefinition(
        name="weekly_replay",
        job=job,
        cron_schedule="0 12 * * 0",
        execution_timezone=settings.shop.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING if is_live else dg.DefaultScheduleStatus.STOPPED,
        description="Weekly proof that what is published follows from the raw files, whatever order they came in.",
    )


def build_schedule(settings: Settings, job: "UnresolvedAssetJobDefinition") -> dg.ScheduleDefinition:
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
