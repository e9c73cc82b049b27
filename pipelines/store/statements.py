"""Tables of statements (point-in-time predictions): appended at an as-of date, and never restated by late data.

Belongs here: making the empty tables, writing what was stated, remembering for which state it was, keeping the models'
texts. Does not belong here: what is stated (the domains) and when (pipelines.defs.statements).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb

from pipelines.contracts.expression import quoted
from pipelines.contracts.outputs import AS_OF, OutputContract
from pipelines.store.connection import transaction
from pipelines.store.published import changes
from pipelines.store.published.files import sync

if TYPE_CHECKING:
    import pandas as pd

TABLES = """
create schema if not exists ml;
create schema if not exists act;
create schema if not exists ledger;
create table if not exists ledger.statements (statement varchar, as_of_date date, token varchar);
create table if not exists ledger.stated_tables (table_name varchar, as_of_date date);
create table if not exists ledger.models (
    statement varchar, as_of_date date, model varchar, model_sha256 varchar, file varchar
);
"""


class StatementError(RuntimeError):
    """A model's output that does not keep its contract; nothing of it was written."""


class StatedFrames(Protocol):
    """What one model says at one as-of date: a frame per table, and its models' texts by name."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102

    @property
    def models(self) -> Mapping[str, str]: ...  # noqa: D102


def create_output_tables(con: duckdb.DuckDBPyConnection, contracts: Iterable[OutputContract]) -> None:
    """Create every table of statements that is missing, empty; one whose contract changed is built anew with the rows
    it holds (a new column is null in them)."""
    con.execute(TABLES + changes.TABLES)
    for contract in contracts:
        wanted = {column.name: column.type.upper().replace(", ", ",") for column in contract.all_columns}
        found = dict(
            con.execute(
                """select column_name, replace(data_type, ', ', ',') from information_schema.columns
                where table_catalog = current_database() and table_schema = ? and table_name = ?
                order by ordinal_position""",
                [contract.schema, contract.table],
            ).fetchall()
        )
        if list(found.items()) != list(wanted.items()):
            _build_anew(con, contract, found)


def _build_anew(con: duckdb.DuckDBPyConnection, contract: OutputContract, found: Mapping[str, str]) -> None:
    table = _name(contract)
    columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in contract.all_columns)
    kept = ", ".join(quoted(column.name) for column in contract.all_columns if column.name in found)
    with transaction(con):
        if found:
            con.execute(f"create temporary table statements_before as from {table}")
            con.execute(f"drop table {table}")
        con.execute(f"create table {table} ({columns})")
        changes.note_rebuilt(con, contract.table)
        if found:
            con.execute(f"insert into {table} ({kept}) select {kept} from statements_before")
            con.execute("drop table statements_before")


def forget_statements(con: duckdb.DuckDBPyConnection, absent: Mapping[str, Sequence[OutputContract]]) -> list[str]:
    """Drop the tables of statements that the shop has no longer, by name with the contracts of their tables, and what
    the ledger knows of them. Returns the dropped relations. All or nothing."""
    con.execute(TABLES)
    found = con.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = current_database()"
    ).fetchall()
    gone = [item for contracts in absent.values() for item in contracts if (item.schema, item.table) in set(found)]
    names = [*absent]
    known = con.execute(
        "select count(*) from ledger.statements where list_contains(?::varchar[], statement)", [names]
    ).fetchone()
    if not gone and known == (0,):
        return []
    with transaction(con):
        for contract in gone:
            con.execute(f"drop table {_name(contract)}")
            con.execute("delete from ledger.stated_tables where table_name = ?", [contract.table])
        for table in ("statements", "models"):
            con.execute(f"delete from ledger.{table} where list_contains(?::varchar[], statement)", [names])
    return sorted(f"{contract.schema}.{contract.table}" for contract in gone)


def stated_token(con: duckdb.DuckDBPyConnection, statement: str, as_of: dt.date) -> str | None:
    """The state for which the statement was last made at that as-of date, None when never."""
    row = con.execute(
        "select token from ledger.statements where statement = ? and as_of_date = ?", [statement, as_of]
    ).fetchone()
    return row[0] if row else None


def statements_token(con: duckdb.DuckDBPyConnection) -> str:
    """Names all that is stated: two versions with the same token hold the same statements."""
    rows = con.execute("select statement, as_of_date, token from ledger.statements order by all").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def are_stale(con: duckdb.DuckDBPyConnection, state: str) -> bool:
    """True when a newest statement was made for another state of the marts than `state`."""
    row = con.execute(
        """select count(*) from ledger.statements
        where as_of_date = (select max(as_of_date) from ledger.statements) and not starts_with(token, ? || ':')""",
        [state],
    ).fetchone()
    return bool(row and row[0])


def made_at(con: duckdb.DuckDBPyConnection, as_of: dt.date) -> list[str]:
    """The statements that were made at that as-of date."""
    rows = con.execute("select statement from ledger.statements where as_of_date = ? order by 1", [as_of]).fetchall()
    return [str(row[0]) for row in rows]


def last_as_of(con: duckdb.DuckDBPyConnection) -> dt.date | None:
    """The newest as-of date of any statement, None when nothing was stated."""
    row = con.execute("select max(as_of_date) from ledger.statements").fetchone()
    return row[0] if row else None


def write_statement(
    con: duckdb.DuckDBPyConnection,
    statement: str,
    contracts: Sequence[OutputContract],
    stated: StatedFrames,
    *,
    as_of: dt.date,
    token: str,
    model_version: str,
    run_id: str,
    models_dir: Path,
) -> dict[str, int]:
    """Replace what the statement said at `as_of` by the given frames, one per contract; returns rows per table.

    All or nothing: runs in one transaction of its own. Raises StatementError for a frame that breaks its contract.
    """
    if sorted(stated.frames) != sorted(contract.table for contract in contracts):
        raise StatementError(f"{statement}: frames {sorted(stated.frames)} are not those of its contracts")
    files = {name: _keep_text(models_dir, statement, as_of, name, text) for name, text in stated.models.items()}
    with _registered(con, stated.frames), transaction(con):
        rows = {contract.table: _write(con, contract, as_of, model_version, run_id) for contract in contracts}
        for table in ("statements", "models"):
            con.execute(f"delete from ledger.{table} where statement = ? and as_of_date = ?", [statement, as_of])
        con.execute("insert into ledger.statements values (?, ?, ?)", [statement, as_of, token])
        for contract in contracts:
            told = [contract.table, as_of]
            con.execute("delete from ledger.stated_tables where table_name = ? and as_of_date = ?", told)
            con.execute("insert into ledger.stated_tables values (?, ?)", told)
            changes.note_rebuilt(con, contract.table)
        for name, (file, sha256) in files.items():
            con.execute("insert into ledger.models values (?, ?, ?, ?, ?)", [statement, as_of, name, sha256, file])
    return rows


@contextmanager
def _registered(con: duckdb.DuckDBPyConnection, frames: Mapping[str, pd.DataFrame]) -> Iterator[None]:
    """The frames as views named `stated_<table>`. (An aborted transaction could not take them away again.)"""
    for name, frame in frames.items():
        con.register(f"stated_{name}", frame)
    try:
        yield
    finally:
        for name in frames:
            con.unregister(f"stated_{name}")


def _write(
    con: duckdb.DuckDBPyConnection, contract: OutputContract, as_of: dt.date, model_version: str, run_id: str
) -> int:
    frame = f"stated_{contract.table}"
    found = [row[0] for row in con.execute(f"describe {frame}").fetchall()]
    wanted = [column.name for column in contract.columns]
    if sorted(found) != sorted(wanted):
        raise StatementError(f"{contract.table}: its columns are {sorted(found)}, not {sorted(wanted)}")
    values = ", ".join(f"cast({quoted(column.name)} as {column.type})" for column in contract.columns)
    con.execute(f"delete from {_name(contract)} where {AS_OF[0]} = ?", [as_of])
    try:
        [(rows,)] = con.execute(
            f"insert into {_name(contract)} select ?, {values}, ?, ?, cast(now() as timestamp) from {frame}",
            [as_of, model_version, run_id],
        ).fetchall()
    except duckdb.ConversionException as error:
        raise StatementError(f"{contract.table}: a value does not fit its column: {error}") from error
    _check(con, contract, as_of)
    return int(rows)


def _check(con: duckdb.DuckDBPyConnection, contract: OutputContract, as_of: dt.date) -> None:
    """Refuse missing values, numbers that are none, and keys that stand twice."""
    table, where = _name(contract), f"where {AS_OF[0]} = ?"
    for column in contract.columns:
        name = quoted(column.name)
        wrong = [f"{name} is null"] if column.required else []
        wrong += [f"not isfinite({name})"] if column.type == "double" else []
        if wrong:
            found = con.execute(f"select count(*) from {table} {where} and ({' or '.join(wrong)})", [as_of]).fetchone()
            if found and found[0]:
                raise StatementError(f"{contract.table}: {column.name} is missing or no number in {found[0]:,} rows")
    key = ", ".join(quoted(name) for name in contract.key)
    doubled = con.execute(f"select {key} from {table} {where} group by {key} having count(*) > 1", [as_of]).fetchone()
    if doubled:
        raise StatementError(f"{contract.table}: the key {doubled} stands more than once")


def _keep_text(models_dir: Path, statement: str, as_of: dt.date, name: str, text: str) -> tuple[str, str]:
    """Write a model's text below `models_dir`; (its path there, its sha256). Renamed into place: never half a file."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    file = Path(statement, as_of.isoformat(), f"{name}-{sha256[:12]}.txt")
    target = models_dir / file
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.part")
    partial.write_text(text, encoding="utf-8")
    sync(partial)
    partial.replace(target)
    sync(target.parent)
    return file.as_posix(), sha256


def models_are_whole(con: duckdb.DuckDBPyConnection, models_dir: Path, statement: str, as_of: dt.date) -> bool:
    """True when every text that was kept with the statement is there as it was written."""
    names = con.execute(
        "select model from ledger.models where statement = ? and as_of_date = ?", [statement, as_of]
    ).fetchall()
    try:
        for (name,) in names:
            model_text(con, models_dir, statement, as_of, name)
    except StatementError:
        return False
    return True


def model_text(
    con: duckdb.DuckDBPyConnection, models_dir: Path, statement: str, as_of: dt.date, name: str
) -> tuple[str, str]:
    """(text, sha256) of a kept model, checked. Raises StatementError when it is not there or not what was written."""
    row = con.execute(
        "select file, model_sha256 from ledger.models where statement = ? and as_of_date = ? and model = ?",
        [statement, as_of, name],
    ).fetchone()
    where = f"model {name} of {statement} at {as_of}"
    if row is None:
        raise StatementError(f"{where}: none was kept; refresh that day")
    file, sha256 = row
    try:
        text = (models_dir / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StatementError(f"{where}: {models_dir / file} cannot be read ({error}); refresh that day") from error
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise StatementError(f"{where}: {models_dir / file} was changed after training; refresh that day")
    return text, sha256


def _name(contract: OutputContract) -> str:
    return f"{quoted(contract.schema)}.{quoted(contract.table)}"
