"""Checking against the last release, and releasing: what passes, what is refused, what a kill leaves."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts.errors import ContractError
from pipelines.contracts.release import check, release, with_changes
from pipelines.contracts.released import contract_files, read_release
from pipelines.contracts.version_steps import step_made
from tests.contracts.conftest import PROJECT
from tests.contracts.contract_states import SOURCE, VOCABULARY, column, copied_project, custom, table

pytestmark = pytest.mark.slow

TODAY = dt.date(2026, 3, 1)


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """A project's data_contracts, released as 1.0.0 just now."""
    directory = copied_project(tmp_path)
    release(directory, today=TODAY)
    return directory


def edit(directory: Path, contract: str, change: Callable[[dict[str, Any]], Any]) -> None:
    path = contract_files(directory)[contract]
    data = yaml.safe_load(path.read_text())
    change(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False))


def raise_project(directory: Path, version: str) -> None:
    (directory.parent / "pyproject.toml").write_text(f'[project]\nname = "shop"\nversion = "{version}"\n')


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def narrow(data: dict[str, Any]) -> None:
    column(data, "Country")["logicalTypeOptions"]["maxLength"] = 30


def test_what_was_released_has_no_change(contracts: Path) -> None:
    found = check(contracts)
    assert (found.version, found.changes, found.shortfalls, found.breaks) == ("1.0.0", (), (), False)


@pytest.mark.parametrize(
    ("version", "breaks"), [("1.0.0", True), ("1.0.1", True), ("1.9.0", True), ("2.0.0", False), ("0.9.0", True)]
)
def test_a_breaking_change_passes_only_with_a_raised_major_version(contracts: Path, version: str, breaks: bool) -> None:
    edit(contracts, SOURCE, lambda data: (narrow(data), data.update(version=version)))
    assert check(contracts).breaks is breaks


@pytest.mark.parametrize(("version", "warned"), [("1.0.0", True), ("1.0.1", True), ("1.1.0", False), ("2.0.0", False)])
def test_an_addition_without_its_step_is_a_warning_that_stops_a_release(
    contracts: Path, version: str, warned: bool
) -> None:
    term = {"name": "city", "types": ["string"], "personal_data": "none", "description": "A city."}
    edit(contracts, VOCABULARY, lambda data: (data["terms"].append(term), data.update(version=version)))
    found = check(contracts)
    assert (found.breaks, bool(found.shortfalls)) == (False, warned)
    raise_project(contracts, "1.1.0")
    if warned:
        before = everything(contracts.parent)
        with pytest.raises(ContractError, match="needs a minor step"):
            release(contracts, today=TODAY)
        assert everything(contracts.parent) == before
    else:
        assert "changes: 2" in release(contracts, today=TODAY)  # the term and the version
        assert check(contracts).changes == ()


@pytest.mark.parametrize(("project", "breaks"), [("1.0.0", True), ("1.1.0", True), ("2.0.0", False)])
def test_a_contract_goes_with_a_major_version_of_the_project(contracts: Path, project: str, breaks: bool) -> None:
    contract_files(contracts)["outputs/ml_customers__customer_values"].unlink()
    raise_project(contracts, project)
    found = check(contracts)
    assert found.breaks is breaks
    assert not breaks or "pyproject.toml" in str(found.shortfalls[0])


def test_a_release_moves_the_state_and_tells_the_changelog_once(contracts: Path) -> None:
    edit(contracts, SOURCE, lambda data: (narrow(data), data.update(version="2.0.0")))
    raise_project(contracts, "1.1.0")
    assert release(contracts, today=TODAY).startswith("released 1.1.0, after 1.0.0")
    log = (contracts.parent / "CHANGELOG.md").read_text()
    assert log.index("## [1.1.0] - 2026-03-01") < log.index("## [1.0.0] - 2026-03-01")
    assert "| `sources/online_retail/transactions` | column Country maxLength | length tightened | 60 -> 30 |" in log
    assert read_release(contracts).version == "1.1.0"
    before = everything(contracts.parent)
    assert "nothing has changed" in release(contracts, today=dt.date(2027, 1, 1))
    assert everything(contracts.parent) == before


def test_a_version_is_released_once(contracts: Path) -> None:
    edit(contracts, SOURCE, lambda data: (narrow(data), data.update(version="2.0.0")))
    with pytest.raises(ContractError, match="is released already, with other contracts"):
        release(contracts, today=TODAY)
    with pytest.raises(ContractError, match="older than the released"):
        release(contracts, today=TODAY, version="0.9.0")
    with pytest.raises(ContractError, match="is no version"):
        release(contracts, today=TODAY, version="next")


def test_a_contract_that_cannot_be_loaded_is_not_released(contracts: Path) -> None:
    edit(contracts, SOURCE, lambda data: data.update(surprise=1))
    before = everything(contracts.parent)
    for refused in (lambda: check(contracts), lambda: release(contracts, today=TODAY, version="2.0.0")):
        with pytest.raises(ContractError, match="unknown or not supported"):
            refused()
    assert everything(contracts.parent) == before


@pytest.mark.parametrize("mark", ["# SKELETON: which currencies.", "# DRAFT: check the zone."])
def test_a_contract_with_an_unsettled_line_is_not_released_and_every_such_one_is_named(
    contracts: Path, mark: str
) -> None:
    files = contract_files(contracts)
    for name in (SOURCE, "canonical/orders"):
        files[name].write_text(f"{mark}\n{files[name].read_text()}{mark}\n")
    assert check(contracts).changes == ()
    assert [line.partition(":")[0] for line in check(contracts).unsettled] == [SOURCE, "canonical/orders"]
    before = everything(contracts.parent)
    with pytest.raises(ContractError) as caught:
        release(contracts, today=TODAY, version="1.1.0")
    told = str(caught.value)
    assert "\n" not in told and "settle" in told
    for name in (SOURCE, "canonical/orders"):
        assert f"{name}: lines 1, {len(files[name].read_text().splitlines())} marked" in told
    assert everything(contracts.parent) == before


def test_a_word_that_is_no_mark_stops_no_release(contracts: Path) -> None:
    file = contract_files(contracts)[SOURCE]
    file.write_text(f"# A skeleton: settle every line that says SKELETON or DRAFT.\n{file.read_text()}")
    assert check(contracts).unsettled == ()
    release(contracts, today=TODAY, version="1.1.0")


def _without_manifest(folder: Path) -> None:
    (folder / "release.yaml").unlink()


def _cut_short(folder: Path) -> None:
    file = folder / "vocabulary.yaml"
    file.write_bytes(file.read_bytes()[:-10])


def _file_gone(folder: Path) -> None:
    (folder / "canonical" / "orders.yaml").unlink()


def _file_more(folder: Path) -> None:
    (folder / "canonical" / "others.yaml").write_text("entity: others\n")


def _no_yaml(folder: Path) -> None:
    (folder / "release.yaml").write_text("{")


def test_a_published_contract_that_lags_its_model_is_refused(tmp_path: Path) -> None:
    """Else a break of the readers' tables would be seen only by whoever ran `make contracts`."""
    contracts = copied_project(tmp_path, as_they_are=True)
    release(contracts, today=TODAY)
    models = tmp_path / "models"
    shutil.copytree(PROJECT / "dbt_project" / "models", models)
    assert check(contracts, models).changes == ()
    file = models / "core" / "fct_orders.yml"
    file.write_text(
        file.read_text().replace(
            "- name: n_lines\n        data_type: bigint", "- name: n_lines\n        data_type: integer"
        )
    )
    with pytest.raises(ContractError, match=r"published/fct_orders\.odcs\.yaml: it does not follow from its model"):
        check(contracts, models)
    with pytest.raises(ContractError, match="run `make contracts`"):
        release(contracts, today=TODAY, version="3.0.0", models=models)


def test_one_contract_has_one_file(contracts: Path) -> None:
    (contracts / "canonical" / "orders.odcs.yaml").write_text("entity: orders\n")
    with pytest.raises(ContractError, match="is the same contract"):
        check(contracts)


@pytest.mark.parametrize("version", [None, "two", 1.5, "1.0"])
def test_a_changed_contract_without_a_version_is_refused(contracts: Path, version: Any) -> None:
    edit(contracts, SOURCE, lambda data: data.update(version=version))
    with pytest.raises(ContractError, match="is no version"):
        check(contracts)


@pytest.mark.parametrize("damage", [shutil.rmtree, _without_manifest, _cut_short, _file_gone, _file_more, _no_yaml])
def test_a_missing_or_damaged_release_is_told_in_one_line(contracts: Path, damage: Callable[[Path], None]) -> None:
    damage(contracts / "released")
    with pytest.raises(ContractError) as caught:
        check(contracts)
    assert "\n" not in str(caught.value)
    assert "release" in str(caught.value)


class Killed(BaseException):
    """What nothing catches."""


def recorded(monkeypatch: pytest.MonkeyPatch, kill_at: int | None, work: Callable[[], Any]) -> list[str]:
    """Do the work, dying before file operation `kill_at`; returns the names of the operations so far."""
    done: list[str] = []

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if len(done) == kill_at:
                raise Killed
            done.append(name)
            return real(*args, **options)

        return call

    with monkeypatch.context() as patched:
        for owner, name in ((Path, "rename"), (Path, "replace"), (shutil, "copyfile"), (shutil, "rmtree")):
            patched.setattr(owner, name, watched(name, getattr(owner, name)))
        try:
            work()
        except Killed:
            done.append("killed")
    return done


@pytest.mark.slow
def test_a_release_that_is_killed_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before any rename or removal, and at the first, a middle and the last copy: the state is the old or the
    new one as a whole, and the next release ends where an undisturbed one does."""

    def prepared(name: str) -> Path:
        (tmp_path / name).mkdir()
        directory = copied_project(tmp_path / name)
        for part in ("published", "outputs"):  # the fewer files, the sooner done
            shutil.rmtree(directory / part, ignore_errors=True)
        release(directory, today=TODAY)
        edit(directory, SOURCE, lambda data: (narrow(data), data.update(version="2.0.0")))
        raise_project(directory, "1.1.0")
        return directory

    whole = prepared("whole")
    operations = recorded(monkeypatch, None, lambda: release(whole, today=TODAY))
    copies = [number for number, name in enumerate(operations) if name == "copyfile"]
    assert {"rename", "replace"} <= {*operations}
    points = {number for number, name in enumerate(operations) if name != "copyfile"}
    for point in sorted(points | {copies[0], copies[len(copies) // 2], copies[-1]}):
        directory = prepared(f"killed-{point}")
        assert recorded(monkeypatch, point, lambda: release(directory, today=TODAY))[-1] == "killed"  # noqa: B023
        state = directory / "released" if (directory / "released").exists() else directory / ".released.old"
        assert (state / "release.yaml").exists()
        if state.name == "released":
            assert read_release(directory).version in ("1.0.0", "1.1.0")
        release(directory, today=TODAY)
        assert everything(directory.parent) == everything(whole.parent)


def test_the_changelog_keeps_what_people_wrote() -> None:
    text = "# Changelog\n\n## [1.1.0] - Unreleased\n\n- By hand.\n\n## [1.0.0] - 2026-01-01\n\n- First.\n"
    once = with_changes(text, "1.1.0", (), TODAY)
    assert with_changes(once, "1.1.0", (), TODAY) == once
    kept = [line for line in once.splitlines() if line and line in text.splitlines()]
    assert kept == [line for line in text.splitlines() if line]
    assert once.index("None.") < once.index("## [1.0.0]")


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ("1.2.3", "1.2.3", "none"),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.2.2", "back"),
        ("0.1.0", "0.2.0", "major"),
        ("0.1.0", "0.1.1", "patch"),
    ],
)
def test_the_step_between_two_versions(before: str, after: str, step: str) -> None:
    assert step_made("here", before, after) == step


def test_a_class_that_is_dropped_is_named(contracts: Path) -> None:
    edit(contracts, SOURCE, lambda data: custom(column(data, "CustomerID"), "personalData").update(value="none"))
    [change] = check(contracts).changes
    assert (change.kind, change.breaks, change.text) == ("personal-data class dropped", "both", "pseudonym -> none")
    assert table(yaml.safe_load(contract_files(contracts / "released")[SOURCE].read_text()))["name"] == "transactions"
