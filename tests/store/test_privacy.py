"""A home with direct personal data in three formats: where the texts lie, and that all ways back to them work."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hmac
import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.contracts.contract import FileFormat
from pipelines.contracts.data_docs import build_pages
from pipelines.defs import ingest
from pipelines.hash_keys import HashKey, HashKeyError
from pipelines.settings.environment import Settings
from pipelines.store import ledger
from pipelines.store.arrivals import quarantine, repairs
from pipelines.store.arrivals.raw_files import RawFileError
from pipelines.store.care import health, health_ledger, retention
from pipelines.store.connection import transaction
from pipelines.store.days.dirty_days import DirtyPlan
from tests.small_home import SmallHome

pytestmark = pytest.mark.slow

START = dt.date(2025, 1, 1)
DAYS = [START + dt.timedelta(days=offset) for offset in range(3)]
KEY = HashKey("k1", bytes(range(32)))
Row = dict[str, str | None]


def customer(number: int, day: dt.date = START, **changes: str | None) -> Row:
    row: Row = {
        "customer_id": f"C{number:07}",
        "updated_at": f"{day} 10:00:00",
        "registered_at": f"{day} 09:00:00",
        "full_name": f"Ada {number}",
        "email": f"ada{number}@planted.example",
        "phone": f"+86 138 0013 {number:04}",
        "gender": "F",
        "birth_year": "1990",
        "country": "CN",
        "city": "上海",
    }
    return row | changes


def hashed(text: str) -> str:
    return hmac.new(KEY.secret, text.encode(), "sha256").hexdigest()


def make(folder: Path, form: str = "csv", key: HashKey | None = KEY) -> SmallHome:
    home = SmallHome.make(
        folder, "storefront", ["customers"], first_day=START, time_zone="Asia/Shanghai", currency="CNY"
    )
    home.settings = dataclasses.replace(home.settings, hash_key=key)
    home.contracts = [dataclasses.replace(home.contracts[0], file_format=FileFormat(form))]  # type: ignore[arg-type]
    return home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = make(tmp_path)
    yield made
    made.close()


def put(home: SmallHome, day: dt.date, rows: list[Row], name: str = "day") -> Path:
    """Let a file arrive in the contract's format."""
    form = home.contracts[0].file_format.format
    folder = home.settings.home.drops / "storefront" / "customers" / f"{day}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.{form}"
    if form == "csv":
        home.put("customers", day, rows, path.name)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    else:
        names = home.contracts[0].column_names
        pq.write_table(pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names}), path)
    return path


def texts(home: SmallHome) -> list[tuple[Any, ...]]:
    files = sorted(map(str, home.settings.home.private.rglob("*.parquet")))
    with duckdb.connect() as con:
        return con.execute("select _row_number, email from read_parquet(?) order by all", [files]).fetchall()


DIRTY = [
    customer(1),
    customer(2, email="ada2@"),
    customer(3, full_name="Ad\ufffd"),
    customer(4, phone=None, gender=None, city=None),
    customer(5, email=" Ada5@Planted.Example"),
    customer(6),
    customer(6),
    customer(7, email=None, phone="n/a"),
]
REASONS = [
    (START, 2, ["email:pattern"]),
    (START, 3, ["full_name:characters"]),
    (START, 4, ["row:names_nobody"]),
    (START, 5, ["email:pattern"]),
    (START, 8, ["email:required", "phone:min_length", "phone:pattern"]),
]


def no_text_outside(home: SmallHome) -> None:
    """No planted address in any file but those of `private/` and `drops/`."""
    home.con.execute("checkpoint")
    apart = (home.settings.home.private, home.settings.home.drops)
    files = [f for f in home.settings.home.path.rglob("*") if f.is_file() and not set(apart) & set(f.parents)]
    assert any(f.suffix == ".parquet" for f in files)
    for file in files:
        held = file.read_bytes()
        if file.suffix == ".parquet":
            held += str(pq.read_table(file).to_pylist()).encode()
        assert b"planted.example" not in held.lower(), file


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_format_is_split_and_judged_on_what_was_delivered(tmp_path: Path, form: str) -> None:
    home = make(tmp_path, form)
    put(home, START, DIRTY)
    home.run([START])
    assert home.held("customers") == REASONS
    assert home.unaccounted() == []
    current = home.con.execute(
        "select full_name, email, phone from raw.storefront__customers where _is_current order by customer_id"
    ).fetchall()
    assert current == [
        (hashed(f"ada {n}"), hashed(f"ada{n}@planted.example"), hashed(f"86138001300{n:02}")) for n in (1, 6)
    ]
    payloads = home.con.execute("select raw_payload from quality.quarantined_rows order by row_number").fetchall()
    found = json.loads(payloads[0][0])
    assert (found["email"], found["customer_id"]) == (hashed("ada2@"), "C0000002")
    assert json.loads(payloads[-1][0])["email"] is None
    assert texts(home) == [(number, row["email"]) for number, row in enumerate(DIRTY, 1)]
    no_text_outside(home)
    [private] = home.settings.home.private.rglob("*.parquet")
    [raw] = home.settings.home.raw.rglob("*.parquet")
    assert private.relative_to(home.settings.home.private) == raw.relative_to(home.settings.home.raw)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.settings.home.private.stat().st_mode) == 0o700
    assert not list(home.settings.home.private.glob("landing-*"))
    home.close()


HEADLESS = b"C0000001,ada1@planted.example\n"


@pytest.mark.parametrize(
    ("form", "content", "code", "told"),
    [
        ("csv", HEADLESS, "header", "missing customer_id"),
        ("jsonl", b'{"ada1@planted.example": 1}\n', "header", "line 1: key differs from the contract"),
        ("jsonl", b'{"phone": {"ada1@planted.example": 1, "ada1@planted.example": 2}}\n', "header", "stands twice"),
        ("parquet", b"PARada1@planted.example", "parquet", "no whole Parquet file"),
    ],
)
def test_a_refusal_shows_nothing_that_may_be_a_value(
    tmp_path: Path, form: str, content: bytes, code: str, told: str
) -> None:
    home = make(tmp_path, form)
    put(home, START, []).write_bytes(content)
    home.run([START])
    [entry] = ledger.all_deliveries(home.con, "storefront", "customers")
    assert (entry.state, entry.reason is not None and entry.reason.split(":")[0]) == ("refused", code)
    assert told in str(entry.reason) and "not shown" in str(entry.reason)
    home.con.execute("checkpoint")
    assert b"planted" not in home.settings.home.warehouse.read_bytes()
    home.close()


def test_a_page_that_is_no_text_is_not_quoted(tmp_path: Path) -> None:
    """DuckDB's message for text that is not UTF-8 holds the text."""
    home = make(tmp_path, "parquet")
    row = customer(1, email="ada1@planted.example")
    names = home.contracts[0].column_names
    path = put(home, START, [row])
    broken = pa.array([b"ada1@planted.example\xff"], pa.binary()).view(pa.string())
    columns = {name: broken if name == "email" else pa.array([row[name]], pa.string()) for name in names}
    pq.write_table(pa.table(columns), path, use_dictionary=False)
    home.run([START])
    [entry] = ledger.all_deliveries(home.con, "storefront", "customers")
    assert entry.state == "refused" and "planted" not in str(entry.reason)
    home.close()


def test_a_lost_file_is_read_again_and_a_damaged_one_is_told(home: SmallHome) -> None:
    put(home, START, DIRTY)
    home.run([START])
    current = home.current("customers")
    for folder in (home.settings.home.private, home.settings.home.raw):
        [file] = folder.rglob("*.parquet")
        for again in (regate, lambda home: home.run([START])):  # also a run that has nothing else to load
            file.unlink()
            again(home)
            assert (home.current("customers"), home.held("customers")) == (current, REASONS)
            assert file.exists()
    [file] = home.settings.home.private.rglob("*.parquet")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"x")
    for reader in (regate, lambda home: repair(home, {2: {"email": "ada2@planted.example"}})):
        with pytest.raises(RawFileError, match=r"private file .* is damaged: restore private/"):
            reader(home)
    assert home.current("customers") == current
    assert not list(home.settings.home.path.rglob("*/repairs/*"))
    [finding, *_] = health_ledger.check_private(home.con, home.settings.home.private, deep=True)
    assert finding.remedy is not None and f"delete {file} if it is there" in finding.remedy
    file.unlink()  # as the remedy says
    home.run([START])
    assert (file.read_bytes(), home.current("customers")) == (whole, current)


def regate(home: SmallHome, days: list[dt.date] | None = None) -> None:
    """All days through the gate again, as after a change of code or contract."""
    home.con.execute("update ledger.table_codes set code_hash = 'older'")
    home.run(days or [START])


def test_a_changed_rule_judges_the_texts_anew(home: SmallHome) -> None:
    put(home, START, DIRTY)
    home.run([START])
    contract = home.contracts[0]
    columns = tuple(
        dataclasses.replace(c, pattern=r"[ A-Za-z0-9@.]+") if c.name == "email" else c for c in contract.columns
    )
    home.contracts = [dataclasses.replace(contract, columns=columns, version="1.1.0")]
    regate(home)
    assert [row for row in home.held("customers") if "email:pattern" in row[2]] == []
    assert hashed("ada5@planted.example") in {row[4] for row in home.current("customers")}


def test_another_class_wants_a_new_home(home: SmallHome) -> None:
    put(home, START, [customer(1)])
    home.run([START])
    contract = home.contracts[0]
    for name, personal in (("city", "direct"), ("email", "none")):
        columns = tuple(
            dataclasses.replace(c, personal_data=personal) if c.name == name else c  # type: ignore[arg-type]
            for c in contract.columns
        )
        home.contracts = [dataclasses.replace(contract, columns=columns)]
        with pytest.raises(RawFileError, match=f"the personal-data class of {name} is another"):
            regate(home)
    columns = tuple(dataclasses.replace(c, personal_data="none") for c in contract.columns)
    home.contracts = [dataclasses.replace(contract, columns=columns)]
    with pytest.raises(RawFileError, match="is another than when its files were landed"):
        regate(home)


def test_a_new_direct_column_is_null_in_what_was_landed_before(home: SmallHome) -> None:
    whole = home.contracts[0]
    fewer = tuple(column for column in whole.columns if column.name != "phone")
    home.contracts = [dataclasses.replace(whole, columns=fewer, row_rules=())]
    put(home, START, [{name: text for name, text in customer(1).items() if name != "phone"}])
    home.run([START])
    home.contracts = [whole]
    put(home, DAYS[1], [customer(2, DAYS[1])])
    regate(home, DAYS[:2])
    assert [row[5] for row in home.current("customers")] == [None, hashed("8613800130002")]


def repair(home: SmallHome, changes: Mapping[int, Mapping[str, str | None]]) -> int:
    rows = [
        repairs.CorrectedRow(held.delivery_id, held.row_number, {**held.values, **changes[held.row_number]}, number)
        for number, held in enumerate(quarantine.quarantined(home.con, "storefront", "customers"), 2)
        if held.row_number in changes
    ]
    folders = home.settings.home
    with transaction(home.con):
        return repairs.record_rows(
            home.con,
            home.contracts[0],
            rows,
            made_by="Ada",
            reason="asked them",
            raw_dir=folders.raw,
            private_dir=folders.private,
            time_zone="Asia/Shanghai",
            first_day=START,
            pads=KEY.pads,
        )


def test_a_repair_takes_a_new_text_and_keeps_what_is_left_as_its_hash(
    home: SmallHome, tmp_path_factory: pytest.TempPathFactory
) -> None:
    put(home, START, DIRTY)
    home.run([START])
    with pytest.raises(repairs.RepairError, match=r"would still break email:pattern"):
        repair(home, {2: {"city": "北京"}})  # the hash of the wrong address is no right address
    with pytest.raises(repairs.RepairError, match=r"is unchanged"):
        repair(home, {2: {}})
    mended = {n: {"email": f"ada{n}@planted.example"} for n in (2, 5)}
    assert repair(home, {**mended, 3: {"full_name": "Ada 3"}}) == 1
    home.run([START])
    assert [row[1] for row in home.held("customers")] == [4, 8]
    right = make(tmp_path_factory.mktemp("right"))
    put(right, START, [customer(n) if n in (2, 3, 5) else row for n, row in enumerate(DIRTY, 1)])
    right.run([START])
    assert home.current("customers") == right.current("customers")
    regate(home)
    assert home.current("customers") == right.current("customers")
    # The same rows once more: the newest correction counts, and the gate sees its text.
    assert repair(home, {8: {"email": "ada8@planted.example", "phone": None}}) == 2
    home.run([START])
    assert [row[1] for row in home.held("customers")] == [4]
    no_text_outside(home)
    for file in home.settings.home.private.rglob("*.parquet"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    right.close()


def test_without_a_key_nothing_is_read_and_another_key_is_refused(tmp_path: Path) -> None:
    home = make(tmp_path, key=None)
    put(home, START, DIRTY)
    with pytest.raises(HashKeyError, match=r"customers\.odcs\.yaml: full_name is direct .* there is no key"):
        home.run([START])
    assert not list(home.settings.home.path.rglob("*.parquet"))
    home.settings = dataclasses.replace(home.settings, hash_key=KEY)
    home.run([START])
    put(home, DAYS[1], [customer(9, DAYS[1])])
    for other in (HashKey("k2", KEY.secret), HashKey("k1", KEY.secret[::-1])):
        home.settings = dataclasses.replace(home.settings, hash_key=other)
        with pytest.raises(HashKeyError, match="was hashed with key 'k1'"):
            home.run([DAYS[1]])
    assert len(list(home.settings.home.raw.rglob("*.parquet"))) == 1
    home.close()


def test_a_kill_between_the_two_files_leaves_no_half_state(home: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, START, DIRTY)
    real = Path.replace
    landing = home.settings.home.private / "landing-of-a-killed-run"
    landing.mkdir()
    (landing / "0.parquet").write_text("ada1@planted.example")
    assert [f.what.split(" (")[0] for f in health.check_leftovers(landing, landing.parent, landing)][:2] == [
        "1 entries",
        "1 entries",
    ]

    def killed(self: Path, target: Path) -> Path:
        if self.suffix == ".raw":
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            home.run([START])
    assert ledger.all_deliveries(home.con, "storefront", "customers") == []
    assert not list(home.settings.home.raw.rglob("*.parquet"))
    assert len(health_ledger.unnamed_private_files(home.con, home.settings.home.private)) == 1
    home.run([START])
    assert home.held("customers") == REASONS
    assert health_ledger.unnamed_private_files(home.con, home.settings.home.private) == []
    assert not landing.exists()
    no_text_outside(home)


def test_what_was_replaced_goes_from_both_folders_and_the_doctor_looks_at_both(home: SmallHome) -> None:
    put(home, START, DIRTY)
    home.run([START])
    put(home, START, [customer(1)])
    home.run([START])
    private, raw = home.settings.home.private, home.settings.home.raw
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    gone = list(retention.unneeded_raw(home.con, raw, private, later))
    assert [(item.kind, item.path.is_relative_to(private)) for item in gone] == [
        ("raw file of a replaced delivery", False),
        ("private file of a replaced delivery", True),
    ]
    retention.remove(gone, home.settings.home.published)
    found = health_ledger.check_private(home.con, private, deep=True)
    assert [(f.severity, f.what) for f in found] == [("ok", "1 of 2 private files are unchanged")]
    [file] = private.rglob("*.parquet")
    file.chmod(0o644)
    [finding, _] = health_ledger.check_private(home.con, private, deep=True)
    assert finding.remedy == f"chmod 600 {file}"
    file.write_bytes(b"")
    [finding, *_] = health_ledger.check_private(home.con, private, deep=True)
    assert (finding.severity, "was changed" in finding.what) == ("problem", True)


def test_a_shop_without_direct_columns_has_no_private_file_and_asks_for_no_key(tmp_path: Path) -> None:
    home = SmallHome.make(tmp_path, "olist", ["orders"], first_day=START, time_zone="America/Sao_Paulo", currency="BRL")
    home.put("orders", START, [])
    home.run([START])
    assert list(home.settings.home.private.iterdir()) == []
    assert list(health_ledger.check_private(home.con, home.settings.home.private, deep=True)) == []
    home.close()


def test_the_second_engine_recounts_a_home(home: SmallHome) -> None:
    """The real gate, as a refresh runs it, with its pages: they hold no value."""
    put(home, START, DIRTY)
    ingest.ingest(home.con, home.settings, home.contracts[0], [START], DirtyPlan({}, {}), "run1")
    assert home.held("customers") == REASONS
    build_pages(home.settings.home.data_docs)
    assert (home.settings.home.data_docs / "site" / "index.html").exists()
    no_text_outside(home)


def test_a_run_that_cannot_hash_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    from pipelines.defs.raw import loadable_contracts

    home = make(tmp_path, key=None)
    home.close()
    with pytest.raises(HashKeyError, match="there is no key"):
        loadable_contracts(home.settings)
    demo: Settings = dataclasses.replace(home.settings, shop=home.settings.shop.model_copy(update={"demo_key": True}))
    assert list(loadable_contracts(demo)) == [("storefront", "customers")]
    assert list(home.settings.home.private.iterdir()) == []
