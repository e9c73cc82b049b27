"""Contract conditions evaluated in pandas: the second, independent reading of what expression.py parsed.

Belongs here: three-valued logic over Series. Does not belong: SQL.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pandas as pd

from pipelines.contracts.expression import Expression

# (is true, is false); a row that is neither is unknown, as in SQL.
Truth = tuple[Any, Any]
_COMPARE = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def is_true(node: Expression, frame: pd.DataFrame) -> pd.Series:
    """Boolean Series: rows of `frame` (columns by contract name, times as datetime64) that meet the condition."""
    yes, _ = _truth(node, frame)
    return pd.Series(yes, index=frame.index).astype(bool)


def _truth(node: Expression, frame: pd.DataFrame) -> Truth:
    if node.op in ("and", "or"):
        parts = [_truth(arg, frame) for arg in node.args]
        yes, no = parts[0]
        for other_yes, other_no in parts[1:]:
            if node.op == "and":
                yes, no = yes & other_yes, no | other_no
            else:
                yes, no = yes | other_yes, no & other_no
        return yes, no
    if node.op == "not":
        yes, no = _truth(node.args[0], frame)
        return no, yes
    if node.op in ("is null", "is not null"):
        missing = _series(node.args[0], frame).isna().to_numpy(dtype=bool)
        return (missing, ~missing) if node.op == "is null" else (~missing, missing)
    if node.op in ("column", "literal"):
        values = _series(node, frame)
        known = values.notna().to_numpy(dtype=bool)
        raw = values.fillna(False).to_numpy(dtype=bool)
        return raw & known, ~raw & known
    return _compared(node, frame)


def _compared(node: Expression, frame: pd.DataFrame) -> Truth:
    left = _series(node.args[0], frame)
    known = left.notna().to_numpy(dtype=bool)
    if node.op == "in":
        met = left.isin([_plain(arg) for arg in node.args[1:]])
    elif node.op in ("like", "not like"):
        met = _like(left, str(node.args[1].value))
        met = ~met if node.op == "not like" else met
    else:
        right: Any = node.args[1]
        right = _plain(right) if right.op == "literal" else _series(right, frame)
        if isinstance(right, pd.Series):
            known = known & right.notna().to_numpy(dtype=bool)
        met = getattr(left, _COMPARE[node.op])(right)
    yes = met.fillna(False).to_numpy(dtype=bool) & known
    return yes, ~yes & known


def _like(values: pd.Series, pattern: str) -> pd.Series:
    if pattern.endswith("%") and not set(pattern[:-1]) & {"%", "_"}:
        return values.str.startswith(pattern[:-1], na=False)
    parts = {"%": r"[\s\S]*", "_": r"[\s\S]"}
    return values.str.fullmatch("".join(parts.get(char, re.escape(char)) for char in pattern), na=False)


def _series(node: Expression, frame: pd.DataFrame) -> pd.Series:
    if node.op == "column":
        return frame[str(node.value)]
    return pd.Series([_plain(node)] * len(frame), index=frame.index)


def _plain(node: Expression) -> Any:
    value = node.value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date):
        return pd.Timestamp(value)
    return value
