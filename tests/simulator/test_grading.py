"""Every grade passes on a sound pipeline and fails on the broken one that it is there to catch.

A broken pipeline is told by what it would have left: the fates of rows and the published tables of a sound run are
changed as the fault would change them, and graded again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts.odcs import load_source_contract
from pipelines.defs.statements import reading_of
from pipelines.domains.inventory.statements.demand_forecast import forecast_from_sales, learnt_demand
from pipelines.settings.environment import load_settings
from pipelines.store.arrivals.fates import make_row_fates
from simulator.arguments import SimulationError
from simulator.grading import check_version, grade_version
from simulator.grading.fates import OPEN_DAY_MEASURE
from simulator.grading.grades import Grade, as_json
from simulator.grading.money import FIGURES
from simulator.grading.rows import FACTS as ROWS
from simulator.key import read_key
from tests.simulated_home import LAST, SimulatedHome

pytestmark = pytest.mark.slow

MARGIN = "update rpt_sales_margin_daily set {}"
LET_IN = "update row_fates set fate = 'current', reasons = [] where list_contains(reasons, '{}')"
# Fault -> (what it does to the fates, what it does to the published tables, the measures that must catch it).
FAULTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "lines delivered twice are kept": (
        "update row_fates set fate = 'current' where fate = 'duplicate'",
        "",
        ("fate right: exact_duplicate",),
    ),
    "the first version of a row stands, not the last": (
        "update row_fates set fate = case fate when 'current' then 'superseded' else 'current' end "
        "where fate in ('current', 'superseded')",
        "",
        ("fate right: near_duplicate", "fate right: restated_row"),
    ),
    "what comes after its day is dropped": (
        "delete from row_fates where regexp_matches(file_name, '_[0-9-]+[.]') or fate in ('current', 'superseded')",
        "",
        ("fate right: late_file", "fate right: late_row", "fate right: odd_but_right"),
    ),
    "no rule is asked": (
        "update row_fates set fate = 'current', reasons = [] where fate = 'quarantined'",
        "",
        tuple(
            f"fate right: {name}"
            for name in (
                "future_clock",
                "missing_key",
                "mojibake",
                "negative_quantity",
                "wrong_currency",
                "wrong_type",
            )
        ),
    ),
    "a damaged file is read as far as it goes": (
        "delete from row_fates where fate = 'refused'",
        "",
        ("fate right: extra_column", "fate right: renamed_column", "fate right: truncated_file"),
    ),
    "a row whose parent is late is never let in": (
        "update row_fates set fate = 'waiting' where row_number % 2 = 0",
        "",
        ("fate right: orphan", "fate right: orphan_of_late_parent", "right rows not let in, share"),
    ),
    "a figure of the margin is off by a cent": (
        "",
        MARGIN.format(", ".join(f"{column} = {column} + 0.01" for column, _ in FIGURES.values())),
        tuple(f"{figure}: event days that differ from the truth" for figure in FIGURES),
    ),
    "stock is read a day late": (
        "",
        "update fct_inventory_daily set snapshot_date = snapshot_date + 1",
        (
            "units on hand: SKU-location-days that differ",
            "value of stock: SKU-location-days that differ",
            "stock-outs: SKU-location-days missed or invented",
            "snapshots that never were",
        ),
    ),
    "movements count without their sign": (
        "",
        "update fct_inventory_movements set quantity = abs(quantity)",
        ("units moved: SKU-location-days that differ",),
    ),
    "times are taken for local ones": (
        "",
        "update fct_fulfilment_stages set entered_at = entered_at - interval 8 hours",
        ("fulfilment stages that differ",),
    ),
    "the model forecasts ten times as much, of which it is sure": (
        "",
        "update rpt_inventory_demand_forecast set mean = 10 * mean + 1, q10 = 10 * q10 + 1, q90 = 10 * q10 + 1",
        (
            "error of the forecast over that of last week's sales",
            "bias against true demand, size",
            "days inside the 80 % interval, off by",
        ),
    ),
    "half of the forecasts are not published": (
        "",
        "delete from rpt_inventory_demand_forecast where hash(series_id) % 2 = 0",
        ("series-days without one whole forecast",),
    ),
    "every second row of the facts is lost, one stands twice": (
        "",
        "; ".join(
            f"create temp table kept as from {name} where hash({key}) % 2 = 0; "
            f"delete from {name} where hash({key}) % 2 = 1; insert into {name} from kept limit 1; drop table temp.kept"
            for name, (key, _) in ROWS.items()
        ),
        tuple(f"{name}: rows missing, doubled or invented" for name in ROWS),
    ),
    "lines of paid orders stand for unpaid ones": (
        "",
        "delete from fct_order_lines where item_type = 'product' and line_type = 'unpaid'",
        ("fct_order_lines: rows missing, doubled or invented",),
    ),
    "the daily figures and the bridge know another truth than the margin": (
        "",
        "update rpt_sales_kpi_daily set gmv_amount = gmv_amount + 1; "
        "update rpt_sales_margin_bridge set amount = amount - 1 where part = 'returns'; "
        "insert into rpt_sales_margin_daily from rpt_sales_margin_daily limit 1",
        tuple(
            f"{name}: rows missing, doubled or invented"
            for name in ("rpt_sales_kpi_daily", "rpt_sales_margin_bridge", "rpt_sales_margin_daily")
        ),
    ),
    "one buyer of ten has no segment, one has two": (
        "",
        "delete from rpt_customers_segment_memberships where hash(customer_id) % 10 = 0",
        ("buyers who have one segment, share",),
    ),
    "segments are dealt out": (
        "",
        "update rpt_customers_segment_memberships set segment = (hash(customer_id) % 5)::varchar",
        ("segments and planted types, adjusted Rand index",),
    ),
}


def grades_of(
    folder: Path,
    simulated: SimulatedHome,
    fates: str = "",
    published: str = "",
    open_days: Sequence[tuple[str, str]] = (),
    learnt: Path | None = None,
) -> dict[str, Grade]:
    """The grades of a copy of the home that was changed by the two statements."""
    shutil.copyfile(simulated.home / "published" / "current" / "marts.duckdb", folder / "marts.duckdb")
    shutil.copyfile(simulated.home.parent / "row_fates.parquet", folder / "fates.parquet")
    if published:
        with duckdb.connect(str(folder / "marts.duckdb")) as con:
            con.execute(published)
    if fates:
        with duckdb.connect() as con:
            con.execute("create table row_fates as from read_parquet(?)", [str(folder / "fates.parquet")])
            con.execute(fates)
            con.execute(f"copy row_fates to '{folder / 'fates.parquet'}' (format parquet)")
    marks = grade_version(
        folder / "marts.duckdb",
        folder / "fates.parquet",
        simulated.key,
        open_days=open_days,
        demand=(simulated.home.parent / "from_sales.parquet", learnt or simulated.home.parent / "learnt.parquet"),
    )
    return {grade.measure: grade for grade in marks.grades}


@pytest.fixture(scope="module", autouse=True)
def taken(simulated: SimulatedHome) -> None:
    """What `almanac grade` takes from a home, in files beside it: the fates of all rows, past demand, its forecast."""
    settings = load_settings("simulated", simulated.home, environment={})
    contracts = [load_source_contract(settings.contract_file(s, t)) for s, t, _ in settings.shop.raw_tables()]
    with duckdb.connect(str(settings.home.warehouse), read_only=True) as con:
        make_row_fates(con, contracts)
        reading = reading_of(settings, con, dt.date.fromisoformat(LAST), "inventory")
        con.register("past", learnt_demand(reading))
        con.register("ahead", forecast_from_sales(reading).rename(columns={"date": "target_date"}))
        for name, source in (("row_fates", "row_fates"), ("learnt", "past"), ("from_sales", "ahead")):
            partial = simulated.home.parent / f"{name}.part"
            con.execute(f"copy {source} to '{partial}' (format parquet)")
            partial.replace(partial.with_suffix(".parquet"))


def test_a_sound_pipeline_passes(simulated: SimulatedHome, tmp_path: Path) -> None:
    found = grades_of(tmp_path, simulated)
    # Forecasts and segments are learnt from half a year or more; of six weeks little is to be expected.
    exact = [grade for grade in found.values() if grade.capability not in ("demand", "customers")]
    assert [grade for grade in exact if not grade.passed] == []
    assert len(found) >= 20
    assert as_json(list(found.values())).count('"bar"') == len(found)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_pipeline_is_caught(fault: str, simulated: SimulatedHome, tmp_path: Path) -> None:
    fates, published, caught = FAULTS[fault]
    sound, broken = (grades_of(tmp_path, simulated, *changes) for changes in (("", ""), (fates, published)))
    for measure in {*caught} & {*sound}:
        assert not broken[measure].passed, measure
        assert broken[measure].value != sound[measure].value, measure


def test_a_day_that_is_open_for_no_reason_is_caught(simulated: SimulatedHome, tmp_path: Path) -> None:
    assert grades_of(tmp_path, simulated)[OPEN_DAY_MEASURE].passed
    invented = [("storefront.orders", "2025-01-20")]
    assert not grades_of(tmp_path, simulated, open_days=invented)[OPEN_DAY_MEASURE].passed


def test_sales_that_are_taken_for_demand_are_caught(simulated: SimulatedHome, tmp_path: Path) -> None:
    measure = "demand of stock-out days, off from the true one by"
    sold = tmp_path / "sold.parquet"
    with duckdb.connect() as con:
        con.execute(
            f"""copy (select sku || '@' || location_id as series_id, date, sold as demand
            from '{simulated.key / "demand.parquet"}') to '{sold}' (format parquet)"""
        )
    assert not grades_of(tmp_path, simulated, learnt=sold)[measure].passed


def test_a_version_of_another_day_is_not_graded(simulated: SimulatedHome) -> None:
    key = read_key(simulated.key)
    check_version(key, LAST, {})
    with pytest.raises(SimulationError, match=r"ends on 2025-02-12, the key .* on 2025-02-13"):
        check_version(key, "2025-02-12", {})


def test_a_version_of_another_shop_is_not_graded(simulated: SimulatedHome) -> None:
    key = read_key(simulated.key)
    path = "storefront/customers/2025-01-01/customers.csv"
    fingerprint = hashlib.sha256((simulated.home / "drops" / path).read_bytes()).hexdigest()
    check_version(key, LAST, {path: {fingerprint, "of a corrected file"}})
    with pytest.raises(SimulationError, match=r"of this home is not that of a shop of 44 days .*\(seed 11\)"):
        check_version(key, LAST, {path: {"of another shop"}})


def test_a_table_that_is_not_there_is_named(simulated: SimulatedHome, tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"lacks what is graded: .*fct_payments"):
        grades_of(tmp_path, simulated, published="drop table fct_payments")


def test_too_few_whole_days_say_nothing(simulated: SimulatedHome, tmp_path: Path) -> None:
    """A key whose rows are all due later leaves nothing to compare: no money grade passes then."""
    key = tmp_path / "key"
    shutil.copytree(simulated.key, key)
    with duckdb.connect() as con:
        con.execute(f"create table days as select * replace (date '2030-01-01' as due) from '{key / 'days.parquet'}'")
        con.execute(f"copy days to '{key / 'days.parquet'}' (format parquet)")
    late = SimulatedHome(simulated.home, key, "", "")
    found = grades_of(tmp_path, late)
    assert not any(found[f"{figure}: event days that differ from the truth"].passed for figure in FIGURES)
    assert not found["event days that could be compared, share"].passed


def test_every_grade_has_a_fault_that_it_catches(simulated: SimulatedHome, tmp_path: Path) -> None:
    """Classes that struck no row of this small shop have none here: their grade is the same query."""
    caught = {measure for _, _, measures in FAULTS.values() for measure in measures}
    caught |= {OPEN_DAY_MEASURE, "event days that could be compared, share"}
    caught |= {"demand of stock-out days, off from the true one by"}
    assert {*grades_of(tmp_path, simulated)} - caught == set()
