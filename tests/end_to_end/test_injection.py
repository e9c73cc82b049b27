"""Text that would be a command to somebody: in options, names, files, contracts, environment. None is ever run.

A payload is either refused by name in one line, or, where any text is allowed (a value, a title), kept as it is. The
canary: each payload, run by a shell, by SQL or by a template engine, makes a file or a table named `pwned`.
"""

from __future__ import annotations

import copy
import datetime as dt
import fnmatch
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from pipelines.contracts import ContractError, run_gate
from pipelines.contracts.contract import Column, SourceContract
from pipelines.contracts.dbt_sources import render_dbt_sources
from pipelines.contracts.odcs import check_source_contract
from pipelines.contracts.shapes import LOADER
from pipelines.settings.environment import PROJECT_ROOT, load_settings
from pipelines.settings.errors import SettingsError
from pipelines.settings.shop import parse_shop
from pipelines.sources.corrections import CorrectionError, read_corrections, write_corrections
from pipelines.sources.files import FileToLand
from pipelines.sources.jsonl_files import land_jsonl
from pipelines.sources.parquet_files import land_parquet
from pipelines.store.arrivals import quarantine, repairs
from pipelines.store.arrivals.repair_files import CorrectedRow
from pipelines.store.arrivals.repairs import RepairError
from pipelines.store.connection import transaction
from tests.command_line import SHOP, Said
from tests.contracts.conftest import CONTRACT, GOOD
from tests.contracts.conftest import land as land_rows
from tests.small_home import SmallHome

pytestmark = pytest.mark.slow

START = dt.date(2017, 5, 1)
SQL = (
    "'; create table pwned as select 1; --",
    '"; create table pwned as select 1; --',
    "') ; copy (select 1) to 'pwned'; --",
    '"}); create table pwned as select 1; --',
    "1); attach 'pwned'; --",
    "' union select 1 --",
    "x' or '1'='1",
    "';drop table ledger.deliveries;--",
    "'||(select 1)||'",
    "\\'; create table pwned as select 1; --",
    "/**/;create/**/table/**/pwned/**/as/**/select/**/1",
    "install httpfs; load httpfs; create table pwned as select 1",
    "%27;create table pwned as select 1",
    "=cmd|' /C touch pwned'!A0",
)
SHELL = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "| touch pwned",
    "&& touch pwned",
    "> pwned",
    "-rf",
    "--help",
)
TEMPLATE = (
    "{{ run_query('create table pwned as select 1') }}",
    "{% do run_query('create table pwned as select 1') %}",
    "${IFS}touch${IFS}pwned",
    "%(name)s {0} {x!r}",
    "!!python/object/apply:os.system [touch pwned]",
)
PLACES = (
    "..\\..\\pwned",
    "~/pwned",
    "//host/pwned",
    "../../pwned",
    "/etc/passwd",
    "file:///etc/passwd",
    "~root",
    "C:\\pwned",
    "a/../../b",
)
ODD = (
    "a\nb\ttouch pwned",
    "\u202efdp.exe",
    "\ufeffpwned",
    "\u2019; create table pwned as select 1; --",
    "\U0001d4c5wned",
    "\uff07; create table pwned as select 1; --",
    "pwned\u0000.csv",
    "\x1b[2Jpwned",
    "x" * 5000,
    "*",
    "[a-z]?",
    "'",
    '"',
    "\\",
)
PAYLOADS = (*SQL, *SHELL, *TEMPLATE, *PLACES, *ODD)
IDS = [ascii(payload)[:40] for payload in PAYLOADS]
payloads = pytest.mark.parametrize("payload", PAYLOADS, ids=IDS)


@pytest.fixture(autouse=True)
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing named `pwned` anywhere near, before or after."""
    monkeypatch.chdir(tmp_path)
    places = [Path("/tmp/pwned"), PROJECT_ROOT / "pwned", PROJECT_ROOT.parent / "pwned", tmp_path.parent / "pwned"]
    before = sorted(PROJECT_ROOT.iterdir())
    yield
    assert not [path for path in places if path.exists()]
    assert [path for path in tmp_path.rglob("*") if path.name == "pwned"] == []
    assert {path for path in PROJECT_ROOT.iterdir() if "pwned" in path.name} <= set(before)


def tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}


def is_plain(line: str) -> bool:
    """One line that a terminal prints and does not obey."""
    return "\n" not in line and "\x1b" not in line and "\u202e" not in line and len(line) < 1500


OPTIONS = (
    ("refresh", "--date"),
    ("refresh", "--shop"),
    ("backfill", "--to", "2011-12-09", "--from"),
    ("backfill", "--from", "2011-12-09", "--to"),
    ("verify-replay", "--from"),
    ("verify-replay", "--seed"),
    ("quarantine", "list", "--to"),
    ("quarantine", "show", "--table"),
    ("quarantine", "show", "--limit"),
    ("report", "--lang"),
    ("serve", "--port"),
    ("doctor", "--shop"),
    ("prune", "--shop"),
)


@payloads
def test_options_are_refused_in_one_plain_line(almanac: Callable[..., Said], payload: str) -> None:
    for option in OPTIONS:
        if payload.startswith("-"):
            said = almanac(*option[:-1], f"{option[-1]}={payload}")
        else:
            said = almanac(*option, payload)
        assert said.code == 2, (option, said)
        assert is_plain(said.line), (option, said.line)
    for command in (["rollback", "--", payload], ["explain", "--", payload, "a=1"], ["demo", "--", payload]):
        said = almanac(*command)
        assert said.code == 2 and is_plain(said.line), (command, said)
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["shops"]


@payloads
def test_a_home_of_any_name_is_a_folder_or_refused(almanac: Callable[..., Said], payload: str) -> None:
    if payload == "~root":
        return  # a folder that is there
    for command in (["versions"], ["freshness"], ["doctor"], ["quarantine", "list"]):
        said = almanac(*command, f"--home={payload}")
        assert said.code in (0, 1, 2, 3)
        assert "Traceback" not in said.out + said.err
        assert len((said.out + said.err).splitlines()) == 1, said
        assert is_plain((said.out + said.err).strip()), said
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["shops"]


@payloads
def test_the_environment_is_checked(payload: str) -> None:
    if "\0" in payload:
        return  # no operating system lets it into an environment
    for name in ("ALMANAC_SHOP", "ALMANAC_MEMORY_LIMIT", "ALMANAC_THREADS", "ALMANAC_MAX_RUNTIME_SECONDS"):
        with pytest.raises(SettingsError) as refused:
            load_settings(environment={name: payload})
        assert "\n" not in str(refused.value)
    for name in ("ALMANAC_SHOPS_DIR",):
        with pytest.raises(SettingsError):
            load_settings(environment={name: payload})
    try:
        home = load_settings(environment={"ALMANAC_HOME": payload}).home.path
    except SettingsError as error:
        assert is_plain(str(error))
    else:
        assert home.is_absolute() and str(home).isprintable()


SHOP_DATA = yaml.safe_load(SHOP) | {"schedule": "0 6 * * *", "identical_lines": "keep", "report_language": "en"}
FREE = ("title",)


@payloads
def test_fields_of_a_shop_file(tmp_path: Path, payload: str) -> None:
    path = tmp_path / "shops" / "online_retail.yaml"
    for name in SHOP_DATA:
        if name in FREE:
            continue
        told = {**SHOP_DATA, name: payload}
        with pytest.raises(SettingsError) as refused:
            parse_shop(path, yaml.safe_dump(told))
        assert "\n" not in str(refused.value)
    wrong: list[dict[str, Any]] = [{payload: {"a": {}}}, {"a": {payload: {}}}, {"a": {"b": {"drops": payload}}}]
    for sources in wrong:
        with pytest.raises(SettingsError):
            parse_shop(path, yaml.safe_dump({**SHOP_DATA, "sources": sources}))
    with pytest.raises(SettingsError):
        parse_shop(path, yaml.safe_dump({**SHOP_DATA, "retention": {payload: 1}}))
    shop = parse_shop(path, yaml.safe_dump({**SHOP_DATA, "title": payload}, allow_unicode=True))
    assert shop.title == payload


def test_dbt_is_told_only_names_zones_and_currencies(tmp_path: Path) -> None:
    settings = load_settings("online_retail", tmp_path / "home", environment={})
    texts = re.findall(r'"([^"]*)"', json.dumps(settings.dbt_vars))
    assert texts and all(re.fullmatch(r"[A-Za-z0-9_/+-]+", text) for text in texts)


FILE = yaml.safe_load(CONTRACT.read_text())


def leaves(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every text of a contract."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, dict | list):
            yield from leaves(value, (*way, key))
        elif isinstance(value, str):
            yield (*way, key)


LEAVES = list(leaves(FILE))
# Where a contract may say anything: names and prose that only people read, and values that data are compared with.
ANYTHING = {
    *("id", "name", "domain", "description/*", "team/*", "slaProperties/#/*"),
    *("schema/#/businessName", "schema/#/description", "schema/#/dataGranularityDescription"),
    *("schema/#/properties/#/description", "schema/#/properties/#/examples/#", "schema/#/quality/#/description"),
    "schema/#/properties/#/quality/#/description",
}
COMPARED = {
    "schema/#/properties/#/logicalTypeOptions/pattern",
    "schema/#/properties/#/quality/#/arguments/validValues/#",
}
CONTRACT_PAYLOADS = (SQL[0], SQL[1], TEMPLATE[0], "x) or (1=1", ODD[0])


@pytest.mark.slow
@pytest.mark.parametrize("payload", CONTRACT_PAYLOADS, ids=[ascii(p)[:30] for p in CONTRACT_PAYLOADS])
def test_texts_of_a_contract_are_refused_or_compared_or_prose(payload: str, con: duckdb.DuckDBPyConnection) -> None:
    kept: set[str] = set()
    for *way, last in LEAVES:
        data = copy.deepcopy(FILE)
        place: Any = data
        for key in way:
            place = place[key]
        place[last] = payload
        try:
            contract = check_source_contract(CONTRACT, data)
        except ContractError as error:
            assert "\n" not in str(error)
            continue
        where = "/".join("#" if isinstance(key, int) else key for key in (*way, last))
        if where in COMPARED:
            _gated(con, contract, InvoiceNo=payload, Country=payload)
        elif not any(fnmatch.fnmatchcase(where, form) for form in ANYTHING):
            kept.add(where)
        rendered = str(yaml.load(render_dbt_sources([contract]), LOADER))
        for known in (repr(payload)[1:-1], payload, " ".join(payload.split())):
            rendered = rendered.replace(known, "")
        assert "pwned" not in rendered
    assert kept == set()


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def _gated(con: duckdb.DuckDBPyConnection, contract: SourceContract, **changes: str) -> None:
    land_rows(con, contract, [GOOD | changes])
    run_gate(con, contract, landed="landed", time_zone="Europe/London", identical_lines="keep", verify=False)
    assert "pwned" not in tables(con)


@pytest.mark.parametrize(
    "payload", ["a'; create table pwned as select 1; --", "x' or '1'='1", "(a|b)'", '"', "{{ x }}"]
)
def test_a_pattern_of_a_contract_stays_a_pattern(con: duckdb.DuckDBPyConnection, payload: str) -> None:
    data = copy.deepcopy(FILE)
    data["schema"][0]["properties"][0]["logicalTypeOptions"]["pattern"] = payload
    try:
        contract = check_source_contract(CONTRACT, data)
    except ContractError as error:
        assert "\n" not in str(error)
        return
    _gated(con, contract, InvoiceNo=payload)


def order(order_id: str, **changes: str) -> dict[str, str]:
    day = f"{START} 12:00:00"
    known = {"order_id": order_id, "customer_id": "c1", "order_status": "created", "order_purchase_timestamp": day}
    return {**known, "order_estimated_delivery_date": day, **changes}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallHome]:
    home = SmallHome.make(
        tmp_path / "ho'me [1]*", "olist", ["orders"], first_day=START, time_zone="America/Sao_Paulo", currency="BRL"
    )
    yield home
    assert "pwned" not in tables(home.con)
    assert home.unaccounted() == []
    home.close()


def test_files_of_any_name_are_read_and_no_other(small: SmallHome) -> None:
    names = [
        f"{number}{payload.replace('/', '_')}.csv" for number, payload in enumerate(PAYLOADS) if "\0" not in payload
    ]
    names = [*dict.fromkeys(name if len(name) < 200 else f"{name[:190]}.csv" for name in names)]
    names += ["-rf.csv", "--help.csv", "*.csv", "[0-9].csv", "?.csv", "a\n.csv", "{arrival_date}.csv", " .csv"]
    for number, name in enumerate(names):
        small.put("orders", START, [order(f"o{number}")], name)
    [done] = small.run([START])
    assert done.new_files == len(names)
    found = small.con.execute("select file_name, state, physical_rows from ledger.deliveries order by 1").fetchall()
    refused = [name for name in names if "\\" in name]
    read = [name for name in names if name not in refused]
    assert refused and found == sorted(
        [*((name, "accepted", 1) for name in read), *((name, "refused", 0) for name in refused)]
    )
    assert len(small.current("orders")) == len(read)
    landed = [path for path in small.settings.home.raw.rglob("*") if path.is_file()]
    assert len(landed) == len(read)
    assert all(re.fullmatch(r"[0-9]{3}-[0-9a-f]{12}\.parquet", path.name) for path in landed)


def test_values_stay_what_they_are(small: SmallHome) -> None:
    texts = [payload for payload in PAYLOADS if len(payload) <= 64 and "\n" not in payload and payload.isprintable()]
    small.put("orders", START, [order(f"o{n}", order_status=text) for n, text in enumerate(texts)])
    small.run([START])
    found = small.con.execute("select order_id, order_status from raw.olist__orders").fetchall()
    held = small.held("orders")
    assert len(found) + len(held) == len(texts)
    assert all(text == texts[int(order_id[1:])] for order_id, text in found)
    assert len(found) >= len(texts) - 3  # what holds a character that the gate refuses is held back, as it came


def test_column_names_are_refused(small: SmallHome) -> None:
    folder = small.settings.home.drops / "olist" / "orders" / f"{START}"
    folder.mkdir(parents=True)
    header = ",".join(small.contracts[0].column_names)
    for number, payload in enumerate(PAYLOADS):
        named = '"' + payload.replace('"', '""') + '"'
        (folder / f"{number:03d}.csv").write_text(header.replace("customer_id", named) + "\n")
    small.run([START])
    found = small.con.execute("select state, reason from ledger.deliveries").fetchall()
    assert len(found) == len(PAYLOADS)
    assert {state for state, _ in found} == {"refused"}
    assert all(reason.isprintable() and len(reason) < 600 for _, reason in found), found


@payloads
def test_keys_of_json_and_columns_of_parquet_are_refused(tmp_path: Path, payload: str) -> None:
    staging = tmp_path / "staging"
    staging.mkdir()
    target = tmp_path / "raw" / "x.parquet"
    (tmp_path / "x.jsonl").write_text(json.dumps({"a": 1, payload: 2}) + "\n")
    file = FileToLand(tmp_path / "x.jsonl", "x", f"{START}", 1, target)
    landed, refused = land_jsonl([file], ("a", "b"), staging=staging)
    assert (landed, str(refused["x"]).isprintable()) == ({}, True)
    pq.write_table(pa.table({"a": ["1"], payload: ["2"]}), tmp_path / "x.parquet")
    file = FileToLand(tmp_path / "x.parquet", "x", f"{START}", 1, target)
    column = Column("a", "VARCHAR", "", False, "none")
    landed, refused = land_parquet([file], [column], staging=staging, memory_limit="500MB", threads=1)
    assert (landed, str(refused["x"]).isprintable()) == ({}, True)
    assert not target.exists()


def test_corrections_name_rows_and_hold_values_only(small: SmallHome, tmp_path: Path) -> None:
    small.put("orders", START, [order("o1", order_purchase_timestamp="yesterday")])
    small.run([START])
    contract = small.contracts[0]
    [held] = quarantine.quarantined(small.con, "olist", "orders")
    right = {**held.values, "order_purchase_timestamp": f"{START} 12:00:00"}
    told = {"made_by": "x'; drop table ledger.repairs; --", "reason": SQL[0], "raw_dir": small.settings.home.raw}
    told |= {"private_dir": small.settings.home.private}
    zone = "America/Sao_Paulo"
    for payload in PAYLOADS:
        row = CorrectedRow(payload, 1, right, 2)
        with pytest.raises(RepairError), transaction(small.con):
            repairs.record_rows(small.con, contract, [row], time_zone=zone, first_day=START, **told)  # type: ignore[arg-type]
        with pytest.raises(RepairError), transaction(small.con):
            repairs.record_rule(small.con, contract, payload, made_by="a", reason="b")
        assert quarantine.quarantined(small.con, "olist", "orders", rule=payload) == []
    value = '=HYPERLINK("pwned");'
    row = CorrectedRow(held.delivery_id, held.row_number, {**right, "order_status": value, "customer_id": SQL[0]}, 2)
    with transaction(small.con):
        repairs.record_rows(small.con, contract, [row], time_zone=zone, first_day=START, **told)  # type: ignore[arg-type]
    small.run([START])
    found = small.con.execute("select order_status, customer_id from raw.olist__orders where _is_current").fetchall()
    assert found == [(value, SQL[0])]
    assert repairs.history(small.con)[0].made_by == told["made_by"]


def test_a_correction_file_gives_back_what_it_was_given(tmp_path: Path) -> None:
    texts = [payload for payload in PAYLOADS if "\0" not in payload]
    texts += ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "'=x", "-2+3", "\t=1", "\r=1"]
    file = tmp_path / "held.csv"
    write_corrections(file, ["a"], [("d", n, ["r"], {"a": text}) for n, text in enumerate(texts)])
    assert [dict(line.values)["a"] for line in read_corrections(file, ["a"])] == texts
    cells = [line.split(",", 3)[3] for line in file.read_text().splitlines() if line.startswith("d,")]
    assert not [cell for cell in cells if cell.strip('"')[:1] in ("=", "@")]
    for payload in (*SQL, "1e3", "-1", "٣", "9" * 30):
        lines = [["_delivery_id", "_row_number", "_reasons", "a"], ["d", payload, "r", "x"]]
        file.write_text(
            "\n".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line) for line in lines)
        )
        with pytest.raises(CorrectionError) as refused:
            read_corrections(file, ["a"])
        assert "\n" not in str(refused.value)
