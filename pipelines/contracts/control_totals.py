"""The control total of a table, as its contract says it: the money of a row, the rows that are counted, and which
canonical entity brings this money to the facts.

Belongs here: reading these three custom properties; which tables' totals are whose. Does not belong: counting them
(parse.py at the gate, row_versions.py in dbt) and holding one against the other (dbt's tests).
Every total is held against the rows of its own table that stand or were superseded. One that names an entity is held
against that entity's facts too: together with those of other tables of the source, because an order's goods, its
shipping fee and what is given back of it may come in three tables, and all are money of its lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.errors import ContractError
from pipelines.contracts.expression import AGGREGATES, Expression, ExpressionError, parse_expression
from pipelines.contracts.place import SNAKE, Place

TOTAL, ROWS, ENTITY = "controlTotal", "controlRows", "controlEntity"
CONTROL_PROPERTIES = (TOTAL, ROWS, ENTITY)


def control_total(place: Place, custom: dict[str, Any], types: dict[str, str]) -> Expression | None:
    """The money of a row; None where the contract names none. `custom`: the table's custom properties, `types`: SQL
    type by column. Raises ContractError."""
    at = place.at(f"customProperties.{TOTAL}")
    total = _parsed(at, custom.get(TOTAL), types)
    if total is None:
        return None
    inexact = any(types[name] == "DOUBLE" for name in total.columns)
    if total.kind != "number" or any(part.op in AGGREGATES | {"/"} for part in total.walk()) or inexact:
        raise at.refuse(
            "money is added, subtracted and multiplied from exact columns", "use +, -, * on integers and decimals"
        )
    if _scale(total, types) > 4:
        raise at.refuse("it has more than four decimals", "narrow the scale of its columns")
    return total


def control_rows(place: Place, custom: dict[str, Any], types: dict[str, str]) -> Expression | None:
    """The condition on single rows under which they count in the control total, such as currency = 'CNY'. Raises
    ContractError."""
    at = place.at(f"customProperties.{ROWS}")
    condition = _parsed(at, custom.get(ROWS), types)
    if condition is None:
        return None
    if condition.kind != "boolean" or any(part.op in AGGREGATES for part in condition.walk()):
        raise at.refuse("it is no condition on single rows", "write one such as currency = 'CNY'")
    if TOTAL not in custom:
        raise at.refuse("there is no controlTotal whose rows it could choose", "add one or remove it")
    return condition


def _parsed(at: Place, text: Any, types: dict[str, str]) -> Expression | None:
    if text is None:
        return None
    try:
        return parse_expression(str(text), types)
    except ExpressionError as error:
        raise at.refuse(f"the expression is refused: {error}", "rewrite it") from error


def control_entity(place: Place, custom: dict[str, Any]) -> str | None:
    """The canonical entity that brings the total's money to the facts; None where none does. Raises ContractError."""
    name = custom.get(ENTITY)
    if name is None:
        return None
    at = place.at(f"customProperties.{ENTITY}")
    if not isinstance(name, str) or not SNAKE.fullmatch(name):
        raise at.refuse(f"{str(name)[:60]!r} is no name of an entity", "name one of data_contracts/canonical")
    if TOTAL not in custom:
        raise at.refuse("there is no controlTotal whose money it could bring", "add one or remove it")
    return name


def check_entities(directory: Path, contracts: Iterable[SourceContract], entities: Collection[str]) -> None:
    """Every entity that a contract below `directory` names is one of `entities`. Raises ContractError."""
    for contract in contracts:
        if contract.control_entity not in {None, *entities}:
            place = Place(directory / contract.source / f"{contract.table}.odcs.yaml", "schema[0].customProperties")
            raise place.at(ENTITY).refuse(
                f"there is no canonical entity {contract.control_entity!r}", "name one of data_contracts/canonical"
            )


def control_totals(contracts: Iterable[SourceContract]) -> dict[str, list[str]]:
    """The raw tables whose control totals are money of each entity."""
    found: dict[str, list[str]] = {}
    for contract in contracts:
        if contract.control_entity:
            found.setdefault(contract.control_entity, []).append(contract.raw_table)
    return {entity: sorted(tables) for entity, tables in sorted(found.items())}


def check_reconciled(
    manifest: Mapping[str, Any], entities: Mapping[str, Sequence[str]], totals: Mapping[str, Sequence[str]]
) -> None:
    """Where a model of the manifest is held against the control totals of an entity (`control_entity` of a test), every
    source that brings the entity has one. `entities`: sources by entity; `totals`: raw tables by entity, as of
    `control_totals`. Raises ContractError, in place of a test that would fail for want of it."""
    tests = [node["test_metadata"]["kwargs"] for node in manifest["nodes"].values() if node.get("test_metadata")]
    for entity in sorted({test["control_entity"] for test in tests if test.get("control_entity")}):
        for source in sorted(entities.get(entity, ())):
            if any(table.startswith(f"{source}__") for table in totals.get(entity, ())):
                continue
            raise ContractError(
                f"data_contracts/sources/{source}",
                f"no contract says how much money of {entity} its files bring, so nothing holds what is loaded",
                f"add `{ENTITY}: {entity}` beside `{TOTAL}` to the table that does",
            )


def _scale(node: Expression, types: dict[str, str]) -> int:
    """Decimals that the exact value of an arithmetic expression may have."""
    if node.op == "column":
        sql_type = types[str(node.value)]
        return int(sql_type[8:-1].split(",")[1]) if sql_type.startswith("DECIMAL") else 0
    if node.op == "literal":
        return max(0, -int(node.value.as_tuple().exponent))  # type: ignore[union-attr]  # numbers are Decimal
    scales = [_scale(child, types) for child in node.args]
    return sum(scales) if node.op == "*" else max(scales)
