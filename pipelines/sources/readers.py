"""The readers of all file formats behind one name.

Belongs here: which reader a contract's file format has. Does not belong here: how a format is read.
Whatever the format, a file is read whole, every value as text, or refused whole with a stable reason code:
name, empty, unreadable, compression, size, encoding, control, header, records, quotes, line_ends (CSV), json and limits
(JSON Lines), parquet and types (Parquet).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.contracts.contract import SourceContract
from pipelines.sources.csv_files import CsvForm, land_csv
from pipelines.sources.files import FileToLand, RefusedFile, shown
from pipelines.sources.jsonl_files import land_jsonl
from pipelines.sources.parquet_files import land_parquet
from pipelines.sources.split import Split, split_files, staged


def land_files(
    files: Sequence[FileToLand],
    contract: SourceContract,
    *,
    staging: Path,
    memory_limit: str,
    threads: int,
    split: Split | None = None,
) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    """Write one Parquet file of text rows per drop, at its `target`.

    Columns: the contract's as VARCHAR (empty is null), then `_delivery_id, _arrival_date, _arrival_seq,
    _row_number` (from 1 in file order). Returns (rows by delivery_id, refusals by delivery_id); `staging` is an empty
    folder on the home's disk. Of a contract with direct personal data the raw files hold hashes, and the texts lie
    beside them in private files: `split` says how, and `staging` lies in the private folder.
    """
    # DuckDB takes a backslash for a slash and finds no file: one of that name would stop all others.
    told = "holds a backslash: rename the file"
    odd = {f.delivery_id: RefusedFile("name", f"{shown([f.path.name])} {told}") for f in files if "\\" in str(f.path)}
    files = [file for file in files if file.delivery_id not in odd]
    if not files:
        return {}, odd
    if not contract.direct_columns:
        landed, refused = _landed(files, contract, staging, memory_limit, threads)
        return landed, {**refused, **odd}
    if split is None:
        raise ValueError(f"{contract.raw_table} has direct personal data: say how to split it off")
    whole = staged(files, staging)
    landed, refused = _landed(whole, contract, staging, memory_limit, threads)
    pairs = [(f, w.target) for f, w in zip(files, whole, strict=True) if f.delivery_id in landed]
    split_files(pairs, contract, split, staging, memory_limit=memory_limit, threads=threads)
    return landed, {name: reason.discreet() for name, reason in {**refused, **odd}.items()}


def _landed(
    files: Sequence[FileToLand], contract: SourceContract, staging: Path, memory_limit: str, threads: int
) -> tuple[dict[str, int], dict[str, RefusedFile]]:
    form = contract.file_format
    if form.format == "jsonl":
        return land_jsonl(files, contract.column_names, staging=staging)
    if form.format == "parquet":
        return land_parquet(files, contract.columns, staging=staging, memory_limit=memory_limit, threads=threads)
    csv_form = CsvForm(contract.column_names, form.delimiter)
    return land_csv(files, csv_form, staging=staging, memory_limit=memory_limit, threads=threads)
