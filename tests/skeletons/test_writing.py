"""Writing: all files or none, none that stands, and only into a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.skeletons.names import SkeletonError
from pipelines.skeletons.project import Project
from pipelines.skeletons.writing import Skeleton, write

DOMAIN = Skeleton("domain", {"domain": "supply"})
SECTION = Skeleton(
    "section",
    dict(section="late", domain="supply", published="rpt_supply_late", day="d", count="n", amount="a"),  # noqa: C408
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
    with pytest.raises(SkeletonError, match=r"late/texts\.py is there already and is never overwritten"):
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
