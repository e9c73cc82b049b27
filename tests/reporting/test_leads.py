"""What the sections say in a sentence, against the tables."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import duckdb
import pytest

from pipelines.domains.customers.report.drivers import in_words
from tests.reporting.pages import TEXTS, drawn_of, figures_of, section_of, speaks, told_in
from tests.reporting.published_file import AS_OF, published_file

SPEAKS = speaks("en")
METHODS = [key.partition(".")[2] for key in TEXTS if key.startswith("method.")]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = published_file(days=200)
    con.execute("update rpt_inventory_product_watch set forecast_28 = units_last_28 where product_id = 'P4'")
    con.execute(
        """update rpt_customers_retention set is_mature = true, n_active = 7, retention_rate = .1
        where age_months = 1 and cohort_month = (select max(cohort_month) from rpt_customers_retention)"""
    )
    return con


def row(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return con.execute(sql).fetchall()[0]


def said(key: str, **values: object) -> str:
    return TEXTS[key].en.format(**values)


def test_revenue_ahead_is_set_against_as_many_days_behind(con: duckdb.DuckDBPyConnection) -> None:
    ahead = row(con, "select sum(mean), count(*) from rpt_inventory_demand_forecast where series_kind = 'revenue'")
    since = AS_OF - dt.timedelta(days=int(ahead[1]) - 1)
    behind = row(con, f"select sum(net_revenue_amount) from rpt_sales_kpi_daily where calendar_date >= '{since}'")
    told = {"horizon": 28, "mean": SPEAKS.money(ahead[0]), "before": SPEAKS.money(behind[0])}
    assert said("revenue.lead", **told) in told_in(con, "revenue")
    assert "expected in total. " in told_in(published_file(days=20), "revenue")


def test_an_older_forecast_is_called_so(con: duckdb.DuckDBPyConnection) -> None:
    late = published_file(days=60)
    late.execute("update rpt_inventory_demand_forecast set as_of_date = as_of_date - 2")
    day = AS_OF - dt.timedelta(days=2)
    assert said("revenue.older_forecast", day=day) in told_in(late, "revenue")
    assert said("revenue.older_forecast", day=AS_OF) not in told_in(con, "revenue")


def test_return_of_new_customers_leaves_out_who_is_not_new(con: duckdb.DuckDBPyConnection) -> None:
    active, size = row(
        con,
        """select sum(n_active), sum(cohort_size) from rpt_customers_retention
        where age_months = 1 and is_mature and not is_left_censored""",
    )
    told = told_in(con, "cohorts")
    assert said("cohorts.lead", rate=SPEAKS.percent(active / size)) in told
    assert TEXTS["cohorts.censored"].en in told


def test_the_first_segment_is_the_one_that_brings_most(con: duckdb.DuckDBPyConnection) -> None:
    name, customers, sales = row(
        con, "select segment, customer_share, sales_share from rpt_customers_segments order by sales_share desc limit 1"
    )
    told = {"segment": SPEAKS.label("segment", name), "customers": SPEAKS.percent(customers)}
    assert said("segments.lead", sales=SPEAKS.percent(sales), **told) in told_in(con, "segments")
    assert said("segments.flip", rate="2.1%") in told_in(con, "segments")


def test_customer_value_is_summed(con: duckdb.DuckDBPyConnection) -> None:
    amounts = sorted(
        (r[0] for r in con.execute("select expected_amount from rpt_customers_values").fetchall()), reverse=True
    )
    (alive,) = row(con, "select sum(probability_alive) from rpt_customers_values")
    told = told_in(con, "value")
    share = sum(amounts[: len(amounts) // 10]) / sum(amounts)
    values = {"customers": len(amounts), "share": SPEAKS.percent(share, 0)}
    assert said("value.lead", days=180, **values) in told
    assert said("value.alive_lead", alive=round(alive)) in told


def test_products_rise_fall_or_stay(con: duckdb.DuckDBPyConnection) -> None:
    n, rising, falling, clear = row(
        con,
        """select count(*), count(*) filter (where forecast_28 > units_last_28),
            count(*) filter (where forecast_28 < units_last_28),
            count(*) filter (where forecast_28_lower > units_last_28 or forecast_28_upper < units_last_28)
        from rpt_inventory_product_watch""",
    )
    assert n > rising + falling
    assert said("watch.lead", n=n, rising=rising, falling=falling, clear=clear) in told_in(con, "watch")
    assert set(drawn_of(con, "watch").uses) == {"rising", "falling"}


@pytest.mark.parametrize(("better", "name"), [("<", "rising"), (">", "falling")])
def test_a_side_without_products_says_so(better: str, name: str) -> None:
    con = published_file(days=60)
    con.execute(f"delete from rpt_inventory_product_watch where not forecast_28 {better} units_last_28")
    assert TEXTS[f"watch.none_{name}"].en in told_in(con, "watch")


def test_more_is_better_but_for_returns(con: duckdb.DuckDBPyConnection) -> None:
    seen = set()
    for chosen in figures_of(con, "kpi").values():
        for name, (text, tone, _) in chosen.items():
            if name.startswith("kpi.") and name.endswith(".change") and text[:1] in "▲▼" and text:
                rises_well = name != "kpi.returns_share.change"
                assert tone == ("good" if (text[0] == "▲") == rises_well else "bad"), (name, text)
                seen.add((name == "kpi.returns_share.change", text[0]))
    assert len(seen) == 4


def test_nothing_sold_and_nothing_set_aside_are_told() -> None:
    con = published_file(days=60)
    con.execute("update rpt_sales_revenue_bridge set amount = 0 where part = 'gross_sales'")
    con.execute("update rpt_quality_rows_daily set quarantined_rows = 0, duplicate_rows = 0, blocked_rows = 0")
    assert TEXTS["bridge.no_sales"].en in told_in(con, "bridge")
    assert TEXTS["quality.nothing_aside"].en in told_in(con, "quality")


def test_findings_are_counted_by_day_and_listed_newest_first() -> None:
    con = published_file()
    told = told_in(con, "quality")
    [(days, warned)] = con.execute(
        "select count(distinct arrival_date), count(*) filter (where status = 'warn') from rpt_quality_scorecard "
        "where arrival_date > (select max(arrival_date) - 28 from rpt_quality_scorecard)"
    ).fetchall()
    assert f"checks on {days} arrival days. Days with a failed check: 1; other days worth a look: {warned}." in told
    [(newest,)] = con.execute("select max(arrival_date) from rpt_quality_scorecard where status = 'warn'").fetchall()
    listed = told[told.index(TEXTS["scorecard.findings"].en) :]
    assert f"{newest} Distribution warning shift:Quantity 0.3174 0.5 … 2" in listed


def test_a_shop_without_a_finding_is_told_so() -> None:
    con = published_file()
    con.execute("update rpt_quality_scorecard set status = 'pass', n_failed = 0, finding = null")
    told = told_in(con, "quality")
    assert TEXTS["scorecard.no_findings"].en in told
    assert "arrival days passed." in told
    con.execute("delete from rpt_quality_scorecard")
    assert TEXTS["scorecard.chart"].en not in told_in(con, "quality")
    con.execute("drop table rpt_quality_scorecard")
    assert TEXTS["scorecard.chart"].en not in told_in(con, "quality")


def test_several_tables_have_strips_and_rows_of_their_own() -> None:
    con = published_file()
    con.execute("insert into rpt_quality_scorecard select * replace ('stock' as table_name) from rpt_quality_scorecard")
    told = told_in(con, "quality")
    assert "till.stock Distribution warning" in told
    assert "till.lines Distribution warning" in told


def test_the_published_method_stands_out(con: duckdb.DuckDBPyConnection) -> None:
    told = told_in(con, "accuracy")
    assert told.count(TEXTS["accuracy.published"].en) == 1
    assert f"{TEXTS['method.lightgbm'].en} {TEXTS['accuracy.published'].en}" in told
    told = told_in(con, "cards")
    badge = TEXTS["accuracy.published"].en
    named = {method for method in METHODS if f"{TEXTS[f'method.{method}'].en} {badge}" in told}
    assert named == {"weekday_quantiles", "lightgbm", "kmeans", "bg_nbd"}


def test_a_change_that_is_clear_stands_out_and_the_most_units_come_first() -> None:
    con = published_file(days=200)
    con.execute("update rpt_inventory_product_watch set forecast_28 = units_last_28 + 99999 where product_id = 'P7'")
    rows = re.findall("<tr>.*?</tr>", watch_html(con))[1:]
    clear = row(
        con,
        """select count(*) from rpt_inventory_product_watch
        where forecast_28_lower > units_last_28 or forecast_28_upper < units_last_28""",
    )[0]
    assert 0 < sum("<strong>" in text for text in rows) == clear < len(rows)
    assert "P7" in rows[0]


def watch_html(con: duckdb.DuckDBPyConnection) -> str:
    section = section_of(con, "watch")
    assert section is not None
    return section.body


def test_drivers_are_put_into_words() -> None:
    told = in_words("recency_days:low,frequency:high,of their own", SPEAKS)
    assert told == "days since the last order: low, number of orders: high, of their own"
    assert in_words("return_share:high", speaks("zh")) == "退货占比：高"
    assert in_words(None, SPEAKS) == in_words("", SPEAKS) == "–"
