"""Writing: all files or none, none that stands, and only into a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.settings.environment import PROJECT_ROOT
from pipelines.skeletons import kinds
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


def test_who_stops_the_command_midway_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, written = Path.open, []

    def interrupted(self: Path, *args: Any, **more: Any) -> Any:
        if "x" in args:
            written.append(self)
            if len(written) == 3:
                raise KeyboardInterrupt
        return opened(self, *args, **more)

    monkeypatch.setattr(Path, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(SECTION, tmp_path)
    assert len(written) == 3 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["./storefront", "storefront/../storefront", "../outputs", "nosuch", ""])
def test_a_source_is_known_by_its_name_alone(source: str) -> None:
    with pytest.raises(SkeletonError, match=r"there is no source .* storefront, warehouse"):
        Project(PROJECT_ROOT).contract(source, "orders")


@pytest.mark.parametrize("table", ["*", "**", "/abs", "rpt_*", "fct_orders"])
def test_a_grade_looks_at_a_table_that_is_published_by_a_domain(table: str) -> None:
    with pytest.raises(SkeletonError, match="there is no published table"):
        kinds.new_grade(Project(PROJECT_ROOT), "late", "warehouse", table)
