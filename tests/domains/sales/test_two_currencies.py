"""The simulated shop's sources in the same core: money to the fourth decimal, restated days, late rates."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from pipelines.settings.environment import PROJECT_ROOT, load_settings
from pipelines.settings.home import Home
from tests.domains.sales.two_currencies import DAYS, FIRST, LATE_RATE, PARTS, make_history, write_drops
from tests.lean_runs import lean
from tests.shop_under_test import ShopUnderTest

pytestmark = pytest.mark.slow

SEED = 4


def simulated(folder: Path) -> ShopUnderTest:
    """The simulated shop with the small history in its drops.

    What names a person is a digest by the time the marts read it; here it stands as the pseudonym that it becomes.
    """
    folder.mkdir(parents=True)
    contracts = shutil.copytree(PROJECT_ROOT / "data_contracts", folder / "contracts")
    for path in contracts.glob("sources/*/*.odcs.yaml"):
        path.write_text(path.read_text().replace("value: direct", "value: pseudonym"))
    settings = load_settings("simulated", folder / "home", environment={"ALMANAC_CONTRACTS_DIR": str(contracts)})
    shop = settings.shop.model_copy(update={"first_day": FIRST})
    settings = dataclasses.replace(settings, shop=shop, home=Home(settings.home.path))
    settings.home.prepare(shop.name)
    write_drops(make_history(SEED), settings)
    return ShopUnderTest(settings)


@lean()
def test_two_runs_equal_one_and_the_truth(tmp_path: Path) -> None:
    in_two, at_once = simulated(tmp_path / "in_two"), simulated(tmp_path / "at_once")
    assert in_two.run("backfill", DAYS[0], DAYS[2]).success
    # Orders of the day whose rate has not come are counted, and nothing else is taken for their amount.
    missing = in_two.query(
        f"""select n_orders_without_rate > 0, n_orders_without_rate = (
            select count(*) from fct_orders
            where ordered_date = '{LATE_RATE}' and order_currency = 'USD' and total_amount is null
        ) from rpt_sales_kpi_daily where calendar_date = '{LATE_RATE}'"""
    )
    assert missing == [(True, True)]
    assert in_two.run("backfill", DAYS[3], DAYS[-1]).success
    assert in_two.query(
        "select count(*) from fct_orders as r join fct_orders as o on r.original_order_id = o.order_id "
        "where r.customer_id is distinct from o.customer_id"
    ) == [(0,)], "a refund is the customer's whom the order names now"
    assert at_once.run("backfill", DAYS[0], DAYS[-1]).success
    assert in_two.digests == at_once.digests

    truth = make_history(SEED).money
    columns = ", ".join(f"abs({part}_amount)" for part in PARTS)
    found = at_once.query(f"select calendar_date, {columns} from rpt_sales_margin_daily order by calendar_date")
    assert found == [(day, *(abs(truth[day][part]) for part in PARTS)) for day in DAYS]
    assert at_once.query("select sum(n_orders_without_rate)::int from rpt_sales_kpi_daily") == [(0,)]
