"""Private files: the direct personal data of deliveries and repairs, and how they are looked at.

Belongs here: reading the texts back for the gate and for a repair. Does not belong here: splitting a drop
(pipelines.sources.split), what is judged (pipelines.contracts.direct).
A private file lies where its raw file lies, below `private/` instead of `raw/`; it holds the address of each row and
the delivered texts. They are read by a connection of its own that cannot write and puts nothing on the disk, whatever
its size: the working file and its temporary folder never meet them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.direct import ADDRESS, TEXTS
from pipelines.contracts.expression import escape_glob, quoted, text_literal
from pipelines.store.arrivals.raw_files import RawFileError, raw_sha256
from pipelines.store.ledger import Delivery

Address = tuple[str, int]


@contextmanager
def opened_texts(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    raw_dir: Path,
    private_dir: Path,
    entries: Sequence[Delivery],
    days: Sequence[dt.date],
) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """A connection that sees the texts of the deliveries as TEXTS, those of repaired rows as they were corrected last.

    None for a contract without direct columns. `con` has the ledger, `days` are the arrival days of the entries.
    Raises RawFileError where a private file is missing, damaged or of another split than the contract's.
    """
    if not contract.direct_columns:
        if split := [entry for entry in entries if entry.private_sha256]:
            raise _other_split(contract, f"a column (see {split[0].raw_path})")
        yield None
        return
    repairs = con.execute(
        """select r.repair_id, r.raw_path, r.private_sha256 from ledger.repairs as r
        where r.source = ? and r.table_name = ? and r.kind = 'rows' and exists (
            select 1 from ledger.repaired_rows as rows
            where rows.repair_id = r.repair_id and list_contains(?::date[], rows.arrival_date)
        ) order by r.repair_id""",
        [contract.source, contract.table, list(days)],
    ).fetchall()
    files = [(str(entry.raw_path), entry.private_sha256) for entry in entries]
    for path, sha256 in [*files, *((path, sha256) for _, path, sha256 in repairs)]:
        _check(private_dir / path, sha256)
    with duckdb.connect(config={"threads": 1}) as texts:
        texts.execute("set temp_directory = ''")
        texts.execute(f"set allowed_directories = [{_folders(raw_dir, private_dir)}]")
        texts.execute("set enable_external_access = false")
        _check_split(texts, contract, raw_dir, private_dir, [path for path, _ in files])
        _make_view(texts, contract, private_dir, [path for path, _ in files], [(n, path) for n, path, _ in repairs])
        yield texts


def texts_of(
    texts: duckdb.DuckDBPyConnection, contract: SourceContract, rows: Sequence[Address]
) -> Mapping[Address, Mapping[str, str | None]]:
    """The direct columns of the rows as they were delivered or corrected last."""
    names = contract.direct_columns
    found = texts.execute(
        f"""select {", ".join([*ADDRESS, *map(quoted, names)])} from {TEXTS}
        semi join (select unnest(?::varchar[]) as _delivery_id, unnest(?::bigint[]) as _row_number) using
            (_delivery_id, _row_number)""",
        [[delivery for delivery, _ in rows], [number for _, number in rows]],
    ).fetchall()
    return {(delivery, number): dict(zip(names, values, strict=True)) for delivery, number, *values in found}


def _folders(*folders: Path) -> str:
    # Both as written and as resolved: a scratch home's folders are links.
    return ", ".join(text_literal(str(path)) for folder in folders for path in (folder, folder.resolve()))


def _check(path: Path, sha256: str | None) -> None:
    remedy = "restore private/ from a backup; or put the file back among the drops, delete its raw file, and run again"
    try:
        found = raw_sha256(path)
    except OSError as error:
        raise RawFileError(f"private file {path} cannot be read ({error.strerror}): {remedy}") from error
    if found != sha256:
        raise RawFileError(f"private file {path} is damaged: {remedy}")


def _check_split(
    texts: duckdb.DuckDBPyConnection, contract: SourceContract, raw_dir: Path, private_dir: Path, files: Sequence[str]
) -> None:
    """Refuse raw files that hold a text which is direct by now, or a hash of one which no longer is."""
    if not files:
        return
    stored, split = (_columns(texts, folder, files) for folder in (raw_dir, private_dir))
    for name in contract.column_names:
        if split.get(name, 0) != (stored.get(name, 0) if name in contract.direct_columns else 0):
            raise _other_split(contract, name)


def _columns(texts: duckdb.DuckDBPyConnection, folder: Path, files: Sequence[str]) -> dict[str, int]:
    """In how many of the files a column stands, by its name."""
    sql = "select name, count(*) from parquet_schema(?) where num_children is null group by all"
    return dict(texts.execute(sql, [_paths(folder, files)]).fetchall())


def _other_split(contract: SourceContract, name: str) -> RawFileError:
    return RawFileError(
        f"{contract.source}.{contract.table}: the personal-data class of {name} is another than when its files were "
        "landed, and what was stored then stays in this home: begin a new home and backfill it from the drops"
    )


def _make_view(
    texts: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    private_dir: Path,
    files: Sequence[str],
    repairs: Sequence[tuple[int, str]],
) -> None:
    """TEXTS: a view over the files, in which the newest repair of a row takes the place of what was delivered."""
    names = ", ".join([*ADDRESS, *map(quoted, contract.direct_columns)])
    kinds = ", ".join(
        ["_delivery_id varchar, _row_number bigint", *(f"{quoted(c)} varchar" for c in contract.direct_columns)]
    )
    texts.execute(f"create table repaired ({kinds})")
    for _, path in repairs:
        texts.execute("create or replace temp table newer as from read_parquet(?)", [_paths(private_dir, [path])])
        texts.execute(
            "delete from repaired using newer where (repaired._delivery_id, repaired._row_number) "
            "= (newer._delivery_id, newer._row_number)"
        )
        texts.execute("insert into repaired by name from newer")
    texts.execute(f"create table delivered ({kinds})")
    if not files:
        texts.execute(f"create view {TEXTS} as from delivered")
        return
    listed = ", ".join(text_literal(path) for path in _paths(private_dir, files))
    texts.execute(
        f"""create view {TEXTS} as with found as (
            from delivered union all by name from read_parquet([{listed}], union_by_name = true)
        )
        select {names} from found anti join repaired using (_delivery_id, _row_number)
        union all select {names} from repaired semi join found using (_delivery_id, _row_number)"""
    )


def _paths(folder: Path, files: Sequence[str]) -> list[str]:
    return [escape_glob(folder / path) for path in files]
