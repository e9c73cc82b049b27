"""The health of a home, as its ledger tells: the working file, raw files, repairs, models, days, queues, drops.

Belongs here: checks that compare the ledger with what lies in the home. Does not belong here: opening the working file
for writing (connection.py), mending, printing. Connections are read-only; a check never changes anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.contracts.expression import quoted
from pipelines.store.arrivals.raw_files import raw_sha256
from pipelines.store.care.health import Finding
from pipelines.store.seal import SealError, check_seal, check_there, read_seal

Drops = Sequence[tuple[str, str, dt.date, str, Path]]
"""(source, table, arrival day, file name, path) of every file that lies among the drops."""


def check_file(database: Path, has_history: bool, remedy: str, *, deep: bool) -> list[Finding]:
    """The working file: there, as the last run left it, and, with `deep`, every block of every table read.

    Reads it in a process of its own first: a damaged file can take its reader with it. `has_history`: raw files or
    versions say that there was one; `remedy` rebuilds it.
    """
    try:
        check_there(database)
        sealed = read_seal(database)
    except SealError as error:
        return [Finding("problem", "warehouse", str(error), remedy)]
    if not database.exists():
        if has_history:
            return [Finding("problem", "warehouse", f"{database} is gone", remedy)]
        return [Finding("ok", "warehouse", "nothing has been loaded yet", "almanac refresh")]
    if database.stat().st_size == 0:
        if has_history or sealed:
            return [Finding("problem", "warehouse", f"{database} is empty (0 bytes)", remedy)]
        return [Finding("ok", "warehouse", "nothing has been loaded yet", "almanac refresh")]
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.store.care.health_ledger", str(database), "deep" if deep else "quick"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        damaged = json.loads(done.stdout)
    except ValueError:
        damaged = [f"reading {database} ends the reader (exit code {done.returncode})"]
    if damaged:
        return [Finding("problem", "warehouse", text, remedy) for text in damaged]
    how = "every table was read through" if deep else "it opens; --deep reads it through"
    seal = "its seal fits" if sealed else "it has no seal yet: the next run writes one"
    return [Finding("ok", "warehouse", f"{database.stat().st_size / 1e6:,.0f} MB; {seal}; {how}")]


def damage(database: Path, deep: bool) -> list[str]:
    """What is wrong with a working file, one sentence each; reads all of it when `deep`."""
    try:
        with duckdb.connect(str(database), read_only=True) as con:
            check_seal(con, database)
            if not deep:
                con.execute("select count(*) from duckdb_tables()").fetchall()
                return []
            tables = con.execute("select schema_name, table_name from duckdb_tables() where not temporary").fetchall()
            return [text for schema, name in sorted(tables) if (text := _unreadable(con, schema, name))]
    except (duckdb.Error, SealError) as error:
        return [f"{database}: {_first_line(error)}"]


def _unreadable(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> str | None:
    try:
        con.execute(f"select bit_xor(hash(t)) from {quoted(schema)}.{quoted(name)} as t").fetchall()
    except duckdb.Error as error:
        return f"table {schema}.{name} cannot be read: {_first_line(error)}"
    return None


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]


# What is lost is landed again by a run over its day; what is there is not.
BY_DROPS = "put the file back among its drops, delete {path} if it is there and run almanac refresh --date {day}"


def check_raw(con: duckdb.DuckDBPyConnection, raw: Path, *, deep: bool) -> Iterator[Finding]:
    """Raw files of deliveries and repairs: there, with `deep` unchanged; and those that nothing names."""
    entries = con.execute(
        """select delivery_id, state, raw_path, raw_sha256, file_name, arrival_date from ledger.deliveries
        where raw_path is not null"""
    ).fetchall()
    remedy = "restore raw/ from a backup, or " + BY_DROPS
    sound = 0
    for _, state, path, sha256, name, day in entries:
        wrong = _wrong_file(raw / path, sha256, deep)
        sound += wrong is None
        if wrong and not (state == "replaced" and wrong == "is missing"):  # nothing of a replaced one is read again
            told = f"raw file {path} of {name} of {day} {wrong}"
            yield Finding("problem", "raw files", told, remedy.format(path=raw / path, day=day))
    repairs = con.execute(
        "select repair_id, raw_path, raw_sha256 from ledger.repairs where raw_path is not null"
    ).fetchall()
    for number, path, sha256 in repairs:
        wrong = _wrong_file(raw / path, sha256, deep)
        sound += wrong is None
        if wrong:
            told = f"raw file {path} of repair {number} {wrong}"
            yield Finding("problem", "raw files", told, "restore raw/ from a backup: nothing else holds a repair")
    how = "unchanged" if deep else "there; --deep compares their bytes"
    yield Finding("ok", "raw files", f"{sound} of {len(entries) + len(repairs)} raw files are {how}")
    if unnamed := unnamed_raw_files(con, raw):
        told = f"{len(unnamed)} files in {raw} belong to no delivery: a kill left them"
        yield Finding("ok", "raw files", told, "almanac prune")


def unnamed_raw_files(con: duckdb.DuckDBPyConnection, raw: Path) -> list[Path]:
    """Files below `raw` that neither a delivery nor a repair names."""
    rows = con.execute(
        """select raw_path from ledger.deliveries where raw_path is not null
        union all select raw_path from ledger.repairs where raw_path is not null"""
    ).fetchall()
    named = {raw / path for (path,) in rows}
    return sorted(file for file in raw.rglob("*") if file.is_file() and file not in named)


def check_private(con: duckdb.DuckDBPyConnection, private: Path, *, deep: bool) -> Iterator[Finding]:
    """Private files of deliveries and repairs: there, closed to others, with `deep` unchanged; and unnamed ones. Says
    nothing of a home without direct personal data."""
    if not _has_private_files(con):
        return
    entries = con.execute(
        """select raw_path, private_sha256, state, arrival_date from ledger.deliveries where private_sha256 is not null
        union all select raw_path, private_sha256, 'repair', null from ledger.repairs where private_sha256 is not null
        order by 1"""
    ).fetchall()
    sound = 0
    for path, sha256, state, day in entries:
        remedy = "restore private/ from a backup"
        remedy += ": nothing else holds a repair" if day is None else f", or {BY_DROPS}"
        wrong = _wrong_file(private / path, sha256, deep)
        if wrong is None and (private / path).stat().st_mode & 0o077:
            yield Finding(
                "problem", "private", f"{private / path} is open to other accounts", f"chmod 600 {private / path}"
            )
        sound += wrong is None
        if wrong and not (state == "replaced" and wrong == "is missing"):
            told = f"private file {path} {wrong}"
            yield Finding("problem", "private", told, remedy.format(path=private / path, day=day))
    if entries:
        how = "unchanged" if deep else "there; --deep compares their bytes"
        yield Finding("ok", "private", f"{sound} of {len(entries)} private files are {how}")
    if unnamed := unnamed_private_files(con, private):
        told = f"{len(unnamed)} files in {private} belong to no delivery: a kill left them"
        yield Finding("ok", "private", told, "almanac prune")


def _has_private_files(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the ledger knows of private files; that of an earlier version does not until its next run."""
    sql = "select count(*) from duckdb_columns() where schema_name = 'ledger' and column_name = 'private_sha256'"
    return con.execute(sql).fetchone() == (2,)


def unnamed_private_files(con: duckdb.DuckDBPyConnection, private: Path) -> list[Path]:
    """Private files that neither a delivery nor a repair names; the key and what a run lands just now are no such."""
    folders = {path for path in private.glob("*/") if not path.name.startswith("landing-")}
    return [file for file in unnamed_raw_files(con, private) if folders & set(file.parents)]


def _wrong_file(file: Path, sha256: str | None, deep: bool) -> str | None:
    try:
        if deep and sha256 and raw_sha256(file) != sha256:
            return "was changed"
        return None if file.is_file() else "is missing"
    except OSError as error:
        return "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"


def check_models(con: duckdb.DuckDBPyConnection, models: Path) -> Iterator[Finding]:
    """The models' texts: there and unchanged."""
    if not has_ledger_table(con, "models"):
        return
    rows = con.execute("select file, model_sha256, as_of_date from ledger.models order by all").fetchall()
    for file, sha256, day in rows:
        try:
            found = hashlib.sha256((models / file).read_bytes()).hexdigest()
        except OSError:
            found = ""
        if found != sha256:
            told = f"model {file} {'was changed' if found else 'is missing'}"
            yield Finding("problem", "models", told, f"almanac refresh --date {day}")
    yield Finding("ok", "models", f"{len(rows)} models' texts are named by the ledger")


def has_ledger_table(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the ledger has that table; some are made when they are first needed."""
    sql = "select count(*) from duckdb_tables() where schema_name = 'ledger' and table_name = ?"
    row = con.execute(sql, [table]).fetchone()
    return bool(row and row[0])


def check_days(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Days that are open, files that were refused, rows that are held back, repairs that wait."""
    rows = con.execute(
        """select source || '.' || table_name as name, verdict, count(*), min(arrival_date), max(arrival_date),
            arg_min(reason, arrival_date)
        from ledger.verdicts where verdict <> 'accepted' group by name, verdict order by name, verdict"""
    ).fetchall()
    for name, verdict, count, first, last, reason in rows:
        span = f"{first}" if first == last else f"{count} days from {first} to {last}"
        why = f": {reason}" if reason and verdict != "missing" else ""
        told = f"{name} {span} {verdict}{why}"
        yield Finding("warning", "days", told, "docs/runbooks/blocked-day.md tells how to mend it")
    if not rows:
        yield Finding("ok", "days", "no day is open")
    refused = con.execute(
        """select arrival_date, file_name, reason from ledger.deliveries where state = 'refused' order by all"""
    ).fetchall()
    for day, name, reason in refused[-3:]:
        yield Finding("ok", "days", f"{name} of {day} was refused: {reason}")
    if len(refused) > 3:
        yield Finding("ok", "days", f"{len(refused) - 3} more files were refused before")
    held = con.execute("select state, count(*) from quality.quarantined_rows group by 1 order by 1").fetchall()
    for state, count in held:
        yield Finding("ok", "days", f"{count:,} rows are held back ({state})", "almanac quarantine list")
    row = con.execute(
        "select count(distinct (delivery_id, row_number)) from ledger.repaired_rows where applied_batch_id is null"
    ).fetchone()
    if row and row[0]:
        yield Finding("warning", "days", f"{row[0]:,} repaired rows wait", "almanac quarantine replay")


def check_queues(con: duckdb.DuckDBPyConnection, manifest: Mapping[str, object] | None) -> Iterator[Finding]:
    """What is loaded but not yet what readers see; `manifest` is the facts of the newest version."""
    row = con.execute(
        """select (select count(distinct event_date) from ledger.dirty_days),
            (select count(*) from ledger.dirty_tables), (select coalesce(max(batch_id), 0) from ledger.batches),
            (select max(arrival_date) from ledger.deliveries where state = 'accepted')"""
    ).fetchone()
    days, tables, batch, newest = row or (0, 0, 0, None)
    again = f"almanac refresh --date {newest}" if newest else "almanac refresh"
    if days or tables:
        told = f"{days} event days and {tables} tables wait to be rebuilt: a run ended before it had built them"
        yield Finding("warning", "freshness", told, again)
    if has_ledger_table(con, "days_to_recount"):
        waiting = "select count(distinct (source, table_name, arrival_date)) from ledger.days_to_recount"
        [(number,)] = con.execute(waiting).fetchall()
        if number:
            told = f"{number} loaded days wait to be counted a second time: a run ended before it had done so"
            yield Finding("warning", "freshness", told, again)
    if batch and (manifest is None or manifest["batch_id"] != batch):
        yield Finding("warning", "freshness", "the warehouse holds more than the newest version", again)
    elif batch:
        yield Finding("ok", "freshness", "the newest version holds what was loaded")
    if manifest and manifest.get("statements_are_stale"):
        yield Finding("warning", "freshness", "the models' statements were made on an older state", again)


def check_age(con: duckdb.DuckDBPyConnection, now: dt.datetime, limit_hours: float | None) -> Finding:
    """How long ago the data end; `now` is in the shop's zone, an archive has no limit."""
    row = con.execute("select max(arrival_date) from ledger.deliveries where state = 'accepted'").fetchone()
    newest = row[0] if row else None
    if newest is None:
        return Finding("ok", "freshness", "nothing has been accepted yet")
    told = f"data to {newest}, {(now.date() - newest).days:,} days before today"
    if limit_hours is None:
        return Finding("ok", "freshness", f"{told}; the shop sets no limit")
    end = dt.datetime.combine(newest + dt.timedelta(days=1), dt.time(), now.tzinfo)
    if (now - end).total_seconds() / 3600 > limit_hours:
        return Finding("warning", "freshness", f"{told}; the shop's limit is {limit_hours:g} hours", "almanac refresh")
    return Finding("ok", "freshness", f"{told}, within {limit_hours:g} hours")


def check_drops(con: duckdb.DuckDBPyConnection, drops: Drops, *, today: dt.date, deep: bool) -> Iterator[Finding]:
    """Files among the drops that are not loaded, or are others than when they were; with `deep` by their bytes. Those
    in folders of days after `today` (in the shop's zone) cannot be loaded."""
    rows = con.execute(
        """select source, table_name, arrival_date, file_name, arg_max(file_bytes, arrival_seq),
            list(file_sha256) from ledger.deliveries group by all"""
    ).fetchall()
    known = {tuple(row[:4]): (row[4], row[5]) for row in rows}
    if ahead := [drop for drop in drops if drop[2] > today]:
        told = f"{len(ahead)} files lie in folders of days to come, such as {ahead[0][4]}"
        yield Finding("warning", "drops", told, "rename that folder to the day on which they arrived")
    new = [drop for drop in drops if tuple(drop[:4]) not in known and drop[2] <= today]
    changed = [drop for drop in drops if tuple(drop[:4]) in known and _is_other(drop[4], *known[drop[:4]], deep)]
    for told, found in (("are not loaded yet", new), ("are others than when they were loaded", changed)):
        if found:
            days = sorted({drop[2] for drop in found})
            command = f"almanac backfill --from {days[0]} --to {days[-1]}"
            yield Finding("warning", "drops", f"{len(found)} files {told}, such as {found[0][4]}", command)
    if not new and not changed and not ahead:
        yield Finding("ok", "drops", f"{len(drops)} files lie among the drops, all loaded")


def _is_other(file: Path, size: int, known: Iterable[str], deep: bool) -> bool:
    try:
        if not deep:
            return file.stat().st_size != size
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() not in set(known)
    except OSError:
        return False  # a file that nobody can read has its own delivery, refused


if __name__ == "__main__":
    print(json.dumps(damage(Path(sys.argv[1]), sys.argv[2] == "deep")))
