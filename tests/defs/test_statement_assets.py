"""What the domains declare: found by folder, each output contract by one statement, versions that follow the code."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from pipelines.contracts.outputs import load_output_contracts
from pipelines.defs import statements as found_statements
from pipelines.defs.lineage import StatementError, shop_lineage
from pipelines.defs.manifest import HeldManifest
from pipelines.defs.statements import all_statements, code_hash, model_cards
from pipelines.modeling.statements import Statement
from pipelines.settings.environment import PROJECT_ROOT, load_settings
from tests.planted_domain import Plant, planting

SETTINGS = load_settings("online_retail", "/nowhere", environment={})
OUTPUTS = load_output_contracts(SETTINGS.outputs_dir)
# What this test speaks of: a statement that is added stands or falls by needs of its own.
OURS = ("customer_segments", "customer_value", "demand_forecast", "forecast_accuracy")
DISTRIBUTIONS = {"sklearn": "scikit-learn"}
# What only says how many threads may work.
NO_NUMBERS = {"threadpoolctl"}
DECLARED = """
from pipelines.modeling.statements import Reading, Stated, Statement

def make(reading: Reading) -> Stated:
    return Stated({{}})

STATEMENTS = (Statement(name="{name}", needs=("marts.kpi_daily",), tables=("{table}",), make=make),)
"""


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    with planting(tmp_path, monkeypatch) as plant:
        yield plant


def ours() -> list[Statement]:
    """Of the project's statements those that this test speaks of."""
    return [item for item in all_statements() if item.name in OURS]


OUR_TABLES = {table for item in ours() for table in item.tables}
OUR_OUTPUTS = [item for item in OUTPUTS if item.table in OUR_TABLES]
# What the other statements stand on, so that all of them hold.
OTHERS = {
    need.partition(".")[::2]
    for item in all_statements()
    if item.name not in OURS
    for need in item.needs + item.optional
}


class Manifest(HeldManifest):
    """The parse of a project with the given models."""

    content = {  # noqa: RUF012
        "nodes": {
            f"model.almanac.{name}": {
                "name": name,
                "schema": schema,
                "resource_type": "model",
                "fqn": ["a", schema, name],
            }
            for schema, name in (
                ("marts", "kpi_daily"),
                ("marts", "demand_daily"),
                ("marts", "quality_rows_daily"),
                ("marts", "customer_days"),
                ("core", "dim_products"),
                *sorted(OTHERS),
            )
        },
        "disabled": {
            "model.almanac.location_demand_daily": [
                {"name": "location_demand_daily", "schema": "marts", "resource_type": "model"}
            ]
        },
    }


HELD = Manifest(Path(), "code")


def test_the_projects_own_hold() -> None:
    lineage = shop_lineage(HELD, OUTPUTS, all_statements())
    assert (list(lineage.statements), list(lineage.outputs), lineage.absent) == (all_statements(), list(OUTPUTS), {})


def test_a_domain_declares_in_a_module_or_in_a_folder_of_them_or_not_at_all(plant: Plant) -> None:
    before = [item.name for item in all_statements()]
    plant("alone", {"statements": DECLARED.format(name="lone", table="ml_alone__one")})
    many = {f"statements/{name}": DECLARED.format(name=name, table=f"ml_many__{name}") for name in ("second", "first")}
    plant("many", {**many, "arithmetic": "ONE = 1"})
    plant("silent", {"arithmetic": "STATEMENTS = 'of something else'"})
    assert [item.name for item in all_statements()] == ["lone", *before, "first", "second"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nowhere_to_be_found", r"pipelines\.domains\.bad\.statements cannot be imported \(ModuleNotFoundError"),
        ("def (", r"bad\.statements cannot be imported \(SyntaxError"),
        ("STATEMENTS = 'a text'", r"STATEMENTS of pipelines\.domains\.bad\.statements is no list of Statement"),
        ("STATEMENTS = (1,)", r"is no list of Statement"),
        (
            DECLARED.format(name="customer_value", table="ml_bad__one"),
            r"customers\.statements\.values declares customer_value",
        ),
    ],
)
def test_a_bad_declaration_is_told_in_one_line(plant: Plant, text: str, said: str) -> None:
    plant("bad", {"statements": text})
    with pytest.raises(StatementError, match=said) as caught:
        all_statements()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda found: found[1:], "ml_customers__customer_segments_scores.odcs.yaml has no statement"),
        (
            lambda found: [*found, dataclasses.replace(found[0], name="again")],
            "is stated twice, by customer_segments and again",
        ),
        (
            lambda found: [*found, dataclasses.replace(found[0], name="more", tables=("ml_customers__more",))],
            "ml_customers__more is stated but has no contract: write data_contracts/outputs/",
        ),
        (
            lambda found: [dataclasses.replace(found[0], needs=("marts.custmer_days",)), *found[1:]],
            "customer_segments needs marts.custmer_days, which no model makes",
        ),
        (
            lambda found: [dataclasses.replace(found[0], optional=("marts.nowhere",)), *found[1:]],
            "customer_segments needs marts.nowhere, which no model makes",
        ),
        (
            lambda found: [
                dataclasses.replace(found[0], tables=(*found[0].tables, *found[-1].tables)),
                *found[1:-1],
            ],
            "customer_segments states tables of no domain or several",
        ),
    ],
    ids=["no statement", "twice", "no contract", "unknown need", "unknown option", "two domains"],
)
def test_contracts_and_statements_that_differ_are_told_in_one_line(changed, said: str) -> None:
    with pytest.raises(StatementError, match=said) as caught:
        shop_lineage(HELD, OUR_OUTPUTS, changed(ours()))
    assert "\n" not in str(caught.value)


def lacking(model: str) -> HeldManifest:
    """The parse of a shop whose sources do not bring what the model stands on."""
    found = Manifest(Path(), "code")
    nodes, lost = HELD.content["nodes"], f"model.almanac.{model}"
    kept = {name: item for name, item in nodes.items() if name != lost}
    disabled = {**HELD.content["disabled"], lost: [nodes[lost]]}
    object.__setattr__(
        found, "content", {"nodes": kept, "disabled": disabled, "sources": {}, "child_map": {}, "parent_map": {}}
    )
    return found


@pytest.mark.parametrize(
    ("model", "off", "absent"),
    [
        ("customer_days", set(), ["customer_segments", "customer_value"]),
        ("dim_products", set(), ["demand_forecast", "forecast_accuracy"]),
        (
            "customer_days",
            {"inventory"},
            ["customer_segments", "customer_value", "demand_forecast", "forecast_accuracy"],
        ),
    ],
)
def test_a_statement_is_where_its_needs_are_and_its_domain_is_on(model: str, off: set[str], absent: list[str]) -> None:
    """dim_products is needed by the forecasts, and these by what measures them."""
    lineage = shop_lineage(lacking(model), OUR_OUTPUTS, ours(), off)
    assert sorted(lineage.absent) == absent
    gone = {contract.table for contracts in lineage.absent.values() for contract in contracts}
    assert (
        lineage.held.absent == gone == {item.table for item in OUR_OUTPUTS} - {item.table for item in lineage.outputs}
    )
    assert {table for item in lineage.statements for table in item.tables}.isdisjoint(gone)
    assert not {name for name in lineage.relations if name.partition(".")[2] in gone}


def test_the_version_of_a_model_follows_its_code_and_its_libraries(plant: Plant) -> None:
    declared = DECLARED.format(name="moods", table="ml_moods__one")
    texts = {"report/texts": "A = 'text'", "mood_card": "B = 'text'"}
    folder = plant("moods", {"statements": declared, "arithmetic": "ONE = 1", **texts})
    (moods,) = (item for item in all_statements() if item.name == "moods")
    first = code_hash(moods)
    for name in texts:
        (folder / f"{name}.py").write_text("ANOTHER = 'text'")
        assert code_hash(moods) == first, f"{name} decides no number"
    assert code_hash(dataclasses.replace(moods, libraries=("numpy",))) != first
    (folder / "arithmetic.py").write_text("ONE = 2")
    assert code_hash(moods) != first


def test_every_statement_names_the_libraries_that_its_code_imports() -> None:
    graph = grimp.build_graph(
        "pipelines", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )
    for item in all_statements():
        above = graph.find_upstream_modules(item.make.__module__)
        outside = {DISTRIBUTIONS.get(name, name) for name in above if not name.startswith("pipelines")}
        assert outside - sys.stdlib_module_names - NO_NUMBERS <= set(item.libraries), item.name


def test_every_model_with_scores_has_a_card() -> None:
    scored = {table.split("__")[1].removesuffix("_scores") for table in SETTINGS.score_tables}
    assert scored == {card.model for card in model_cards(all_statements())}


def test_every_domain_is_a_folder_of_sql_python_and_tests() -> None:
    names = {path.parent.name for path in (PROJECT_ROOT / "pipelines" / "domains").glob("*/__init__.py")}
    for place in ("dbt_project/models/marts", "dbt_project/models/published", "tests/domains"):
        folders = {path.name for path in (PROJECT_ROOT / place).iterdir() if path.is_dir() and path.name[0] not in "_."}
        # A domain that was begun has no mart yet.
        assert folders == names if place == "tests/domains" else folders <= names, place
    assert found_statements.DECLARED_IN == "statements"
