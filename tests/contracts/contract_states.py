"""States of the contracts for tests: the project's own files, and ways to change one thing in them."""

from __future__ import annotations

import copy
import re
import shutil
from pathlib import Path
from typing import Any

from pipelines.contracts.released import contract_files
from pipelines.contracts.shapes import read_yaml
from tests.contracts.conftest import PROJECT

SOURCE = "sources/online_retail/transactions"
ORDERS = "published/fct_orders"
LINES = "published/fct_order_lines"
FORECAST = "published/rpt_inventory_demand_forecast"
VALUES = "outputs/ml_customers__customer_values"
CANONICAL = "canonical/orders"
ORDER_LINES = "canonical/order_lines"
VOCABULARY = "vocabulary"


def project_state() -> dict[str, Any]:
    """The project's present contracts as plain data, by name."""
    return {name: read_yaml(path) for name, path in contract_files(PROJECT / "data_contracts").items()}


def table(data: dict[str, Any]) -> dict[str, Any]:
    return data["schema"][0]  # type: ignore[no-any-return]


def columns(data: dict[str, Any]) -> list[dict[str, Any]]:
    return data["columns"] if "columns" in data else table(data)["properties"]  # type: ignore[no-any-return]


def column(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in columns(data) if item["name"] == name)


def options(data: dict[str, Any], name: str) -> dict[str, Any]:
    return column(data, name)["logicalTypeOptions"]  # type: ignore[no-any-return]


def rule(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = [*table(data).get("quality", []), *(entry for item in columns(data) for entry in item.get("quality", []))]
    return next(entry for entry in found if entry["name"] == name)


def custom(of: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in of["customProperties"] if entry["property"] == name)


def drop(items: list[dict[str, Any]], name: str, key: str = "name") -> None:
    items[:] = [item for item in items if item[key] != name]


def changed(state: dict[str, Any], contract: str, change: Any) -> dict[str, Any]:
    """A copy of `state` in which `change(data)` was done to one contract's data."""
    after = {**state, contract: copy.deepcopy(state[contract])}
    change(after[contract])
    return after


def copied_project(folder: Path, *, as_they_are: bool = False) -> Path:
    """A project of its own in `folder` with a copy of the contracts; returns its data_contracts.

    All versions begin at 1.0.0, whatever the project's have reached, unless the files are to stay `as_they_are`.
    Nothing is released yet.
    """
    shutil.copytree(PROJECT / "data_contracts", folder / "data_contracts", ignore=shutil.ignore_patterns("*released*"))
    for path in contract_files(folder / "data_contracts").values() if not as_they_are else ():
        path.write_text(re.sub(r"(?m)^version: .*$", "version: 1.0.0", path.read_text()))
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1.0.0"\n')
    return folder / "data_contracts"
