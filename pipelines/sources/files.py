"""What the readers of all file formats share: the refusal, the identity of a file, its packing, and a locked DuckDB.

Belongs here: what does not depend on the format. Does not belong here: the formats (csv_files.py, jsonl_files.py,
parquet_files.py), the choice among them (readers.py), types and rules (pipelines.contracts).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts.drift import header_words
from pipelines.contracts.expression import escape_glob, text_literal

GZIP_MAGIC = b"\x1f\x8b"
# A day of one table of a shop that fits a laptop is far below both; a zip bomb is far above (42.zip: 1 to 10^8).
MAX_BYTES = 4 << 30
MAX_RATIO = 500
SMALLEST_PACKED = 4096  # the ratio is taken of at least this: a small file of one repeated line is no bomb
PIECE = 8 << 20


class RefusedFile(ValueError):
    """A file that cannot be read whole. `code` is the stable reason, the message says what was seen and where.

    What the file gave to the message is escaped: a terminal, a page or the ledger gets printable text alone. What may
    hold a value of the file is given as `seen`, so that it can be left away.
    """

    def __init__(self, code: str, message: str, seen: str = "") -> None:
        told = f"{message}{seen}"
        super().__init__("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in told))
        self.code, self.without_seen = code, message
        self.has_seen = bool(seen)

    def discreet(self) -> RefusedFile:
        """The same without anything that may be a value of the file: for files with direct personal data."""
        if not self.has_seen:
            return self
        return RefusedFile(self.code, f"{self.without_seen.rstrip(' :;')} (not shown: the file holds personal data)")


@dataclass(frozen=True)
class FileToLand:
    """One file to be landed: where it is, and the identity that its rows will carry."""

    path: Path
    delivery_id: str
    arrival_date: str
    arrival_seq: int
    target: Path


def unpacked_limit(size: int) -> int:
    """Bytes that a packed file of `size` bytes may unpack to."""
    return min(MAX_BYTES, max(size, SMALLEST_PACKED) * MAX_RATIO)


def pieces(path: Path) -> Iterator[bytes]:
    """The unpacked content in pieces of at most PIECE bytes.

    Raises RefusedFile with code compression (the name and the content disagree, or the stream is damaged) or size.
    """
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP_MAGIC
    if is_gzip != (path.suffix == ".gz"):
        seen = "gzip" if is_gzip else "not gzip"
        raise RefusedFile("compression", f"the content is {seen}, the name says {path.suffix or 'nothing'}")
    size, total = path.stat().st_size, 0
    limit = unpacked_limit(size) if is_gzip else MAX_BYTES
    try:
        with gzip.open(path) if is_gzip else path.open("rb") as stream:
            while piece := stream.read(PIECE):
                total += len(piece)
                if total > limit:
                    raise RefusedFile("size", f"more than {limit} bytes when unpacked ({size} packed)")
                yield piece
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RefusedFile("compression", f"the gzip stream is damaged: {error}") from None


def decoded(content: bytes, lines_before: int) -> str:
    """The text of whole lines. Raises RefusedFile with code control (a NUL byte ends a text for many readers, so what
    stands behind it may be lost) or encoding, naming the line."""
    if (found := content.find(b"\0")) >= 0:
        line = lines_before + content.count(b"\n", 0, found) + 1
        raise RefusedFile("control", f"NUL byte in line {line}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = lines_before + content.count(b"\n", 0, error.start) + 1
        raise RefusedFile("encoding", f"not UTF-8 in line {line} (byte 0x{content[error.start]:02x})") from None


def shown(names: Iterable[str]) -> str:
    """Names that a file gave, for a message: as many as a line holds."""
    return ", ".join(names)[:200]


def check_names(found: Sequence[str], wanted: Sequence[str], what: str) -> None:
    """Refuse a name of `found` that stands twice or is not one of `wanted`; `what` begins the message.

    Raises RefusedFile with code header. Names are compared exactly: DuckDB and some writers ignore their case.
    """
    if len(set(found)) < len(found):
        double = next(name for number, name in enumerate(found) if name in found[:number])
        raise RefusedFile("header", f"{what} stands twice", f": {shown([double])}")
    by_case = {name.lower(): name for name in wanted}
    if unknown := [name for name in found if name not in wanted]:
        close = [by_case[name.lower()] for name in unknown if name.lower() in by_case]
        renamed = header_words(wanted, found)
        hint = f" (the contract writes {shown(close)})" if close else f"; {renamed}" if renamed else ""
        raise RefusedFile("header", f"{what} differs from the contract", f": unknown {shown(unknown)}{hint}")


class TooLittleMemory(RuntimeError):
    """A file is larger than DuckDB's memory can hold: no fault of the file, which is read once there is more."""

    def __init__(self, path: Path, memory_limit: str) -> None:
        super().__init__(f"{path}: {memory_limit} of memory are too few to read it: raise ALMANAC_MEMORY_LIMIT")


def chunks(files: Sequence[FileToLand], size: int = 500) -> Iterator[Sequence[FileToLand]]:
    """The files in batches that are read together: a connection costs as much as five small files."""
    return (files[start : start + size] for start in range(0, len(files), size))


def halves(files: Sequence[FileToLand]) -> tuple[Sequence[FileToLand], Sequence[FileToLand]]:
    """A batch in which a file cannot be read: of 500 a bad one is found in nine readings, not in 500."""
    middle = len(files) // 2
    return files[:middle], files[middle:]


@contextmanager
def locked_connection(
    paths: Iterable[Path], staging: Path, memory_limit: str, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that may read and write only `staging` and the folders of `paths`, and whose settings stand."""
    # DuckDB compares the escaped path with this list before it resolves it, and the resolved one after.
    parents = {path.parent for path in paths}
    folders = sorted({str(staging), *map(str, parents), *map(escape_glob, parents)})
    with duckdb.connect(config={"memory_limit": memory_limit, "threads": threads}) as con:
        # What is copied stands in the order in which it is read: a sort of each small file costs a quarter of its copy.
        con.execute("set preserve_insertion_order = true")
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"set temp_directory = {text_literal(str(staging))}")
        con.execute(f"set allowed_directories = [{', '.join(text_literal(folder) for folder in folders)}]")
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        yield con
