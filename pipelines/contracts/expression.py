"""Conditions written in a contract, read into a small tree of known operations.

A contract is a file that anyone may hand in, so its SQL is never run as written. DuckDB only PARSES it, in a connection
without files and settings; the tree admits a short list of operations, and what later runs is rendered from the tree.
Belongs here: the tree, its type check, its SQL. Does not belong: evaluating it (predicates.py) or running SQL.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import duckdb

Kind = Literal["text", "number", "date", "timestamp", "boolean"]
Value = str | int | bool | Decimal | dt.date | dt.datetime

COMPARISONS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
OPERATORS = {"~~": "like", "!~~": "not like", "+": "+", "-": "-", "*": "*", "/": "/"}
ARITHMETIC = frozenset({"+", "-", "*", "/"})
AGGREGATES = frozenset({"count_star", "count", "sum", "avg", "min", "max", "median"})
MAX_DEPTH = 30  # far above any rule a person would write; stops a nested file from exhausting the stack


class ExpressionError(ValueError):
    """The text is not an expression of the known operations; the message says which part."""


@dataclass(frozen=True)
class Expression:
    """A node: `op` is `column`, `literal` or an operation; leaves carry `value`, aggregates may carry `where`."""

    op: str
    kind: Kind
    args: tuple[Expression, ...] = ()
    value: Value | None = None
    where: Expression | None = None
    distinct: bool = False

    def walk(self) -> Iterator[Expression]:
        """This node and all below it."""
        yield self
        for child in (*self.args, *((self.where,) if self.where else ())):
            yield from child.walk()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns it reads, in order of first use."""
        return tuple(dict.fromkeys(str(node.value) for node in self.walk() if node.op == "column"))


def kind_of(sql_type: str) -> Kind:
    """Which values compare with each other: the kind of a column type."""
    kinds: dict[str, Kind] = {"VARCHAR": "text", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "timestamp"}
    return kinds.get(sql_type, "number")


@lru_cache(maxsize=1)
def locked_connection() -> duckdb.DuckDBPyConnection:
    """A connection that reads no file and changes no setting, for texts of unknown origin (use its cursors)."""
    # Parsing needs no file, no extension and no setting; lock all of them before any contract text arrives.
    return duckdb.connect(config={"enable_external_access": "false", "lock_configuration": "true"})


def parse_select(text: str) -> dict[str, Any]:
    """The parse tree of ONE select statement (DuckDB's JSON form). Raises ExpressionError otherwise."""
    try:
        row = locked_connection().cursor().execute("select json_serialize_sql(?::varchar)", [text]).fetchone()
        tree = json.loads(row[0]) if row else {"error": True}
    except (duckdb.Error, RecursionError) as error:
        raise ExpressionError(f"it cannot be parsed ({str(error).splitlines()[0]})") from error
    if tree["error"]:
        raise ExpressionError(f"it cannot be parsed ({str(tree.get('error_message', 'not a select')).splitlines()[0]})")
    if len(tree["statements"]) != 1:
        raise ExpressionError("it holds more than one statement")
    node: dict[str, Any] = tree["statements"][0]["node"]
    if node["type"] != "SELECT_NODE":
        raise ExpressionError("it is not a plain select")
    return node


def parse_expression(text: str, types: Mapping[str, str]) -> Expression:
    """Read one expression over columns of the given SQL types. Raises ExpressionError."""
    node = parse_select(f"select {text}\n")
    plain = node["from_table"]["type"] == "EMPTY" and is_plain(node) and node["where_clause"] is None
    if not plain or len(node["select_list"]) != 1:
        raise ExpressionError("it is not one single expression")
    return build(node["select_list"][0], types)


def is_plain(node: dict[str, Any]) -> bool:
    """Whether a select has none of: CTEs, grouping, having, qualify, sampling, order, limit."""
    absent = ("having", "qualify", "sample", "group_expressions", "modifiers")
    return not any(node[key] for key in absent) and not node["cte_map"]["map"]


def build(node: dict[str, Any], types: Mapping[str, str], depth: int = 0) -> Expression:
    """Turn DuckDB's parse tree into ours, or raise ExpressionError naming the first part that is not admitted."""
    if depth > MAX_DEPTH:
        raise ExpressionError(f"it is nested deeper than {MAX_DEPTH} levels")
    if node.get("alias"):
        raise ExpressionError("an alias has no place in it")
    maker = _MAKERS.get(node["class"])
    if maker is None:
        raise ExpressionError(f"{str(node['class']).lower().replace('_', ' ')} is not admitted")
    return maker(node, types, depth + 1)


def _column(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    name = ".".join(node["column_names"])
    if name not in types:
        raise ExpressionError(f"there is no column {name!r}")
    return Expression("column", kind_of(types[name]), value=name)


def _constant(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    literal = node["literal"]
    text = literal["text"]
    if literal["kind"] == "STRING":
        return Expression("literal", "text", value=text)
    if literal["kind"] == "BOOLEAN":
        return Expression("literal", "boolean", value=text == "true")
    if literal["kind"] in ("INTEGER", "NUMERIC"):
        number = Decimal(text.replace("_", ""))
        if number and abs(number.adjusted()) > 37:
            raise ExpressionError(f"the constant {text[:40]} is out of range")
        return Expression("literal", "number", value=number)
    raise ExpressionError(f"a {literal['kind'].lower()} constant is not admitted")


def _cast(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    # Only DATE '...' and TIMESTAMP '...' literals; a cast of a column could fail in the middle of a load.
    target = str(node["type_expr"].get("type_name", "")).upper()
    child = node["child"]
    if target not in ("DATE", "TIMESTAMP") or child["class"] != "CONSTANT" or child["literal"]["kind"] != "STRING":
        raise ExpressionError(
            "a cast is admitted only for constants: date '2011-01-31', timestamp '2011-01-31 12:00:00'"
        )
    try:
        if target == "DATE":
            return Expression("literal", "date", value=dt.date.fromisoformat(child["literal"]["text"]))
        moment = dt.datetime.fromisoformat(child["literal"]["text"])
    except ValueError as error:
        raise ExpressionError(f"{child['literal']['text']!r} is no {target.lower()}") from error
    if moment.tzinfo is not None:
        raise ExpressionError("a timestamp constant is UTC and carries no offset")
    return Expression("literal", "timestamp", value=moment)


def _same_kind(parts: tuple[Expression, ...], what: str) -> None:
    kinds = sorted({part.kind for part in parts})
    if len(kinds) != 1:
        raise ExpressionError(f"{what} compares {' with '.join(kinds)}")


def _comparison(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    op = COMPARISONS.get(node["type"])
    if op is None:
        raise ExpressionError(f"{node['type'].lower().replace('_', ' ')} is not admitted")
    args = (build(node["left"], types, depth), build(node["right"], types, depth))
    _same_kind(args, f"'{op}'")
    return Expression(op, "boolean", args)


def _between(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    value, low, high = (build(node[key], types, depth) for key in ("input", "lower", "upper"))
    _same_kind((value, low, high), "'between'")
    return Expression(
        "and", "boolean", (Expression(">=", "boolean", (value, low)), Expression("<=", "boolean", (value, high)))
    )


def _conjunction(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    op = "and" if node["type"] == "CONJUNCTION_AND" else "or"
    args = tuple(build(child, types, depth) for child in node["children"])
    if any(arg.kind != "boolean" for arg in args):
        raise ExpressionError(f"'{op}' joins something that is no condition")
    return Expression(op, "boolean", args)


def _operator(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    names = {
        "OPERATOR_NOT": "not",
        "OPERATOR_IS_NULL": "is null",
        "OPERATOR_IS_NOT_NULL": "is not null",
        "COMPARE_IN": "in",
    }
    op = names.get(node["type"])
    if op is None:
        raise ExpressionError(f"{node['type'].lower().replace('_', ' ')} is not admitted")
    args = tuple(build(child, types, depth) for child in node["children"])
    if op == "not" and args[0].kind != "boolean":
        raise ExpressionError("'not' stands before something that is no condition")
    if op == "in":
        _same_kind(args, "'in'")
        if any(arg.op != "literal" for arg in args[1:]):
            raise ExpressionError("'in' lists constants only")
    return Expression(op, "boolean", args)


def _function(node: dict[str, Any], types: Mapping[str, str], depth: int) -> Expression:
    name = node["function_name"]
    if node["schema"] or node["catalog"] or node["export_state"] or node["order_bys"]["orders"]:
        raise ExpressionError(f"function {name!r} carries a qualifier that is not admitted")
    args = tuple(build(argument["expression"], types, depth) for argument in node["arguments"])
    if name in AGGREGATES and not node["is_operator"]:
        return _aggregate(node, args, types, depth)
    op = OPERATORS.get(name)
    if op is None or not node["is_operator"]:
        raise ExpressionError(f"function {name!r} is not admitted")
    if op in ARITHMETIC:
        if any(arg.kind != "number" for arg in args):
            raise ExpressionError(f"'{op}' works on numbers only")
        return Expression(op, "number", args)
    if args[0].kind != "text" or args[1].op != "literal" or args[1].kind != "text":
        raise ExpressionError(f"'{op}' takes a text column and a constant pattern")
    if "\\" in str(args[1].value):
        raise ExpressionError(f"'{op}' patterns have no backslash")
    return Expression(op, "boolean", args)


def _aggregate(node: dict[str, Any], args: tuple[Expression, ...], types: Mapping[str, str], depth: int) -> Expression:
    name = node["function_name"]
    if any(part.op in AGGREGATES for arg in args for part in arg.walk()):
        raise ExpressionError("an aggregate stands inside another")
    if name not in ("count_star", "count") and (len(args) != 1 or args[0].kind != "number"):
        raise ExpressionError(f"{name} takes one number")
    where = build(node["filter"], types, depth) if node["filter"] else None
    if where is not None and (where.kind != "boolean" or any(part.op in AGGREGATES for part in where.walk())):
        raise ExpressionError("a filter must be a condition on single rows")
    return Expression(name, "number", args, where=where, distinct=bool(node["distinct"]))


_MAKERS = {
    "COLUMN_REF": _column,
    "CONSTANT": _constant,
    "CAST": _cast,
    "COMPARISON": _comparison,
    "BETWEEN": _between,
    "CONJUNCTION": _conjunction,
    "OPERATOR": _operator,
    "FUNCTION": _function,
}


def quoted(name: str) -> str:
    """An identifier in double quotes, inner quotes doubled."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A SQL string constant."""
    return "'" + text.replace("'", "''") + "'"


def escape_glob(path: Path) -> str:
    """The path as DuckDB must be given it so that `*`, `?` and `[` stand for themselves."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def to_sql(node: Expression, column_sql: Callable[[str], str] = quoted) -> str:
    """Render the tree as DuckDB SQL; every operation in brackets, so precedence cannot surprise.

    `column_sql` writes a column, for callers that need it cast.
    """
    if node.op == "column":
        return column_sql(str(node.value))
    if node.op == "literal":
        return _literal_sql(node.value)
    args = [to_sql(arg, column_sql) for arg in node.args]
    if node.op in AGGREGATES:
        inner = "*" if node.op == "count_star" else ("distinct " if node.distinct else "") + ", ".join(args)
        where = f" filter (where {to_sql(node.where, column_sql)})" if node.where else ""
        return f"{'count' if node.op == 'count_star' else node.op}({inner}){where}"
    if node.op in ("is null", "is not null"):
        return f"({args[0]} {node.op})"
    if node.op == "in":
        return f"({args[0]} in ({', '.join(args[1:])}))"
    if node.op == "not" or len(args) == 1:
        return f"({node.op} {args[0]})"
    return "(" + f" {node.op} ".join(args) + ")"


def _literal_sql(value: Value | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, Decimal):
        return format(value, "f")
    return text_literal(str(value))
