"""The report's words agree with the project's (the glossary, the names of segments and features), and are written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipelines.domains.customers.features import FEATURES
from pipelines.domains.customers.segment_names import SEGMENT_LABELS, SEGMENT_MEANINGS, SEGMENTS
from pipelines.modeling.cards import Text
from simulator.grading import all_gradings
from simulator.systems import all_systems
from simulator.text import Text as GradeText
from tests.reporting.pages import PAGES, TEXTS

ROOT = Path(__file__).parents[2]
# How `almanac new` marks a text that somebody is to write.
MARK = "SKELETON:"


def test_definitions_are_those_of_the_glossary() -> None:
    lines = (
        (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").replace("`q", "q").replace("0`", "0").splitlines()
    )
    rows = {cells[1].split(" (`")[0]: cells for line in lines if len(cells := [c.strip() for c in line.split("|")]) > 4}
    for page in PAGES:
        for definition in page.definitions:
            found = rows[definition.term.en]
            assert (found[2], found[3]) == (definition.term.zh, definition.formula.en)
            assert definition.section is None or definition.section in page.sections


def test_segments_and_features_are_called_what_their_word_calls_them() -> None:
    for segment in SEGMENTS:
        assert TEXTS[f"segment.{segment}"] == SEGMENT_LABELS[segment]
        assert TEXTS[f"meaning.{segment}"] == SEGMENT_MEANINGS[segment]
    assert {key.partition(".")[2] for key in TEXTS if key.startswith("feature.")} == set(FEATURES)


def unwritten(texts: Iterable[tuple[str, Text | GradeText]]) -> set[str]:
    """The names of texts that a skeleton has left in one of the languages."""
    return {name for name, text in texts if MARK in text.en or MARK in text.zh}


def test_every_text_of_the_report_is_written() -> None:
    told: list[tuple[str, Text]] = [*TEXTS.items()]
    for page in PAGES:
        told += [(f"{page.name}: PAGE.title", page.title), (f"{page.name}: PAGE.about", page.about)]
        told += [(one.term.en, text) for one in page.definitions for text in (one.term, one.formula)]
    assert unwritten(told) == set()


def test_every_text_of_the_grades_is_written() -> None:
    gradings = all_gradings([system.name for system in all_systems()])
    told = [(grading.capability.name, grading.capability.text) for grading in gradings]
    for asked in (asked for grading in gradings for asked in grading.asked()):
        told += [(asked.measure, text) for text in (*asked.texts, *([asked.rule] if asked.rule else []))]
    assert unwritten(told) == set()


def test_a_text_that_a_skeleton_left_is_found() -> None:
    texts = {"a": Text("A", "甲"), "b": Text("B", f"{MARK} B"), "c": GradeText(f"{MARK} C", "丙")}
    assert unwritten(texts.items()) == {"b", "c"}
