"""The dbt project inside Dagster: two invocations per run, in this very process, on a parse that is held.

The first builds all that stands on arrivals, the second, after the Python models, what reads their statements.

Belongs here: running dbt and turning its results into asset events. Does not belong here: the parse (manifest.py), what
a model says (SQL) and which days are dirty (pipelines.store.days.dirty_days).
`DbtCliResource` costs 9 s per step (a second process, a version probe, a full parse for new vars); `dbtRunner` in
process costs 0.7 s. The names imported from inside dagster_dbt are semi-internal: they are pinned, and
tests/defs/test_dbt.py runs them.
"""

import json
import os
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence, Set
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets

from pipelines.contracts.outputs import OutputContract
from pipelines.defs.manifest import HeldManifest
from pipelines.defs.resources import Writer
from pipelines.settings.environment import Settings
from pipelines.store import ledger
from pipelines.store.connection import transaction
from pipelines.store.days import dirty_days
from pipelines.store.statements import create_output_tables

RESULT_EVENTS = {"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult", "LogNodeResult"}


class Translator(DagsterDbtTranslator):
    """Asset keys are [schema, table], groups are the words, tests are checks."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:  # noqa: D102
        name = dbt_resource_props.get("identifier") or dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:  # noqa: D102
        folders: list[str] = list(dbt_resource_props["fqn"][1:-1])
        return folders[1] if folders[0] in {"marts", "published"} and len(folders) > 1 else folders[0]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:  # noqa: D102
        return super().get_owners(dbt_resource_props) or ["team:data"]


def environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml reads. The same for parsing and building: dbt parses anew when one of them changes."""
    return {
        "ALMANAC_WAREHOUSE": str(settings.home.warehouse),
        "ALMANAC_DUCKDB_TEMP": str(settings.home.tmp),
        "ALMANAC_MEMORY_LIMIT": settings.memory_limit,
        "ALMANAC_THREADS": str(settings.threads),
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
    }


def invoke(
    settings: Settings,
    target: Path,
    arguments: list[str],
    callbacks: list[Any] | None = None,
    parsed: Any = None,
) -> Any:
    """One dbt invocation in this process, its files in `target`; gives back DuckDB's lock on the working file. It works
    on the `parsed` manifest, without one it parses the project."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ.update(environment(settings))
    places = ["--project-dir", str(settings.dbt_project_dir), "--profiles-dir", str(settings.dbt_project_dir)]
    places += ["--target-path", str(target), "--log-path", str(settings.home.logs)]
    try:
        runner = dbtRunner(manifest=parsed, callbacks=callbacks or [])
        return runner.invoke(
            ["-q", "--log-level", "none", *arguments, "--vars", json.dumps(settings.dbt_vars), *places]
        )
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def state_token(code: str, batch_id: int) -> str:
    """Names a state of the marts: two versions with the same token hold the same rows and descriptions."""
    return f"{batch_id}:{code}"


def build_dbt_assets(
    settings: Settings, held: HeldManifest, raw_codes: Mapping[str, str], outputs: Sequence[OutputContract]
) -> list[dg.AssetsDefinition]:
    """All models of the project as two subsettable asset definitions, `marts` and `reports` (what reads statements);
    their tests are asset checks.

    Two, because Dagster, left to split one around the Python models, makes four invocations of it (measured).
    Unpartitioned: a mart is a function of all arrivals, and which days of it are replaced is the ledger's business.
    (Partitioned by arrival day, a range of 304 days would also write 304 events per model: 2 of 2.6 minutes.)
    """
    manifest = held.content
    codes = dirty_days.model_codes(manifest, raw_codes, settings.dbt_vars)
    parts = dirty_days.models_by_part(manifest)
    return [_part(settings, held, codes, outputs, part, parts[part]) for part in parts]


def _part(
    settings: Settings,
    held: HeldManifest,
    codes: Mapping[str, str],
    outputs: Sequence[OutputContract],
    part: str,
    models: Set[str],
) -> dg.AssetsDefinition:
    project = DbtProject(project_dir=settings.dbt_project_dir, profiles_dir=settings.dbt_project_dir, target="home")
    translator, manifest = Translator(), held.content

    @dbt_assets(
        manifest=manifest,
        select=" ".join(sorted(models)),
        project=project,
        dagster_dbt_translator=translator,
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"writer"},
        name=part,
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        writer: Writer = context.resources.writer
        selected = {key.path[-1] for key in context.selected_asset_keys}
        with writer.warehouse() as con:
            ledger.create_tables(con)
            create_output_tables(con, outputs)
            changed = dirty_days.queue_changed_models(con, codes)
            if waiting := dirty_days.waiting_above(con, manifest, selected):
                raise dg.Failure(f"select these too, the selected models stand on them: {', '.join(waiting)}")
            token = state_token(held.code, ledger.last_batch(con))
            unchanged = ledger.pending(con, models) == (0, 0) and ledger.built_token(con, part) == token
        if changed:
            context.log.info(f"code changed, rebuilt throughout with all that stands on it: {', '.join(changed)}")
        if unchanged:
            context.log.info("nothing changed since the last build")
            yield from _unchanged(context)
            return
        events, failure = _build(context, settings, held, project, translator, f"build {part}")
        with writer.warehouse() as con:
            rows = ledger.row_counts_of_tables(con)
        yield from (_with_row_count(context, event, rows) for event in events)
        if failure:
            raise failure
        if selected >= models:
            with writer.warehouse() as con, transaction(con):
                dropped = dirty_days.drop_removed_models(con, manifest)
                ledger.settle_build(con, part, models, token)
            if dropped:
                context.log.info(f"no longer in the project, dropped: {', '.join(dropped)}")

    return dbt_models


def _with_row_count(context: dg.AssetExecutionContext, event: Any, rows: Mapping[tuple[str, str], int]) -> Any:
    """The event as it is, or a table's output with its row count (views have none: counting them costs a scan)."""
    if not isinstance(event, dg.Output):
        return event
    schema, name = context.assets_def.keys_by_output_name[event.output_name].path
    count = {"dagster/row_count": rows[schema, name]} if (schema, name) in rows else {}
    return dg.Output(None, output_name=event.output_name, metadata={**event.metadata, **count})


def _unchanged(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
    """Report every selected model as standing, parents first, as Dagster wants outputs of one step."""
    keys = context.selected_asset_keys
    parents = {key: context.assets_def.asset_deps.get(key, set()) & keys for key in keys}
    names = {key: name for name, key in context.assets_def.keys_by_output_name.items()}
    for key in TopologicalSorter({key: sorted(deps) for key, deps in sorted(parents.items())}).static_order():
        yield dg.Output(None, output_name=names[key], metadata={"changed": False})


def _build(
    context: dg.AssetExecutionContext,
    settings: Settings,
    held: HeldManifest,
    project: DbtProject,
    translator: DagsterDbtTranslator,
    stage: str,
) -> tuple[list[Any], dg.Failure | None]:
    """One `dbt build` without unit tests: an event per finished model and test, and why it failed, if it did."""
    from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context
    from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

    selection = get_updated_cli_invocation_params_for_context(
        context=context,
        manifest=held.content,
        dagster_dbt_translator=translator,
    )
    # Nothing reads the files about a build, and dbt would write the manifest anew in place: killed there, half of it.
    arguments = ["build", "--no-write-json", "--exclude-resource-type", "unit_test", *selection.selection_args]
    writer: Writer = context.resources.writer
    total = sum(
        1 for node in selection.manifest["nodes"].values() if node["resource_type"] in {"model", "test", "seed"}
    )
    done = 0
    events: list[Any] = []
    try:
        for item in _events(settings, held, arguments):
            message = DbtCoreCliEventMessage(raw_event=item, event_history_metadata={})
            if not message.is_result_event:
                continue
            if item["info"]["name"] != "NodeFinished":
                done += 1
                writer.progress(stage, min(done, total), total)
            events += message.to_default_asset_events(
                manifest=selection.manifest,
                dagster_dbt_translator=selection.dagster_dbt_translator,
                context=context,
                target_path=settings.home.dbt / "target",
                project=project,
            )
    except dg.Failure as failure:
        return events, failure
    return events, None


def _events(settings: Settings, held: HeldManifest, arguments: list[str]) -> Iterator[dict[str, Any]]:
    """Run dbt in a thread of this process and hand on its result events; raises when dbt fails."""
    from google.protobuf.json_format import MessageToDict

    events: queue.Queue[Any] = queue.Queue()

    def on_event(event: Any) -> None:
        if event.info.name in RESULT_EVENTS or event.info.name == "NodeFinished":
            events.put(MessageToDict(event, preserving_proto_field_name=True))

    def run() -> None:
        try:
            events.put(("done", invoke(settings, settings.home.dbt / "target", arguments, [on_event], held.parsed)))
        except BaseException as error:  # handed to the consumer, which raises it
            events.put(("error", error))

    thread = threading.Thread(target=run, name="dbt")
    thread.start()
    try:
        while not isinstance(item := events.get(), tuple):
            yield item
    finally:
        thread.join()
    kind, result = item
    if kind == "error":
        raise dg.Failure(f"dbt failed: {result}") from result
    if not result.success:
        raise dg.Failure(failure_text(result))


def failure_text(result: Any) -> str:
    """One line for a failed invocation: the first node that failed and why, and how many more did."""
    if result.exception:
        return f"dbt failed: {' '.join(str(result.exception).split())[:500]}"
    failed = [node for node in result.result.results if str(node.status) in {"error", "fail", "runtime error"}]
    if not failed:
        return "dbt failed"
    first = failed[0]
    more = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
    return f"dbt: {first.node.name}: {' '.join(str(first.message).split())[:400]}{more}"
