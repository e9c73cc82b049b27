"""dbt sources of the raw tables, generated: the contract is the only place where a raw column is described.

Belongs here: rendering `_<source>__sources.yml`. Does not belong: dbt models.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.direct import stored_class

HEADER = "# Generated from data_contracts/sources by `make contracts`. Edit the contract, not this file.\n"

# Columns behind the contract's own in every raw table: (name, type, description).
RAW_META_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("_row_hash", "varchar", "md5 over all source columns as delivered."),
    (
        "_occurrence",
        "integer",
        "1 for the first of identical lines of a delivery, then 2, 3, ... where the shop keeps them.",
    ),
    (
        "_is_ambiguous_time",
        "boolean",
        "Whether a local time came twice that day (clocks set back); standard time is taken.",
    ),
    ("_event_date", "date", "Day of the row's document in the shop's zone: the earliest event of the document."),
    ("_delivery_id", "varchar", "The delivery (one file) that brought the row."),
    ("_arrival_date", "date", "Day on which the delivery arrived, in the shop's zone."),
    ("_arrival_seq", "integer", "Rank of the delivery among those of the table and arrival day."),
    ("_row_number", "bigint", "Line of the row in its delivery, from 1, the header left out."),
    ("_contract_version", "varchar", "Version of the contract that accepted the row."),
    ("_batch_id", "bigint", "Load that wrote the row."),
    ("_is_current", "boolean", "Whether this is the latest version of its row key; older ones stay, superseded."),
)


def render_dbt_sources(contracts: Iterable[SourceContract]) -> str:
    """YAML text of one source's raw tables (all contracts of that source), every column with type and description."""
    tables = [_table(contract) for contract in sorted(contracts, key=lambda contract: contract.table)]
    document = {"version": 2, "sources": [{"name": "raw", "schema": "raw", "tables": tables}]}
    return HEADER + yaml.dump(document, sort_keys=False, width=110, allow_unicode=True)


def _table(contract: SourceContract) -> dict[str, Any]:
    columns = [
        {
            "name": column.name,
            "data_type": column.sql_type.lower(),
            "description": column.description,
            "config": {"meta": {"personal_data": stored_class(column)}},
        }
        for column in contract.columns
    ]
    columns += [{"name": name, "data_type": kind, "description": text} for name, kind, text in RAW_META_COLUMNS]
    meta: dict[str, Any] = {"contract": f"{contract.source}/{contract.table}", "row_key": list(contract.row_key)}
    if contract.parents:
        # What happens to a parent reaches the days of its children (pipelines.store.days.dirty_days).
        meta["parents"] = {p.column: f"{contract.source}__{p.table}.{p.parent_column}" for p in contract.parents}
    return {
        "name": contract.raw_table,
        "description": f"{contract.description} {contract.row_description} Only accepted rows, every version of them.",
        "config": {"meta": meta},
        "columns": columns,
    }


def sources_path(models: Path, source: str) -> Path:
    """Where the file of one source lies below dbt_project/models."""
    return models / "staging" / source / f"_{source}__sources.yml"
