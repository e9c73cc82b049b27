"""Reading JSON Lines drops: every line one object, every value as text, or the file is refused whole with a reason.

Belongs here: the physical form of a JSON Lines file (lines, keys, numbers, nesting). Does not belong here: types and
rules (pipelines.contracts) and what all formats share (files.py).
DuckDB's JSON reader turns a bad line into a row of nulls, drops unknown keys and rounds long numbers, so the lines are
parsed here: strictly (RFC 8259), keeping the text of every number. Nested values are landed as compact JSON. A missing
key, null and the empty string are all landed as null, as an empty CSV value is: the same row is the same in any format.
A blank line is refused, and so is an empty file, which is what a broken transfer leaves.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pipelines.sources.files import FileToLand, RefusedFile, check_names, decoded, pieces, shown

if TYPE_CHECKING:
    import pyarrow as pa

# The longest CSV record that DuckDB reads: a contract's text has at most a million characters.
MAX_LINE = 2_000_000
MAX_DEPTH = 32
# Distinct lists of keys that are remembered; the simulated events have a handful.
MAX_SHAPES = 1000
BOM = b"\xef\xbb\xbf"
BLANK = " \t\r"

Row = tuple[Any, ...]
Scan = Callable[[str, int], tuple[Any, int]]


class _Number(str):
    """The text of a number inside a nested value, told apart from a string that looks like one."""


def _no_number(text: str) -> NoReturn:
    raise RefusedFile("json", f"{text} is no JSON number")


# Objects become tuples of pairs (so that a key given twice is seen), arrays lists; numbers stay as written.
def _scanner(number: Callable[[str], str]) -> Scan:
    decoder: Any = json.JSONDecoder(
        object_pairs_hook=tuple, parse_float=number, parse_int=number, parse_constant=_no_number
    )
    return decoder.scan_once  # type: ignore[no-any-return]  # it is in the module's own text, not in the stubs


_SCAN, _SCAN_NESTED = _scanner(str), _scanner(_Number)


def land_jsonl(
    files: Sequence[FileToLand], columns: Sequence[str], *, staging: Path
) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    """Write one Parquet file of text rows per drop, at its `target`; columns and returns as of `land_csv`.

    Refusals have the codes compression, size, empty, encoding, control, header, json, limits, records, unreadable.
    """
    landed: dict[str, int] = {}
    refused: dict[str, RefusedFile] = {}
    for file in files:
        partial = staging / f"{file.target.name}.part"
        try:
            landed[file.delivery_id] = _write(file, columns, partial)
        except RefusedFile as reason:
            refused[file.delivery_id] = reason
            partial.unlink(missing_ok=True)
            continue
        file.target.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(file.target)
    return landed, refused


def _write(file: FileToLand, columns: Sequence[str], partial: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    meta = [("_delivery_id", pa.string()), ("_arrival_date", pa.date32()), ("_arrival_seq", pa.int32())]
    schema = pa.schema([*((name, pa.string()) for name in columns), *meta, ("_row_number", pa.int64())])
    identity = (file.delivery_id, dt.date.fromisoformat(file.arrival_date), file.arrival_seq)
    counted = [0]
    with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
        written = 0
        for lines in _counted_lines(file.path, counted):
            with _no_collection():
                texts = _to_columns(lines, columns, written + 1)
            same = [
                pa.repeat(pa.scalar(value, kind), len(lines)) for value, (_, kind) in zip(identity, meta, strict=True)
            ]
            numbers = pa.array(range(written + 1, written + len(lines) + 1), pa.int64())
            writer.write_table(pa.Table.from_arrays([*texts, *same, numbers], schema=schema))
            written += len(lines)
    if counted[0] == 0:
        raise RefusedFile("empty", "the file is empty: no record, not even a blank line")
    found = int(pq.read_metadata(partial).num_rows)
    if found != counted[0]:
        raise RefusedFile("records", f"{counted[0]} records counted, {found} read")
    return found


def _counted_lines(path: Path, counted: list[int]) -> Iterator[list[str]]:
    """The lines in batches; `counted` is raised by the line ends met in the bytes, which is not how lines are made."""
    rest, done = b"", 0
    try:
        for piece in pieces(path):
            if done == 0 and not rest:
                piece = piece.removeprefix(BOM)
            counted[0] += piece.count(b"\n")
            whole, end, last = piece.rpartition(b"\n")
            if end:
                lines = _lines(rest + whole, done)
                done += len(lines)
                rest = last
                yield lines
            else:
                rest += last
            if len(rest) > MAX_LINE:
                raise RefusedFile("limits", f"line {done + 1} is longer than {MAX_LINE} bytes")
    except OSError as error:
        raise RefusedFile("unreadable", f"cannot be read: {error.strerror}") from None
    if rest:
        counted[0] += 1
        yield _lines(rest, done)


def _lines(content: bytes, before: int) -> list[str]:
    lines = decoded(content, before).split("\n")
    for number, line in enumerate(lines, before + 1):
        if len(line) > MAX_LINE:
            raise RefusedFile("limits", f"line {number} is longer than {MAX_LINE} characters")
    return lines


@contextmanager
def _no_collection() -> Iterator[None]:
    """No cyclic garbage collection: parsed rows hold no cycles, and looking for them costs a quarter of the time
    (measured: 190,000 rows per CPU second with it, 265,000 without)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _to_columns(lines: Sequence[str], columns: Sequence[str], first: int) -> list[pa.Array]:
    """The texts of the lines, one array per column; `first` is the number of the first line."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: list[pa.Array] = []
    for values in zip(*_rows(lines, columns, first), strict=True):
        try:
            array = pa.array(values, pa.string())
        except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
            array = pa.array(_texts(values, columns[len(found)], lines, first), pa.string())
        found.append(pc.if_else(pc.equal(array, ""), None, array))
    return found


def _rows(lines: Sequence[str], columns: Sequence[str], first: int) -> list[Row]:
    """The values of each line in the order of the columns: text, None, bool, or a nested list or tuple."""
    shapes: dict[tuple[str, ...], Callable[[Row], Row]] = {}
    rows: list[Row] = []
    names = tuple(columns)
    keys: tuple[str, ...]
    for number, line in enumerate(lines, first):
        try:
            pairs, end = _SCAN(line, 0)
            keys, values = zip(*pairs)  # noqa: B905 - pairs are pairs; strict costs time
            if end != len(line) or type(pairs) is not tuple:
                raise ValueError
        except (RefusedFile, StopIteration, ValueError, TypeError, RecursionError):
            pairs = _parse(line, number, _SCAN)  # it may still be sound (blanks around it, no keys), else it says why
            keys, values = tuple(key for key, _ in pairs), tuple(value for _, value in pairs)
        if keys != names:
            arrange = shapes.get(keys)
            if arrange is None:
                check_names(keys, columns, f"line {number}: key")
                if len(shapes) >= MAX_SHAPES:
                    shapes.clear()
                arrange = shapes[keys] = _arrangement(keys, columns)
            values = arrange(values)
        rows.append(values)
    return rows


def _arrangement(keys: tuple[str, ...], columns: Sequence[str]) -> Callable[[Row], Row]:
    """A function from the values of `keys` to those of `columns`; None where a key is missing."""
    places = [keys.index(name) if name in keys else len(keys) for name in columns]
    if len(places) == 1:
        return lambda values: ((*values, None)[places[0]],)
    pick = itemgetter(*places)
    return lambda values: pick((*values, None))


def _parse(line: str, number: int, scan: Scan) -> tuple[tuple[str, Any], ...]:
    """The pairs of the one object that the line holds. Raises RefusedFile with code records, json or limits."""
    text = line.strip(BLANK)
    if not text:
        raise RefusedFile("records", f"line {number} is blank")
    try:
        found, end = scan(text, 0)
    except RefusedFile as reason:
        raise RefusedFile(reason.code, f"line {number}: {reason}") from None
    except json.JSONDecodeError as error:
        raise RefusedFile("json", f"line {number} is no JSON: {error.msg} at character {error.pos + 1}") from None
    except StopIteration as error:
        raise RefusedFile("json", f"line {number} is no JSON: no value at character {error.value + 1}") from None
    except RecursionError:
        raise RefusedFile("limits", f"line {number} is nested deeper than {MAX_DEPTH} levels") from None
    if end != len(text):
        raise RefusedFile("json", f"line {number}: more text behind its end, at character {end + 1}")
    if not isinstance(found, tuple):
        seen = "a list" if isinstance(found, list) else "a single value"
        raise RefusedFile("json", f"line {number} holds {seen}, not an object")
    return found


def _texts(values: Row, name: str, lines: Sequence[str], first: int) -> list[str | None]:
    """The values of a column of which some are not plain text."""
    found: list[str | None] = []
    for number, value in enumerate(values, first):
        if isinstance(value, list | tuple):
            nested = dict(_parse(lines[number - first], number, _SCAN_NESTED))[name]
            value = _compact(nested, number, 1)
        elif isinstance(value, bool):
            value = "true" if value else "false"
        if value is not None:
            _check_unicode(value, number)
        found.append(value)
    return found


def _compact(value: Any, number: int, depth: int) -> str:
    """A nested value as JSON without blanks, its numbers as they were written."""
    if depth > MAX_DEPTH:
        raise RefusedFile("limits", f"line {number} is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(_compact(item, number, depth + 1) for item in value)}]"
    if isinstance(value, tuple):
        keys = [key for key, _ in value]
        if len(set(keys)) < len(keys):
            double = next(key for place, key in enumerate(keys) if key in keys[:place])
            raise RefusedFile("header", f"line {number}: a nested key stands twice", f": {shown([double])}")
        return f"{{{','.join(f'{_json(key)}:{_compact(item, number, depth + 1)}' for key, item in value)}}}"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _check_unicode(text: str, number: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = f"\\u{ord(text[error.start]):04x}"
        raise RefusedFile("encoding", f"line {number}: {code} is half a character (a lone surrogate)") from None
