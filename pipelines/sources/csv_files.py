"""Reading CSV drops: a file is read whole, every value as text, or refused whole with a reason.

Belongs here: the physical form of a CSV file (encoding, header, records). Does not belong here: types and rules
(pipelines.contracts) and what all formats share (files.py). Nothing is guessed: DuckDB's own detection rounds and drops
rows silently, so the form is checked first, the number of records is counted independently, and both must agree.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts.drift import header_words
from pipelines.contracts.expression import escape_glob, quoted, text_literal
from pipelines.sources.files import (
    FileToLand,
    RefusedFile,
    TooLittleMemory,
    chunks,
    decoded,
    halves,
    locked_connection,
    pieces,
    shown,
)

DELIMITERS = (",", ";", "\t", "|")
# The longest record that DuckDB reads.
MAX_RECORD = 2_000_000
QUOTED = re.compile(rb'"[^"]*"')


@dataclass(frozen=True)
class CsvForm:
    """What a contract says of the form of a CSV file: its columns in their order, and the delimiter."""

    columns: tuple[str, ...]
    delimiter: str = ","


def guess_form(path: Path) -> CsvForm:
    """The form of a file of which no contract speaks yet: the delimiter that splits its header into most columns.

    Raises RefusedFile with code compression, size, encoding or empty.
    """
    first = next(pieces(path), b"").split(b"\n", 1)[0]
    try:
        text = first.decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError as error:
        raise RefusedFile("encoding", f"not UTF-8 in line 1 (byte 0x{first[error.start]:02x})") from None
    if not text.strip():
        raise RefusedFile("empty", "the file is empty: not even a header")
    found = {delimiter: _split(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(found, key=lambda delimiter: len(found[delimiter]))
    return CsvForm(found[delimiter], delimiter)


def _split(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([line], delimiter=delimiter, strict=True)))
    except (csv.Error, StopIteration):
        return (line,)


def inspect_csv(path: Path, form: CsvForm) -> int:
    """Number of records below the header. Raises RefusedFile with code encoding, compression, size, control,
    header, quotes, line_ends or empty."""
    lines = records = returns = newlines = pairs = 0
    has_header = False
    for content in _blocks(path):
        decoded(content, lines)
        if not has_header and content.strip():
            _check_header(content, form)
            has_header = True
        lines += content.count(b"\n")
        bare = QUOTED.sub(b"q", content) if b'"' in content else content
        returns, newlines, pairs = (
            returns + bare.count(b"\r"),
            newlines + bare.count(b"\n"),
            pairs + bare.count(b"\r\n"),
        )
        records += sum(1 for line in bare.split(b"\n") if line.strip(b"\r"))
    if not has_header:
        raise RefusedFile("empty", "the file is empty: not even a header")
    if returns and not returns == newlines == pairs:
        raise RefusedFile("line_ends", "line ends are mixed (CR LF and LF)")
    return records - 1


def _blocks(path: Path) -> Iterator[bytes]:
    """The content in blocks of whole records: each ends with a line end (the last one with the file) and no quotation
    mark is open at its end. So the memory that a file takes does not grow with it.

    Raises RefusedFile with code quotes, and those of `pieces`.
    """
    rest = b""
    for piece in pieces(path):
        block = rest + piece
        end, is_open = len(block), block.count(b'"') % 2
        while True:
            start = block.rfind(b"\n", 0, end) + 1
            is_open ^= block.count(b'"', start, end) % 2
            if start == 0 or not is_open:
                break
            end = start - 1
        if start:
            yield block[:start]
        rest = block[start:]
        if len(rest) > MAX_RECORD:
            break
    if rest.count(b'"') % 2:
        decoded(rest, 0)  # a file that is no text at all is called so
        raise RefusedFile("quotes", "a quotation mark is opened and never closed")
    if len(rest) > MAX_RECORD:
        raise RefusedFile("records", f"a record is longer than {MAX_RECORD} bytes")
    if rest:
        yield rest


def _check_header(content: bytes, form: CsvForm) -> None:
    first = content.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
    header = _split(first, form.delimiter)
    if header == form.columns:
        return
    missing = [name for name in form.columns if name not in header]
    extra = [name for name in header if name not in form.columns]
    told = "header differs from the contract: "
    if not missing and not extra:
        raise RefusedFile("header", f"{told}columns in another order")
    parts = [f"unknown {shown(extra)}"] * bool(extra)
    parts += [words] if (words := header_words(form.columns, header)) else []
    agreed = f"missing {shown(missing)}{'; ' if parts else ''}" if missing else ""
    if 2 * len({*header} & {*form.columns}) < len(form.columns):
        # A file without a header, or one of another table in the wrong folder, may begin with somebody's data.
        raise RefusedFile("header", f"{told}{agreed.rstrip('; ')} (the first line is not shown: it may hold data)")
    raise RefusedFile("header", f"{told}{agreed}", "; ".join(parts))


def land_csv(
    files: Sequence[FileToLand], form: CsvForm, *, staging: Path, memory_limit: str, threads: int
) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    """Write one Parquet file of text rows per drop, at its `target`.

    Columns: the contract's as VARCHAR (empty is null), then `_delivery_id, _arrival_date, _arrival_seq,
    _row_number` (1 is the first record below the header). Returns (rows by delivery_id, refusals by delivery_id);
    `staging` is an empty folder on the home's disk. The connection may read only the folders of these files.
    """
    expected: dict[str, int] = {}
    refused: dict[str, RefusedFile] = {}
    for file in files:
        try:
            expected[file.delivery_id] = inspect_csv(file.path, form)
        except RefusedFile as reason:
            refused[file.delivery_id] = reason
        except OSError as error:
            refused[file.delivery_id] = RefusedFile("unreadable", f"cannot be read: {error.strerror}")
    landed: dict[str, int] = {}
    for gzipped in (True, False):
        batch = [f for f in files if f.delivery_id in expected and (f.path.suffix == ".gz") == gzipped]
        for part in chunks(batch):
            landed |= _land_batch(part, form, expected, refused, staging, memory_limit, threads)
    return landed, refused


def _land_batch(
    files: Sequence[FileToLand],
    form: CsvForm,
    expected: dict[str, int],
    refused: dict[str, RefusedFile],
    staging: Path,
    memory_limit: str,
    threads: int,
) -> dict[str, int]:
    """Read the files in one scan; where that fails, half by half, so that a bad file spoils no other."""
    try:
        rows = _scan_and_write(files, form, expected, staging, memory_limit, threads)
    except duckdb.Error as error:
        # What is packed in a way that only Python unpacks (zeros behind the stream); any other failure to read or
        # write, such as a full disk, is no fault of the file, which would be refused for good.
        is_packing = "GZIP" in str(error)
        if isinstance(error, duckdb.IOException) and not is_packing and all(file.path.exists() for file in files):
            raise
        if len(files) == 1 and isinstance(error, duckdb.OutOfMemoryException):
            raise TooLittleMemory(files[0].path, memory_limit) from error
        if len(files) == 1:
            code = "compression" if is_packing else "records"
            refused[files[0].delivery_id] = RefusedFile(code, "a record cannot be read: ", _first_line(error))
            return {}
        return {
            delivery: count
            for half in halves(files)
            for delivery, count in _land_batch(half, form, expected, refused, staging, memory_limit, threads).items()
        }
    for delivery_id in [d for d, count in rows.items() if count != expected[d]]:
        seen = rows.pop(delivery_id)
        refused[delivery_id] = RefusedFile("records", f"{expected[delivery_id]} records counted, {seen} read")
    return rows


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    wanted = [line for line in lines if "Line" in line or "Expected" in line or "columns" in line]
    return (wanted or lines or ["unreadable"])[0][:300]


def _scan_and_write(
    files: Sequence[FileToLand],
    form: CsvForm,
    expected: dict[str, int],
    staging: Path,
    memory_limit: str,
    threads: int,
) -> dict[str, int]:
    """Records read per delivery; raw files are written of those that have as many as were counted."""
    names = ", ".join(quoted(name) for name in form.columns)
    with locked_connection((file.path for file in files), staging, memory_limit, threads) as con:
        con.execute(
            "create temp table files as select unnest(?::varchar[]) as file_path, unnest(?::varchar[]) as delivery_id",
            [[str(f.path) for f in files], [f.delivery_id for f in files]],
        )
        columns = "{" + ", ".join(f"{text_literal(name)}: 'VARCHAR'" for name in form.columns) + "}"
        con.execute(
            f"""create temp table scanned as
            select *, row_number() over () as _position
            from read_csv(?, auto_detect = false, header = true, columns = {columns}, delim = ?, quote = '"',
                          escape = '"', strict_mode = true, null_padding = false, filename = '_file',
                          compression = ?, encoding = 'utf-8')""",
            [
                [escape_glob(f.path) for f in files],
                form.delimiter,
                "gzip" if files[0].path.suffix == ".gz" else "none",
            ],
        )
        rows = con.execute(
            "select delivery_id, count(_position), coalesce(min(_position), 1) "
            "from files left join scanned on _file = file_path group by all order by all"
        ).fetchall()
        firsts = {delivery: first for delivery, _, first in rows}
        counts = {delivery: count for delivery, count, _ in rows}
        for file in files:
            if counts[file.delivery_id] == expected[file.delivery_id]:
                _write_parquet(con, file, names, firsts[file.delivery_id], counts[file.delivery_id], staging)
    return counts


def _write_parquet(
    con: duckdb.DuckDBPyConnection, file: FileToLand, names: str, first: int, count: int, staging: Path
) -> None:
    partial = staging / f"{file.target.name}.part"
    con.execute(
        f"""copy (
            select {names}, {text_literal(file.delivery_id)}::varchar as _delivery_id, date '{file.arrival_date}' as
                _arrival_date, {int(file.arrival_seq)}::integer as _arrival_seq, _position - {first} + 1 as _row_number
            from scanned where _position >= {first} and _position < {first + count}
        ) to {text_literal(str(partial))} (format parquet, compression zstd)"""
    )
    file.target.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(file.target)
