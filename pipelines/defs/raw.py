"""Raw assets: one per raw table of the shop, made by a factory from its contract.

Belongs here: which days a run asks for, and what Dagster is told. Does not belong here: how a table is loaded
(ingest.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.errors import ContractError
from pipelines.contracts.odcs import load_source_contract
from pipelines.defs import quality
from pipelines.defs.gate_code import raw_code
from pipelines.defs.ingest import ingest, others_usable
from pipelines.defs.keys import check_home_key
from pipelines.defs.outcome import loaded
from pipelines.defs.partitions import arrival_days, days_of
from pipelines.defs.resources import Writer
from pipelines.settings.environment import Settings
from pipelines.store import ledger
from pipelines.store.days import dirty_days


def loadable_contracts(settings: Settings) -> dict[tuple[str, str], SourceContract]:
    """The contracts of the shop's raw tables by (source, table), checked before anything is written.

    Raises ContractError for a contract that cannot be read, and HashKeyError where direct personal data has no key.
    """
    found = {}
    for source, table, _ in settings.shop.raw_tables():
        file = settings.contract_file(source, table)
        found[source, table] = load_source_contract(file)
    for (source, table), contract in found.items():
        _check_parents(settings.contract_file(source, table), contract, found)
    check_home_key(settings, found.values())
    return found


def _check_parents(file: Path, contract: SourceContract, contracts: Mapping[tuple[str, str], SourceContract]) -> None:
    """Every table that the contract's rows wait for is loaded, has such a column, and does not wait for them."""
    for parent in contract.parents:
        place = f"{parent.column} waits for {parent.table}.{parent.parent_column}"
        other = contracts.get((contract.source, parent.table))
        if other is None or parent.parent_column not in other.column_names:
            remedy = "switch that table on in the shop file, or remove the relationship"
            raise ContractError(str(file), f"{place}, which the shop does not load", remedy)
        own, its = contract.column(parent.column), other.column(parent.parent_column)
        if (own.personal_data == "direct") != (its.personal_data == "direct"):
            raise ContractError(str(file), f"{place}, but only one is direct personal data", "give both one class")
        types = own.sql_type, its.sql_type
        if types[0] != types[1]:
            raise ContractError(
                str(file), f"{place}, but one is {types[0]}, the other {types[1]}", "give both one type"
            )
        above, waiting = {parent.table}, [other]
        while waiting:
            further = {entry.table for entry in waiting.pop().parents} - above
            above |= further
            waiting += [contracts[contract.source, name] for name in further if (contract.source, name) in contracts]
        if contract.table in above:
            raise ContractError(str(file), f"{place}, which waits for it in turn", "remove one of the relationships")


def build_raw_asset(settings: Settings, contract: SourceContract, plan: dirty_days.DirtyPlan) -> dg.AssetsDefinition:
    """The asset `raw/<source>__<table>`: its gate's verdict is an asset check on it."""
    key = dg.AssetKey(["raw", contract.raw_table])

    @dg.asset(
        key=key,
        deps=[dg.AssetKey(["raw", f"{contract.source}__{parent.table}"]) for parent in contract.parents],
        description=contract.description,
        group_name="raw",
        kinds={"duckdb", "parquet"},
        owners=["team:data"],
        partitions_def=arrival_days(settings.shop),
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=[quality.gate_check(key)],
        required_resource_keys={"writer"},
        code_version=raw_code(settings, contract.source, contract.table)[:12],
    )
    def raw_table(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        writer: Writer = context.resources.writer
        days = days_of(context)
        writer.progress(f"load {contract.raw_table}", 0, len(days))
        with writer.warehouse() as con:
            ingested = ingest(con, settings, contract, days, plan, context.run_id, writer.recounts)
            rows = ledger.row_totals(con, contract.source, contract.table, days)
            rules = ledger.broken_rules(con, contract.source, contract.table, days)
            others = ingested.usable_days == 0 and others_usable(con, settings, contract, days)
        writer.progress(f"load {contract.raw_table}", len(days), len(days))
        yield dg.MaterializeResult(
            metadata=loaded(ingested.new_files, len(ingested.loaded_days), len(days), rows, rules),
            check_results=[
                quality.gate_result(ingested.open_days, ingested.usable_days, ingested.warnings, others_usable=others)
            ],
        )

    return raw_table


def build_raw_assets(
    settings: Settings, contracts: Iterable[SourceContract], plan: dirty_days.DirtyPlan
) -> list[dg.AssetsDefinition]:
    """The raw assets of all sources that the shop switches on."""
    return [build_raw_asset(settings, contract, plan) for contract in contracts]
