"""Correction files: quarantined rows written for a person to mend, and read back.

Belongs here: the form of the file. Does not belong here: which rows may be repaired and what becomes of them
(pipelines.store.arrivals.repairs).
The file is CSV: two columns that name the delivered row, why it was held back, then the columns of the contract. A
spreadsheet would run a value such as =cmd, so a value that begins like a formula is written with ' in front, and
exactly that ' is taken off again.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PLACE = ("_delivery_id", "_row_number")
REASONS = "_reasons"
# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), and ' itself.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
MAX_BYTES = 64 << 20  # quarantined rows of many days; a day of a shop that fits a laptop is far below


class CorrectionError(ValueError):
    """A correction file that cannot be read; the message says where and what to do."""


@dataclass(frozen=True)
class CorrectionLine:
    """One line: the delivered row that it stands in for, and the text per column (None: empty)."""

    line: int
    delivery_id: str
    row_number: int
    values: Mapping[str, str | None]


def write_corrections(
    path: Path, columns: Sequence[str], rows: Iterable[tuple[str, int, Sequence[str], Mapping[str, str | None]]]
) -> int:
    """Write (delivery, row number, reasons, values) as a correction file, renamed into place; returns the lines.

    Raises CorrectionError when there is such a file already: it may hold somebody's corrections.
    """
    try:
        if path.exists():
            raise CorrectionError(f"{path} is there already: give another name, or remove it")
    except OSError as error:
        raise CorrectionError(f"{path} cannot be written ({error.strerror}): give another place") from error
    text, count = io.StringIO(newline=""), 0
    writer = csv.writer(text)  # its line end, CR LF, is what makes it quote a value that holds either
    writer.writerow([*PLACE, REASONS, *columns])
    for delivery_id, row_number, reasons, values in rows:
        writer.writerow([delivery_id, row_number, " ".join(reasons), *(_shown(values.get(name)) for name in columns)])
        count += 1
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(text.getvalue(), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise CorrectionError(f"{path} cannot be written ({error.strerror}): give another place") from error
    return count


def read_corrections(path: Path, columns: Sequence[str]) -> list[CorrectionLine]:
    """The lines of a correction file for a table with these columns. Raises CorrectionError."""
    try:
        if path.exists() and not path.is_file():
            raise CorrectionError(f"{path} is no file: give one that quarantine show --export wrote")
        if path.stat().st_size > MAX_BYTES:
            raise CorrectionError(f"{path} has more than {MAX_BYTES >> 20} MB: repair in parts")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CorrectionError(f"{path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise CorrectionError(f"{path} is not UTF-8: save it as CSV UTF-8") from error
    if "\0" in text:
        raise CorrectionError(f"{path} holds a NUL character: save it as CSV UTF-8")
    return list(_lines(path, text, [*PLACE, REASONS, *columns]))


def _lines(path: Path, text: str, header: Sequence[str]) -> Iterator[CorrectionLine]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if next(reader, None) != list(header):
            raise CorrectionError(f"{path}: the first line must be {','.join(header)}")
        for cells in reader:
            if not cells:
                continue
            where = f"{path} line {reader.line_num}"
            if len(cells) != len(header):
                raise CorrectionError(f"{where}: {len(cells)} values where {len(header)} are wanted")
            if not (cells[1].isascii() and cells[1].isdigit() and len(cells[1]) < 19):
                raise CorrectionError(
                    f"{where}: {cells[1][:40]!r} is no row number: leave {PLACE[1]} as it was written"
                )
            values = {name: _meant(cell) for name, cell in zip(header[3:], cells[3:], strict=True)}
            yield CorrectionLine(reader.line_num, cells[0], int(cells[1]), values)
    except csv.Error as error:
        raise CorrectionError(f"{path} line {reader.line_num}: not readable as CSV ({error})") from error


def _shown(value: str | None) -> str:
    """A value as a cell. Numbers keep their sign: a spreadsheet reads them as numbers."""
    if value is None:
        return ""
    return f"'{value}" if value.startswith(FORMULA) and not _is_number(value) else value


def _meant(cell: str) -> str | None:
    """The value of a cell; empty is null, as in a delivered file."""
    if cell.startswith("'") and cell[1:].startswith(FORMULA):
        return cell[1:]
    return cell or None


def _is_number(text: str) -> bool:
    return text.isascii() and text.lstrip("+-").replace(".", "", 1).isdigit() and len(text) - len(text.lstrip("+-")) < 2
