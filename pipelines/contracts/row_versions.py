"""The dbt model `stg_<source>__row_versions` of each source, generated: which tables it counts and what their money is
follow from the contracts alone.

Belongs here: rendering and writing the model and its YAML. Does not belong: how it counts (macros/row_versions.sql).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.expression import quoted, to_sql

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
YAML = """\
# {generated}
version: 2

models:
  - name: stg_{source}__row_versions
    description: >-
      One row per source table, arrival day and event day, over all rows the gate accepted. It counts what
      stands and what was superseded, so that the accounts close although every other model reads current rows
      only. Money is that of the contracts' control totals.
    columns:
{columns}"""
# Name, type and description of each column; none stands for the shared text of that name in models/columns.md.
COLUMNS = (
    ("source_system", "string", None),
    ("table_name", "string", None),
    ("arrival_date", "date", None),
    ("event_date", "date", "Day of the row's document in the shop's time zone."),
    ("current_rows", "bigint", None),
    ("superseded_rows", "bigint", None),
    ("current_amount", "decimal(38, 4)", None),
    ("superseded_amount", "decimal(38, 4)", None),
)


def render_row_versions(contracts: Iterable[SourceContract]) -> tuple[str, str]:
    """(SQL, YAML) of the model of one source; `contracts` are all of that source, at least one."""
    members = sorted(contracts, key=lambda contract: contract.table)
    source = members[0].source
    tables = "\n".join(f"        '{contract.table}': {_money(contract)}," for contract in members)
    columns = "".join(
        f"      - name: {name}\n        data_type: {kind}\n        description: {text or _shared(name)}\n"
        for name, kind, text in COLUMNS
    )
    return (
        SQL.format(source=source, tables=tables, generated=GENERATED),
        YAML.format(source=source, columns=columns, generated=GENERATED),
    )


def _shared(name: str) -> str:
    return f"\"{{{{ doc('{name}') }}}}\""


def _money(contract: SourceContract) -> str:
    """The control total of a row as a jinja string of SQL; `none` where the contract names no total."""
    if contract.control_total is None:
        return "none"
    total = to_sql(contract.control_total, _column)
    if contract.control_rows:
        total = f"case when {to_sql(contract.control_rows, _column)} then {total} end"
    return json.dumps(total)


def _column(name: str) -> str:
    """The column as staging models write it: plain where it can be, because engines quote names differently."""
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name, re.ASCII | re.IGNORECASE) and name.lower() not in _reserved()
    return name if is_plain else quoted(name)


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    with duckdb.connect() as con:
        rows = con.execute("select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'")
        return frozenset(str(name) for (name,) in rows.fetchall())


def row_versions_paths(models: Path, source: str) -> tuple[Path, Path]:
    """Where the model of one source and its YAML lie below dbt_project/models."""
    folder = models / "staging" / source
    return folder / f"stg_{source}__row_versions.sql", folder / f"stg_{source}__row_versions.yml"


def write_row_versions(contracts: Iterable[SourceContract], models: Path) -> list[Path]:
    """Write the model and the YAML of every source below `models`; returns the paths."""
    by_source: dict[str, list[SourceContract]] = {}
    for contract in contracts:
        by_source.setdefault(contract.source, []).append(contract)
    written = []
    for source, members in sorted(by_source.items()):
        for path, text in zip(row_versions_paths(models, source), render_row_versions(members), strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written
