"""The page as text: nothing missing, nothing empty, nothing that the data can break."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import duckdb
import pytest

from tests.reporting.pages import (
    FILES,
    OPEN_DAYS,
    PAGES,
    SECTIONS,
    TEXTS,
    Reader,
    card,
    charts_of,
    drawn_of,
    embedded,
    made,
    options_of,
    readings_of,
    sections_of,
    speaks,
    told_in,
)
from tests.reporting.published_file import AS_OF, HOSTILE, manifest, published_file

pytestmark = pytest.mark.slow

# Enough for what stands around the sections.
BARE = [replace(PAGES[0], sections={})]
BOOKED = """select sum(total_amount) from fct_orders
    where ordered_date >= $first and ($country = '' or country = $country)"""


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return published_file(days=200)


@pytest.fixture(scope="module")
def page(con: duckdb.DuckDBPyConnection) -> str:
    return made(con)


@pytest.mark.parametrize("name", FILES)
def test_every_section_says_something(name: str) -> None:
    page = made(FILES[name](), "en", "zh", **options_of(name))
    for language, half in zip(("en", "zh"), page.split("<template>"), strict=True):
        reader = Reader(half)
        assert tuple(reader.texts)[1:] == sections_of(name)
        links = [a["href"] or "" for a in reader.named("a")]
        pages = list(dict.fromkeys(SECTIONS[section].name for section in sections_of(name)))
        assert [link for link in links if link.count("/") == 1 and link != "#/quality"] == [
            f"#/{page}" for page in [*pages, "all"] if page != "quality"
        ]
        for section in sections_of(name):
            title = TEXTS[f"{section}.title"].get(language)
            told = reader.text(section).removeprefix(title).strip()
            assert len(told) > (20 if language == "en" else 8), (section, told)
        places = {attributes["data-chart"] for attributes in reader.named("figure")}
        assert places == set(charts_of(half)["specs"])
        assert not re.search(r"\bnan\b|\bNone\b|\bNaT\b", reader.text())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_version_gives_the_same_bytes(language: str) -> None:
    assert made(published_file(60), language) == made(published_file(60), language)


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    reader = Reader(page)
    for name, attributes in reader.elements:
        assert name not in ("link", "iframe", "img", "object", "embed", "base")
        assert not attributes.get("src")
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in page
    assert "@import" not in page
    identifiers = [attributes["id"] for _, attributes in reader.elements if attributes.get("id")]
    assert len(identifiers) == len(set(identifiers))
    assert reader.named("html")[0]["lang"] == "en"
    referred = [a[key] for _, a in reader.elements for key in ("aria-labelledby", "for") if a.get(key)]
    assert set(referred) <= set(identifiers)


def test_what_is_shown_first_is_what_the_filters_start_with(page: str) -> None:
    data, reader = embedded(page, "page-data"), Reader(page)
    chosen = next(a["value"] for a in reader.named("input") if a.get("name") == "period" and "checked" in a)
    assert chosen == data["period"] == "d91"
    first = data["figures"]["d91|"]
    assert {name: text for name, (text, _, _) in first.items()} == reader.figures
    assert len(reader.figures) > 40


def test_figures_of_every_choice_are_those_of_the_version(con: duckdb.DuckDBPyConnection, page: str) -> None:
    readings, told_as = readings_of(con), speaks("en")
    figures = embedded(page, "page-data")["figures"]
    kpis = {(r["period"], r["span"], r["country"]): r for r in readings["kpis"].to_dict("records")}
    for period in readings.periods:
        for country in ("", *readings.countries):
            told, now = figures[f"{period.name}|{country}"], kpis[period.name, "now", country]
            assert told["kpi.net_revenue"][0] == told_as.money(now["net_revenue"])
            assert told["kpi.orders"][0] == told_as.count(now["orders"])
            booked = con.execute(BOOKED, {"first": period.span.first, "country": country}).fetchall()[0][0]
            assert told["bridge.booked"][0] == told_as.exact_money(booked)
            if period.before:
                before = kpis[period.name, "before", country]
                change = now["net_revenue"] / before["net_revenue"] - 1
                assert told["kpi.net_revenue.change"][0].split()[-1] == told_as.change(change)
                assert told["kpi.net_revenue.change"][1] == ("good" if change > 0 else "bad")
            else:
                assert told["kpi.net_revenue.change"][0] == ""
                assert told["kpi.net_revenue.before"][0] == TEXTS["tile.no_before"].en


def test_charts_follow_the_filters(page: str) -> None:
    follows = {name: set(filters) for name, filters in charts_of(page)["follows"].items() if filters}
    by_days = {"quality": {"days"}, "scorecard": {"days"}}
    assert follows == {**by_days, "revenue": {"days", "country"}, "bridge": {"period", "country"}}


def test_hostile_names_stay_text() -> None:
    con = published_file(hostile=True)
    open_days = [{"table": HOSTILE, "day": "2024-03-21", "verdict": HOSTILE, "reason": HOSTILE}]
    facts = {"shop": HOSTILE, "run_id": HOSTILE, "open_days": open_days}
    told = manifest(facts=facts, digest=HOSTILE, quality_state="incomplete")
    page = made(con, manifest=told, cards=[card("demand_forecast", HOSTILE)])
    told = manifest(quality_state="incomplete", facts={**facts, "open_days": OPEN_DAYS[:1]})
    clean = made(published_file(), manifest=told)
    assert page.count("</script") == clean.count("</script")
    assert "\u2028" not in embedded_text(page)
    reader = Reader(page)
    assert {name for name, _ in reader.elements} == {name for name, _ in Reader(clean).elements}
    assert not any(key.startswith("on") for _, attributes in reader.elements for key in attributes)
    for section in ("quality", "watch", "cards"):
        assert "<img src=x onerror=alert(1)>" in reader.text(section)
    assert "Land <b>" in {a.get("value") for a in reader.named("option")}


def embedded_text(page: str) -> str:
    return page[page.index('id="page-data"') :]


@pytest.mark.parametrize("days", [0, 3, 4, 4000])
def test_old_data_are_called_old(con: duckdb.DuckDBPyConnection, days: int) -> None:
    expected = "old_data" if days > 3 else "fresh_data"
    created = dt.datetime.combine(AS_OF, dt.time(4), dt.UTC) + dt.timedelta(days=days)
    told = told_in(con, "quality", manifest=manifest(created_at=created.isoformat()))
    assert told.startswith(f"{TEXTS['quality.title'].en} {TEXTS[expected].en.split(':')[0]}:")


def test_a_history_that_has_ended_is_not_called_old(con: duckdb.DuckDBPyConnection) -> None:
    created = dt.datetime.combine(AS_OF, dt.time(4), dt.UTC) + dt.timedelta(days=400)
    for limit, expected in ((None, "The data end on "), (30, "Old data: ")):
        facts = {"shop": "s", "run_id": "r", "open_days": [], "freshness_limit_hours": limit}
        told = told_in(con, "quality", manifest=manifest(created_at=created.isoformat(), facts=facts))
        assert told.startswith(f"{TEXTS['quality.title'].en} {expected}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_open_days_are_named(con: duckdb.DuckDBPyConnection, language: str) -> None:
    facts = {"shop": "s", "run_id": "r", "open_days": OPEN_DAYS}
    told = told_in(con, "quality", language, manifest=manifest(quality_state="incomplete", facts=facts))
    assert TEXTS["state_sentence.incomplete"].get(language).format(n=12) in told
    assert "2024-03-21 till__lines" in told
    assert "row_count_low 21" in told
    assert TEXTS["more"].get(language).format(n=4) in told


def test_a_rival_in_the_place_of_a_model_is_named(con: duckdb.DuckDBPyConnection) -> None:
    said = TEXTS["rivals.rival_published"].en.format(method=TEXTS["method.weekday_quantiles"].en)
    assert said in told_in(con, "watch")
    assert said in told_in(con, "cards")
    assert said not in told_in(con, "revenue")


def test_what_a_method_does_not_know_is_not_shown() -> None:
    con = published_file()
    con.execute("update rpt_customers_values set probability_alive = 'nan'::double, expected_amount = naive_amount")
    assert TEXTS["value.no_alive"].en in told_in(con, "value")
    specs = drawn_of(con, "value").specs
    assert "alive" not in specs
    assert TEXTS["value.naive"].en not in str(specs["value"])


def test_products_without_intervals_are_still_watched() -> None:
    con = published_file()
    con.execute("alter table rpt_inventory_product_watch drop forecast_28_lower")
    con.execute("alter table rpt_inventory_product_watch drop forecast_28_upper")
    told = told_in(con, "watch")
    assert TEXTS["watch.rising"].en in told
    assert TEXTS["watch.interval"].en not in told


def test_rows_that_are_not_accounted_for_are_told(con: duckdb.DuckDBPyConnection) -> None:
    other = published_file()
    other.execute("update rpt_quality_rows_daily set accounting_gap = 2 where arrival_date = ?", [AS_OF])
    assert TEXTS["quality.gap"].en.format(n=2) in told_in(other, "quality")
    assert TEXTS["quality.accounted"].en in told_in(con, "quality")


@pytest.mark.parametrize("broken", ["watermark", "created_at", "digest"])
def test_a_manifest_without_what_is_needed_is_refused(con: duckdb.DuckDBPyConnection, broken: str) -> None:
    told = manifest()
    del told[broken]
    with pytest.raises(KeyError, match=broken):
        made(con, manifest=told, pages=BARE)


def test_another_language_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="'de'"):
        made(con, "de", pages=BARE)


def test_cards_are_shown_in_one_language(con: duckdb.DuckDBPyConnection) -> None:
    for language, other in (("en", "中文"), ("zh", "words en")):
        told = told_in(con, "cards", language)
        assert other not in told
        assert told.count("words") == 21
