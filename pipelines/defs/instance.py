"""The Dagster instance of a home: its dagster.yaml and its event log.

Belongs here: what is set once for every run, from the command line or Dagster's UI. Does not belong here: jobs.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from dagster import DagsterEventType
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS

from pipelines.settings.environment import Settings

if TYPE_CHECKING:
    from dagster import EventLogEntry
    from sqlalchemy import Engine

# How many materializations of an asset Dagster hands over together; without a number, one.
os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")


class RangeEventLogStorage(SqliteEventLogStorage):
    """SQLite's event log, writing ONE planned event per asset of a run over a range, holding the range.

    Dagster's own writes one per asset and partition, unpartitioned assets too: 10,474 events and 129 of 141 seconds
    for a run over 304 days of 34 assets and checks.
    It also makes an engine for each of some 2,500 statements of a refresh: each compiles its SQL anew (a tenth of a
    day's CPU seconds), opens the file and closes it, and the last one to close a file brings its log into it and waits
    for the disk. One engine per file in use keeps it open and its statements compiled, and a commit does not wait: a
    killed process loses nothing, a power cut the last events of a history that no data depend on.
    """

    HELD_FILES = 2  # the index and the newest run

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._found: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "RangeEventLogStorage":
        """This class, where the parent's would make its own."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Any]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> "Engine":
        """The engine of a shard's file; the parent's lock is held. One connection stays open, a nested one is closed
        after use."""
        from sqlalchemy import create_engine, event
        from sqlalchemy.pool import QueuePool

        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                max_overflow=8,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", lambda file, _: file.execute("pragma synchronous = normal"))
            self._engines[shard] = engine
            while len(self._engines) > self.HELD_FILES:
                oldest = next(name for name in self._engines if name not in (INDEX_SHARD_NAME, shard))
                self._engines.pop(oldest).dispose()
        return self._engines[shard]

    def has_table(self, table_name: str) -> bool:
        """The parent opens the file anew for each event to look. A table that is there stays."""
        if table_name not in self._found and super().has_table(table_name):
            self._found.add(table_name)
        return table_name in self._found

    def store_event_batch(self, events: Sequence["EventLogEntry"]) -> None:
        """Store the materializations of one asset's partitions in two transactions, where the parent takes two for
        each and rewrites what it knows of the asset as often: a tenth of a backfill's CPU seconds."""
        if any(event.dagster_event_type != DagsterEventType.ASSET_MATERIALIZATION for event in events):
            super().store_event_batch(events)
            return
        rows = [self._event_to_row(event) for event in events]
        [run_id] = {event.run_id for event in events}
        with self.run_connection(run_id) as con:
            con.execute(SqlEventLogStorageTable.insert(), rows)
        with self.index_transaction() as con:
            con.execute(SqlEventLogStorageTable.insert(), rows)
            last = int(con.exec_driver_sql("select last_insert_rowid()").scalar_one())
            # One writer at a time: what a transaction inserts into a table that counts its rows has adjoining numbers.
            ids = range(last - len(events) + 1, last + 1)
            self._store_asset_event_tags(con, events, ids)
            newest = {
                event.get_dagster_event().asset_key: (event, number) for event, number in zip(events, ids, strict=True)
            }
            for event, number in newest.values():
                self._store_asset_event(con, event, number)

    def dispose(self) -> None:
        """Close what is held open."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()

    @property
    def supports_partition_subset_in_asset_materialization_planned_events(self) -> bool:
        """Planned events may hold a range of partitions."""
        return True


def instance_config(settings: Settings) -> dict[str, Any]:
    """The content of dagster.yaml. Telemetry and nux are off: nothing of a shop leaves its machine unasked.

    A poll of two minutes finds a run whose process is gone well inside its max_runtime (a tenth of it when that is
    short); a second run waits in the queue, since one home has one writer.
    """
    longest = settings.max_runtime_seconds
    history = settings.home.dagster / "history" / "runs"
    return {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "event_log_storage": {
            "module": RangeEventLogStorage.__module__,
            "class": RangeEventLogStorage.__name__,
            "config": {"base_dir": str(history)},
        },
        # What a step prints is nothing (dbt is quiet, the rest logs): capturing it costs two processes per run.
        "compute_logs": {
            "module": "dagster._core.storage.noop_compute_log_manager",
            "class": "NoOpComputeLogManager",
        },
        # A run whose process died is worth another try; what a step refused, it would refuse again.
        "run_retries": {"enabled": True, "max_retries": 0, "retry_on_asset_or_op_failure": False},
        "run_monitoring": {
            "enabled": True,
            "poll_interval_seconds": max(1, min(120, longest // 10)),
            "max_runtime_seconds": longest,
        },
        "concurrency": {"runs": {"max_concurrent_runs": 1}},
        "retention": {"schedule": {"purge_after_days": 90}, "sensor": {"purge_after_days": 30}},
    }


def instance_dir(settings: Settings) -> Path:
    """The home's Dagster folder, with its dagster.yaml written."""
    settings.home.prepare(settings.shop.name)
    config = settings.home.dagster / "dagster.yaml"
    content = yaml.safe_dump(instance_config(settings), sort_keys=True)
    if not config.exists() or config.read_text() != content:
        config.write_text(content)
    return settings.home.dagster
