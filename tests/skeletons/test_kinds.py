"""What each kind stands on: what is not there, does not fit or cannot be read is refused in one line.

In a copy of the project's own contracts, models, domains and systems, grown by one of each kind. That what is written
works is shown by tests/end_to_end/test_new.py.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.contracts.errors import ContractError
from pipelines.contracts.odcs import load_source_contract
from pipelines.settings.environment import PROJECT_ROOT
from pipelines.skeletons import kinds
from pipelines.skeletons.names import SkeletonError
from pipelines.skeletons.project import Project, checkout_around
from pipelines.skeletons.writing import Skeleton, write

PARTS = ("data_contracts", "dbt_project/models", "pipelines/domains", "simulator", "tests/simulator", "tests/domains")
MODELS = "dbt_project/models"
MART = f"{MODELS}/marts/clubs/stamps_daily"
TABLE = "rpt_clubs_stamps_daily"
CONTRACT = "data_contracts/sources/till/stamps.odcs.yaml"
Plan = Callable[[Project], Skeleton]


def grow(root: Path, *plans: Plan) -> None:
    for plan in plans:
        write(plan(Project(root)), root)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy with a domain, a source with an entity of its own, a mart and a system."""
    root = tmp_path_factory.mktemp("grown") / "project"
    for part in PARTS:
        shutil.copytree(PROJECT_ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(PROJECT_ROOT / "dbt_project/dbt_project.yml", root / "dbt_project")
    grow(
        root,
        lambda project: kinds.new_domain(project, "clubs"),
        lambda project: kinds.new_source(project, "till", "stamps"),
        lambda project: kinds.new_entity(project, "stamps", "till", None),
        lambda project: kinds.new_mart(project, "stamps_daily", "clubs", "stamps"),
        lambda project: kinds.new_system(project, "till", None),
    )
    return root


@pytest.fixture
def own(grown: Path, tmp_path: Path) -> Path:
    """A copy of it to be broken."""
    shutil.copytree(grown, tmp_path / "own")
    return tmp_path / "own"


def refused(root: Path, plan: Plan) -> str:
    """The one line in which a part is refused."""
    with pytest.raises((SkeletonError, ContractError)) as told:
        grow(root, plan)
    line = str(told.value)
    assert "\n" not in line
    return line


def grade(table: str, system: str = "till", name: str = "stamps_told") -> Plan:
    return lambda project: kinds.new_grade(project, name, system, table)


def mart(project: Project) -> Skeleton:
    return kinds.new_mart(project, "stamps_weekly", "clubs", "stamps")


def model(project: Project) -> Skeleton:
    return kinds.new_model(project, "stamp_level", "clubs", "stamps_daily")


def entity(project: Project) -> Skeleton:
    return kinds.new_entity(project, "seals", "till", None)


def section(project: Project) -> Skeleton:
    return kinds.new_section(project, "stamps_seen", "clubs", None)


@pytest.mark.parametrize("source", ["./storefront", "storefront/../storefront", "../outputs", "nosuch", ""])
def test_a_source_is_known_by_its_name_alone(source: str) -> None:
    with pytest.raises(SkeletonError, match=r"--source: there is no source .* storefront, warehouse"):
        Project(PROJECT_ROOT).contract(source, "orders")


def test_elsewhere_than_in_a_checkout_nothing_is_added(tmp_path: Path) -> None:
    with pytest.raises(SkeletonError, match="is no checkout of the project") as told:
        Project(tmp_path)
    assert "\n" not in str(told.value)


def test_the_checkout_around_a_folder_is_found(grown: Path, tmp_path: Path) -> None:
    assert checkout_around(grown) == checkout_around(grown / "data_contracts" / "sources") == grown
    assert checkout_around(grown.parent) is None and checkout_around(tmp_path) is None


@pytest.mark.parametrize(
    "table",
    [
        "*",
        "**",
        "/abs",
        "rpt_*",
        "fct_stamps",
        "rpt_sales_kpi_daily",
        "rpt_sales_margin_daily",
        "rpt_quality_scorecard",
    ],
)
def test_a_grade_looks_at_a_table_that_rests_on_its_systems_source(grown: Path, table: str) -> None:
    told = refused(grown, grade(table))
    assert "--table: there is no published table of amounts by day that rests on the source till" in told
    assert f"{table!r} (there are: {TABLE})" in told


def test_a_grade_has_a_name_and_a_table_that_no_other_has(own: Path) -> None:
    (skeleton,) = [kinds.new_grade(Project(own), "stamps_told", "till", TABLE)]
    assert TABLE in skeleton.reads and "till_stamps: stamp_amount" in skeleton.reads
    write(skeleton, own)
    assert "there is a grade 'money' already (simulator/capabilities/money/grades.py)" in refused(
        own, grade(TABLE, name="money")
    )
    told = refused(own, grade(TABLE, name="told_twice"))
    assert f"--table '{TABLE}' is graded already (tests/simulator/systems/till/faults_stamps_told.py)" in told
    assert "the grade 'stamps_told' is there already" in refused(own, grade(TABLE))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.unlink(), "No such file"),
        (lambda file: file.write_bytes(b"# \xff"), "tables.py: the file is not UTF-8"),
        (lambda file: file.write_bytes(b"A = 1\x00"), "null byte"),
        (lambda file: file.write_text("A = 1\nSYSTEM = System(\n"), "tables.py line 2: not readable as Python"),
        (lambda file: file.write_text(""), "has no table with occurred_at"),
    ],
)
def test_a_system_whose_tables_cannot_be_read_is_named(own: Path, change: Callable[[Path], None], said: str) -> None:
    change(own / "simulator/systems/till/tables.py")
    told = refused(own, grade(TABLE))
    assert said in told and ("systems/till/tables.py" in told or "tables.py: " in told or "system till" in told)


# What is broken, who reads it, what is said of it.
BROKEN = [
    *((file, plan) for file, plan in ((f"{MODELS}/core/fct_stamps.yml", mart), (f"{MART}.yml", model))),
    (f"{MODELS}/published/clubs/{TABLE}.yml", section),
    (f"{MODELS}/published/clubs/{TABLE}.yml", grade(TABLE)),
    (f"{MODELS}/published/sales/rpt_sales_kpi_daily.yml", grade(TABLE)),
]
FAULTS: list[tuple[Callable[[str], str], str]] = [
    (lambda text: text.replace("columns:\n", "columns: [\n"), "not readable as YAML .*line [0-9]+"),
    (lambda text: text + "tail: 2025-13-01\n", "not readable as YAML .*month must be in"),
    (lambda text: "models: 3\n", "no list of mappings"),
    (lambda text: re.sub(r"^  - name: (\w+)$", r"  - name: \1_old", text, flags=re.MULTILINE), "describes no model"),
    (lambda text: re.sub(r"data_type: date$", "type: date", text, flags=re.MULTILINE), r"columns\[\d+\]\.data_type"),
    (lambda text: text.replace("    columns:\n", "    columns_:\n"), "columns: this key is missing"),
    (lambda text: text.replace("    columns:\n", "    columns: none\n    was:\n"), "columns: .* found 'none'"),
    (lambda text: text.replace("rests_on:", "rests_on: nothing\n        was:"), "rests_on: .* found 'nothing'"),
]


@pytest.mark.parametrize(("file", "plan"), BROKEN)
def test_yaml_that_is_broken_is_named_by_whatever_reads_it(own: Path, file: str, plan: Plan) -> None:
    text = (own / file).read_text()
    assert plan(Project(own)).files()
    for broken, said in FAULTS:
        if broken(text) != text:
            (own / file).write_text(broken(text))
            assert re.search(rf"^{Path(file).name}: .*{said}", refused(own, plan)), said
    (own / file).write_bytes(text.encode() + b"# \xe9\n")
    assert refused(own, plan) == f"{Path(file).name}: the file is not UTF-8; save it as UTF-8"


@pytest.mark.parametrize(
    ("file", "plan"),
    [
        (f"{MODELS}/core/fct_stamps.sql", mart),
        (f"{MART}.sql", model),
        (CONTRACT, entity),
        (CONTRACT, lambda project: kinds.new_system(project, "till", None)),
        ("data_contracts/canonical/stamps.yaml", lambda project: kinds.new_entity(project, "stamps", "till", None)),
        ("data_contracts/vocabulary.yaml", lambda project: kinds.new_source(project, "kiosk", "stamps")),
        ("pipelines/domains/sales/report/texts.py", section),
        ("tests/simulator/capabilities/money/faults.py", grade(TABLE)),
    ],
)
def test_a_file_that_is_not_utf8_is_named_by_whatever_reads_it(own: Path, file: str, plan: Plan) -> None:
    (own / file).write_bytes((own / file).read_bytes() + b"# \xe9\n")
    assert refused(own, plan) == f"{Path(file).name}: the file is not UTF-8; save it as UTF-8"


@pytest.mark.parametrize("file", [CONTRACT, "data_contracts/canonical/stamps.yaml"])
def test_a_contract_or_an_entity_that_is_broken_is_named_by_the_entity_that_reads_it(own: Path, file: str) -> None:
    (own / file).write_text((own / file).read_text() + "tail: [\n")
    told = refused(own, lambda project: kinds.new_entity(project, "stamps", "till", None))
    assert re.match(rf"{Path(file).name} line \d+: not readable as YAML", told)


def test_a_model_without_a_yaml_is_named(own: Path) -> None:
    (own / f"{MART}.yml").unlink()
    assert "there is no stamps_daily.yml below" in refused(own, model)


def test_tables_and_columns_are_named_as_the_entity(own: Path) -> None:
    contract = load_source_contract(own / CONTRACT)
    assert contract.table == "stamps" and contract.row_key == ("stamp_id",)
    assert [column.name for column in contract.columns] == kinds.columns_of("stamp")
    written = [file for file in own.rglob("*.*") if re.search("till|stamps", file.name) and file.is_file()]
    assert written and not [file for file in written if re.search(r"\bentr(y|ies)", file.read_text())]


def test_a_key_that_the_vocabulary_calls_a_persons_is_one_in_the_contract(own: Path) -> None:
    grow(own, lambda project: kinds.new_source(project, "kiosk", "customers"))
    contract = load_source_contract(own / "data_contracts/sources/kiosk/customers.odcs.yaml")
    assert contract.column("customer_id").personal_data == "pseudonym"
    assert "its key product_id, which the skeleton's rows have already" in refused(
        own, lambda project: kinds.new_source(project, "kiosk", "products")
    )


def test_a_system_stands_on_the_contract_of_the_source_of_its_name(own: Path) -> None:
    told = refused(own, lambda project: kinds.new_system(project, "kiosk", None))
    assert told.startswith("NAME: there is no source 'kiosk'")
    grow(own, lambda project: kinds.new_source(project, "kiosk", "stamps"))
    file = own / "data_contracts/sources/kiosk/stamps.odcs.yaml"
    file.write_text(file.read_text().replace("name: product_id", "name: article_id"))
    told = refused(own, lambda project: kinds.new_system(project, "kiosk", None))
    assert "kiosk.stamps has other columns than the skeleton of a system writes (stamp_id, occurred_at," in told


def test_an_entity_whose_making_was_killed_gets_the_rest_of_its_files(own: Path) -> None:
    def of_till(project: Project) -> Skeleton:
        return kinds.new_entity(project, "stamps", "till", None)

    files = {path: (own / path).read_text() for path, _ in of_whole(own).files()}
    assert len(files) == 4
    for kept in range(1, 4):
        for path in list(files)[kept:]:
            (own / path).unlink()
        grow(own, of_till)
        assert {path: (own / path).read_text() for path in files} == files


def of_whole(root: Path) -> Skeleton:
    """The entity as if there were none yet."""
    return kinds.new_entity(NoEntity(root), "stamps", "till", None)


class NoEntity(Project):
    """A checkout without entities."""

    def canonical(self, entity: str) -> None:
        return None


def test_a_second_source_brings_an_entity_without_its_standing_files(own: Path) -> None:
    grow(own, lambda project: kinds.new_source(project, "kiosk", "stamps"))
    added = kinds.new_entity(Project(own), "stamps", "kiosk", None)
    assert [path.name for path, _ in added.files()] == ["cnf_kiosk__stamps.sql"]


def test_a_section_says_which_table_it_reads(grown: Path) -> None:
    assert section(Project(grown)).reads == f"{TABLE}: calendar_date, n_stamps, stamp_amount, amount_currency"


def test_what_comes_next_can_be_typed_as_it_is_printed(own: Path) -> None:
    grow(own, lambda project: kinds.new_source(project, "kiosk", "stamps"))
    plans: list[Plan] = [mart, model, entity, section, grade(TABLE)]
    plans += [lambda project: kinds.new_domain(project, "unions")]
    plans += [lambda project: kinds.new_source(project, "desk", "stamps")]
    plans += [lambda project: kinds.new_system(project, "kiosk", None)]
    for plan in plans:
        steps = plan(Project(own)).next_steps
        assert steps
        for step in steps:
            prose = step.split(" ")[0] in ("say", "settle", "write")
            assert prose or step.startswith((".venv/bin/almanac ", ".venv/bin/python -m pytest ", "make ")), step
            assert not re.search(r"(?<!/)\b(almanac|pytest) ", step.replace("-m pytest", "")), step
    told = kinds.new_domain(Project(own), "unions").next_steps
    assert [" ".join(step.split()[1:3]) for step in told[1:]] == ["new source", "new entity", "new mart"]
