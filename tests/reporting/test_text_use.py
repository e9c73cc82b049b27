"""Every text of the report is said somewhere, and every text that is said is there: read from the sources."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipelines.domains
import pipelines.reporting
from pipelines.modeling.cards import Text
from pipelines.reporting.pages import Page
from pipelines.reporting.periods import ALL, LENGTHS
from pipelines.reporting.texts import FRAME_TEXTS
from tests.reporting.pages import PAGES, TEXTS
from tests.reporting.text_use import Said, said_in, sources_of, unsaid

DEFINING = ("texts.py", "grade_texts.py", "definitions.py")
FRAME = Path(pipelines.reporting.__path__[0])
DOMAINS = Path(pipelines.domains.__path__[0])
# Names that come with the data and fill a gap: levels of drivers.
FOUND = {"high", "low"}


def said_of(page: Page) -> Said:
    return said_in(sources_of(DOMAINS / page.name / "report", but=DEFINING))


def together(*said: Said) -> Said:
    whole = Said()
    for one in said:
        whole.strings |= one.strings
        whole.patterns |= one.patterns
        whole.groups |= one.groups
        whole.asked |= one.asked
    return whole


@pytest.fixture(scope="module")
def of_frame() -> Said:
    return said_in(sources_of(FRAME, but=DEFINING))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_text_of_a_page_is_said_by_it(page: Page, of_frame: Said) -> None:
    # Labels of methods and measures are looked up by whichever page shows them; the frame puts together what every
    # section and every tile has, from names that stand in the page.
    groups = {group for one in PAGES for group in said_of(one).groups}
    said = together(said_of(page), Said(groups=groups, patterns=of_frame.patterns))
    assert unsaid(page.texts, said, FOUND) == set()
    assert {f"{section}.{part}" for section in page.sections for part in ("title", "short")} <= set(page.texts)


def test_every_text_of_the_frame_is_said_by_it_or_by_several(of_frame: Said) -> None:
    left = unsaid(FRAME_TEXTS, of_frame, {name for name, _ in LENGTHS} | {ALL})
    by_pages = {key for key in left if sum(said_of(page).says(key) for page in PAGES) > 1}
    assert left - by_pages == set()


@pytest.mark.parametrize("page", [None, *PAGES], ids=lambda page: page.name if page else "frame")
def test_every_text_that_is_said_is_there(page: Page | None, of_frame: Said) -> None:
    said, own = (said_of(page), page.texts) if page else (of_frame, {})
    assert {key for key in said.asked if key not in own and key not in FRAME_TEXTS} == set()
    assert said.asked


def test_a_text_that_nothing_says_and_one_that_is_not_there_are_found() -> None:
    source = '''
"""Doc that names "a.gone"."""
TILES = ("rate",)
def tell(language, name):
    """b.gone"""
    return language.text("a.lead"), language.text(f"a.{name}"), language.label("method", name)
'''
    said = said_in([source])
    texts = dict.fromkeys(["a.lead", "a.rate", "a.gone", "b.gone", "method.zero", "a.other", "rate"], Text("x", "y"))
    assert unsaid(texts, said) == {"a.gone", "b.gone", "a.other"}
    assert said.asked == {"a.lead"}
    for key in ("kpi.orders", "margin.cm2_rate", "grades.lead", "stock.basis.forecast"):
        assert key in TEXTS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_planted_text_is_found_on_every_page(page: Page, of_frame: Said) -> None:
    said = together(said_of(page), Said(patterns=of_frame.patterns))
    for section in page.sections:
        assert f"{section}.planted" in unsaid({f"{section}.planted": Text("planted", "多余")}, said, FOUND)
