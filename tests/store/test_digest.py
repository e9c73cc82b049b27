"""The content digest: equal exactly when two tables hold the same rows, checked against a definition in Python."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.store.published.digest import FORMAT, DigestError, combine, table_digest

pytestmark = pytest.mark.slow

COLUMNS = {
    "n": "BIGINT",
    "price": "DECIMAL(18,4)",
    "share": "DOUBLE",
    "label": "VARCHAR",
    "seen_at": "TIMESTAMP",
    "tags": "VARCHAR[]",
    "pair": "STRUCT(a INTEGER, b VARCHAR)",
    "is_new": "BOOLEAN",
}
Row = tuple[Any, ...]

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=6) | st.sampled_from(["NULL", "", ",", ":", "1:a"])
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.decimals(Decimal("-99999999.9999"), Decimal("99999999.9999"), places=4),
        st.none() | st.floats() | st.sampled_from([0.0, -0.0, 0.1 + 0.2, 5e-324]),
        st.none() | TEXTS,
        st.none() | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)),
        st.none() | st.lists(st.none() | TEXTS, max_size=3),
        st.none() | st.fixed_dictionaries({"a": st.none() | st.integers(-9, 9), "b": st.none() | TEXTS}),
        st.none() | st.booleans(),
    ),
    max_size=8,
)
QUICK = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def digest_of(con: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> str:
    con.execute(f"create or replace table t ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    if rows:
        con.executemany(f"insert into t values ({', '.join('?' for _ in COLUMNS)})", rows)
    found = table_digest(con, "t")
    assert found.rows == len(rows)
    return found.digest


def plain(value: Any) -> str:
    if value is None:
        return ","
    if isinstance(value, bool):
        return f"{str(value).lower()},"
    if isinstance(value, float):
        return ("nan" if math.isnan(value) else f"{value + 0:.8e}") + ","
    if isinstance(value, dt.datetime):
        return f"{(value - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)},"
    return f"{value:.4f}," if isinstance(value, Decimal) else f"{value},"


def text(value: str | None) -> str:
    return ":" if value is None else f"{len(value.encode())}:{value}"


def canonical(row: Row) -> str:
    """The row's text as the definition says it: columns by name, every piece readable in one way only."""
    values = dict(zip(COLUMNS, row, strict=True))
    tags, pair = values["tags"], values["pair"]
    values["tags"] = None if tags is None else f"{len(tags)};" + "".join(text(tag) for tag in tags)
    values["pair"] = None if pair is None else plain(pair["a"]) + text(pair["b"])
    texts = {"label", "tags", "pair"}
    return "".join(text(values[name]) if name in texts else plain(values[name]) for name in sorted(COLUMNS))


def oracle(rows: Sequence[Row]) -> str:
    sums = [int.from_bytes(hashlib.md5(canonical(row).encode()).digest(), "little") for row in rows]
    low, high = sum(value & (2**64 - 1) for value in sums), sum(value >> 64 for value in sums)
    header = [[name, COLUMNS[name]] for name in sorted(COLUMNS)]
    content = json.dumps([FORMAT, header, len(rows), str(low), str(high)], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


@QUICK
@given(rows=ROWS)
def test_the_definition_in_python_gives_the_same_digest(con, rows):
    assert digest_of(con, rows) == oracle(rows)


@QUICK
@given(left=ROWS, right=ROWS, data=st.data())
def test_equal_exactly_when_the_sorted_rows_are_equal(con, left, right, data):
    right = data.draw(st.sampled_from([right, data.draw(st.permutations(left)), left + left[:1], left[1:]]))
    same = sorted(map(canonical, left)) == sorted(map(canonical, right))
    assert (digest_of(con, left) == digest_of(con, right)) is same


@QUICK
@given(rows=ROWS.filter(len), data=st.data())
def test_any_changed_cell_changes_the_digest(con, rows, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(COLUMNS) - 1))
    other = data.draw(ROWS.filter(len))[0]
    changed = list(rows)
    changed[row] = tuple(other[i] if i == column else value for i, value in enumerate(rows[row]))
    differs = canonical(changed[row]) != canonical(rows[row])
    assert (digest_of(con, changed) != digest_of(con, rows)) is differs


@QUICK
@given(value=st.floats(1e-200, 1e200), noise=st.floats(-1e-12, 1e-12))
def test_noise_below_nine_digits_does_not_count(con, value, noise):
    # A value that lies on a boundary of rounding would flip with any noise: start from one in the middle.
    middle = float(f"{value:.8e}")
    noisy, other = middle * (1 + noise), middle * 1.0001
    exact, near, far = (_digest_of_select(con, f"select {x!r}::double as x") for x in (middle, noisy, other))
    assert exact == near != far


def _digest_of_select(con: duckdb.DuckDBPyConnection, select: str) -> str:
    return table_digest(con, f"({select})").digest


@pytest.mark.parametrize("threads", [1, 4])
def test_order_threads_and_chunks_do_not_count(tmp_path, threads):
    select = "select i as k, 'text ' || i as t, i / 7 as f, (i % 3 = 0) as b from range(300_000) as r(i)"
    with duckdb.connect(str(tmp_path / "a.duckdb"), config={"threads": threads}) as con:
        con.execute(f"create table forward as {select} order by k; create table backward as {select} order by k desc")
        con.execute(
            "create table pieces as from forward where k % 3 = 1; insert into pieces from forward where k % 3 <> 1"
        )
        assert len({table_digest(con, name).digest for name in ("forward", "backward", "pieces")}) == 1
        con.execute("update pieces set f = f + 1 where k = 299999")
        assert table_digest(con, "pieces").digest != table_digest(con, "forward").digest


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("null::varchar as x", "'NULL' as x"),
        ("null::varchar as x", "'' as x"),
        ("'a' as x, 'b' as y", "'a1:b' as x, null::varchar as y"),
        ("'a' as x, 'b' as y", "'b' as x, 'a' as y"),
        ("1::integer as x", "1::bigint as x"),
        ("1::integer as x", "1::integer as y"),
        ("1.5::decimal(9, 2) as x", "1.5::decimal(9, 3) as x"),
        ("[]::varchar[] as x", "null::varchar[] as x"),
        ("[]::varchar[] as x", "[null]::varchar[] as x"),
        ("['a', 'b'] as x", "['b', 'a'] as x"),
        ("[['a'], ['b']] as x", "[['a', 'b'], []] as x"),
        ("{'a': null::integer} as x", "null::struct(a integer) as x"),
        ("'infinity'::timestamp as x", "null::timestamp as x"),
        ("'infinity'::timestamp as x", "'-infinity'::timestamp as x"),
        ("'inf'::double as x", "'-inf'::double as x"),
        ("'nan'::double as x", "null::double as x"),
        (r"'\xAA'::blob as x", r"'\xAB'::blob as x"),
        ("''::blob as x", "null::blob as x"),
        ("'a\u0000b' as x", "'a' as x"),
        ("map {'a': 1} as x", "map {'a': 2} as x"),
        ("interval 1 month as x", "interval 30 days as x"),
    ],
)
def test_what_differs(con, left, right):
    assert _digest_of_select(con, f"select {left}") != _digest_of_select(con, f"select {right}")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1 as x, 2 as y", "2 as y, 1 as x"),
        ("-0.0::double as x", "0.0::double as x"),
        ("'nan'::double as x", "-('nan'::double) as x"),
        ("(0.1::double + 0.2::double) as x", "0.3::double as x"),
        ("'a'::enum('a', 'b') as x", "'a'::enum('c', 'a') as x"),
        ("map {'a': 1, 'b': 2} as x", "map {'b': 2, 'a': 1} as x"),
        ("1 as x, 'run 1' as run_id, 7 as batch_id", "1 as x, 'run 2' as run_id, 8 as batch_id"),
        ("1 as x, now() as loaded_at", "1 as x"),
        ("timestamptz '2020-06-01 10:00:00+02' as x", "timestamptz '2020-06-01 08:00:00+00' as x"),
        ("[1, 2]::integer[2] as x, 1 as y", "[1, 2]::integer[2] as x, 1 as y"),
    ],
)
def test_what_is_the_same(con, left, right):
    assert _digest_of_select(con, f"select {left}") == _digest_of_select(con, f"select {right}")


def test_the_session_zone_does_not_count(con):
    con.execute("create or replace table zoned as select timestamptz '2020-06-01 10:00:00+02' as x")
    utc = table_digest(con, "zoned").digest
    con.execute("set TimeZone = 'Asia/Shanghai'")
    assert table_digest(con, "zoned").digest == utc
    con.execute("set TimeZone = 'UTC'")


def test_a_duplicated_row_counts_and_where_limits(con):
    one, two = "(select 1 as x)", "(select 1 as x union all select 1)"
    assert table_digest(con, one) != table_digest(con, two)
    assert table_digest(con, "(select 1 as x union all select 2)", "x = 1") == table_digest(con, one)
    assert table_digest(con, one, "false").rows == 0


def test_a_table_of_audit_columns_alone_is_its_row_count(con):
    one, other, two = "(select 1 as run_id)", "(select 2 as run_id)", "(select 1 as run_id union all select 2)"
    assert table_digest(con, one) == table_digest(con, other) != table_digest(con, two)


@pytest.mark.parametrize("value", ["1::bignum", "1::variant", "null", "{'a': [1::bignum]}", "row(1, 2)"])
def test_a_type_without_canonical_text_is_named(con, value):
    con.execute(f"create or replace view odd as select 1 as k, {value} as strange")
    with pytest.raises(DigestError, match="strange"):
        table_digest(con, "odd")


def test_names_that_need_quoting(con):
    con.execute('create or replace table "od d""s" as select 1 as "a b", 2 as "select", 3 as "é"")"')
    assert table_digest(con, '"od d""s"').rows == 1


def test_combine_is_about_names_and_digests_in_any_order():
    assert combine({"a": "1", "b": "2"}) == combine({"b": "2", "a": "1"})
    assert len({combine(c) for c in ({}, {"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": "1", "b": "1"})}) == 5
