"""Local times: those that do not exist, those that came twice, and the day they belong to."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import SourceContract, load_source_contract, run_gate
from tests.contracts.conftest import CONTRACT, GOOD, land

FAR = dt.date(2100, 1, 1)


def placed(con, contract, zone: str, texts: list[str], shop_zone: str | None = None, verify: bool = False):  # type: ignore[no-untyped-def]
    """(UTC, ambiguous, own day, reasons) of each local time in `zone`."""
    columns = tuple(
        dataclasses.replace(c, zone=zone, minimum=None) if c.name == "InvoiceDate" else c for c in contract.columns
    )
    local = dataclasses.replace(contract, columns=columns, day_rules=())
    land(con, local, [GOOD | {"InvoiceDate": text, "_day": FAR} for text in texts])
    run_gate(con, local, landed="landed", time_zone=shop_zone or zone, identical_lines="keep", verify=verify)
    return con.execute(
        "select InvoiceDate, _is_ambiguous_time, _own_event_date, _reasons from gate_rows order by _row_number"
    ).fetchall()


@pytest.mark.parametrize("session_zone", ["UTC", "America/New_York"])
def test_london(con: duckdb.DuckDBPyConnection, contract: SourceContract, session_zone: str) -> None:
    con.execute(f"set timezone = '{session_zone}'")
    texts = ["2011-03-27 00:59:59", "2011-03-27 01:30:00", "2011-03-27 02:00:00"]
    texts += ["2011-10-30 00:59:59", "2011-10-30 01:30:00", "2011-10-30 02:00:00", "2011-07-01 00:30:00"]
    rows = placed(con, contract, "Europe/London", texts, verify=True)
    assert [row[0] for row in rows] == [
        dt.datetime(2011, 3, 27, 0, 59, 59),
        None,
        dt.datetime(2011, 3, 27, 1),
        dt.datetime(2011, 10, 29, 23, 59, 59),
        dt.datetime(2011, 10, 30, 1, 30),  # winter time, the later of the two
        dt.datetime(2011, 10, 30, 2),
        dt.datetime(2011, 6, 30, 23, 30),
    ]
    assert [row[1] for row in rows] == [False, False, False, False, True, False, False]
    assert [row[2] and row[2].day for row in rows] == [27, None, 27, 30, 30, 30, 1]
    assert [row[3] for row in rows] == [[], ["InvoiceDate:local_time"], [], [], [], [], []]


def test_a_shift_of_half_an_hour(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    texts = ["2024-10-06 02:15:00", "2024-10-06 02:30:00", "2024-04-07 01:29:59", "2024-04-07 01:45:00"]
    rows = placed(con, contract, "Australia/Lord_Howe", texts, verify=True)
    assert [row[3] for row in rows] == [["InvoiceDate:local_time"], [], [], []]
    assert [row[1] for row in rows] == [False, False, False, True]
    assert rows[3][0] == dt.datetime(2024, 4, 6, 15, 15)  # +10:30, standard time


def test_the_day_is_the_shops(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> None:
    (row,) = placed(con, contract, "America/New_York", ["2011-03-07 23:30:00"], shop_zone="Europe/London")
    assert (row[0], row[2]) == (dt.datetime(2011, 3, 8, 4, 30), dt.date(2011, 3, 8))


ZONES = ["Europe/London", "Australia/Lord_Howe", "America/New_York", "America/St_Johns", "Asia/Tokyo", "Europe/Dublin"]
# Around every change of the clocks something can go wrong; elsewhere little can.
HOURS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2030, 1, 1)).map(lambda moment: moment.replace(microsecond=0))


def near_changes(zone: str) -> list[dt.datetime]:
    """Local times around the changes of 2011 and 2024, every quarter of an hour."""
    info, found = zoneinfo.ZoneInfo(zone), []
    for year in (2011, 2024):
        days = [dt.datetime(year, 1, 1) + dt.timedelta(days=i) for i in range(366)]
        for day in days:
            if info.utcoffset(day) != info.utcoffset(day + dt.timedelta(days=1)):
                found += [day + dt.timedelta(minutes=15 * i) for i in range(-4, 100)]
    return found


def by_hand(moment: dt.datetime, zone: str) -> tuple[dt.datetime | None, bool]:
    """UTC and ambiguity by Python's zone data."""
    info = zoneinfo.ZoneInfo(zone)
    later = moment.replace(tzinfo=info, fold=1)
    utc = later.astimezone(dt.UTC).replace(tzinfo=None)
    if utc.replace(tzinfo=dt.UTC).astimezone(info).replace(tzinfo=None) != moment:
        return None, False
    return utc, moment.replace(tzinfo=info, fold=0).utcoffset() != later.utcoffset()


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=2, deadline=None)
@given(moments=st.lists(HOURS, min_size=1, max_size=50))
def test_any_time_in_any_zone(zone: str, moments: list[dt.datetime]) -> None:
    contract = load_source_contract(CONTRACT)
    moments = moments + near_changes(zone)
    with duckdb.connect() as con:
        rows = placed(con, contract, zone, [str(moment) for moment in moments])
    assert [(row[0], row[1]) for row in rows] == [by_hand(moment, zone) for moment in moments]
