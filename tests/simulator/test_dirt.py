"""Every planted row is in the key with its fate, and nothing else is wrong: key and second reading agree."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from simulator.arguments import Arguments
from simulator.dirt.plants import plants_of
from simulator.systems import all_systems
from tests.simulator.conftest import Shop, simulated
from tests.simulator.plain_gate import BY_NAME, Reading

pytestmark = pytest.mark.slow

PLANTS = [plant for system in all_systems() for plant in plants_of(system)]
FILE_CLASSES = {"late_file", "extra_column", "renamed_column", "truncated_file"}
REASONLESS = {"accepted", "superseded", "not detectable"}


def listed(shop: Shop) -> dict[tuple[str, str, str, int], tuple[str, str, str | None]]:
    rows = duckdb.sql(
        "select table_name, arrival_date::varchar, file_name, row_number, class, fate, reason from "
        + shop.key.sql("dirt")
    ).fetchall()
    found = {tuple(row[:4]): tuple(row[4:]) for row in rows}
    assert len(found) == len(rows), "never two classes on one row"
    return found


def test_outcome_of_every_delivered_row_is_the_one_that_the_key_names(shop: Shop, reading: Reading) -> None:
    planted = listed(shop)
    for where, (outcome, reason) in reading.outcomes.items():
        name, fate, why = planted.get(where, ("", "accepted", None))
        expected = "accepted" if fate in REASONLESS else fate
        assert (outcome, reason) == (expected, why if expected != "accepted" else None), (where, name)
    in_refused = {where for where in planted if where[:3] in reading.refused}
    assert planted.keys() - reading.outcomes.keys() == in_refused
    assert {planted[where][1] for where in in_refused} == {"refused"}
    assert {where[:3]: planted[where][2] for where in in_refused} == reading.refused


def test_right_form_of_a_row_is_there_on_its_due_date_and_not_before(shop: Shop, reading: Reading) -> None:
    rows = duckdb.sql(
        f"""select table_name, class, arrival_date::varchar, due_date, row_key from {shop.key.sql("dirt")}
        where fate in ('quarantined', 'refused')"""
    ).fetchall()
    assert {row[1] for row in rows} >= {plant.name for plant in PLANTS if plant.kind == "wrong"}
    for table, name, arrival, due, row_key in rows:
        came = reading.came[table].get(row_key, set())
        assert str(due) > arrival, (table, name, row_key)
        if due <= shop.arguments.last:
            assert str(due) in came, (table, name, row_key)
        elif table not in {"orders", "shipments"}:  # of these, other versions come on time
            assert came == set(), (table, name, row_key)


def test_late_rows_and_files_come_within_their_days(shop: Shop) -> None:
    dirt = shop.key.sql("dirt")
    late = duckdb.sql(
        f"""select distinct arrival_date - stands_for from {dirt} where class = 'late_file'
        union select distinct due_date - stands_for from {dirt}
        where class = 'extra_column' and table_name = 'prices'"""
    ).fetchall()
    assert late and {days for (days,) in late} <= {1, 2, 3}


def test_file_classes_spare_the_first_and_the_last_three_of_ten_days(shop: Shop) -> None:
    days = duckdb.sql(
        f"""select distinct stands_for - date '{shop.arguments.start}' from {shop.key.sql("dirt")}
        where class in {tuple(FILE_CLASSES)}"""
    ).fetchall()
    assert days and all(day > 0 and day % 10 < 7 for (day,) in days)


def test_there_is_one_file_per_table_and_day(shop: Shop, reading: Reading) -> None:
    whole: Counter[tuple[str, str]] = Counter()
    for table in BY_NAME.values():
        for file in (shop.drops / table.system / table.name).glob("*/*"):
            if (table.name, file.parent.name, file.name) not in reading.refused:
                name = file.stem
                day = file.parent.name if name == table.name else name.removeprefix(f"{table.name}_")
                whole[table.name, day] += 1
    days = [shop.arguments.date(day).isoformat() for day in range(shop.arguments.days)]
    assert whole == Counter({(table, day): 1 for table in BY_NAME for day in days})


@pytest.mark.slow
def test_each_class_has_rows_enough_in_the_shop_of_the_defaults(tmp_path: Path) -> None:
    shop = simulated(tmp_path, Arguments())
    planted = shop.summary.planted
    rows = {plant.name for plant in PLANTS} | {"orphan", "orphan_of_late_parent"}
    assert {name: count for name, count in planted.items() if name in rows and count < 250} == {}
    assert {name: count for name, count in planted.items() if name in FILE_CLASSES and count < 200} == {}
    assert set(planted) == rows | FILE_CLASSES
    unsettled = duckdb.sql(
        f"""select count(*) from {shop.key.sql("dirt")}
        where fate = 'refused' and due_date > date '{shop.arguments.last}'"""
    )
    assert unsettled.fetchall() == [(0,)]
    assert shop.arguments.last == dt.date(2025, 4, 30)
    print("\n".join(shop.summary.lines()))
