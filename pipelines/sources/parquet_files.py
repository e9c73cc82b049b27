"""Reading Parquet drops: columns and types are those of the contract, every value becomes its exact text, or the file
is refused whole with a reason.

Belongs here: the physical form of a Parquet file (magic, footer, columns, pages). Does not belong here: the text of
each type (parquet_texts.py), rules (pipelines.contracts) and what all formats share (files.py).
Values are scanned once before anything is written: damaged pages are met there, and text beyond the limit.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.contract import Column
from pipelines.contracts.expression import escape_glob, quoted, text_literal
from pipelines.sources.files import (
    FileToLand,
    RefusedFile,
    TooLittleMemory,
    check_names,
    chunks,
    halves,
    locked_connection,
    unpacked_limit,
)
from pipelines.sources.parquet_texts import exact_type, text_of

MAGIC, ENCRYPTED_MAGIC = b"PAR1", b"PARE"
# A footer names each column of each row group: 500 columns in 10,000 groups take about this much.
MAX_FOOTER = 256 << 20
# `file_row_number` and the like would stand beside the file's columns; a folder called x=1 is no column.
OPTIONS = "hive_partitioning = false, binary_as_string = false, union_by_name = false"
SCHEMA = """
select file_name, name, type, coalesce(num_children, 0), coalesce(logical_type, '') from parquet_schema(?)"""
DESCRIBE = f"describe from read_parquet(?, {OPTIONS})"
FOOTERS = "select file_name, num_rows from parquet_file_metadata(?)"
UNEVEN = "select distinct file_name from parquet_metadata(?) where num_values <> row_group_num_rows"


def land_parquet(
    files: Sequence[FileToLand], columns: Sequence[Column], *, staging: Path, memory_limit: str, threads: int
) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    """Write one Parquet file of text rows per drop, at its `target`; columns and returns as of `land_csv`.

    Refusals have the codes parquet, size, header, types, records, unreadable.
    """
    landed: dict[str, int] = {}
    refused: dict[str, RefusedFile] = {}
    pending = list(chunks(files))
    while pending:
        batch = pending.pop()
        try:
            # One connection per batch: what a damaged file breaks in it is gone with it.
            with locked_connection([file.path for file in batch], staging, memory_limit, threads) as con:
                _land(con, batch, columns, staging, landed, refused)
        except (RefusedFile, duckdb.OutOfMemoryException) as reason:
            left = [file for file in batch if file.delivery_id not in landed.keys() | refused.keys()]
            if len(left) > 1:
                pending += halves(left)
            elif isinstance(reason, RefusedFile):
                refused[left[0].delivery_id] = reason
            else:
                raise TooLittleMemory(left[0].path, memory_limit) from reason
    return landed, refused


def check_ends(path: Path) -> None:
    """Refuse a file that does not begin and end as Parquet does, or holds an end and a beginning within.

    Of two files written one behind the other only the second is seen, and its footer may point into the first.
    Raises RefusedFile with code unreadable, empty or parquet.
    """
    try:
        _check_ends(path)
    except OSError as error:
        raise RefusedFile("unreadable", f"cannot be read: {error.strerror}") from None


def _check_ends(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(size - 8, 0))
        tail = file.read(8)
    if not size:
        raise RefusedFile("empty", "the file is empty: not even a footer")
    if ENCRYPTED_MAGIC in (head, tail[-4:]):
        raise RefusedFile("parquet", "the file is encrypted")
    if size < 12 or head != MAGIC or tail[-4:] != MAGIC:
        raise RefusedFile("parquet", "no whole Parquet file", f": it begins with {head!a} and ends with {tail[-4:]!a}")
    footer = int.from_bytes(tail[:4], "little")
    if footer > min(size - 12, MAX_FOOTER):
        raise RefusedFile("parquet", f"the footer cannot have {footer} bytes in a file of {size}")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if (place := content.find(MAGIC + MAGIC)) >= 0:
            raise RefusedFile("parquet", f"a second file begins at byte {place + 4}")


def found_columns(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[Path, dict[str, str]]:
    """Column names of each file in their order, each with its DuckDB type; UNREADABLE where that type is not exact.

    Raises RefusedFile with code parquet, or header for a name that stands twice: of one of the files.
    """
    schemas: dict[str, list[tuple[str, str | None, int, str]]] = {str(path): [] for path in paths}
    try:
        for name, *field in con.execute(SCHEMA, [[escape_glob(path) for path in paths]]).fetchall():
            schemas[name].append(tuple(field))
        described = {tuple(schema): path for path, schema in schemas.items()}
        types = {
            schema: [row[1] for row in con.execute(DESCRIBE, [escape_glob(Path(path))]).fetchall()]
            for schema, path in described.items()
        }
    except duckdb.Error as error:
        raise _refusal(error, "the footer") from None
    forms = {schema: _form(schema, types[schema]) for schema in types}
    return {path: forms[tuple(schemas[str(path)])] for path in paths}


def _form(schema: Sequence[tuple[str, str | None, int, str]], types: Sequence[str]) -> dict[str, str]:
    fields = _top_level(schema)
    if len(fields) != len(types):
        raise RefusedFile("parquet", f"the footer names {len(fields)} columns, {len(types)} can be read")
    check_names([name for name, _, _ in fields], [name for name, _, _ in fields], "column")
    return {
        name: exact_type(physical, logical, sql_type)
        for (name, physical, logical), sql_type in zip(fields, types, strict=True)
    }


def _top_level(schema: Sequence[tuple[str, str | None, int, str]]) -> list[tuple[str, str | None, str]]:
    """(name, physical type, logical type) of the columns out of the schema's depth-first list."""
    found: list[tuple[str, str | None, str]] = []
    pending = [schema[0][2]] if schema else []
    for name, physical, children, logical in schema[1:]:
        while pending and pending[-1] == 0:
            pending.pop()
        if not pending:
            break
        if len(pending) == 1:
            found.append((name, physical, logical))
        pending[-1] -= 1
        if children:
            pending.append(children)
    return found


def _land(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[FileToLand],
    columns: Sequence[Column],
    staging: Path,
    landed: dict[str, int],
    refused: dict[str, RefusedFile],
) -> None:
    """Add each file's rows to `landed`, or its reason to `refused`. Raises RefusedFile where it is not known which of
    those that are in neither is to be refused."""
    for file in files:
        with _refusing(refused, file):
            check_ends(file.path)
    whole = [file for file in files if file.delivery_id not in refused]
    found = found_columns(con, [file.path for file in whole]) if whole else {}
    alike: dict[tuple[tuple[str, str], ...], list[FileToLand]] = {}
    for file in whole:
        alike.setdefault(tuple(found[file.path].items()), []).append(file)
    for form, group in alike.items():
        try:
            texts = _texts(dict(form), columns)
        except RefusedFile as reason:
            refused |= dict.fromkeys([file.delivery_id for file in group], reason)
            continue
        rows = _scan(con, group, [text for _, text in texts], refused)
        for file in [file for file in group if file.delivery_id not in refused]:
            try:
                landed[file.delivery_id] = _write(con, file, texts, rows[file.path], staging)
            except duckdb.IOException:
                check_ends(file.path)  # taken away since it was read
                raise


@contextmanager
def _refusing(refused: dict[str, RefusedFile], file: FileToLand) -> Iterator[None]:
    """A file of which it is known that it is the one to be refused."""
    try:
        yield
    except RefusedFile as reason:
        refused[file.delivery_id] = reason
    except OSError as error:  # taken away since it was listed
        refused[file.delivery_id] = RefusedFile("unreadable", f"cannot be read: {error.strerror}")


def _texts(found: dict[str, str], columns: Sequence[Column]) -> list[tuple[str, str]]:
    """(name, SQL of its text) of the contract's columns, of a file that has the `found` ones."""
    check_names(list(found), [column.name for column in columns], "column")
    if missing := [column.name for column in columns if column.name not in found]:
        raise RefusedFile("header", f"columns differ from the contract: missing {', '.join(missing)[:200]}")
    return [(column.name, text_of(column, found[column.name])) for column in columns]


def _write(
    con: duckdb.DuckDBPyConnection, file: FileToLand, texts: Sequence[tuple[str, str]], expected: int, staging: Path
) -> int:
    partial = staging / f"{file.target.name}.part"
    selected = ", ".join(f"nullif({text}, '') as {quoted(name)}" for name, text in texts)
    written = _copy(
        con,
        partial,
        f"""copy (
            select {selected}, {text_literal(file.delivery_id)}::varchar as _delivery_id,
                date {text_literal(file.arrival_date)} as _arrival_date,
                {int(file.arrival_seq)}::integer as _arrival_seq,
                (file_row_number + 1)::bigint as _row_number
            from read_parquet({text_literal(escape_glob(file.path))}, {OPTIONS}, file_row_number = true)
        ) to {text_literal(str(partial))} (format parquet, compression zstd)""",
    )
    if written != expected:
        partial.unlink()
        raise RefusedFile("records", f"{expected} rows in the footer, {written} read")
    file.target.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(file.target)
    return expected


def _copy(con: duckdb.DuckDBPyConnection, partial: Path, statement: str) -> int:
    """Write the landed file; returns its rows, as its own footer counts them."""
    try:
        con.execute(statement)
        row = con.execute("select num_rows from parquet_file_metadata(?)", [escape_glob(partial)]).fetchone()
    except duckdb.Error as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, duckdb.IOException):
            raise  # a full disk is no fault of the file, which would be refused for good
        # Found by flipping bytes: texts that are no UTF-8 pass the scan, which only measures them.
        raise _refusal(error, "a page") from None
    return int(row[0]) if row else 0


def _scan(
    con: duckdb.DuckDBPyConnection, files: Sequence[FileToLand], texts: Sequence[str], refused: dict[str, RefusedFile]
) -> dict[Path, int]:
    """Read every value of the files once; returns the number of rows of each, which its footer says too."""
    length = " + ".join(f"coalesce(strlen({text}), 0)::hugeint" for text in texts)
    scan = f"select _file, count(*), sum({length}) from read_parquet(?, {OPTIONS}, filename = '_file') group by all"
    rows = {Path(name): count for name, count in _read(con, FOOTERS, files)}
    # Even an empty value takes a delimiter in text: so many rows are as much a bomb as so many bytes.
    for file in files:
        with _refusing(refused, file):
            _check_rows(file.path, rows[file.path])
    # The footer counts three times: in all, per row group, and the values of each of its columns.
    if not (fit := [file for file in files if file.delivery_id not in refused]):
        return {}
    uneven = {Path(name) for (name,) in _read(con, UNEVEN, fit)}
    found = {Path(name): (count, size) for name, count, size in _read(con, scan, fit)}
    for file in fit:
        with _refusing(refused, file):
            _check_content(file.path, rows[file.path], *found.get(file.path, (0, 0)), is_uneven=file.path in uneven)
    return rows


def _read(con: duckdb.DuckDBPyConnection, query: str, files: Sequence[FileToLand]) -> list[Any]:
    try:
        return con.execute(query, [[escape_glob(file.path) for file in files]]).fetchall()
    except duckdb.Error as error:
        raise _refusal(error, "a page") from None


def _check_rows(path: Path, footer: int) -> None:
    size = path.stat().st_size
    if not 0 <= footer <= (limit := unpacked_limit(size)):
        raise RefusedFile("size", f"{footer} rows in {size} bytes: more than {limit}")


def _check_content(path: Path, footer: int, rows: int, text: int, *, is_uneven: bool) -> None:
    size = path.stat().st_size
    if text > (limit := unpacked_limit(size)):
        raise RefusedFile("size", f"more than {limit} bytes as text ({size} packed)")
    if is_uneven:
        raise RefusedFile("records", "columns of the same row group have different numbers of values")
    if rows != footer:
        raise RefusedFile("records", f"{footer} rows in the footer, {rows} read")


def _refusal(error: duckdb.Error, part: str) -> RefusedFile:
    """Raises the error itself where it is of the machine: too little memory is no fault of a file."""
    if isinstance(error, duckdb.OutOfMemoryException):
        raise error
    return RefusedFile("parquet", f"{part} cannot be read: ", _first_line(error))


def _first_line(error: Exception) -> str:
    return " ".join(str(error).splitlines()[:1])[:300]
