"""The dbt model `stg_<source>__row_versions` of each source, generated: which tables it counts and what their money is
follow from the contracts alone.

Belongs here: rendering the model and telling its columns. Does not belong: how it counts (macros/row_versions.sql), the
YAML of a source's staging models (staging.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.dbt_text import Model, ModelColumn, as_written, shared
from pipelines.contracts.expression import to_sql

GENERATED = "Generated from data_contracts/sources by `make contracts`. Edit the contract, not this file."
SQL = """\
{{{{ config(enabled='{source}' in var('sources')) }}}}

-- {generated}
-- The one view that reads superseded rows too: elsewhere only current rows count, but the accounts must show the rest.
with

final as (

    {{{{ row_versions('{source}', {{
{tables}
    }}) }}}}

)

select * from final
"""
DESCRIPTION = (
    "One row per source table, arrival day and event day, over all rows the gate accepted. It counts what stands and "
    "what was superseded, so that the accounts close although every other model reads current rows only. Money is that "
    "of the contracts' control totals."
)
# Name and type of each column; the descriptions are shared (models/columns.md).
COLUMNS = (
    ("source_system", "string"),
    ("table_name", "string"),
    ("arrival_date", "date"),
    ("event_date", "date"),
    ("current_rows", "bigint"),
    ("superseded_rows", "bigint"),
    ("current_amount", "decimal(38, 4)"),
    ("superseded_amount", "decimal(38, 4)"),
)


def render_row_versions(contracts: Iterable[SourceContract]) -> str:
    """SQL of the model of one source; `contracts` are all of that source, at least one."""
    members = sorted(contracts, key=lambda contract: contract.table)
    tables = "\n".join(f"        '{contract.table}': {_money(contract)}," for contract in members)
    return SQL.format(source=members[0].source, tables=tables, generated=GENERATED)


def row_versions_model(source: str) -> Model:
    """What the model of a source is to its readers."""
    columns = tuple(ModelColumn(name, kind, shared(name)) for name, kind in COLUMNS)
    return Model(f"stg_{source}__row_versions", DESCRIPTION, columns)


def row_versions_path(models: Path, source: str) -> Path:
    """Where the model of one source lies below dbt_project/models."""
    return models / "staging" / source / f"stg_{source}__row_versions.sql"


def _money(contract: SourceContract) -> str:
    """The control total of a row as a jinja string of SQL; `none` where the contract names no total."""
    if contract.control_total is None:
        return "none"
    total = to_sql(contract.control_total, as_written)
    if contract.control_rows:
        total = f"case when {to_sql(contract.control_rows, as_written)} then {total} end"
    return json.dumps(total)
