"""Writing the drops: one file per table and day, byte for byte the same whenever it is written.

Belongs here: the physical form of files and of damaged files. Does not belong here: which rows a file holds (dirt/).
A file that is there is left alone; a file appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from simulator.arguments import Arguments
from simulator.system import Format, Table

# A truncated file keeps this share of its rows whole, and part of the next.
KEPT_SHARE = 0.6
EXTRA_COLUMN = "export_note"


@dataclass(frozen=True)
class File:
    """A file: of which table, for which day it stands, on which it arrives, how it is damaged (None: it is whole)."""

    table: Table
    stands_for: int
    arrival: int
    damage: str | None = None

    def name(self, arguments: Arguments) -> str:
        """Its name; one that comes on a later day than its own says for which day it stands."""
        late = "" if self.arrival == self.stands_for else f"_{arguments.date(self.stands_for)}"
        return f"{self.table.name}{late}.{self.table.suffix}"

    def path(self, arguments: Arguments) -> Path:
        """Its path below the drops."""
        day = arguments.date(self.arrival).isoformat()
        return Path(self.table.system, self.table.name, day, self.name(arguments))


def write_files(
    con: duckdb.DuckDBPyConnection, arguments: Arguments, table: Table, files: Iterable[File], out: Path
) -> int:
    """Write the files of one table out of its relation `sent`; returns how many are new."""
    wanted = [(file, out / file.path(arguments)) for file in files if file.arrival < arguments.days]
    missing = [(file, path) for file, path in wanted if not path.exists()]
    write = _writer(con, table)
    for file, path in missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        write(file, part)
        part.replace(path)
    return len(missing)


def first_file(
    con: duckdb.DuckDBPyConnection, arguments: Arguments, table: Table, files: Iterable[File]
) -> tuple[Path, str]:
    """(path below the drops, SHA-256) of the first file of a table: longer runs share it, other shops do not."""
    file = min(files, key=lambda file: (file.arrival, file.stands_for))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file.name(arguments))
        _writer(con, table)(file, path)
        return file.path(arguments), sha256(path)


def sha256(file: Path) -> str:
    """The fingerprint of a file, as hex digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _writer(con: duckdb.DuckDBPyConnection, table: Table) -> Callable[[File, Path], None]:
    return WRITERS[table.form.format](con, table)


def _csv_writer(con: duckdb.DuckDBPyConnection, table: Table) -> Callable[[File, Path], None]:
    cells = ", ".join(f"coalesce({_quoted(table, column)}, '')" for column in table.columns)
    rows = con.execute(
        f"""select _arrival, _stands_for, string_agg(concat_ws(',', {cells}), chr(10) order by _place)
        from {table.sent} group by all"""
    ).fetchall()
    bodies = {(arrival, stands_for): body for arrival, stands_for, body in rows}
    header = ",".join(table.columns)

    def write(file: File, path: Path) -> None:
        body = bodies.get((file.arrival, file.stands_for))
        lines = [header] if body is None else [header, *body.split("\n")]
        path.write_bytes(_damaged_text(lines, file.damage).encode())

    return write


def _quoted(table: Table, column: str) -> str:
    """SQL: the cell's text, in quotation marks where it needs them."""
    if column not in table.text:  # a plant that needs quotation marks brings them
        return column
    return f"""if(regexp_matches({column}, '[",]'), '"' || replace({column}, '"', '""') || '"', {column})"""


def _damaged_text(lines: list[str], damage: str | None) -> str:
    if damage == "extra_column":
        return "\n".join([f"{lines[0]},{EXTRA_COLUMN}", *(f"{line}," for line in lines[1:]), ""])
    if damage == "renamed_column":
        return "\n".join([_renamed(lines[0].split(","))[0], *lines[1:], ""])
    if damage == "truncated_file":
        kept = kept_rows(len(lines) - 1)
        return "\n".join([*lines[: kept + 1], lines[kept + 1].rpartition(",")[0].rpartition(",")[0]])
    return "\n".join([*lines, ""])


def kept_rows(rows: int) -> int:
    """How many rows of a truncated file are whole; the next is cut in its middle."""
    return min(int(rows * KEPT_SHARE), rows - 1)


def _renamed(columns: list[str]) -> tuple[str, str, str]:
    """(header with one column renamed, its old name, its new name): the third column, as an export in another style."""
    old = columns[2]
    new = "".join(part.capitalize() for part in old.split("_"))
    return ",".join([*columns[:2], new, *columns[3:]]), old, new


def _parquet_writer(con: duckdb.DuckDBPyConnection, table: Table) -> Callable[[File, Path], None]:
    filled = set(con.execute(f"select distinct _arrival, _stands_for from {table.sent}").fetchall())
    empty = b""  # all files without a row are the same; making one costs as much as making a full one

    def write(file: File, path: Path) -> None:
        nonlocal empty
        is_empty = (file.arrival, file.stands_for) not in filled
        if is_empty and empty:
            path.write_bytes(empty)
            return
        columns = list(table.columns)
        if file.damage == "renamed_column":
            _, old, new = _renamed(columns)
            columns[columns.index(old)] = f'{old} as "{new}"'
        if file.damage == "extra_column":
            columns.append(f"null::varchar as {EXTRA_COLUMN}")
        # The branch without rows keeps every column nullable in the file's schema: DuckDB would call one required in
        # which no row of the whole run is null, and so a longer run would write another schema.
        con.execute(
            f"""copy (
                select * exclude (_place) from (
                    select {", ".join(columns)}, _place from {table.sent}
                    where _arrival = {file.arrival} and _stands_for = {file.stands_for}
                    union all select {", ".join(["null"] * (len(columns) + 1))} from range(0)
                ) order by _place
            ) to {literal(path)} (format parquet)"""
        )
        if is_empty:
            empty = path.read_bytes()
        if file.damage == "truncated_file":
            content = path.read_bytes()
            path.write_bytes(content[: int(len(content) * KEPT_SHARE)])

    return write


WRITERS: Mapping[Format, Callable[[duckdb.DuckDBPyConnection, Table], Callable[[File, Path], None]]] = {
    "csv": _csv_writer,
    "parquet": _parquet_writer,
}


def literal(path: Path) -> str:
    """SQL: a path as a text."""
    return "'" + str(path).replace("'", "''") + "'"
