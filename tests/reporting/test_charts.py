"""Charts by themselves, as an app would use them: valid Vega-Lite, in one language, from small frames."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pipelines.domains.customers.report import charts as of_customers
from pipelines.domains.customers.report.sections import alive_bins, value_tenths
from pipelines.domains.inventory.report import charts as of_inventory
from pipelines.domains.quality.report import charts as of_quality
from pipelines.domains.quality.report.strips import CLASSES, scorecard_strips
from pipelines.domains.sales.report import charts as of_sales
from pipelines.domains.sales.report.waterfall import waterfall
from pipelines.reporting.charts.lines import rate_lines
from pipelines.reporting.language import Language
from pipelines.reporting.readings import Readings
from pipelines.reporting.specs import pack
from tests.reporting.pages import readings_of, speaks
from tests.reporting.published_file import published_file
from tests.reporting.stocked_file import stocked_file

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def readings() -> Readings:
    return readings_of(published_file())


def _segments(readings: Readings, language: Language) -> pd.DataFrame:
    frame = readings["segments"]
    return frame.assign(label=[language.label("segment", name) for name in frame["segment"]])


@pytest.fixture(scope="module")
def stocked() -> Readings:
    return readings_of(stocked_file(60))


def _rates(readings: Readings) -> pd.DataFrame:
    days = readings["stock_days"]
    named = {name: f"{number}号仓" for number, name in enumerate(sorted(set(days["location"])))}
    return days.assign(series=days["location"].map(named), rate=days["stockout_rate"])


SCORES = pd.DataFrame({"label": ["a", "b"], "value": [1.0, 2.0], "text": ["1", "2"], "is_published": [True, False]})
MAKERS: dict[str, Callable[[Readings, Language], Any]] = {
    "quality": lambda r, told: of_quality.rows_set_aside(r["quality"], told, shown=28),
    "scorecard": lambda r, told: scorecard_strips(r["scorecard_days"], r["scorecard"], told, shown=28),
    "revenue": lambda r, told: of_sales.revenue_forecast(r["days"], r["forecast"], told, shown=28),
    "revenue without forecast": lambda r, told: of_sales.revenue_forecast(r["days"], pd.DataFrame(), told, shown=28),
    "bridge": lambda r, told: of_sales.money_bridge(
        waterfall(r["bridge"], told), told, period="all", title="title", by_country=True
    ),
    "cohorts": lambda r, told: of_customers.cohort_heatmap(r["cohorts"], told),
    "segments": lambda r, told: of_customers.segment_shares(_segments(r, told), told),
    "tenths": lambda r, told: of_customers.tenths_beside_rival(value_tenths(r["values"]), told),
    "alive": lambda r, told: of_customers.alive_histogram(alive_bins(r["values"]), told),
    "watch": lambda r, told: of_inventory.product_watch(r["watch"], told, title="title"),
    "promised": lambda r, told: of_quality.promised_and_came(r["promised"], told),
    "scores": lambda r, told: of_quality.model_scores(SCORES, told, title="title"),
}


STOCKED_MAKERS: dict[str, Callable[[Readings, Language], Any]] = {
    "margin": lambda r, told: of_sales.money_bridge(
        waterfall(r["margin_bridge"], told), told, period="all", title="title", by_country=False
    ),
    "rates": lambda r, told: rate_lines(_rates(r), told, title="title", shown=28, from_zero=True, height=99),
    "values": lambda r, told: of_inventory.stock_values(r["stock_days"].assign(text="1"), told, shown=28),
    "outs": lambda r, told: of_inventory.longest_out(
        r["stock_outs"].assign(label="a", text="1", is_out=True), told, period="all"
    ),
    "strips": MAKERS["scorecard"],
}


@pytest.mark.parametrize("name", [*MAKERS, *STOCKED_MAKERS])
def test_a_chart_is_valid_and_says_what_it_is(name: str, readings: Readings, stocked: Readings) -> None:
    specs = {}
    for code in ("en", "zh"):
        told = speaks(code)
        drawn = MAKERS[name](readings, told) if name in MAKERS else STOCKED_MAKERS[name](stocked, told)
        specs[code] = drawn.to_dict()  # checked against the schema
        assert specs[code]["width"] == "container"
        assert specs[code]["description"]
    data = specs["zh"].pop("datasets")
    allowed = r"PingFang SC|Noto Sans CJK SC"
    words = [text for text in re.findall(r'"title": "([^"]*)"', json.dumps(specs["zh"], ensure_ascii=False)) if text]
    assert not [word for word in words if re.search("[a-zA-Z]", re.sub(allowed, "", word)) and word != "title"]
    assert data


def test_each_of_several_tables_has_a_strip_with_the_worst_result_of_the_day() -> None:
    days = pd.DataFrame([("2024-03-01", 1, t) for t in ("a.x", "a.y")], columns=["date", "age", "source_table"])
    findings = pd.DataFrame(
        [("2024-03-01", 1, "a.x", "volume", "warn", "few"), ("2024-03-01", 1, "a.x", "schema", "fail", "bad"),
         ("2024-03-01", 1, "a.x", "lineage", "fail", "lost"), ("2024-03-01", 1, "a.x", "freshness", "not checked", ""),
         *(("2024-03-01", 1, "a.y", name, "not checked", "") for name in CLASSES),
         ("2024-03-02", 0, "a.y", "volume", "not checked", "")],
        columns=["date", "age", "source_table", "check_class", "status", "finding"],
    )  # fmt: skip
    spec = scorecard_strips(days, findings, speaks("en", ""), shown=28).to_dict()
    cells = [row for rows in spec["datasets"].values() for row in rows if "row" in row]
    assert sorted((row["row"], row["status"], row["finding"]) for row in cells) == [
        ("x", "failed", "Schema: bad; Lineage: lost"),
        ("y", "not checked", "Freshness; Volume; Schema; Distribution; Lineage"),
    ]
    clash = days.assign(source_table=["a.x", "b.x"])
    rows = scorecard_strips(clash, findings[:1], speaks("en", ""), shown=28).to_dict()["layer"][0]["encoding"]["y"]
    assert rows["sort"] == ["a.x", "b.x"]


def test_equal_data_stand_once_under_a_name_of_their_content(readings: Readings) -> None:
    told = speaks("en")
    both = pack({name: of_quality.promised_and_came(readings["promised"], told) for name in ("one", "two")})
    assert len(both.datasets) == 1
    assert both.uses["one"] == both.uses["two"] == list(both.datasets)
    assert both.specs["one"]["data"] == {"name": both.uses["one"][0]}
    nudged = readings["promised"].assign(came=readings["promised"]["came"] * (1 + 1e-13))
    assert pack({"one": of_quality.promised_and_came(nudged, told)}).datasets == both.datasets


def test_the_waterfall_starts_each_step_where_the_last_ended() -> None:
    parts = pd.DataFrame(
        [("all", "", 1, "gross_sales", "net_sales", 100.0), ("all", "", 2, "discount", "net_sales", 0.0),
         ("all", "", 3, "returns", "net_sales", -30.0), ("all", "", 4, "shipping", "net_revenue", 5.0),
         ("d28", "", 1, "gross_sales", "net_sales", 10.0), ("d28", "", 3, "returns", "net_sales", -12.0),
         ("d28", "", 4, "shipping", "net_revenue", 0.0)],
        columns=["period", "country", "part_no", "part", "leads_to", "amount"],
    )  # fmt: skip
    steps = waterfall(parts, speaks("en"))
    whole = steps[steps["period"] == "all"]
    assert list(zip(whole["part"], whole["role"], whole["start"], whole["end"], strict=True)) == [
        ("gross_sales", "total", 0, 100),
        ("returns", "minus", 100, 70),
        ("net_sales", "total", 0, 70),
        ("shipping", "plus", 70, 75),
        ("net_revenue", "total", 0, 75),
    ]
    assert list(steps[steps["period"] == "d28"]["end"]) == [10, -2, -2, -2, -2]
    assert (steps["room"] >= steps[["start", "end"]].max(axis=1)).all()


def test_tenths_share_out_all_customers() -> None:
    for n in (1, 7, 10, 33):
        amounts = [float(n - place) for place in range(n)]
        frame = pd.DataFrame({"expected_amount": amounts, "lower": 0.0, "upper": amounts, "naive_amount": 1.0})
        tenths = value_tenths(frame)
        assert len(tenths) == min(n, 10)
        assert tenths["expected"].is_monotonic_decreasing
        assert tenths["expected"].iloc[0] == pytest.approx(sum(amounts[: -(-n // 10)]) / -(-n // 10))


def test_bins_hold_every_known_probability() -> None:
    frame = pd.DataFrame({"probability_alive": [0.0, 0.05, 0.1, 0.999, 1.0, float("nan")]})
    assert list(alive_bins(frame)["n"]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
