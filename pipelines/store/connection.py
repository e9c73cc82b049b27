"""The one writer: the side lock, and the only way to open the working file.

Belongs here: who may write, and with which settings. Does not belong here: what is written.
DuckDB's own lock is lost when any other handle on the file is closed in the same process (250,000 committed rows
vanished that way), so the working file is never opened, copied or hashed except through `open_warehouse`, one
connection at a time, under the side lock.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.store.seal import check_seal, check_there, mark, write_seal


class LockedError(RuntimeError):
    """Another process is writing to this home; the message names it."""


class WarehouseError(RuntimeError):
    """The working file cannot be opened; the message says why and what to do."""


@contextmanager
def writer_lock(lock_file: Path, purpose: str) -> Iterator[None]:
    """Hold the home's side lock, or raise LockedError at once with the holder's process, purpose and start."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"{lock_file.parent.parent} is being written {_holder(lock_file)}: try later") from None
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "purpose": purpose, "since": since}).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _holder(lock_file: Path) -> str:
    try:
        holder = json.loads(lock_file.read_text())
        return f"by process {holder['pid']} ({holder['purpose']}, since {holder['since']})"
    except (OSError, ValueError, KeyError):
        return "by another process"


def _refusal(database: Path, reason: str) -> Exception:
    """What to raise when DuckDB cannot open the working file, by DuckDB's own words."""
    if "Conflicting lock" in reason:
        holder = re.search(r"held in (.*?)\. ", reason)
        who = holder[1] if holder else "another program"
        return LockedError(f"{database} is open in {who}: close it there (readers belong on published/current)")
    remedy = f"if it is damaged, move {database.parent} away and run almanac backfill over all days: drops rebuild it"
    return WarehouseError(f"{database} cannot be opened ({reason}); {remedy}")


@contextmanager
def open_warehouse(
    database: Path, *, temp_directory: Path, memory_limit: str, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The writer's connection to the working file; session zone UTC, insertion order kept. Needs the side lock.

    Raises SealError when the file is not what the last connection left, and seals what this one leaves.
    """
    if "?" in str(database):  # DuckDB would write its log beside another path and not find it again
        raise WarehouseError(f"{database} cannot be opened: no folder above it may have a ? in its name; rename it")
    check_there(database)
    try:
        con = duckdb.connect(str(database))
    except duckdb.Error as error:
        raise _refusal(database, str(error).strip().splitlines()[0]) from error
    try:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        con.execute(f"set memory_limit = '{memory_limit}'")
        con.execute(f"set threads = {int(threads)}")
        con.execute("set temp_directory = ?", [str(temp_directory)])
        check_seal(con, database)
        yield con
        left = mark(con)
    finally:
        con.close()
    write_seal(database, left)


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commit at the end, roll back on any error."""
    con.execute("begin")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")
