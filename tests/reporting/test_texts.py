"""The report's words agree with the project's: the glossary, the names of segments and features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.domains.customers.features import FEATURES
from pipelines.domains.customers.segment_names import SEGMENT_LABELS, SEGMENT_MEANINGS, SEGMENTS
from pipelines.modeling.cards import Text
from pipelines.reporting import language as language_module
from pipelines.reporting.texts import DEFINITIONS, SECTION_DEFINITIONS, TEXTS
from tests.reporting.pages import FILES, OPEN_DAYS, made, options_of
from tests.reporting.published_file import empty_file, manifest, published_file

ROOT = Path(__file__).parents[2]


def test_definitions_are_those_of_the_glossary() -> None:
    lines = (
        (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").replace("`q", "q").replace("0`", "0").splitlines()
    )
    rows = {cells[1].split(" (`")[0]: cells for line in lines if len(cells := [c.strip() for c in line.split("|")]) > 4}
    of_sections = [definition for chosen in SECTION_DEFINITIONS.values() for definition in chosen]
    for definition in (*DEFINITIONS, *of_sections):
        found = rows[definition.term.en]
        assert (found[2], found[3]) == (definition.term.zh, definition.formula.en)


def test_segments_and_features_are_called_what_their_word_calls_them() -> None:
    for segment in SEGMENTS:
        assert TEXTS[f"segment.{segment}"] == SEGMENT_LABELS[segment]
        assert TEXTS[f"meaning.{segment}"] == SEGMENT_MEANINGS[segment]
    assert {key.partition(".")[2] for key in TEXTS if key.startswith("feature.")} == set(FEATURES)


@pytest.mark.slow
def test_every_text_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()

    class Recording(dict[str, Text]):
        def __getitem__(self, key: str) -> Text:
            asked.add(key)
            return super().__getitem__(key)

        def get(self, key: str, default: Any = None) -> Any:
            asked.add(key)
            return super().get(key, default)

    monkeypatch.setattr(language_module, "TEXTS", Recording(TEXTS))
    facts = {"shop": "s", "run_id": "r", "open_days": OPEN_DAYS}
    for told in (manifest(), manifest(created_at="2024-06-01T00:00:00+00:00", quality_state="incomplete", facts=facts)):
        for name, make in FILES.items():
            made(make(), manifest=told, **options_of(name))
    made(empty_file(), cards=())
    dropped = published_file()
    dropped.execute("drop table rpt_customers_segments")
    made(dropped, manifest=manifest(created_at="2030-01-01T00:00:00+00:00"))
    ruled = published_file()
    ruled.execute("delete from rpt_quality_model_scores where model = 'customer_segments' and method <> 'rfm_grid'")
    ruled.execute("update rpt_quality_model_scores set is_published = true where model = 'customer_segments'")
    made(ruled)
    ended = {**facts, "freshness_limit_hours": None}
    made(empty_file(), manifest=manifest(created_at="2030-01-01T00:00:00+00:00", facts=ended))
    groups = (
        "segment",
        "meaning",
        "feature",
        "level",
        "method",
        "measure",
        "verdict",
        "state",
        "part",
        "subject",
        "check_class",
        "check_status",
    )
    left = {key for key in TEXTS if key not in asked and key.partition(".")[0] not in groups}
    assert left <= RARE


# Shown in cases of their own, which tests above make.
RARE = {"quality.gap", "value.no_alive", "watch.lead_plain", "watch.next_plain", "revenue.older_forecast",
        "watch.none_rising", "watch.none_falling", "quality.nothing_aside", "bridge.no_sales",
        "scorecard.no_findings", "margin.no_orders", "stock.out.none", "stock.no_sales", "stock.never_out",
        "stock.basis.forecast", "stock.first.none", "stock.long.none", "grades.lead", "grades.given",
        "open_days.tables"}  # fmt: skip
