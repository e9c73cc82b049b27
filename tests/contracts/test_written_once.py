"""A fact is written once: what is changed in a contract shows wherever it is told, and nowhere else.

On a copy of the project's contracts and models, whose generated files stand as they follow.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts.errors import ContractError
from pipelines.contracts.generated import render_generated, write_generated
from pipelines.contracts.odcs import check_source_contract
from pipelines.contracts.staging import render_staging_sql
from tests.contracts.conftest import PROJECT

pytestmark = pytest.mark.slow

EXAMPLE = PROJECT / "examples" / "contributing" / "source"
TILL = "data_contracts/sources/online_retail/transactions.odcs.yaml"
LINES = "data_contracts/sources/storefront/order_lines.odcs.yaml"
HAND = "dbt_project/models/staging/online_retail/stg_online_retail__transactions.sql"
STAGED = "dbt_project/models/staging/storefront/stg_storefront__order_lines.sql"


@pytest.fixture(scope="module")
def as_it_stands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which nothing is to be written."""
    folder = tmp_path_factory.mktemp("written_once")
    for part in ("data_contracts", "dbt_project/models", "dbt_project/macros", "docs/data_dictionary"):
        shutil.copytree(PROJECT / part, folder / part)
    assert write_generated(folder) == ([], [])
    return folder


@pytest.fixture
def project(as_it_stands: Path, tmp_path: Path) -> Path:
    return shutil.copytree(as_it_stands, tmp_path, dirs_exist_ok=True)


def change(project: Path, name: str, old: str, new: str) -> None:
    path = project / name
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    path.write_text(text.replace(old, new))


def follows(project: Path) -> set[str]:
    """The files that `make contracts` writes or removes, by their paths in the project."""
    written, removed = write_generated(project)
    assert write_generated(project) == ([], [])
    return {str(path.relative_to(project)) for path in [*written, *removed]}


def models(project: Path, name: str) -> dict[str, dict[str, Any]]:
    """The columns of each model of a generated YAML file, by name."""
    told = yaml.safe_load((project / "dbt_project" / "models" / name).read_text())["models"]
    return {model["name"]: {column["name"]: column for column in model["columns"]} for model in told}


def test_a_canonical_description_shows_in_every_source_that_brings_the_entity(project: Path) -> None:
    text = "Where the order was placed: web, app, mini_program; null where the source does not say."
    change(project, "data_contracts/canonical/orders.yaml", text, "The door that the order came in by.")
    conformed = {
        source: f"dbt_project/models/conformed/{source}/_{source}__conformed.yml"
        for source in ("online_retail", "storefront")
    }
    page = "docs/data_dictionary/entities/orders.md"
    assert follows(project) == {*conformed.values(), page}
    for source, name in conformed.items():
        column = models(project, f"conformed/{source}/{Path(name).name}")[f"cnf_{source}__orders"]["sales_channel"]
        assert column["description"] == "The door that the order came in by."
    assert "The door that the order came in by." in (project / page).read_text()


def test_a_delivered_columns_description_shows_from_the_raw_table_to_staging(project: Path) -> None:
    change(project, LINES, "description: List price of one unit.", "description: What a unit costs by the list.")
    source = "dbt_project/models/staging/storefront/_storefront__"
    assert follows(project) == {
        f"{source}sources.yml",
        f"{source}staging.yml",
        "docs/data_dictionary/sources/storefront.md",
    }
    column = models(project, "staging/storefront/_storefront__staging.yml")["stg_storefront__order_lines"]["unit_price"]
    assert column == {
        "name": "unit_price",
        "data_type": "decimal(18, 4)",
        "description": "What a unit costs by the list.",
    }


def test_another_name_in_staging_is_all_that_renames(project: Path) -> None:
    change(project, LINES, "            value: unit_price\n", "            value: list_price\n")
    assert follows(project) == {STAGED, "dbt_project/models/staging/storefront/_storefront__staging.yml"}
    assert "        unit_list_price as list_price,\n" in (project / STAGED).read_text()


def test_a_source_more_changes_no_file_that_stands(project: Path) -> None:
    before = {path: path.read_text() for path in project.rglob("*") if path.is_file()}
    for part in ("data_contracts", "dbt_project"):
        shutil.copytree(EXAMPLE / part, project / part, dirs_exist_ok=True)
    assert {name.rsplit("/", 1)[1] for name in follows(project)} == {
        *("_marketplace__sources.yml", "_marketplace__staging.yml", "_marketplace__conformed.yml", "marketplace.md"),
        *("stg_marketplace__sold_lines.sql", "stg_marketplace__row_versions.sql"),
    }
    assert {path: path.read_text() for path in before} == before


def test_an_entity_and_a_domain_more_change_no_file_that_stands(project: Path) -> None:
    before = {path: path.read_text() for path in project.rglob("*") if path.is_file()}
    entity = (project / "data_contracts/canonical/payments.yaml").read_text()
    (project / "data_contracts/canonical/visits.yaml").write_text(entity.replace("entity: payments", "entity: visits"))
    outputs = project / "data_contracts" / "outputs"
    text = (outputs / "ml_inventory__demand_totals.odcs.yaml").read_text()
    (outputs / "ml_weather__demand_totals.odcs.yaml").write_text(
        text.replace("ml_inventory__", "ml_weather__").replace("domain: inventory", "domain: weather")
    )
    assert follows(project) == {
        "docs/data_dictionary/entities/visits.md",
        "docs/data_dictionary/domains/weather.md",
        "dbt_project/models/published/weather/_weather__outputs.yml",
    }
    assert {path: path.read_text() for path in before} == before


def test_what_no_contract_asks_for_any_more_goes_and_what_is_written_by_hand_stays(project: Path) -> None:
    shutil.rmtree(project / "data_contracts" / "sources" / "online_retail")
    (project / LINES).unlink()
    gone = follows(project)
    assert STAGED in gone and not (project / STAGED).exists()
    assert "docs/data_dictionary/sources/online_retail.md" in gone
    assert (project / HAND).read_text() == (PROJECT / HAND).read_text()


def test_a_conformed_model_without_words_of_its_own_has_the_entitys(project: Path) -> None:
    folder = project / "dbt_project" / "models" / "conformed" / "storefront"
    told = {
        model["name"]: model for model in yaml.safe_load((folder / "_storefront__conformed.yml").read_text())["models"]
    }
    assert told["cnf_storefront__payments"]["description"] == "One row per payment received by the storefront."
    path = folder / "cnf_storefront__payments.sql"
    path.write_text(path.read_text().split("-#}\n", 1)[1])
    write_generated(project)
    told = {
        model["name"]: model for model in yaml.safe_load((folder / "_storefront__conformed.yml").read_text())["models"]
    }
    assert told["cnf_storefront__payments"]["description"] == "One row per payment received."


def test_a_conformed_model_of_no_entity_is_refused_before_anything_is_written(project: Path) -> None:
    (project / "dbt_project/models/conformed/storefront/cnf_storefront__moods.sql").write_text("select 1 as x\n")
    change(project, LINES, "description: List price of one unit.", "description: Other words.")
    before = (project / "docs/data_dictionary/sources/storefront.md").read_text()
    with pytest.raises(ContractError, match=r"cnf_storefront__moods.sql: there is no canonical entity 'moods'"):
        write_generated(project)
    assert (project / "docs/data_dictionary/sources/storefront.md").read_text() == before


def test_a_model_that_is_described_a_second_time_is_refused(project: Path) -> None:
    path = project / "dbt_project/models/conformed/storefront/cnf_storefront__payments.yml"
    path.write_text("version: 2\nunit_tests: []\n")
    assert follows(project) == set()
    path.write_text("version: 2\nmodels:\n  - name: cnf_storefront__payments\n")
    with pytest.raises(ContractError, match=r"conformed/storefront/cnf_storefront__payments.yml: it describes a model"):
        render_generated(project)


# Staging ----------------------------------------------------------------------------------------------------------


def contract(*columns: dict[str, Any]) -> Any:
    """A contract `till/lines` with these columns: name, type, and custom properties."""
    logical = {"VARCHAR": "string", "TIMESTAMP": "timestamp", "INTEGER": "integer"}
    properties = []
    for given in columns:
        kind = given.get("type", "VARCHAR")
        custom = {"personalData": "none"} | {key: given[key] for key in ("stagedAs", "stagedTrimmed") if key in given}
        options: dict[str, Any] = {"maxLength": 9} if kind == "VARCHAR" else {}
        if kind == "TIMESTAMP":
            options = {"format": "yyyy-MM-dd HH:mm:ss", "timezone": False, "defaultTimezone": "Europe/London"}
        properties.append(
            {
                "name": given["name"],
                "logicalType": logical[kind],
                "physicalType": kind,
                "description": "What it is.",
                "logicalTypeOptions": options,
                "customProperties": [{"property": key, "value": value} for key, value in custom.items()],
            }
        )
    table = {
        "name": "lines",
        "physicalName": "till__lines",
        "physicalType": "file",
        "description": "Lines.",
        "dataGranularityDescription": "One row per line.",
        "customProperties": [
            {"property": "fileFormat", "value": {"format": "jsonl"}},
            {"property": "rowKey", "value": [columns[0]["name"]]},
        ],
        "properties": properties,
    }
    head = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1.0.0", "status": "active"}
    about = {"dataProduct": "till", "description": {"purpose": "Lines."}, "schema": [table]}
    return check_source_contract(Path("till/lines.odcs.yaml"), head | about)


def test_staging_gives_each_column_its_name() -> None:
    made = contract(
        {"name": "UnitPrice"},
        {"name": "CustomerID"},
        {"name": "sku", "stagedAs": "product_id"},
        {"name": "City", "stagedTrimmed": True},
        {"name": "note", "stagedAs": None},
        {"name": "order", "stagedAs": "order_no"},
        {"name": "quantity", "type": "INTEGER"},
    )
    lines = render_staging_sql(made).split("    select\n")[1].split("\n    from source")[0].split(",\n")
    assert [line.strip() for line in lines] == [
        "UnitPrice as unit_price",
        "CustomerID as customer_id",
        "sku as product_id",
        "nullif(trim(City), '') as city",
        '"order" as order_no',
        "quantity",
        "_event_date as event_date",
        "_arrival_date as arrival_date",
        "_delivery_id as delivery_id",
        "_contract_version as contract_version",
        "_batch_id as batch_id",
    ]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([{"name": "order"}], "order: staging cannot call it order"),
        ([{"name": "a"}, {"name": "b", "stagedAs": "a"}], "b: staging cannot call it a"),
        ([{"name": "event_date"}], "staging cannot call it event_date"),
        ([{"name": "a", "stagedAs": "No Name"}], "'No Name' is no name of a model's column"),
        ([{"name": "a", "stagedAs": 3}], "'3' is no name of a model's column"),
        ([{"name": "a", "type": "INTEGER", "stagedTrimmed": True}], "a cannot be trimmed so"),
        ([{"name": "a", "stagedTrimmed": "yes"}], "a cannot be trimmed so"),
    ],
)
def test_what_staging_cannot_be_called_is_refused(columns: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        render_staging_sql(contract(*columns))


def test_what_is_stored_is_told_where_it_differs_from_what_is_delivered(project: Path) -> None:
    told = models(project, "staging/storefront/_storefront__staging.yml")
    customers = {name: column["description"] for name, column in told["stg_storefront__customers"].items()}
    assert customers["email_hash"] == "Keyed digest of what is delivered: E-mail address of the account."
    assert customers["updated_at"] == "When this version was written, local time of the shop. Here in UTC."
    assert customers["city"].endswith("Trimmed; null where it is empty.")
    assert "full_name" not in customers
    shipped = models(project, "staging/warehouse/_warehouse__staging.yml")["stg_warehouse__shipments"]
    assert shipped["created_at"]["description"] == "When the parcel was made, UTC."


def test_a_model_written_by_hand_is_described_by_what_it_selects(project: Path) -> None:
    file = "staging/online_retail/_online_retail__staging.yml"
    change(
        project,
        HAND,
        "        Country as country,\n",
        "        Country as country,\n        {{ shop_date('InvoiceDate') }} as rate_date,\n",
    )
    change(
        project,
        "dbt_project/models/columns.md",
        "{% docs event_date %}",
        "{% docs rate_date %}\nA day.\n{% enddocs %}\n\n{% docs event_date %}",
    )
    assert follows(project) == {f"dbt_project/models/{file}"}
    found = models(project, file)["stg_online_retail__transactions"]
    kinds = {name: column["data_type"] for name, column in found.items()}
    assert list(kinds)[:4] == ["order_line_id", "order_id", "product_id", "stock_code"]
    assert (kinds["rate_date"], kinds["unit_price"], kinds["invoiced_at"]) == ("date", "decimal(18, 4)", "timestamp")
    # Only renamed: the contract's words. Made of it: those that models share.
    assert found["order_id"]["description"].startswith("Number of the invoice: six digits")
    assert found["customer_id"]["description"] == '{{ doc("customer_id") }}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Country as land,", "land: nothing describes it.*add {% docs land %}"),
        ("Land as country,", r"its columns cannot be read \(Binder Error"),
        ("{{ no_macro('Country') }} as country,", "its columns cannot be read .*no_macro"),
    ],
)
def test_a_model_written_by_hand_that_says_too_little_is_refused(project: Path, line: str, said: str) -> None:
    change(project, HAND, "Country as country,", line)
    with pytest.raises(ContractError, match=said):
        render_generated(project)


CONFORMED = "dbt_project/models/conformed/storefront/cnf_storefront__orders.sql"


@pytest.mark.parametrize("name", ["dbt_project/models/columns.md", HAND, STAGED, CONFORMED])
def test_a_file_that_is_no_text_is_told_in_one_line_and_nothing_is_written(project: Path, name: str) -> None:
    (project / LINES).write_text((project / LINES).read_text().replace("quantity", "pieces"))
    before = (project / STAGED).read_bytes()
    with (project / name).open("ab") as file:
        file.write(b"\xff")
    with pytest.raises(ContractError, match=rf"{Path(name).name}: the file is not UTF-8"):
        write_generated(project)
    assert (project / STAGED).read_bytes().removesuffix(b"\xff") == before


def test_whatever_a_models_template_raises_is_told_in_one_line(project: Path) -> None:
    change(project, HAND, "select * from final", "select {{ 1 / 0 }} from final")
    with pytest.raises(ContractError, match=r"its columns cannot be read .division by zero.") as told:
        write_generated(project)
    assert "\n" not in str(told.value)


def test_where_a_file_cannot_be_written_none_is_removed_and_the_next_call_goes_on(project: Path) -> None:
    change(project, "data_contracts/canonical/orders.yaml", "Where the order was placed", "The door")
    shutil.rmtree(project / "data_contracts" / "sources" / "warehouse")
    shutil.rmtree(project / "dbt_project" / "models" / "conformed" / "warehouse")
    gone = project / "docs" / "data_dictionary" / "sources" / "warehouse.md"
    place = project / "docs" / "data_dictionary" / "entities" / "orders.md"
    place.unlink()
    place.mkdir()
    with pytest.raises(ContractError, match=r"orders\.md: it cannot be written"):
        write_generated(project)
    assert gone.exists()
    place.rmdir()
    follows(project)
    assert not gone.exists() and place.is_file()
