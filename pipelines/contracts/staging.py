"""The staging models of each source, generated: the names of the columns follow from the contract, and so do their
types and descriptions.

Belongs here: rendering `stg_<source>__<table>.sql` and the YAML of all staging models of a source. A model with logic
of its own is written by hand: its SQL stays as it is, and which columns it has is read from it. Does not belong: the
model that counts row versions (row_versions.py), what staging may be told in a contract (staged.py), reading a model's
SQL (model_columns.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.contracts.contract import Column, SourceContract
from pipelines.contracts.dbt_sources import RAW_META_COLUMNS
from pipelines.contracts.dbt_text import (
    Model,
    ModelColumn,
    as_written,
    is_generated,
    is_reserved,
    own_words,
    portable_type,
    render_models,
    shared,
    text_of,
    without_own_words,
)
from pipelines.contracts.errors import ContractError
from pipelines.contracts.model_columns import columns_of
from pipelines.contracts.row_versions import row_versions_model

HEADER = "# Generated from data_contracts/sources by `make contracts`. Edit the contract, not this file.\n"
SQL = """\
{{#- Generated from data_contracts/sources by `make contracts`: edit the contract. For logic of its own write here what
     a row is instead: from then on the file is written by hand. -#}}
{{{{ config(enabled='{source}' in var('sources')) }}}}

with

source as (

    select * from {{{{ source('raw', '{raw_table}') }}}}
    where _is_current

),

renamed as (

    select
{columns}
    from source

),

final as (

    select * from renamed

)

select * from final
"""
# What every staged row brings along of the loader's columns; in staging they have no _ before their names.
AUDIT = ("_event_date", "_arrival_date", "_delivery_id", "_contract_version", "_batch_id")
META_TYPES = {name: kind.upper() for name, kind, _ in RAW_META_COLUMNS}


def render_staging(
    contracts: Iterable[SourceContract], models: Path, texts: Mapping[str, str]
) -> tuple[dict[Path, str], list[Model]]:
    """The generated files of one source (`contracts` are all of it, at least one), by path below `models`, dbt's folder
    of models, in which what is written by hand is read; and the source's staging models. `texts`: the shared
    descriptions by name. Raises ContractError.
    """
    members = sorted(contracts, key=lambda contract: contract.table)
    source = members[0].source
    folder = models / "staging" / source
    files, told = {}, [row_versions_model(source)]
    for contract in members:
        path = folder / f"stg_{contract.raw_table}.sql"
        sql = text_of(path) if path.is_file() else ""
        if sql and not is_generated(sql):
            _refuse_lost_mark(path, sql, contract)
            told.append(_written_model(path, sql, contract, texts))
        else:
            files[path] = render_staging_sql(contract)
            told.append(_model(contract, [*_staged(contract), *_audit()]))
    told.sort(key=lambda model: model.name)
    return {**files, folder / f"_{source}__staging.yml": render_models(HEADER, told)}, told


def _refuse_lost_mark(path: Path, sql: str, contract: SourceContract) -> None:
    """A model that is written by hand begins with what a row is, and does what is not generated. Without either a
    generated one has lost its mark, and would follow the contract no more without a word."""
    anew = "remove it, and `make contracts` writes it"
    if not own_words(sql):
        raise ContractError(
            path.name,
            "its first comment says neither that it is generated nor, as of one written by hand, what a row is",
            f"begin it with {{#- One row per ... -#}}, or {anew}",
        )
    if without_own_words(sql) == without_own_words(_sql(contract)):
        raise ContractError(
            path.name, "it is what is generated, but for its first comment", f"write its own logic, or {anew}"
        )


def render_staging_sql(contract: SourceContract) -> str:
    """The model that takes the rows that stand and gives every column its name. Raises ContractError where two would
    have one name, or one a name that no column may have."""
    taken = {name.removeprefix("_") for name in AUDIT}
    for column in (column for column in contract.columns if column.staged_as):
        if column.staged_as in taken or is_reserved(str(column.staged_as)):
            raise ContractError(
                f"{contract.table}.odcs.yaml: {column.name}",
                f"staging cannot call it {column.staged_as}: that is a word of SQL's, or another column's name there",
                "give it another one by stagedAs, or none (null)",
            )
        taken.add(str(column.staged_as))
    return _sql(contract)


def _sql(contract: SourceContract) -> str:
    staged = (column for column in contract.columns if column.staged_as)
    lines = [*map(_selected, staged), *(f"{name} as {name.removeprefix('_')}" for name in AUDIT)]
    columns = ",\n".join(f"        {line}" for line in lines)
    return SQL.format(source=contract.source, raw_table=contract.raw_table, columns=columns)


def _selected(column: Column) -> str:
    name = as_written(column.name)
    if column.is_trimmed:
        return f"nullif(trim({name}), '') as {column.staged_as}"
    return name if name == column.staged_as else f"{name} as {column.staged_as}"


def _model(contract: SourceContract, columns: Iterable[ModelColumn], words: str = "") -> Model:
    """`words`: what a model that is written by hand says of itself."""
    said = words or f"{contract.row_description} Of each the version that stands, renamed from the raw table."
    return Model(f"stg_{contract.raw_table}", " ".join(said.split()), tuple(columns))


def _staged(contract: SourceContract) -> list[ModelColumn]:
    return [
        ModelColumn(column.staged_as, portable_type(column.sql_type), _text(column))
        for column in contract.columns
        if column.staged_as
    ]


def _text(column: Column) -> str:
    """The contract describes what is delivered; what is stored differs where a text is hashed or a time is local."""
    text = column.description
    if column.is_trimmed:
        text += " Trimmed; null where it is empty."
    if column.personal_data == "direct":
        text = f"Keyed digest of what is delivered: {text}"
    is_local = column.has_offset or column.zone not in (None, "UTC")
    is_untold = column.sql_type == "TIMESTAMP" and is_local and "UTC" not in text
    return f"{text} Here in UTC." if is_untold else text


def _audit() -> list[ModelColumn]:
    return [
        ModelColumn(name.removeprefix("_"), portable_type(META_TYPES[name]), shared(name.removeprefix("_")))
        for name in AUDIT
    ]


def _written_model(path: Path, sql: str, contract: SourceContract, texts: Mapping[str, str]) -> Model:
    """A model of somebody's own: its columns as DuckDB understands them. One that is only renamed is described by the
    contract, another by the shared description of its name, where there is none by what it is made of."""
    plain = {line.strip().rstrip(",") for line in sql.splitlines()}
    staged = {column.staged_as: column for column in contract.columns if column.staged_as}
    columns = []
    raw = [*((column.name, column.sql_type) for column in contract.columns), *META_TYPES.items()]
    for name, kind in columns_of(path, sql, path.parents[2], {("raw", contract.raw_table): raw}):
        source = staged.get(name)
        is_plain = source is not None and _selected(source) in plain
        if source is None and name not in texts:
            raise ContractError(
                f"{path.name}: {name}",
                "nothing describes it",
                f"name it by stagedAs in the contract, or add {{% docs {name} %}} to models/columns.md",
            )
        told = _text(source) if source and (is_plain or name not in texts) else shared(name)
        columns.append(ModelColumn(name, kind, told))
    return _model(contract, columns, own_words(sql))
