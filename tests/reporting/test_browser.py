"""The page in headless Chromium: it draws, it filters, it loads nothing, it fits every width and prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.reporting.report import vega_bundle
from tests.reporting.browser import Page, chromium, open_browser
from tests.reporting.pages import TEXTS, embedded, made, sections_of
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
        "en": made(published_file(days=200), "en", bundle),
        "zh": made(published_file(days=200), "zh", bundle),
        "hostile": made(published_file(days=200, hostile=True), "en", bundle, manifest=blocked),
        "one day": made(published_file(days=1), "en", bundle),
        "no models": made(published_file(models=False), "zh", bundle),
        "nothing": made(empty_file(), "en", bundle),
        "stocked": made(stocked_file(200), "en", bundle, grades=GRADES),
        "stocked in Chinese": made(stocked_file(days=200, forecast=True), "zh", bundle, grades=GRADES),
        "stocked, hostile": made(stocked_file(60, hostile=True), "en", bundle, grades=GRADES),
        "stocked, one day": made(stocked_file(1), "zh", bundle, grades=GRADES),
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


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["en", "zh", "hostile", "one day", "no models", "nothing", "stocked",
                                  "stocked in Chinese", "stocked, hostile", "stocked, one day"])  # fmt: skip
def test_a_page_opens_quickly_and_fits(browser: Page, files: dict[str, Path], name: str, width: int) -> None:
    browser.resize(width)
    seconds = browser.open(files[name])
    print(f"{name}, {width} pixels wide: drawn after {seconds:.2f} s")
    assert seconds < SECONDS
    quiet(browser)
    assert browser.run("document.documentElement.scrollWidth") <= width
    charts = embedded(files[name].read_text(encoding="utf-8"), "chart-specs")
    assert browser.run("document.querySelectorAll('.plot svg').length") == len(charts)
    for chart in charts:
        box = f"document.querySelector('#plot-{chart} svg').getBoundingClientRect()"
        size = browser.run(f"[{box}.width, {box}.right]")
        assert 150 < size[0] <= size[1] <= width, (chart, size)
    for section in sections_of(name):
        assert len(browser.run(f"document.getElementById('{section}').innerText")) > 20
    assert browser.run("window.hacked") is None


def test_a_period_changes_figures_charts_and_address(browser: Page, files: dict[str, Path]) -> None:
    browser.resize(1280)
    browser.open(files["en"])
    told = embedded(files["en"].read_text(encoding="utf-8"), "page-data")["figures"]
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
    assert browser.run("location.hash") == "#period=d28"
    quiet(browser)


def test_a_period_changes_margin_and_stock_and_a_country_does_not(browser: Page, files: dict[str, Path]) -> None:
    browser.resize(1280)
    browser.open(files["stocked"])
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
    browser.resize(1280)
    browser.open(files["zh"])
    whole = figures(browser)
    choose = "(s => { s.value = 'Spain'; s.dispatchEvent(new Event('change')); })(document.getElementById('country'))"
    browser.run(choose)
    spain = figures(browser)
    assert spain["kpi.net_revenue"] != whole["kpi.net_revenue"]
    assert spain["revenue.lead"].startswith("Spain")
    fragment = browser.run("location.hash")
    assert fragment == "#country=Spain"
    browser.wait_for(f"!document.querySelector('#plot-revenue svg').outerHTML.includes('{TEXTS['revenue.mean'].zh}: ')")
    bars = words(browser, "bridge")
    browser.open(files["zh"], fragment="#period=d91&country=Spain")
    assert figures(browser) == spain
    assert words(browser, "bridge") == bars
    browser.open(files["zh"], fragment="#period=nonsense&country=%3Cb%3E")
    assert figures(browser) == whole
    quiet(browser)


def test_filters_work_from_the_keyboard(browser: Page, files: dict[str, Path]) -> None:
    browser.resize(1280)
    browser.open(files["en"])
    browser.run("document.querySelector('input[name=period]:checked').focus()")
    for kind in ("keyDown", "keyUp"):
        browser.send("Input.dispatchKeyEvent", type=kind, key="ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39)
    browser.wait_for("location.hash === '#period=all'")
    unnamed = """[...document.querySelectorAll('input, select, a, summary')].filter(e =>
        !(e.labels && e.labels.length && e.labels[0].textContent.trim()) && !e.textContent.trim()).length"""
    assert browser.run(unnamed) == 0


def test_the_product_table_is_searched(browser: Page, files: dict[str, Path]) -> None:
    browser.open(files["hostile"])
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
    assert browser.run("document.getElementById('product-count').textContent") == TEXTS["watch.no_match"].en


@pytest.mark.parametrize("language", ["en", "zh", "stocked", "stocked in Chinese"])
def test_paper_gets_no_controls_and_whole_charts(
    browser: Page, files: dict[str, Path], tmp_path: Path, language: str
) -> None:
    browser.resize(1280)
    browser.open(files[language])
    browser.print(tmp_path / "report.pdf")
    pdf = (tmp_path / "report.pdf").read_bytes()
    sizes = set(re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf))
    assert {tuple(round(float(n)) for n in size.split()) for size in sizes} == {(0, 0, 595, 842)}
    browser.send("Emulation.setEmulatedMedia", media="print")
    browser.resize(703)
    try:
        assert browser.run("getComputedStyle(document.querySelector('fieldset')).display") == "none"
        overflow: list[Any] = browser.run(
            """[...document.querySelectorAll('.plot svg, table')].filter(e =>
                e.getBoundingClientRect().right > 704).map(e => e.closest('section, footer').id)"""
        )
        assert overflow == []
    finally:
        browser.send("Emulation.setEmulatedMedia", media="")
    quiet(browser)
