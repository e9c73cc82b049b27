"""A contract file as nested mappings that can be compared leaf by leaf: what is named stands under its name.

Belongs here: bringing the three kinds of file (ODCS, canonical entity, vocabulary) into one form in which the same
agreement always looks the same, defaults filled in. Nothing is left out: what has no known place keeps its own key, so
that the comparison meets it. Does not belong: what a difference means (change_rules.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeGuard

from pipelines.contracts.contract import Bound
from pipelines.contracts.shapes import LogicalTypeOptions

Family = Literal["sources", "canonical", "outputs", "published", "vocabulary"]
Tree = dict[str, Any]

HOURS = {"h": 1.0, "hours": 1.0, "d": 24.0, "days": 24.0}
OPTION_DEFAULTS = {"timezone": False}
FORMAT_DEFAULTS = {"quote": '"', "escape": '"', "header": True}
INTERVALS = {
    "mustBeGreaterThan": (True, "strict_minimum"),
    "mustBeGreaterOrEqualTo": (True, None),
    "mustBeLessThan": (False, "strict_maximum"),
    "mustBeLessOrEqualTo": (False, None),
}


def normal_form(family: Family, data: Mapping[str, Any]) -> Tree:
    """The comparable form of one file's plain data: `columns`, `rules`, `key`, ... and all other keys as they stand."""
    if family == "vocabulary":
        return {**data, "terms": _named(data.get("terms", []), _term)}
    if family == "canonical":
        return {**data, "columns": _named(data.get("columns", []), dict)}
    tables = data.get("schema")
    tree: Tree = {key: value for key, value in data.items() if key != "schema"}
    tree["slaProperties"] = _named(data.get("slaProperties", []), _service_level, "property")
    if not _is_list_of_mappings(tables) or len(tables) != 1:
        return {**tree, "schema": tables}
    return {**tree, **_table(tables[0])}


def _table(table: Mapping[str, Any]) -> Tree:
    rest = {key: value for key, value in table.items() if key not in ("properties", "quality", "customProperties")}
    properties = table.get("properties", [])
    columns = _named(properties, _column)
    rules: list[Any] = [*table.get("quality", [])]
    keys: list[tuple[int, int, str]] = []
    for place, item in enumerate(properties if isinstance(columns, dict) else []):
        rules += [{**rule, "column": item["name"]} for rule in item.get("quality", []) if isinstance(rule, Mapping)]
        if item.get("primaryKey", False) is True and is_place(item.get("primaryKeyPosition", -1)):
            keys.append((item.get("primaryKeyPosition", -1), place, item["name"]))
    return {
        "table": rest,
        "custom": _custom(table.get("customProperties", [])),
        "key": [name for _, _, name in sorted(keys)],
        "columns": columns,
        "rules": _named(rules, _rule),
    }


def _is_list_of_mappings(items: Any) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(items, list) and all(isinstance(item, Mapping) for item in items)


def _named(items: Any, form: Any, name: str = "name") -> Any:
    """The list as a mapping from each entry's name; as it is when an entry has none or two share one."""
    if not _is_list_of_mappings(items) or not all(isinstance(item.get(name), str) for item in items):
        return items
    if len({item[name] for item in items}) != len(items):
        return items
    return {item[name]: form({key: value for key, value in item.items() if key != name}) for item in items}


def _term(term: Tree) -> Tree:
    types = term.get("types")
    return {**term, "types": sorted(types)} if isinstance(types, list) and all_text(types) else term


def _column(column: Tree) -> Tree:
    tree = {key: value for key, value in column.items() if key not in ("logicalType", "physicalType")}
    if _is_list_of_mappings(tree.get("quality")):
        del tree["quality"]  # the table's rules hold them
    if isinstance(tree.get("primaryKey"), bool | None) and is_place(tree.get("primaryKeyPosition", -1)):
        tree = {key: value for key, value in tree.items() if not key.startswith("primaryKey")}  # the table's key does
    tree["type"] = type_text(column.get("logicalType"), column.get("physicalType"))
    tree["required"] = column.get("required", False)
    options = (column.get("logicalTypeOptions") or {}).items()
    given = {key: value for key, value in options if value is not None or key not in LogicalTypeOptions.model_fields}
    tree["logicalTypeOptions"] = {**OPTION_DEFAULTS, **given}
    tree["relationships"] = column.get("relationships") or []
    tree["customProperties"] = _custom(column.get("customProperties", []))
    return tree


def type_text(logical: Any, physical: Any) -> str:
    """One text for a column's two types: `DECIMAL(18,4)`, and with its logical type where that is unusual."""
    text = re.sub(r"\s", "", str(physical)).upper()
    return f"{logical} {text}"


def _custom(items: Any) -> Any:
    """Custom properties by name: the value itself, or value and description where there is one."""
    named = _named(items, dict, "property")
    if not isinstance(named, dict):
        return named
    tree = {name: entry["value"] if set(entry) == {"value"} else entry for name, entry in named.items()}
    if isinstance(tree.get("fileFormat"), Mapping) and "value" not in tree["fileFormat"]:
        tree["fileFormat"] = {**FORMAT_DEFAULTS, **tree["fileFormat"]}
    return tree


def _rule(rule: Tree) -> Tree:
    """A quality rule: its comparison as `bound`, its arguments and `grain` beside the other keys."""
    tree: Tree = {"unit": "rows", **rule}
    compared = {key: value for key, value in rule.items() if key.startswith("mustBe")}
    bound = _bound(compared)
    if bound is not None:
        tree = {key: value for key, value in tree.items() if key not in compared} | {"bound": bound}
    arguments = tree.pop("arguments", None)
    if isinstance(arguments, Mapping):
        tree |= {f"arguments.{key}": value for key, value in arguments.items()}
    elif arguments is not None:
        tree["arguments"] = arguments
    custom = _custom(tree.pop("customProperties", []))
    named = isinstance(custom, dict) and isinstance(custom.get("grain"), str)
    grain = custom.pop("grain") if named else "arrival_day"
    return {**tree, "grain": grain, "customProperties": custom}


def _bound(compared: Mapping[str, Any]) -> Bound | None:
    """The interval of the one comparison; None where there is none, or not one of numbers."""
    if len(compared) != 1:
        return None
    ((key, value),) = compared.items()
    if key == "mustBeBetween" and isinstance(value, list) and len(value) == 2 and all(map(is_number, value)):
        return Bound(value[0], value[1])
    if not is_number(value):
        return None
    if key == "mustBe":
        return Bound(value, value)
    if key not in INTERVALS:
        return None
    low, strict = INTERVALS[key]
    bound = Bound(minimum=value) if low else Bound(maximum=value)
    return bound if strict is None else Bound(bound.minimum, bound.maximum, low, not low)


def _service_level(level: Tree) -> Tree:
    """A service level; a duration in hours or days becomes `hours`."""
    value, unit = level.get("value"), level.get("unit")
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not isinstance(unit, str) or unit not in HOURS:
        return level
    rest = {key: value for key, value in level.items() if key not in ("value", "unit")}
    return {**rest, "hours": float(value) * HOURS[unit]}


def is_number(value: Any) -> bool:
    """Whether it is a number; YAML's true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_place(value: Any) -> bool:
    """Whether it can be a place in a key."""
    return isinstance(value, int) and not isinstance(value, bool)


def all_text(values: Any) -> bool:
    """Whether every entry is text."""
    return all(isinstance(value, str) for value in values)
