"""`almanac contracts` as a person or CI runs it: what is printed, with which exit code, and how light it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command_line import Said, in_child
from tests.contracts.contract_states import copied_project

pytestmark = pytest.mark.slow

SOURCE = "sources/online_retail/transactions.odcs.yaml"
PUBLISHED = "published/fct_orders.odcs.yaml"


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """A project of its own, released as 1.0.0."""
    directory = copied_project(tmp_path)
    assert run(directory, "release").out.startswith("released 1.0.0, first released state")
    return directory


def run(directory: Path, command: str, *arguments: str) -> Said:
    return in_child(directory.parent, "contracts", command, *arguments, ALMANAC_CONTRACTS_DIR=str(directory))


def replace(file: Path, *pairs: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)


@pytest.mark.parametrize(
    ("file", "mutation", "breaks"),
    [
        (SOURCE, ("maximum: 100000", "maximum: 90000"), "producers"),
        (SOURCE, ("mustBeLessOrEqualTo: 45", "mustBeLessOrEqualTo: 60"), "consumers"),
        (SOURCE, ("value: pseudonym", "value: none"), "both"),
        (PUBLISHED, ("- name: country\n", "- name: land\n"), "consumers"),
        (PUBLISHED, ("        - sale\n", "        - sale\n        - swap\n"), "consumers"),
        ("canonical/orders.yaml", ("type: bigint", "type: string"), "both"),
        ("vocabulary.yaml", ("personal_data: pseudonym", "personal_data: none"), "both"),
    ],
)
def test_a_breaking_change_stops_until_its_version_says_so(
    contracts: Path, file: str, mutation: tuple[str, str], breaks: str
) -> None:
    replace(contracts / file, mutation)
    stopped = run(contracts, "check")
    assert stopped.code == 1, stopped.out + stopped.err
    assert breaks in stopped.out
    assert stopped.err.startswith("error: ") and "needs a major step" in stopped.err
    replace(contracts / file, ("version: 1.0.0", "version: 2.0.0"))
    passed = run(contracts, "check")
    assert (passed.code, passed.err) == (0, "")
    assert breaks in passed.out


def test_what_a_skeleton_left_to_be_settled_is_a_warning_that_stops_a_release(contracts: Path) -> None:
    replace(contracts / SOURCE, ("schema:\n", "# SKELETON: how many tables.\nschema:\n"))
    warned, refused = run(contracts, "check"), run(contracts, "release", "2.0.0")
    assert warned.code == 0
    assert warned.err.startswith("warning: sources/online_retail/transactions: line ")
    assert refused.code == 2 and "sources/online_retail/transactions: line " in refused.line


def test_changes_stand_in_a_table(contracts: Path) -> None:
    replace(contracts / SOURCE, ("maximum: 100000", "maximum: 90000"), ("version: 1.0.0", "version: 2.0.0"))
    head, *rows, last = run(contracts, "check").out.splitlines()
    assert head.split() == ["breaks", "step", "place", "change", "from,", "to"]
    assert last == "2 changes since 1.0.0; breaking: 1 producers"
    [row] = [row for row in rows if "maximum" in row]
    assert row.split("  ")[1] == "producers" and row.index("major") == head.index("step")
    assert row.endswith("100000 -> 90000")
    assert rows[0] == "sources/online_retail/transactions"


def test_a_missing_or_damaged_release_is_one_line(contracts: Path) -> None:
    (contracts / "released" / "vocabulary.yaml").write_text("terms: []\n")
    said = run(contracts, "check")
    assert said.code == 2 and "released/vocabulary.yaml" in said.line
    (contracts / "released").rename(contracts / "elsewhere")
    said = run(contracts, "check")
    assert said.code == 2 and "make release" in said.line


def test_the_projects_own_contracts_say_what_changed() -> None:
    """What CI asks. It reads no orchestrator, no dbt, no frames: a check that takes seconds is not run."""
    said = in_child(Path(__file__).parent, "contracts", "check")
    assert said.code == 0, said.out + said.err
    program = (
        "import sys\nfrom pipelines.cli import almanac\n"
        "try: almanac.main(['contracts', 'check'], standalone_mode=False)\nexcept SystemExit: pass\n"
        "print(sorted({'dagster', 'dbt', 'pandas', 'great_expectations', 'lightgbm'} & {*sys.modules}))"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
