"""A service that starts finds the runs that a killed one left, and leaves alone those that are alive."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.instance import instance_config, instance_dir
from pipelines.defs.service import fail_lost_runs
from pipelines.settings.environment import load_settings
from pipelines.store.connection import writer_lock


def left_over(settings, status: dg.DagsterRunStatus) -> str:
    """A run of that status in the home's history, without a process."""
    with dg.DagsterInstance.from_config(str(instance_dir(settings))) as instance:

        @dg.job(name="left")
        def left() -> None:
            pass

        return instance.create_run_for_job(left, status=status).run_id


def status_of(settings, run_id: str) -> dg.DagsterRunStatus:
    with dg.DagsterInstance.from_config(str(instance_dir(settings))) as instance:
        run = instance.get_run_by_id(run_id)
        assert run is not None
        return run.status


def test_lost_runs_are_failed_and_waiting_ones_stay(make_shop):
    settings = make_shop().settings
    started = left_over(settings, dg.DagsterRunStatus.STARTED)
    waiting = left_over(settings, dg.DagsterRunStatus.NOT_STARTED)
    assert fail_lost_runs(settings) == [started]
    assert status_of(settings, started) == dg.DagsterRunStatus.FAILURE
    assert status_of(settings, waiting) == dg.DagsterRunStatus.NOT_STARTED
    assert fail_lost_runs(settings) == []


def test_a_run_of_a_living_writer_is_left_alone(make_shop):
    settings = make_shop().settings
    started = left_over(settings, dg.DagsterRunStatus.STARTED)
    with writer_lock(settings.home.writer_lock, "the daily refresh"):
        assert fail_lost_runs(settings) == []
    assert status_of(settings, started) == dg.DagsterRunStatus.STARTED


def test_the_longest_runtime_is_configured(tmp_path):
    short = load_settings("online_retail", tmp_path, environment={"ALMANAC_MAX_RUNTIME_SECONDS": "60"})
    assert instance_config(short)["run_monitoring"] == {
        "enabled": True,
        "poll_interval_seconds": 6,
        "max_runtime_seconds": 60,
    }
    usual = load_settings("online_retail", tmp_path, environment={})
    assert instance_config(usual)["run_monitoring"]["poll_interval_seconds"] == 120
