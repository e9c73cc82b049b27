"""Contracts of what readers see, generated: one ODCS file per published table, from the YAML of its dbt model.

Belongs here: reading dbt's YAML and shared descriptions as plain text (dbt takes seconds to import) and rendering
`data_contracts/published/<table>.odcs.yaml`. Does not belong: publishing (pipelines.store.published.publication), nor
what a change of these files means (changes.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts.canonical import Vocabulary
from pipelines.contracts.checks import VERSION
from pipelines.contracts.dbt_text import dbt_yaml_files, read_dbt_yaml, shared_texts
from pipelines.contracts.described import CORE_TABLES, refuse_untold
from pipelines.contracts.errors import ContractError

HEADER = "# Generated from dbt_project/models by `make contracts`. Edit the model's YAML, not this file.\n"
# A model whose `config.meta` names no version is at the first one.
FIRST_VERSION = "1.0.0"
# dbt's type -> (ODCS type, type in the published DuckDB and Parquet files).
TYPES = {
    "string": ("string", "VARCHAR"),
    "boolean": ("boolean", "BOOLEAN"),
    "integer": ("integer", "INTEGER"),
    "bigint": ("integer", "BIGINT"),
    "double": ("number", "DOUBLE"),
    "date": ("date", "DATE"),
    "timestamp": ("timestamp", "TIMESTAMP"),
}
DECIMAL = re.compile(r"decimal\(([0-9]{1,2}), ?([0-9]{1,2})\)", re.ASCII)
REFERENCE = re.compile(r"""{{ *doc\( *['"](\w+)['"] *\) *}}""")


def render_published(models: Path, vocabulary: Vocabulary) -> dict[str, str]:
    """YAML text per published table: every `dim_*` and `fct_*` of core, every `rpt_*`. `models` is dbt's folder.

    Raises ContractError when a model is not described or lacks what its readers need (a key, a type or a description of
    a column), or when any model has a column of direct personal data.
    """
    texts = shared_texts(models)
    described = {file: read_dbt_yaml(file).get("models") or [] for file in dbt_yaml_files(models)}
    for file, told in described.items():
        _refuse_direct(file, told)
    rendered = {}
    for file, told in described.items():
        if not told or not (domain := _domain(file, models)):
            continue
        for model in told:
            if domain == "core" and not model["name"].startswith(CORE_TABLES):
                continue
            contract = _contract(file, domain, model, texts, vocabulary)
            rendered[model["name"]] = HEADER + yaml.dump(contract, sort_keys=False, width=110, allow_unicode=True)
    refuse_untold(models, rendered.keys())
    return dict(sorted(rendered.items()))


def _domain(file: Path, models: Path) -> str | None:
    """The domain whose tables a file describes, `core` for what all share; None where readers see none of them."""
    folder, *below = file.relative_to(models).parts
    if folder != "published":
        return "core" if folder == "core" else None
    if len(below) == 1:
        place = f"published/{file.name}"
        raise ContractError(place, "it lies in no domain's folder", "move it and its SQL to published/<domain>/")
    return below[0]


def _refuse_direct(file: Path, models: Iterable[Mapping[str, Any]]) -> None:
    """Of direct personal data only hashes come as far as a model, and a hash is a pseudonym."""
    for model in models:
        columns = model.get("columns") or []
        if not isinstance(columns, list) or not all(isinstance(one, dict) and one.get("name") for one in columns):
            told = "its columns are no list of mappings with a name"
            raise ContractError(f"{file.name}: {model['name']}", told, "correct the YAML")
        for column in columns:
            if ((column.get("config") or {}).get("meta") or {}).get("personal_data") == "direct":
                raise ContractError(
                    f"{file.name}: {model['name']}.{column['name']}",
                    "no model may hold direct personal data",
                    "take the stored hash, whose class is pseudonym",
                )


def _described(file: Path, at: str, text: str | None, texts: Mapping[str, str]) -> str:
    """The description with references put in; refuses none at all and references to nothing."""

    def shared(match: re.Match[str]) -> str:
        if match[1] not in texts:
            raise ContractError(f"{file.name}: {at}", f"doc('{match[1]}') is not there", "add it to columns.md")
        return texts[match[1]]

    flat = " ".join(REFERENCE.sub(shared, text or "").split())
    if not flat:
        raise ContractError(f"{file.name}: {at}", "it is not described", "add a description")
    return flat


def _contract(
    file: Path, domain: str, model: dict[str, Any], texts: Mapping[str, str], vocabulary: Vocabulary
) -> dict[str, Any]:
    name = model["name"]
    meta = (model.get("config") or {}).get("meta") or {}
    key = meta.get("key")
    columns = model.get("columns") or []
    names = [column["name"] for column in columns]
    if not key or not set(key) <= set(names):
        raise ContractError(f"{file.name}: {name}", "config.meta.key does not name its columns", "name the key")
    description = _described(file, name, model.get("description"), texts)
    hours = meta.get("freshness_hours")
    version = str(meta.get("version", FIRST_VERSION))
    if not VERSION.fullmatch(version):
        raise ContractError(f"{file.name}: {name}", f"config.meta.version {version[:40]!r} is no version", "as 1.0.0")
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"almanac-published-{name.replace('_', '-')}",
        "version": version,
        "status": str(meta.get("status", "active")),
        "domain": domain,
        "dataProduct": "almanac",
        "description": {"purpose": description},
        **({"slaProperties": [{"property": "latency", "value": hours, "unit": "h"}]} if hours else {}),
        "schema": [
            {
                "name": name,
                "physicalName": name,
                "physicalType": "table",
                "description": description,
                "dataGranularityDescription": f"One row per {', '.join(key)}.",
                "properties": [_property(file, column, key, names, texts, vocabulary) for column in columns],
            }
        ],
    }


def _property(
    file: Path,
    column: dict[str, Any],
    key: list[str],
    names: list[str],
    texts: Mapping[str, str],
    vocabulary: Vocabulary,
) -> dict[str, Any]:
    name = column["name"]
    logical, physical = _types(file, column)
    tests = column.get("data_tests") or []
    term = vocabulary.term(name)
    meta = (column.get("config") or {}).get("meta") or {}
    custom = {"personalData": meta.get("personal_data") or (term.personal_data if term else "none")}
    if name.endswith(("_amount", "_price")) and (currency := _currency(name, names)):
        custom["currencyColumn"] = currency
    values = [_values(name, test["accepted_values"]) for test in tests if _is(test, "accepted_values")]
    return {
        "name": name,
        "logicalType": logical,
        "physicalType": physical,
        "required": name in key or any(_is(test, "not_null") for test in tests),
        **({"primaryKey": True, "primaryKeyPosition": key.index(name) + 1} if name in key else {}),
        "description": _described(file, name, column.get("description"), texts),
        **({"quality": values} if values else {}),
        "customProperties": [{"property": known, "value": value} for known, value in custom.items()],
    }


def _types(file: Path, column: dict[str, Any]) -> tuple[str, str]:
    given = str(column.get("data_type", "")).lower()
    if decimal := DECIMAL.fullmatch(given):
        return "number", f"DECIMAL({decimal[1]},{decimal[2]})"
    if given not in TYPES:
        raise ContractError(f"{file.name}: {column['name']}", f"data_type {given!r} is unknown", "use a portable type")
    return TYPES[given]


def _currency(name: str, names: list[str]) -> str | None:
    """The column with the currency of money column `name`: the `<x>_currency` with whose x it begins (the longest),
    else amount_currency, else the table's one."""
    found = [other for other in names if other.endswith("_currency")]
    own = [other for other in found if name.startswith(other.removesuffix("currency"))]
    named = [*sorted(own, key=len, reverse=True), *(other for other in found if other == "amount_currency")]
    return named[0] if named else found[0] if len(found) == 1 else None


def _is(test: Any, name: str) -> bool:
    """Whether a dbt test is `name` and stops the build where it fails; a warning promises nothing."""
    if not isinstance(test, dict):
        return bool(test == name)
    config = (test.get(name) or {}).get("config") or {} if name in test else {}
    return name in test and config.get("severity", "error") == "error" and "where" not in config


def _values(name: str, test: dict[str, Any]) -> dict[str, Any]:
    values = (test.get("arguments") or test)["values"]
    return {
        "name": f"{name}_values",
        "type": "library",
        "metric": "invalidValues",
        "mustBe": 0,
        "arguments": {"validValues": [str(value) for value in values]},
        "dimension": "conformity",
        "severity": "error",
        "description": f"{name} has one of these values, or none.",
    }
