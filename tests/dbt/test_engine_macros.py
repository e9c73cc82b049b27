"""The macros of dbt_project/macros/engines, run by DuckDB beside what the other engine's rules make of the same values.

Rendered without dbt: a macro is text. What the project's models make of them, dbt's unit tests show.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import duckdb
import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.settings.environment import PROJECT_ROOT

MACROS = PROJECT_ROOT / "dbt_project" / "macros"


def sql_of(macro: str, *arguments: Any) -> str:
    """The SQL of a call of a macro, as DuckDB gets it."""
    texts = [file.read_text() for file in [*(MACROS / "engines").glob("*.sql"), MACROS / "median_of_days.sql"]]

    class Adapter:
        @staticmethod
        def dispatch(name: str) -> Any:
            return lambda *args: getattr(template.module, f"default__{name}")(*args)

    environment = jinja2.Environment()
    environment.globals.update({"return": lambda value: value, "adapter": Adapter})
    template = environment.from_string("\n".join(texts))
    return str(getattr(template.module, macro)(*arguments))


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def spark_decimal(value: float, scale: int) -> Decimal:
    """What Spark makes of `cast(value * 1e4 as decimal(18, 0)) * 0.0001`: it rounds a double's shortest text."""
    return Decimal(repr(value * 10.0**scale)).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-scale)


def quotients(count: int) -> list[float]:
    """Quotients of money and counts, many of them ties in the fifth place."""
    random = Random(count)
    divisors = [1, 7, 8, 32, 800, 4000, 10**5]
    return [random.randint(-(10**9), 10**9) / random.choice(divisors) for _ in range(count)]


def test_a_double_becomes_the_same_decimal_in_both_engines_and_the_one_that_duckdb_casts_to(
    con: duckdb.DuckDBPyConnection,
) -> None:
    random = Random(7)
    wide = [random.choice([-1, 1]) * 10.0 ** random.uniform(-12, 11) for _ in range(5_000)]
    values = [*quotients(30_000), *wide, 0.0, 0.00005, -0.00005, 38.45325, 1.00005]
    sql = f"select {sql_of('double_to_decimal', 'x', 18, 4)}, cast(x as decimal(18, 4)) from (select unnest(?) as x)"
    rows = con.execute(sql, [values]).fetchall()
    assert [row[0] for row in rows] == [spark_decimal(value, 4) for value in values]
    assert [row[0] for row in rows] == [row[1] for row in rows]
    # The values do tell: read as text, as a plain cast is there, some of them fall the other way.
    assert any(row[0] != Decimal(repr(x)).quantize(row[0], ROUND_HALF_UP) for row, x in zip(rows, values, strict=True))


def test_rounding_is_that_of_duckdb_and_its_text_reads_back(con: duckdb.DuckDBPyConnection) -> None:
    columns = f"{sql_of('rounded', 'x', 4)}, round(x, 4), {sql_of('double_as_text', 'x', 4)}"
    rows = con.execute(f"select {columns} from (select unnest(?) as x)", [quotients(10_000)]).fetchall()
    assert [row[0] for row in rows] == [row[1] for row in rows]
    assert [float(row[2]) for row in rows] == [row[0] for row in rows]
    assert all(len(row[2].partition(".")[2]) in range(1, 5) for row in rows)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3.0"),
        (100.0, "100.0"),
        (0.00012, "0.0001"),
        (-2.5, "-2.5"),
        (0.0, "0.0"),
        (1e9, "1000000000.0"),
        (None, None),
    ],
)
def test_text_of_a_double(con: duckdb.DuckDBPyConnection, value: float | None, text: str | None) -> None:
    sql = f"select {sql_of('double_as_text', 'x', 4)} from (select cast(? as double) as x)"
    assert con.execute(sql, [value]).fetchone() == (text,)


def test_hours_days_items_and_lists(con: duckdb.DuckDBPyConnection) -> None:
    start, end = dt.datetime(2024, 2, 28, 23), dt.datetime(2024, 3, 1, 0, 0, 0, 500_000)
    days = sql_of("days_between", "cast(a as date)", "cast(b as date)")
    sql = f"select {sql_of('hours_between', 'a', 'b')}, {days}"
    assert con.execute(f"{sql} from (select ?::timestamp as a, ?::timestamp as b)", [start, end]).fetchone() == (
        (25 * 3600 + 0.5) / 3600,
        2,
    )
    con.execute("create or replace table l as from (values (1, ['b', 'a']), (2, []), (3, null)) as l (k, items)")
    rows = con.execute(
        f"select k, item from l cross join {sql_of('items_of', 'items', 'item')} order by all"
    ).fetchall()
    assert rows == [(1, "a"), (1, "b")]
    lists = con.execute(f"""
        select k, {sql_of("sorted_list", "v")} from (values (1, 'b'), (1, null), (1, 'a'), (2, null)) as t (k, v)
        group by k order by k
    """).fetchall()
    assert lists == [(1, ["a", "b"]), (2, [])]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("xy"), st.booleans(), st.none() | st.integers(-50, 50)), min_size=1, max_size=40
    ),
    st.integers(1, 9),
)
def test_a_median_of_days_is_the_median_over_the_window(
    con: duckdb.DuckDBPyConnection, rows: list[tuple[str, bool, int | None]], n_days: int
) -> None:
    con.execute("create or replace table arrived (k varchar, day integer, is_accepted boolean, m integer)")
    con.executemany("insert into arrived values (?, ?, ?, ?)", [(k, no, a, m) for no, (k, a, m) in enumerate(rows)])
    con.execute("""
        create or replace table days as select *, count(*) filter (where is_accepted) over (
            partition by k order by day rows between unbounded preceding and 1 preceding
        ) as day_no from arrived
    """)
    joined = con.execute(f"""
        select days.day, medians.median_m from days
        left join ({sql_of("median_of_days", "days", ["k"], "day_no", n_days, ["m"])}) as medians
            on days.k = medians.k and days.day_no = medians.day_no
        order by days.day
    """).fetchall()
    windowed = con.execute(f"""
        select day, median(case when is_accepted then m end) over (
            partition by k order by day_no range between {n_days} preceding and 1 preceding
        ) from days order by day
    """).fetchall()
    assert joined == windowed
