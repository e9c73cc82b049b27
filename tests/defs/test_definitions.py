"""What Dagster is told: keys, groups, checks, partitions, the schedule's day."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.defs.dbt import state_token
from pipelines.defs.instance import RangeEventLogStorage, instance_dir
from pipelines.defs.manifest import held_manifest, project_code
from pipelines.defs.quality import gate_result
from pipelines.settings.environment import Settings
from pipelines.settings.home import Home
from tests.shop_under_test import shop_maker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return shop_maker(tmp_path_factory.mktemp("definitions"))().settings


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


def test_every_asset_has_a_group_a_description_and_a_two_part_key(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert len(key.path) == 2, key
        if node.is_materializable:
            assert node.group_name != "default", key
            assert node.description, key
            assert node.owners, key
            assert node.kinds, key


def test_groups_are_layers_and_domains(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    groups = {graph.get(key).group_name for key in graph.get_all_asset_keys() if graph.get(key).is_materializable}
    assert groups == {"raw", "staging", "conformed", "core", "sales", "customers", "inventory", "quality", "published"}


def test_only_raw_tables_are_partitioned_and_a_range_is_one_run(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.is_materializable:
            assert (node.partitions_def is not None) == (key.path[0] == "raw"), key
            assert node.backfill_policy == dg.BackfillPolicy.single_run(), key


def test_dbt_tests_and_gate_verdicts_are_checks(definitions: dg.Definitions) -> None:
    keys = {(key.asset_key.to_user_string(), key.name) for key in definitions.resolve_asset_graph().asset_check_keys}
    assert ("raw/online_retail__transactions", "gate") in keys
    assert len(keys) > 25


def test_the_schedule_loads_the_day_before_in_the_shops_zone(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("daily_refresh")
    assert schedule.execution_timezone == "Europe/London"
    at = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)  # already 2 July in London
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=at, repository_def=definitions.get_repository_def()
        )
        requests = schedule.evaluate_tick(context).run_requests
    assert requests is not None
    assert [request.partition_key for request in requests] == ["2026-07-01"]


def test_a_live_shop_runs_its_schedule_and_has_a_freshness_policy(tmp_path: Path) -> None:
    live = build_definitions(shop_maker(tmp_path)(freshness_limit_hours=30.0).settings)
    assert live.resolve_schedule_def("daily_refresh").default_status == dg.DefaultScheduleStatus.RUNNING
    policy = live.resolve_asset_graph().get(dg.AssetKey(["published", "marts"])).freshness_policy
    assert policy == dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=30))


def test_an_archive_does_neither(definitions: dg.Definitions) -> None:
    assert definitions.resolve_schedule_def("daily_refresh").default_status == dg.DefaultScheduleStatus.STOPPED
    assert definitions.resolve_asset_graph().get(dg.AssetKey(["published", "marts"])).freshness_policy is None


def test_the_gate_stops_a_run_only_when_no_day_is_usable() -> None:
    open_day = ("online_retail.transactions", dt.date(2011, 3, 7), "blocked", "too few rows")
    assert gate_result([], 0).passed
    some = gate_result([open_day], 3)
    assert (some.passed, some.severity) == (False, dg.AssetCheckSeverity.WARN)
    none = gate_result([open_day], 0)
    assert (none.passed, none.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "2011-03-07 blocked: too few rows" in str(none.description)
    assert gate_result([open_day], 0, others_usable=True).severity == dg.AssetCheckSeverity.WARN


def test_a_state_has_one_name_wherever_it_is_built(settings: Settings, tmp_path: Path) -> None:
    """Threads, memory and place decide no row, and one parse of dbt serves them all."""
    elsewhere = dataclasses.replace(settings, threads=1, memory_limit="500MB", home=Home(tmp_path / "elsewhere"))
    here, there = held_manifest(settings), held_manifest(elsewhere)
    assert (here.folder, here.code) == (there.folder, there.code)
    assert state_token(here.code, 7) == state_token(there.code, 7) != state_token(here.code, 8)
    other = dataclasses.replace(settings, shop=settings.shop.model_copy(update={"currency": "EUR"}))
    assert project_code(other) != here.code


def test_a_range_plans_one_event_per_asset(settings: Settings, definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("backfill")
    tags = {"dagster/asset_partition_range_start": "2011-01-01", "dagster/asset_partition_range_end": "2011-11-30"}
    with dg.DagsterInstance.from_config(str(instance_dir(settings))) as instance:
        assert isinstance(instance.event_log_storage, RangeEventLogStorage)
        run = instance.create_run_for_job(job, tags=tags)
        planned = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    assert len(planned) == len(job.asset_layer.executable_asset_keys)


def test_dagster_yaml_keeps_quiet(settings: Settings) -> None:
    text = (instance_dir(settings) / "dagster.yaml").read_text()
    assert "telemetry:\n  enabled: false" in text
    assert "nux:\n  enabled: false" in text
    assert json.dumps(str(settings.home.dagster))[1:-1] in text
