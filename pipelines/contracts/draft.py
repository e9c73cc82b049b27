"""A draft contract from delivered rows: the narrowest types that every value fits, by the gate's own patterns.

Belongs here: guessing, and saying of every guess that it is one. Does not belong: reading files (pipelines.sources),
writing the draft (pipelines.onboarding), and limits of numbers: what was seen so far is no limit of what may come.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.checks import IDENTIFIER
from pipelines.contracts.contract import DELIVERY_COLUMNS, Column, PersonalData, SourceContract
from pipelines.contracts.direct import TEXTS
from pipelines.contracts.errors import ContractError
from pipelines.contracts.expression import quoted, text_literal
from pipelines.contracts.gate import run_gate
from pipelines.contracts.odcs import check_source_contract
from pipelines.contracts.parse import type_regex
from pipelines.contracts.personal import NUMBERS, VALUE_PATTERNS, personal_class

DRAFT = "DRAFT: check"
LOGICAL = {"VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}
LOGICAL |= {"DATE": "date", "TIMESTAMP": "timestamp"}
FORMATS = tuple(
    f"yyyy-MM-dd{joint}HH:mm:ss{fraction}{offset}"
    for joint, fraction, offset in itertools.product((" ", "'T'"), ("", ".SSS", ".SSSSSS"), ("", "XXX"))
)
DATE_LIKE = r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}([ T].*)?"
# A pattern or list is only proposed when chance can hardly have made it: so many distinct values, so many rows.
SURE_DISTINCT, SURE_ROWS, MOST_LISTED = 100, 1000, 20
FIXED_FORMS = ("[0-9]{{{n}}}", "[A-Z]{{{n}}}", "[A-Z]{{1}}[0-9]{{{n_1}}}", "[0-9a-f]{{{n}}}")
KEY_COLUMNS, KEY_CANDIDATES = 3, 12


@dataclass(frozen=True)
class Draft:
    """A drafted contract: its content as plain data, what it compiles to, and lines for the person who reviews it."""

    data: dict[str, Any]
    contract: SourceContract
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Profile:
    """What was seen of one column. `fitting` are the typed candidates that every value fits, narrowest first."""

    name: str
    rows: int
    missing: int
    distinct: int
    shortest: int
    longest: int
    fitting: tuple[Column, ...]
    forms: tuple[str, ...]
    is_date_like: bool
    personal: tuple[PersonalData, str]

    @property
    def chosen(self) -> Column:
        text = Column(self.name, "VARCHAR", "", False, "none")
        is_typed = self.fitting and self.distinct and self.personal[0] != "direct"  # a hash is stored of it: text
        return self.fitting[0] if is_typed else text


def draft_contract(
    con: duckdb.DuckDBPyConnection, landed: str, path: Path, *, delimiter: str, time_zone: str, files: Sequence[str]
) -> Draft:
    """Draft the contract that `path` (.../<source>/<table>.odcs.yaml) will hold, from all rows of table `landed`.

    `landed` has the delivered columns as VARCHAR, then DELIVERY_COLUMNS, as the gate wants them. Makes the gate's TEMP
    tables. Raises ContractError when the columns have names that no contract admits, or when there are no rows.
    """
    source, table = path.parent.name, path.name.removesuffix(".odcs.yaml")
    known = {name for name, _ in DELIVERY_COLUMNS}
    names = [row[0] for row in con.execute(f"describe {quoted(landed)}").fetchall() if row[0] not in known]
    check_names(names, " and ".join(files))
    rows = (con.execute(f"select count(*) from {quoted(landed)}").fetchone() or (0,))[0]
    if not rows:
        raise ContractError(" and ".join(files), "there is a header and no row below it", "give a file with rows")
    profiles = [_profile(con, landed, name, rows) for name in names]
    custom = _table_properties(con, landed, profiles, delimiter)
    data = _document(source, table, rows, files, custom, [_property(con, landed, p, time_zone) for p in profiles])
    contract = check_source_contract(path, data)
    con.execute(f"create or replace temp view {TEXTS} as from {quoted(landed)}")  # nothing is hashed: it is a draft
    broken = run_gate(
        con, contract, landed=landed, time_zone=time_zone, identical_lines="duplicate", texts=con, verify=False
    ).rule_counts
    return Draft(data, contract, tuple(_notes(table, profiles, custom, broken)))


def check_names(names: Sequence[str], where: str) -> None:
    """Refuse a header whose names a contract cannot hold. Raises ContractError naming the first such column."""
    seen: set[str] = set()
    for number, name in enumerate(names, 1):
        if not IDENTIFIER.fullmatch(name):
            raise ContractError(
                where,
                f"column {number} is called {name[:60]!r}",
                "its header needs names of letters, digits and _, beginning with a letter (is there a header line?)",
            )
        if name.lower() in seen:
            raise ContractError(where, f"column {name!r} stands twice in the header", "rename or remove one")
        seen.add(name.lower())


def _candidates(name: str) -> list[Column]:
    """Types from narrow to wide; text is what is left when none fits. The scale of decimals is found later."""
    kinds = ["BOOLEAN", "INTEGER", "BIGINT", "DECIMAL(38,0)", "DOUBLE", "DATE"]
    found = [Column(name, kind, "", False, "none") for kind in kinds]
    return found + [
        Column(name, "TIMESTAMP", "", False, "none", format=text, has_offset=text.endswith("XXX")) for text in FORMATS
    ]


def _profile(con: duckdb.DuckDBPyConnection, landed: str, name: str, rows: int) -> _Profile:
    """Look at every value of a column once."""
    candidates = _candidates(name)
    wanted = [f"bool_and(regexp_full_match(t, {text_literal(str(type_regex(c)))}))" for c in candidates]
    # A leading zero is an identifier's: the gate's pattern of doubles alone would let it pass and lose it.
    wanted.append("not bool_or(regexp_matches(t, '^-?0[0-9]'))")
    wanted.append(f"bool_and(regexp_full_match(t, {text_literal(DATE_LIKE)}))")
    wanted.append("max(length(split_part(t, '.', 2)))")
    wanted.append("max(length(ltrim(split_part(t, '.', 1), '-')))")
    shares = [
        f"count(*) filter (where regexp_matches(t, {text_literal(regex)})) / nullif(count(t), 0)"
        for regex, _ in VALUE_PATTERNS.values()
    ]
    found = con.execute(
        f"with texts as (select nullif({quoted(name)}, '') as t, count(*) as n from {quoted(landed)} group by all) "
        f"select coalesce(sum(n) filter (where t is null), 0)::bigint, count(t), coalesce(min(length(t)), 0), "
        f"coalesce(max(length(t)), 0), {', '.join([*wanted, *shares])} from texts"
    ).fetchone()
    assert found is not None  # an aggregate has one row
    missing, distinct, shortest, most, *rest = found
    fits, (no_zeros, date_like, scale, whole), personal = rest[: len(candidates)], rest[-8:-4], rest[-4:]
    fitting = [c for c, holds in zip(candidates, fits, strict=True) if holds and (c.sql_type != "DOUBLE" or no_zeros)]
    fitting = [d for c in fitting if (d := _with_scale(c, whole or 0, scale or 0))]
    share = {kind: float(value or 0) for kind, value in zip(VALUE_PATTERNS, personal, strict=True)}
    forms = _fixed_forms(con, landed, name) if shortest == most and distinct >= SURE_DISTINCT else ()
    return _Profile(
        name,
        rows,
        missing,
        distinct,
        shortest,
        most,
        tuple(fitting),
        forms,
        bool(date_like),
        personal_class(name, share),
    )


def _with_scale(column: Column, whole: int, scale: int) -> Column | None:
    """A decimal with the scale that was seen and room for larger numbers; None when no decimal holds it exactly."""
    if column.decimal_scale is None:
        return column
    precision = 18 if whole + scale <= 18 else 38
    if whole + scale > 38 or scale > 18:
        return None
    return Column(column.name, f"DECIMAL({precision},{scale})", "", False, "none")


def _fixed_forms(con: duckdb.DuckDBPyConnection, landed: str, name: str) -> tuple[str, ...]:
    """Patterns of one length that every value keeps, narrowest first."""
    row = con.execute(f"select max(length({quoted(name)})) from {quoted(landed)}").fetchone()
    length = int(row[0]) if row else 0
    forms = [form.format(n=length, n_1=length - 1) for form in FIXED_FORMS if length > 1]
    kept = []
    for form in forms:
        holds = con.execute(
            f"select bool_and(regexp_full_match({quoted(name)}, ?)) from {quoted(landed)} where {quoted(name)} <> ''",
            [form],
        ).fetchone()
        if holds and holds[0]:
            kept.append(form)
    return tuple(kept)


def _property(con: duckdb.DuckDBPyConnection, landed: str, seen: _Profile, time_zone: str) -> dict[str, Any]:
    """One column of the contract as plain data."""
    column = seen.chosen
    decimal = column.decimal_scale is not None
    options: dict[str, Any] = {}
    if column.is_text:
        if seen.forms:
            options["pattern"] = seen.forms[0]
        options["maxLength"] = min(1_000_000, max(100, -(-2 * seen.longest // 100) * 100))
    if column.sql_type == "DATE":
        options["format"] = "yyyy-MM-dd"
    if column.sql_type == "TIMESTAMP":
        options |= {"format": column.format, "timezone": column.has_offset}
        options |= {} if column.has_offset else {"defaultTimezone": time_zone}
    found: dict[str, Any] = {
        "name": seen.name,
        "logicalType": "number" if decimal else LOGICAL[column.sql_type],
        "physicalType": column.sql_type,
        "required": seen.missing == 0,
        "description": _description(seen, time_zone),
    }
    if options:
        found["logicalTypeOptions"] = options
    found["customProperties"] = [{"property": "personalData", "value": seen.personal[0]}]
    if values := _listed(con, landed, seen):
        found["quality"] = [_known_values(seen.name, values)]
    return found


def _description(seen: _Profile, time_zone: str) -> str:
    column = seen.chosen
    words = [f"{DRAFT}, and say what it holds."]
    if not seen.distinct:
        words.append("No value was seen, so it is text for now.")
    elif seen.missing:
        words.append(f"{seen.missing:,} of {seen.rows:,} rows have no value.")
    else:
        words.append(f"Required, because all {seen.rows:,} rows have a value.")
    if column.is_text and seen.is_date_like:
        words.append("It looks like a time in a form the gate does not read: deliver yyyy-MM-dd HH:mm:ss.")
    if column.sql_type == "TIMESTAMP" and not column.has_offset:
        words.append(f"Local time without offset, taken to be of {time_zone}.")
    if LOGICAL.get(column.sql_type, "number") in ("integer", "number") and _is_identifier(seen.name):
        words.append("Every value is a number; make it a string if it is an identifier that may hold letters.")
    if seen.forms and column.is_text:
        words.append(f"All {seen.distinct:,} values keep the pattern.")
    words.append(f"Personal data: {seen.personal[0]}, because {seen.personal[1]}.")
    return " ".join(words)


def _is_identifier(name: str) -> bool:
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    return bool(words) and words[-1] in NUMBERS


def _listed(con: duckdb.DuckDBPyConnection, landed: str, seen: _Profile) -> list[str]:
    """The known values of a text column that has few of them, and no personal ones; empty when there are many."""
    few = 1 < seen.distinct <= MOST_LISTED and seen.rows - seen.missing >= SURE_ROWS
    if not (few and seen.chosen.is_text and seen.personal[0] == "none") or seen.longest > 60:
        return []
    name = quoted(seen.name)
    sql = f"select distinct {name} from {quoted(landed)} where {name} <> '' order by all"
    return [row[0] for row in con.execute(sql).fetchall()]


def _known_values(name: str, values: list[str]) -> dict[str, Any]:
    """A new value is only told: it may be good business."""
    return {
        "name": f"{name.lower()[:50]}_unknown",
        "type": "library",
        "metric": "invalidValues",
        "unit": "rows",
        "mustBe": 0,
        "arguments": {"validValues": values},
        "dimension": "conformity",
        "severity": "warning",
        "description": f"{DRAFT}. Rows with a value that was never delivered before; they are accepted.",
    }


def _table_properties(
    con: duckdb.DuckDBPyConnection, landed: str, profiles: Sequence[_Profile], delimiter: str
) -> dict[str, Any]:
    """File format, row key, and the event timestamp where there is one. No control total: money is not guessed."""
    typed = {kind: [p.name for p in profiles if p.chosen.sql_type == kind] for kind in ("TIMESTAMP", "DATE")}
    times = typed["TIMESTAMP"] or typed["DATE"]
    layout = {"format": "csv", "encoding": "utf-8", "delimiter": delimiter, "quote": '"', "escape": '"', "header": True}
    key = _unique_columns(con, landed, profiles)
    documents = [p.name for p in profiles if not p.missing and p.personal[0] != "direct" and _is_identifier(p.name)]
    first = (documents or times)[:1]
    found: dict[str, Any] = {"fileFormat": layout, "rowKey": key or [*first, "_row_hash", "_occurrence"]}
    return found | ({"eventTimestamp": times[0]} if times else {})


def _unique_columns(con: duckdb.DuckDBPyConnection, landed: str, profiles: Sequence[_Profile]) -> list[str]:
    """The smallest set of at most three columns that no two rows share; among equals the first in file order.

    Measures, flags, columns with gaps and direct personal data cannot be keys; only the most distinct are tried.
    """
    able = [
        p
        for p in profiles
        if not p.missing
        and p.personal[0] != "direct"
        and p.chosen.decimal_scale is None
        and p.chosen.sql_type not in ("BOOLEAN", "DOUBLE")
    ]
    kept = sorted(able, key=lambda p: -p.distinct)[:KEY_CANDIDATES]
    able = [p for p in able if p in kept]
    for size in range(1, KEY_COLUMNS + 1):
        for chosen in itertools.combinations(able, size):
            most = math.prod(p.distinct for p in chosen)
            names = ", ".join(quoted(p.name) for p in chosen)
            if most < chosen[0].rows:
                continue
            row = con.execute(f"select count(*) from (select distinct {names} from {quoted(landed)})").fetchone()
            if row and row[0] == chosen[0].rows:
                return [p.name for p in chosen]
    return []


def _document(
    source: str, table: str, rows: int, files: Sequence[str], custom: dict[str, Any], properties: list[dict[str, Any]]
) -> dict[str, Any]:
    """The whole contract file."""
    time = f"the event time {custom['eventTimestamp']}, " if "eventTimestamp" in custom else ""
    key = ", ".join(custom["rowKey"])
    seen = f"{files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''}"
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"{source}-{table}".replace("_", "-"),
        "version": "0.1.0",
        "status": "draft",
        "dataProduct": source,
        "description": {"purpose": f"{DRAFT}. Drafted from {rows:,} rows of {seen}; say what the data is for."},
        "schema": [
            {
                "name": table,
                "physicalName": f"{source}__{table}",
                "physicalType": "file",
                "logicalType": "object",
                "description": f"{DRAFT} {time}the row key {key}; there is no control total yet.",
                "dataGranularityDescription": f"{DRAFT}. One row per {key}.",
                "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
                "properties": properties,
            }
        ],
    }


def _notes(table: str, profiles: Sequence[_Profile], custom: dict[str, Any], broken: dict[str, int]) -> list[str]:
    """What a person should know before reading the file."""
    time = custom.get("eventTimestamp", "none")
    notes = [f"{table}: {profiles[0].rows:,} rows, key {', '.join(custom['rowKey'])}, event time {time}"]
    direct = [p for p in profiles if p.personal[0] == "direct"]
    if direct:
        why = "; ".join(f"{p.name} ({p.personal[1]})" for p in direct)
        notes.append(f"{table}: direct personal data: {why}. Only keyed hashes of it leave the home's private folder")
    notes += [f"{table}: {count:,} rows would be set apart by {rule}" for rule, count in broken.items()]
    odd = [p.name for p in profiles if p.chosen.is_text and p.is_date_like]
    return notes + [f"{table}: {name} looks like a time; deliver it as yyyy-MM-dd HH:mm:ss" for name in odd]
