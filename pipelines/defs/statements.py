"""What the domains state, as assets: found by folder, made at the newest arrival day.

Belongs here: finding declarations, when a statement is made, and how Dagster is told. Does not belong here: what is
stated (`pipelines/domains/<domain>/statements`), which of it a shop has (lineage.py), how it is stored
(store.statements).
"""

import datetime as dt
import hashlib
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence, Set
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import duckdb

import pipelines.modeling
from pipelines.contracts.outputs import OutputContract
from pipelines.defs.dbt import state_token
from pipelines.defs.lineage import Lineage, StatementError
from pipelines.defs.partitions import last_day_of_run
from pipelines.defs.resources import Writer
from pipelines.domains import domain_parts
from pipelines.modeling.cards import ModelCard
from pipelines.modeling.statements import Reading, Statement
from pipelines.settings.environment import Settings
from pipelines.store import built, ledger
from pipelines.store.statements import (
    create_output_tables,
    models_are_whole,
    stated_token,
    write_statement,
)

# LightGBM's threads wait for each other by spinning, which costs dearly where other work wants the cores too: one small
# training took 0.03 s on one thread, up to 3.4 s on two, and 0.05 s on two that sleep. Read when its library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# The module of a domain, or the package of modules, that declares its statements.
DECLARED_IN = "statements"


def all_statements() -> list[Statement]:
    """The statements of every domain: STATEMENTS of `pipelines/domains/<domain>/statements.py`, or of every module in a
    folder of that name. A domain may have none. Raises StatementError in one line."""
    found: dict[str, str] = {}
    statements = [(module.__name__, item) for module in _declaring_modules() for item in _declared(module)]
    for module, item in statements:
        if item.name in found:
            raise StatementError(f"{module} declares {item.name}, as {found[item.name]} does: give one another name")
        found[item.name] = module
    return [item for _, item in statements]


def _declaring_modules() -> Iterator[ModuleType]:
    for name in domain_parts(DECLARED_IN).values():
        module = _imported(name)
        yield module
        inside = pkgutil.iter_modules(getattr(module, "__path__", ()))
        yield from (_imported(f"{name}.{item.name}") for item in sorted(inside, key=lambda item: item.name))


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        reason = " ".join(str(error).split()) or "no reason given"
        raise StatementError(f"{name} cannot be imported ({type(error).__name__}: {reason}): correct it") from error


def _declared(module: ModuleType) -> Sequence[Statement]:
    declared = getattr(module, "STATEMENTS", ())
    if not isinstance(declared, list | tuple) or not all(isinstance(item, Statement) for item in declared):
        raise StatementError(f"STATEMENTS of {module.__name__} is no list of Statement: write (Statement(...),)")
    return declared


def model_cards(statements: Sequence[Statement]) -> list[ModelCard]:
    """The cards of the statements' models that have one, each once, in the domains' order."""
    return list({card.model: card for statement in statements if (card := statement.card)}.values())


def code_hash(statement: Statement) -> str:
    """A hash of all code that decides what is stated, and of the releases of the libraries that it names.

    That is `pipelines/modeling` and the pure code of the domain: the folder of the statement's module without its
    report and without cards, which are texts.
    """
    releases = [(name, version(name)) for name in sorted(statement.libraries)]
    digest = hashlib.sha256(repr(releases).encode())
    for folder in (_folder_of(statement), Path(pipelines.modeling.__path__[0])):
        for file in sorted(folder.rglob("*.py")):
            part = file.relative_to(folder)
            if part.parts[0] != "report" and not file.stem.endswith(("_card", "cards")):
                digest.update(f"{folder.name}/{part}".encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _folder_of(statement: Statement) -> Path:
    """The folder of the domain in which a statement is declared."""
    folder = Path(str(sys.modules[statement.make.__module__].__file__)).parent
    return folder.parent if folder.name == DECLARED_IN else folder


def reading_of(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    as_of: dt.date,
    domain: str,
    there: Set[str] = frozenset(),
    sources: Set[str] | None = None,
) -> Reading:
    """What a statement of a domain is made from in a shop; `there` are its optional relations that the shop has,
    `sources` those
    that feed it (`Lineage.sources_of`)."""
    shop = settings.shop
    own = settings.domain_settings.get(domain)
    return Reading(con, as_of, shop.first_day, shop.calendar.is_open, there=there, settings=own, sources=sources)


def build_statement_assets(settings: Settings, lineage: Lineage) -> list[dg.AssetsDefinition]:
    """One asset definition per statement that the shop has, an asset per table."""
    contracts = {contract.table: contract for contract in lineage.outputs}
    return [
        _build(settings, lineage, [contracts[table] for table in statement.tables], statement)
        for statement in lineage.statements
    ]


def _build(
    settings: Settings, lineage: Lineage, contracts: Sequence[OutputContract], statement: Statement
) -> dg.AssetsDefinition:
    code = code_hash(statement)
    model_version = f"{statement.name}-{code[:12]}"
    keys = {contract.table: dg.AssetKey([contract.schema, contract.table]) for contract in contracts}
    there, sources = frozenset(statement.optional) & lineage.relations, lineage.sources_of(statement)
    of = contracts[0].domain

    @dg.multi_asset(
        name=statement.name,
        specs=[
            dg.AssetSpec(
                keys[contract.table],
                deps=[dg.AssetKey(name.split(".")) for name in (*statement.needs, *sorted(there))],
                description=contract.description,
                group_name=contract.domain,
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
            state = state_token(lineage.held.code, ledger.last_batch(con))
            if built.built_token(con, "marts") != state:
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
                    statement.make(reading_of(settings, con, as_of, of, there, sources)),
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
