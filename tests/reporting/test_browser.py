"""The page in headless Chromium: it draws, it filters, it loads nothing, it fits every width and prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from pipelines.reporting.report import vega_bundle
from tests.reporting.browser import Report, opened
from tests.reporting.pages import TEXTS, charts_of, embedded, made, sections_of
from tests.reporting.published_file import empty_file, manifest, published_file
from tests.reporting.stocked_file import GRADES, stocked_file

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]
# What is measured of a page in Chinese is the widths of its characters.
CHINESE = pytest.mark.needs("chinese_font")
# The bar is 3 s on a quiet machine; the test runs on busy ones.
SECONDS = 10.0


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, bundle = tmp_path_factory.mktemp("report"), vega_bundle()
    open_day = {"table": "till__lines", "day": "2024-03-21", "verdict": "blocked", "reason": "row_count_low"}
    blocked = manifest(quality_state="incomplete", facts={"shop": "s", "run_id": "r", "open_days": [open_day]})
    pages = {
        "en": made(published_file(days=200), "en", "zh", bundle=bundle),
        "hostile": made(published_file(days=60, hostile=True), bundle=bundle, manifest=blocked),
        "one day": made(published_file(days=1), bundle=bundle),
        "no models": made(published_file(days=60, models=False), "zh", bundle=bundle),
        "nothing": made(empty_file(), bundle=bundle),
        "stocked": made(stocked_file(days=200, forecast=True), "en", "zh", bundle=bundle, grades=GRADES),
        "stocked, hostile": made(stocked_file(60, hostile=True), bundle=bundle, grades=GRADES),
        "stocked, one day": made(stocked_file(1), "zh", bundle=bundle, grades=GRADES),
    }
    paths = {}
    for name, page in pages.items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(page, encoding="utf-8")
    return paths


def figures(report: Report) -> dict[str, str]:
    elements = "[...document.querySelectorAll('[data-figure]')]"
    found: dict[str, str] = report.run(f"Object.fromEntries({elements}.map(e => [e.dataset.figure, e.textContent]))")
    return found


def drawn(report: Report, chart: str) -> str:
    return str(report.run(f"document.querySelector('#plot-{chart} svg').outerHTML"))


def words(report: Report, chart: str) -> list[str]:
    found = report.run(f"[...document.querySelectorAll('#plot-{chart} svg text')].map(e => e.textContent)")
    return sorted(text for text in found if text)


def go_to(report: Report, page: str) -> None:
    """As a reader does: by the link; waits until all charts of the page are drawn."""
    report.run(f"document.querySelector('nav.pages a[data-to={page}]').click()")
    report.wait_for(f"document.documentElement.dataset.page === '{page}' && document.documentElement.dataset.ready")


def embedded_in(file: Path) -> str:
    return file.read_text(encoding="utf-8")


# What each shop's pages must hold is proven without a browser; here those that differ in what is drawn.
IN_ENGLISH = [("en", ""), ("hostile", ""), ("one day", ""), ("nothing", ""), ("stocked", ""), ("stocked, hostile", "")]
IN_CHINESE = [("en", "?lang=zh"), ("no models", ""), ("stocked", "?lang=zh"), ("stocked, one day", "")]
SHOWN = [*IN_ENGLISH, *(pytest.param(*shown, marks=CHINESE) for shown in IN_CHINESE)]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("name", "language"), SHOWN)
def test_all_pages_open_quickly_and_fit(
    report: Report, files: dict[str, Path], name: str, language: str, width: int
) -> None:
    seconds = report.open(files[name], f"#/all{language}", width)
    print(f"{name}{language}, {width} pixels wide: drawn after {seconds:.2f} s")
    assert seconds < SECONDS
    assert report.is_quiet()
    assert report.run("document.documentElement.scrollWidth") <= width
    charts = charts_of(embedded_in(files[name]))["specs"]
    assert report.run("document.querySelectorAll('.plot svg').length") == len(charts)
    for chart in charts:
        box = f"document.querySelector('#plot-{chart} svg').getBoundingClientRect()"
        size = report.run(f"[{box}.width, {box}.right]")
        assert 150 < size[0] <= size[1] <= width, (chart, size)
    for section in sections_of(name):
        assert len(report.run(f"document.getElementById('{section}').innerText")) > 20
    assert report.run("window.hacked") is None


def test_a_page_is_drawn_when_it_is_first_shown(report: Report, files: dict[str, Path]) -> None:
    report.open(files["stocked"])
    data = embedded(embedded_in(files["stocked"]), "page-data")
    drawn = "[...document.querySelectorAll('.plot')].filter(e => e.querySelector('svg')).map(e => e.id.slice(5))"
    on_page = {name: set(embedded(embedded_in(files["stocked"]), f"charts-{name}")["specs"]) for name in data["pages"]}
    seen: set[str] = set()
    for page in data["pages"]:
        if page != "sales":
            assert set(report.run(drawn)) == seen
            go_to(report, page)
        seen |= on_page[page]
        assert set(report.run(drawn)) == seen
        shown = report.run("[...document.querySelectorAll('.page')].filter(e => e.offsetHeight).map(e => e.id)")
        assert shown == [f"page-{page}"]
        heads = report.run("[...document.querySelectorAll('.page h2')].filter(e => e.offsetHeight).length")
        assert heads == 1
        current = "[...document.querySelectorAll('nav.pages [aria-current]')].map(e => e.dataset.to)"
        assert report.run(current) == [page]
        assert report.run("document.activeElement.id") in (f"page-{page}-title", "")
    assert report.is_quiet()


def test_a_page_that_follows_no_filter_shows_none(report: Report, files: dict[str, Path]) -> None:
    shown = "[...document.querySelectorAll('.bar [data-follows]')].filter(e => e.offsetHeight).map(e => e.localName)"
    for page, filters in (
        ("sales", ["fieldset", "fieldset", "p"]),
        ("customers", []),
        ("inventory", ["fieldset", "p"]),
    ):
        report.open(files["stocked"], f"#/{page}")
        assert report.run(shown) == filters


def test_an_address_leads_to_its_page_and_section(report: Report, files: dict[str, Path]) -> None:
    top = "Math.round(document.getElementById('%s').getBoundingClientRect().top)"
    for fragment, page, section in (("#/inventory/watch", "inventory", "watch"), ("#watch", "inventory", "watch"),
                                    ("#/quality/cards?period=d28", "quality", "cards"),
                                    ("#/all/value", "all", "value")):  # fmt: skip
        report.open(files["stocked"], fragment)
        assert report.run("document.documentElement.dataset.page") == page
        assert 0 <= report.run(top % section) < 300
    for fragment in ("", "#/nonsense", "#/%", "#/sales/nonsense", "#period=nonsense"):
        report.open(files["stocked"], fragment)
        assert report.run("document.documentElement.dataset.page") == "sales"
        assert report.run("scrollY") == 0
    assert report.is_quiet()


def test_the_switch_keeps_page_and_filters(report: Report, files: dict[str, Path]) -> None:
    report.open(files["stocked"], "#/sales?period=d28&country=Spain")
    english = figures(report)
    report.run("document.querySelector('[data-switch=zh]').click()")
    report.wait_for("document.documentElement.dataset.ready")
    assert report.run("[document.documentElement.lang, document.documentElement.dataset.page]") == ["zh-CN", "sales"]
    assert report.run("location.hash") == "#/sales?period=d28&country=Spain&lang=zh"
    chinese = figures(report)
    assert chinese["kpi.orders"] == english["kpi.orders"]
    assert chinese["revenue.lead"] != english["revenue.lead"]
    assert TEXTS["kpi.title"].zh in report.run("document.body.innerText")
    assert TEXTS["document_title"].zh.partition("：")[2].partition("{")[0] in report.run("document.title")
    go_to(report, "inventory")
    report.run("document.querySelector('[data-switch=en]').click()")
    report.wait_for("document.documentElement.dataset.ready")
    assert report.run("location.hash") == "#/inventory?period=d28&country=Spain"
    assert report.run("document.documentElement.lang") == "en"
    go_to(report, "sales")
    assert figures(report) == english
    assert report.is_quiet()


def test_a_page_shown_again_has_the_width_and_the_filters_of_now(report: Report, files: dict[str, Path]) -> None:
    report.open(files["stocked"])
    before = drawn(report, "revenue")
    go_to(report, "inventory")
    report.resize(700)
    report.run("document.querySelector('input[value=d28]').click()")
    go_to(report, "sales")
    width = "document.querySelector('#plot-revenue svg').getBoundingClientRect().width"
    report.wait_for(f"300 < {width} && {width} <= 700")
    report.wait_for(f"document.querySelector('#plot-revenue svg').outerHTML.length !== {len(before)}")
    assert report.is_quiet()


def test_a_period_changes_figures_charts_and_address(report: Report, files: dict[str, Path]) -> None:
    report.open(files["en"], "#/all")
    told = embedded(embedded_in(files["en"]), "page-data")["figures"]
    before, charts = (
        figures(report),
        {name: drawn(report, name) for name in ("quality", "revenue", "bridge", "cohorts")},
    )
    report.run("document.querySelector('input[value=d28]').click()")
    after = figures(report)
    assert after == {name: text for name, (text, _, _) in told["d28|"].items()}
    changed = {name for name in after if after[name] != before[name]}
    assert {"kpi.net_revenue", "kpi.orders", "bridge.booked", "quality.physical_rows", "range"} <= changed
    for name in ("quality", "revenue", "bridge"):
        report.wait_for(f"document.querySelector('#plot-{name} svg').outerHTML.length !== {len(charts[name])}")
    assert drawn(report, "cohorts") == charts["cohorts"]
    assert report.run("location.hash") == "#/all?period=d28"
    assert report.is_quiet()


def test_a_period_changes_margin_and_stock_and_a_country_does_not(report: Report, files: dict[str, Path]) -> None:
    report.open(files["stocked"], "#/all")
    names = ("margin", "margin-rates", "stock-rates", "stock-values", "stock-outs")
    before, charts = figures(report), {name: drawn(report, name) for name in names}
    report.page.select_option("#country", "Spain")
    whole = {name: text for name, text in figures(report).items() if name.startswith(("margin.", "stock."))}
    assert whole == {name: before[name] for name in whole}
    report.run("document.querySelector('input[value=d28]').click()")
    after = figures(report)
    changed = {name for name in after if after[name] != before[name]}
    assert {"margin.lead", "margin.cm2_rate", "margin.part.gmv", "stock.stockout_rate"} <= changed
    assert {"stock.lead", "stock.excess"}.isdisjoint(changed)
    for name in names:
        report.wait_for(f"document.querySelector('#plot-{name} svg').outerHTML.length !== {len(charts[name])}")
    assert report.is_quiet()


def test_a_country_changes_figures_and_the_address_keeps_the_choice(report: Report, files: dict[str, Path]) -> None:
    report.open(files["en"], "#/sales?lang=zh")
    whole = figures(report)
    report.page.select_option("#country", "Spain")
    spain = figures(report)
    assert spain["kpi.net_revenue"] != whole["kpi.net_revenue"]
    assert spain["revenue.lead"].startswith("Spain")
    fragment = report.run("location.hash")
    assert fragment == "#/sales?country=Spain&lang=zh"
    report.wait_for(f"!document.querySelector('#plot-revenue svg').outerHTML.includes('{TEXTS['revenue.mean'].zh}: ')")
    bars = words(report, "bridge")
    report.open(files["en"], "#period=d91&country=Spain&lang=zh")
    assert figures(report) == spain
    assert words(report, "bridge") == bars
    report.open(files["en"], "#/sales?period=nonsense&country=%3Cb%3E&lang=zh")
    assert figures(report) == whole
    assert report.is_quiet()


def test_filters_work_from_the_keyboard(report: Report, files: dict[str, Path]) -> None:
    report.open(files["en"])
    report.page.focus("input[name=period]:checked")
    report.page.keyboard.press("ArrowRight")
    report.wait_for("location.hash === '#/sales?period=all'")
    unnamed = """[...document.querySelectorAll('input, select, a, summary, button')].filter(e =>
        !(e.labels && e.labels.length && e.labels[0].textContent.trim()) && !e.textContent.trim()).length"""
    assert report.run(unnamed) == 0


def test_the_product_table_is_searched(report: Report, files: dict[str, Path]) -> None:
    report.open(files["hostile"], "#/inventory")
    shown = "[...document.querySelectorAll('#products tbody tr')].filter(e => !e.hidden).map(e => e.textContent)"
    everything = report.run(shown)
    assert len(everything) == 12
    report.page.fill("#product-search", "product P11")
    assert [text for text in report.run(shown) if "P11" in text] == report.run(shown) != []
    report.page.fill("#product-search", "onerror")
    assert len(report.run(shown)) == 1
    report.page.fill("#product-search", "no such thing")
    assert report.run(shown) == []
    assert report.run("document.querySelector('.search output').textContent") == TEXTS["watch.no_match"].en


PRINTED = ["#/all", "#/sales", *(pytest.param(at, marks=CHINESE) for at in ("#/all?lang=zh", "#/quality?lang=zh"))]


@pytest.mark.parametrize("fragment", PRINTED)
def test_paper_gets_no_controls_and_whole_charts(report: Report, files: dict[str, Path], fragment: str) -> None:
    report.open(files["stocked"], fragment)
    pdf = report.page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf)
    assert {tuple(round(float(n)) for n in size.split()) for size in sizes} == {(0, 0, 595, 842)}
    assert len(sizes) >= (8 if "all" in fragment else 2)
    report.page.emulate_media(media="print")
    report.resize(703)
    try:
        for controls in ("fieldset", "nav", ".switch"):
            assert report.run(f"getComputedStyle(document.querySelector('{controls}')).display") == "none"
        overflow: list[Any] = report.run(
            """[...document.querySelectorAll('.plot svg, table')].filter(e =>
                e.getBoundingClientRect().right > 704).map(e => e.closest('section, article, footer').id)"""
        )
        assert overflow == []
    finally:
        report.page.emulate_media(media="null")
    assert report.is_quiet()


def test_without_scripts_every_page_can_be_read(chromium: Browser, files: dict[str, Path]) -> None:
    with opened(chromium, java_script_enabled=False) as report:
        report.page.goto(files["stocked"].resolve().as_uri())
        sections = report.page.locator("section").all()
        heights = [box["height"] for section in sections if (box := section.bounding_box())]
        assert sum(height > 50 for height in heights) == len(sections_of("stocked"))
        assert TEXTS["no_script"].en[:40] in report.page.inner_text("body")
