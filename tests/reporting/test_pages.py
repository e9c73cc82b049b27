"""Pages are found where they lie: a new domain has its page in the report without an edit of any file that stands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import pipelines.domains
from pipelines.domains import domain_parts
from pipelines.modeling.cards import Text
from pipelines.reporting.pages import ORDER, find_pages, in_order, texts_of
from tests.reporting.pages import PAGES, Reader, charts_of, embedded, made
from tests.reporting.published_file import empty_file, published_file

# What somebody who adds a domain writes: one folder, and in it one file.
WRITTEN = '''
"""The page on {name}."""
from pipelines.modeling.cards import Text
from pipelines.reporting.definitions import define
from pipelines.reporting.pages import Page
from pipelines.reporting.readings import Query, Reads
from pipelines.reporting.sections import Figure, Section, chart, empty_section, figure, lead, section


def {name}_orders(context):
    frame = context.readings["orders"]
    if frame.empty:
        return empty_section(context, "{name}_orders", "{table}")
    figures = {{
        (period.name, ""): {{"{name}_orders.n": Figure(context.language.count(frame["n"].iloc[0]))}}
        for period in context.readings.periods
    }}
    import altair
    drawn = altair.Chart(frame).mark_bar().encode(x="n:Q").properties(width="container")
    shown = figures[context.period.name, ""]["{name}_orders.n"]
    body = section(context, "{name}_orders", lead(figure("{name}_orders.n", shown)), chart("{name}_orders"))
    return Section("{name}_orders", body, {{"{name}_orders": drawn}}, figures)


PAGE = Page(
    title=Text("The page on {name}", "新领域页面"),
    about=Text("What {name} tells.", "新领域的内容。"),
    sections={{"{name}_orders": {name}_orders}},
    reads=Reads({{"orders": Query(("{table}",), "select count(*)::bigint as n from {table}")}}),
    texts={{
        "{name}_orders.title": Text("Orders of {name}", "新领域的订单"),
        "{name}_orders.short": Text("Orders", "订单"),
        "{name}_orders.empty": Text("No order yet.", "还没有订单。"),
    }},
    definitions=(define("{name} term", "新术语", "as it is", "如其所是"),),
)
'''
Plant = Callable[..., None]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Writes domains beside those of the project, in a folder of their own."""
    known = set(sys.modules)
    monkeypatch.setattr(pipelines.domains, "__path__", [*pipelines.domains.__path__, str(tmp_path)])

    def write(name: str, table: str = "fct_orders", source: str = WRITTEN) -> None:
        report = tmp_path / name / "report"
        report.mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text(f'"""{name}."""\n', encoding="utf-8")
        (report / "__init__.py").write_text(source.format(name=name, table=table), encoding="utf-8")

    yield write
    for module in set(sys.modules) - known:
        if module.startswith("pipelines.domains."):
            del sys.modules[module]


def test_a_new_folder_is_a_new_page(plant: Plant, tmp_path: Path) -> None:
    plant("supply")
    plant("feedback")
    (tmp_path / "silent").mkdir()
    (tmp_path / "silent" / "__init__.py").write_text('"""A domain without a page."""\n', encoding="utf-8")
    pages = find_pages(domain_parts("report"))
    assert [page.name for page in pages] == [*ORDER, "feedback", "supply"]
    fewer = find_pages(domain_parts("report"), without={"supply", "inventory"})
    assert [page.name for page in fewer] == [name for name in [*ORDER, "feedback"] if name != "inventory"]
    con = published_file(30)
    (n_orders,) = con.execute("select count(*) from fct_orders").fetchone() or ()
    whole = made(con, "en", "zh", pages=pages)
    for language, half in zip(("en", "zh"), whole.split("<template>"), strict=True):
        reader = Reader(half)
        links = [a["href"] for a in reader.named("a")]
        assert {"#/supply", "#/feedback"} <= set(links)
        assert "The page on supply" in half if language == "en" else "新领域页面" in half
        assert f"{n_orders:,}" in reader.text("supply_orders")
        assert {"supply_orders", "feedback_orders"} <= set(charts_of(half)["specs"])
        told = embedded(half, "page-data")["pages"]["supply"]
        assert told == {"sections": ["supply_orders"], "follows": ["period"]}
        assert ("supply term" if language == "en" else "新术语") in reader.text()


def test_a_page_of_which_the_version_holds_no_table_is_left_out(plant: Plant) -> None:
    plant("supply", table="rpt_supply_orders")
    page = made(empty_file(), pages=find_pages(domain_parts("report")))
    assert "supply" not in embedded(page, "page-data")["pages"]
    con = empty_file()
    con.execute("create table rpt_supply_orders (n integer)")
    assert "supply" in embedded(made(con, pages=find_pages(domain_parts("report"))), "page-data")["pages"]


def test_a_shop_without_orders_opens_with_what_it_has() -> None:
    con = published_file(30)
    (first,) = con.execute("select min(arrival_date) from rpt_quality_rows_daily").fetchone() or ()
    for (table,) in con.execute("select table_name from duckdb_tables() where not temporary").fetchall():
        if not table.startswith("rpt_quality"):
            con.execute(f"drop table {table}")
    page = made(con)
    assert list(embedded(page, "page-data")["pages"]) == ["quality"]
    assert f"{first} to " in Reader(page).text("")


def test_a_report_without_a_page_is_refused(plant: Plant) -> None:
    plant("supply", source='"""Nothing."""\n')
    with pytest.raises(ImportError, match=r"pipelines.domains.supply.report: no PAGE"):
        find_pages(domain_parts("report"))


def test_one_name_for_two_things_is_refused() -> None:
    sales, customers = PAGES[:2]
    with pytest.raises(ValueError, match="section 'kpi' is of the pages customers and sales"):
        in_order([sales, replace(customers, sections=sales.sections)])
    with pytest.raises(ValueError, match=r"text 'kpi.title' is that of the page sales and of the page customers"):
        texts_of([sales, replace(customers, texts={"kpi.title": Text("other", "另一个")})])
    with pytest.raises(ValueError, match=r"text 'title' is that of the frame and of the page sales"):
        texts_of([replace(sales, texts={"title": Text("other", "另一个")})])
    assert texts_of([sales, replace(customers, texts={"kpi.title": sales.texts["kpi.title"]})])


def test_two_pages_that_draw_a_chart_of_one_name_are_refused() -> None:
    quality = next(page for page in PAGES if page.name == "quality")
    chosen = replace(quality, sections={"accuracy": quality.sections["accuracy"]})
    with pytest.raises(ValueError, match="chart 'promised' is of the pages quality and twin"):
        made(published_file(60), pages=[chosen, replace(chosen, name="twin")])


def test_named_pages_come_first_and_the_others_follow_by_name() -> None:
    pages = [replace(PAGES[0], name=name, sections={}, models={}) for name in ("zeta", "quality", "alpha", "sales")]
    assert [page.name for page in in_order(pages)] == ["sales", "quality", "alpha", "zeta"]
    assert set(ORDER) <= {page.name for page in PAGES}
