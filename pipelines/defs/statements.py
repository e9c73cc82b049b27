"""What the words' definitions files share: a model's statement as assets, made at the newest arrival day.

Belongs here: when a statement is made, from what, and how Dagster is told. Does not belong here: what is stated (the
words' pure functions; each `defs/<word>.py` lists its own in STATEMENTS), nor how it is stored (store.statements).
"""

import dataclasses
import datetime as dt
import hashlib
import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from pipelines.contracts.outputs import OutputContract
from pipelines.defs.dbt import state_token
from pipelines.defs.manifest import HeldManifest
from pipelines.defs.partitions import last_day_of_run
from pipelines.defs.resources import Writer
from pipelines.modeling.cards import ModelCard
from pipelines.settings.environment import Settings
from pipelines.settings.shop import Shop
from pipelines.store import ledger
from pipelines.store.statements import (
    Stated,
    create_output_tables,
    models_are_whole,
    stated_token,
    write_statement,
)

# LightGBM's threads wait for each other by spinning, which costs dearly where other work wants the cores too: one small
# training took 0.03 s on one thread, up to 3.4 s on two, and 0.05 s on two that sleep. Read when its library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Their release decides numbers: another one makes another model version.
LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Reading:
    """What a statement is made from: the marts (through `con`), the as-of date, the shop."""

    con: duckdb.DuckDBPyConnection
    as_of: dt.date
    shop: Shop


@dataclass(frozen=True)
class Statement:
    """One model as its word declares it.

    `reads` are `schema.table` of dbt's models (those that the shop has) and of other statements; `tables` the output
    contracts that it fills;
    `code` the packages of ours whose code decides what is stated; `make` reads, calls pure functions, returns frames.
    A model whose scores are published has a `card`; what measures without foretelling has none.
    """

    name: str
    reads: tuple[str, ...]
    tables: tuple[str, ...]
    code: tuple[str, ...]
    make: Callable[[Reading], Stated]
    card: ModelCard | None = None


def all_statements() -> list[Statement]:
    """The statements of every word: what stands in STATEMENTS of any module beside this one."""
    import pipelines.defs as package

    names = [f"pipelines.defs.{info.name}" for info in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(name) for name in names]
    return [statement for module in modules for statement in getattr(module, "STATEMENTS", ())]


def model_cards(statements: Sequence[Statement]) -> list[ModelCard]:
    """The cards of the statements' models that have one, each once, in the words' order."""
    return list({card.model: card for statement in statements if (card := statement.card)}.values())


def code_hash(statement: Statement) -> str:
    """A hash of all code that decides what is stated, and of the libraries' versions."""
    digest = hashlib.sha256(repr([(name, version(name)) for name in LIBRARIES]).encode())
    root = Path(__file__).resolve().parents[1]
    for part in (*statement.code, "modeling"):
        for file in sorted((root / part).rglob("*.py")):
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def build_statement_assets(
    settings: Settings, held: HeldManifest, outputs: Sequence[OutputContract], statements: Sequence[Statement]
) -> list[dg.AssetsDefinition]:
    """One asset definition per statement, an asset per table. Raises ValueError for a table without a contract."""
    contracts = {contract.table: contract for contract in outputs}
    claimed = [table for statement in statements for table in statement.tables]
    if sorted(claimed) != sorted(contracts):
        odd = sorted({*claimed} ^ {*contracts}) or sorted(name for name in claimed if claimed.count(name) > 1)
        raise ValueError(f"data_contracts/outputs and the statements of pipelines/defs differ in {', '.join(odd)}")
    nodes = held.content["nodes"].values()
    there = {f"{node['schema']}.{node['name']}" for node in nodes} | {f"ml.{table}" for table in contracts}
    return [
        _build(
            settings,
            held,
            [contracts[table] for table in statement.tables],
            dataclasses.replace(statement, reads=tuple(name for name in statement.reads if name in there)),
        )
        for statement in statements
    ]


def _build(
    settings: Settings, held: HeldManifest, contracts: Sequence[OutputContract], statement: Statement
) -> dg.AssetsDefinition:
    code = code_hash(statement)
    model_version = f"{statement.name}-{code[:12]}"
    keys = {contract.table: dg.AssetKey([contract.schema, contract.table]) for contract in contracts}

    @dg.multi_asset(
        name=statement.name,
        specs=[
            dg.AssetSpec(
                keys[contract.table],
                deps=[dg.AssetKey(name.split(".")) for name in statement.reads],
                description=contract.description,
                group_name=contract.table.split("_")[1],
                kinds={"python", "duckdb"},
                owners=["team:data"],
                code_version=code[:12],
            )
            for contract in contracts
        ],
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"writer"},
    )
    def stated(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        writer: Writer = context.resources.writer
        last = last_day_of_run(context)
        with writer.warehouse() as con:
            ledger.create_tables(con)
            create_output_tables(con, contracts)
            as_of = ledger.watermark(con)
            if as_of is None:
                raise dg.Failure("nothing has been loaded yet, so nothing can be stated: load a day first")
            state = state_token(held.code, ledger.last_batch(con))
            if ledger.built_token(con, "marts") != state:
                raise dg.Failure("the marts do not yet hold what was loaded: select them too")
            token = f"{state}:{code[:12]}"
            told: dict[str, Any] = {"as_of_date": as_of.isoformat(), "model_version": model_version}
            rows: dict[str, int] = {}
            whole = models_are_whole(con, settings.home.models, statement.name, as_of)
            if whole and stated_token(con, statement.name, as_of) == token:
                told["stated"] = "nothing changed since it was stated"
            elif last is not None and last < as_of:
                told["stated"] = f"no: the run ends on {last}, before the newest arrival"
            else:
                writer.progress(f"state {statement.name}", 0, 1)
                rows = write_statement(
                    con,
                    statement.name,
                    contracts,
                    statement.make(Reading(con, as_of, settings.shop)),
                    as_of=as_of,
                    token=token,
                    model_version=model_version,
                    run_id=context.run_id,
                    models_dir=settings.home.models,
                )
                writer.progress(f"state {statement.name}", 1, 1)
                told["stated"] = "yes"
        context.log.info(f"{statement.name} as of {as_of}: {told['stated']}")
        for table, key in keys.items():
            count = {"dagster/row_count": rows[table]} if table in rows else {}
            yield dg.MaterializeResult(asset_key=key, metadata={**told, **count})

    return stated
