"""A refresh that is killed anywhere loses nothing, publishes nothing torn, and the next run ends as if none had died.

The full counts, on the real shops, are `make faults KIND=kill`.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from pipelines.store.published.publication import current_version
from tests.engine.killed import refresh
from tests.engine.oracle import differences
from tests.engine.story import MONDAY, SATURDAY, calm, line, order, sale
from tests.engine.toy import Toy
from tests.faults.homes import rows_lost, torn, unsplit
from tests.faults.places import PLACES, STAGE_OF, Kill, Passed, where_it_stood

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# What this refresh does not pass: it draws no report (but the one that is killed there), its statement is not one of
# the domains', and every published table changes.
NOT_PASSED = {"training", "report", "linking"}
# Before every place, and at the very write of each commit: the load of each of the three tables, the split of the
# personal data between its two files, the settling, the statement, the published file.
AT_WRITES = [Kill("commit of the load", nth, at_write=True) for nth in (1, 2, 3)]
AT_WRITES += [Kill("commit of a statement", at_write=True), Kill("commit of the settling", at_write=True)]
KILLS = [
    *AT_WRITES,
    Kill("commit of a split", 2),
    Kill("dbt", after_ms=150),
    Kill("audit"),
    Kill("report", after_ms=20),
    Kill("commit of the new file", after_ms=1),
    Kill("swap", after_ms=1),
]


@pytest.fixture(scope="module")
def fed(standing: Toy, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """The standing home, and Monday: calm, but for a late row, an order taken back, and a line without its order."""
    toy = calm(standing.copy(tmp_path_factory.mktemp("kills") / "home"), MONDAY)
    toy.put("till.sales", MONDAY, [sale(11, MONDAY), sale(9, SATURDAY, 3)])
    taken_back = order(9, SATURDAY, status="cancelled", updated_at=f"{MONDAY} 09:00:00")
    toy.put("web.orders", MONDAY, [order(11, MONDAY), taken_back])
    toy.put("web.lines", MONDAY, [line(11, MONDAY), line(12, MONDAY)])
    return toy


@pytest.fixture(scope="module")
def passed(fed: Toy, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Passed], dict[str, str]]:
    """What an undisturbed refresh passes, and the digests of what it publishes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    toy = fed.copy(folder / "home")
    code, passed = refresh(toy, MONDAY, folder / "trace")
    assert code == 0
    assert differences(toy) == []
    return passed, toy.digests


def test_a_refresh_passes_every_place(passed: tuple[list[Passed], dict[str, str]]) -> None:
    assert {place.place for place in passed[0]} == set(STAGE_OF) - NOT_PASSED
    assert {STAGE_OF[kill.place] for kill in KILLS} == set(PLACES)


@pytest.mark.parametrize("kill", KILLS, ids=lambda kill: kill.name)
def test_a_killed_refresh_loses_nothing(
    kill: Kill, fed: Toy, passed: tuple[list[Passed], dict[str, str]], tmp_path: Path
) -> None:
    toy = fed.copy(tmp_path / "home")
    before = current_version(toy.settings.home.published)
    code, trace = refresh(toy, MONDAY, tmp_path / "trace", kill)
    assert code == -signal.SIGKILL
    assert kill.at_write or kill.after_ms or where_it_stood(trace) == kill.place
    committed = sum(place.place == "commit of the load" and place.seconds is not None for place in trace)
    assert torn(toy) + rows_lost(toy, SATURDAY) + rows_lost(toy, MONDAY, tables=committed) == []
    if current_version(toy.settings.home.published) != before:
        assert toy.digests == passed[1]
    assert toy.run("refresh", MONDAY).success
    assert toy.digests == passed[1]
    assert torn(toy) + rows_lost(toy, MONDAY, tables=3) + unsplit(toy) == []
