"""Raw files: the text rows of a delivery as they lie in the home, and reading them back.

Belongs here: where they lie, their fingerprints, the temporary table `landed`. Does not belong here: writing them from
a drop (pipelines.sources), the gate, what becomes of the rows (loading.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.expression import escape_glob
from pipelines.store.ledger import Delivery

DELIVERY_META = ("_delivery_id", "_arrival_date", "_arrival_seq", "_row_number")


class RawFileError(RuntimeError):
    """A raw Parquet file is not what was once landed; the message names it and says what to do."""


def raw_file(delivery: Delivery) -> Path:
    """Where the text rows of a delivery lie, below the home's folder of raw files."""
    name = f"{delivery.arrival_seq:03d}-{delivery.file_sha256[:12]}.parquet"
    return Path(delivery.source, delivery.table_name, f"{delivery.arrival_date}", name)


def land(con: duckdb.DuckDBPyConnection, contract: SourceContract, raw_dir: Path, entries: Sequence[Delivery]) -> None:
    """Make the temporary table `landed`: the text rows of the deliveries. A column that the contract has gained since
    a file was landed is null in its rows. Raises RawFileError where a raw file is missing or damaged."""
    columns = [(column.name, "varchar") for column in contract.columns]
    columns += zip(DELIVERY_META, ("varchar", "date", "integer", "bigint"), strict=True)
    definition = ", ".join(f'"{name}" {sql_type}' for name, sql_type in columns)
    con.execute(f"create or replace temp table landed ({definition})")
    for entry in entries:
        _check_raw_file(raw_dir / str(entry.raw_path), entry)
    paths = [escape_glob(raw_dir / str(entry.raw_path)) for entry in entries]
    for part in _chunks(paths):
        source = "read_parquet(?, union_by_name = true)"
        there = {row[0] for row in con.execute(f"describe select * from {source}", [part]).fetchall()}
        names = ", ".join(f'"{name}"' for name, _ in columns if name in there)
        con.execute(f"insert into landed by name select {names} from {source}", [part])


def _chunks(paths: Sequence[str], size: int = 1000) -> Iterator[Sequence[str]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))


def _check_raw_file(path: Path, entry: Delivery) -> None:
    remedy = (
        f"put {entry.file_name} of {entry.arrival_date} (sha256 {entry.file_sha256[:12]}...) back among the drops, "
        "delete the raw file if it is there, and run again; or restore it from a backup"
    )
    try:
        found = raw_sha256(path)
    except OSError as error:
        raise RawFileError(f"raw file {path} cannot be read ({error.strerror}): {remedy}") from error
    if entry.raw_sha256 is not None and found != entry.raw_sha256:
        raise RawFileError(f"raw file {path} is damaged: {remedy}")


def raw_sha256(path: Path) -> str:
    """Fingerprint of a raw file, as the ledger keeps it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
