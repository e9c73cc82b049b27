"""What kind of value an expression has, as far as its text and the documented columns tell. No rule belongs here.

A kind is not an engine's type: `whole` is a double that holds whole numbers (floor), `moment` a timestamp. None is
not known, and a rule decides for itself what that means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from sqlglot import exp

Kind = Literal["double", "whole", "decimal", "integer", "text", "date", "moment", "boolean"] | None

# First word of a type -> its kind.
TYPES: dict[str, Kind] = {
    **dict.fromkeys(("double", "float", "real"), "double"),
    **dict.fromkeys(("decimal", "numeric"), "decimal"),
    **dict.fromkeys(("bigint", "integer", "int", "smallint", "tinyint", "hugeint"), "integer"),
    **dict.fromkeys(("string", "varchar", "text"), "text"),
    "date": "date",
    **dict.fromkeys(("timestamp", "timestamptz"), "moment"),
    "boolean": "boolean",
}  # fmt: skip

# The macros of dbt_project/macros/engines: in what is linted a call of one stands as a function of its name.
MACROS: dict[str, Kind] = {
    "days_between": "integer",
    "double_as_text": "text",
    "double_to_decimal": "decimal",
    "hours_between": "double",
    "items_of": None,
    "rounded": "double",
    "shop_date": "date",
    "sorted_list": None,
}


def kind_of_type(written: str) -> Kind:
    """The kind of a written type: `decimal(18, 4)` is a decimal."""
    return TYPES.get(written.strip().lower().split("(")[0].split(" ")[0])


def kind_of(node: exp.Expr | None, kind_of_column: Callable[[exp.Column], Kind]) -> Kind:
    """The kind of an expression, given what tells the kinds of its columns."""
    if node is None:
        return None
    if isinstance(node, exp.Cast):
        return kind_of_type(node.to.sql(dialect="duckdb"))
    if isinstance(node, exp.Column):
        return kind_of_column(node)
    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, exp.Anonymous):
        return MACROS.get(node.name.lower())
    if isinstance(node, exp.Predicate | exp.Connector | exp.Not | exp.Boolean):
        return "boolean"
    for classes, kind in FIXED:
        if isinstance(node, classes):
            return kind
    for classes, parts in PASSED_ON:
        if isinstance(node, classes):
            return _common(kind_of(part, kind_of_column) for part in parts(node) if not isinstance(part, exp.Null))
    return None


def never_null(node: exp.Expr) -> bool:
    """Whether an expression is null in no row."""
    if isinstance(node, exp.Coalesce):
        return any(never_null(part) for part in (node.this, *node.expressions))
    if isinstance(node, exp.Window | exp.Filter | exp.Paren | exp.Cast):
        return never_null(node.this)
    return isinstance(node, exp.Literal | exp.Count | exp.RowNumber | exp.Rank | exp.DenseRank | exp.Is | exp.Boolean)


def _literal(node: exp.Literal) -> Kind:
    if node.is_string:
        return "text"
    if "e" in node.name.lower():
        return "double"
    return "decimal" if "." in node.name else "integer"


def _common(kinds: Iterable[Kind]) -> Kind:
    """What a number becomes beside others; other kinds only beside their own."""
    found = set(kinds)
    if "double" in found and found <= {"double", "whole", "decimal", "integer", None}:
        return "double"
    for rising in (("integer",), ("whole", "integer"), ("decimal", "integer")):
        if found and found <= set(rising):
            return rising[0]  # type: ignore[return-value]
    return found.pop() if len(found) == 1 else None


def _operands(node: exp.Expr) -> list[exp.Expr]:
    return [node.this, node.expression]


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    return [node.this, *node.expressions]


def _first(node: exp.Expr) -> list[exp.Expr]:
    return [node.this]


def _branches(node: exp.Expr) -> list[exp.Expr]:
    branches = [branch.args["true"] for branch in node.args["ifs"]]
    return [*branches, node.args["default"]] if node.args.get("default") else branches


Classes = tuple[type[exp.Expr], ...]
FIXED: list[tuple[Classes, Kind]] = [
    ((exp.Ln, exp.Log, exp.Exp, exp.Sqrt, exp.Pow, exp.Avg, exp.Median, exp.Stddev, exp.StddevSamp), "double"),
    ((exp.Floor, exp.Ceil), "whole"),
    ((exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Extract, exp.Length), "integer"),
    ((exp.DPipe, exp.Upper, exp.Lower, exp.Trim, exp.ConcatWs, exp.MD5, exp.SplitPart), "text"),
]
PASSED_ON: list[tuple[Classes, Callable[[exp.Expr], list[exp.Expr]]]] = [
    ((exp.Div,), _operands),
    ((exp.Add, exp.Sub, exp.Mul, exp.Mod), _operands),
    ((exp.Coalesce, exp.Greatest, exp.Least), _arguments),
    ((exp.Paren, exp.Neg, exp.Abs, exp.Sum, exp.Max, exp.Min, exp.Nullif, exp.Round, exp.Window, exp.Filter), _first),
    ((exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue), _first),
    ((exp.Case,), _branches),
]
