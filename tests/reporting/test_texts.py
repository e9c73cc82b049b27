"""The report's words agree with the project's: the glossary, the names of segments and features."""

from __future__ import annotations

from pathlib import Path

from pipelines.domains.customers.features import FEATURES
from pipelines.domains.customers.segment_names import SEGMENT_LABELS, SEGMENT_MEANINGS, SEGMENTS
from tests.reporting.pages import PAGES, TEXTS

ROOT = Path(__file__).parents[2]


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
