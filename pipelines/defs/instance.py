"""The Dagster instance of a home: its dagster.yaml and its event log.

Belongs here: what is set once for every run, from the command line or Dagster's UI. Does not belong here: jobs.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from dagster._core.events import ASSET_EVENTS
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage

from pipelines.settings.environment import Settings

# Asset events that a step reports together are stored together, up to so many at a time.
os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")


class RangeEventLogStorage(SqliteEventLogStorage):
    """SQLite's event log, writing ONE planned event per asset of a run over a range, holding the range.

    Dagster's own writes one per asset and partition, unpartitioned assets too: 10,474 events and 129 of 141 seconds
    for a run over 304 days of 34 assets and checks.
    It also closes its file after each of some 600 statements of a refresh, and the last one to close a file brings its
    log into it and waits for the disk. One idle connection per file in use keeps it open, and a commit does not wait:
    a killed process loses nothing, a power cut the last events of a history that no data depend on.
    """

    HELD_FILES = 2  # the index and the newest run

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._held: dict[str, sqlite3.Connection] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "RangeEventLogStorage":
        """This class, where the parent's would make its own."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Any]:
        with super()._connect(shard) as connection:
            connection.exec_driver_sql("pragma synchronous = normal")
            self._hold(shard)
            yield connection

    def _hold(self, shard: str) -> None:
        """Keep the file of a shard open beyond its statement; the parent's lock is held."""
        if shard in self._held:
            return
        idle = sqlite3.connect(self.path_for_shard(shard), check_same_thread=False)
        idle.execute("select count(*) from sqlite_master").fetchall()  # only reading opens the file
        self._held[shard] = idle
        while len(self._held) > self.HELD_FILES:
            self._held.pop(next(name for name in self._held if name != INDEX_SHARD_NAME)).close()

    def dispose(self) -> None:
        """Close what is held open."""
        while self._held:
            self._held.popitem()[1].close()
        super().dispose()

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store asset events of one run in one transaction of each file; Dagster's own makes two for every event."""
        run_ids = {event.run_id for event in events}
        if len(run_ids) > 1 or not all(event.dagster_event_type in ASSET_EVENTS for event in events):
            super().store_event_batch(events)
            return
        inserts = [self.prepare_insert_event(event) for event in events]
        with self.run_connection(run_ids.pop()) as connection:
            for insert in inserts:
                connection.execute(insert)
        with self.index_transaction() as connection:
            ids = [int(connection.execute(insert).inserted_primary_key[0]) for insert in inserts]  # type: ignore[index]
            self._store_asset_event_tags(connection, events, ids)
            for event, event_id in zip(events, ids, strict=True):
                self._store_asset_event(connection, event, event_id)

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
