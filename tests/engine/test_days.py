"""What a refresh makes of days: late, restated, moved, doubled, blocked, incomplete, missing, closed.

In every test the published tables are compared, in the end, with what the files tell (oracle.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from tests.engine.oracle import differences
from tests.engine.story import (
    DAYS,
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    calm,
    calm_sales,
    line,
    order,
    sale,
)
from tests.engine.toy import Toy

pytestmark = pytest.mark.slow

FLOOD = [sale(200 + number, FRIDAY) for number in range(31)]


def replaced(toy: Toy, since: int) -> dict[str, list[dt.date]]:
    """The days that each table had replaced after the first `since` entries."""
    rows = toy.ledger(
        f"select table_name, event_date from ledger.replaced_days qualify row_number() over (order by rowid) > {since}"
    )
    return {name: sorted({day for table, day in rows if table == name}) for name, _ in rows}


def open_days(toy: Toy) -> list[tuple[str, str, str]]:
    """(table, day, verdict) of the days that the published version says are open."""
    return [(entry["table"], entry["day"], entry["verdict"]) for entry in toy.manifest["facts"]["open_days"]]


def test_a_late_row_lands_on_its_own_day_and_no_other_is_touched(toy: Toy) -> None:
    calm(toy, MONDAY)
    toy.put("till.sales", MONDAY, [*calm_sales(MONDAY), sale(50, FRIDAY, customer_id="C9")])
    [(before,)] = toy.ledger("select count(*) from ledger.replaced_days")
    assert toy.run("refresh", MONDAY).success
    assert replaced(toy, before) == {"fct_order_lines": [FRIDAY, MONDAY], "revenue_weekly": [SUNDAY]}
    assert toy.query("select ordered_date from fct_order_lines where order_id = 'S050'") == [(FRIDAY,)]
    assert toy.query("select n_customers from rpt_sales_revenue_weekly") == [(4,)]
    assert differences(toy) == []


def test_a_restated_parent_reaches_the_days_of_its_lines(toy: Toy) -> None:
    """The order is of Thursday; a further line of it was ordered on Friday, as only the line says."""
    toy.put("web.lines", FRIDAY, [line(8, FRIDAY), line(8, FRIDAY, 2, product_id="P1"), line(9, FRIDAY)])
    toy.put("web.lines", SATURDAY, [line(9, SATURDAY, 2)])
    assert toy.run("backfill", FRIDAY, SATURDAY).success
    assert differences(toy) == []  # order 9 is of Saturday, both of its lines stand on Friday
    calm(toy, MONDAY)
    taken_back = order(9, SATURDAY, status="cancelled", updated_at=f"{MONDAY} 09:00:00")
    toy.put("web.orders", MONDAY, [order(11, MONDAY), taken_back])
    assert toy.run("refresh", MONDAY).success
    cancelled = "select ordered_date, count(*) from fct_order_lines where is_cancelled group by all"
    assert toy.query(cancelled) == [(FRIDAY, 2)]
    assert toy.query("select count(*) from fct_orders_lifecycle where order_id = 'W009'") == [(0,)]
    assert differences(toy) == []


def test_the_newest_version_stands_whichever_came_first(toy: Toy) -> None:
    """Monday brings an older version of an order that came on Friday: it is superseded at once."""
    toy.put("web.orders", FRIDAY, [order(8, FRIDAY, updated_at=f"{FRIDAY} 14:00:00")])
    calm(toy, MONDAY)
    old = order(8, FRIDAY, status="cancelled", customer_id="C7")
    toy.put("web.orders", MONDAY, [order(11, MONDAY), old])
    assert toy.run("refresh", FRIDAY).success
    assert toy.run("refresh", MONDAY).success
    of_order = "select distinct customer_id, is_cancelled from fct_order_lines where order_id = 'W008'"
    assert toy.query(of_order) == [("C2", False)]
    assert differences(toy) == []


def test_an_order_that_moves_to_another_day_stands_once(toy: Toy) -> None:
    """Monday says that Saturday's receipt was printed on Thursday: dbt's own delete+insert would leave it standing."""
    where = "select ordered_date, count(*) from fct_order_lines where order_id = 'S009' group by all"
    assert toy.query(where) == [(SATURDAY, 2)]
    calm(toy, MONDAY)
    moved = [sale(9, THURSDAY), sale(9, THURSDAY, 2, product_id="P2")]
    toy.put("till.sales", MONDAY, [*calm_sales(MONDAY), *moved])
    assert toy.run("refresh", MONDAY).success
    assert toy.query(where) == [(THURSDAY, 2)]
    assert differences(toy) == []


def test_a_line_waits_for_its_order_and_is_released(toy: Toy) -> None:
    calm(toy, MONDAY)
    toy.put("web.lines", MONDAY, [line(20, MONDAY), line(11, MONDAY)])
    assert toy.run("refresh", MONDAY).success
    held = "select raw_payload->>'order_id', reasons from quality.quarantined_rows"
    assert toy.ledger(held) == [("W020", ["order_id:waiting_for_parent"])]
    assert differences(toy) == []
    calm(toy, TUESDAY)
    toy.put("web.orders", TUESDAY, [order(12, TUESDAY), order(20, MONDAY, customer_id="C8")])
    assert toy.run("refresh", TUESDAY).success
    assert toy.ledger(held) == []
    of_order = "select ordered_date, customer_id from fct_order_lines where order_id = 'W020'"
    assert toy.query(of_order) == [(MONDAY, "C8")]
    assert differences(toy) == []


def test_rows_doubled_within_a_file_and_a_file_come_twice_sell_nothing(toy: Toy) -> None:
    before = toy.query("from fct_order_lines select * exclude (batch_id) order by all")
    rows = calm_sales(FRIDAY)
    toy.put("till.sales", FRIDAY, [*rows, rows[0]])
    toy.put("till.sales", FRIDAY, rows, "again.csv")
    assert toy.run("refresh", FRIDAY).success
    assert toy.query("from fct_order_lines select * exclude (batch_id) order by all") == before
    outcomes = """select outcome, sum(row_count)::int from ledger.row_counts
        where source = 'till' group by all order by all"""
    assert toy.ledger(outcomes) == [("accepted", 12), ("duplicate", 1)]


def test_a_blocked_day_is_left_out_whole_and_the_others_go_on_until_it_is_corrected(toy: Toy) -> None:
    toy.put("till.sales", FRIDAY, FLOOD)
    outcome = toy.run("backfill", FRIDAY, SATURDAY)
    assert outcome.success
    assert any(f"{FRIDAY}" in warning for warning in outcome.warnings)
    assert toy.manifest["quality_state"] == "incomplete"
    assert open_days(toy) == [("till.sales", f"{FRIDAY}", "blocked")]
    sold = f"select source_system, count(*) from fct_order_lines where ordered_date = '{FRIDAY}' group by all"
    assert toy.query(sold) == [("web", 2)]
    assert differences(toy) == []
    calm(toy, FRIDAY)
    assert toy.run("refresh", FRIDAY).success
    assert toy.manifest["quality_state"] == "complete"
    assert toy.query(sold + " order by all") == [("till", 3), ("web", 2)]


def test_a_day_of_which_nothing_is_usable_stops_the_run_and_keeps_what_is_published(toy: Toy) -> None:
    version = toy.manifest["version"]
    toy.put("till.sales", MONDAY, FLOOD)
    outcome = toy.run("refresh", MONDAY)
    assert not outcome.success
    assert outcome.errors[0][0] == "DagsterAssetCheckFailedError"
    assert toy.manifest["version"] == version


def test_a_refused_file_leaves_its_day_incomplete_until_its_correction_comes(toy: Toy) -> None:
    calm(toy, MONDAY)
    toy.put("web.orders", MONDAY, b"no such header\n1\n", "more.csv")
    toy.put("till.sales", MONDAY, b"no such header\n1\n")
    assert toy.run("refresh", MONDAY).success
    assert open_days(toy) == [
        ("till.sales", f"{MONDAY}", "incomplete"),
        ("web.orders", f"{MONDAY}", "incomplete"),
    ]
    assert differences(toy) == []
    toy.put("till.sales", MONDAY, calm_sales(MONDAY))
    toy.put("web.orders", MONDAY, [order(77, MONDAY)], "more.csv")
    assert toy.run("refresh", MONDAY).success
    assert toy.manifest["quality_state"] == "complete"
    assert differences(toy) == []


def test_a_missing_file_is_named_and_its_day_made_good_by_a_later_one(toy: Toy) -> None:
    calm(toy, MONDAY, TUESDAY)
    toy.take_away("till.sales", MONDAY, "day.csv")
    assert toy.run("backfill", MONDAY, TUESDAY).success
    assert open_days(toy) == [("till.sales", f"{MONDAY}", "missing")]
    toy.put("till.sales", TUESDAY, calm_sales(MONDAY), f"late-{MONDAY}.csv")
    assert toy.run("refresh", TUESDAY).success
    assert toy.manifest["quality_state"] == "complete"
    assert differences(toy) == []


def test_a_corrected_file_replaces_the_first(toy: Toy) -> None:
    wrong = [{**row, "quantity": 9} for row in calm_sales(FRIDAY)]
    toy.put("till.sales", FRIDAY, [*wrong, sale(77, FRIDAY)])
    assert toy.run("refresh", FRIDAY).success
    assert toy.query("select count(*) from fct_order_lines where order_id = 'S077'") == [(1,)]
    toy.put("till.sales", FRIDAY, calm_sales(FRIDAY))
    assert toy.run("backfill", FRIDAY, SATURDAY).success
    assert toy.query("select count(*) from fct_order_lines where order_id = 'S077'") == [(0,)]
    assert differences(toy) == []


def test_a_closed_last_day_belongs_to_the_calendar_whichever_run_ends_before_it(new: Callable[[], Toy]) -> None:
    """Saturday's files carry the calendar over the closed Sunday; a run for an earlier day does not take it back."""
    last = "select max(calendar_date) from ledger.calendar_days"
    toy = calm(new(), *DAYS[:3])
    assert toy.run("backfill", THURSDAY, SATURDAY).success
    assert toy.ledger(last) == [(SUNDAY,)]
    assert toy.query("select as_of_date from rpt_sales_revenue_weekly") == [(SUNDAY,)]
    toy.put("till.sales", THURSDAY, calm_sales(THURSDAY)[:2])
    assert toy.run("backfill", THURSDAY, SATURDAY).success
    assert toy.run("refresh", THURSDAY).success
    assert toy.ledger(last) == [(SUNDAY,)]
    assert differences(toy) == []


def test_every_row_has_one_fate(toy: Toy) -> None:
    calm(toy, MONDAY)
    rows = calm_sales(MONDAY)
    broken = [{**rows[1], "line_no": 9, "quantity": "many"}, sale(90, THURSDAY - dt.timedelta(days=1))]
    toy.put("till.sales", MONDAY, [*rows, rows[0], *broken])
    toy.put("web.lines", MONDAY, [line(11, MONDAY), line(99, MONDAY)])
    assert toy.run("refresh", MONDAY).success
    counted = f"""select source || '.' || table_name, outcome, sum(row_count)::int from ledger.row_counts
        where arrival_date = '{MONDAY}' group by all order by all"""
    assert toy.ledger(counted) == [
        ("till.sales", "accepted", 3),
        ("till.sales", "duplicate", 1),
        ("till.sales", "quarantined", 2),
        ("web.lines", "accepted", 1),
        ("web.lines", "quarantined", 1),
        ("web.orders", "accepted", 1),
    ]
    reasons = "select unnest(reasons) from quality.quarantined_rows order by all"
    assert toy.ledger(reasons) == [("order_id:waiting_for_parent",), ("quantity:type",), ("sold_at:before_first_day",)]
    assert differences(toy) == []
