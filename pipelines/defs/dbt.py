"""The dbt project inside Dagster: its models as two assets, built by two invocations per run, in this very process.

The first builds all that stands on arrivals, the second, after the Python models, what reads their statements.

Belongs here: the assets, and what Dagster is told of a build. Does not belong here: the parse (manifest.py), running
dbt (dbt_build.py), what a model says (SQL), which days are dirty (pipelines.store.days.dirty_days) and what has to run
(pipelines.store.days.build_plan).
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets

from pipelines.defs.dbt_build import Result, build, check_result
from pipelines.defs.lineage import Lineage
from pipelines.defs.resources import Writer
from pipelines.settings.environment import Settings
from pipelines.store import built, ledger
from pipelines.store.connection import transaction
from pipelines.store.days import build_plan, dirty_days
from pipelines.store.days.lineage import domain_of
from pipelines.store.days.model_codes import model_codes
from pipelines.store.statements import create_output_tables, forget_statements

# Where dagster-dbt keeps dbt's id of an asset or check.
UNIQUE_ID = "dagster_dbt/unique_id"


class Translator(DagsterDbtTranslator):
    """Asset keys are [schema, table], groups are the domains, tests are checks."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:  # noqa: D102
        name = dbt_resource_props.get("identifier") or dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:  # noqa: D102
        return domain_of(dbt_resource_props) or str(dbt_resource_props["fqn"][1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:  # noqa: D102
        return super().get_owners(dbt_resource_props) or ["team:data"]


def state_token(code: str, batch_id: int) -> str:
    """Names a state of the marts: two versions with the same token hold the same rows and descriptions."""
    return f"{batch_id}:{code}"


def build_dbt_assets(settings: Settings, lineage: Lineage, raw_codes: Mapping[str, str]) -> list[dg.AssetsDefinition]:
    """All models of the project as two subsettable asset definitions, `marts` and `reports` (what reads statements);
    their tests are asset checks.

    Two, because Dagster, left to split one around the Python models, makes four invocations of it (measured).
    Unpartitioned: a mart is a function of all arrivals, and which days of it are replaced is the ledger's business.
    (Partitioned by arrival day, a range of 304 days would also write 304 events per model: 2 of 2.6 minutes.)
    """
    manifest = lineage.held.content
    codes = model_codes(manifest, raw_codes, settings.dbt_vars)
    parts = dirty_days.models_by_part(manifest)
    return [_part(settings, lineage, codes, part, parts[part]) for part in parts]


def _part(
    settings: Settings,
    lineage: Lineage,
    codes: Mapping[str, str],
    part: str,
    models: Set[str],
) -> dg.AssetsDefinition:
    project = DbtProject(project_dir=settings.dbt_project_dir, profiles_dir=settings.dbt_project_dir, target="home")
    held, manifest = lineage.held, lineage.held.content
    part_tests = build_plan.tests_of(manifest, part)

    @dbt_assets(
        manifest=manifest,
        select=" ".join(sorted(models)),
        project=project,
        dagster_dbt_translator=Translator(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"writer"},
        name=part,
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        writer: Writer = context.resources.writer
        selected, ids = {key.path[-1] for key in context.selected_asset_keys}, _unique_ids(context)
        is_whole = selected >= models
        with writer.warehouse() as con:
            ledger.create_tables(con)
            forgotten = forget_statements(con, lineage.absent)
            create_output_tables(con, lineage.outputs)
            changed = dirty_days.queue_changed_models(con, codes)
            if waiting := dirty_days.waiting_above(con, manifest, selected):
                raise dg.Failure(f"select these too, the selected models stand on them: {', '.join(waiting)}")
            token = state_token(held.code, ledger.last_batch(con))
            stands = built.pending(con, models) == (0, 0) and built.built_token(con, part) == token
            stands = stands and not dirty_days.removed_models(con, manifest)
            there = build_plan.standing(con, part, held.code)
        if forgotten:
            context.log.info(f"not stated in this shop any more, dropped: {', '.join(forgotten)}")
        if changed:
            context.log.info(f"code changed, rebuilt throughout with all that stands on it: {', '.join(changed)}")
        tests = part_tests if is_whole else _selected_tests(context)
        running, tested = (set(), set()) if stands else build_plan.nodes_to_run(manifest, ids.values(), tests, there)
        results: dict[str, Result] = {}
        failure = None
        if running or tested:
            nodes = running | tested
            writer.give_back()  # dbt opens the working file itself
            writer.progress(f"build {part}", 0, len(nodes))
            results, failure = build(
                settings, held.parsed, nodes, lambda done: writer.progress(f"build {part}", done, len(nodes))
            )
        with writer.warehouse() as con:
            rows = built.row_counts_of_tables(con, {(key.path[0], key.path[1]) for key in ids})
        yield from _events(context, manifest, ids, results, rows)
        if failure:
            raise failure
        if is_whole and not stands:
            with writer.warehouse() as con, transaction(con):
                dropped = dirty_days.drop_removed_models(con, manifest)
                built.settle_build(con, part, models, token)
            if dropped:
                context.log.info(f"no longer there, dropped: {', '.join(dropped)}")

    return dbt_models


def _unique_ids(context: dg.AssetExecutionContext) -> dict[dg.AssetKey, str]:
    """dbt's ids of the selected models, parents first, as Dagster wants the outputs of one step."""
    keys, specs = context.selected_asset_keys, context.assets_def.specs_by_key
    parents = {key: sorted(context.assets_def.asset_deps.get(key, set()) & keys) for key in sorted(keys)}
    return {key: specs[key].metadata[UNIQUE_ID] for key in TopologicalSorter(parents).static_order()}


def _selected_tests(context: dg.AssetExecutionContext) -> set[str]:
    specs = context.assets_def.check_specs_by_output_name.values()
    wanted = context.selected_asset_check_keys
    return {str((spec.metadata or {})[UNIQUE_ID]) for spec in specs if spec.key in wanted}


def _events(
    context: dg.AssetExecutionContext,
    manifest: Mapping[str, Any],
    ids: Mapping[dg.AssetKey, str],
    results: Mapping[str, Result],
    rows: Mapping[tuple[str, str], int],
) -> Iterator[Any]:
    """An output per selected model that was built or stands as it is, with the rows of tables (views have none:
    counting them costs a scan), and a result per test that ran."""
    names = {key: name for name, key in context.assets_def.keys_by_output_name.items()}
    for key, unique_id in ids.items():
        result = results.get(unique_id)
        if result is None or result.status == "success":
            told: dict[str, Any] = {"changed": result is not None}
            if result is not None:
                told["seconds"] = result.seconds
            place = key.path[0], key.path[1]
            yield dg.Output(
                None,
                output_name=names[key],
                metadata={**told, **({"dagster/row_count": rows[place]} if place in rows else {})},
            )
    for spec in context.assets_def.check_specs_by_output_name.values():
        unique_id = str((spec.metadata or {})[UNIQUE_ID])
        ran = results.get(unique_id)
        if ran and ran.status != "skipped" and spec.key in context.selected_asset_check_keys:
            yield check_result(spec.key, ran, manifest["nodes"][unique_id]["config"])
