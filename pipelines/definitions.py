"""The code location: everything Dagster knows of one shop and one home."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import dagster as dg

from pipelines.contracts.control_totals import check_reconciled
from pipelines.contracts.outputs import load_output_contracts
from pipelines.defs.dbt import build_dbt_assets
from pipelines.defs.gate_code import raw_codes
from pipelines.defs.lineage import shop_lineage
from pipelines.defs.manifest import held_manifest
from pipelines.defs.publish import build_publication
from pipelines.defs.raw import build_raw_assets, loadable_contracts
from pipelines.defs.resources import Progress, silent, writer_resource
from pipelines.defs.schedules import build_jobs, build_replay_job, build_replay_schedule, build_schedule
from pipelines.defs.statements import all_statements, build_statement_assets, model_cards
from pipelines.modeling.statements import Statement
from pipelines.settings.environment import Settings, load_settings
from pipelines.store.days.dirty_days import plan_from_manifest

# Backfill policies are what makes a range one run; Dagster calls them beta, the version is pinned.
warnings.filterwarnings("ignore", category=dg.BetaWarning)


def build_definitions(
    settings: Settings, *, progress: Progress = silent, statements: Sequence[Statement] | None = None
) -> dg.Definitions:
    """Definitions for the given settings; `progress` is told how far a run is (the command line shows it).
    `statements`: others than those of the domains, for a project that is not this one."""
    contracts = loadable_contracts(settings)  # refuses what cannot be loaded before anything is written
    outputs = load_output_contracts(settings.outputs_dir)
    statements = all_statements() if statements is None else statements
    lineage = shop_lineage(held_manifest(settings), outputs, statements, settings.domains_off)
    check_reconciled(lineage.held.content, settings.conformed_entities, settings.control_totals)
    plan = plan_from_manifest(lineage.held.content)
    codes = raw_codes(settings)
    jobs, replay = build_jobs(settings), build_replay_job(settings)
    return dg.Definitions(
        assets=[
            *build_raw_assets(settings, contracts.values(), plan),
            *build_dbt_assets(settings, lineage, codes),
            *build_statement_assets(settings, lineage),
            build_publication(settings, lineage.held, model_cards(lineage.statements)),
        ],
        jobs=[*jobs, replay],
        schedules=[build_schedule(settings, jobs[0]), build_replay_schedule(settings, replay)],
        resources={"writer": writer_resource(settings, progress)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def almanac() -> dg.Definitions:
    """The shop and home of the environment (`ALMANAC_SHOP`, `ALMANAC_HOME`); found by workspace.yaml."""
    return build_definitions(load_settings())
