"""Raw assets: one per raw table of the shop, made by a factory from its contract.

Belongs here: which days a run asks for, and the order find, land, gate, load. Does not belong here: how any of them
is done (pipelines.sources, pipelines.contracts, pipelines.warehouse).
"""

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from pipelines.contracts.gate import run_gate
from pipelines.contracts.odcs import ContractError, SourceContract, load_source_contract
from pipelines.defs import quality
from pipelines.defs.partitions import arrival_days, days_of
from pipelines.defs.resources import Writer
from pipelines.settings import Settings
from pipelines.sources.csv_files import CsvForm, FileToLand, land_csv
from pipelines.sources.drops import fingerprint, list_drops
from pipelines.warehouse import dirty_days, ledger, loading
from pipelines.warehouse.ledger import Delivery

# What decides, beside the contract and the shop, which rows reach the raw table: any change gates all days anew.
# (Expectations and Data Docs only recount; drafts and generated texts decide nothing.)
GATE_CODE = (
    *(f"contracts/{name}.py" for name in ("checks", "contract", "expression", "gate", "odcs", "parse", "patterns")),
    "contracts/rules.py",
    "sources/csv_files.py",
    "warehouse/loading.py",
)
# A file that arrives late names the day it stands for; without a date in its name it stands for its arrival day.
FILE_NAME_DAY = r"(\d{4}-\d{2}-\d{2})"


@dataclass(frozen=True)
class Ingested:
    """What a run did to one raw table."""

    new_files: int
    loaded_days: Sequence[dt.date]
    open_days: Sequence[tuple[str, dt.date, str, str | None]]
    usable_days: int


def loadable_contracts(settings: Settings) -> dict[tuple[str, str], SourceContract]:
    """The contracts of the shop's raw tables by (source, table), checked before anything is written.

    Raises ContractError for a contract that cannot be read, or whose personal data could not be kept apart.
    """
    found = {}
    for source, table, _ in settings.shop.raw_tables():
        file = settings.contract_file(source, table)
        contract = found[source, table] = load_source_contract(file)
        direct = [column.name for column in contract.columns if column.personal_data == "direct"]
        if direct:
            raise ContractError(
                str(file),
                f"direct personal data cannot be loaded yet: {', '.join(direct)}",
                "leave these columns out of the file and the contract, or correct their class",
            )
    return found


def raw_code(settings: Settings, source: str, table: str) -> str:
    """A hash of all that decides the rows of a raw table, the delivered files apart."""
    digest = hashlib.sha256(settings.contract_file(source, table).read_bytes())
    digest.update(f"{settings.shop.time_zone} {settings.shop.identical_lines}".encode())
    package = Path(__file__).resolve().parents[1]
    for part in GATE_CODE:
        digest.update((package / part).read_bytes())
    return digest.hexdigest()


def ingest(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: SourceContract,
    days: Sequence[dt.date],
    plan: dirty_days.DirtyPlan,
    run_id: str,
) -> Ingested:
    """Load what arrived on the given days and is not known yet; where the code changed, gate everything anew."""
    ledger.create_tables(con)
    loading.create_raw_table(con, contract)
    code = {contract.raw_table: raw_code(settings, contract.source, contract.table)}
    regated = ledger.code_changed(con, code)
    if regated:
        days = sorted({*days, *ledger.arrival_days(con, contract.source, contract.table)})
    ledger.extend_calendar(con, settings.shop.first_day, max(days), settings.shop.calendar.is_open, plan)
    arrived = _land(con, settings, contract, days)
    loaded = sorted({entry.arrival_date for entry in arrived} | (set(days) if regated else set()))
    open_calendar = ledger.open_calendar(con)
    batch_id = ledger.last_batch(con)
    if loaded:
        batch_id = ledger.open_batch(con, run_id, days)
        loading.load_days(
            con,
            contract,
            days=loaded,
            arrived=arrived,
            gate=lambda gate_con, landed, gate_days: run_gate(
                gate_con,
                contract,
                landed=landed,
                time_zone=settings.shop.time_zone,
                identical_lines=settings.shop.identical_lines,
                data_docs=settings.home.data_docs,
                arrival_dates=gate_days,
            ),
            raw_dir=settings.home.raw,
            time_zone=settings.shop.time_zone,
            plan=plan,
            batch_id=batch_id,
        )
    if loading.settle_verdicts(con, contract, open_calendar, batch_id) and not loaded:
        ledger.open_batch(con, run_id, days)
    ledger.remember_code(con, code)
    verdicts = ledger.verdicts(con, contract.source, contract.table, days)
    return Ingested(
        new_files=len(arrived),
        loaded_days=loaded,
        open_days=[row for row in verdicts if row[2] != "accepted"],
        usable_days=sum(1 for row in verdicts if row[2] in {"accepted", "incomplete"}),
    )


def _land(
    con: duckdb.DuckDBPyConnection, settings: Settings, contract: SourceContract, days: Sequence[dt.date]
) -> list[Delivery]:
    """Write the raw Parquet of every file that the ledger does not know; returns their ledger entries."""
    wanted = set(days)
    files = []
    for drop in list_drops(settings.drop_patterns(contract.source, contract.table)):
        if drop.arrival_date in wanted:
            sha256, size = fingerprint(drop.path)
            stands_for = drop.stands_for(FILE_NAME_DAY)
            files.append(loading.ArrivedFile(drop.arrival_date, drop.file_name, stands_for, drop.path, sha256, size))
    found = loading.new_deliveries(con, contract, files)
    if not found:
        return []
    to_land = [
        FileToLand(
            path=file.path,
            delivery_id=entry.delivery_id,
            arrival_date=entry.arrival_date.isoformat(),
            arrival_seq=entry.arrival_seq,
            target=settings.home.raw / str(entry.raw_path),
        )
        for file, entry in found
    ]
    form = CsvForm(tuple(column.name for column in contract.columns), contract.file_format.delimiter)
    staging = Path(tempfile.mkdtemp(prefix="landing-", dir=settings.home.tmp))
    try:
        rows, refused = land_csv(
            to_land, form, staging=staging, memory_limit=settings.memory_limit, threads=settings.threads
        )
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return [_landed(entry, rows, refused) for _, entry in found]


def _landed(entry: Delivery, rows: dict[str, int], refused: Mapping[str, Exception]) -> Delivery:
    if reason := refused.get(entry.delivery_id):
        code = getattr(reason, "code", "unreadable")
        return replace(entry, state="refused", reason=f"{code}: {reason}", raw_path=None)
    return replace(entry, physical_rows=rows[entry.delivery_id])


def build_raw_asset(settings: Settings, contract: SourceContract, plan: dirty_days.DirtyPlan) -> dg.AssetsDefinition:
    """The asset `raw/<source>__<table>`: its gate's verdict is an asset check on it."""
    key = dg.AssetKey(["raw", contract.raw_table])

    @dg.asset(
        key=key,
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
            ingested = ingest(con, settings, contract, days, plan, context.run_id)
            rows = ledger.row_totals(con, contract.source, contract.table, days)
        writer.progress(f"load {contract.raw_table}", len(days), len(days))
        yield dg.MaterializeResult(
            metadata={
                "days": len(days),
                "new_files": ingested.new_files,
                "loaded_days": len(ingested.loaded_days),
                "dagster/partition_row_count": rows.get("accepted", 0),
                **{f"{outcome}_rows": count for outcome, count in rows.items()},
            },
            check_results=[quality.gate_result(ingested.open_days, ingested.usable_days)],
        )

    return raw_table


def build_raw_assets(settings: Settings, plan: dirty_days.DirtyPlan) -> list[dg.AssetsDefinition]:
    """The raw assets of all sources that the shop switches on."""
    return [build_raw_asset(settings, contract, plan) for contract in loadable_contracts(settings).values()]
