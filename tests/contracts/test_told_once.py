"""What nobody would notice is refused by `make contracts`: a second description, wherever it lies, and none at all; a
file that nothing reads; a model without its entity's columns; a generated model that no longer says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.contracts.canonical import load_vocabulary
from pipelines.contracts.control_totals import check_entities
from pipelines.contracts.described import refuse_told_twice
from pipelines.contracts.errors import ContractError
from pipelines.contracts.generated import render_generated, write_generated
from pipelines.contracts.odcs import load_source_contracts
from pipelines.contracts.published import render_published
from pipelines.contracts.released import contract_files
from tests.contracts.conftest import change

pytestmark = pytest.mark.slow

MODELS = "dbt_project/models"
STAGED = f"{MODELS}/staging/storefront/stg_storefront__order_lines.sql"


@pytest.fixture(scope="module")
def generated(standing: Path) -> dict[Path, str]:
    """What is generated for `standing`, into which a test puts a file for as long as it looks."""
    return render_generated(standing)


def refused(project: Path) -> str:
    """What `make contracts` says, in one line; and that it has changed nothing."""
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    with pytest.raises(ContractError) as told:
        write_generated(project)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
    assert "\n" not in str(told.value)
    return str(told.value)


def put(project: Path, name: str, text: str) -> Path:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@contextmanager
def holding(project: Path, name: str, text: str | None) -> Iterator[None]:
    """The project with this text in the file, or without the file."""
    path = project / name
    before = path.read_text() if path.is_file() else None
    path.unlink() if text is None else put(project, name, text)
    try:
        yield
    finally:
        path.unlink(missing_ok=True) if before is None else path.write_text(before)


def published(project: Path) -> dict[str, str]:
    return render_published(project / MODELS, load_vocabulary(project / "data_contracts" / "vocabulary.yaml"))


@pytest.mark.parametrize(
    ("name", "described", "other"),
    [
        # Generated from the entity, the contract of a table, the contracts of a source.
        (
            "conformed/storefront/cnf_storefront__payments.yml",
            "cnf_storefront__payments",
            "conformed/storefront/_storefront__conformed.yml",
        ),
        ("staging/storefront/own.yaml", "stg_storefront__orders", "staging/storefront/_storefront__staging.yml"),
        ("staging/deep/down/own.yml", "stg_storefront__row_versions", "staging/storefront/_storefront__staging.yml"),
        ("marts/sales/own.yaml", "cnf_warehouse__shipments", "conformed/warehouse/_warehouse__conformed.yml"),
        # Written by hand: readers would get the contract of one of the two.
        ("core/deep/own.yaml", "fct_orders", "core/fct_orders.yml"),
        ("published/sales/own.yaml", "rpt_sales_kpi_daily", "published/sales/rpt_sales_kpi_daily.yml"),
        ("marts/sales/own.yaml", "kpi_daily", "marts/sales/kpi_daily.yml"),
    ],
)
def test_a_second_description_of_a_model_is_refused_wherever_it_lies(
    standing: Path, generated: dict[Path, str], name: str, described: str, other: str
) -> None:
    models = standing / MODELS
    with holding(standing, f"{MODELS}/{name}", "unit_tests: []\n"):
        refuse_told_twice(generated, models)
    with (
        holding(standing, f"{MODELS}/{name}", f"models: [{{name: {described}}}]\n"),
        pytest.raises(ContractError) as told,
    ):
        refuse_told_twice(generated, models)
    assert all(part in str(told.value) for part in (name, described, other))


def test_a_second_description_of_a_raw_table_is_refused(standing: Path, generated: dict[Path, str]) -> None:
    text = "sources: [{name: raw, tables: [{name: storefront__orders}]}]\n"
    other = "staging/storefront/_storefront__sources.yml"
    with (
        holding(standing, f"{MODELS}/marts/own.yaml", text),
        pytest.raises(ContractError, match=f"marts/own.yaml: it describes raw.storefront__orders, and {other} does"),
    ):
        refuse_told_twice(generated, standing / MODELS)


def test_nothing_is_changed_where_something_is_refused(project: Path) -> None:
    file = put(project, f"{MODELS}/marts/own.yaml", "models: [{name: stg_storefront__orders}]\n")
    assert "marts/own.yaml: it describes stg_storefront__orders" in refused(project)
    file.unlink()
    put(project, "data_contracts/sources/storefront/more.odcs.yml", "{}\n")
    assert "more.odcs.yml: nothing reads a file of this name" in refused(project)


@pytest.mark.parametrize("name", ["staging/storefront/own.yaml", "marts/sales/deep/own.yml"])
def test_direct_personal_data_is_refused_in_any_file_that_dbt_reads(standing: Path, name: str) -> None:
    text = "models: [{name: own, columns: [{name: email, config: {meta: {personal_data: direct}}}]}]\n"
    with (
        holding(standing, f"{MODELS}/{name}", text),
        pytest.raises(ContractError, match=r"own\.email: no model may hold direct personal data"),
    ):
        published(standing)


def test_what_is_described_in_a_folder_below_or_with_the_other_ending_has_its_contract(project: Path) -> None:
    folder = project / MODELS / "published" / "sales"
    (folder / "deep").mkdir()
    before = published(project)
    for ending in ("yml", "sql"):
        (folder / f"rpt_sales_kpi_daily.{ending}").rename(folder / "deep" / f"rpt_sales_kpi_daily.{ending}")
    (folder / "rpt_sales_margin_daily.yml").rename(folder / "rpt_sales_margin_daily.yaml")
    assert published(project) == before


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("core/fct_orders", ""),
        ("core/dim_products", "version: 2\nunit_tests: []\n"),
        ("published/sales/rpt_sales_kpi_daily", "version: 2\n"),
        ("published/quality/rpt_quality_scorecard", None),
    ],
)
def test_of_a_published_model_that_is_not_described_something_is_said(
    standing: Path, model: str, text: str | None
) -> None:
    with (
        holding(standing, f"{MODELS}/{model}.yml", text),
        pytest.raises(ContractError, match=rf"{model}\.sql: readers see it, and no YAML in"),
    ):
        published(standing)


def test_a_report_outside_its_domains_folder_is_refused(standing: Path) -> None:
    with (
        holding(standing, f"{MODELS}/marts/sales/rpt_sales_more.sql", "select 1 as x\n"),
        pytest.raises(ContractError, match=r"rpt_sales_more.sql: readers see it, and no YAML in published/<domain>/"),
    ):
        published(standing)
    with (
        holding(standing, f"{MODELS}/published/own.yml", "models: [{name: rpt_sales_more}]\n"),
        pytest.raises(ContractError, match=r"published/own.yml: it lies in no domain's folder"),
    ):
        published(standing)


@pytest.mark.parametrize(
    "name",
    [
        "sources/storefront/orders_more.odcs.yml",
        "sources/storefront/orders_more.yaml",
        "sources/storefront/deep/orders.odcs.yaml",
        "sources/orders.odcs.yaml",
        "canonical/visits.yml",
        "canonical/deep/visits.yaml",
        "outputs/ml_sales__x.odcs.yml",
        "published/deep/fct_x.odcs.yaml",
    ],
)
def test_a_contract_that_nothing_would_read_is_refused(standing: Path, name: str) -> None:
    said = f"{name}: nothing reads a file of this name; move it to a place as {name.split('/')[0]}/"
    with holding(standing, f"data_contracts/{name}", "{}\n"), pytest.raises(ContractError, match=said):
        contract_files(standing / "data_contracts")


def test_a_control_total_of_no_entity_is_refused(standing: Path) -> None:
    sources = standing / "data_contracts" / "sources"
    contracts = load_source_contracts(sources)
    assert {entity for contract in contracts if (entity := contract.control_entity)} == {"order_lines"}
    with pytest.raises(ContractError, match=r"transactions\.odcs\.yaml: .*controlEntity: there is no canonical entity"):
        check_entities(sources, contracts, {"orders", "payments"})


# An entity's columns ----------------------------------------------------------------------------------------------


def test_a_column_more_of_an_entity_is_told_of_every_model_that_lacks_it(project: Path) -> None:
    file = project / "data_contracts/canonical/orders.yaml"
    more = "".join(f"- {{name: {name}, type: string, description: X.}}\n" for name in ("gift_note", "door"))
    file.write_text(file.read_text().replace("columns:\n", f"columns:\n{more}"))
    models = [f"cnf_{source}__orders.sql" for source in ("online_retail", "storefront")]
    first, second = (f"{model} lacks gift_note, door" for model in models)
    assert f"canonical/orders.yaml: {first}; {second}; select these columns there" in refused(project)
    # A column that is read on the way, and not selected, is none of the model's.
    path = project / MODELS / "conformed" / "storefront" / models[1]
    head, _, final = path.read_text().rpartition("final as (")
    head = head.replace("with\n", "with\n\ndoors as (select 'x' as door),\n", 1)
    final = final.replace("delivery_id,", "'x' as gift_note, delivery_id,")
    path.write_text(f"{head}final as ({final}")
    assert f"canonical/orders.yaml: {first}; {models[1]} lacks door; select" in refused(project)


def test_a_model_that_reads_what_only_dbt_knows_is_left_to_it(project: Path) -> None:
    path = f"{MODELS}/conformed/storefront/cnf_storefront__prices.sql"
    change(project, path, "ref('stg_storefront__prices')", "ref('a_seed')")
    assert write_generated(project) == ([], [])


def test_a_conformed_model_below_its_sources_folder_is_refused(project: Path) -> None:
    folder = project / MODELS / "conformed" / "storefront"
    (folder / "deep").mkdir()
    (folder / "cnf_storefront__prices.sql").rename(folder / "deep" / "cnf_storefront__prices.sql")
    assert "conformed/storefront/deep/cnf_storefront__prices.sql: it lies in no source's folder" in refused(project)


# The mark of what is generated ------------------------------------------------------------------------------------


def test_a_generated_model_that_lost_its_mark_is_told(project: Path) -> None:
    text = (project / STAGED).read_text()
    body = text.split("-#}\n", 1)[1]
    for lost in (body, f"-- Lines.\n{body}"):
        put(project, STAGED, lost)
        assert f"{Path(STAGED).name}: its first comment says neither" in refused(project)
    put(project, STAGED, "{#- One row per line. -#}\n" + body.replace("\n\n", "\n"))
    assert f"{Path(STAGED).name}: it is what is generated, but for its first comment" in refused(project)
    # With logic of its own it is written by hand, and left alone.
    own = "{#- One row per line. -#}\n" + body.replace("where _is_current", "where _is_current and line_no > 0")
    put(project, STAGED, own)
    write_generated(project)
    assert (project / STAGED).read_text() == own
    (project / STAGED).unlink()
    write_generated(project)
    assert (project / STAGED).read_text() == text


@pytest.mark.parametrize("columns", ["3", "[a]", "[{description: b}]", "{a: b}"])
def test_columns_that_are_no_list_of_columns_are_refused(standing: Path, columns: str) -> None:
    with holding(standing, f"{MODELS}/marts/sales/_more.yml", f"models: [{{name: not_there, columns: {columns}}}]"):
        assert refused(standing).startswith("_more.yml: not_there: its columns are no list of mappings with a name")
