"""Contract drift (schema drift): a delivery that keeps another contract than the agreed one, recognised and named.

Belongs here: which drift the counts of a day show, and the words for it. Does not belong here: what becomes of the day
(its day rules decide that; a drift only says what happened) and comparing days with each other (the marts).
No word of a person gets into a finding: a value is shown by its shape (9 a digit, a a letter), one of a direct column
not at all, and new values are named only of columns whose contract says `personalData: none`.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.contracts.contract import Column, SourceContract
from pipelines.contracts.expression import quoted, text_literal

# Half of a day's rows: single slips are quarantined one by one, a till that was changed breaks (nearly) every row.
# Measured: 2.3 % of the rows of the damaged day that the tests plant break any rule, and none of 541,909 real rows.
MOST_ROWS = 50.0
# Letters in common of a name and its successor (difflib): UnitPrice and Price 0.71, CustomerID and customer_id 0.76 and
# 0.95 without case; Country and Description, the most alike of two real columns that are not each other, 0.44.
SIMILAR = 0.6
# A header may be hostile: beyond these nothing is compared, and the refusal stands all the same.
NAMES, NAME_LENGTH = 500, 100
SHOWN = 5
SHOWN_LENGTH = 40
TYPE_KINDS = ("type", "scale")
FORM_KINDS = ("pattern", "required", "min_length", "max_length", "local_time", "characters")


@dataclass(frozen=True)
class Drift:
    """One finding of a day. `rule` is stable (`drift:<column>:<what>`); `measured` is a percentage of the day's rows,
    or a number of rows for new values."""

    rule: str
    measured: float
    maximum: float
    text: str


@dataclass(frozen=True)
class Evidence:
    """What the gate counted on one day: its rows, rows per broken rule, the shape of a value that broke it, rows per
    value that no list of the contract knows (by column), rows that repeat another row's key."""

    rows: int
    broken: Mapping[str, int]
    shapes: Mapping[str, str]
    new_values: Mapping[str, Mapping[str, int]]
    repeated_keys: int = 0


def name_drift(contract: SourceContract, evidence: Evidence) -> tuple[Drift, ...]:
    """The drifts that the counts show, ordered by rule."""
    found = [drift for column in contract.columns for drift in _column_drift(contract, column, evidence)]
    keys = natural_key(contract)
    share = _percent(evidence.repeated_keys, evidence.rows)
    if keys and share > MOST_ROWS:
        said = f"drift: key {', '.join(keys)} is no longer unique: {share:.3g} % of rows repeat another's"
        found.append(Drift("drift:key:unique", share, MOST_ROWS, said))
    return tuple(sorted(found, key=lambda drift: drift.rule))


def _column_drift(contract: SourceContract, column: Column, evidence: Evidence) -> list[Drift]:
    found = []
    role = "key " if column.name in {*contract.row_key, *contract.document_key} else ""
    for kinds, what in ((TYPE_KINDS, f"is no longer {column.sql_type}"), (FORM_KINDS, "has lost its agreed form")):
        counts = {kind: evidence.broken.get(f"{column.name}:{kind}", 0) for kind in kinds}
        worst = max(kinds, key=lambda kind: counts[kind])
        share = _percent(counts[worst], evidence.rows)
        if share <= MOST_ROWS:
            continue
        rule = f"{column.name}:{worst}"
        example = f", e.g. {shape}" if (shape := evidence.shapes.get(rule)) else ""
        what = "is empty" if worst == "required" else what
        text = f"drift: {role}{column.name} {what} in {share:.3g} % of rows{example}"
        found.append(Drift(f"drift:{rule}", share, MOST_ROWS, text))
    if new := evidence.new_values.get(column.name):
        rows = sum(new.values())
        text = f"drift: {column.name} has new values: {_listed(new)}"
        if column.personal_data != "none":
            text = f"drift: {column.name} has {len(new)} new values in {rows} rows"
        found.append(Drift(f"drift:{column.name}:values", float(rows), 0.0, text))
    return found


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


def _listed(values: Mapping[str, int]) -> str:
    most = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{_clean(value)} ({count})" for value, count in most[:SHOWN])
    return shown + (f" and {len(most) - SHOWN} more" if len(most) > SHOWN else "")


def _clean(value: str) -> str:
    text = "".join(char if char.isprintable() else "?" for char in value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}..."


def shape_of(value: str) -> str:
    """The value with every digit as 9 and every letter as a: what it looks like, not what it says."""
    return _clean("".join("a" if c.isalpha() else "9" if c.isalnum() else c for c in value))


def natural_key(contract: SourceContract) -> tuple[str, ...]:
    """The delivered columns that alone tell rows apart; empty where the loader's own numbers are needed for it."""
    named = tuple(name for name in contract.row_key if name in contract.column_names)
    return named if len(named) == len(contract.row_key) else ()


def renamed(expected: Sequence[str], found: Sequence[str]) -> list[tuple[str, str]]:
    """(agreed name, delivered name) of columns that look renamed: one is missing, an unknown one has a name much like
    it, or stands in its very place between the same neighbours."""
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected and len(name) <= NAME_LENGTH][:NAMES]
    pairs = []
    for old in missing:
        close = [new for new in unknown if _similarity(old, new) >= SIMILAR or _same_place(old, new, expected, found)]
        if close:
            new = max(close, key=lambda name: (_similarity(old, name), -found.index(name)))
            unknown.remove(new)
            pairs.append((old, new))
    return pairs


def _similarity(one: str, other: str) -> float:
    first, second = (name.lower().replace("_", "").replace(" ", "") for name in (one, other))
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()


def _same_place(old: str, new: str, expected: Sequence[str], found: Sequence[str]) -> bool:
    return _neighbours(old, expected) == _neighbours(new, found)


def _neighbours(name: str, names: Sequence[str]) -> tuple[str | None, str | None]:
    place = names.index(name)
    return (names[place - 1] if place else None, names[place + 1] if place + 1 < len(names) else None)


def header_words(expected: Sequence[str], found: Sequence[str]) -> str:
    """What a refusal adds to the names that are missing and unknown: `looks renamed: A -> B`, or nothing."""
    pairs = [f"{old} -> {_clean(new)}" for old, new in renamed(expected, found)]
    return f"looks renamed: {', '.join(pairs)}" if pairs else ""


def find_drift(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    table: str,
    days: Sequence[dt.date],
    broken: Mapping[dt.date, Mapping[str, int]],
) -> dict[dt.date, tuple[Drift, ...]]:
    """The drifts of each day, from the gate's table `gate_rows`, the delivered text in `table` (quoted) and the rows
    per broken rule.

    The rows themselves are looked at only where a count asks for it.
    """
    found = {}
    rows = dict(con.execute("select _arrival_date, count(*) from gate_rows group by all").fetchall())
    repeated = _repeated_keys(con, contract)
    new_values = _new_values(con, contract)
    for day in days:
        total, counts = rows.get(day, 0), broken.get(day, {})
        most = [rule for rule, count in counts.items() if _percent(count, total) > MOST_ROWS]
        shapes = {rule: _shape(con, rule, day, table, contract.direct_columns) for rule in most}
        evidence = Evidence(total, counts, shapes, new_values.get(day, {}), repeated.get(day, 0))
        found[day] = name_drift(contract, evidence)
    return found


def _repeated_keys(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> dict[dt.date, int]:
    keys = natural_key(contract)
    if not keys:
        return {}
    columns = ", ".join(quoted(name) for name in keys)
    counted = f"count(*) - count(distinct (_delivery_id, {columns}))"
    where = "not _is_copy and len(_reasons) = 0"
    return dict(con.execute(f"select _arrival_date, {counted} from gate_rows where {where} group by all").fetchall())


def _new_values(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> dict[dt.date, dict[str, dict[str, int]]]:
    """Only of rows that keep every rule: a malformed name is a slip and is quarantined as such."""
    found: dict[dt.date, dict[str, dict[str, int]]] = {}
    for rule in contract.day_rules:
        if not (rule.column and rule.valid_values):
            continue
        name, known = quoted(rule.column), ", ".join(text_literal(value) for value in rule.valid_values)
        counted = (
            f"select _arrival_date, {name}, count(*) from gate_rows where len(_reasons) = 0 and {name} not in ({known})"
        )
        for day, value, count in con.execute(f"{counted} group by all order by all").fetchall():
            found.setdefault(day, {}).setdefault(rule.column, {})[value] = count
    return found


def _shape(con: duckdb.DuckDBPyConnection, rule: str, day: dt.date, table: str, direct: Sequence[str]) -> str:
    column, _, kind = rule.rpartition(":")
    if kind == "required" or column in ("", "row", *direct):
        return ""
    row = con.execute(
        f"select l.{quoted(column)} from gate_rows as g join {table} as l using (_delivery_id, _row_number) "
        "where g._arrival_date = ? and list_contains(g._reasons, ?) "
        "order by g._arrival_seq, g._row_number limit 1",
        [day, rule],
    ).fetchone()
    return shape_of(str(row[0])) if row and row[0] is not None else ""
