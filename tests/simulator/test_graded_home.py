"""The real pipeline, graded on a home of six weeks: it passes where it must be exact, and publishes what is read."""

from __future__ import annotations

import duckdb
import pytest

from simulator.grading import all_gradings
from simulator.key import read_key
from simulator.systems import chosen_systems, tables_of
from tests.simulated_home import SimulatedHome
from tests.simulator.faults import of_all

pytestmark = pytest.mark.slow

# Forecasts and segments are learnt from half a year or more; of six weeks little is to be expected.
LEARNT = ("demand", "customers")


def test_a_sound_pipeline_passes_where_it_must_be_exact(simulated: SimulatedHome) -> None:
    exact = [grade for grade in simulated.grades if grade["capability"] not in LEARNT]
    assert [grade for grade in exact if not grade["pass"]] == []


def test_every_grade_that_the_key_has_something_for_is_given(simulated: SimulatedHome) -> None:
    key = read_key(simulated.key)
    struck = {name for (name,) in duckdb.sql(f"select distinct class from {key.sql('dirt')}").fetchall()}
    asked = [asked.measure for grading in all_gradings(key.systems) for asked in grading.asked()]
    given = [grade["measure"] for grade in simulated.grades]
    # A class that struck no row of this small shop has no grade.
    assert given == [name for name in asked if not name.startswith("fate right: ") or name.split(": ")[1] in struck]


def test_the_pipeline_publishes_what_the_faultless_one_of_the_tests_does(simulated: SimulatedHome) -> None:
    """Else a grade might be proven on a column that nobody publishes."""
    marts = simulated.home / "published" / "current" / "marts.duckdb"
    with duckdb.connect() as con:
        con.execute(f"attach '{marts}' as version (read_only)")
        columns = "select table_name, column_name from duckdb_columns() where database_name = 'version'"
        real = {*con.execute(columns).fetchall()}
        con.execute("create macro last() as date '2025-01-31'")
        for name in read_key(simulated.key).manifest["tables"]:
            con.execute(f"create view {name} as from {read_key(simulated.key).sql(name)}")
        for table, sql in of_all("SOUND").items():
            told = {column for (column, *_) in con.execute(f"describe {sql}").fetchall()}
            if table != "row_fates":
                assert {(table, column) for column in told} <= real, table


def test_every_raw_table_of_the_shop_is_one_of_its_systems(simulated: SimulatedHome) -> None:
    tables = {f"{table.system}/{table.name}" for table in tables_of(chosen_systems(read_key(simulated.key).systems))}
    drops = simulated.home / "drops"
    assert {str(folder.relative_to(drops)) for folder in drops.glob("*/*")} == tables
