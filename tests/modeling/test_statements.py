"""Which statements hold in a shop: just those that find all they need, through any chain of statements."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipelines.modeling.statements import Reading, Stated, Statement, statements_there

MARTS = ("marts.a", "marts.b", "core.c")
TABLES = tuple(f"ml_x__t{n}" for n in range(5))


def nothing(reading: Reading) -> Stated:
    return Stated({})


def statement(number: int, needs: tuple[str, ...]) -> Statement:
    return Statement(name=f"s{number}", needs=needs, tables=(TABLES[number],), make=nothing)


SCHEMAS = dict.fromkeys(TABLES, "ml")
ANY = st.sampled_from([*MARTS, *(f"ml.{table}" for table in TABLES)])


@given(st.lists(st.lists(ANY, max_size=3, unique=True), min_size=1, max_size=5), st.sets(st.sampled_from(MARTS)))
def test_a_statement_is_there_exactly_where_its_needs_are(needs: list[list[str]], marts: set[str]) -> None:
    declared = [statement(n, tuple(names)) for n, names in enumerate(needs)]
    found = statements_there(declared, marts, SCHEMAS)
    there = marts | {f"ml.{table}" for item in found for table in item.tables}
    assert [item for item in declared if set(item.needs) <= there] == list(found)


def test_a_chain_falls_with_its_first_link() -> None:
    chain = [
        statement(0, ("marts.a",)),
        *(statement(n, (f"ml.{TABLES[n - 1]}",)) for n in range(1, 5)),
    ]
    assert statements_there(chain, {"marts.a"}, SCHEMAS) == tuple(chain)
    assert statements_there(chain, {"marts.b"}, SCHEMAS) == ()


def test_a_statement_may_read_what_it_said_before() -> None:
    own = statement(0, ("marts.a", f"ml.{TABLES[0]}"))
    assert statements_there([own], {"marts.a"}, SCHEMAS) == (own,)
