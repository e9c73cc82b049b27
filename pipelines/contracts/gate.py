"""The gate: lets every row of the landed deliveries through, or says why not. Nothing is dropped.

Belongs here: the order of steps, the two result tables, the counts. Does not belong: reading files, writing the
warehouse, what the rules are (rules.py) and how text is typed (parse.py).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from pipelines.contracts import drift, parse
from pipelines.contracts.check_classes import class_of
from pipelines.contracts.contract import DELIVERY_COLUMNS, SourceContract
from pipelines.contracts.direct import is_direct, judge_texts
from pipelines.contracts.expression import quoted, text_literal
from pipelines.contracts.patterns import time_zones
from pipelines.contracts.results import DayResult, GateResult
from pipelines.contracts.rules import RowCheck, bad_row_sql, day_reason, day_value_sql, reads_landed_text, row_checks

if TYPE_CHECKING:
    from pipelines.contracts.expectations import Recount

OUTCOMES = ("accepted", "quarantined", "duplicate", "blocked")
IdenticalLines = Literal["duplicate", "keep"]


def run_gate(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    *,
    landed: str,
    time_zone: str,
    identical_lines: str,
    texts: duckdb.DuckDBPyConnection | None = None,
    verify: bool = True,
    data_docs: Path | None = None,
    later: list[Recount] | None = None,
    room: int = 0,
    arrival_dates: Iterable[dt.date] = (),
) -> GateResult:
    """Judge every row of table `landed` and every arrival day.

    `landed` holds the contract's columns as VARCHAR and `_delivery_id, _arrival_date, _arrival_seq, _row_number`. Where
    the contract has direct personal data, `landed` holds hashes of it, and `texts` is a connection that sees the
    delivered texts (direct.py); all else is judged on `landed`.
    Makes TEMP tables, replacing older ones:
    gate_rows: the contract's columns typed, `_row_hash, _occurrence, _is_ambiguous_time, _own_event_date (shop zone),
    _amount, _outcome, _reasons` (row rules broken, whatever the outcome), then the four landed meta columns.
    gate_verdicts(arrival_date, verdict, reasons, warnings): one row per arrival day; a drift is said with the reasons
    of a blocked day, else with the warnings.
    gate_checks(arrival_date, check_class, rule, severity, measured, lowest, highest, is_broken): one row per arrival
    day and day rule, and per drift found.
    `arrival_dates` names days that must be judged even when nothing landed for them (an empty file).
    `verify` recounts every rule with Great Expectations; a difference raises GateDisagreement. `data_docs` is the
    directory that keeps its results (data_docs.py). With `later`, the recount of a load of at most `room`
    rows is put there instead, and `verified` is False: whoever hands out the list settles it. Raises ValueError for a
    wrong table or argument.
    """
    _check_arguments(con, contract, landed, time_zone, identical_lines)
    table = quoted(landed)
    if contract.direct_columns:
        judge_texts(con, contract, table, texts)
    _make_rows(con, contract, table, time_zone, identical_lines)
    values = _measure_days(con, contract, table, sorted(set(arrival_dates)))
    broken = _broken_rules(con)
    _make_verdicts(con, contract, values, drift.find_drift(con, contract, table, list(values), broken))
    con.execute(
        "update gate_rows set _outcome = 'blocked' where _arrival_date in "
        "(select arrival_date from gate_verdicts where verdict = 'blocked')"
    )
    con.execute("alter table gate_rows drop column _is_copy")
    result = GateResult(_collect(con, values, broken), verified=False)
    if not verify:
        return result
    from pipelines.contracts import expectations  # it imports pandas, and where it verifies Great Expectations: seconds

    if later is not None and result.physical_rows <= room:
        later.append(expectations.hold_recount(con, contract, result, landed=landed, texts=texts))
        return result
    expectations.verify_gate(con, contract, result, landed=landed, texts=texts, data_docs=data_docs)
    return replace(result, verified=True)


def _check_arguments(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, landed: str, time_zone: str, identical_lines: str
) -> None:
    if identical_lines not in ("duplicate", "keep"):
        raise ValueError(f"identical_lines is {identical_lines!r}; use 'duplicate' or 'keep'")
    if time_zone not in time_zones():
        raise ValueError(f"{time_zone!r} is no time zone")
    found = [(row[0], row[1]) for row in con.execute(f"describe {quoted(landed)}").fetchall()]
    wanted = [*((name, "VARCHAR") for name in contract.column_names), *DELIVERY_COLUMNS]
    missing = [column for column in wanted if column not in found]
    if missing:
        name, sql_type = missing[0]
        raise ValueError(f"table {landed} has no column {name} {sql_type}; land the contract's columns as text")


def _make_rows(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, table: str, time_zone: str, identical_lines: str
) -> None:
    """Build gate_rows in one scan, then mark the copies (few rows: cheaper than a window over all)."""
    con.execute(f"create or replace temp table gate_rows as {rows_sql(contract, table, time_zone)}")
    # Names of our own begin with _, which no column of a contract does: a column may well be called "line".
    con.execute(
        "create or replace temp table gate_copies as "
        "with repeated as (select _delivery_id, _row_hash from gate_rows group by all having count(*) > 1), "
        "numbered as (select _delivery_id as _copy_delivery, _row_number as _copy_line, "
        "row_number() over (partition by _delivery_id, _row_hash order by _row_number) as _nth "
        "from gate_rows semi join repeated using (_delivery_id, _row_hash)) "
        "select * from numbered where _nth > 1"
    )
    change = "_outcome = 'duplicate'" if identical_lines == "duplicate" else "_occurrence = _nth"
    con.execute(
        f"update gate_rows set _is_copy = true, {change} from gate_copies "
        "where _delivery_id = _copy_delivery and _row_number = _copy_line"
    )
    con.execute("drop table gate_copies")


def rows_sql(contract: SourceContract, table: str, time_zone: str) -> str:
    """The select that types, hashes and judges every row of `table` (already quoted); rules of direct columns are
    judged already, in `broken_texts`."""
    checks = row_checks(contract)
    judged: tuple[str, ...] = ()
    if contract.direct_columns:
        table, judged = f"{table} left join broken_texts using (_delivery_id, _row_number)", ("_broken",)
    typed = ", ".join(quoted(name) for name in contract.column_names)
    meta = ", ".join(name for name, _ in DELIVERY_COLUMNS)
    flags = [f"{_bad_sql(check)} as {quoted(f'bad#{i}')}" for i, check in enumerate(checks)]
    any_bad = " or ".join(quoted(f"bad#{i}") for i in range(len(checks))) or "false"
    named = [f"case when {quoted(f'bad#{i}')} then {text_literal(c.rule_id)} end" for i, c in enumerate(checks)]
    reasons = f"list_filter([{', '.join(named)}], lambda reason: reason is not null)" if named else "[]"
    layers = [
        ("texts", [*parse.text_columns(contract), f"{parse.row_hash(contract)} as _row_hash", meta, *judged], table),
        ("fits", ["*", *parse.fits_columns(contract)], "texts"),
        ("locals", ["*", *parse.local_columns(contract)], "fits"),
        ("instants", ["*", *parse.instant_columns(contract)], "locals"),
        ("dated", ["*", f"{parse.own_event_date(contract, time_zone)} as _own_event_date"], "instants"),
        ("judged", ["*", *flags], "dated"),
    ]
    ctes = ",\n".join(f"{name} as (select {', '.join(columns)} from {source})" for name, columns, source in layers)
    return (
        f"with {ctes}\nselect {typed}, _row_hash, cast(1 as integer) as _occurrence, _is_ambiguous_time, "
        f"_own_event_date, {parse.amount(contract)} as _amount, "
        f"case when {any_bad} then 'quarantined' else 'accepted' end as _outcome, "
        f"cast(case when {any_bad} then {reasons} else [] end as varchar[]) as _reasons, "
        f"{meta}, false as _is_copy from judged"
    )


def _bad_sql(check: RowCheck) -> str:
    if is_direct(check):
        return f"coalesce(list_contains(_broken, {text_literal(check.rule_id)}), false)"
    return bad_row_sql(check)


DayValues = dict[dt.date, dict[str, float | None]]


def _measure_days(
    con: duckdb.DuckDBPyConnection, contract: SourceContract, table: str, days: list[dt.date]
) -> DayValues:
    """The number of every day rule, per arrival day; a day never sees rows of another."""
    found: DayValues = {}
    on_text = [rule for rule in contract.day_rules if reads_landed_text(rule, contract)]
    on_rows = [rule for rule in contract.day_rules if rule not in on_text]
    passed = "(select *, _outcome = 'accepted' as _passed from gate_rows)"
    for rules, source in ((on_text, table), (on_rows, passed)):
        columns = "".join(f", {day_value_sql(rule, contract)}" for rule in rules)
        measured = con.execute(f"select _arrival_date{columns} from {source} group by all").fetchall()
        # Over no rows counts are 0; a mean or a median is nothing.
        empty = con.execute(f"select null{columns} from {source} where false").fetchone() or ()
        seen = {day for day, *_ in measured}
        for day, *values in [*measured, *((day, *empty[1:]) for day in days if day not in seen)]:
            numbers = [None if value is None or math.isnan(value) else value for value in values]
            found.setdefault(day, {}).update(zip([rule.name for rule in rules], numbers, strict=True))
    return dict(sorted(found.items()))


def _make_verdicts(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    values: DayValues,
    drifts: Mapping[dt.date, tuple[drift.Drift, ...]],
) -> None:
    con.execute(
        "create or replace temp table gate_verdicts "
        "(arrival_date date, verdict varchar, reasons varchar[], warnings varchar[])"
    )
    con.execute(
        "create or replace temp table gate_checks (arrival_date date, check_class varchar, rule varchar, "
        "severity varchar, measured double, lowest double, highest double, is_broken boolean)"
    )
    rows, checks = [], []
    for day, measured in values.items():
        broken = [rule for rule in contract.day_rules if not rule.bound.holds(measured[rule.name])]
        said = {
            severity: sorted(day_reason(rule, measured[rule.name]) for rule in broken if rule.severity == severity)
            for severity in ("error", "warning")
        }
        said["error" if said["error"] else "warning"] += [found.text for found in drifts[day]]
        rows.append((day, "blocked" if said["error"] else "accepted", said["error"], said["warning"]))
        for rule in contract.day_rules:
            limits = (rule.bound.minimum, rule.bound.maximum)
            value = measured[rule.name]
            checks.append((day, class_of(rule, contract), rule.name, rule.severity, value, *limits, rule in broken))
        for found in drifts[day]:
            checks.append((day, "schema", found.rule, "warning", found.measured, None, found.maximum, True))
    if rows:
        con.executemany("insert into gate_verdicts values (?, ?, ?, ?)", rows)
    if checks:
        columns = [list(column) for column in zip(*checks, strict=True)]
        types = ("date", "varchar", "varchar", "varchar", "double", "double", "double", "boolean")
        unnested = ", ".join(f"unnest(?::{kind}[])" for kind in types)
        con.execute(f"insert into gate_checks select {unnested}", columns)


def _broken_rules(con: duckdb.DuckDBPyConnection) -> dict[dt.date, dict[str, int]]:
    """Rows per broken row rule and arrival day, whatever became of the rows."""
    counted = (
        "select _arrival_date, rule, count(*) from (select _arrival_date, unnest(_reasons) as rule from gate_rows "
        "where len(_reasons) > 0) group by all order by all"
    )
    found: dict[dt.date, dict[str, int]] = {}
    for day, rule, count in con.execute(counted).fetchall():
        found.setdefault(day, {})[rule] = count
    return found


def _collect(
    con: duckdb.DuckDBPyConnection, values: DayValues, broken: Mapping[dt.date, Mapping[str, int]]
) -> tuple[DayResult, ...]:
    outcomes: dict[dt.date, dict[str, int]] = {}
    amounts: dict[dt.date, dict[str, Decimal]] = {}
    counted = "select _arrival_date, _outcome, count(*), coalesce(sum(_amount), 0) from gate_rows group by all"
    for day, outcome, count, amount in con.execute(counted).fetchall():
        outcomes.setdefault(day, dict.fromkeys(OUTCOMES, 0))[outcome] = count
        amounts.setdefault(day, dict.fromkeys(OUTCOMES, Decimal(0)))[outcome] = amount
    verdicts = con.execute("select arrival_date, verdict, reasons, warnings from gate_verdicts order by 1").fetchall()
    return tuple(
        DayResult(
            arrival_date=day,
            verdict=verdict,
            reasons=tuple(reasons),
            warnings=tuple(warnings),
            outcomes=outcomes.get(day, dict.fromkeys(OUTCOMES, 0)),
            amounts=amounts.get(day, dict.fromkeys(OUTCOMES, Decimal(0))),
            rule_counts=broken.get(day, {}),
            day_values=values[day],
        )
        for day, verdict, reasons, warnings in verdicts
    )
