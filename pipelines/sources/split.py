"""The split of a landed file: direct personal data goes into the home's private folder, hashes of it into the raw file.

Belongs here: making two Parquet files of one. Does not belong here: the readers, which land every text, and the hash
itself (pipelines.contracts.direct).
The reader's file lies in a folder of the private one until it is split, so no text of a person is ever on the disk
outside it, whenever the process is killed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.contracts.contract import DELIVERY_COLUMNS, SourceContract
from pipelines.contracts.direct import hashed_select, private_select
from pipelines.contracts.expression import escape_glob, text_literal
from pipelines.sources.files import FileToLand, locked_connection


@dataclass(frozen=True)
class Split:
    """What a split needs: the pads of the key (outer, inner), and the folders of the raw and of the private files,
    which mirror each other."""

    pads: tuple[bytes, bytes]
    raw: Path
    private: Path


def staged(files: Iterable[FileToLand], staging: Path) -> list[FileToLand]:
    """The files with a target in `staging`, from where they are split."""
    return [replace(file, target=staging / f"{number}.parquet") for number, file in enumerate(files)]


def split_files(
    landed: Iterable[tuple[FileToLand, Path]],
    contract: SourceContract,
    split: Split,
    staging: Path,
    **limits: int | str,
) -> None:
    """Make of each file in `staging` the raw file at its target and its private counterpart, readable by this account
    alone. The private one is in place first: a raw file never stands without it."""
    pads = {"outer": split.pads[0], "inner": split.pads[1]}
    meta = ", ".join(name for name, _ in DELIVERY_COLUMNS)
    with locked_connection([], staging, str(limits["memory_limit"]), int(limits["threads"])) as con:
        for file, whole in landed:
            raw, private = (whole.with_suffix(suffix) for suffix in (".raw", ".private"))
            source = f"from read_parquet({text_literal(escape_glob(whole))})"
            _write(con, f"select {hashed_select(contract)}, {meta} {source}", raw, pads)
            _write(con, f"select {private_select(contract)} {source}", private, {})
            private.chmod(0o600)
            for partial, target in (
                (private, split.private / file.target.relative_to(split.raw)),
                (raw, file.target),
            ):
                put_in_place(partial, target)


def put_in_place(partial: Path, target: Path) -> None:
    """Let a file that was written whole appear at its target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(target)


def _write(con: duckdb.DuckDBPyConnection, query: str, target: Path, values: dict[str, bytes]) -> None:
    con.execute(f"copy ({query}) to {text_literal(str(target))} (format parquet, compression zstd)", values)
