"""What the files of a home say, however they are packed: for searches that must find nothing.

Does not belong here: what is searched for.
DuckDB looks through packed tables, many files of one form at a time: as Python objects the tables of one home cost
more than making it.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import duckdb
import pandas as pd

# What no text and no long number stands in. Of all other types the values are looked through as text.
WITHOUT_TEXT = ("DATE", "TIME", "DOUBLE", "FLOAT", "DECIMAL", "BOOLEAN", "INTEGER", "SMALLINT", "TINYINT")


def contents(file: Path) -> Iterator[bytes]:
    """The bytes of a file, also unpacked where they are packed with gzip."""
    yield file.read_bytes()
    if file.suffix == ".gz":
        yield gzip.decompress(file.read_bytes())


def packed(files: Iterable[Path], wanted: Collection[str], form: str) -> dict[str, set[str]]:
    """Which of the `wanted` texts (lower case) the Parquet and DuckDB files hold, by table or by the first file of a
    form: as a whole value, or as what the regular expression `form` finds within one, in any case of letters."""
    found: dict[str, set[str]] = {}
    with duckdb.connect() as con:
        con.register("wanted", pd.DataFrame({"value": [*wanted]}, dtype="str"))
        con.execute("create table sought as select distinct value from wanted")
        for table in _tables(con, [*files]):
            if held := _held(con, table, form):
                found[table[:200]] = held
    return found


def _tables(con: duckdb.DuckDBPyConnection, files: list[Path]) -> Iterator[str]:
    """What can stand after `from`: the Parquet files by their columns, the tables of each DuckDB file."""
    parquet = [str(file) for file in files if file.suffix == ".parquet"]
    by_columns = defaultdict(list)
    for file, columns in con.execute(
        "select file_name, list(name || ' ' || coalesce(type, '')) from parquet_schema(?) group by file_name", [parquet]
    ).fetchall() if parquet else ():  # fmt: skip
        by_columns[tuple(columns)].append(file)
    for same in by_columns.values():
        yield f"read_parquet({same})"
    for number, file in enumerate(file for file in files if file.suffix == ".duckdb"):
        con.execute(f"attach '{file}' as file{number} (read_only)")
        for schema, table in con.execute(
            f"select schema_name, table_name from duckdb_tables() where database_name = 'file{number}'"
        ).fetchall():
            yield f'file{number}."{schema}"."{table}"'
        con.execute(f"detach file{number}")


def _held(con: duckdb.DuckDBPyConnection, table: str, form: str) -> set[str]:
    columns = [(name, kind) for name, kind, *_ in con.execute(f"describe from {table}").fetchall()]
    texts = [_text(name, kind) for name, kind in columns if _is_nested(kind) or not kind.startswith(WITHOUT_TEXT)]
    if not texts:
        return set()
    values = " union ".join(f"select lower({text}) as value from {table}" for text in texts)
    rows = con.execute(
        f"""with said as ({values}), parts as (
            select value from said union select unnest(regexp_extract_all(value, ?)) from said
        )
        select value from parts semi join sought using (value)""",
        [form],
    ).fetchall()
    return {value for (value,) in rows}


def _text(name: str, kind: str) -> str:
    """The column as text; the parts of a nested value each by itself."""
    text = f'"{name}"::varchar'
    return f"unnest(string_split_regex({text}, '[\\[\\]{{}},''] *'))" if _is_nested(kind) else text


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
