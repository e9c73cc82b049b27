from __future__ import annotations

import json
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from pipelines.reporting.markup import Html, json_script, script, table, tag, trend
from tests.reporting.published_file import HOSTILE


class _Texts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.data += data


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)


@given(TEXT, TEXT)
def test_any_text_comes_out_as_it_went_in(text: str, title: str) -> None:
    found = _Texts(tag("p", text, "<&>", title=title))
    assert found.tags == [("p", {"title": title})]
    assert found.data == f"{text}<&>"


@given(st.dictionaries(TEXT, TEXT | st.floats() | st.none()))
def test_no_text_ends_the_script_that_holds_it(value: dict[str, object]) -> None:
    element = json_script({**value, "hostile": HOSTILE}, "data")
    inner = element.removeprefix('<script type="application/json" id="data">').removesuffix("</script>")
    assert not set(inner) & set("<>&\u2028\u2029")
    assert json.loads(inner)["hostile"] == HOSTILE


def test_numbers_that_json_does_not_know_become_null() -> None:
    assert '{"a":[null,null,1.5]}' in json_script({"a": (float("nan"), float("inf"), 1.5)}, "x")


def test_scripts_cannot_be_ended_by_what_they_hold() -> None:
    assert script("'</script>' + '<!--'").count("</script") == 1


def test_attributes_may_be_left_out_or_stand_alone() -> None:
    assert tag("input", type="radio", checked=True, hidden=False, name=None) == '<input type="radio" checked>'
    assert tag("label", class_="x", for_="y", data_n=3) == '<label class="x" for="y" data-n="3"></label>'


def test_a_table_has_headers_for_rows_and_columns() -> None:
    found = _Texts(table("About <b>", ["Name", "N"], [["a<b", "1"], [Html("<i>x</i>"), "2"]]))
    heads = [attributes["scope"] for name, attributes in found.tags if name == "th"]
    assert heads == ["col", "col", "row", "row"]
    assert [name for name, _ in found.tags].count("i") == 1
    assert "a<b" in found.data


def test_a_trend_stays_inside_its_picture() -> None:
    for values in ([0.0] * 13, [5.0], [1.0, 1e9, -3.0]):
        drawn = _Texts(trend(values, HOSTILE))
        points = next(attributes["points"] for name, attributes in drawn.tags if name == "polyline") or ""
        for x, y in (point.split(",") for point in points.split()):
            assert 0 <= float(x) <= 96
            assert 0 <= float(y) <= 24
