"""Statements: written whole or not at all, replaced for their own as-of date only, kept through a changed contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.contracts.outputs import OutputColumn, OutputContract
from pipelines.modeling.statements import Stated
from pipelines.store.statements import (
    StatementError,
    create_output_tables,
    last_as_of,
    model_text,
    stated_token,
    statements_token,
    write_statement,
)

DAY, NEXT = dt.date(2011, 3, 1), dt.date(2011, 3, 2)
CONTRACT = OutputContract(
    table="ml_customers__moods",
    domain="customers",
    model="moods",
    version="1.0.0",
    description="Moods.",
    columns=(
        OutputColumn("customer_id", "varchar", True, "Who."),
        OutputColumn("mood", "double", True, "How."),
        OutputColumn("note", "varchar", False, "Why."),
    ),
    key=("as_of_date", "customer_id"),
)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_output_tables(connection, [CONTRACT])
        yield connection


def frame(**moods: float) -> pd.DataFrame:
    return pd.DataFrame({"note": None, "mood": list(moods.values()), "customer_id": list(moods)})


def state(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    table: pd.DataFrame,
    as_of: dt.date = DAY,
    token: str = "t1",
    models: dict[str, str] | None = None,
) -> dict[str, int]:
    stated = Stated({CONTRACT.table: table}, models or {})
    return write_statement(
        con,
        "moods",
        [CONTRACT],
        stated,
        as_of=as_of,
        token=token,
        model_version="moods-1",
        run_id="r",
        models_dir=folder,
    )


def rows(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute(
        "select as_of_date, customer_id, mood, model_version from ml.ml_customers__moods order by all"
    ).fetchall()


def test_a_statement_replaces_its_own_day_and_no_other(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert state(con, tmp_path, frame(a=1, b=2)) == {CONTRACT.table: 2}
    before = statements_token(con)
    state(con, tmp_path, frame(a=5), as_of=NEXT, token="t2")
    state(con, tmp_path, frame(b=3), token="t3")
    assert rows(con) == [(DAY, "b", 3.0, "moods-1"), (NEXT, "a", 5.0, "moods-1")]
    assert (stated_token(con, "moods", DAY), stated_token(con, "moods", NEXT)) == ("t3", "t2")
    assert last_as_of(con) == NEXT
    assert statements_token(con) != before


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (frame(a=1, b=float("nan")), "mood is missing or no number in 1 rows"),
        (frame(a=1, b=float("inf")), "mood is missing or no number in 1 rows"),
        (pd.concat([frame(a=1), frame(a=2)]), "stands more than once"),
        (frame(a=1).drop(columns="note"), "its columns are"),
        (frame(a=1).assign(more=1), "its columns are"),
        (frame(a=1).assign(mood="happy"), "does not fit its column"),
        (frame(a=1).assign(customer_id=None), "customer_id is missing"),
    ],
    ids=["nan", "infinite", "doubled", "too few columns", "too many", "wrong type", "no key"],
)
def test_a_frame_that_breaks_its_contract_changes_nothing(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, table: pd.DataFrame, said: str
) -> None:
    state(con, tmp_path, frame(z=9))
    before = rows(con), statements_token(con)
    with pytest.raises(StatementError, match=said):
        state(con, tmp_path, table, token="t2")
    assert (rows(con), statements_token(con)) == before


def test_frames_of_other_tables_are_refused(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(StatementError, match="not those of its contracts"):
        write_statement(
            con,
            "moods",
            [CONTRACT],
            Stated({}, {}),
            as_of=DAY,
            token="t",
            model_version="m",
            run_id="r",
            models_dir=tmp_path,
        )


def test_a_changed_contract_keeps_what_was_stated(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    state(con, tmp_path, frame(a=1.5))
    kept, more = CONTRACT.columns[:2], OutputColumn("score", "integer", False, "New.")
    changed = replace(CONTRACT, columns=(more, *kept))
    create_output_tables(con, [changed])
    create_output_tables(con, [changed])
    names = [row[0] for row in con.execute("describe ml.ml_customers__moods").fetchall()]
    assert names == ["as_of_date", "score", "customer_id", "mood", "model_version", "run_id", "made_at"]
    assert rows(con) == [(DAY, "a", 1.5, "moods-1")]


def test_a_models_text_is_checked_before_it_is_used(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    state(con, tmp_path, frame(a=1), models={"mean": "tree\nleaves\n"})
    text, sha256 = model_text(con, tmp_path, "moods", DAY, "mean")
    assert (text, len(sha256)) == ("tree\nleaves\n", 64)
    [file] = tmp_path.rglob("mean-*.txt")
    file.write_text("tree\nother leaves\n")
    with pytest.raises(StatementError, match="was changed after training; refresh that day"):
        model_text(con, tmp_path, "moods", DAY, "mean")
    file.unlink()
    with pytest.raises(StatementError, match="cannot be read"):
        model_text(con, tmp_path, "moods", DAY, "mean")
    with pytest.raises(StatementError, match="none was kept"):
        model_text(con, tmp_path, "moods", NEXT, "mean")
