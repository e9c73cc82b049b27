"""The event log of a home: what is stored together reads as if each event had been stored alone."""

import sqlite3
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.defs.instance import RangeEventLogStorage
from tests.lean_runs import whole

DAYS = [f"2011-06-{day:02}" for day in range(1, 31)]
TABLES = ("event_logs", "asset_keys", "asset_event_tags")
# A number that the database gives, and the moment at which it was written.
OF_THE_CLOCK = {"create_timestamp"}


def stored_events(instance: dg.DagsterInstance) -> list[Any]:
    """What a run over thirty days of two assets tells of their partitions."""

    @dg.multi_asset(specs=[dg.AssetSpec(name, partitions_def=dg.StaticPartitionsDefinition(DAYS)) for name in "ab"],
                    partitions_def=dg.StaticPartitionsDefinition(DAYS),
                    backfill_policy=dg.BackfillPolicy.single_run())  # fmt: skip
    def tables(context: dg.AssetExecutionContext):  # type: ignore[no-untyped-def]
        for name in "ab":
            yield dg.MaterializeResult(name, data_version=dg.DataVersion(f"{name}1"), metadata={"rows": 3})

    tags = {"dagster/asset_partition_range_start": DAYS[0], "dagster/asset_partition_range_end": DAYS[-1]}
    run = dg.materialize([tables], instance=instance, tags=tags)
    return [log for log in instance.all_logs(run.run_id) if log.is_dagster_event]


@pytest.fixture(scope="module")
def events() -> list[Any]:
    with dg.DagsterInstance.ephemeral() as instance:
        return stored_events(instance)


def content(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of all files, without what the clock says."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(folder.glob("*.db")):
        with sqlite3.connect(file) as con:
            con.row_factory = sqlite3.Row
            for table in TABLES:
                rows = [dict(row) for row in con.execute(f"select * from {table} order by id")]
                kind = "index" if file.stem == "index" else "run"
                found[f"{kind} {table}"] = [{k: v for k, v in row.items() if k not in OF_THE_CLOCK} for row in rows]
    return found


def materializations(events: list[Any]) -> list[Any]:
    return [event for event in events if event.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION]


def test_events_stored_together_are_those_stored_one_by_one(tmp_path: Path, events: list[Any]) -> None:
    assert len(materializations(events)) == 2 * len(DAYS)
    stores = {name: RangeEventLogStorage(str(tmp_path / name)) for name in ("alone", "together")}
    for event in events:
        stores["alone"].store_event(event)
    waiting: list[Any] = []
    for event in events:
        if event in materializations(events):
            waiting.append(event)
            continue
        if waiting:
            stores["together"].store_event_batch(waiting)
            waiting = []
        stores["together"].store_event(event)
    for store in stores.values():
        store.dispose()
    alone, together = (content(tmp_path / name) for name in stores)
    assert alone == together
    assert len(alone["index asset_keys"]) == 2 and len(alone["index asset_event_tags"]) >= 2 * len(DAYS)


def test_other_events_are_stored_together_as_by_dagster_itself(tmp_path: Path, events: list[Any]) -> None:
    store = RangeEventLogStorage(str(tmp_path))
    store.store_event_batch(events)
    assert [log.user_message for log in store.get_logs_for_run(events[0].run_id)] == [e.user_message for e in events]
    store.dispose()


def test_a_run_over_a_range_stores_its_materializations_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    real = RangeEventLogStorage.store_event_batch
    monkeypatch.setattr(RangeEventLogStorage, "store_event_batch",
                        lambda store, events: (sizes.append(len(events)), real(store, events))[1])  # fmt: skip
    log = {"module": RangeEventLogStorage.__module__, "class": RangeEventLogStorage.__name__,
           "config": {"base_dir": str(tmp_path)}}  # fmt: skip
    with whole(), dg.instance_for_test(overrides={"event_log_storage": log}) as instance:
        events = stored_events(instance)
    assert sizes == [2, len(DAYS), len(DAYS)]  # planned, then materialized, asset by asset
    assert len(materializations(events)) == 2 * len(DAYS)
