"""The Dagster instance of a home: its dagster.yaml and its event log.

Belongs here: what is set once for every run, from the command line or Dagster's UI. Does not belong here: jobs.
"""

from pathlib import Path
from typing import Any

import yaml
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from pipelines.settings import Settings


class RangeEventLogStorage(SqliteEventLogStorage):
    """SQLite's event log, writing ONE planned event per asset of a run over a range, holding the range.

    Dagster's own writes one per asset and partition, unpartitioned assets too: 10,474 events and 129 of 141 seconds
    for a run over 304 days of 34 assets and checks.
    """

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "RangeEventLogStorage":
        """This class, where the parent's would make its own."""
        return cls(inst_data=inst_data, **config_value)

    @property
    def supports_partition_subset_in_asset_materialization_planned_events(self) -> bool:
        """Planned events may hold a range of partitions."""
        return True


def instance_config(settings: Settings) -> dict[str, Any]:
    """The content of dagster.yaml. Telemetry and nux are off: nothing of a shop leaves its machine unasked.

    A poll of two minutes finds a run whose process is gone well inside its max_runtime; a second run waits in the
    queue, since one home has one writer.
    """
    history = settings.home.dagster / "history" / "runs"
    return {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "event_log_storage": {
            "module": RangeEventLogStorage.__module__,
            "class": RangeEventLogStorage.__name__,
            "config": {"base_dir": str(history)},
        },
        "run_retries": {"enabled": True, "max_retries": 0},
        "run_monitoring": {"enabled": True, "poll_interval_seconds": 120, "max_runtime_seconds": 6 * 3600},
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
