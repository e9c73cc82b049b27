"""A corrected row lands as if it had been right the first day, whatever else arrives before and after."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.store.arrivals import quarantine, repairs
from pipelines.store.arrivals.repair_files import CorrectedRow
from pipelines.store.arrivals.repairs import RepairError
from pipelines.store.connection import transaction
from tests.small_home import SmallHome

pytestmark = pytest.mark.slow

START = dt.date(2017, 5, 1)
DAYS = [START + dt.timedelta(days=offset) for offset in range(3)]
EXAMPLES = int(os.environ.get("ALMANAC_PROVE_EXAMPLES", "12"))
RIGHT, WRONG = "2017-05-01 12:00:00", "yesterday"
File = tuple[int, str, tuple[tuple[str, str, bool], ...]]  # day, name, (order, status, is broken)

rows = st.tuples(st.sampled_from(["o1", "o2", "o3"]), st.sampled_from(["created", "shipped"]), st.booleans())
files = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["a.csv", "b.csv"]), st.lists(rows, max_size=4).map(tuple)),
    min_size=1,
    max_size=6,
    unique_by=lambda file: file[:2],
)


def order(order_id: str, status: str, purchased: str) -> dict[str, str | None]:
    known = {"order_id": order_id, "customer_id": "c1", "order_status": status, "order_purchase_timestamp": purchased}
    later = ("order_approved_at", "order_delivered_carrier_date", "order_delivered_customer_date")
    return {**known, **dict.fromkeys(later), "order_estimated_delivery_date": "2017-05-20 00:00:00"}


def home_in(folder: str | Path) -> SmallHome:
    return SmallHome.make(
        Path(folder), "olist", ["orders"], first_day=START, time_zone="America/Sao_Paulo", currency="BRL"
    )


def put(home: SmallHome, file: File, *, all_right: bool = False) -> None:
    day, name, content = file
    lines = [order(i, status, WRONG if broken and not all_right else RIGHT) for i, status, broken in content]
    home.put("orders", DAYS[day], lines, name)


def correct(home: SmallHome, chosen: list[quarantine.Quarantined], status: str | None = None) -> int:
    changes = {"order_purchase_timestamp": RIGHT} | ({"order_status": status} if status else {})
    lines = [
        CorrectedRow(row.delivery_id, row.row_number, {**row.values, **changes}, number)
        for number, row in enumerate(chosen, 2)
    ]
    with transaction(home.con):
        return repairs.record_rows(
            home.con,
            home.contracts[0],
            lines,
            made_by="Ada",
            reason="the clock stood still",
            raw_dir=home.settings.home.raw,
            private_dir=home.settings.home.private,
            time_zone=home.settings.shop.time_zone,
            first_day=START,
        )


def held(home: SmallHome) -> list[quarantine.Quarantined]:
    return quarantine.quarantined(home.con, "olist", "orders")


def counts(home: SmallHome) -> list[tuple[object, ...]]:
    return home.con.execute(
        """select delivery_id, event_date, outcome, sum(row_count)::bigint from ledger.row_counts
        group by all order by all"""
    ).fetchall()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files, st.integers(0, 6), st.booleans())
def test_repaired_equals_right_from_the_first_day(delivered: list[File], early: int, at_once: bool) -> None:
    """Some files come, their broken rows are repaired (at once or two by two), the others come, theirs are repaired."""
    with tempfile.TemporaryDirectory() as folder:
        mended, right = home_in(Path(folder, "mended")), home_in(Path(folder, "right"))
        for part in (delivered[:early], delivered[early:]):
            for file in part:
                put(mended, file)
            mended.run(DAYS)
            while broken := held(mended):
                correct(mended, broken if at_once else broken[:2])
                waiting = repairs.waiting_days(mended.con, "olist", "orders")
                assert waiting == sorted({row.arrival_date for row in (broken if at_once else broken[:2])})
                mended.run(waiting)
                assert mended.unaccounted() == []
        for part in (delivered[:early], delivered[early:]):
            for file in part:
                put(right, file, all_right=True)
            right.run(DAYS)
        assert repairs.waiting_days(mended.con, "olist", "orders") == []
        assert mended.current("orders", extra=", _event_date, _arrival_date") == right.current(
            "orders", extra=", _event_date, _arrival_date"
        )
        assert counts(mended) == counts(right)
        mended.close()
        right.close()


@pytest.fixture
def broken_home(tmp_path: Path) -> SmallHome:
    home = home_in(tmp_path)
    put(home, (0, "a.csv", (("o1", "created", True), ("o2", "created", True), ("o3", "created", False))))
    home.run(DAYS[:1])
    return home


def test_the_newest_repair_of_a_row_stands(broken_home: SmallHome) -> None:
    chosen = held(broken_home)
    correct(broken_home, chosen[:1], "approved")
    correct(broken_home, chosen[:1], "shipped")
    broken_home.run(DAYS[:1])
    assert [row[2] for row in broken_home.current("orders") if row[0] == "o1"] == ["shipped"]
    assert [row.waiting for row in repairs.history(broken_home.con)] == [0, 0]


def test_a_repair_is_read_when_the_day_is_loaded_not_before(broken_home: SmallHome) -> None:
    correct(broken_home, held(broken_home)[:1])
    broken_home.run(DAYS[1:])
    assert len(held(broken_home)) == 2
    assert repairs.waiting_days(broken_home.con, "olist", "orders") == DAYS[:1]


def test_a_corrected_file_takes_the_place_of_the_repairs_before_it(broken_home: SmallHome) -> None:
    correct(broken_home, held(broken_home))
    broken_home.run(DAYS[:1])
    put(broken_home, (0, "a.csv", (("o1", "canceled", False), ("o2", "created", True))))
    broken_home.run(DAYS[:1])
    assert [(row[0], row[2]) for row in broken_home.current("orders")] == [("o1", "canceled")]
    assert [row.row_number for row in held(broken_home)] == [2]


def test_a_damaged_repair_file_stops_the_load_in_one_line(broken_home: SmallHome) -> None:
    correct(broken_home, held(broken_home))
    [file] = (broken_home.settings.home.raw / "olist" / "orders" / "repairs").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(RepairError, match=r"raw file of repair 1.*damaged: restore it"):
        broken_home.run(DAYS[:1])
    assert len(held(broken_home)) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"row_number": 3}, r"line 2: row 3 of .* is not in quarantine"),
        ({"row_number": 99}, r"is not in quarantine"),
        ({"delivery_id": "olist/orders/2017-05-01/002"}, r"is not in quarantine"),
        ({"values": order("o1", "created", WRONG)}, r"is unchanged"),
        ({"values": order("o1", "created", "2017-05-01T12:00")}, r"would still break order_purchase_timestamp:type"),
        ({"values": order("o1", "created", "2016-05-01 12:00:00")}, r"order_purchase_timestamp:before_first_day"),
        ({"values": order("", "created", RIGHT) | {"order_id": None}}, r"would still break order_id:required"),
    ],
)
def test_a_repair_that_cannot_be_taken_leaves_no_trace(
    broken_home: SmallHome, change: dict[str, object], message: str
) -> None:
    row = held(broken_home)[0]
    good = CorrectedRow(row.delivery_id, row.row_number, order("o1", "created", RIGHT), 2)
    line = dataclasses.replace(good, **change)  # type: ignore[arg-type]
    arguments = {
        "made_by": "Ada",
        "reason": "x",
        "raw_dir": broken_home.settings.home.raw,
        "private_dir": broken_home.settings.home.private,
        "time_zone": "UTC",
        "first_day": START,
    }
    with pytest.raises(RepairError, match=message), transaction(broken_home.con):
        repairs.record_rows(broken_home.con, broken_home.contracts[0], [line], **arguments)  # type: ignore[arg-type]
    with pytest.raises(RepairError, match=r"stands in line 2 too"), transaction(broken_home.con):
        twice = [good, dataclasses.replace(good, line=3)]
        repairs.record_rows(broken_home.con, broken_home.contracts[0], twice, **arguments)  # type: ignore[arg-type]
    assert repairs.history(broken_home.con) == []


def test_a_changed_rule_is_recorded_when_the_contract_has_another_version(broken_home: SmallHome) -> None:
    contract, rule = broken_home.contracts[0], "order_purchase_timestamp:type"
    with pytest.raises(RepairError, match=r"is still version 1\.0\.0"):
        repairs.record_rule(broken_home.con, contract, rule, made_by="Ada", reason="x")
    with pytest.raises(RepairError, match=r"no row of olist\.orders is held back by nosuch"):
        repairs.record_rule(broken_home.con, contract, "nosuch", made_by="Ada", reason="x")
    changed = dataclasses.replace(contract, version="1.1.0")
    assert repairs.record_rule(broken_home.con, changed, rule, made_by="Ada", reason="old tills") == (1, 2)
    [entry] = repairs.history(broken_home.con)
    assert (entry.kind, entry.rule, entry.waiting) == ("rule", rule, 2)


def test_a_blocked_row_is_not_repaired_once_its_day_was_delivered_again(broken_home: SmallHome) -> None:
    """Its twin stands already: with other text in it, both would count."""
    con = broken_home.con
    con.execute("update quality.quarantined_rows set state = 'blocked'")
    con.execute("update ledger.verdicts set reason = 'delivered later: b.csv' where arrival_date = ?", [DAYS[0]])
    with pytest.raises(RepairError, match=r"its day was delivered later: b\.csv"), transaction(con):
        repairs.record_rows(
            con,
            broken_home.contracts[0],
            [CorrectedRow(held(broken_home)[0].delivery_id, 1, order("o1", "created", RIGHT), 2)],
            made_by="Ada",
            reason="x",
            raw_dir=broken_home.settings.home.raw,
            private_dir=broken_home.settings.home.private,
            time_zone="UTC",
            first_day=START,
        )


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files)
def test_a_row_came_right_when_a_later_one_of_its_key_was_let_in(delivered: list[File]) -> None:
    """Compared with a reading of the deliveries themselves, in the order in which they are numbered."""
    with tempfile.TemporaryDirectory() as folder:
        home = home_in(folder)
        for file in delivered:
            put(home, file)
        home.run(DAYS)
        # A row that says what an earlier one of its file says is that one.
        rows = [(file[:2], row) for file in sorted(delivered) for row in dict.fromkeys(file[2])]
        wrong = [(file, row) for file, row in rows if row[2]]
        right = [
            row for file, row in wrong
            if any(later > file and other[0] == row[0] and not other[2] for later, other in rows)
        ]  # fmt: skip
        found = quarantine.counts(home.con, home.contracts)
        assert (sum(part.rows for part in found), sum(part.came_right for part in found)) == (len(wrong), len(right))
        assert sum(part.came_right for part in quarantine.counts(home.con, [])) == 0
        home.close()
