"""The page in headless Chromium: it draws, it filters, it loads nothing, it fits every width and prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.reporting.report import vega_bundle
from tests.reporting.browser import Page, chromium, open_browser
from tests.reporting.pages import TEXTS, charts_of, embedded, made, sections_of
from tests.reporting.published_file import empty_file, manifest, published_file
from tests.reporting.stocked_file import GRADES, stocked_file

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium: install the package chromium"),
]
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with open_browser() as page:
        yield page


def quiet(browser: Page) -> None:
    assert browser.problems() == []
    assert [url for url in browser.requests() if not url.startswith(("file:", "about:"))] == []


def figures(browser: Page) -> dict[str, str]:
    elements = "[...document.querySelectorAll('[data-figure]')]"
    found: dict[str, str] = browser.run(f"Object.fromEntries({elements}.map(e => [e.dataset.figure, e.textContent]))")
    return found


def drawn(browser: Page, chart: str) -> str:
    return str(browser.run(f"document.querySelector('#plot-{chart} svg').outerHTML"))


def words(browser: Page, chart: str) -> list[str]:
    found = browser.run(f"[...document.querySelectorAll('#plot-{chart} svg text')].map(e => e.textContent)")
    return sorted(text for text in found if text)


def open_at(browser: Page, file: Path, fragment: str = "", width: int = 1280) -> float:
    browser.resize(width)
    return browser.open(file, fragment=fragment)


def go_to(browser: Page, page: str) -> None:
    """As a reader does: by the link; waits until all charts of the page are drawn."""
    browser.run(f"document.querySelector('nav.pages a[data-to={page}]').click()")
    browser.wait_for(f"document.documentElement.dataset.page === '{page}' && document.documentElement.dataset.ready")


def embedded_in(file: Path) -> str:
    return file.read_text(encoding="utf-8")


# What each shop's pages must hold is proven without a browser; here those that differ in what is drawn.
SHOWN = [("en", ""), ("en", "?lang=zh"), ("hostile", ""), ("one day", ""), ("no models", ""), ("nothing", ""),
         ("stocked", ""), ("stocked", "?lang=zh"), ("stocked, hostile", ""), ("stocked, one day", "")]  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("name", "language"), SHOWN)
def test_all_pages_open_quickly_and_fit(
    browser: Page, files: dict[str, Path], name: str, language: str, width: int
) -> None:
    seconds = open_at(browser, files[name], f"#/all{language}", width)
    print(f"{name}{language}, {width} pixels wide: drawn after {seconds:.2f} s")
    assert seconds < SECONDS
    quiet(browser)
    assert browser.run("document.documentElement.scrollWidth") <= width
    charts = charts_of(embedded_in(files[name]))["specs"]
    assert browser.run("document.querySelectorAll('.plot svg').length") == len(charts)
    for chart in charts:
        box = f"document.querySelector('#plot-{chart} svg').getBoundingClientRect()"
        size = browser.run(f"[{box}.width, {box}.right]")
        assert 150 < size[0] <= size[1] <= width, (chart, size)
    for section in sections_of(name):
        assert len(browser.run(f"document.getElementById('{section}').innerText")) > 20
    assert browser.run("window.hacked") is None


def test_a_page_is_drawn_when_it_is_first_shown(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["stocked"])
    data = embedded(embedded_in(files["stocked"]), "page-data")
    drawn = "[...document.querySelectorAll('.plot')].filter(e => e.querySelector('svg')).map(e => e.id.slice(5))"
    on_page = {name: set(embedded(embedded_in(files["stocked"]), f"charts-{name}")["specs"]) for name in data["pages"]}
    seen: set[str] = set()
    for page in data["pages"]:
        if page != "sales":
            assert set(browser.run(drawn)) == seen
            go_to(browser, page)
        seen |= on_page[page]
        assert set(browser.run(drawn)) == seen
        shown = browser.run("[...document.querySelectorAll('.page')].filter(e => e.offsetHeight).map(e => e.id)")
        assert shown == [f"page-{page}"]
        heads = browser.run("[...document.querySelectorAll('.page h2')].filter(e => e.offsetHeight).length")
        assert heads == 1
        current = "[...document.querySelectorAll('nav.pages [aria-current]')].map(e => e.dataset.to)"
        assert browser.run(current) == [page]
        assert browser.run("document.activeElement.id") in (f"page-{page}-title", "")
    quiet(browser)


def test_a_page_that_follows_no_filter_shows_none(browser: Page, files: dict[str, Path]) -> None:
    shown = "[...document.querySelectorAll('.bar [data-follows]')].filter(e => e.offsetHeight).map(e => e.localName)"
    for page, filters in (
        ("sales", ["fieldset", "fieldset", "p"]),
        ("customers", []),
        ("inventory", ["fieldset", "p"]),
    ):
        open_at(browser, files["stocked"], f"#/{page}")
        assert browser.run(shown) == filters


def test_an_address_leads_to_its_page_and_section(browser: Page, files: dict[str, Path]) -> None:
    top = "Math.round(document.getElementById('%s').getBoundingClientRect().top)"
    for fragment, page, section in (("#/inventory/watch", "inventory", "watch"), ("#watch", "inventory", "watch"),
                                    ("#/quality/cards?period=d28", "quality", "cards"),
                                    ("#/all/value", "all", "value")):  # fmt: skip
        open_at(browser, files["stocked"], fragment)
        assert browser.run("document.documentElement.dataset.page") == page
        assert 0 <= browser.run(top % section) < 300
    for fragment in ("", "#/nonsense", "#/%", "#/sales/nonsense", "#period=nonsense"):
        open_at(browser, files["stocked"], fragment)
        assert browser.run("document.documentElement.dataset.page") == "sales"
        assert browser.run("scrollY") == 0
    quiet(browser)


def test_the_switch_keeps_page_and_filters(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["stocked"], "#/sales?period=d28&country=Spain")
    english = figures(browser)
    browser.run("document.querySelector('[data-switch=zh]').click()")
    browser.wait_for("document.documentElement.dataset.ready")
    assert browser.run("[document.documentElement.lang, document.documentElement.dataset.page]") == ["zh-CN", "sales"]
    assert browser.run("location.hash") == "#/sales?period=d28&country=Spain&lang=zh"
    chinese = figures(browser)
    assert chinese["kpi.orders"] == english["kpi.orders"]
    assert chinese["revenue.lead"] != english["revenue.lead"]
    assert TEXTS["kpi.title"].zh in browser.run("document.body.innerText")
    assert TEXTS["document_title"].zh.partition("：")[2].partition("{")[0] in browser.run("document.title")
    go_to(browser, "inventory")
    browser.run("document.querySelector('[data-switch=en]').click()")
    browser.wait_for("document.documentElement.dataset.ready")
    assert browser.run("location.hash") == "#/inventory?period=d28&country=Spain"
    assert browser.run("document.documentElement.lang") == "en"
    go_to(browser, "sales")
    assert figures(browser) == english
    quiet(browser)


def test_a_page_shown_again_has_the_width_and_the_filters_of_now(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["stocked"])
    before = drawn(browser, "revenue")
    go_to(browser, "inventory")
    browser.resize(700)
    browser.run("document.querySelector('input[value=d28]').click()")
    go_to(browser, "sales")
    width = "document.querySelector('#plot-revenue svg').getBoundingClientRect().width"
    browser.wait_for(f"300 < {width} && {width} <= 700")
    browser.wait_for(f"document.querySelector('#plot-revenue svg').outerHTML.length !== {len(before)}")
    quiet(browser)


def test_a_period_changes_figures_charts_and_address(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["en"], "#/all")
    told = embedded(embedded_in(files["en"]), "page-data")["figures"]
    before, charts = (
        figures(browser),
        {name: drawn(browser, name) for name in ("quality", "revenue", "bridge", "cohorts")},
    )
    browser.run("document.querySelector('input[value=d28]').click()")
    after = figures(browser)
    assert after == {name: text for name, (text, _, _) in told["d28|"].items()}
    changed = {name for name in after if after[name] != before[name]}
    assert {"kpi.net_revenue", "kpi.orders", "bridge.booked", "quality.physical_rows", "range"} <= changed
    for name in ("quality", "revenue", "bridge"):
        browser.wait_for(f"document.querySelector('#plot-{name} svg').outerHTML.length !== {len(charts[name])}")
    assert drawn(browser, "cohorts") == charts["cohorts"]
    assert browser.run("location.hash") == "#/all?period=d28"
    quiet(browser)


def test_a_period_changes_margin_and_stock_and_a_country_does_not(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["stocked"], "#/all")
    names = ("margin", "margin-rates", "stock-rates", "stock-values", "stock-outs")
    before, charts = figures(browser), {name: drawn(browser, name) for name in names}
    choose = "(s => { s.value = 'Spain'; s.dispatchEvent(new Event('change')); })(document.getElementById('country'))"
    browser.run(choose)
    whole = {name: text for name, text in figures(browser).items() if name.startswith(("margin.", "stock."))}
    assert whole == {name: before[name] for name in whole}
    browser.run("document.querySelector('input[value=d28]').click()")
    after = figures(browser)
    changed = {name for name in after if after[name] != before[name]}
    assert {"margin.lead", "margin.cm2_rate", "margin.part.gmv", "stock.stockout_rate"} <= changed
    assert {"stock.lead", "stock.excess"}.isdisjoint(changed)
    for name in names:
        browser.wait_for(f"document.querySelector('#plot-{name} svg').outerHTML.length !== {len(charts[name])}")
    quiet(browser)


def test_a_country_changes_figures_and_the_address_keeps_the_choice(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["en"], "#/sales?lang=zh")
    whole = figures(browser)
    choose = "(s => { s.value = 'Spain'; s.dispatchEvent(new Event('change')); })(document.getElementById('country'))"
    browser.run(choose)
    spain = figures(browser)
    assert spain["kpi.net_revenue"] != whole["kpi.net_revenue"]
    assert spain["revenue.lead"].startswith("Spain")
    fragment = browser.run("location.hash")
    assert fragment == "#/sales?country=Spain&lang=zh"
    browser.wait_for(f"!document.querySelector('#plot-revenue svg').outerHTML.includes('{TEXTS['revenue.mean'].zh}: ')")
    bars = words(browser, "bridge")
    browser.open(files["en"], fragment="#period=d91&country=Spain&lang=zh")
    assert figures(browser) == spain
    assert words(browser, "bridge") == bars
    browser.open(files["en"], fragment="#/sales?period=nonsense&country=%3Cb%3E&lang=zh")
    assert figures(browser) == whole
    quiet(browser)


def test_filters_work_from_the_keyboard(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["en"])
    browser.run("document.querySelector('input[name=period]:checked').focus()")
    for kind in ("keyDown", "keyUp"):
        browser.send("Input.dispatchKeyEvent", type=kind, key="ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39)
    browser.wait_for("location.hash === '#/sales?period=all'")
    unnamed = """[...document.querySelectorAll('input, select, a, summary, button')].filter(e =>
        !(e.labels && e.labels.length && e.labels[0].textContent.trim()) && !e.textContent.trim()).length"""
    assert browser.run(unnamed) == 0


def test_the_product_table_is_searched(browser: Page, files: dict[str, Path]) -> None:
    open_at(browser, files["hostile"], "#/inventory")
    shown = "[...document.querySelectorAll('#products tbody tr')].filter(e => !e.hidden).map(e => e.textContent)"
    everything = browser.run(shown)
    assert len(everything) == 12
    field = "document.getElementById('product-search')"
    look_for = f"(f => {{ f.value = %r; f.dispatchEvent(new Event('input')); }})({field})"
    browser.run(look_for % "product P11")
    assert [text for text in browser.run(shown) if "P11" in text] == browser.run(shown) != []
    browser.run(look_for % "onerror")
    assert len(browser.run(shown)) == 1
    browser.run(look_for % "no such thing")
    assert browser.run(shown) == []
    assert browser.run("document.querySelector('.search output').textContent") == TEXTS["watch.no_match"].en


@pytest.mark.parametrize("fragment", ["#/all", "#/all?lang=zh", "#/sales", "#/quality?lang=zh"])
def test_paper_gets_no_controls_and_whole_charts(
    browser: Page, files: dict[str, Path], tmp_path: Path, fragment: str
) -> None:
    open_at(browser, files["stocked"], fragment)
    browser.print(tmp_path / "report.pdf")
    pdf = (tmp_path / "report.pdf").read_bytes()
    sizes = re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf)
    assert {tuple(round(float(n)) for n in size.split()) for size in sizes} == {(0, 0, 595, 842)}
    assert len(sizes) >= (8 if "all" in fragment else 2)
    browser.send("Emulation.setEmulatedMedia", media="print")
    browser.resize(703)
    try:
        for controls in ("fieldset", "nav", ".switch"):
            assert browser.run(f"getComputedStyle(document.querySelector('{controls}')).display") == "none"
        overflow: list[Any] = browser.run(
            """[...document.querySelectorAll('.plot svg, table')].filter(e =>
                e.getBoundingClientRect().right > 704).map(e => e.closest('section, article, footer').id)"""
        )
        assert overflow == []
    finally:
        browser.send("Emulation.setEmulatedMedia", media="")
    quiet(browser)


def test_without_scripts_every_page_can_be_read(browser: Page, files: dict[str, Path]) -> None:
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.send("Page.navigate", url=files["stocked"].resolve().as_uri())
        sections = "[...document.querySelectorAll('section')].filter(e => e.offsetHeight > 50).length"
        browser.wait_for(f"{sections} === {len(sections_of('stocked'))}")
        assert TEXTS["no_script"].en[:40] in browser.run("document.body.innerText")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)
