"""The ledger: what arrived when, what became of every row, which days still have to be replaced.

Belongs here: the ledger's tables and the questions asked of them. Does not belong here: deciding what happens to a
row (pipelines.contracts) or moving it (loading.py). Arrival is assigned here, once, and never from the run's clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.store.connection import transaction
from pipelines.store.days import recounts
from pipelines.store.days.dirty_days import DirtyPlan, mark_onward
from pipelines.store.published import changes

TABLES = """
create schema if not exists ledger;
create schema if not exists quality;
create schema if not exists raw;
create table if not exists ledger.batches (
    batch_id bigint, run_id varchar, first_day date, last_day date, opened_at timestamp
);
create table if not exists ledger.loaded_tables (batch_id bigint, table_name varchar);
create table if not exists ledger.settled (code varchar, state varchar);
create table if not exists ledger.deliveries (
    delivery_id varchar, source varchar, table_name varchar, file_name varchar, file_sha256 varchar,
    file_bytes bigint, arrival_date date, arrival_seq integer, stands_for date, state varchar, reason varchar,
    physical_rows bigint, contract_version varchar, raw_path varchar, replaces varchar, batch_id bigint,
    loaded_at timestamp, raw_sha256 varchar
);
alter table ledger.deliveries add column if not exists raw_sha256 varchar;
alter table ledger.deliveries add column if not exists private_sha256 varchar;
create table if not exists ledger.row_counts (
    delivery_id varchar, source varchar, table_name varchar, arrival_date date, event_date date, outcome varchar,
    row_count bigint, amount decimal(38, 4)
);
create table if not exists ledger.verdicts (
    source varchar, table_name varchar, arrival_date date, verdict varchar, reason varchar, batch_id bigint
);
create table if not exists ledger.day_warnings (
    source varchar, table_name varchar, arrival_date date, warning varchar
);
create table if not exists ledger.day_checks (
    source varchar, table_name varchar, arrival_date date, check_class varchar, rule varchar, severity varchar,
    measured double, lowest double, highest double, is_broken boolean
);
create table if not exists ledger.day_profiles (
    source varchar, table_name varchar, arrival_date date, column_name varchar, bucket varchar, row_count bigint
);
create table if not exists ledger.calendar_days (calendar_date date, is_open boolean);
create table if not exists ledger.dirty_days (table_name varchar, event_date date);
create table if not exists ledger.replaced_days (
    table_name varchar, event_date date, rows_deleted bigint, rows_inserted bigint, invocation_id varchar
);
create table if not exists ledger.dirty_tables (table_name varchar);
create table if not exists ledger.table_codes (table_name varchar, code_hash varchar);
create table if not exists ledger.built_state (token varchar);
alter table ledger.built_state add column if not exists part varchar;
create table if not exists ledger.repairs (
    repair_id bigint, kind varchar, source varchar, table_name varchar, rule varchar, made_by varchar, reason varchar,
    made_at timestamp, contract_version varchar, row_count bigint, raw_path varchar, raw_sha256 varchar
);
alter table ledger.repairs add column if not exists private_sha256 varchar;
create table if not exists ledger.repaired_rows (
    repair_id bigint, delivery_id varchar, arrival_date date, row_number bigint, applied_batch_id bigint
);
create table if not exists quality.quarantined_rows (
    delivery_id varchar, source varchar, table_name varchar, arrival_date date, row_number bigint, event_date date,
    reasons varchar[], raw_payload varchar, contract_version varchar, state varchar, batch_id bigint
);
"""


@dataclass(frozen=True)
class Delivery:
    """One file in the ledger. `state` is landed before the gate has spoken, then accepted, blocked, refused or
    replaced (by a later readable file of the same name and day: nothing of it is read).

    `replaces` is the readable delivery of the same name and day before it; `raw_sha256` is of the raw Parquet file,
    `private_sha256` of its private counterpart, None where the table has no direct personal data.
    """

    delivery_id: str
    source: str
    table_name: str
    file_name: str
    file_sha256: str
    file_bytes: int
    arrival_date: dt.date
    arrival_seq: int
    stands_for: dt.date
    state: str
    reason: str | None
    physical_rows: int
    contract_version: str
    raw_path: str | None
    replaces: str | None
    raw_sha256: str | None = None
    private_sha256: str | None = None


DELIVERY_COLUMNS = tuple(Delivery.__dataclass_fields__)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of the ledger; harmless when all is there."""
    with transaction(con):
        for tables in (TABLES, recounts.TABLE, changes.TABLES):
            con.execute(tables)


def deliveries(con: duckdb.DuckDBPyConnection, source: str, table: str, days: Iterable[dt.date]) -> list[Delivery]:
    """The deliveries of a raw table that arrived on the given days, in order of arrival."""
    return _deliveries(con, source, table, "and arrival_date in (select unnest($days))", {"days": sorted(set(days))})


def all_deliveries(con: duckdb.DuckDBPyConnection, source: str, table: str) -> list[Delivery]:
    """Every delivery of a raw table, in order of arrival."""
    return _deliveries(con, source, table)


def _deliveries(
    con: duckdb.DuckDBPyConnection, source: str, table: str, condition: str = "", more: Mapping[str, Any] | None = None
) -> list[Delivery]:
    rows = con.execute(
        f"""select {", ".join(DELIVERY_COLUMNS)} from ledger.deliveries
        where source = $source and table_name = $table {condition} order by arrival_date, arrival_seq""",
        {"source": source, "table": table, **(more or {})},
    ).fetchall()
    return [Delivery(*row) for row in rows]


def record_deliveries(con: duckdb.DuckDBPyConnection, entries: Iterable[Delivery], batch_id: int) -> None:
    """Append new deliveries, and bring known ones up to date where they differ (their batch stays: it first read
    them). The moment of loading is for people; nothing is ordered by it."""
    entries = list(entries)
    rows = con.execute(
        f"select {', '.join(DELIVERY_COLUMNS)} from ledger.deliveries where delivery_id in (select unnest(?))",
        [[entry.delivery_id for entry in entries]],
    ).fetchall()
    standing = {str(row[0]): Delivery(*row) for row in rows}
    names = ", ".join(DELIVERY_COLUMNS)
    marks = ", ".join("?" * len(DELIVERY_COLUMNS))
    if new := [entry for entry in entries if entry.delivery_id not in standing]:
        # One statement: by itself each of a year's 1,700 files took longer than its rows.
        con.execute(
            f"insert into ledger.deliveries ({names}, batch_id, loaded_at) "
            f"select {', '.join('unnest(?)' for _ in DELIVERY_COLUMNS)}, ?, cast(now() as timestamp)",
            [*([getattr(entry, name) for entry in new] for name in DELIVERY_COLUMNS), batch_id],
        )
    for entry in entries:
        if standing.get(entry.delivery_id, entry) != entry:
            con.execute(
                f"update ledger.deliveries set ({names}) = ({marks}) where delivery_id = ?",
                [*(getattr(entry, name) for name in DELIVERY_COLUMNS), entry.delivery_id],
            )


def batch_of(con: duckdb.DuckDBPyConnection, run_id: str) -> int:
    """The number of the run's batch: of the one that it opened before, else one more than the last."""
    sql = "select coalesce(max(batch_id) filter (where run_id = ?), max(batch_id) + 1, 1) from ledger.batches"
    row = con.execute(sql, [run_id]).fetchone()
    return int(row[0]) if row else 1


def open_batch(con: duckdb.DuckDBPyConnection, batch_id: int, run_id: str, days: Sequence[dt.date]) -> None:
    """Record the batch, unless it is there: the ledger or the calendar is no longer what it was before this run."""
    con.execute(
        """insert into ledger.batches select $batch_id, $run_id, $first, $last, cast(now() as timestamp)
        where not exists (select 1 from ledger.batches where batch_id = $batch_id)""",
        {"batch_id": batch_id, "run_id": run_id, "first": min(days), "last": max(days)},
    )


def last_batch(con: duckdb.DuckDBPyConnection) -> int:
    """The newest batch, 0 in a new home."""
    row = con.execute("select coalesce(max(batch_id), 0) from ledger.batches").fetchone()
    return int(row[0]) if row else 0


def newest_arrival(con: duckdb.DuckDBPyConnection) -> dt.date | None:
    """The newest arrival day on which any file came, None in a new home."""
    row = con.execute("select max(arrival_date) from ledger.deliveries").fetchone()
    return row[0] if row else None


def calendar_end(con: duckdb.DuckDBPyConnection) -> dt.date | None:
    """The last day of the calendar, None in a new home."""
    row = con.execute("select max(calendar_date) from ledger.calendar_days").fetchone()
    return row[0] if row else None


def watermark(con: duckdb.DuckDBPyConnection) -> dt.date | None:
    """The newest arrival day of which a file was accepted: how far the data reach. None when there is none."""
    row = con.execute("select max(arrival_date) from ledger.deliveries where state = 'accepted'").fetchone()
    return row[0] if row else None


def open_days(
    con: duckdb.DuckDBPyConnection, first: dt.date | None = None, last: dt.date | None = None
) -> list[tuple[str, dt.date, str, str | None]]:
    """(source.table, day, verdict, reason) of every day that ended otherwise than accepted, oldest first."""
    return con.execute(
        """select source || '.' || table_name as name, arrival_date, verdict, reason from ledger.verdicts
        where verdict <> 'accepted' and arrival_date between coalesce(?, arrival_date) and coalesce(?, arrival_date)
        order by arrival_date, name""",
        [first, last],
    ).fetchall()


def arrival_days(con: duckdb.DuckDBPyConnection, source: str, table: str) -> list[dt.date]:
    """Every arrival day on which the raw table had a delivery."""
    rows = con.execute(
        "select distinct arrival_date from ledger.deliveries where source = ? and table_name = ? order by 1",
        [source, table],
    ).fetchall()
    return [row[0] for row in rows]


def verdicts(
    con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date]
) -> list[tuple[str, dt.date, str, str | None]]:
    """(source.table, day, verdict, reason) of the given days, oldest first; closed days without a file have none."""
    return con.execute(
        """select source || '.' || table_name, arrival_date, verdict, reason from ledger.verdicts
        where source = ? and table_name = ? and list_contains(?::date[], arrival_date) order by arrival_date""",
        [source, table, list(days)],
    ).fetchall()


def day_warnings(
    con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date]
) -> list[tuple[dt.date, str]]:
    """(day, warning) of the day rules that warn and do not block, oldest first."""
    return con.execute(
        """select arrival_date, warning from ledger.day_warnings
        where source = ? and table_name = ? and list_contains(?::date[], arrival_date) order by all""",
        [source, table, list(days)],
    ).fetchall()


def days_with_rows(con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date]) -> int:
    """On how many of the days a file was accepted."""
    row = con.execute(
        """select count(distinct arrival_date) from ledger.deliveries
        where source = ? and table_name = ? and state = 'accepted' and list_contains(?::date[], arrival_date)""",
        [source, table, list(days)],
    ).fetchone()
    return int(row[0]) if row else 0


def broken_rules(
    con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date]
) -> list[tuple[str, int]]:
    """(rule, quarantined rows that broke it) of the deliveries of the days, the most broken first."""
    return con.execute(
        """select rule, count(*) from (
            select unnest(reasons) as rule from quality.quarantined_rows
            where source = ? and table_name = ? and state = 'quarantined' and list_contains(?::date[], arrival_date)
        ) group by all order by 2 desc, 1""",
        [source, table, list(days)],
    ).fetchall()


def row_totals(con: duckdb.DuckDBPyConnection, source: str, table: str, days: Sequence[dt.date]) -> dict[str, int]:
    """Rows per outcome (accepted, quarantined, duplicate, blocked) of the deliveries that arrived on the days."""
    rows = con.execute(
        """select outcome, sum(row_count)::bigint from ledger.row_counts
        where source = ? and table_name = ? and list_contains(?::date[], arrival_date) group by all order by all""",
        [source, table, list(days)],
    ).fetchall()
    return dict(rows)


def set_calendar(
    con: duckdb.DuckDBPyConnection,
    first: dt.date,
    last: dt.date,
    is_open: Callable[[dt.date], bool],
    plan: DirtyPlan,
) -> bool:
    """Make the calendar reach from `first` to `last`; True when a day came, went, opened or closed.

    Running results are queued from the first such day on: a snapshot may fall on a day without rows. Runs inside the
    caller's transaction.
    """
    standing = dict(con.execute("select calendar_date, is_open from ledger.calendar_days").fetchall())
    days = [first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)]
    wanted = {day: is_open(day) for day in days}
    changed = [day for day in {**standing, **wanted} if standing.get(day) != wanted.get(day)]
    if not changed:
        return False
    con.execute("delete from ledger.calendar_days")
    con.execute(
        "insert into ledger.calendar_days select unnest(?::date[]), unnest(?::boolean[])",
        [list(wanted), list(wanted.values())],
    )
    mark_onward(con, plan.all_onward, min(changed))
    return True


def open_calendar(con: duckdb.DuckDBPyConnection) -> list[dt.date]:
    """The days of the calendar on which a file is expected."""
    rows = con.execute("select calendar_date from ledger.calendar_days where is_open order by 1").fetchall()
    return [row[0] for row in rows]
