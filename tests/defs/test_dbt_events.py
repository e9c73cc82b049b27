"""Which of dbt's own events are built: those that are read, and all that say more than debugging."""

from __future__ import annotations

import pytest

from pipelines.defs import dbt_events


@pytest.fixture
def told() -> list[tuple[str, str]]:
    """(name, message) of every event that dbt tells, with debug events of one class wanted."""
    from dbt.adapters.events.types import SQLQuery
    from dbt.events.types import MainReportVersion
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.types import Formatting

    manager, found = EventManager(), []
    manager.add_callback(lambda message: found.append((message.info.name, message.info.msg)))
    with dbt_events.only({"Formatting"}):
        for event in (
            SQLQuery(conn_name="one", sql="select 1", node_info={}),
            Formatting("wanted"),
            MainReportVersion(version="=1", log_version=3),
        ):
            manager.fire_event(event)
        manager.fire_event(SQLQuery(conn_name="two", sql="select 2", node_info={}), level=EventLevel.WARN)
    manager.fire_event(SQLQuery(conn_name="three", sql="select 3", node_info={}))
    return found


def test_of_debug_events_the_wanted_ones_are_told_and_all_that_say_more(told: list[tuple[str, str]]) -> None:
    names = [name for name, _ in told]
    assert names == ["Formatting", "MainReportVersion", "SQLQuery", "SQLQuery"]
    assert "wanted" in told[0][1]


def test_an_event_that_is_told_holds_what_dbt_put_into_it_and_afterwards_dbt_is_as_it_was(
    told: list[tuple[str, str]],
) -> None:
    assert "select 2" in told[2][1], "one that is debugging by class was raised to a warning"
    assert "select 3" in told[3][1], "outside of the block nothing is left out"
