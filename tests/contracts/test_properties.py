"""SQL against an independent reading of the rules in plain Python, on generated rows."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.contracts import load_source_contract, run_gate
from pipelines.contracts.expression import parse_expression, to_sql
from pipelines.contracts.predicates import is_true
from tests.contracts.conftest import CONTRACT, DAY, land

pytestmark = pytest.mark.slow

LONDON = zoneinfo.ZoneInfo("Europe/London")
ODD = {*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A)}
ODD |= {0xFEFF, 0xFFFD}
LENGTHS = {"InvoiceNo": 20, "StockCode": 20, "Description": 100, "CustomerID": 20, "Country": 60}


def numbers(text: str) -> Decimal | None:
    """A plain decimal number: no exponent, no plus, no leading zeros."""
    if any(char not in "-.0123456789" for char in text) or re.match("-?0[0-9]", text) or text.endswith("."):
        return None
    try:
        return Decimal(text) if text[:1] != "." and text[:2] != "-." else None
    except InvalidOperation:
        return None


def moment(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return found if f"{found:%Y-%m-%d %H:%M:%S}" == text and 1000 <= found.year < 3000 else None


def exists(local: dt.datetime) -> bool:
    return local.replace(tzinfo=LONDON).astimezone(dt.UTC).astimezone(LONDON).replace(tzinfo=None) == local


def text_reasons(row: dict[str, str | None]) -> set[str]:
    forms = {
        "InvoiceNo": lambda t: len(t) in (6, 7) and t[-6:].isdigit() and t[:-6] in ("", "A", "C"),
        "StockCode": lambda t: bool(re.fullmatch("[a-zA-Z0-9_ ]+", t)) and t[0].isalnum() and t[-1].isalnum(),
        "CustomerID": lambda t: t.removesuffix(".0").isdigit() and len(t.removesuffix(".0")) == 5,
        "Country": lambda t: all(w.isalpha() for w in re.split("[ -]", t)) and t[:1].isupper() and t[1:2].isalpha(),
    }
    found = {f"{name}:required" for name, text in row.items() if not text} - {
        "Description:required",
        "CustomerID:required",
    }
    for name, longest in LENGTHS.items():
        text = row[name]
        if not text:
            continue
        found |= {f"{name}:max_length"} if len(text) > longest else set()
        found |= {f"{name}:characters"} if any(ord(char) in ODD for char in text) else set()
        found |= {f"{name}:pattern"} if name in forms and not (text.isascii() and forms[name](text)) else set()
    return found


def reasons(row: dict[str, str | None]) -> list[str]:
    """All reasons for a row that arrives on DAY, sorted."""
    found = text_reasons(row)
    number, price = row["InvoiceNo"], numbers(row["UnitPrice"] or "")
    quantity = numbers(row["Quantity"] or "")
    if row["Quantity"] and (quantity is None or "." in row["Quantity"] or not -(2**31) <= quantity < 2**31):
        found, quantity = found | {"Quantity:type"}, None
    if row["UnitPrice"] and (price is None or abs(price) >= 10**14):
        found, price = found | {"UnitPrice:type"}, None
    if price is not None and -int(price.as_tuple().exponent) > 4:
        found, price = found | {"UnitPrice:scale"}, None
    for name, value, end in (("Quantity", quantity, 100_000), ("UnitPrice", price, 50_000)):
        if value is not None and abs(value) > end:
            found |= {f"{name}:{'minimum' if value < 0 else 'maximum'}"}
    local = moment(row["InvoiceDate"] or "")
    if row["InvoiceDate"] and local is None:
        found |= {"InvoiceDate:type"}
    if local is not None and not exists(local):
        found, local = found | {"InvoiceDate:local_time"}, None
    if local is not None and local < dt.datetime(2009, 12, 1):
        found |= {"InvoiceDate:minimum"}
    if local is not None and local.date() > DAY:
        found |= {"row:event_after_arrival"}
    if quantity == 0:
        found |= {"row:quantity_is_zero"}
    if number and number[0] == "C" and quantity is not None and quantity > 0:
        found |= {"row:cancellation_with_positive_quantity"}
    if number and number[0] != "C" and quantity is not None and quantity < 0 and price:
        found |= {"row:negative_quantity_with_price"}
    if number and number[0] != "A" and price is not None and price < 0:
        found |= {"row:negative_price"}
    return sorted(found)


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=25)
NUMBER_TEXT = st.one_of(
    st.decimals(-60_000, 60_000, places=3).map(str),
    st.integers(-(2**33), 2**33).map(str),
    st.integers(-5, 5).map(str),
    st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{0,6})?", fullmatch=True, alphabet=st.characters(codec="ascii")),
    st.sampled_from(
        ["-0", "1e3", "+4", " 4", "4 ", "0x10", "1_000", "NaN", "inf", "2147483648", "-2147483649", "٣", ""]
    ),
)
TIME_TEXT = st.one_of(
    st.datetimes(dt.datetime(2009, 11, 1), dt.datetime(2011, 3, 9)).map(lambda t: f"{t:%Y-%m-%d %H:%M:%S}"),
    st.datetimes(dt.datetime(2010, 3, 28), dt.datetime(2010, 3, 28, 4)).map(lambda t: f"{t:%Y-%m-%d %H:%M:%S}"),
    st.from_regex(r"20(09|10|11)-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True),
    st.sampled_from(
        ["2000-02-29 00:00:00", "1900-02-29 00:00:00", "0999-01-01 00:00:00", "infinity", "2011-03-07", "\n"]
    ),
)
ROWS = st.fixed_dictionaries(
    {
        "InvoiceNo": st.one_of(st.sampled_from(["545999", "C545999", "A545999", "", "C", "545999\n"]), ANY_TEXT),
        "StockCode": st.one_of(st.sampled_from(["22171", "BANK CHARGES", " 22171", "a" * 21]), ANY_TEXT),
        "Description": st.one_of(st.none(), st.sampled_from(["HOOK", "x" * 101, "caf\ufffd"]), ANY_TEXT),
        "Quantity": NUMBER_TEXT,
        "InvoiceDate": TIME_TEXT,
        "UnitPrice": NUMBER_TEXT,
        "CustomerID": st.one_of(st.none(), st.sampled_from(["16638.0", "16638", "16638.00", "1" * 21]), ANY_TEXT),
        "Country": st.one_of(st.sampled_from(["EIRE", "United Kingdom", "uk", "A-", "USA "]), ANY_TEXT),
    }
)


def check_by_hand(rows: list[dict[str, Any]], verify: bool) -> None:
    contract = load_source_contract(CONTRACT)
    with duckdb.connect() as con:
        land(con, contract, rows)
        options = {"landed": "landed", "time_zone": "Europe/London", "identical_lines": "duplicate"}
        result = run_gate(con, contract, **options, verify=verify)
        found = con.execute("select _reasons from gate_rows order by _row_number").fetchall()
    expected = [reasons(row) for row in rows]
    assert [row[0] for row in found] == expected
    assert result.rule_counts == dict(sorted(Counter(reason for row in expected for reason in row).items()))
    assert result.physical_rows == len(rows)


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(ROWS, min_size=20, max_size=80))
def test_reasons_equal_those_by_hand(rows: list[dict[str, Any]]) -> None:
    check_by_hand(rows, verify=False)


@settings(
    max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)  # shrinking costs minutes
@given(rows=st.lists(ROWS, min_size=40, max_size=80))
def test_the_second_engine_agrees(rows: list[dict[str, Any]]) -> None:
    check_by_hand(rows, verify=True)


CONDITIONS = [
    "a = 1 or b like 'x%'",
    "not (a > b2 and b is not null)",
    "a between 0 and 2 or a is null",
    "b in ('x', 'y') and a <> 0",
    "not b in ('x', 'y')",
    "b not like '_x%' or c",
    "c = true and d >= date '2011-01-02'",
    "not c",
    "a <= b2 or t < timestamp '2011-01-01 12:00:00'",
]
TYPES = {"a": "INTEGER", "b2": "DECIMAL(9,2)", "b": "VARCHAR", "c": "BOOLEAN", "d": "DATE", "t": "TIMESTAMP"}
VALUES = st.tuples(
    st.one_of(st.none(), st.integers(-1, 3)),
    st.one_of(st.none(), st.decimals(-1, 3, places=2)),
    st.one_of(st.none(), st.sampled_from(["x", "xx", "y", "ax\n", ""])),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.dates(dt.date(2011, 1, 1), dt.date(2011, 1, 3))),
    st.one_of(st.none(), st.datetimes(dt.datetime(2011, 1, 1), dt.datetime(2011, 1, 2))),
)


@pytest.mark.parametrize("text", CONDITIONS)
@settings(max_examples=8, deadline=None)
@given(rows=st.lists(VALUES, min_size=1, max_size=40))
def test_pandas_reads_conditions_as_sql_does(text: str, rows: list[tuple[Any, ...]]) -> None:
    condition = parse_expression(text, TYPES)
    with duckdb.connect() as con:
        con.execute(f"create table t ({', '.join(f'{name} {kind}' for name, kind in TYPES.items())})")
        con.executemany("insert into t values (?, ?, ?, ?, ?, ?)", rows)
        by_sql = [row[0] for row in con.execute(f"select coalesce({to_sql(condition)}, false) from t").fetchall()]
        columns = "cast(a as double) a, cast(b2 as double) b2, b, c, cast(d as timestamp) d, t"
        frame: pd.DataFrame = con.sql(f"select {columns} from t").to_arrow_table().to_pandas()
    assert is_true(condition, frame).tolist() == by_sql
