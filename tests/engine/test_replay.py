"""A home equals its replay in another order, and a difference that was planted is found and named."""

from __future__ import annotations

import pytest

from pipelines.defs.replay import verify_replay
from pipelines.store.arrivals import loading
from pipelines.store.days.dirty_days import mark_days
from tests.engine.story import FRIDAY, MONDAY, SATURDAY, THURSDAY, calm, calm_sales, line, order, sale
from tests.engine.toy import Toy

pytestmark = pytest.mark.slow


def test_a_sound_home_is_equal_and_what_went_wrong_once_is_named(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home met late and corrected rows, a refused file, rows in quarantine and one that waited for its order."""
    toy.put("till.sales", FRIDAY, [*calm_sales(FRIDAY)[:2], {**sale(40, FRIDAY), "quantity": "many"}])
    toy.put("web.orders", SATURDAY, b"no such header\n", "more.csv")
    toy.put("web.lines", SATURDAY, [line(9, SATURDAY), line(50, SATURDAY)])
    assert toy.run("backfill", FRIDAY, SATURDAY).success
    calm(toy, MONDAY)
    toy.put("web.orders", MONDAY, [order(11, MONDAY), order(50, SATURDAY)])
    assert toy.run("refresh", MONDAY).success

    equal = verify_replay(toy.settings, None, None, run=toy.run_in, seed=3)
    assert (equal.compared, equal.skipped, equal.differences) == (5, None, [])
    assert len(equal.pieces) == 4
    assert not list(toy.settings.home.tmp.iterdir())

    toy.put("till.sales", MONDAY, [sale(60, FRIDAY)], "more.csv")
    with monkeypatch.context() as broken:  # a late row of which the marts never hear
        broken.setattr(loading, "mark_days", lambda *told: mark_days(*told[:3], [MONDAY]))
        assert toy.run("refresh", MONDAY).success
    found = verify_replay(toy.settings, THURSDAY, THURSDAY, run=toy.run_in).differences
    [lines] = [difference for difference in found if difference.table == "fct_order_lines"]
    assert lines.other_rows == lines.rows + 1
    assert "order_line_id=S060/1" in lines.first
