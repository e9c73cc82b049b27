"""A shop has what its sources bring, and nothing empty beside it; one home through every such change.

The source is that of examples/contributing, whose orders are taken away, exchanged for shipments, and given back. What
a shop lacks is absent everywhere: among the assets, in the working file, in the version; a refresh goes on without it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.contracts.generated import render_dbt_files, write_files
from pipelines.settings.environment import PROJECT_ROOT
from pipelines.settings.shop import SourceTable
from tests.lean_runs import lean
from tests.shop_under_test import ShopUnderTest, shop_maker

pytestmark = pytest.mark.slow

EXAMPLE = PROJECT_ROOT / "examples" / "contributing" / "source"
DAYS = [dt.date(2011, 12, day) for day in (5, 6)]
OTHERS = ("online_retail", "storefront", "warehouse")
HEADER = ["sale_no", "line_no", "sold_at", "article", "title", "quantity", "unit_price", "country"]
# What every shop has: what arrived, and its calendar.
ALWAYS = {
    "dim_dates",
    "rpt_quality_model_scores",
    "rpt_quality_reasons_daily",
    "rpt_quality_rows_daily",
    "rpt_quality_scorecard",
}
SHIPMENTS = """{{ config(enabled='marketplace' in var('sources')) }}

select
    'marketplace' as source_system,
    order_id as shipment_id,
    order_id,
    cast(null as string) as location_id,
    cast(null as string) as carrier,
    'created' as shipment_status,
    sold_at as created_at,
    event_date as created_date,
    cast(null as timestamp) as promised_at,
    cast(null as timestamp) as handed_over_at,
    cast(null as timestamp) as delivered_at,
    cast(null as decimal(18, 4)) as shipping_cost_amount,
    cast(null as string) as amount_currency,
    delivery_id,
    contract_version,
    batch_id
from {{ ref('stg_marketplace__sold_lines') }}
"""


class Shop(ShopUnderTest):
    """A shop whose one source may bring these entities or others."""

    @property
    def conformed(self) -> Path:
        return self.settings.dbt_project_dir / "models" / "conformed" / "marketplace"

    def bring(self, *entities: str) -> None:
        """Let the source have conformed models of just these entities."""
        shutil.rmtree(self.conformed, ignore_errors=True)
        self.conformed.mkdir()
        for entity in entities:
            for file in (EXAMPLE / "dbt_project/models/conformed/marketplace").glob(f"*__{entity}.*"):
                shutil.copy2(file, self.conformed)
        if "shipments" in entities:
            (self.conformed / "cnf_marketplace__shipments.sql").write_text(SHIPMENTS)
        write_files(render_dbt_files(self.settings.project_root))

    def sell(self, day: dt.date) -> None:
        text = io.StringIO(newline="")
        sold = [
            [f"S{day.day:02}000{n}", "1", f"{day} 10:0{n}:00", f"MUG{n}", f"Mug {n}", n, "2.50", "Spain"]
            for n in (1, 2, 3)
        ]
        csv.writer(text, lineterminator="\n").writerows([HEADER, *sold])
        file = self.settings.home.drops / "marketplace" / "sold_lines" / f"{day}" / "day.csv"
        file.parent.mkdir(parents=True)
        file.write_text(text.getvalue())

    def refresh(self) -> None:
        outcome = self.run("refresh", DAYS[-1])
        assert outcome.success, outcome.errors

    def load(self) -> None:
        """Both days, in one run."""
        for day in DAYS:
            self.sell(day)
        outcome = self.run("backfill", *DAYS)
        assert outcome.success, outcome.errors

    @property
    def published(self) -> set[str]:
        return {*self.manifest["tables"]}

    @property
    def relations(self) -> set[str]:
        """What lies in the working file below the marts, statements and published views."""
        return {
            name
            for (name,) in self.ledger(
                """select table_schema || '.' || table_name from information_schema.tables
                where table_schema in ('core', 'marts', 'published', 'ml', 'act')"""
            )
        }

    @property
    def stated(self) -> set[str]:
        return {name for (name,) in self.ledger("select distinct statement from ledger.statements")}


@pytest.fixture(scope="module", autouse=True)
def _lean() -> Iterator[None]:
    with lean():
        yield


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = shop_maker(tmp_path_factory.mktemp("lacking"))(
        own_code=True, first_day=DAYS[0], sources={"marketplace": {"sold_lines": SourceTable()}}
    )
    shop = Shop(made.settings)
    root = shop.settings.project_root
    for part in ("data_contracts", "dbt_project"):
        shutil.copytree(EXAMPLE / part, root / part, dirs_exist_ok=True)
    for part in ("data_contracts/sources", "dbt_project/models/staging", "dbt_project/models/conformed"):
        for folder in (root / part).iterdir():
            if folder.name in OTHERS:  # none of it is in this shop, and each of its entities would parse it once more
                shutil.rmtree(folder)
    return shop


def test_a_shop_without_any_entity_tells_what_arrived(shop: Shop) -> None:
    shop.bring()
    shop.load()
    assert shop.published == ALWAYS
    assert shop.query("select arrival_date, accepted_rows, verdict from rpt_quality_rows_daily order by 1") == [
        (day, 3, "accepted") for day in DAYS
    ]
    assert shop.query("select count(*) from rpt_quality_model_scores") == [(0,)]
    assert {name for name in shop.relations if name.startswith(("ml.", "act."))} == set()
    assert shop.stated == set()


def test_shipments_alone_bring_shipments_alone(shop: Shop) -> None:
    shop.bring("shipments")
    shop.refresh()
    assert shop.published == ALWAYS | {"fct_shipments"}
    assert shop.query("select count(*), count(distinct created_date) from fct_shipments") == [(6, 2)]
    assert shop.stated == set()


def test_orders_bring_marts_statements_and_reports_on_them(shop: Shop) -> None:
    shop.bring("orders", "order_lines", "products")
    shop.refresh()
    assert shop.published >= ALWAYS | {"fct_orders", "dim_products", "rpt_sales_kpi_daily", "rpt_customers_segments"}
    assert not {"fct_shipments", "dim_customers", "rpt_sales_margin_daily"} & shop.published
    assert "core.fct_shipments" not in shop.relations
    assert shop.query("select sum(n_orders) from rpt_sales_kpi_daily") == [(6,)]
    assert shop.stated == {"customer_segments", "customer_value", "demand_forecast", "forecast_accuracy"}


def test_without_products_no_forecast_and_what_else_there_is_goes_on(shop: Shop) -> None:
    """The forecast needs dim_products, and its accuracy the forecast: a chain."""
    whole = shop.published
    shop.bring("orders", "order_lines")
    shop.refresh()
    assert whole - shop.published == {
        *("dim_products", "rpt_inventory_demand_forecast", "rpt_inventory_product_watch"),
        "rpt_inventory_forecast_accuracy",
    }
    assert shop.stated == {"customer_segments", "customer_value"}
    assert {name for name in shop.relations if "inventory" in name} == set()
    models = {name for (name,) in shop.query("select distinct model from rpt_quality_model_scores")}
    assert models <= {"customer_segments", "customer_value"}


def test_a_domain_that_is_off_is_absent_and_the_others_stay(shop: Shop) -> None:
    shop.bring("orders", "order_lines", "products")
    on = shop.settings
    off = on.shop.model_copy(update={"domains": {"customers": False}})
    shop.settings = type(on)(**{**vars(on), "shop": off})
    shop.refresh()
    assert not [name for name in shop.published if name.startswith("rpt_customers_")]
    assert not [name for name in shop.relations if "customers__" in name or name.startswith("marts.customer")]
    assert shop.stated == {"demand_forecast", "forecast_accuracy"}
    assert "rpt_sales_kpi_daily" in shop.published
    shop.settings = on


def test_what_comes_back_is_as_if_it_had_never_been_away(shop: Shop, tmp_path: Path) -> None:
    shop.bring("orders", "order_lines", "products")
    shop.refresh()
    back = shop.digests
    never = shop_maker(tmp_path)(first_day=DAYS[0], sources=shop.settings.shop.sources)
    clean = Shop(type(never.settings)(**{**vars(never.settings), "project_root": shop.settings.project_root}))
    clean.load()
    # Which forecasts an earlier day made is history, which a statement that was away has not.
    assert back == clean.digests
    assert shop.relations == clean.relations
