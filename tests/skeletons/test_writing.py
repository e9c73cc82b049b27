"""Writing: all files or none, none over one that stands, and only into a checkout; what a kill leaves is taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.skeletons.names import SkeletonError
from pipelines.skeletons.project import Project
from pipelines.skeletons.writing import Skeleton, write

DOMAIN = Skeleton("domain", {"domain": "supply"})
SECTION = Skeleton(
    "section",
    dict(section="late", domain="supply", published="rpt_supply_late", day="d", count="n", amount="a"),  # noqa: C408
)
SYSTEM = Skeleton("system", {"system": "till", "table": "stamps", "one": "stamp"})
MODEL = Skeleton(
    "model",
    dict(model="level", domain="supply", mart="late", entity="stamps", amount="a", day="d", dated="d"),  # noqa: C408
)


def standing(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_what_is_written_is_told_and_a_package_that_stands_is_kept(tmp_path: Path) -> None:
    package = tmp_path / "pipelines/domains/supply/__init__.py"
    package.parent.mkdir(parents=True)
    package.write_text("mine")
    told = write(SECTION, tmp_path)
    assert {str(path) for path in told} | {"pipelines/domains/supply/__init__.py"} == {*standing(tmp_path)}
    assert package.read_text() == "mine"
    more = write(Skeleton("section", {**SECTION.names, "section": "later"}), tmp_path)
    assert Path("pipelines/domains/supply/report/__init__.py") in told and not {*told} & {*more}


def test_a_file_that_stands_is_left_and_nothing_is_written(tmp_path: Path) -> None:
    other = tmp_path / "pipelines/domains/supply/report/late/texts.py"
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    with pytest.raises(SkeletonError, match=r"'late' is there already \(.*late/texts\.py is not what would be written"):
        write(SECTION, tmp_path)
    assert standing(tmp_path) == {"pipelines/domains/supply/report/late/texts.py": "mine"}


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "tests").write_text("a file where a folder should be")
    with pytest.raises(SkeletonError, match=r"cannot be written .*: nothing was written"):
        write(DOMAIN, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tests"]


def test_elsewhere_than_in_a_checkout_nothing_is_added(tmp_path: Path) -> None:
    with pytest.raises(SkeletonError, match="is no checkout of the project") as told:
        Project(tmp_path)
    assert "\n" not in str(told.value)


class Stopped(BaseException):
    """What nothing of ours catches to go on."""


def stopped_at(number: int, skeleton: Skeleton, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Write, stopped at the file operation of that number; returns how many there were."""
    done: list[str] = []

    def watched(name: str) -> Callable[..., Any]:
        real = getattr(Path, name)

        def call(*args: Any, **more: Any) -> Any:
            done.append(name)
            if len(done) == number:
                raise Stopped
            return real(*args, **more)

        return call

    with monkeypatch.context() as patched:
        for name in ("mkdir", "write_text", "replace"):
            patched.setattr(Path, name, watched(name))
        try:
            write(skeleton, folder)
        except Stopped:
            return len(done)
    return len(done)


def test_who_stops_the_command_midway_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    operations = stopped_at(0, SECTION, tmp_path / "whole", monkeypatch)
    assert operations > 20
    for number in range(1, operations + 1):
        assert stopped_at(number, SECTION, tmp_path / "stopped", monkeypatch) == number
        assert not (tmp_path / "stopped").exists()


def test_what_a_kill_leaves_at_any_moment_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(SECTION, tmp_path / "whole")
    whole = standing(tmp_path / "whole")
    for name in ("rmdir", "unlink"):  # nothing is taken back: the process is gone
        monkeypatch.setattr(Path, name, lambda *args, **more: None)
    for number in range(1, stopped_at(0, SECTION, tmp_path / "counted", monkeypatch) + 1):
        folder = tmp_path / f"{number}"
        stopped_at(number, SECTION, folder, monkeypatch)
        left = {path for path in standing(folder) if not path.endswith(".new")}
        told = write(SECTION, folder)
        assert standing(folder) == whole
        kept = {str(path) for path, was_written in told.items() if not was_written}
        assert kept <= left and all(path.endswith("/__init__.py") for path in left - kept)
        assert {str(path) for path, was_written in told.items() if was_written} == whole.keys() - left


def test_what_stands_whole_is_there_already(tmp_path: Path) -> None:
    for skeleton in (DOMAIN, SECTION):
        write(skeleton, tmp_path)
        before = standing(tmp_path)
        with pytest.raises(SkeletonError, match=f"the {skeleton.kind} '{skeleton.name}' is there already"):
            write(skeleton, tmp_path)
        assert standing(tmp_path) == before


@pytest.mark.parametrize(
    ("skeleton", "there", "said"),
    [
        (DOMAIN, "pipelines/domains/supply.py", "would be hidden by the package pipelines/domains/supply/"),
        (DOMAIN, "tests/domains/supply.py", "would be hidden by the package tests/domains/supply/"),
        (SECTION, "pipelines/domains/supply/report.py", "would be hidden by the package .*/report/"),
        (SYSTEM, "simulator/systems/till.py", "would be hidden by the package simulator/systems/till/"),
        (MODEL, "pipelines/domains/supply/level/__init__.py", "there is a package pipelines/domains/supply/level/"),
        (MODEL, "pipelines/domains/supply/level/fit.py", "there is a package pipelines/domains/supply/level/"),
        (MODEL, "pipelines/domains/supply/statements.py", "would be hidden by the package .*/statements/"),
        (MODEL, "dbt_project/models/core/rpt_supply_level.sql", "a dbt model 'rpt_supply_level' already"),
    ],
)
def test_what_python_or_dbt_would_confuse_is_refused(tmp_path: Path, skeleton: Skeleton, there: str, said: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True)
    (tmp_path / there).write_text("VALUE = 1")
    with pytest.raises(SkeletonError, match=said) as told:
        write(skeleton, tmp_path)
    assert "\n" not in str(told.value)
    assert standing(tmp_path) == {there: "VALUE = 1"}


def test_a_link_that_leads_nowhere_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "pipelines/domains/supply").mkdir(parents=True)
    (tmp_path / "pipelines/domains/supply/__init__.py").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SkeletonError, match="cannot be read"):
        write(DOMAIN, tmp_path)
    assert not (tmp_path / "tests").exists()
