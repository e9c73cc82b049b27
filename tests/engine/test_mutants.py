"""Whether this storey would notice: the engine with one step broken, on a day that brings everything at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.store.arrivals import loading, orphans
from pipelines.store.days import dirty_days
from tests.engine.oracle import differences
from tests.engine.story import FRIDAY, MONDAY, SATURDAY, THURSDAY, TUESDAY, calm, calm_sales, line, order, sale
from tests.engine.toy import Toy

pytestmark = pytest.mark.slow

MACRO = "dbt_project/macros/dirty_days.sql"
# What dbt's own `delete+insert` does.
DELETE = "    delete from {{ arg_dict['target_relation'] }}\n    where {{ is_dirty_day(day) }};"
STOCK_DELETE = (
    "    delete from {{ arg_dict['target_relation'] }}\n"
    "    where {{ day }} in (select {{ day }} from {{ arg_dict['temp_relation'] }});"
)
Mutate = Callable[[Toy, pytest.MonkeyPatch], object]


@pytest.fixture(scope="module")
def waiting(standing: Toy, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """Monday is loaded too, with one receipt and a line that waits for its order; order 9, of Saturday, has a line that
    was ordered on Friday, and so stand all its lines."""
    toy = standing.copy(tmp_path_factory.mktemp("mutants") / "home")
    toy.put("web.lines", FRIDAY, [line(8, FRIDAY), line(9, FRIDAY, 3)])
    toy.put("till.sales", MONDAY, [sale(11, MONDAY)])
    toy.put("web.orders", MONDAY, [order(11, MONDAY)])
    toy.put("web.lines", MONDAY, [line(20, SATURDAY)])
    assert toy.run("backfill", FRIDAY, MONDAY).success
    return toy


def arrive(toy: Toy) -> None:
    """Tuesday: calm, and a late row, a receipt that moves and leaves its day empty, an order taken back whose lines
    stand on another day, the order that a line waits for."""
    calm(toy, TUESDAY)
    toy.put("till.sales", TUESDAY, [*calm_sales(TUESDAY), sale(50, SATURDAY), sale(11, THURSDAY)])
    taken_back = order(9, SATURDAY, status="cancelled", updated_at=f"{TUESDAY} 09:00:00")
    toy.put("web.orders", TUESDAY, [order(12, TUESDAY), taken_back, order(20, SATURDAY)])


def _stock_delete(toy: Toy, _patch: pytest.MonkeyPatch) -> None:
    toy.changed(MACRO, DELETE, STOCK_DELETE)
    assert toy.run("refresh", MONDAY).success  # another macro: everything is built anew


def _arrivals_only(con: Any, plan: Any, raw_table: str, days: list[dt.date]) -> None:
    dirty_days.mark_days(con, plan, raw_table, [day for day in days if day == TUESDAY])


MUTANTS: dict[str, Mutate] = {
    "nothing is broken": lambda _toy, _patch: None,
    "days are deleted as dbt does": _stock_delete,
    "the day of arrival alone is dirty": lambda _toy, patch: patch.setattr(loading, "mark_days", _arrivals_only),
    "children of a restated parent are left": lambda _toy, patch: patch.setattr(
        loading, "mark_children", lambda *_: None
    ),
    "who waits is not released": lambda _toy, patch: patch.setattr(orphans, "unsettled_days", lambda *_: []),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_engine_is_noticed(name: str, waiting: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = waiting.copy(tmp_path / "home").with_own_code(tmp_path / "project")
    MUTANTS[name](toy, monkeypatch)
    arrive(toy)
    outcome = toy.run("refresh", TUESDAY)
    is_noticed = not outcome.success or differences(toy) != []
    assert is_noticed is (name != "nothing is broken"), outcome.errors
