"""Everything that the files of a home say, however they are packed: for searches that must find nothing.

Does not belong here: what is searched for.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb


def contents(file: Path) -> Iterator[bytes]:
    """The bytes of a file, and what it says where they are packed: values of Parquet and DuckDB, gzip unpacked."""
    yield file.read_bytes()
    if file.suffix == ".gz":
        yield gzip.decompress(file.read_bytes())
    elif file.suffix == ".parquet":
        with duckdb.connect() as con:
            yield str(con.execute("from read_parquet(?)", [str(file)]).fetchall()).encode()
    elif file.suffix == ".duckdb":
        with duckdb.connect(str(file), read_only=True) as con:
            for schema, table in con.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                yield str(con.execute(f'from "{schema}"."{table}"').fetchall()).encode()


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
