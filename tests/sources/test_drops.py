import datetime as dt
import os
from pathlib import Path

import pytest

from pipelines.settings.environment import PROJECT_ROOT
from pipelines.settings.errors import SettingsError
from pipelines.settings.shop import parse_shop
from pipelines.sources.drops import Drop, DropNameError, fingerprint, list_drops

DAY = dt.date(2011, 3, 7)


def write(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_days_come_from_the_folder_or_the_file_name_in_order(tmp_path: Path) -> None:
    write(tmp_path / "drops" / "2011-03-08" / "b.csv")
    write(tmp_path / "drops" / "2011-03-08" / "a.csv")
    write(tmp_path / "files" / "2011-03-07.csv.gz")
    found = list_drops([f"{tmp_path}/drops/{{arrival_date}}/*", f"{tmp_path}/files/{{arrival_date}}.csv.gz"])
    assert [(d.arrival_date.day, d.file_name) for d in found] == [(7, "2011-03-07.csv.gz"), (8, "a.csv"), (8, "b.csv")]


@pytest.mark.parametrize("name", [".hidden.csv", "a.csv.tmp", "a.csv.part"])
def test_files_still_being_written_are_not_there_yet(tmp_path: Path, name: str) -> None:
    write(tmp_path / "2011-03-07" / name)
    assert list_drops([f"{tmp_path}/{{arrival_date}}/*"]) == []


def test_a_name_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    write(tmp_path / "2011-03-07" / os.fsdecode(b"\xff\xfe.csv"))
    with pytest.raises(DropNameError, match=r"2011-03-07/.udcff.udcfe\.csv': the name of this file is not UTF-8"):
        list_drops([f"{tmp_path}/{{arrival_date}}/*"])


@pytest.mark.parametrize("folder", ["2011-13-07", "2011-02-30", "latest", "2011-03-07x", "20110307"])
def test_a_folder_that_is_no_day_is_no_arrival(tmp_path: Path, folder: str) -> None:
    write(tmp_path / folder / "a.csv")
    assert list_drops([f"{tmp_path}/{{arrival_date}}/*"]) == []


def test_folders_named_like_patterns_stand_for_themselves(tmp_path: Path) -> None:
    odd = tmp_path / "a[b]*?c"
    write(odd / "2011-03-07" / "it's [1].csv")
    write(tmp_path / "ab-other-c" / "2011-03-07" / "no.csv")
    assert [d.file_name for d in list_drops([f"{odd}/{{arrival_date}}/*"])] == ["it's [1].csv"]


def test_only_a_star_behind_the_day_is_a_pattern(tmp_path: Path) -> None:
    write(tmp_path / "2011-03-07" / "[a]-1.csv")
    write(tmp_path / "2011-03-07" / "a-2.csv")
    write(tmp_path / "2011-03-07" / "deep" / "[a]-3.csv")
    assert [d.file_name for d in list_drops([f"{tmp_path}/{{arrival_date}}/[a]-*.csv"])] == ["[a]-1.csv"]


def test_a_star_before_the_day_is_refused_by_the_shop_file() -> None:
    path = PROJECT_ROOT / "shops" / "online_retail.yaml"
    text = path.read_text().replace("examples/online_retail/{arrival_date}", "examples/*/{arrival_date}")
    with pytest.raises(SettingsError, match=r"drops: \* stands before") as refused:
        parse_shop(path, text)
    assert "\n" not in str(refused.value)


def test_a_file_may_stand_for_an_earlier_day() -> None:
    drop = Drop(dt.date(2011, 3, 10), "late-2011-03-07.csv", Path("x"))
    assert drop.stands_for(r"(\d{4}-\d{2}-\d{2})") == DAY
    assert drop.stands_for(None) == dt.date(2011, 3, 10)
    assert Drop(DAY, "late-2011-99-99.csv", Path("x")).stands_for(r"(\d{4}-\d{2}-\d{2})") == DAY


def test_a_fingerprint_is_of_the_content_alone(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", b"same"), write(tmp_path / "b", b"same")
    assert fingerprint(a) == fingerprint(b)
    assert fingerprint(a)[1] == 4
    assert fingerprint(write(tmp_path / "c", b"other")) != fingerprint(a)
