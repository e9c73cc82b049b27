"""Charts by themselves, as an app would use them: valid Vega-Lite, in one language, from small frames."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pipelines.reporting import charts
from pipelines.reporting.bridge import waterfall
from pipelines.reporting.language import Language
from pipelines.reporting.readings import Readings, read_version
from pipelines.reporting.sections.customers import alive_bins, value_tenths
from pipelines.reporting.specs import pack
from tests.reporting.published_file import manifest, published_file


@pytest.fixture(scope="module")
def readings() -> Readings:
    return read_version(published_file(), manifest())


def _segments(readings: Readings, language: Language) -> pd.DataFrame:
    frame = readings["segments"]
    return frame.assign(label=[language.label("segment", name) for name in frame["segment"]])


SCORES = pd.DataFrame({"label": ["a", "b"], "value": [1.0, 2.0], "text": ["1", "2"], "is_published": [True, False]})
MAKERS: dict[str, Callable[[Readings, Language], Any]] = {
    "quality": lambda r, speaks: charts.rows_set_aside(r["quality"], speaks, shown=28),
    "scorecard": lambda r, speaks: charts.scorecard_strips(r["scorecard_days"], r["scorecard"], speaks, shown=28),
    "revenue": lambda r, speaks: charts.revenue_forecast(r["days"], r["forecast"], speaks, shown=28),
    "revenue without forecast": lambda r, speaks: charts.revenue_forecast(r["days"], pd.DataFrame(), speaks, shown=28),
    "bridge": lambda r, speaks: charts.money_bridge(
        waterfall(r["bridge"], speaks), speaks, period="all", title="title", by_country=True
    ),
    "cohorts": lambda r, speaks: charts.cohort_heatmap(r["cohorts"], speaks),
    "segments": lambda r, speaks: charts.segment_shares(_segments(r, speaks), speaks),
    "tenths": lambda r, speaks: charts.value_tenths(value_tenths(r["values"]), speaks),
    "alive": lambda r, speaks: charts.alive_histogram(alive_bins(r["values"]), speaks),
    "watch": lambda r, speaks: charts.product_watch(r["watch"], speaks, title="title"),
    "promised": lambda r, speaks: charts.promised_and_came(r["promised"], speaks),
    "scores": lambda r, speaks: charts.model_scores(SCORES, speaks, title="title"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_chart_is_valid_and_says_what_it_is(name: str, readings: Readings) -> None:
    specs = {}
    for code in ("en", "zh"):
        specs[code] = MAKERS[name](readings, Language(code, "EUR")).to_dict()  # checked against the schema
        assert specs[code]["width"] == "container"
        assert specs[code]["description"]
    data = specs["zh"].pop("datasets")
    allowed = r"PingFang SC|Noto Sans CJK SC"
    words = [text for text in re.findall(r'"title": "([^"]*)"', json.dumps(specs["zh"], ensure_ascii=False)) if text]
    assert not [word for word in words if re.search("[a-zA-Z]", re.sub(allowed, "", word)) and word != "title"]
    assert data


def test_equal_data_stand_once_under_a_name_of_their_content(readings: Readings) -> None:
    speaks = Language("en", "EUR")
    both = pack({name: charts.promised_and_came(readings["promised"], speaks) for name in ("one", "two")})
    assert len(both.datasets) == 1
    assert both.uses["one"] == both.uses["two"] == list(both.datasets)
    assert both.specs["one"]["data"] == {"name": both.uses["one"][0]}
    nudged = readings["promised"].assign(came=readings["promised"]["came"] * (1 + 1e-13))
    assert pack({"one": charts.promised_and_came(nudged, speaks)}).datasets == both.datasets


def test_the_waterfall_starts_each_step_where_the_last_ended() -> None:
    parts = pd.DataFrame(
        [("all", "", 1, "gross_sales", "net_sales", 100.0), ("all", "", 2, "discount", "net_sales", 0.0),
         ("all", "", 3, "returns", "net_sales", -30.0), ("all", "", 4, "shipping", "net_revenue", 5.0),
         ("d28", "", 1, "gross_sales", "net_sales", 10.0), ("d28", "", 3, "returns", "net_sales", -12.0),
         ("d28", "", 4, "shipping", "net_revenue", 0.0)],
        columns=["period", "country", "part_no", "part", "leads_to", "amount"],
    )  # fmt: skip
    steps = waterfall(parts, Language("en", "EUR"))
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
