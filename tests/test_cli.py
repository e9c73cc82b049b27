"""The `almanac` command as people meet it: every mistake is one line on stderr and the right exit code."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings.environment import PROJECT_ROOT, load_settings
from pipelines.settings.home import Home
from pipelines.terminal import ProgressLine, open_day_lines, statement_lines, told_once
from tests import homes
from tests.command_line import SHOP, Command, Said, deliver, in_child

pytestmark = pytest.mark.slow

CONTRACT = Path("sources", "online_retail", "transactions.odcs.yaml")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["refresh", "--shop", "nosuch"], "no shop 'nosuch'"),
        (["refresh", "--shop", "../x"], "'../x' is not a shop's name"),
        (["refresh", "--shop", "a;b"], "'a;b' is not a shop's name"),
        (["refresh", "--shop", "x" * 300], "is not a shop's name"),
        (["versions", "--shop", "/etc/passwd"], "is not a shop's name"),
        (["refresh", "--date", "2011-13-01"], "'2011-13-01' is not a day: write it as"),
        (["refresh", "--date", "2011-12-9"], "'2011-12-9' is not a day"),
        (["refresh", "--date", "20111209"], "is not a day"),
        (["refresh", "--date", "2011-W49-5"], "is not a day"),
        (["refresh", "--date", "٢٠١١-١٢-٠٩"], "is not a day"),
        (["refresh", "--date", "'; create table x"], "is not a day"),
        (["refresh", "--date", "2010-11-30"], "arrival days of online_retail lie in 2010-12-01 to"),
        (["refresh", "--date", "9999-12-31"], "arrival days of online_retail lie in"),
        (["backfill", "--from", "2010-12-05", "--to", "2010-12-04"], "--from 2010-12-05 lies after --to 2010-12-04"),
        (["backfill", "--from", "2010-12-05"], "Missing option '--to'"),
        (["rollback", "v0001"], "nothing published yet"),
        (["report"], "nothing published yet"),
        (["report", "--lang", "fr"], "'fr' is not one of 'en', 'zh'"),
        (["rollback"], "Missing argument 'VERSION'"),
        (["versions", "--home", ""], "the path is empty"),
        (["simulate", "--home", ""], "the path is empty"),
        (["grade", "--shop", "online_retail", "--pages", "no/folder"], "no/folder: there is no such folder"),
        (["refresh", "now"], "unexpected extra argument"),
        (["nosuch"], "No such command 'nosuch'"),
        (["serve", "--port", "0"], "Invalid value for '--port'"),
        (["init", "mine"], "Missing option '--from'"),
        (["init", "mine", "--from", "absent.csv"], "absent.csv cannot be read (No such file or directory)"),
        (["init", "../mine", "--from", "absent.csv"], "is not a shop's name"),
        (["init", "online_retail", "--from", "absent.csv"], "is never overwritten"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(almanac: Command, arguments: list[str], expected: str) -> None:
    said = almanac(*arguments)
    assert expected in said.line
    assert said.code == 2


def test_tomorrow_is_refused(almanac: Command) -> None:
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    said = almanac("refresh", "--date", f"{tomorrow}")
    assert said.code == 2 and f"{tomorrow}: arrival days" in said.line


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text + "colour: red\n", "colour: this key is unknown"),
        (lambda text: text.replace("GBP", "pounds"), "currency: 'pounds' is not an ISO 4217 currency"),
        (lambda text: text.replace("Europe/London", "Europe/Londn"), "time_zone: 'Europe/Londn' is not an IANA"),
        (lambda text: text.replace("Europe/London", "../../etc/passwd"), "is not an IANA time zone"),
        (lambda text: text + "schedule: every day\n", "schedule: 'every day' is not a cron line"),
        (lambda text: text + "schedule: 0 25 * * *\n", "is not a cron line"),
        (lambda text: text + "schedule: 0 6 * * 1-foo\n", "is not a cron line"),
        (lambda text: text.replace("title: A shop under test\n", ""), "title: this key is missing"),
        (lambda text: text.replace("2010-12-01", "2010-12-1x"), "first_day: "),
        (lambda text: text.replace("name: online_retail", "name: other"), "it must be the file's name"),
        (lambda text: text.replace("transactions: {}", "transactions: {drops: x}"), "must hold {arrival_date}"),
        (lambda text: text.replace("saturday", "caturday"), "calendar.closed_weekdays.0"),
        (lambda text: text.replace("{online_retail:", "{'a; b':"), "is not a name"),
        (lambda text: text.replace("GBP", "[G"), "line 5 is not readable as YAML"),
        (lambda text: "just words", "holds no settings"),
        (lambda text: "", "holds no settings"),
        (lambda text: "[" * 5000, "is not readable as YAML"),
        (lambda text: b"\x00\x01\xff\xfe", "is not text in UTF-8"),
        (lambda text: b"\x00\x01\x02", "is not readable as YAML"),
    ],
)
def test_a_wrong_shop_file_is_named_with_its_field(
    almanac: Command, shop: Path, change: Callable[[str], str | bytes], expected: str
) -> None:
    content = change(SHOP)
    file = shop / "shops" / "online_retail.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    said = almanac("refresh", "--date", "2010-12-01")
    assert expected in said.line and str(file) in said.line
    assert said.code == 2


def test_usual_cron_lines_are_read(almanac: Command, shop: Path) -> None:
    for line in ("0 6 * * *", "*/15 0-6,22 1 jan-mar MON-FRI", "59 23 31 12 7"):
        (shop / "shops" / "online_retail.yaml").write_text(f"{SHOP}schedule: {line!r}\n")
        assert almanac("versions").code == 0


@pytest.mark.parametrize(
    "command", [["refresh", "--date", "2010-12-01"], ["versions"], ["rollback", "v1"], ["demo", "online_retail"]]
)
def test_a_home_that_cannot_be_one(almanac: Command, shop: Path, command: list[str]) -> None:
    (shop / "file").write_text("x")
    for home, marker, expected in (
        ("file", None, "is a file, not a folder"),
        ("file/below", None, "is a file, not a folder"),
        ("foreign", '{"shop": "other"}', "is the home of shop 'other', not 'online_retail'"),
        ("damaged", '{"sho', "home.json is damaged"),
        ("list", "[1]", "home.json is damaged"),
        ("binary", "\udcff", "home.json is damaged"),
    ):
        if marker:
            (shop / home).mkdir(exist_ok=True)
            (shop / home / "home.json").write_text(marker, errors="surrogateescape")
        said = almanac(*command, "--home", home)
        assert expected in said.line and home.split("/")[0] in said.line
        assert said.code == 2


def test_a_home_that_cannot_be_written(almanac: Command) -> None:
    said = almanac("refresh", "--date", "2010-12-01", "--home", "/proc/nothing")  # root may write anywhere else
    assert (said.code, "/proc/nothing cannot be written" in said.line) == (2, True)
    assert almanac("rollback", "v0001", "--home", "/proc/nothing").code == 2
    assert almanac("versions", "--home", "~nobody-of-that-name/x").code == 2


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ALMANAC_MEMORY_LIMIT", ["lots", "0GB", "10MB", "-1GB", "99999999999999TB", "2GB; drop"]),
        ("ALMANAC_THREADS", ["0", "-1", "two", "1.5", "9999", "٢"]),
        ("ALMANAC_MAX_RUNTIME_SECONDS", ["0", "-1", "6h", "1.5", "99999999"]),
        ("ALMANAC_SHOP", ["../x"]),
    ],
)
def test_a_wrong_environment_is_named(almanac: Command, name: str, values: list[str]) -> None:
    for value in values:
        said = almanac("versions", **{name: value})
        assert said.code == 2 and repr(value) in said.line


def test_no_drop_at_all(almanac: Command) -> None:
    said = almanac("refresh")
    assert said.code == 3 and "no drop found for shop online_retail: looked for " in said.line
    assert almanac("freshness").code == 3
    assert almanac("versions").code == 0


def test_a_range_without_any_drop_is_told_before_anything_is_started(
    almanac: Command, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pipelines.definitions", None)  # importing it fails
    days = "2010-12-02", "2010-12-03"
    said = almanac("backfill", "--from", days[0], "--to", days[1])
    assert said.code == 3
    assert "no drop found for shop online_retail on 2010-12-02 to 2010-12-03: looked for " in said.line
    drop = shop / "home/drops/online_retail/transactions/2010-12-09/day.csv"
    drop.parent.mkdir(parents=True)
    drop.touch()
    said = almanac("refresh", "--date", days[0], "--home", "home")
    assert said.code == 3
    assert "on 2010-12-02: looked for " in said.line
    assert said.line.endswith("; files lie there for days from 2010-12-09 to 2010-12-09")


def test_an_unexpected_error_is_written_into_the_home(almanac: Command, shop: Path, monkeypatch: Any) -> None:
    (shop / "home").mkdir()

    def broken(_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("pipelines.store.published.versions.list_versions", broken)
    said = almanac("versions", "--home", "home")
    assert said.code == 1 and "unexpected RuntimeError: two lines" in said.line
    (log,) = (shop / "home" / "logs").iterdir()
    assert str(log) in said.line and "Traceback" in log.read_text()


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError("INTERRUPT Error: Query interrupted")])
def test_a_command_that_is_stopped_says_so_in_one_line(
    almanac: Command, shop: Path, monkeypatch: Any, stop: BaseException
) -> None:
    (shop / "home").mkdir()

    def stopped(_: object) -> None:
        raise stop

    monkeypatch.setattr("pipelines.store.published.versions.list_versions", stopped)
    said = almanac("versions", "--home", "home")
    assert (said.code, said.line) == (1, "almanac: stopped; what readers see is whole, run the command again to go on")
    assert not (shop / "home" / "logs").exists()


def test_open_days_are_told_in_few_lines() -> None:
    days = [dt.date(2010, 12, 1) + dt.timedelta(days=n) for n in range(40)]
    is_open = [day for day in days if day.weekday() != 5].__contains__
    entries = [
        {"table": "s.t", "day": f"{day}", "verdict": "missing", "reason": "no file arrived"}
        for day in days
        if is_open(day) and day != dt.date(2010, 12, 20)
    ]
    entries.append({"table": "s.t", "day": "2010-12-20", "verdict": "blocked", "reason": "rows_few: 3"})
    assert open_day_lines(entries, is_open, dt.date(2010, 12, 20), dt.date(2010, 12, 20)) == [
        "open: s.t 2010-12-20 blocked: rows_few: 3",
        "open: s.t 16 days missing (2010-12-01 to 2010-12-19)",
        "open: s.t 17 days missing (2010-12-21 to 2011-01-09)",
    ]


def test_drops_of_days_to_come_are_told_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pipelines.cli.runs import _newest_day

    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "online_retail.yaml").write_text(SHOP)
    deliver(tmp_path / "home", "2999-01-01")
    done = in_child(tmp_path, "refresh", "--home", "home")
    assert (done.code, "all drops lie in days to come, from 2999-01-01 on" in done.line) == (3, True), done
    deliver(tmp_path / "home", "2010-12-01")
    settings = load_settings(home=tmp_path / "home", environment={"ALMANAC_SHOPS_DIR": f"{tmp_path}/shops"})
    assert _newest_day(settings) == dt.date(2010, 12, 1)
    assert "drops of days to come (2999-01-01)" in capsys.readouterr().err


def test_what_is_said_of_many_tables_is_said_once() -> None:
    told = [*(f"raw/{name}: gate: no file arrived" for name in "abcd"), "raw/b: gate: rows_few: 3, at least 9"]
    assert told_once(told) == [
        "raw/a, raw/b, raw/c, raw/d: gate: no file arrived",
        "raw/b: gate: rows_few: 3, at least 9",
    ]
    assert told_once(told, most=2)[0] == "raw/a, raw/b and 2 more: gate: no file arrived"


@pytest.mark.parametrize("option", ["--home", "--out", "--key"])
def test_a_path_that_nobody_can_mean_is_one_line(tmp_path: Path, option: str) -> None:
    (tmp_path / "gone").symlink_to("nowhere")
    for path, expected in (("gone/below", "gone is a link to nowhere, which is not there"), ("a\udcff", "not UTF-8")):
        done = in_child(tmp_path, "simulate", option, path)
        assert (done.code, done.out, expected in done.line) == (2, "", True), done
    assert [file.name for file in tmp_path.iterdir()] == ["gone"]


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    for on_terminal in (True, False):
        line = ProgressLine(on_terminal)
        for stage, done in (("load a_table_with_a_very_long_name_indeed", 0), ("build", 0), ("build", 50)):
            line.show(stage, done, 100)
        line.close()
        line.close()
    bars, _, plain = capsys.readouterr().out.rpartition("50/100")
    assert plain.split() == ["load", "a_table_with_a_very_long_name_indeed", "...", "build", "..."]
    assert all(len(part) < 50 for part in bars.replace("\n", "\r").split("\r"))
    assert bars.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (None, "there is no such file"),
        (lambda text: text.replace("kind: DataContract", "kind: DataContract\nfoo: 1"), "this key is unknown"),
        (lambda text: text + "\n  - [", "not readable as YAML"),
        (lambda text: text.replace("VARCHAR", "TEXT", 1), "is no type of logicalType string"),
        (lambda text: text.replace("value: pseudonym", "value: direct"), "is direct personal data and there is no key"),
    ],
)
def test_a_wrong_contract_stops_before_anything_is_loaded(
    shop: Path, change: Callable[[str], str] | None, expected: str
) -> None:
    shutil.copytree(PROJECT_ROOT / "data_contracts", shop / "contracts")
    file = shop / "contracts" / CONTRACT
    text = file.read_text()
    file.unlink()
    if change:
        file.write_text(change(text))
    deliver(shop / "home", "2010-12-01")
    said = in_child(
        shop, "refresh", "--date", "2010-12-01", "--home", "home", ALMANAC_CONTRACTS_DIR=str(shop / "contracts")
    )
    assert expected in said.line and file.name in said.line
    assert said.code == 2
    assert not (shop / "home" / "warehouse" / "warehouse.duckdb").exists()


def one_published_day(folder: Path) -> None:
    """A shop whose home has one published day. How the command starts from nothing is seen in
    tests/end_to_end/test_nothing_outside.py."""
    (folder / "shops").mkdir()
    (folder / "shops" / "online_retail.yaml").write_text(SHOP)
    deliver(folder / "home", "2010-12-01")
    said = in_child(folder, "refresh", "--home", "home")
    assert (said.code, said.err) == (0, ""), said
    assert "1 new files; rows of these days: 3,064 accepted, 44 duplicate" in said.out
    assert "published v0001: complete, data to 2010-12-01" in said.out


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return homes.copy_of(one_published_day, tmp_path / "copy")


def refresh(folder: Path, day: str, **more: Any) -> Said:
    return in_child(folder, "refresh", "--date", day, "--home", "home", **more)


@pytest.mark.slow
def test_a_day_without_a_file(copied: Path) -> None:
    missing = refresh(copied, "2010-12-02")
    assert missing.code == 3
    assert "no drop found for shop online_retail on 2010-12-02: looked for " in missing.line
    deliver(copied / "home", "2010-12-05")
    later = refresh(copied, "2010-12-05")
    assert (later.code, later.err) == (0, "")
    deliver(copied / "home", "2010-12-03")  # read by no run of another day
    closed = refresh(copied, "2010-12-04")  # a Saturday
    unread = "files lie in the drops for 1 of the missing days: almanac backfill --from 2010-12-03 --to 2010-12-03"
    assert unread in closed.out and "files lie" not in later.out
    assert (closed.code, closed.err) == (0, "")
    assert "2010-12-04 is a closed day of online_retail: no file is expected" in closed.out
    assert "nothing changed; current is still v0002" in closed.out
    for said in (later, closed):
        assert "open: online_retail.transactions 2 days missing (2010-12-02 to 2010-12-03)" in said.out
    manifest = json.loads((copied / "home" / "published" / "current" / "manifest.json").read_text())
    assert [entry["day"] for entry in manifest["facts"]["open_days"]] == ["2010-12-02", "2010-12-03"]


@pytest.mark.slow
def test_a_refused_file_is_named_with_its_reason(copied: Path) -> None:
    deliver(copied / "home", "2010-12-02", b"InvoiceNo,Price\n1,2\n", "wrong.csv")
    said = refresh(copied, "2010-12-02")
    assert said.code == 3
    assert "wrong.csv" in said.out + said.err and "header differs from the contract" in said.out + said.err
    assert len(said.err.splitlines()) <= 1 and "Traceback" not in said.err


@pytest.mark.slow
def test_a_locked_home_names_its_holder(copied: Path) -> None:
    from pipelines.store.connection import writer_lock

    home = Home(copied / "home")
    with writer_lock(home.writer_lock, "a long backfill"):
        for said in (refresh(copied, "2010-12-01"), in_child(copied, "rollback", "v0001", "--home", "home")):
            assert said.code == 4
            assert f"by process {os.getpid()} (a long backfill, since " in said.line


@pytest.mark.slow
def test_a_warehouse_open_elsewhere_is_said_to_be_so(copied: Path) -> None:
    opened = "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input()"
    command = [sys.executable, "-c", opened, str(copied / "home" / "warehouse" / "warehouse.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "open\n"
        said = refresh(copied, "2010-12-02")
        other.communicate("\n")
    assert said.code == 4 and f"PID {other.pid}" in said.line and "close it" in said.line


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncated", "garbage"])
def test_a_damaged_warehouse_says_what_to_do_and_that_helps(copied: Path, damage: str) -> None:
    file = copied / "home" / "warehouse" / "warehouse.duckdb"
    content = file.read_bytes()
    file.write_bytes({"truncated": content[:5000], "garbage": os.urandom(50_000)}[damage])
    said = refresh(copied, "2010-12-01")
    assert said.code == 1
    assert "warehouse.duckdb cannot be opened" in said.line and "almanac backfill" in said.line
    if damage == "truncated":
        return
    file.parent.rename(file.parent.with_name("damaged"))
    again = in_child(copied, "backfill", "--from", "2010-12-01", "--to", "2010-12-01", "--home", "home")
    assert (again.code, again.err) == (0, "")


@pytest.mark.slow
def test_a_full_disk_is_named_and_the_next_run_goes_on(copied: Path) -> None:
    """Next to no file may grow, then all but the warehouse: what stands elsewhere is filled up in tests/engine."""
    published = (copied / "home" / "published" / "current" / "manifest.json").read_bytes()
    deliver(copied / "home", "2010-12-02")
    size = (copied / "home" / "warehouse" / "warehouse.duckdb").stat().st_size
    for limit in (size // 100, size // 2):
        said = refresh(copied, "2010-12-02", prepare=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)))
        assert said.code == 1 and "Traceback" not in said.err
        assert "the disk is full or a file may not grow; make room and run the command again" in said.line
        assert (copied / "home" / "published" / "current" / "manifest.json").read_bytes() == published
    assert refresh(copied, "2010-12-02").code == 0


@pytest.mark.slow
def test_rollback(copied: Path) -> None:
    for version in ("nosuch", "../../x", "v9999"):
        said = in_child(copied, "rollback", version, "--home", "home")
        assert said.code == 2 and f"has no version {version}: " in said.line and "v0001" in said.line
    said = in_child(copied, "rollback", "v0001", "--home", "home")
    assert (said.code, said.err) == (0, "")
    (copied / "home" / "published" / "current").unlink()
    assert in_child(copied, "rollback", "v0001", "--home", "home").code == 0, "readers saw no version"


@pytest.mark.slow
def test_the_report_is_drawn_with_each_version_and_in_the_other_language_when_asked(copied: Path) -> None:
    page = copied / "home" / "published" / "current" / "report" / "index.html"
    assert 'lang="en"' in page.read_text()[:2000]
    drawn = page.read_bytes()
    said = in_child(copied, "report", "--no-open", "--home", "home")
    assert (said.code, said.out) == (0, f"{page}\n")
    page.write_text("scribbled over")
    assert in_child(copied, "report", "--rebuild", "--no-open", "--home", "home").code == 0
    assert page.read_bytes() == drawn
    other = in_child(copied, "report", "--lang", "zh", "--no-open", "--home", "home")
    assert other.out == f"{page.with_name('index.zh.html')}\n"
    assert 'lang="zh-CN"' in page.with_name("index.zh.html").read_text()[:2000]


def test_tables_are_published_also_when_the_report_cannot_be_drawn() -> None:
    told = {"published/marts": {"changed": True, "report_failed": "ValueError: no colour left"}}
    [line] = statement_lines(told)
    assert "the tables are published, the report could not be drawn: ValueError: no colour left" in line


def test_a_run_that_states_nothing_says_so_once() -> None:
    late = {"stated": "no: the run ends on 2011-03-02, before the newest arrival", "as_of_date": "2011-03-03"}
    lines = statement_lines({"ml/ml_a__b": late, "ml/ml_a__c": late, "marts/x": {}})
    assert lines == [
        "no new statements: the run ends on 2011-03-02, before the newest arrival (2011-03-03); "
        "refresh that day to make them"
    ]
    assert statement_lines({"ml/ml_a__b": {"stated": "yes"}}) == []


def test_the_shop_is_that_of_the_home(almanac: Command, shop: Path) -> None:
    def looked_in(*arguments: str) -> str:
        return almanac("versions", *arguments).out.strip().removeprefix("nothing published yet in ").split(":")[0]

    (shop / "shops" / "other.yaml").write_text(SHOP.replace("name: online_retail", "name: other"))
    assert looked_in() == f"{shop / '.almanac' / 'online_retail'}"
    for name in ("other", "unknown"):
        (shop / ".almanac" / name).mkdir(parents=True)
    (shop / ".almanac" / "other" / "home.json").write_text('{"shop": "other"}')
    assert looked_in() == f"{shop / '.almanac' / 'other'}"
    assert looked_in("--home", ".almanac/other") == f"{shop / '.almanac' / 'other'}"
    assert looked_in("--shop", "online_retail") == f"{shop / '.almanac' / 'online_retail'}"
    (shop / ".almanac" / "unknown" / "home.json").write_text('{"shop": "online_retail"}')
    assert looked_in() == f"{shop / '.almanac' / 'online_retail'}"  # two homes: nothing is guessed
